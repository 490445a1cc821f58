"""What a few words of a sentence say of side, level, place, direction, doubt, grade, course and device."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product

from dictation.discrepancy.directions import Direction, clashing, find_directions
from dictation.discrepancy.discrepancy import Kind, Severity
from dictation.discrepancy.places import are_adjacent, are_near, is_vague
from dictation.discrepancy.silence import COURSE
from dictation.discrepancy.sorts import groups_of
from dictation.findings.cues import changes_in, find_cues
from dictation.findings.level import levels_in
from dictation.findings.lexicon import cell, finding_phrases, place_phrases, plain_words, word_phrases
from dictation.findings.measurement import measurements_in
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import Token, tokens_of
from dictation.lexicon import rows
from dictation.wording.numbers import NUMBER_WORDS, parse_number

_DOUBTS = {"probable": 1, "possible": 2, "cannot_exclude": 2, "unlikely": 3}
_GRADES = ("trace", "small", "moderate", "large")
_SIDES = frozenset({"left", "right"})
_TWO = 2  # steps of grade or doubt that matter
_OTHER_OPPOSITES: tuple[Kind, ...] = ("laterality", "measurement", "change", "negation")  # beside place and grade
_DENIABLE = frozenset({"course_told", "contrast"})  # groups of the table
_LETTERS = frozenset({"b", "c", "d", "r", "l"})  # behind a number in words; an "a" may be an article
_NODAL = frozenset({"left", "right", "node", "nodal", "lymph", "cervical", "adenopathy", "a", "b", "bilateral"})
_CODE_LENGTH = 4  # "IVA", "10R"
_Said = tuple[int, int, str, object]  # tokens [start, end), kind of word, what it says


@dataclass(frozen=True, slots=True)
class Stretch:
    """`text` as written, characters [start, end) of its sentence.

    `values`: kind of word → all that the stretch says of it; `loose`: its other words.
    `is_of_device`, `is_negative`: the sentence speaks of a device, calls something normal or denies it.
    """

    text: str
    start: int
    end: int
    values: dict[str, frozenset[object]]
    loose: tuple[str, ...]
    is_of_device: bool
    is_negative: bool


@lru_cache(maxsize=2_000)
def stretch_of(sentence: str, start: int, end: int) -> Stretch:
    """Tokens [start, end) of a sentence; a name that reaches out of them counts whole.

    Of no tokens at all, what stands beside the gap is what is denied there or not: "(no) change", "(not) enhanced".
    """
    tokens = tokens_of(sentence)
    said = [one for one in _said(sentence) if one[0] < end and start < one[1]]
    if start == end:
        said += [
            one for one in _said(sentence) if start in (one[0], one[1]) and one not in said and _is_deniable(one[3])
        ]
    values: dict[str, set[object]] = {}
    for _, _, kind, value in said:
        values.setdefault(kind, set()).add(value)
    taken = {at for low, high, _, _ in said for at in range(low, high)}
    loose = (tokens[at].norm for at in range(start, end) if at not in taken)
    first, last = (tokens[start].start, tokens[end - 1].end) if start < end else (0, 0)
    return Stretch(
        sentence[first:last],
        first,
        last,
        {kind: frozenset(every) for kind, every in values.items()},
        tuple(word for word in loose if word[0].isalnum() and word not in plain_words("stop", "placing")),
        any(getattr(match.meaning, "finding_class", "") == "device" for match in finding_phrases().find(tokens)),
        any(token.norm in plain_words("normal") for token in tokens)
        or any(cue.meaning.kind == "negation" for cue in find_cues(tokens, changes_in(tokens))),
    )


def _is_deniable(value: object) -> bool:
    return isinstance(value, tuple) and value[0] in _DENIABLE


def is_plain(stretch: Stretch) -> bool:
    """Whether it says nothing but what is known."""
    return not stretch.loose


@lru_cache(maxsize=2_000)
def _said(sentence: str) -> tuple[_Said, ...]:
    tokens = tokens_of(sentence)
    changes = changes_in(tokens)
    found: list[_Said] = []
    taken: set[int] = set()
    for side in word_phrases("laterality", "side").find(tokens):
        word = tokens[side.start].norm
        taken.update(range(side.start, side.end))
        found.append((side.start, side.end, "side", side.meaning if side.meaning != "none" else word))
    for level in levels_in(tokens):
        found.append((level.start, level.end, "level", level.names))
    for direction in find_directions(tokens):
        found += [(direction.start, direction.end, "direction", one) for one in direction.meaning]
    for place in place_phrases().find(tokens):
        found.append((place.start, place.end, "place", place.meaning.id))
        if place.meaning.side:
            found.append((place.start, place.end, "side", place.meaning.side))
    for opposite in _opposites().find(tokens):
        found += [(opposite.start, opposite.end, kind, word) for kind, word in opposite.meaning]
    for cue in find_cues(tokens, changes):
        if cue.meaning.kind in _DOUBTS and cue.start not in taken:  # "on either side" doubts nothing
            found.append((cue.start, cue.end, "doubt", _DOUBTS[cue.meaning.kind]))
    for grade in word_phrases("severity", "grade").find(tokens):
        found.append((grade.start, grade.end, "grade", _GRADES.index(grade.meaning)))
    for sort in word_phrases("qualifier", "qualifier").find(tokens):
        found += [(sort.start, sort.end, "sort", (group, sort.meaning)) for group in groups_of(sort.meaning)]
    for change in changes:
        found.append((change.start, change.end, "course", COURSE[change.meaning]))
    for position in word_phrases("device_position", "position").find(tokens):
        if position.meaning != "ends":
            found.append((position.start, position.end, "position", position.meaning))
    return (*found, *((start, end, "site", code) for start, end, _, code in codes_in(sentence, tokens)))


@cache
def _opposites() -> Phrases[list[tuple[str, Direction]]]:
    meanings: dict[str, list[tuple[str, Direction]]] = {}
    for row in rows("opposites"):
        for term in cell(row["terms"]):
            meanings.setdefault(term, []).append((row["kind"], (row["group"], row["word"])))
    return Phrases(meanings.items())


@cache
def _labels() -> frozenset[str]:
    return frozenset(word for row in rows("code_labels") for word in cell(row["labels"]))


@cache
def _roman() -> dict[str, str]:
    return {
        numeral: str(number) for number, numeral in enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii"), 1)
    }


def codes_in(sentence: str, tokens: Sequence[Token]) -> Iterator[tuple[int, int, str, tuple[str, str]]]:
    """ "segment IVa", "station 10R", "zone two", "M1 segment": the tokens, the label, and what stands for it."""
    for at, token in enumerate(tokens):
        if token.norm not in _labels():
            continue
        code, end = "", at + 1
        while end < len(tokens) and _is_code(tokens[end]) and (not code or tokens[end].start == tokens[end - 1].end):
            code, end = code + _figures(tokens[end].norm), end + 1
        is_spoken = bool(code) and tokens[at + 1].norm in NUMBER_WORDS
        if is_spoken and (
            (token.norm == "level" and not _is_nodal(tokens, at, end))
            or any(size.start == at + 1 for size in measurements_in(sentence, tokens))
        ):
            continue  # "segment six millimeter nodule", "at this level two nodes"
        if is_spoken and end < len(tokens) and tokens[end].norm in _LETTERS and tokens[end].norm not in code:
            code, end = code + tokens[end].norm, end + 1  # "segment four b"
        if code:
            has_letter = sentence[tokens[end - 1].end :][:2].lower().rstrip(" .,;") == "a"  # read as an article: "4a"
            yield at, end + has_letter, token.norm, ("code", _arabic(code + "a" * has_letter))
        elif at > 1 and tokens[at - 1].is_number and tokens[at - 2].end == tokens[at - 1].start:
            yield at - 2, at + 1, token.norm, ("code", tokens[at - 2].norm + tokens[at - 1].norm)


def _is_nodal(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether a level is one of lymph nodes: "left level two a", "level three nodes"."""
    around = {token.norm for token in (*tokens[max(0, at - 1) : at], *tokens[end : end + 2])}
    return bool(around & _NODAL)


