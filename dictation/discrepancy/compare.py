"""heard × written × seen → ranked Discrepancies."""

from collections.abc import Collection, Sequence

from dictation.discrepancy.advice import advice_turned
from dictation.discrepancy.cards import cards_of, finished
from dictation.discrepancy.clock_times import time_differences
from dictation.discrepancy.columns import Column, heard_column, written_column
from dictation.discrepancy.consistency import contradictions
from dictation.discrepancy.copied import with_copied
from dictation.discrepancy.discrepancy import Discrepancy
from dictation.discrepancy.doubts import asked, with_doubts
from dictation.discrepancy.exchanged_levels import exchanged_levels
from dictation.discrepancy.exchanged_places import exchanged_places
from dictation.discrepancy.exchanged_sides import exchanged_sides
from dictation.discrepancy.exchanged_words import exchanged_words
from dictation.discrepancy.figures import figure_differences
from dictation.discrepancy.identity import identity
from dictation.discrepancy.inference import DEFAULT_KINDS, inferences
from dictation.discrepancy.joining import replacements, with_inferred
from dictation.discrepancy.judge.entailment import is_ready
from dictation.discrepancy.lost_levels import level_cards
from dictation.discrepancy.named_patient import other_patient
from dictation.discrepancy.own_course import own_courses
from dictation.discrepancy.priors import prior_differences
from dictation.discrepancy.ranking import ranked
from dictation.discrepancy.scores import score_differences
from dictation.discrepancy.seen import seen_differences, with_seen
from dictation.discrepancy.sided_places import with_sided_places
from dictation.discrepancy.sizes import with_sizes
from dictation.discrepancy.support import check
from dictation.discrepancy.suspicion.passed_over import with_passed_over
from dictation.discrepancy.suspicion.trees import may_be_read, suspicions
from dictation.discrepancy.suspicion.weighing import with_suspicion
from dictation.discrepancy.unconcluded import unconcluded
from dictation.discrepancy.unread import unread_differences
from dictation.exam import ExamFacts, Order
from dictation.findings.exam_match import facts_of_exam
from dictation.findings.given import given_text
from dictation.reading import Reading
from dictation.report import Report
from dictation.report.fields import without_fields
from dictation.wording import Dictation


def compare(
    heard: Dictation | str,
    written: Report | str,
    seen: Sequence[Reading] = (),
    *,
    order: Order | None = None,
    facts: ExamFacts | None = None,
    kinds: Collection[str] = DEFAULT_KINDS,
) -> list[Discrepancy]:
    """Return what differs, in the order in which a reader should see it (`ranking.ranked`).

    `kinds` names the inferences about order, header, priors and the text itself that are asked (see `inference`).
    Spans are characters [start, end) of exactly the texts given (`Dictation.text`, `Report.text`). Ids are unique and
    equal when the same texts are compared again. A [field] that nobody filled claims nothing: it is read as blanks.
    What the rules suspect of a report in other words is weighed: what is hardly right, and what a reader of both texts
    does not suspect, is less grave (`Discrepancy.judged`). What they passed over that reader finds, where the sentence
    judge can be run, in texts of twenty words or more. Raises UsageError where one of them is no text, or the path of
    one.
    """
    heard = without_fields(heard if isinstance(heard, Dictation) else given_text(heard))
    written = without_fields(written if isinstance(written, Report) else given_text(written))
    said, wrote = heard_column(heard), written_column(written)
    found = found_by_rules(heard, written, said, wrote, seen, order=order, facts=facts, kinds=kinds)
    if not (is_ready() and may_be_read(said, wrote)):
        return ranked(found)
    suspected = suspicions(said, wrote)
    found = with_suspicion(found, said, wrote, suspected)
    return ranked(with_passed_over(found, said, wrote, suspected))


def found_by_rules(
    heard: Dictation | str,
    written: Report | str,
    said: Column,
    wrote: Column,
    seen: Sequence[Reading] = (),
    *,
    order: Order | None = None,
    facts: ExamFacts | None = None,
    kinds: Collection[str] = DEFAULT_KINDS,
) -> list[Discrepancy]:
    """Return what the rules suspect, not judged and not ranked; for the rest see `compare`.

    `said` and `wrote` are the columns of the two texts, whose open fields are blanks.
    """
    cards = cards_of(check(said, wrote), said, wrote)
    cards = with_sizes(cards, said, wrote)
    cards += level_cards(said, wrote, cards)
    found = [finished(card, said, wrote) for card in cards]
    found += contradictions(said, wrote, cards)
    found += unread_differences(said, wrote, cards)
    found += unconcluded(said, wrote, cards)
    found = replacements(found, said, wrote)
    found += score_differences(said, wrote)
    found = with_copied(found, said, wrote)
    found += exchanged_sides(said, wrote, found)
    found += exchanged_words(said, wrote, found)
    found += advice_turned(said, wrote, found)
    found += exchanged_levels(said, wrote, found)
    found = with_sided_places(found, said, wrote)
    found += own_courses(said, wrote, found)
    found += exchanged_places(said, wrote, found)
    found += prior_differences(said, wrote)
    found += time_differences(said, wrote)
    found, seen_alone = with_seen(found, seen_differences(seen, said, wrote))
    used = facts_of_exam(order, facts)
    found = with_inferred(found, inferences(said, wrote, order, used, kinds=kinds), said, wrote)
    found += figure_differences(said, wrote, found)
    found += seen_alone  # not joined with what an order states, which would make an image's question critical
    if order is not None and facts is not None:
        found += identity(order, facts)
    found += other_patient(said.text, "dictation", order, facts) + other_patient(wrote.text, "report", order, facts)
    return with_doubts(found, asked(heard, written, order=order, facts=used))
