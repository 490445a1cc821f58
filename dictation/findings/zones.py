"""Which words belong to which mention: side, size and place are read in the finding's own stretch of the sentence."""

from collections.abc import Callable, Collection, Sequence

from dictation.findings.lexicon import Cue
from dictation.findings.mention import Mention
from dictation.findings.phrases import Match
from dictation.findings.tokens import Token

_CONNECTORS = frozenset(
    {",", ";", ":", "and", "or", "nor", "with", "but", "without", "/", "&", "which", "vs", "versus", "due"}
)
_READS_AS = frozenset({"consistent", "compatible"})  # "left base irregularity compatible with scarring" is one stretch
_LOOSE = frozenset({",", "and"})
_PLACING = frozenset({"in", "of", "at", "on", "within"})
_UNIT_SIGNS = frozenset({"%", "°"})
_VERBS = frozenset({"invade", "invades", "invading"})  # they take no word that stands before them


def zones_of(
    tokens: Sequence[Token],
    mentions: Sequence[Mention],
    cues: Sequence[Match[Cue]],
    is_modifier: Callable[[int], bool],
    places: Collection[int] = (),
    sides: Collection[int] = (),
) -> list[tuple[int, int]]:
    """Tokens [start, end) of each mention, in order. `is_modifier` says whether a token is a side, size or place.

    `places`, `sides`: the tokens that are places or sides.
    """
    openers = {cue.start for cue in cues if cue.meaning.kind in ("negation", "stop", "possible", "probable")}
    zones: list[tuple[int, int]] = []
    start = 0
    for number, mention in enumerate(mentions):
        if number + 1 == len(mentions):
            end = len(tokens)
        elif mentions[number + 1].start < mention.end:  # two states of one structure share their words
            zones.append((start, max(mention.end, mentions[number + 1].end)))
            continue
        else:
            joins = _never if mentions[number + 1].refers else is_modifier
            end = _boundary(tokens, mention.end, mentions[number + 1].start, openers, joins, places)
            if end < mentions[number + 1].start:
                end = _behind_place(tokens, end, mentions[number + 1].start, places, sides)
        zones.append((start, end))
        start = end
    return [_trimmed(tokens, zone, mention) for zone, mention in zip(zones, mentions, strict=True)]


def _never(position: int) -> bool:
    """No word behind a named finding belongs to one that is only referred to: "effusion: right small, left none"."""
    return False


def _boundary(
    tokens: Sequence[Token],
    low: int,
    high: int,
    openers: set[int],
    is_modifier: Callable[[int], bool],
    places: Collection[int],
) -> int:
    connectors = [
        at
        for at in range(low, high)
        if (tokens[at].norm in _CONNECTORS or at in openers)
        and not (at > low and tokens[at].norm == "with" and tokens[at - 1].norm in _READS_AS)
    ]
    if not connectors:
        if tokens[high].text.lower() in _VERBS:
            return high
        return _first_of_run(tokens, low, high, is_modifier, places)
    chosen = len(connectors) - 1
    while chosen > 0 and tokens[connectors[chosen]].norm in _LOOSE:
        inside = range(connectors[chosen - 1] + 1, connectors[chosen])
        if not len(inside) or not all(is_modifier(at) for at in inside):
            break
        chosen -= 1  # "with small left and moderate right effusion": the "and" joins two modifiers
    return connectors[chosen]


def _first_of_run(
    tokens: Sequence[Token], low: int, high: int, is_modifier: Callable[[int], bool], places: Collection[int]
) -> int:
    """Start of the modifiers that stand directly before `high`.

    Where they name two sides, the first side and its place belong to what stands before: "nodule left lower lobe small
    right effusion".
    """
    at = high
    while at > low and is_modifier(at - 1):
        at -= 1
    sides = [side for side in range(at, high) if tokens[side].norm in ("left", "right")]
    if len(sides) < 2:
        return at
    return max([side for side in range(sides[-2], sides[-1]) if side == sides[-2] or side in places]) + 1


def _behind_place(
    tokens: Sequence[Token], start: int, high: int, places: Collection[int], sides: Collection[int]
) -> int:
    """Start of the next finding's words where a place told with "in" stands first: "in the left base | small effusion".

    Where nothing stands between that place and the finding, it stays with the finding: "in the left renal cyst".
    """
    if start == 0 or tokens[start - 1].norm not in _PLACING:
        return start
    at = start
    while at < high and at in sides:
        at += 1
    while at < high and at in places:
        at += 1
    return at if at < high else start


def _trimmed(tokens: Sequence[Token], zone: tuple[int, int], mention: Mention) -> tuple[int, int]:
    start, end = zone
    while start < mention.start and (
        tokens[start].norm in _CONNECTORS - {"without"} or not tokens[start].norm[0].isalnum()
    ):
        start += 1
    while end > mention.end and (tokens[end - 1].norm in _CONNECTORS or _is_mark(tokens[end - 1])):
        end -= 1
    return min(start, mention.start), max(end, mention.end)


def _is_mark(token: Token) -> bool:
    """Whether it is a mark, and no unit: the "%" of "stenosis of 20%" is one."""
    return not token.norm[0].isalnum() and token.norm not in _UNIT_SIGNS
