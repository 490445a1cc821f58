"""Anatomy and what a word of state says of it: "heart size normal", "enlarged left hilar lymph node"."""

from collections.abc import Sequence

from dictation.findings.lexicon import (
    Cue,
    Structure,
    concepts,
    finding_phrases,
    place_phrases,
    state_phrases,
    word_phrases,
)
from dictation.findings.mention import Mention
from dictation.findings.other_subject import names_another
from dictation.findings.phrases import Match
from dictation.findings.tokens import Token

REACH = 7  # tokens that may stand between a structure and the word for its state: "is at the upper limits of"
_BEFORE = 2  # words besides side and place that may stand between a word of state and its structure
LIST = frozenset({",", "and", "or", "/", "&", "nor"})
STOPS = frozenset({",", ";", "but"})
PLACING = frozenset({"in", "within", "at", "over", "overlying", "along", "throughout", "through", "near", "on"})
PREMODIFIERS = 4  # words between "in" and the structure: "in the right upper lung"
_STATE_LINKS = frozenset({"and", ",", "but", "in", "size", "contour", "appearance", "is", "are", "/"})
_SEEN_IF_ABNORMAL = {"lymph_nodes": "lymphadenopathy"}
NOT = frozenset({"no", "not", "without", "nor"})


def groups_of(tokens: Sequence[Token], structures: Sequence[Match[Structure]]) -> list[list[Match[Structure]]]:
    """Structures that share one state: "heart size, mediastinal contour and pulmonary vascularity"."""
    groups: list[list[Match[Structure]]] = []
    for match in structures:
        if groups:
            gap = [token.norm for token in tokens[groups[-1][-1].end : match.start]]
            if not gap or (
                len(gap) <= 3 and ";" not in gap and gap[0] in LIST | {"of", "in"} and not NOT.intersection(gap)
            ):
                if not gap or gap[0] in ("of", "in"):
                    groups[-1][-1] = Match(groups[-1][-1].start, match.end, groups[-1][-1].meaning)
                else:
                    groups[-1].append(match)
                continue
        groups.append([match])
    return groups


def of_structures(
    tokens: Sequence[Token],
    structures: Sequence[Match[Structure]],
    taken: set[int],
    cues: Sequence[Match[Cue]],
    changes: Sequence[Match[str]],
) -> list[Mention]:
    """The structures of which a word of state or of course tells something, each a mention."""
    states: list[Match[dict[str, str]]] = [
        match for match in state_phrases().find(tokens) if taken.isdisjoint(range(match.start, match.end))
    ]
    groups = groups_of(tokens, structures)
    mentions: list[Mention] = []
    used: set[int] = set()
    for number, group in enumerate(groups):
        floor = groups[number - 1][-1].end if number else 0
        ceiling = groups[number + 1][0].start if number + 1 < len(groups) else len(tokens)
        ceiling = min([ceiling, *(at for at in taken if at >= group[-1].end)])
        fitting = [state for state in states if any(_applies(state, match) for match in group)]
        chosen = _states_after(tokens, group[-1].end, ceiling, fitting, used) or _state_before(
            tokens, group[0].start, floor, fitting, used
        )
        for state in chosen:
            used.add(state.start)
            mentions += _stated(tokens, group, state, cues)
        if not chosen:
            mentions += _changed(tokens, group, ceiling, changes) or _denied(tokens, group, floor, cues)
    return mentions


def _denied(
    tokens: Sequence[Token], group: Sequence[Match[Structure]], floor: int, cues: Sequence[Match[Cue]]
) -> list[Mention]:
    """Structures of which nobody speaks unless they are enlarged: "no axillary nodes"."""
    name = group[0]
    finding = _SEEN_IF_ABNORMAL.get(name.meaning.id)
    if finding is None or len(group) > 1:
        return []
    for cue in cues:
        between = {token.norm for token in tokens[cue.end : name.start]}
        is_denial = cue.meaning.kind == "negation" and cue.meaning.scope == "before" and floor <= cue.start
        is_near = 0 <= name.start - cue.end <= PREMODIFIERS and not between & (STOPS | PLACING)
        if is_denial and is_near and not names_another(tokens, cue.end, name.start, LIST):
            return [Mention(name.start, name.end, finding, "finding", names=(name.start, name.end))]
    return []


def _applies(state: Match[dict[str, str]], structure: Match[Structure]) -> bool:
    return structure.meaning.id in state.meaning or "*" in state.meaning


