"""Side, place, severity, change, qualifiers, level and size of one mention, read in its zone."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from dictation.findings.counted import JOINTS, Level
from dictation.findings.level import levels_in
from dictation.findings.lexicon import Cue, Place, is_part, part_words, place_phrases, structures, word_phrases
from dictation.findings.measurement import EARLIER_WORDS, Quantity, may_be_number, measurements_in, read_number
from dictation.findings.mention import Mention
from dictation.findings.phrases import Match
from dictation.findings.tokens import Token, normal_form, norms
from dictation.lexicon import rows

PREPOSITIONS = frozenset({
    "in", "at", "of", "on", "within", "over", "along", "throughout", "involving", "overlying", "near", "to",
    "projecting", "above",
})  # fmt: skip
_NORMAL = frozenset({"normal", "unremarkable", "clear", "intact", "negative", "patent", "preserved", "fine", "okay"})
_BOTH = frozenset({"left", "right"})
_OWN_WORDS = 4  # words between the side of an organ and what is said of it
_COMPARATIVES = frozenset({"larger", "smaller"})
_AIMS = frozenset({"to", "until", "document", "confirm", "ensure"})
_PAST = frozenset({"was", "were"})  # also said of what is found now: "the effusion was large"
_GREATER = frozenset({"greater", "more", "worse", "larger", "worst", "greatest", "most", "predominantly"})


Part = TypeVar("Part", Match[str], Match[Place], Quantity, Level)


@dataclass(slots=True)
class Modifiers:
    """Everything in a sentence that may describe a mention, by kind, left to right.

    `positions`: tokens that are part of a side, place, severity, change, qualifier or size.
    """

    sides: Sequence[Match[str]]
    places: Sequence[Match[Place]]
    severities: Sequence[Match[str]]
    changes: Sequence[Match[str]]
    qualifiers: Sequence[Match[str]]
    quantities: Sequence[Quantity]
    levels: Sequence[Level]
    positions: Set[int]
    foreign: Set[int] = frozenset()  # sides of what is called normal beside a finding: "left ovary normal"
    behind_denials: Set[int] = frozenset()  # tokens right behind "without": "schwannoma without brainstem compression"
    taken_back: Set[int] = frozenset()  # sides behind "not": "on the right, not on the left"


@dataclass(slots=True)
class Described:
    """The attributes of one mention; `parts` are token ranges by attribute.

    `takes`: how its place was taken over from a neighbour; `implied`: attributes that the words imply and do not state.
    """

    side: str | None = None
    sites: tuple[str, ...] = ()
    severity: str | None = None
    change: str | None = None
    qualifiers: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    count: int | None = None
    parts: dict[str, tuple[int, int]] = field(default_factory=dict)
    takes: frozenset[str] = frozenset()
    implied: tuple[str, ...] = ()


def modifiers_in(
    text: str,
    tokens: Sequence[Token],
    mentions: Sequence[Mention],
    cues: Sequence[Match[Cue]],
    changes: Sequence[Match[str]],
) -> Modifiers:
    """Find all modifiers of one sentence. Words inside a finding's own name modify nothing."""
    named = {at for m in mentions if m.names[1] - m.names[0] > 1 for at in range(*m.names)}
    quantities = measurements_in(text, tokens)
    places = _with_further_numbers(tokens, place_phrases().find(tokens), quantities)
    places = sorted([*places, *_parts_behind(tokens, places)], key=lambda place: place.start)
    inside = {at for place in places if place.end - place.start > 1 for at in range(place.start, place.end)}
    settings = {at for cue in cues if cue.meaning.kind == "setting" for at in range(cue.start, cue.end)}
    earlier = {at for cue in cues if cue.meaning.kind == "none" for at in range(cue.start, cue.end)}  # "prior study"
    apart = inside | named | settings  # "in the right setting"
    sides = word_phrases("laterality", "side").find(tokens)
    sides = [side for side in sides if side.meaning != "none" and side.start not in apart]
    places = [
        place for place in places if is_part(place.meaning.id) or not named.issuperset(range(place.start, place.end))
    ]
    grades = word_phrases("severity", "grade").find(tokens)
    grades = [part for part in grades if part.start not in named]
    changes = [part for part in changes if part.start not in named and not _is_no_course(tokens, part)]
    qualifiers = word_phrases("qualifier", "qualifier").find(tokens)
    qualifiers = [part for part in qualifiers if part.meaning != "none" and part.start not in earlier]
    every: list[Match[str] | Match[Place] | Quantity] = [
        *sides, *places, *grades, *changes, *qualifiers, *quantities,
    ]  # fmt: skip
    positions = {at for part in every for at in range(part.start, part.end)}
    levels = levels_in(tokens)
    at_levels = {at for level in levels for at in range(level.start, level.end)}
    taken = _taken_back(tokens, positions | at_levels)
    places, quantities = _standing(places, taken), _standing(quantities, taken)
    foreign = _foreign_sides(tokens, sides, mentions, cues)
    denials = frozenset(cue.end for cue in cues if cue.meaning.kind == "negation" and cue.meaning.scope == "before")
    return Modifiers(
        sides, places, grades, changes, qualifiers, quantities, levels, positions, foreign, denials, taken,
    )  # fmt: skip


