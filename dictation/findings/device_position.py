"""Where a device ends: "tip in the mid SVC", "terminates 4 cm above the carina", "in satisfactory position"."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dictation.findings.attributes import Modifiers
from dictation.findings.lexicon import Place, word_phrases
from dictation.findings.mention import Mention
from dictation.findings.phrases import Match
from dictation.findings.tokens import Token

_VASCULAR = frozenset({"vessels", "heart", "mediastinum"})
"""Regions in which the side belongs to the place: "right atrium" says nothing of the side of the line."""
_TUBES = frozenset({"bronchus", "carina", "trachea", "esophagus", "stomach", "ge_junction", "duodenum"})
_LEADING = frozenset({"in", "within", "into", "above", "below", "at"})  # "tube in the right mainstem bronchus"
_RELATIONS = {"above": "above", "superior": "above", "below": "below", "beneath": "below", "inferior": "below"}
_RELATIONS |= {"cephalad": "above", "cranial": "above", "caudal": "below", "caudad": "below"}
_ENDS = frozenset({"tip", "it", "terminate", "end"})
_MOST_WORDS = 6  # between a device and where it lies: "tube 3 cm above the level of the carina"


@dataclass(frozen=True, slots=True)
class Position:
    """`name` of the position (site ids, or a judgement); side and sites of the device itself, read before it."""

    name: str
    start: int
    end: int
    side: str | None
    sites: tuple[str, ...]


def position_of(
    tokens: Sequence[Token], mention: Mention, zone: tuple[int, int], modifiers: Modifiers
) -> Position | None:
    """The position told in the device's zone, or None where none is told."""
    cues = [
        match
        for match in word_phrases("device_position", "position").find(tokens)
        if zone[0] <= match.start and match.end <= zone[1]
    ]
    if not any(match.meaning == "ends" for match in cues):
        cues = sorted([*cues, *_bare_place(tokens, mention, zone, modifiers)], key=lambda match: match.start)
    if not cues:
        return None
    cue = cues[0]
    end = zone[1]
    ending = [place for place in modifiers.places if cue.end <= place.start and place.end <= end]
    names: list[str] = []
    for match in cues:
        if match.meaning != "ends":
            names.append(match.meaning)
    sided = [place for place in ending if place.meaning.region in _VASCULAR]
    floor = cue.start
    for place in ending:
        since, floor = floor, place.end
        if place not in sided:
            names.append(_related(tokens, since, place))
            continue
        side = next(
            (s.meaning for s in modifiers.sides if cue.end <= s.start <= place.start and place.start - s.end <= 1), ""
        )
        names.append(f"{side}_{place.meaning.id}" if side else _related(tokens, since, place))
    if not names:
        return None
    named = max(cue.start, mention.names[0])  # "the tip of the right PICC is in the SVC"
    sides = {side.meaning for side in modifiers.sides if zone[0] <= side.start < named}
    if not sides and ending and not sided:  # "projects over the left chest wall" tells the side of the device itself
        sides = {side.meaning for side in modifiers.sides if cue.end <= side.start < end}
        sides |= {place.meaning.side for place in ending if place.meaning.side}
    own = "bilateral" if len(sides) > 1 else next(iter(sides), None)
    sites = [place.meaning.id for place in modifiers.places if zone[0] <= place.start < cue.start]
    last = max([match.end for match in cues] + [place.end for place in ending])
    return Position("+".join(dict.fromkeys(names)), cue.start, last, own, tuple(dict.fromkeys(sites)))


def end_of_device(tokens: Sequence[Token], modifiers: Modifiers) -> str | None:
    """Where the tip lies of a device that only the sentence before names: "Tip in the right atrium"."""
    if not tokens or tokens[0].norm not in _ENDS:
        return None
    position = position_of(tokens, Mention(0, 1, "", "device", names=(0, 1)), (0, len(tokens)), modifiers)
    return position.name if position else None


def _bare_place(
    tokens: Sequence[Token], mention: Mention, zone: tuple[int, int], modifiers: Modifiers
) -> list[Match[str]]:
    """ "in" or "above" before a vessel, an airway or the gut tells where a tube ends, even without the word "tip"."""
    for at in range(mention.names[0], min(zone[1], mention.names[1] + _MOST_WORDS)):
        if tokens[at].norm not in _LEADING:
            continue
        for place in modifiers.places:
            is_tubular = place.meaning.region == "vessels" or place.meaning.id in _TUBES
            if is_tubular and at < place.start <= at + _MOST_WORDS and place.end <= zone[1]:
                return [Match(at, at + 1, "ends")]
    return []


def _related(tokens: Sequence[Token], since: int, place: Match[Place]) -> str:
    """The place with the word that tells on which side of it: "below_carina" is not "above_carina"."""
    words = [tokens[at].norm for at in range(since, place.start)]
    if ("proximal", "to") in pairwise(words):
        return f"above_{place.meaning.id}"  # "3 cm proximal to the carina", and not "in the proximal SVC"
    relation = next((_RELATIONS[word] for word in reversed(words) if word in _RELATIONS), None)
    return f"{relation}_{place.meaning.id}" if relation else place.meaning.id