def _figures(norm: str) -> str:
    """A number in figures: "eight" → "8"."""
    value = parse_number([norm]) if norm in NUMBER_WORDS else None
    return f"{value:f}" if value is not None else norm


def _is_code(token: Token) -> bool:
    return (
        token.is_number
        or _figures(token.norm) != token.norm
        or (len(token.norm) <= _CODE_LENGTH and _arabic(token.norm) != token.norm)
        or (len(token.norm) == 1 and token.norm in "abcdrl")
    )


def _arabic(code: str) -> str:
    """The code with Arabic figures: "iva" → "4a"."""
    for length in range(len(code), 0, -1):
        if code[:length] in _roman() and code[length:] in ("", "a", "b", "c"):
            return _roman()[code[:length]] + code[length:]
    return code


def contradictions(one: Stretch, two: Stretch) -> list[tuple[Kind, Severity]]:
    """The kinds in which two stretches of one statement contradict each other, the weightiest first."""
    found: list[tuple[Kind, Severity]] = []
    sides = [values & _SIDES for values in _both("side", one, two)]
    if _differ(*sides):
        found.append(("laterality", "critical"))
    levels = _both("level", one, two)
    if all(levels) and levels[0] != levels[1]:
        found.append(("level", "critical"))
    site: Kind = "device_position" if one.is_of_device and two.is_of_device else "site"
    places = _both("place", one, two)
    if _are_other_places(*places) and not (one.is_negative or two.is_negative):
        neighbours = are_adjacent(*(tuple(map(str, values)) for values in places))
        found.append((site, "minor" if neighbours and site == "site" else "major"))
    elif _clash("direction", one, two) or _clash("site", one, two):
        found.append((site, "major"))
    if _differ(*_both("position", one, two)) or _clash("device_position", one, two):
        found.append(("device_position", "major"))
    grades = _both("grade", one, two)
    if _differ(*grades):
        steps = min(abs(int(str(a)) - int(str(b))) for a in grades[0] for b in grades[1])
        found.append(("severity", "major" if steps >= _TWO else "minor"))
    elif _clash("severity", one, two) or _clash("sort", one, two):
        found.append(("severity", "major"))
    doubts = [max((int(str(value)) for value in values), default=0) for values in _both("doubt", one, two)]
    if doubts[0] != doubts[1] and is_plain(one) and is_plain(two):
        found.append(("certainty", "major" if abs(doubts[0] - doubts[1]) >= _TWO else "minor"))
    courses = _both("course", one, two)
    if _differ(*courses):
        found.append(("change", "major" if "worse" in courses[0] | courses[1] else "minor"))
    told = {kind for kind, _ in found}
    found += [(kind, "major") for kind in _OTHER_OPPOSITES if kind not in told and _clash(kind, one, two)]
    return found


