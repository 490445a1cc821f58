"""The doubts about both columns → cards that ask.

What both columns say alike can only be doubted here; what they say differently is a difference, and has its own card.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dictation.discrepancy.discrepancy import SEVERITIES, Discrepancy, Side, discrepancy_id
from dictation.discrepancy.doubts.confusable import confusable_doubts
from dictation.discrepancy.doubts.denied_again import obeyed_doubts, standing_doubts
from dictation.discrepancy.doubts.doubt import WORD, Doubt, Spans, Stretch, like, spans_of, stretch, typed_spans
from dictation.discrepancy.doubts.ear import ear_doubts
from dictation.discrepancy.doubts.levels import level_doubts
from dictation.discrepancy.doubts.lone_no import lone_no_doubts
from dictation.discrepancy.doubts.put_right import is_settled
from dictation.discrepancy.doubts.restarts import restart_doubts
from dictation.discrepancy.doubts.said_commands import command_doubts
from dictation.discrepancy.doubts.strangers import foreign_doubts, near_doubts, sounding_doubts
from dictation.discrepancy.doubts.substituted import substitutions
from dictation.discrepancy.sentence_edits import exchanged
from dictation.exam import ExamFacts, Order
from dictation.lexicon import rows
from dictation.report import Report
from dictation.wording import Dictation

_EXAM_WORDS = 12  # the first line of a text names the exam where it is this short


@dataclass(frozen=True, slots=True)
class Asked:
    """The card of a doubt, and the characters [start, end) of each text that it quotes as said before its own words."""

    card: Discrepancy
    heard: tuple[int, int] | None = None
    written: tuple[int, int] | None = None


def critical_words(
    heard: Dictation | str,
    written: Report | str,
    *,
    order: Order | None = None,
    facts: ExamFacts | None = None,
) -> list[Discrepancy]:
    """Return one `critical_word` card for each doubt, in the order of the dictation, then of the report."""
    return [one.card for one in asked(heard, written, order=order, facts=facts)]


def asked(
    heard: Dictation | str,
    written: Report | str,
    *,
    order: Order | None = None,
    facts: ExamFacts | None = None,
) -> list[Asked]:
    """Return the cards of `critical_words` with what each quotes."""
    said = heard if isinstance(heard, str) else heard.text
    wrote = written if isinstance(written, str) else written.text
    exam = _exam(said, wrote, order, facts)
    typed = typed_spans(heard)
    hands = {word.lower() for start, end in typed for word in WORD.findall(said[start:end])}
    ours, theirs = _doubts(heard, exam, typed), _doubts(written, exam, _by_hand(written, hands))
    seconds = (lambda start, end: None) if isinstance(heard, str) else heard.seconds
    found = []
    open_ = [doubt for doubt in ours if not (_took(doubt, said, wrote) or _is_put_right(doubt, said, written))]
    pairs = _pairs(open_, said, theirs, wrote)
    for doubt, same in pairs.items():
        place = _side(wrote, same.start, same.end) if same else None
        mine = _side(said, doubt.start, doubt.end)
        card = _card(doubt, mine, place, seconds(doubt.start, doubt.end), wrote)
        found.append(Asked(card, doubt.before, same.before if same else None))
    unasked = [doubt for doubt in theirs if doubt not in pairs.values()]
    if said != wrote:
        for one, two in _substitutions(said, spans_of(heard), wrote, spans_of(written)):
            if any(doubt.start < one[1] and one[0] < doubt.end for doubt in ours):
                continue
            unasked = [doubt for doubt in unasked if not (doubt.start < two[1] and two[0] < doubt.end)]
            found.append(Asked(_substituted(_side(said, *one), _side(wrote, *two), seconds(*one), wrote)))
    for doubt in unasked:
        card = _card(doubt, None, _side(wrote, doubt.start, doubt.end), None, wrote)
        found.append(Asked(card, written=doubt.before))
    return found


def _pairs(ours: Sequence[Doubt], said: str, theirs: Sequence[Doubt], wrote: str) -> dict[Doubt, Doubt | None]:
    """Each doubt of the dictation with the same one of the report, rather one that stands between the same words."""
    free, found = list(theirs), dict[Doubt, Doubt | None](dict.fromkeys(ours))
    for is_beside in (True, False):
        for doubt in [one for one, other in found.items() if other is None]:
            same = [two for two in free if _is_same(doubt, said, two, wrote)]
            other = next((two for two in same if two.around == doubt.around or not is_beside), None)
            if other is not None:
                found[doubt] = other
                free.remove(other)
    return found


def _substitutions(said: str, ours: Spans, wrote: str, theirs: Spans) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Characters of the words said, and of those written for them."""
    found = substitutions(_stretches(said, ours), _stretches(wrote, theirs))
    return [(one.words[place].span(), two.words[at].span()) for one, place, two, at in found]


