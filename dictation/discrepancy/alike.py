"""Two sentences in nearly the same words, and the one word of weight in which they differ.

What a sentence is about (its plain words) tells which sentences belong together; words of side, level, direction,
denial, doubt, course and grade are left out of that, and compared one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from dictation.discrepancy.directions import Direction, clashing, find_directions
from dictation.discrepancy.discrepancy import Kind, Severity
from dictation.discrepancy.silence import COURSE
from dictation.findings.cues import changes_in, find_cues
from dictation.findings.level import levels_in
from dictation.findings.lexicon import place_phrases, plain_words, structure_phrases, word_phrases
from dictation.findings.measurement import measurements_in
from dictation.findings.tokens import Token, tokens_of

_DOUBTS = {"probable": 1, "possible": 2, "cannot_exclude": 2, "unlikely": 3}
_GRADES = ("trace", "small", "moderate", "large")
_KINDS: tuple[Kind, ...] = ("laterality", "negation", "level", "site", "severity", "certainty", "change")
_TWO = 2  # words of a statement on the patient; steps of grade or doubt that matter


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence: the plain words that tell what it is about, and all that it says of it."""

    words: frozenset[str]
    sides: frozenset[str]
    levels: frozenset[str]
    directions: frozenset[Direction]
    grades: frozenset[str]
    courses: frozenset[str]
    doubt: int
    is_denied: bool
    is_technical: bool
    is_placed: bool
    names: frozenset[str]
    """Of places and structures, by their ids."""
    is_unseen: bool
    """Whether it says of them that they are not seen, and nothing more."""

    @property
    def is_clinical(self) -> bool:
        """Whether it speaks of the body, and not of the examination."""
        return (self.is_unseen or (len(self.words) >= _TWO and self.is_placed)) and not self.is_technical


def words_of(text: str) -> frozenset[str]:
    """All plain words of a text, places and structures by their names in the lexicon."""
    tokens = tokens_of(text)
    return frozenset([*(_plain(token) for token in tokens), *names_in(tokens)])


def names_in(tokens: Sequence[Token]) -> list[str]:
    """The places and structures that a text names, by their ids."""
    places = [match.meaning.id for match in place_phrases().find(tokens)]
    return places + [match.meaning.id for match in structure_phrases().find(tokens)]


@lru_cache(maxsize=100)
def names_of(text: str) -> frozenset[str]:
    """The same of a whole column."""
    return frozenset(names_in(tokens_of(text)))


def _plain(word: Token) -> str:
    """The word as it counts: all words for normal are one."""
    return "normal" if word.norm in plain_words("normal") else word.norm


@lru_cache(maxsize=5_000)
def statement_of(sentence: str) -> Statement:
    """Read one sentence."""
    tokens = tokens_of(sentence)
    changes = changes_in(tokens)
    cues = find_cues(tokens, changes)
    sides = [match for match in word_phrases("laterality", "side").find(tokens) if match.meaning != "none"]
    levels, directions = levels_in(tokens), find_directions(tokens)
    grades = word_phrases("severity", "grade").find(tokens)
    sizes = measurements_in(sentence, tokens)
    places, structures = place_phrases().find(tokens), structure_phrases().find(tokens)
    ranges = [(cue.start, cue.end) for cue in cues]
    for group in (sides, levels, directions, grades, changes, sizes, places, structures):
        ranges += [(match.start, match.end) for match in group]  # type: ignore[attr-defined]
    taken = {at for start, end in ranges for at in range(start, end)}
    words = [_plain(token) for at, token in enumerate(tokens) if at not in taken and token.norm.isalpha()]
    names = [*(place.meaning.id for place in places), *(part.meaning.id for part in structures)]
    said = {word for word in words if len(word) > _TWO and word not in plain_words("stop")}
    is_denied = any(cue.meaning.kind == "negation" for cue in cues) or any(map(_is_unseen, tokens))
    is_denied = is_denied or [token.norm for token in tokens[:1]] == ["no"]
    return Statement(
        words=frozenset(word for word in (*words, *names) if len(word) > _TWO and word not in plain_words("stop")),
        sides=frozenset([*(match.meaning for match in sides), *(p.meaning.side for p in places if p.meaning.side)]),
        levels=frozenset(name for level in levels for name in level.names),
        directions=frozenset(direction for match in directions for direction in match.meaning),
        grades=frozenset(match.meaning for match in grades),
        courses=frozenset(COURSE[match.meaning] for match in changes),
        doubt=max((_DOUBTS.get(cue.meaning.kind, 0) for cue in cues), default=0),
        is_denied=is_denied,
        is_technical=any(token.norm in plain_words("technical") for token in tokens),
        is_placed=bool(sides or levels or sizes or "normal" in words or places),
        names=frozenset(names),
        is_unseen=bool(names) and not said and is_denied and any(token.norm in plain_words("seen") for token in tokens),
    )


def _is_unseen(word: Token) -> bool:
    """ "nonvisualized" """
    return word.norm.startswith("non") and word.norm.removeprefix("non") in plain_words("seen")


def likeness(one: Statement, two: Statement) -> float:
    """The share of plain words that two sentences have in common."""
    return len(one.words & two.words) / (len(one.words | two.words) or 1)


def contradictions(one: Statement, others: Sequence[Statement]) -> dict[Kind, Severity]:
    """The kinds in which a sentence contradicts all those about the same thing that state the attribute at all."""
    each = [differences(one, other) for other in others]
    kinds = dict(found for differing in each for found in differing.items())
    return {
        kind: severity
        for kind, severity in sorted(kinds.items(), key=lambda found: _KINDS.index(found[0]))
        if all(kind in differing or not _states(kind, other) for differing, other in zip(each, others, strict=True))
    }


def _states(kind: Kind, said: Statement) -> bool:
    """Whether the sentence says anything of the attribute; it always states or denies, surely or not."""
    return kind in ("negation", "certainty") or bool(values_of(kind, said))


def values_of(kind: Kind, said: Statement) -> frozenset[str]:
    """What the sentence says of one attribute."""
    values: dict[Kind, frozenset[str]] = {
        "laterality": said.sides, "level": said.levels, "severity": said.grades, "change": said.courses,
        "site": frozenset(direction for _, direction in said.directions),
    }  # fmt: skip
    return values.get(kind, frozenset())


def differences(one: Statement, two: Statement) -> dict[Kind, Severity]:
    """The kinds in which two sentences about the same thing contradict each other."""
    found: dict[Kind, Severity] = {}
    if one.sides and two.sides and not one.sides & two.sides and {*one.sides, *two.sides} >= {"left", "right"}:
        found["laterality"] = "critical"
    if one.is_denied != two.is_denied and not one.is_technical:
        found["negation"] = "critical"
    if one.levels and two.levels and not (one.levels <= two.levels or two.levels <= one.levels):
        found["level"] = "critical"
    if clashing(one.directions, two.directions):
        found["site"] = "major"
    if one.grades and two.grades and not one.grades & two.grades:
        steps = min(abs(_GRADES.index(a) - _GRADES.index(b)) for a in one.grades for b in two.grades)
        found["severity"] = "major" if steps >= _TWO else "minor"
    if one.doubt != two.doubt:
        found["certainty"] = "major" if abs(one.doubt - two.doubt) >= _TWO else "minor"
    if one.courses and two.courses and not one.courses & two.courses:
        found["change"] = "major" if "worse" in one.courses | two.courses else "minor"
    return found
