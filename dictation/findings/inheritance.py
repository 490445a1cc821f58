"""Places that a finding takes over from its neighbour in one sentence.

Stated: "effusion and atelectasis at the left base" (the place holds for the list) and "opacity in the left base, may
represent pneumonia" (what a finding is taken for lies where the finding lies). Implied, and weaker: "left base airspace
disease and small effusion", "right upper lobe opacity with associated atelectasis". A place never crosses to a finding
that has its own, to a denied one, or to one that lies elsewhere (`shared_places`).
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from dictation.findings.attributes import PREPOSITIONS, Described, Modifiers
from dictation.findings.counted import Level
from dictation.findings.lexicon import Cue, ancestors, cell, concepts, placed_finding
from dictation.findings.mention import Mention
from dictation.findings.phrases import Match
from dictation.findings.tokens import Token
from dictation.lexicon import rows

_PLACES = ("laterality", "site")
_PARTNER = frozenset({",", "and", "or", "nor", "/"})
_READS_AS = frozenset({
    "compatible", "consistent", "representing", "represent", "reflecting", "reflect", "due", "related", "secondary",
    "corresponding", "combination", "suggesting", "suggestive", "vs", "versus", "/", "evidenced",
})  # fmt: skip
_TAKEN_FOR = frozenset({"represent", "reflect"})
_PARTS_FROM = frozenset({"and", "but", "no", "without", ";"})
_CHOICE = frozenset({"or", "and", "/", ","})
_JOINTS = frozenset({"and", "or", "/", ",", "with", "plus", "associated", "is", "are", "well"})  # "as well as"
_BESIDE = frozenset({
    "associated", "adjacent", "underlying", "overlying", "superimposed", "accompanying", "some", "with", "and", "or",
    "/", ",", "plus", "component", "area", "of", "also", "concomitant", "surrounding", "resultant", "related", "is",
    "are", "as", "well", "compensatory",
})  # fmt: skip
_WITH = 3  # words from "with" to what a finding is found with
_CLOSE = frozenset({"associated", "adjacent", "underlying", "superimposed", "accompanying", "concomitant", "with"})


def share_places(
    tokens: Sequence[Token], mentions: Sequence[Mention], absent: Sequence[bool], described: list[Described]
) -> None:
    """ "effusion and atelectasis at the left base": the place that follows a list holds for all of it."""
    for number in range(len(mentions) - 2, -1, -1):
        here, after = described[number], described[number + 1]
        if here.side or here.sites or mentions[number].is_state or mentions[number + 1].is_state:
            continue
        gap = [tokens[at].norm for at in range(mentions[number].end, mentions[number + 1].start)]
        joined = bool(_PARTNER.intersection(gap)) and len(gap) <= 2 and absent[number] == absent[number + 1]
        first = _first(after)
        trails = first is not None and first >= mentions[number + 1].end and _is_placed(tokens, first)
        ending = mentions[number + 1].end
        is_aside = gap[:1] == [","] and ending < len(tokens) and tokens[ending].norm == ","
        if trails and is_aside and tokens[ending + 1].norm in PREPOSITIONS:
            _take(here, after, "shared")  # "clips, probably from a cholecystectomy, in the right upper quadrant"
        elif joined and (trails or "shared" in after.takes):
            _take(here, after, "shared")
        elif trails and _READS_AS.intersection(gap) and not _PARTS_FROM.intersection(gap):
            _take(here, after, "list")  # "opacities consistent with edema in the lower lobes"
        elif trails and gap[:1] == ["with"] and len(gap) <= _WITH and not (absent[number] or absent[number + 1]):
            _take(here, after, "shared")  # "consolidation with air bronchograms in the right middle lobe"
            here.levels = here.levels or after.levels


def inherit_places(
    tokens: Sequence[Token],
    cues: Sequence[Match[Cue]],
    mentions: Sequence[Mention],
    absent: Sequence[bool],
    described: list[Described],
    modifiers: Modifiers,
) -> None:
    """Places from left to right: first what a finding is taken for, then what is listed with it."""
    doubts = {cue.start for cue in cues if cue.meaning.kind in ("possible", "probable", "cannot_exclude")}
    breaks = {cue.start for cue in cues if cue.meaning.kind in ("stop", "negation")}
    inside = modifiers.positions | {at for cue in cues for at in range(cue.start, cue.end)}
    for number in range(1, len(mentions)):
        here, before = described[number], described[number - 1]
        if here.side or mentions[number].finding_class != "finding" or mentions[number].is_state:
            continue
        if mentions[number - 1].finding_class != "finding":
            continue
        gap = range(mentions[number - 1].names[1], mentions[number].names[0])
        words = {tokens[at].norm for at in gap}
        if not here.sites and _is_reading(words, bool(doubts.intersection(gap)), before):
            _take(here, before, "reading")
        elif (
            not absent[number]
            and not absent[number - 1]
            and _lie_together(placed_finding(mentions[number - 1].finding, before.sites), mentions[number].finding)
        ):
            behind = max(
                [end for name, (_, end) in before.parts.items() if name in _PLACES and end <= gap.stop], default=0
            )
            loose = [tokens[at].norm for at in gap if at not in inside and at >= behind]
            if (
                breaks.isdisjoint(gap)
                and _is_listed(loose, words, before, mentions[number - 1])
                and not _lies_elsewhere(here, before)
            ):
                _take(here, before, "list")


def share_levels(
    tokens: Sequence[Token],
    mentions: Sequence[Mention],
    absent: Sequence[bool],
    described: list[Described],
    modifiers: Modifiers,
) -> None:
    """A level that heads the sentence holds for what is denied behind it: "L5-S1: disc desiccation, no protrusion"."""
    heads = [level for level in modifiers.levels if _heads(tokens, level)]
    for mention, is_absent, here in zip(mentions, absent, described, strict=True):
        before = [level for level in heads if level.end <= mention.names[0]]
        if is_absent and before and not here.levels and mention.finding_class in ("finding", "normal_anatomy"):
            level = before[-1]
            here.levels, here.parts["level"] = level.names, (level.start, level.end)


def _heads(tokens: Sequence[Token], level: Level) -> bool:
    """Whether the level begins the sentence ("L1 fracture", "At L5-S1"), or is a label within it ("L5-S1:")."""
    before = [token.norm for token in tokens[: level.start]]
    return before in ([], ["at"]) or (level.end < len(tokens) and tokens[level.end].norm == ":")


def follow(own: Sequence[dict[str, Any]], last: dict[str, Any]) -> None:
    """What a sentence on "this" or "these" names lies, by implication, where the finding named last lies."""
    for draft in own:
        is_bare = not (draft["laterality"] or draft["site"] or draft["parts"].get("device_position"))
        findings = draft["finding"], last["finding"]
        if (
            is_bare
            and "present" == draft["status"] == last["status"]
            and _groups_of(findings[0]) & _groups_of(findings[1])
        ):
            draft["laterality"], draft["site"] = last["laterality"], last["site"]
            draft["implied"] = ("laterality",) * bool(last["laterality"]) + ("site",) * bool(last["site"])


def _is_reading(words: set[str], is_doubted: bool, before: Described) -> bool:
    if "reading" in before.takes and words <= _CHOICE:
        return True
    if "and" in words and words & _TAKEN_FOR:
        words = words - {"and"}  # "a nodule that is calcified and likely reflects a granuloma"
    return (is_doubted or bool(words & _READS_AS)) and not words & _PARTS_FROM


def _is_listed(loose: Sequence[str], words: set[str], before: Described, source: Mention) -> bool:
    """Whether only "and", "with associated" or a comma stands between, and one word at most that no table knows."""
    unknown = [word for word in loose if word not in _BESIDE]
    if len(unknown) > 1 or any(word in PREPOSITIONS or not word[0].isalpha() for word in unknown):
        return False
    if words and not words & _JOINTS and not unknown:
        return False
    first = _first(before)
    return first is None or first < source.names[0] or bool(words & _CLOSE) or "," in words or bool(unknown)


def _lies_elsewhere(here: Described, before: Described) -> bool:
    is_other_place = bool(here.sites and before.sites and not set(here.sites) & set(before.sites))
    return "diffuse" in here.qualifiers or is_other_place


def _lie_together(one: str, two: str) -> bool:
    return one != two and bool(_groups_of(one) & _groups_of(two))


@cache
def _groups_of(finding: str) -> frozenset[str]:
    """The groups of a finding, or of the broader findings of which it is a kind."""
    organ, broader = concepts()[finding].organ if finding in concepts() else "", ancestors(finding)
    return frozenset(
        row["group"]
        for row in rows("shared_places")
        if organ in cell(row["organs"]) and not broader.isdisjoint(cell(row["findings"]))
    )


def _take(here: Described, other: Described, how: str) -> None:
    """Give `here` the place of `other`; one that comes by a list is implied, not stated."""
    if not other.side and not other.sites:
        return
    here.takes = frozenset({how})
    if how == "list":
        here.implied = ("laterality",) * bool(other.side) + ("site",) * bool(other.sites and not here.sites)
        here.side, here.sites = other.side, here.sites or other.sites
        return
    here.side, here.sites = other.side, other.sites
    here.implied = other.implied
    for name in _PLACES:
        if name in other.parts:
            here.parts[name] = other.parts[name]


def _first(found: Described) -> int | None:
    """The token at which the words of its place begin."""
    return min((found.parts[name][0] for name in _PLACES if name in found.parts), default=None)


def _is_placed(tokens: Sequence[Token], at: int) -> bool:
    return any(token.norm in PREPOSITIONS for token in tokens[max(0, at - 2) : at])