def _substituted(heard: Side, written: Side, seconds: tuple[float, float] | None, wrote: str) -> Discrepancy:
    meant = like(written.text, heard.text.lower())
    question = f"You said \u201c{heard.text}\u201d; the report has \u201c{written.text}\u201d, which sounds like it."
    doubt = Doubt(0, 0, meant, question)
    return _card(doubt, heard, written, seconds, wrote)


def with_doubts(found: Sequence[Discrepancy], doubts: Sequence[Asked]) -> list[Discrepancy]:
    """All cards, without the doubts about words of graver cards and the contradictions that a doubt quotes whole.

    "No fracture. Sorry. Fracture of the radius" is one question: which of the two was meant.
    """
    cards = undoubled([doubt.card for doubt in doubts], found)
    quoting = [doubt for doubt in doubts if doubt.card in cards]
    return [card for card in found if not any(_is_quoted(card, doubt) for doubt in quoting)] + cards


def _is_quoted(card: Discrepancy, doubt: Asked) -> bool:
    """Whether a contradiction is between the words before the cue of a correction and those behind it."""
    if card.kind != "contradiction" or doubt.card.severity != "critical":
        return False
    one, place = (card.written, doubt.card.written) if card.written else (card.heard, doubt.card.heard)
    before = doubt.written if card.written else doubt.heard
    two = card.against
    if not (one and two and place and before and one.span and two.span and place.span):
        return False
    first, second = sorted((one.span, two.span))
    return before[0] <= first[0] < place.span[0] <= second[0] < place.span[1]


def undoubled(doubts: Sequence[Discrepancy], found: Sequence[Discrepancy]) -> list[Discrepancy]:
    """The doubts about words that no other card speaks of.

    A text that contradicts itself, and a result to be told, may rest on the doubted word: neither says so.
    """
    others = [other for other in found if other.kind not in ("contradiction", "critical_result")]
    return [doubt for doubt in doubts if not any(_touch(doubt, other) for other in others)]


def _touch(one: Discrepancy, two: Discrepancy) -> bool:
    pairs = ((one.heard, two.heard), (one.written, two.written))
    return any(
        a and b and a.span and b.span and a.span[0] < b.span[1] and b.span[0] < a.span[1] for a, b in pairs
    ) and SEVERITIES.index(two.severity) <= SEVERITIES.index(one.severity)


def _by_hand(written: Report | str, hands: Collection[str]) -> Spans:
    """Characters of the report that a person wrote: in it, or in the dictation before."""
    if isinstance(written, str):
        return ()
    own = [written.spans[one.id] for one in written.statements if one.origin == "typed" and one.id in written.spans]
    words = (match.span() for match in WORD.finditer(written.text) if match.group().lower() in hands)
    return (*own, *words)


def _doubts(column: Dictation | Report | str, exam: str, typed: Spans) -> list[Doubt]:
    """The doubts of one column, each form of words once; how a `typed` word sounds is not asked."""
    text = column if isinstance(column, str) else column.text
    read = _text_doubts(text, spans_of(column), spans_of(column, is_body=False), exam, typed)
    if not isinstance(column, Dictation):
        return list(read)
    heard = list(ear_doubts(column))
    settled = [
        (link.span[0] + column.spans[sentence.id][0], link.span[1] + column.spans[sentence.id][0])
        for sentence in column.sentences
        for link in sentence.alignment
        if link.corrected
    ]
    taken = settled + [(doubt.start, doubt.end) for doubt in heard]
    free = [
        doubt
        for doubt in read
        if doubt.severity == "critical" or not any(doubt.start < end and start < doubt.end for start, end in taken)
    ]
    return sorted([*heard, *free, *obeyed_doubts(column)], key=lambda doubt: doubt.start)


@lru_cache(maxsize=8)
def _text_doubts(text: str, spans: Spans, all_spans: Spans, exam: str, typed: Spans) -> tuple[Doubt, ...]:
    """What the text alone gives away, in order and apart; each form of words once. `all_spans`: of all sections."""
    sentences = _stretches(text, spans)
    found = [doubt for sentence in sentences for doubt in confusable_doubts(sentence)]
    found += level_doubts(text, sentences)
    found += _not_typed(sounding_doubts(sentences), typed)
    found += foreign_doubts(sentences, exam)
    found += _unobeyed_doubts(_stretches(text, all_spans))
    found += restart_doubts(sentences)
    if not found:
        found += _not_typed(near_doubts(sentences), typed)
    grave = [doubt for doubt in found if doubt.severity == "critical"]
    found = grave + [one for one in found if not any(one.start < two.end and two.start < one.end for two in grave)]
    kept: dict[tuple[str, str | None, str], Doubt] = {}
    end = 0
    for doubt in sorted(found, key=lambda doubt: doubt.start):
        if doubt.start >= end:
            words, meant = text[doubt.start : doubt.end].lower(), doubt.meant and doubt.meant.lower()
            kept.setdefault((words, meant, doubt.around), doubt)
            end = doubt.end
    return tuple(kept.values())


