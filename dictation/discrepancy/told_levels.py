"""Which levels a claim tells, and which it takes back: "at L5, not L4".

What stands between two vertebrae is one level ("L4-L5"): "L3-L4 and L5-S1" tell nothing of it. Bones break by
themselves, so a fracture of L4-L5 is one of each.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from dictation.discrepancy.columns import Column
from dictation.discrepancy.doubts.levels import NEXT
from dictation.discrepancy.relation import distance
from dictation.findings import Claim
from dictation.findings.counted import JOINTS, Level
from dictation.findings.level import levels_in
from dictation.findings.tokens import Token, norms, tokens_of
from dictation.lexicon import rows

_VERTEBRA = re.compile(r"([CTLS])(\d{1,2})")
_NAMED = re.compile(r"\b([CTLS]?)(\d{1,2})\b", re.IGNORECASE)
_BETWEEN = frozenset({"at", "of", "in", "on", "level", "vertebra", "vertebral", "body", "disc", "left", "right"})

_DISC_JOINTS = frozenset({"-", "\u2013", "/", "on", "over"})  # also "L4 on L5", of what slips there
_ROOTS = frozenset({"root", "nerve", "dermatome", "radiculopathy"})
_REGIONS = "CTLS"
_ABOVE = {"C": 0, "T": 7, "L": 19, "S": 24}  # vertebrae above the region


@dataclass(frozen=True, slots=True)
class ToldLevels:
    """Levels as `Claim.level` names them, a disc as its pair ("L4-L5"): those told, and those taken back."""

    told: frozenset[str]
    denied: frozenset[str]


def told_levels(claim: Claim, column: Column) -> ToldLevels:
    """The levels of a claim of this column."""
    has_discs = distance(claim.finding, "fracture") is None
    whole = ToldLevels(frozenset(claim.level), frozenset())
    if "level" not in claim.parts:
        return whole
    sentence, (first, end) = column.sentence_of(claim), claim.parts["level"]
    text = column.text[sentence.start : max(sentence.end, end)]
    tokens = tokens_of(text)
    told, denied, roots = set[str](), set[str](), set[str]()
    for level in _levels_of(text):
        if first <= tokens[level.start].start + sentence.start < end:
            names = disc_names(text, tokens, level) if has_discs else level.names
            is_root = level.end < len(tokens) and tokens[level.end].norm in _ROOTS
            (denied if _is_denied(tokens, level.start) else roots if is_root else told).update(names)
    told = told or roots  # a disc compresses a root, which lies at no other level for that
    return ToldLevels(frozenset(told), frozenset(denied)) if told or denied else whole


def levels_of_row(claim: Claim, column: Column) -> frozenset[str]:
    """The levels of the claim, else of the label before it in its line: "L5-S1: Desiccation. No protrusion"."""
    if claim.level:
        return told_levels(claim, column).told
    sentence = column.sentence_of(claim)
    line = column.text.rfind("\n", 0, sentence.start) + 1
    for before in reversed(column.sentences):
        if line <= before.start <= sentence.start:
            text = column.text[before.start : before.end]
            levels = _levels_of(text)
            if levels:
                first, tokens = levels[0], tokens_of(text)
                is_label = not first.start and first.end < len(tokens) and tokens[first.end].norm == ":"
                return disc_names(text, tokens, first) if is_label else frozenset()
    return frozenset()


@lru_cache(maxsize=5_000)  # a dictation without marks is one sentence, and each claim in it asks for its levels
def _levels_of(sentence: str) -> tuple[Level, ...]:
    return tuple(levels_in(tokens_of(sentence)))


def disc_names(text: str, tokens: Sequence[Token], level: Level) -> frozenset[str]:
    """The names of one level of these tokens, a disc as its pair."""
    return frozenset(_discs(text[tokens[level.start].start : tokens[level.end - 1].end], level.names))


def _spoken_discs(text: str, names: Sequence[str]) -> Iterator[str]:
    """The names in pairs of neighbours where they are told so ("c five c six", "L3-4 and L4-5"), else one by one."""
    pairs = [tuple(names[at : at + 2]) for at in range(0, len(names), 2)]
    is_repeated = len(set(names)) < len(names)  # what stands between two discs is told with both
    is_one = len(pairs) == 1 and not JOINTS.intersection(norms(text))
    if (is_repeated or is_one) and all(len(pair) > 1 and _is_next(*pair) for pair in pairs):
        yield from map("-".join, pairs)
    else:
        yield from names


def _discs(text: str, names: Sequence[str]) -> Iterator[str]:
    """The names, two neighbours that a hyphen, a stroke or "on" joins as one; all alone in less simple texts."""
    found = list(_NAMED.finditer(text))
    letter, said = "", []
    for one in found:
        letter = one[1].upper() or letter
        said.append(f"{letter}{one[2]}")
    if said != list(names):
        yield from _spoken_discs(text, names)
        return
    free = 0
    for place, (one, two) in enumerate(pairwise(found)):
        is_joined = text[one.end() : two.start()].strip().lower() in _DISC_JOINTS
        if place >= free and is_joined and _is_next(said[place], said[place + 1]):
            yield f"{said[place]}-{said[place + 1]}"
            free = place + 2
        elif place >= free:
            yield said[place]
            free = place + 1
    yield from said[free:]


def _is_next(one: str, two: str) -> bool:
    return _VERTEBRA.fullmatch(one) is not None and two in (NEXT.get(one), f"{one[0]}{int(one[1:]) + 1}")


def _is_denied(tokens: Sequence[Token], at: int) -> bool:
    """Whether "not", "rather than" … stands right before the level that begins at a token."""
    while at and tokens[at - 1].norm in _BETWEEN:
        at -= 1
    before = [token.norm for token in tokens[:at]]
    return any(before[-len(words) :] == list(words) for words in _denials() if len(words) <= len(before))


@cache
def _denials() -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(norms(row["words"])) for row in rows("addendum_words") if row["role"] == "denies")


def are_told(levels: Collection[str], signed: Collection[str]) -> bool:
    """Whether all levels are among those signed: a vertebra also as one of a disc's, a disc as both its vertebrae."""
    members = {name for level in signed for name in level.split("-")}
    singles = {level for level in signed if "-" not in level}
    return all(
        level in signed or (singles.issuperset(level.split("-")) if "-" in level else level in members)
        for level in levels
    )


