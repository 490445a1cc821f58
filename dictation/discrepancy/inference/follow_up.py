"""Recommended follow-up: dictated against written, and each one listed for those who track them."""

from collections.abc import Iterator, Sequence

from dictation.discrepancy.clauses import claims_in, is_one_sentence
from dictation.discrepancy.corrections import Correction, of_sentence, of_words
from dictation.discrepancy.discrepancy import Discrepancy, Severity
from dictation.discrepancy.inference.evidence import Span, card
from dictation.discrepancy.inference.inquiry import Inquiry
from dictation.discrepancy.inference.recommendations import (
    Interval,
    Recommendation,
    intervals_in,
    mentions_follow_up,
    names_score,
    recommendations_in,
)
from dictation.discrepancy.lone import of_added_words, of_lost_words
from dictation.discrepancy.quoting import quoted
from dictation.discrepancy.sentence_edits import written_form


def recommendations(inquiry: Inquiry) -> list[Discrepancy]:
    """Each recommendation of the text that is to be signed, for information."""
    words = inquiry.judged
    is_heard, found = words.column.name == "heard", []
    for item in recommendations_in(words):
        exam = " or ".join(sorted(item.modality)) or "follow-up"
        when = " and ".join(words.column.text[i.span[0] : i.span[1]] for i in item.intervals)
        text = f"Recommended: {exam}" + (f", {when}" if when else "") + (f", for {item.reason}" if item.reason else "")
        said, wrote = (item.span, None) if is_heard else (None, item.span)
        found.append(card("follow_up", "info", "listed", text + ".", (inquiry.heard, said), (inquiry.written, wrote)))
    return found


def follow_up_changed(inquiry: Inquiry) -> list[Discrepancy]:
    """Another interval or exam, and a recommendation lost or added: major; an interval lost or added: minor.

    So is one added to a dictated score, whose management goes without saying ("BI-RADS 1": annual screening).
    """
    if not inquiry.heard.text.strip() or not inquiry.written.text.strip():
        return []
    said, wrote = (recommendations_in(words) for words in inquiry.words)
    if not said and not wrote:
        return []
    found = list(_intervals(inquiry, said, wrote)) or list(_modalities(inquiry, said, wrote))
    heard, written = inquiry.words
    if said and not wrote and not mentions_follow_up(written):
        text = "You recommended follow-up; the report recommends none."
        found.append(_card(inquiry, "major", text, said[0].span, None, _added(inquiry, said[0].span)))
    dictated = [item for item in wrote if item.is_dictated]
    if dictated and not said and not mentions_follow_up(heard):
        text = "The report recommends follow-up; you did not."
        severity: Severity = "minor" if names_score(heard) else "major"
        found.append(_card(inquiry, severity, text, None, dictated[0].span, _taken_out(inquiry, dictated[0].span)))
    return found


def _intervals(
    inquiry: Inquiry, said: Sequence[Recommendation], wrote: Sequence[Recommendation]
) -> Iterator[Discrepancy]:
    """Times of the one that the other does not name anywhere, laid beside each other in the order of the texts."""
    if not said or not wrote:
        return
    named_heard = intervals_in(inquiry.heard.text, 0, len(inquiry.heard.text))
    named_written = intervals_in(inquiry.written.text, 0, len(inquiry.written.text))
    lost = [i for item in said for i in item.intervals if not any(i.agrees(other) for other in named_written)]
    dictated = [item for item in wrote if item.is_dictated]
    added = [i for item in dictated for i in item.intervals if not any(i.agrees(other) for other in named_heard)]
    for one, two in zip(lost, added, strict=False):
        text = (
            f"You said follow-up {_text(inquiry.heard.text, one)}; the report says {_text(inquiry.written.text, two)}."
        )
        words = written_form(inquiry.heard.text[slice(*one.span)])
        yield _card(inquiry, "major", text, one.span, two.span, of_words(words, two.span, inquiry.written))
    for one in lost[len(added) :]:
        text = f"You said follow-up {_text(inquiry.heard.text, one)}; the report does not say when."
        yield _card(inquiry, "minor", text, one.span, None)
    for two in added[len(lost) :]:
        text = f"The report says follow-up {_text(inquiry.written.text, two)}; you did not say when."
        yield _card(inquiry, "minor", text, None, two.span)


def _modalities(
    inquiry: Inquiry, said: Sequence[Recommendation], wrote: Sequence[Recommendation]
) -> Iterator[Discrepancy]:
    """Another exam, where each text recommends in one sentence only or at the same time."""
    named = frozenset[str]().union(*(item.modality for item in wrote))
    spoken = frozenset[str]().union(*(item.modality for item in said))
    for one in said:
        for two in wrote:
            is_pair = len(said) == len(wrote) == 1 or any(i.agrees(j) for i in one.intervals for j in two.intervals)
            if is_pair and one.modality and two.modality and not one.modality & named and not two.modality & spoken:
                exams = [" or ".join(sorted(item.modality)) for item in (one, two)]
                text = f"You recommended {exams[0]}; the report says {exams[1]}."
                is_as_detailed = bool(one.intervals) or not two.intervals
                correction = _exchanged(inquiry, one.span, two.span) if is_as_detailed else None
                yield _card(inquiry, "major", text, one.span, two.span, correction)
                return


def _text(text: str, interval: Interval) -> str:
    return quoted(text[interval.span[0] : interval.span[1]])


def _added(inquiry: Inquiry, said: Span) -> Correction | None:
    """The dictated recommendation, where it is a sentence."""
    column, words = inquiry.heard, inquiry.heard.text[slice(*said)]
    sentence = column.sentence_at(said)
    own = claims_in(column, sentence)
    return of_lost_words(words, (), sentence.section, inquiry.written) if is_one_sentence(column, words, own) else None


def _taken_out(inquiry: Inquiry, wrote: Span) -> Correction | None:
    """The report without the recommendation, where its sentence says nothing else."""
    sentence = inquiry.written.sentence_at(wrote)
    own = claims_in(inquiry.written, sentence)
    is_only = all(claim.temporality == "recommendation" for claim in own)
    return of_added_words([sentence], inquiry.written) if is_only else None


def _exchanged(inquiry: Inquiry, said: Span, wrote: Span) -> Correction | None:
    """The dictated recommendation in place of the written one."""
    column, words = inquiry.heard, inquiry.heard.text[slice(*said)]
    if not is_one_sentence(column, words, claims_in(column, column.sentence_at(said))):
        return None
    return of_sentence(words, inquiry.written.sentence_at(wrote), inquiry.written)


def _card(
    inquiry: Inquiry,
    severity: Severity,
    text: str,
    said: Span | None,
    wrote: Span | None,
    correction: Correction | None = None,
) -> Discrepancy:
    heard, written = (inquiry.heard, said), (inquiry.written, wrote)
    return card("follow_up", severity, "changed", text, heard, written, correction)