def _both(kind: str, one: Stretch, two: Stretch) -> tuple[frozenset[object], frozenset[object]]:
    return one.values.get(kind, frozenset()), two.values.get(kind, frozenset())


def _clash(kind: str, one: Stretch, two: Stretch) -> frozenset[str]:
    said, wrote = _both(kind, one, two)
    if any(may_be_one_code(a[1], b[1]) for a, b in product(_codes(said), _codes(wrote))):
        said, wrote = said - set(_codes(said)), wrote - set(_codes(wrote))
    return clashing(said, wrote)  # type: ignore[arg-type]


def _codes(values: frozenset[object]) -> list[tuple[str, str]]:
    return [value for value in values if isinstance(value, tuple) and value[0] == "code"]


def may_be_one_code(one: str, two: str) -> bool:
    """Whether one is the other without its letter, which a dictation may have lost: "4" and "4a"."""
    figures = [code.rstrip("abcdrl") for code in (one, two)]
    return figures[0] == figures[1] and (one in figures or two in figures)


def _differ(one: frozenset[object], two: frozenset[object]) -> bool:
    return bool(one and two) and not one & two


def _are_other_places(one: frozenset[object], two: frozenset[object]) -> bool:
    first, second = ({str(place) for place in places if not is_vague(str(place))} for places in (one, two))
    return bool(first and second) and not first & second and not any(are_near(a, b) for a in first for b in second)