def _parts_behind(tokens: Sequence[Token], places: Sequence[Match[Place]]) -> list[Match[Place]]:
    """The parts of an organ told behind its name: "Pancreas: mass in the tail" is of the pancreatic tail."""
    inside = {at for place in places for at in range(place.start, place.end)}
    found: list[Match[Place]] = []
    for at in range(1, len(tokens)):
        part = tokens[at].norm
        if part not in part_words() or at in inside or tokens[at - 1].norm not in PREPOSITIONS:
            continue
        if at + 1 < len(tokens) and tokens[at + 1].norm == "of":
            continue  # "in the head of the humerus"
        before = [place.meaning.id for place in places if place.end <= at]
        organ = next((organ for organ in reversed(before) if organ in part_words()[part]), None)
        if organ is not None:
            found.append(Match(at, at + 1, part_words()[part][organ]))
    return found


def _taken_back(tokens: Sequence[Token], positions: Set[int]) -> frozenset[int]:
    """The words behind "not", "rather than" or "instead of" that only say what is not so: "19 mm rather than 9 mm"."""
    found: set[int] = set()
    first = {words[0] for words in _contrasts()}
    for start in (at for at in range(1, len(tokens)) if tokens[at].norm in first):
        words = next(
            (one for one in _contrasts() if [t.norm for t in tokens[start : start + len(one)]] == list(one)), ()
        )
        at = start + len(words)
        while words and at < len(tokens) and (at in positions or tokens[at].norm in PREPOSITIONS):
            found.add(at)
            at += 1
    return frozenset(found)


def _standing(parts: Sequence[Part], taken: Set[int]) -> list[Part]:
    """Those that are not taken back; all, where nothing stands in their place."""
    return [part for part in parts if part.start not in taken] or list(parts)


@cache
def _contrasts() -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(norms(row["words"])) for row in rows("addendum_words") if row["role"] == "denies")


def _with_further_numbers(
    tokens: Sequence[Token], places: Sequence[Match[Place]], quantities: Sequence[Quantity]
) -> list[Match[Place]]:
    """The places, and those of which only the number is said: the sixth of "segments 4 and 6", "segment VI/VII"."""
    measured = {at for quantity in quantities for at in range(quantity.start, quantity.end)}
    found = []
    for place in places:
        found.append(place)
        name, at = list(tokens[place.start : place.end - 1]), place.end
        while (
            place.meaning.id[-1].isdigit()
            and name
            and at + 1 < len(tokens)
            and tokens[at].norm in JOINTS
            and at + 1 not in measured
        ):
            further = place_phrases().longest_at([*name, tokens[at + 1]], 0)
            if further is None or further.end != len(name) + 1:
                break
            found.append(Match(at + 1, at + 2, further.meaning))
            at += 2
    return found


def _foreign_sides(
    tokens: Sequence[Token], sides: Sequence[Match[str]], mentions: Sequence[Mention], cues: Sequence[Match[Cue]]
) -> frozenset[int]:
    """Sides of an organ that is called normal or not seen, in a run of words without marks."""
    if len(sides) < len(_BOTH) or not _BOTH.issubset(side.meaning for side in sides):
        return frozenset()
    states = {at for at, token in enumerate(tokens) if token.norm in _NORMAL}
    states |= {cue.start for cue in cues if cue.meaning.kind == "negation" and cue.meaning.scope == "after"}
    denials = {cue.start for cue in cues if cue.meaning.kind == "negation" and cue.meaning.scope == "before"}
    names = {at for mention in mentions if not mention.is_state for at in range(*mention.names)}
    starts = {side.start for side in sides}
    found = set()
    for side in sides:
        at = side.end
        while at < len(tokens) and at - side.end < _OWN_WORDS and at not in names | states | starts | denials:
            if not tokens[at].norm[0].isalpha() or tokens[at].norm in PREPOSITIONS:
                break
            at += 1
        is_ambiguous = side.start - 1 in names and at + 1 in starts  # "cyst right ovary normal left ovary"
        heads_denial = at in denials and at > side.end  # "right occlusion, left leg no stenosis"
        if (at in states or heads_denial) and not is_ambiguous:
            found.add(side.start)
    return frozenset(found)