def _states_after(
    tokens: Sequence[Token], start: int, ceiling: int, states: Sequence[Match[dict[str, str]]], used: set[int]
) -> list[Match[dict[str, str]]]:
    found: list[Match[dict[str, str]]] = []
    for state in states:
        if state.start < start or state.start in used:
            continue
        gap = [token.norm for token in tokens[(found[-1].end if found else start) : state.start]]
        if found:
            if not gap or not set(gap) <= _STATE_LINKS or state.start >= ceiling:
                break
        elif len(gap) > REACH or STOPS.intersection(gap) or state.start >= ceiling or _starts_over(gap):
            break
        found.append(state)
    return found


def _starts_over(gap: Sequence[str]) -> bool:
    """Whether an "and" begins another statement, unlike in "stable and within normal limits"."""
    return "and" in gap and not set(gap) <= _STATE_LINKS | {"stable", "unchanged"}


def _state_before(
    tokens: Sequence[Token], end: int, floor: int, states: Sequence[Match[dict[str, str]]], used: set[int]
) -> list[Match[dict[str, str]]]:
    found: list[Match[dict[str, str]]] = []
    for state in reversed(states):
        if state.end > end or state.start in used or state.start < floor:
            continue
        gap = [token.norm for token in tokens[state.end : end]]
        if found:
            if not set(gap[: found[-1].start - state.end]) <= _STATE_LINKS or found[-1].start - state.end > 2:
                break
        elif (
            STOPS.intersection(gap)
            or len(gap) > REACH - 1
            or (gap[-1:] != ["of"] and _own_words(tokens, state.end, end) > _BEFORE)
        ):
            break
        found.append(state)
    return found


def _own_words(tokens: Sequence[Token], low: int, high: int) -> int:
    """How many words of a stretch are neither a side nor a place: "enlarged left external iliac lymph node"."""
    words = tokens[low:high]
    placing = {
        at
        for phrases in (place_phrases(), word_phrases("laterality", "side"))
        for match in phrases.find(words)  # type: ignore[attr-defined]
        for at in range(match.start, match.end)
    }
    is_counted = any(token.is_number for at, token in enumerate(words) if at not in placing)  # but for "station 7"
    return len(words) if is_counted else len(words) - len(placing)


def _is_of_state(tokens: Sequence[Token], cue: Match[Cue], state: Match[dict[str, str]]) -> bool:
    """Whether a denial has no noun of its own: "no dilatation, left side normal" denies nothing normal."""
    if tokens[cue.start].norm not in ("no", "without"):
        return True
    between = tokens[cue.end : state.start]
    sides = word_phrases("laterality", "side").find(between)
    ill = [match for match in state_phrases().find(between) if set(match.meaning.values()) != {"normal"}]
    return not (sides or finding_phrases().find(between) or ill)


def _stated(
    tokens: Sequence[Token], group: Sequence[Match[Structure]], state: Match[dict[str, str]], cues: Sequence[Match[Cue]]
) -> list[Mention]:
    low, high = min(group[0].start, state.start), max(group[-1].end, state.end)
    denials = [
        cue
        for cue in cues
        if cue.meaning.kind == "negation" and low <= cue.start and cue.end <= state.start and state.start - cue.end <= 3
    ]
    found: list[Mention] = []
    for match in group:
        meaning = state.meaning.get(match.meaning.id) or state.meaning.get("*")
        if meaning is None:
            continue
        is_normal = meaning == "normal"
        negated = any(not is_normal or _is_of_state(tokens, cue, state) for cue in denials)
        start, end = (low, high) if len(group) == 1 else (min(match.start, state.start), max(match.end, state.end))
        finding, finding_class = meaning, concepts()[meaning].finding_class if not is_normal else "normal_anatomy"
        if is_normal:
            finding = f"{match.meaning.id}_abnormality" if negated else match.meaning.id
        found.append(
            Mention(
                start, end, finding, finding_class, is_normal=is_normal and not negated, is_state=True,
                leads=state.start < match.start,
                negated=negated and not is_normal, names=(match.start, match.end),
            )
        )  # fmt: skip
    return found


def _changed(
    tokens: Sequence[Token], group: Sequence[Match[Structure]], ceiling: int, changes: Sequence[Match[str]]
) -> list[Mention]:
    """A structure of which only the course is said: "stable cardiomediastinal silhouette"."""
    for change in changes:
        after = [token.norm for token in tokens[group[-1].end : change.start]]
        before = [token.norm for token in tokens[change.end : group[0].start]]
        follows = change.start >= group[-1].end and change.end <= ceiling and len(after) <= 4 and not STOPS & set(after)
        leads = change.end <= group[0].start and len(before) <= 2 and not STOPS & set(before)
        if (follows or leads) and change.meaning == "stable":
            low, high = min(group[0].start, change.start), max(group[-1].end, change.end)
            told = [(match.meaning.id, (match.start, match.end)) for match in group]
            return [
                Mention(low, high, structure, "normal_anatomy", is_state=True, change=change.meaning, names=names)
                for structure, names in told
            ]
    return []
