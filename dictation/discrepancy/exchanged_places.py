"""Two numbers, or two opposite words, that changed places: "flexion 110, extension 10" as "flexion 10, extension 110".

Everything that was said is written; only the words beside each of the two tell the slip. It is shown where what stood
beside either now stands beside the other, and nothing beside its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise

from dictation.discrepancy.columns import Column
from dictation.discrepancy.directions import find_directions
from dictation.discrepancy.discrepancy import Discrepancy, Kind, Side, discrepancy_id, touches
from dictation.discrepancy.exchanged_sides import clauses
from dictation.discrepancy.figures import figure_names, numbers_in
from dictation.discrepancy.stretches import codes_in
from dictation.findings.level import levels_in
from dictation.findings.lexicon import cell, plain_words, word_phrases
from dictation.findings.measurement import measurements_in
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import Token, tokens_of
from dictation.lexicon import rows
from dictation.wording.dates import ORDINAL_WORDS

_BODY = (None, "findings", "impression")
_TOLD = frozenset({"measurement", "laterality", "level", "site", "unit", "change", "severity", "contradiction"})
_NEXT = 1  # from one sentence to the next: both stand in one or in two that follow each other
_JOINTS = frozenset({"and", ",", "/", "or"})
_STEM = 5  # letters by which two forms of a word are one
Group = tuple[str, Kind]  # what the two are, and what it is to take one for the other
Key = tuple[Group, object]


@dataclass(frozen=True, slots=True)
class _Item:
    """A number or word at characters `at`: its sentence and clause (characters), and the words beside it."""

    sentence: int
    at: tuple[int, int]
    span: tuple[int, int]
    words: frozenset[str]


def exchanged_places(heard: Column, written: Column, told: Iterable[Discrepancy]) -> list[Discrepancy]:
    """One major card for each two that changed places. `told` are the cards made already."""
    said, wrote = _single(heard), _single(written)
    both = sorted(said.keys() & wrote.keys(), key=repr)
    cards = [card for card in told if card.kind in _TOLD]
    found: list[Discrepancy] = []
    for one, two in combinations(both, 2):
        if one[0] != two[0] or not _are_exchanged(said[one], said[two], wrote[one], wrote[two]):
            continue
        spans = _span(said[one], said[two]), _span(wrote[one], wrote[two])
        if any(touches(card.heard, *spans[0]) and touches(card.written, *spans[1]) for card in [*cards, *found]):
            continue
        marks = said[one].at, wrote[one].at
        found.append(_card(one[0][1], heard, spans[0], written, spans[1], marks))
    return found


def _are_exchanged(one: _Item, two: _Item, wrote_one: _Item, wrote_two: _Item) -> bool:
    for first, second in ((one, two), (wrote_one, wrote_two)):
        if abs(first.sentence - second.sentence) > _NEXT or first.span == second.span:
            return False
    own, other = one.words - two.words, two.words - one.words
    wrote_own, wrote_other = wrote_one.words - wrote_two.words, wrote_two.words - wrote_one.words
    if own & wrote_own or other & wrote_other:
        return False
    return bool(own & wrote_other and other & wrote_own)


def _single(column: Column) -> dict[Key, _Item]:
    """What stands just once in a column."""
    found: dict[Key, list[_Item]] = {}
    for number, sentence in enumerate(column.sentences):
        if sentence.section not in _BODY:
            continue
        for key, at, span, words in _in_sentence(column.text[sentence.start : sentence.end]):
            moved = [(sentence.start + start, sentence.start + end) for start, end in (at, span)]
            found.setdefault(key, []).append(_Item(number, moved[0], moved[1], words))
    return {key: items[0] for key, items in found.items() if len(items) == 1}


def _in_sentence(text: str) -> Iterator[tuple[Key, tuple[int, int], tuple[int, int], frozenset[str]]]:
    tokens = tokens_of(text)
    numbers = list(_numbers(text, tokens))
    if any(one[1] + 1 == two[0] and tokens[one[1]].norm in _JOINTS for one, two in pairwise(numbers)):
        numbers = []  # "liver and spleen are 15 and 11 cm, respectively"
    told = [*numbers, *_words(tokens)]
    if not told:
        return
    coded = [(start, end, f"{label} {code}") for start, end, label, (_, code) in codes_in(text, tokens)]
    coded += [(level.start, level.end, " ".join(level.names)) for level in levels_in(tokens)]
    taken = {at for start, end, _ in coded for at in range(start, end)}
    told = [one for one in told if one[0] not in taken]
    names: frozenset[str] = frozenset()  # of a clause without a number, for the next: "segment 6 lesion, 12 mm"
    for start, end in _cut(tokens, told):
        here = [(low, high, key) for low, high, key in told if start <= low < end]
        own = [at for at in range(start, end) if not any(low <= at < high for low, high, _ in here)]
        words = _weighty([tokens[at] for at in own])
        words |= {match.meaning for match in figure_names().find(tokens[start:end])}
        words |= {name for low, high, name in coded if start <= low and high <= end}
        span = tokens[start].start, tokens[end - 1].end
        for low, high, key in here:
            others = (other for one, two, other in here if (one, two) != (low, high))
            beside = words | {f"{value}" for _, value in others}
            yield key, (tokens[low].start, tokens[high - 1].end), span, beside or names
        names = words if not here else frozenset()


def _cut(tokens: Sequence[Token], told: Sequence[tuple[int, int, Key]]) -> Iterator[tuple[int, int]]:
    """Clauses, parted before the second of two opposite words and at "to": "upstream it is wide downstream normal"."""
    for start, end in clauses(tokens):
        words = [(low, key[0]) for low, _, key in told if start <= low < end and isinstance(key[1], str)]
        first = min(words, default=None)
        cuts = [low for low, group in words if first and group == first[1] and low > first[0]]
        numbers = [low for low, _, key in told if start <= low < end and not isinstance(key[1], str)]
        if not cuts or (numbers and max(numbers) < cuts[0]):
            cuts = [low for low in numbers[1:] if tokens[low - 1].norm == "to"] or cuts
        yield from zip([start, *cuts], [*cuts, end], strict=True)


def _numbers(text: str, tokens: Sequence[Token]) -> Iterator[tuple[int, int, Key]]:
    sizes = measurements_in(text, tokens)
    for size in sizes:
        group: Group = (size.measurement.kind_group, "measurement")
        yield size.start, size.end, (group, tuple(sorted(size.measurement.values_mm)))
    taken = {at for size in sizes for at in range(size.start, size.end)}
    for start, end, value in numbers_in(tokens):
        if start not in taken:
            yield start, end, (("number", "measurement"), value)


def _words(tokens: Sequence[Token]) -> Iterator[tuple[int, int, Key]]:
    for match in _opposites().find(tokens):
        group, word, kind = match.meaning
        if group != "relation":
            yield match.start, match.end, ((group, kind), word)
    for found in find_directions(tokens):
        if _is_attribute(tokens, found.start, found.end):
            for axis, direction in found.meaning:
                yield found.start, found.end, ((axis, "site"), direction)
    for at, token in enumerate(tokens):
        if token.norm in ORDINAL_WORDS:
            yield at, at + 1, (("ordinal", "site"), token.norm)
    for side in word_phrases("laterality", "side").find(tokens):
        if side.meaning in ("left", "right") and _is_attribute(tokens, side.start, side.end):
            yield side.start, side.end, (("side", "laterality"), side.meaning)


def _is_attribute(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether it is said of the noun behind it: "posterior wall", not "posterior to it", "on its left"."""
    behind = tokens[end].norm if end < len(tokens) else ""
    return (
        behind.isalpha() and behind not in ("of", "to", "and", "or", "than") and not tokens[end - 1].norm.endswith("ly")
    )