def leading_levels(tokens: Sequence[Token], modifiers: Modifiers, first: Mention) -> frozenset[int]:
    """Tokens of levels that head what follows: "L three four mild stenosis L four five severe"."""
    if not modifiers.levels or modifiers.levels[0].start >= first.names[0]:
        return frozenset()
    heads = [part for part in modifiers.levels if not part.start or tokens[part.start - 1].norm not in PREPOSITIONS]
    return frozenset(at for part in heads for at in range(part.start, part.end))


def _is_no_course(tokens: Sequence[Token], part: Match[str]) -> bool:
    """Whether the word compares two sides, picks one of two, or tells what is hoped for ("follow-up to resolution")."""
    following = [token.norm for token in tokens[part.start + 1 : part.start + 3]]
    if following[:1] == ["than"] and following[-1] in ("left", "right"):
        return True
    if part.end - part.start > 1:
        return False
    if tokens[part.start].norm in _COMPARATIVES and tokens[part.start].has_article:
        return True
    before = {token.norm for token in tokens[max(0, part.start - 2) : part.start]}
    return part.meaning == "resolved" and bool(before & _AIMS)


def describe(
    tokens: Sequence[Token], mention: Mention, zone: tuple[int, int], modifiers: Modifiers, *, absent: bool
) -> Described:
    """The attributes of `mention`, whose words are those of `zone`."""
    found = Described()
    sides, places = within(zone, modifiers.sides), within(zone, modifiers.places)
    if not absent:
        sides = [side for side in sides if side.start not in modifiers.taken_back] or sides
    own = [side for side in sides if side.start not in modifiers.foreign]
    is_both = len(own) < len(sides) and _BOTH.issubset(side.meaning for side in sides)
    if is_both and len({side.meaning for side in own}) == 1:
        sides = own  # "right testis normal left hydrocele"
    if mention.finding_class == "normal_anatomy":
        places = []
    elif mention.is_state:  # its structure is its place; what more is said is a part of that: "enlarged level IV node"
        places = [place for place in places if is_part(place.meaning.id)]
    if not absent:
        places = [p for p in places if p.start < mention.names[0] or p.start not in modifiers.behind_denials]
    dominant = dominance(tokens, sides)
    _set_side(found, [side for side in sides if side is not dominant or len(sides) > 1], places)
    if places:
        ends = {place.end for place in places if place.end < len(tokens) and tokens[place.end].norm == ":"}
        labels_last = sorted(places, key=lambda place: place.end in ends)  # "KIDNEYS: stone in the ureter"
        found.sites = tuple(dict.fromkeys([place.meaning.id for place in labels_last]))
        found.parts["site"] = (places[0].start, places[-1].end)
    if found.side is None:
        _set_named_side(tokens, found, mention)
    if found.side is None and not absent and mention.finding_class == "finding":
        parts = [tokens[place.end - 1] for place in places] + list(tokens[slice(*mention.names)])
        if any(_are_both(part) for part in parts):
            found.side, found.implied = "bilateral", ("laterality",)
    grades = _grades_now(tokens, within(zone, modifiers.severities))
    grades = [grade for grade in grades if not _is_of_organ(tokens, grade, mention, modifiers)]
    severity = _nearest(grades, mention)
    change = _nearest(within(zone, modifiers.changes), mention)
    if qualifiers := within(zone, modifiers.qualifiers):
        said = {part.meaning for part in qualifiers if absent or part.meaning not in ("large", "new")}
        found.qualifiers = tuple(sorted(said))
    if dominant:
        found.qualifiers += (f"{dominant.meaning}_dominant",)
    if severity:
        found.severity, found.parts["severity"] = severity.meaning, (severity.start, severity.end)
    if change and not (absent and change.meaning != "resolved"):
        found.change, found.parts["change"] = change.meaning, (change.start, change.end)
    if levels := within(zone, modifiers.levels):
        found.levels = tuple(name for level in levels for name in level.names)
        found.parts["level"] = (levels[0].start, levels[-1].end)
    if quantities := within(zone, modifiers.quantities):
        found.quantities = tuple(quantities)
        found.parts["measurement"] = (quantities[0].start, quantities[-1].end)
    found.count = _count(tokens, mention, zone[0], modifiers)
    return found


