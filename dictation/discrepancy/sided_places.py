"""A part of the body dictated on one side only, and written on the other only: "right kidney", "left kidney".

It needs no claim to be read, so that a side is held against the other in any words about it: only the name of the part,
or one of its words, stands beside a side in both texts. Where a text has the other text's side without a part ("on the
left"), or an "other" or "contralateral" one, it may be meant there, and nothing is told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import takewhile

from dictation.discrepancy.columns import Column
from dictation.discrepancy.corrections import of_words
from dictation.discrepancy.discrepancy import Discrepancy, touches
from dictation.discrepancy.exchanged_sides import Span, pair_alert
from dictation.findings.lexicon import cell, word_phrases
from dictation.findings.phrases import Match
from dictation.findings.tokens import Token, tokens_of
from dictation.lexicon import rows

_BODY = (None, "findings", "impression")
_SIDES = ("left", "right")
_BOTH = "bilateral"
_REACH = 4  # words of a name behind its side, or before it
_LOBES = frozenset({"upper", "middle", "lower"})
_STEM = 5  # letters by which "kidney" and "kidneys" are one
_MARKS = frozenset(".,;:()")
_BREAKS = _MARKS | {"and", "or", "but"}
_NAMES = {"anatomy": ("terms",), "structures": ("terms", "adjectives"), "body_places": ("words",)}


@dataclass(frozen=True, slots=True)
class _Place:
    """Characters of a part with its side, those of the side, and the parts that are named there."""

    span: Span
    side: Span
    parts: frozenset[str]


@dataclass(slots=True)
class _Sided:
    """Part → its sides, and where it first stands beside each, with all that is named there.

    `bare`: sides that stand beside no name; `loose`: part → those of the sentences that name it.
    `others`: parts of which a side may be told as the other one.
    """

    sides: dict[str, set[str]] = field(default_factory=dict)
    places: dict[tuple[str, str], _Place] = field(default_factory=dict)
    bare: set[str] = field(default_factory=set)
    loose: dict[str, set[str]] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)


def with_sided_places(found: Sequence[Discrepancy], heard: Column, written: Column) -> list[Discrepancy]:
    """The cards with one for each such part, in the place of one that only misses the side of the same words."""
    new = sided_places(heard, written, found)
    spans = [card.heard.span for card in new if card.heard and card.heard.span]
    lesser = {card.id for card in found if _only_misses_a_side(card) and any(touches(card.heard, *at) for at in spans)}
    return [*(card for card in found if card.id not in lesser), *new]


def _only_misses_a_side(card: Discrepancy) -> bool:
    """Whether a card says no more than that the report has no side there: it may have another one elsewhere."""
    claim = card.written.claim if card.written else None
    return card.kind == "laterality" and card.severity != "critical" and claim is not None and claim.laterality is None


def sided_places(heard: Column, written: Column, told: Iterable[Discrepancy]) -> list[Discrepancy]:
    """A critical card for each such part. `told` are the cards made already."""
    said, wrote = _sided(heard), _sided(written)
    found: list[Discrepancy] = [card for card in told if card.kind == "laterality" and not _only_misses_a_side(card)]
    begun = len(found)
    for word, sides in said.sides.items():
        others = wrote.sides.get(word, set())
        if len(sides) != 1 or len(others) != 1 or sides == others or _BOTH in sides | others:
            continue
        if others & said.bare or sides & wrote.loose.get(word, set()):
            continue
        if (word in said.others) != (word in wrote.others):
            continue  # which side "the other kidney" is, only the other text says
        (one,), (two,) = sides, others
        left, right = said.places[word, one], wrote.places[word, two]
        if any(one in wrote.sides.get(part, ()) for part in left.parts):
            continue  # it is written on its own side by another of its names
        if any(two in said.sides.get(part, ()) for part in right.parts):
            continue
        if not any(touches(card.heard, *left.span) or touches(card.written, *right.span) for card in found):
            correction = of_words(one, right.side, written)
            found.append(pair_alert("laterality", heard, left.span, written, right.span, correction=correction))
    return found[begun:]


def _sided(column: Column) -> _Sided:
    found = _Sided()
    begun, read, of_line = -1, 0, set[str]()  # where the line begins, how far its words were read, and its parts
    for sentence in column.sentences:
        if sentence.section in _BODY and column.was_dictated(sentence.id):
            tokens = tokens_of(column.text[sentence.start : sentence.end])
            line = column.text.rfind("\n", 0, sentence.start) + 1
            if line != begun:
                begun, read, of_line = line, line, set()  # with its heading
            words = tokens_of(column.text[read : sentence.end])
            of_line |= {_part(token.norm) for token in words if token.norm in _words()}
            read, parts = sentence.end, frozenset(of_line)
            for match in word_phrases("laterality", "side").find(tokens):
                if match.meaning in (*_SIDES, _BOTH) and not _is(tokens, match.end, "turn"):
                    is_bare = _note(found, tokens, match, sentence.start)
                    for part in parts if is_bare else ():
                        found.loose.setdefault(part, set()).add(match.meaning)
            others = [at for at in range(len(tokens)) if _is(tokens, at, "other")]  # but headings: "Other: …"
            if any(at + 1 == len(tokens) or tokens[at + 1].norm != ":" for at in others):
                found.others |= parts
    return found


def _note(found: _Sided, tokens: Sequence[Token], match: Match[str], begin: int) -> bool:
    """Note the words of names beside a side. Whether none stands behind it."""
    side, start, end = match.meaning, match.start, match.end
    behind = list(takewhile(lambda at: not _is(tokens, at, "end"), range(end, min(end + _REACH, len(tokens)))))
    is_led = start > 0 and _is(tokens, start - 1, "lead")
    before: list[int] = []
    if is_led or side == _BOTH or end == len(tokens) or tokens[end].norm in _MARKS:
        last = start - 1 - is_led
        before = list(takewhile(lambda at: tokens[at].norm not in _BREAKS, range(last, max(-1, last - _REACH), -1)))
    named = {at: part for at in (*behind, *before) if (part := _part_at(tokens, at))}
    is_bare = not any(at in behind for at in named)
    if is_bare:
        found.bare.add(side)
    own = begin + tokens[start].start, begin + tokens[end - 1].end
    parts = frozenset(named.values())
    for at, part in named.items():
        found.sides.setdefault(part, set()).add(side)
        span = begin + tokens[min(start, at)].start, begin + tokens[max(end - 1, at)].end
        found.places.setdefault((part, side), _Place(span, own, parts))
    return is_bare


def _part_at(tokens: Sequence[Token], at: int) -> str:
    """The part of the body that the word at a place names, a lobe by the word before it as well; "" for none."""
    word = tokens[at].norm
    if word in _LOBES and at + 1 < len(tokens) and tokens[at + 1].norm in ("lobe", "lobes"):
        return f"{word} lobe"
    return _part(word) if word in _words() else ""


def _part(word: str) -> str:
    """The part of the body that a word is of: "renal" → "kidney"; else its stem."""
    return _same().get(word, word[:_STEM])


@cache
def _same() -> dict[str, str]:
    groups = [row["word"].split("|") for row in rows("side_words") if row["role"] == "same"]
    return {word: group[0] for group in groups for word in group}


def _is(tokens: Sequence[Token], at: int, role: str) -> bool:
    """Whether a word of that role stands there; every mark is an end."""
    if at >= len(tokens):
        return False
    return tokens[at].norm in _around_sides()[role] or (role == "end" and tokens[at].norm in _MARKS)


@cache
def _around_sides() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in rows("side_words"):
        found.setdefault(row["role"], set()).add(row["word"])
    return {role: frozenset(words) for role, words in found.items()}


@cache
def _words() -> frozenset[str]:
    """The words of anatomical names by which a part of the body can be told."""
    names = {
        token.norm
        for table, columns in _NAMES.items()
        for row in rows(table)
        for column in columns
        for term in cell(row.get(column, ""))
        for token in tokens_of(term)
    }
    return frozenset(name for name in names if name.isalpha() and len(name) > 2) - _around_sides()["common"]