@cache
def _opposites() -> Phrases[tuple[str, str, Kind]]:
    return Phrases(
        (term, (row["group"], row["word"], row["kind"]))  # type: ignore[misc]
        for name in ("opposites", "exchanged_words")
        for row in rows(name)
        for term in cell(row["terms"])
        if row["group"] != "denied"
    )


def _weighty(tokens: Sequence[Token]) -> frozenset[str]:
    """The words that tell something, and a denial, each by its first letters."""
    return frozenset(
        token.norm[:_STEM]
        for token in tokens
        if token.norm.isalpha() and (token.norm in ("no", "not") or token.norm not in plain_words("stop", "placing"))
    )


def _span(one: _Item, two: _Item) -> tuple[int, int]:
    return min(one.span[0], two.span[0]), max(one.span[1], two.span[1])


def _card(
    kind: Kind,
    heard: Column,
    said: tuple[int, int],
    written: Column,
    wrote: tuple[int, int],
    marks: tuple[tuple[int, int], tuple[int, int]],
) -> Discrepancy:
    left, right = (
        Side(text=column.text[slice(*span)], span=span, differing=mark)
        for column, span, mark in zip((heard, written), (said, wrote), marks, strict=True)
    )
    return Discrepancy(
        id=discrepancy_id(kind, left.text.lower(), right.text.lower(), "exchanged"),
        kind=kind,
        severity="critical" if kind == "laterality" else "major",
        heard=left,
        written=right,
        explanation=f"You said \u201c{left.text}\u201d; the report says \u201c{right.text}\u201d: exchanged.",
        audio_span_s=heard.seconds(*said),
    )