def none_shared(levels: Collection[str], others: Collection[str]) -> bool:
    """Whether neither names a level of the other: two discs that meet at one vertebra are two levels."""
    return not any(are_told((level,), others) for level in levels) and not any(
        are_told((level,), levels) for level in others
    )


def apart(levels: Collection[str], others: Collection[str]) -> int | None:
    """How many vertebrae, ribs or rays lie from one to the nearest other; None where none are of a kind.

    Of a kind are vertebrae of one region or its neighbour, and parts of one name: a rib is no vertebra and no toe.
    """
    found = [far for one in levels for two in others if (far := _apart(one, two)) is not None]
    return min(found, default=None)


def is_beyond(level: str, levels: Collection[str]) -> bool:
    """Whether a level lies outside of those from the first to the last of `levels`, which are of its kind."""
    places = [_place(one) for one in levels]
    return not min(places) <= _place(level) <= max(places)


def _place(level: str) -> int:
    vertebra = _VERTEBRA.match(level)
    if vertebra:
        return _ABOVE[vertebra[1]] + int(vertebra[2])
    return int(level.split()[-1]) if level.split()[-1].isdigit() else 0


def _apart(one: str, two: str) -> int | None:
    first, second = _VERTEBRA.match(one), _VERTEBRA.match(two)
    if first and second:
        if abs(_REGIONS.index(first[1]) - _REGIONS.index(second[1])) > 1:
            return None
        return abs(_ABOVE[first[1]] + int(first[2]) - _ABOVE[second[1]] - int(second[2]))
    part, number = one.split()[0], one.split()[-1]
    if part != two.split()[0] or not (number.isdigit() and two.split()[-1].isdigit()):
        return 0 if one == two else None
    return abs(int(number) - int(two.split()[-1]))
