"""Where the words of one mention speak of two sides, or end in a place that is free of it: its zone is cut."""

from collections.abc import Sequence

from dictation.findings.attributes import Modifiers, dominance, within
from dictation.findings.lexicon import Place
from dictation.findings.mention import Mention
from dictation.findings.phrases import Match
from dictation.findings.tokens import Token

_DIRECTIONS = "position"  # the region of "lateral" and its like, which are no places of their own
_BEFORE_SIDE = 3  # words that tell of a side before its name: "moderate on the right"
_SPARED = frozenset({"clear", "spared", "normal", "unremarkable"})
_STATES = frozenset({"is", "are", "was", "were", "appear", "appears", "remain", "remains"})


def before_spared(
    tokens: Sequence[Token], mention: Mention, zone: tuple[int, int], modifiers: Modifiers
) -> tuple[int, int]:
    """The zone without a place at its end that is called free: "nodule in the right lung, left upper lobe clear"."""
    if tokens[zone[1] - 1].norm not in _SPARED:
        return zone
    start = zone[1] - 1
    while start > mention.end and tokens[start - 1].norm in _STATES:
        start -= 1
    states = start
    parts: list[Match[str] | Match[Place]] = [*modifiers.places, *modifiers.sides]
    while part := next((part for part in parts if part.end == start and part.start >= mention.end), None):
        start = part.start
        if part in modifiers.sides:
            break
    return (zone[0], start) if start < states else zone


def split_by_side(
    tokens: Sequence[Token], mention: Mention, zone: tuple[int, int], modifiers: Modifiers
) -> list[tuple[int, int]]:
    """ "small left and moderate right effusions" are two claims: the zone is cut between the sides.

    It stays whole where both sides share one grade, place, level and size: then it is one bilateral finding.
    """
    start, end = zone
    sides, places = within(zone, modifiers.sides), within(zone, modifiers.places)
    if (
        len({place.meaning.region for place in places} - {_DIRECTIONS}) > 1
    ):  # "in the right hepatic lobe and left kidney"
        sides += [Match(at.start, at.end, at.meaning.side) for at in places if at.meaning.side]
        sides.sort(key=lambda side: side.start)
    if len(sides) > 2 and sides[0].meaning == "bilateral" and sides[0].end < sides[1].start:
        sides = sides[1:]  # "effusions bilaterally, moderate on the right and small on the left"
        start = max(start, sides[0].start - _BEFORE_SIDE)
    if [side.meaning for side in sides] not in (["left", "right"], ["right", "left"]) or dominance(tokens, sides):
        return [zone]
    if mention.finding_class not in ("finding", "procedure") or mention.is_state:
        return [zone]
    joints = [at for at in range(sides[0].end, sides[1].start) if tokens[at].norm in ("and", ",", "with", "/")]
    if not joints:
        return [zone]
    cut = joints[-1]
    if (
        tokens[cut].norm == ","
        and cut < mention.names[0]
        and any(t.norm in _STATES for t in tokens[sides[0].end : cut])
    ):
        return [(cut + 1, end)]  # "the right vein is compressible, thrombus in the left one"
    halves: list[list[object]] = [[], []]
    for group in (modifiers.severities, modifiers.places, modifiers.quantities, modifiers.levels):
        for part in group:  # type: ignore[attr-defined]
            if start <= part.start and part.end <= end:
                value = next(getattr(part, name) for name in ("names", "measurement", "meaning") if hasattr(part, name))
                halves[part.start > cut].append(value)
    courses = [{part.meaning for part in within(half, modifiers.changes)} for half in ((start, cut), (cut + 1, end))]
    is_split = bool(halves[0] and halves[1]) and halves[0] != halves[1]
    is_split = is_split or bool(courses[0] and courses[1] and courses[0] != courses[1])  # "stable right, new left"
    return [(start, cut), (cut + 1, end)] if is_split else [zone]