def _grades_now(tokens: Sequence[Token], grades: Sequence[Match[str]]) -> list[Match[str]]:
    """The grades without those of before: "previously large effusion is now small", "was moderate, now tiny"."""
    before = {grade.start: {one.norm for one in tokens[max(0, grade.start - 2) : grade.start]} for grade in grades}
    stated = [grade for grade in grades if not before[grade.start] & (EARLIER_WORDS - _PAST)]
    return [grade for grade in stated if not before[grade.start] & _PAST] or stated


def _is_of_organ(tokens: Sequence[Token], grade: Match[str], mention: Mention, modifiers: Modifiers) -> bool:
    """Whether an organ that no "in" ties to the finding stands between it and the grade: "ascites, liver small"."""
    return any(
        mention.names[1] <= place.start < place.end == grade.start
        and place.meaning.id in structures()
        and tokens[place.start - 1].norm not in PREPOSITIONS
        for place in modifiers.places
    )


def within(zone: tuple[int, int], parts: Sequence[Part]) -> list[Part]:
    """The parts that stand in a zone."""
    start, end = zone
    return [part for part in parts if start <= part.start and part.end <= end] if parts else []


def _nearest(parts: Sequence[Match[str]], mention: Mention) -> Match[str] | None:
    """The word before the name that stands nearest to it, else the nearest behind it."""
    if not parts:
        return None
    before = [part for part in parts if part.end <= mention.names[1]]
    return before[-1] if before else parts[0]


def dominance(tokens: Sequence[Token], sides: Sequence[Match[str]]) -> Match[str] | None:
    """The side that is called the worse one: "left greater than right", "greatest on the right"."""
    for side in sides:
        after = [token.norm for token in tokens[side.end : side.end + 3]]
        before = [token.norm for token in tokens[max(0, side.start - 3) : side.start]]
        if "than" in after and _GREATER.intersection(after):
            return side
        if _GREATER.intersection(before) and before[-1] in ("on", "in", "at", "toward"):
            return side
    return None


def _set_named_side(tokens: Sequence[Token], found: Described, mention: Mention) -> None:
    """The side inside a name: "right aortic arch", "biapical pleural thickening"."""
    for at in range(*mention.names):
        place = place_phrases().longest_at(tokens, at)
        if tokens[at].norm in ("left", "right"):
            found.side, found.parts["laterality"] = tokens[at].norm, (at, at + 1)
        elif place and place.meaning.side == "bilateral" and place.end <= mention.names[1]:
            found.side, found.parts["laterality"] = "bilateral", (at, place.end)
            found.sites = found.sites or (place.meaning.id,)


@cache
def _paired() -> frozenset[str]:
    return frozenset(normal_form(row["word"]) for row in rows("paired"))


def _are_both(word: Token) -> bool:
    """Whether the word is a plural that means both sides: "bases", "diaphragms"."""
    return word.norm in _paired() and word.text.lower() not in (word.norm, f"{word.norm}'s")


def _set_side(found: Described, sides: Sequence[Match[str]], places: Sequence[Match[Place]]) -> None:
    said = [(side.start, side.end, side.meaning) for side in sides]
    said += [(place.start, place.end, place.meaning.side) for place in places if place.meaning.side]
    if not said:
        return
    said.sort()
    values = {meaning for _, _, meaning in said}
    if "bilateral" in values or {"left", "right"} <= values:
        found.side = "bilateral"
        chosen = [part for part in said if part[2] == "bilateral"] or said
    else:
        found.side = said[0][2]
        chosen = said
    found.parts["laterality"] = (chosen[0][0], chosen[-1][1]) if len(chosen) > 1 else chosen[0][:2]


def _count(tokens: Sequence[Token], mention: Mention, start: int, modifiers: Modifiers) -> int | None:
    """ "two nodules", "2 small nodules": a whole number within three words before the name."""
    measured: list[Quantity | Level] = [*modifiers.quantities, *modifiers.levels]
    for at in range(max(start, mention.names[0] - 4), mention.names[0]):
        if not may_be_number(tokens[at]) and tokens[at].norm not in ("single", "solitary"):
            continue
        if any(part.start <= at < part.end for part in measured):
            continue
        if tokens[at].norm in ("one", "single", "solitary") and tokens[at + 1].norm not in ("of", "or", "and", "half"):
            return 1
        number = read_number(tokens, at)
        if number and number[1] <= mention.names[0] and number[0] == int(number[0]) and 2 <= number[0] <= 20:
            following = tokens[number[1]] if number[1] < len(tokens) else None
            if following is None or following.norm not in ("st", "nd", "rd", "th", "-", "/", "."):
                return int(number[0])
    return None