def _not_typed(doubts: Iterable[Doubt], typed: Spans) -> list[Doubt]:
    return [one for one in doubts if not any(one.start < end and start < one.end for start, end in typed)]


def _unobeyed_doubts(sentences: Sequence[Stretch]) -> list[Doubt]:
    """What reads as a command, an answer or a correction, and stands in the text."""
    standing = list(standing_doubts(sentences))
    others = (*command_doubts(sentences), *lone_no_doubts(sentences))
    # "No. Correction. 13 mm." is one question, which quotes what was meant
    return [
        one for one in others if not any(one.start < two.end and two.start < one.end for two in standing)
    ] + standing


def unsettled(dictation: Dictation) -> list[tuple[int, int]]:
    """Characters [start, end) of `dictation.text` at which nobody can tell what was put right, denied or taken back.

    Of each the comparison makes a critical card; this is for those who are given the text alone.
    """
    doubts = [
        *_unobeyed_doubts(_stretches(dictation.text, spans_of(dictation, is_body=False))),
        *obeyed_doubts(dictation),
    ]
    return sorted({(doubt.start, doubt.end) for doubt in doubts if doubt.severity == "critical"})


@lru_cache(maxsize=8)
def _stretches(text: str, spans: Spans) -> tuple[Stretch, ...]:
    return tuple(stretch(text, start, end) for start, end in spans)


def _exam(said: str, wrote: str, order: Order | None, facts: ExamFacts | None) -> str:
    """What was examined, in words: of the order and the header, else of the texts' exam section or first line."""
    stated = [part for source in (order, facts) if source for part in (source.procedure, source.body_part) if part]
    return " ".join(stated).lower() or _named_exam(wrote) or _named_exam(said)


@lru_cache(maxsize=8)
def _named_exam(text: str) -> str:
    heading = _exam_heading().search(text)
    if heading:
        return heading["exam"].strip().lower()
    first = text.lstrip().split("\n", 1)[0].split(". ", 1)[0].lower()
    return first if len(first.split()) <= _EXAM_WORDS and _modality().search(first) else ""


@lru_cache(maxsize=1)
def _exam_heading() -> re.Pattern[str]:
    names = "|".join(re.escape(row["spoken"]) for row in rows("section_names") if row["section"] == "exam")
    return re.compile(rf"^[ \t]*(?:{names})[ \t]*(?::[ \t]*\n?|\n)(?P<exam>[^\n]+)", re.IGNORECASE | re.MULTILINE)


@lru_cache(maxsize=1)
def _modality() -> re.Pattern[str]:
    words = next(row["words"] for row in rows("exam_words") if row["role"] == "modality")
    return re.compile(
        r"^(?:exam(?:ination)?: )?(?:" + "|".join(re.escape(word.strip()) for word in words.split("|")) + r")\b"
    )


def _took(doubt: Doubt, said: str, wrote: str) -> bool:
    """Whether the report already has the other wording, between the same neighbours."""
    if doubt.meant is None:
        return False
    before, after = _neighbours(said, doubt)
    return _plain(f"{before} {doubt.meant} {after}") in _plain(wrote)


def _is_put_right(doubt: Doubt, said: str, written: Report | str) -> bool:
    """Whether the report has what a correction put in the place of what was said before."""
    if doubt.before is None or not doubt.instead:
        return False
    start, end = doubt.before
    return is_settled(said[start:end], doubt.instead, written)


def _neighbours(text: str, doubt: Doubt) -> tuple[str, str]:
    before = text[max(0, doubt.start - 40) : doubt.start].split(" ")[-2:-1]
    after = text[doubt.end : doubt.end + 60].split()[:2]
    return " ".join(before), " ".join(after)


@lru_cache(maxsize=8)
def _plain(text: str) -> str:
    return " " + " ".join(re.findall(r"\w+", text.lower())) + " "


def _is_same(one: Doubt, said: str, two: Doubt, wrote: str) -> bool:
    return (said[one.start : one.end].lower(), one.meant) == (wrote[two.start : two.end].lower(), two.meant)


def _side(text: str, start: int, end: int) -> Side:
    return Side(text=text[start:end], span=(start, end))


def _card(
    doubt: Doubt, heard: Side | None, written: Side | None, seconds: tuple[float, float] | None, wrote: str
) -> Discrepancy:
    words, place = heard or written, written.span if written else None
    around = [doubt.around] if doubt.around else []
    return Discrepancy(
        id=discrepancy_id("critical_word", words.text.lower() if words else "", doubt.meant or "-", *around),
        kind="critical_word",
        severity=doubt.severity,
        heard=heard,
        written=written,
        explanation=doubt.question,
        probability=doubt.probability,
        audio_span_s=seconds,
        suggestion=doubt.meant,
        edits=(exchanged(wrote, place, doubt.meant),) if place and doubt.meant is not None else (),
    )
