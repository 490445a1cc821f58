"""Sentences that stand in both columns word for word but for one stretch: "tear of the (anterior|posterior) horn".

Dictation to report is a copying task, so two such sentences are one statement, whatever its finding is called. What the
two stretches say of side, level, place, direction, doubt, grade or course must then agree.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dictation.discrepancy.alike import names_of
from dictation.discrepancy.columns import Column
from dictation.discrepancy.corrections import of_sentence
from dictation.discrepancy.discrepancy import Discrepancy, Kind, Severity, Side, discrepancy_id, touches
from dictation.discrepancy.stretches import Stretch, contradictions, is_plain, stretch_of
from dictation.findings import SentenceSpan
from dictation.findings.measurement import read_number
from dictation.findings.tokens import tokens_of

_LEAST = 0.34  # share of the longer sentence that both must have in common
_LONGEST = 8  # words of the stretch in which they differ
_MOST = 40  # sentences with the same first or last word that are tried
_BODY = (None, "technique", "findings", "impression")
_TELLING = frozenset({
    "laterality", "negation", "level", "measurement", "unit", "site", "severity", "certainty", "change",
    "device_position", "scoring",
})  # fmt: skip
_LONE = frozenset({"omission", "addition"})
_UNITS = {"millimeter": "mm", "centimeter": "cm", "by": "x"}  # as said, as written
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Sentence:
    """`words` without marks, numbers in figures; `starts`: the token of each, and the token behind the last."""

    span: SentenceSpan
    text: str
    words: Words
    starts: tuple[int, ...]


def with_copied(found: Sequence[Discrepancy], heard: Column, written: Column) -> list[Discrepancy]:
    """`found`, and what differs between copied sentences and has no card yet.

    That a sentence was left out and another added is then told by the one word in which they differ.
    """
    cards = list(found)
    for said, wrote in _copies(heard, written):
        one, two = _stretches(said.words, wrote.words)
        left, right = _read(said, *one), _read(wrote, *two)
        kinds = contradictions(left, right)
        if not kinds:
            continue
        kind, severity = kinds[0]
        if kind == "site" and _are_both_named(said, wrote, heard, written):
            continue
        if kind == "laterality":  # a side that is part of a place ("left ventricle") is one slip, of the side
            cards = [card for card in cards if not (card.kind == "site" and _is_about(card, said.span, wrote.span))]
        touching = [
            card
            for card in cards
            if touches(card.heard, said.span.start, said.span.end)
            or touches(card.written, wrote.span.start, wrote.span.end)
        ]
        if any(_tells(card, kind, said.span, wrote.span) for card in touching) or any(
            _repeats(card, kind, said, wrote) for card in cards
        ):
            continue
        lone = [card for card in touching if card.kind in _LONE]
        if lone and not (is_plain(left) and is_plain(right)):
            continue
        cards = [card for card in cards if card not in lone]
        cards.append(_card(kind, severity, (said, left), (wrote, right), heard, written))
    return cards


def _read(sentence: _Sentence, start: int, end: int) -> Stretch:
    """What the words [start, end) of a sentence say."""
    first = sentence.starts[start]
    return stretch_of(sentence.text, first, sentence.starts[end] if end > start else first)


def _tells(card: Discrepancy, kind: Kind, said: SentenceSpan, wrote: SentenceSpan) -> bool:
    if card.kind == kind:
        return True
    return card.kind in _TELLING and _is_about(card, said, wrote)


def _is_about(card: Discrepancy, said: SentenceSpan, wrote: SentenceSpan) -> bool:
    return touches(card.heard, said.start, said.end) and touches(card.written, wrote.start, wrote.end)


def _repeats(card: Discrepancy, kind: Kind, said: _Sentence, wrote: _Sentence) -> bool:
    """Whether the card shows the same slip in another section: its words are all of them words of these sentences."""
    sides = ((card.heard, said), (card.written, wrote))
    return card.kind == kind and all(
        side is not None and set(_words_of(side.text)[0]).issubset(sentence.words) for side, sentence in sides
    )


@lru_cache(maxsize=5_000)
def _words_of(text: str) -> tuple[Words, tuple[int, ...]]:
    tokens = tokens_of(text)
    words: list[str] = []
    starts: list[int] = []
    at = 0
    while at < len(tokens):
        number = read_number(tokens, at)
        word, following = (f"{number[0]:f}", number[1]) if number else (tokens[at].norm, at + 1)
        if number or word[0].isalnum():
            words.append(_UNITS.get(word, word))
            starts.append(at)
        at = following
    return tuple(words), (*starts, starts[-1] + 1 if starts else 0)


def _copies(heard: Column, written: Column) -> Iterator[tuple[_Sentence, _Sentence]]:
    """Each sentence with the one of the other column that has most of its words in the same order."""
    said, wrote = _sentences(heard), _sentences(written)
    said, wrote = _without(said, wrote), _without(wrote, said)
    ends: dict[tuple[int, str], list[_Sentence]] = {}
    for two in wrote:
        for end in (0, -1):
            ends.setdefault((end, two.words[end]), []).append(two)
    pairs: list[tuple[float, int, int]] = []
    for number, one in enumerate(said):
        tried = [*ends.get((0, one.words[0]), ())[:_MOST], *ends.get((-1, one.words[-1]), ())[:_MOST]]
        for two in {id(sentence): sentence for sentence in tried}.values():
            likeness = _likeness(one.words, two.words)
            if likeness >= _LEAST:
                pairs.append((-likeness, number, wrote.index(two)))
    done: tuple[set[int], set[int]] = set(), set()
    for _, number, other in sorted(pairs):
        if number not in done[0] and other not in done[1]:
            done[0].add(number)
            done[1].add(other)
            yield said[number], wrote[other]


def _sentences(column: Column) -> list[_Sentence]:
    found = []
    for span in column.sentences:
        if span.section in _BODY:
            text = column.text[span.start : span.end]
            words, starts = _words_of(text)
            if words:
                found.append(_Sentence(span, text, words, starts))
    return found


def _without(sentences: Sequence[_Sentence], others: Sequence[_Sentence]) -> list[_Sentence]:
    """The sentences that do not stand in the other column as well; one said twice must stand there twice."""
    counted = Counter(other.words for other in others)
    left = []
    for sentence in sentences:
        if counted[sentence.words]:
            counted[sentence.words] -= 1
        else:
            left.append(sentence)
    return left


def _stretches(one: Words, two: Words) -> tuple[tuple[int, int], tuple[int, int]]:
    """The words [start, end) of each in which two sentences differ."""
    shorter = min(len(one), len(two))
    start = 0
    while start < shorter and one[start] == two[start]:
        start += 1
    end = 0
    while end < shorter - start and one[-1 - end] == two[-1 - end]:
        end += 1
    return (start, len(one) - end), (start, len(two) - end)


def _are_both_named(said: _Sentence, wrote: _Sentence, heard: Column, written: Column) -> bool:
    """Whether they are of two structures, both of which both columns name: the anterior ligament, and "PCL"."""
    one, two = map(names_of, (said.text, wrote.text))
    return bool(one and two) and not one & two and one <= names_of(written.text) and two <= names_of(heard.text)


def _likeness(one: Words, two: Words) -> float:
    (start, end), (_, other_end) = _stretches(one, two)
    if max(end - start, other_end - start) > _LONGEST:
        return 0
    common = one[:start] + one[end:]
    return len(common) / max(len(one), len(two)) if any(len(word) > 2 for word in common) else 0


def _card(
    kind: Kind,
    severity: Severity,
    heard: tuple[_Sentence, Stretch],
    written: tuple[_Sentence, Stretch],
    said: Column,
    wrote: Column,
) -> Discrepancy:
    sides = [_side(*heard), _side(*written)]
    correction = of_sentence(sides[0].text, written[0].span, wrote)
    return Discrepancy(
        id=discrepancy_id(kind, *(side.text.lower() for side in sides)),
        kind=kind,
        severity=severity,
        heard=sides[0],
        written=sides[1],
        explanation=_explain(heard[1].text, written[1].text),
        audio_span_s=said.seconds(*sides[0].span) if sides[0].span else None,
        suggestion=correction.suggestion,
        edits=correction.edits,
    )


def _side(sentence: _Sentence, stretch: Stretch) -> Side:
    start, end = sentence.span.start, sentence.span.end
    differing = (start + stretch.start, start + stretch.end) if stretch.text else None
    return Side(text=sentence.text, span=(start, end), differing=differing)


def _explain(said: str, wrote: str) -> str:
    if not said:
        return f"You did not say \u201c{wrote}\u201d here; the report does."
    if not wrote:
        return f"You said \u201c{said}\u201d here; the report does not."
    return f"You said \u201c{said}\u201d; the report says \u201c{wrote}\u201d."
