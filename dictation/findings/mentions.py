"""What a sentence speaks of, before asking what it says of it: findings, devices and states of normal anatomy."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dictation.findings.cues import longer
from dictation.findings.lexicon import (
    Abnormality,
    Concept,
    Cue,
    FindingClass,
    Structure,
    ancestors,
    concepts,
    finding_phrases,
    place_phrases,
    state_phrases,
    structure_phrases,
    word_phrases,
)
from dictation.findings.other_subject import names_another
from dictation.findings.phrases import Match
from dictation.findings.tokens import Token

_REACH = 7  # tokens that may stand between a structure and the word for its state: "is at the upper limits of"
_LIST = frozenset({",", "and", "or", "/", "&", "nor"})
_STOPS = frozenset({",", ";", "but"})
_STATE_LINKS = frozenset({"and", ",", "but", "in", "size", "contour", "appearance", "is", "are", "/"})
_PLACING = frozenset({"in", "within", "at", "over", "overlying", "along", "throughout", "through", "near", "on"})
_EARLIER = frozenset({"prior", "previous", "compared", "comparison", "since", "outside", "last", "to", "from", "than"})
_BETWEEN = frozenset({"calcified", "small", "mild", "wall"})
_PREMODIFIERS = 4  # words between "in" and the structure: "in the right upper lung"
_ADJECTIVES = frozenset({
    "calcified", "calcific", "degenerative", "arthritic", "metastatic", "sclerotic", "low density", "low attenuation",
})  # fmt: skip
_LINKS = frozenset({"is", "are", "appear", "appears", "remain", "remains"})
_JOINING = frozenset({"and", "or", "with", "in", "of", "is", "are", "which", "at", "within", "without", "but", "no"})
_CALCIFYING = frozenset({"nodule", "mass", "granuloma", "lesion", "nodular_opacity"})
_SEEN_IF_ABNORMAL = {"lymph_nodes": "lymphadenopathy"}
_NOT = frozenset({"no", "not", "without", "non", "nor"})


@dataclass(slots=True)
class Mention:
    """Tokens [start, end) name `finding`. `is_normal`: a structure called normal; `is_state`: told by a state word.

    `leads`: the state word stands before its structure. `names` are the tokens of the name alone. `negated` is set
    where the state itself is denied ("is not enlarged"); `refers`: the word only refers to a finding ("none").
    """

    start: int
    end: int
    finding: str
    finding_class: FindingClass
    is_normal: bool = False
    is_state: bool = False
    negated: bool = False
    refers: bool = False
    change: str | None = None
    leads: bool = False
    names: tuple[int, int] = field(default=(0, 0))


def mentions_in(tokens: Sequence[Token], cues: Sequence[Match[Cue]], changes: Sequence[Match[str]]) -> list[Mention]:
    """All mentions of one sentence, left to right. `changes` are its words of course."""
    found = finding_phrases().find(tokens)
    taken = {position for match in found for position in range(match.start, match.end)}
    structures = [
        match
        for match in structure_phrases().find(tokens)
        if taken.isdisjoint(range(match.start, match.end)) and not _is_place(tokens, match, taken)
    ]
    mentions = _of_structures(tokens, structures, taken, cues, changes) if structures else []
    generic: list[Match[Abnormality]] = []
    for match in found:
        meaning = match.meaning
        if isinstance(meaning, Concept):
            place = match.start, match.end
            mentions.append(Mention(*place, meaning.id, meaning.finding_class, negated=meaning.is_denied, names=place))
        elif meaning is not None:
            generic.append(Match(match.start, match.end, meaning))
    for abnormality in generic:
        mentions += _of_abnormality(tokens, abnormality, structures, mentions)
    mentions.sort(key=lambda mention: (mention.start, mention.end))
    courses = longer(changes)
    return [
        mention
        for number, mention in enumerate(mentions)
        if not any(course.start <= mention.names[0] and mention.names[1] <= course.end for course in courses)
        and not _is_adjective(tokens, mention, mentions[:number], mentions[number + 1 :])
        and not _is_heading(tokens, mention, mentions[number + 1 :])
    ]


def _is_heading(tokens: Sequence[Token], mention: Mention, following: Sequence[Mention]) -> bool:
    """ "Lines: right jugular line in place" has one device, not two; "Acute appendicitis: …" states its finding."""
    ends = mention.end < len(tokens) and tokens[mention.end].norm == ":"
    if not ends or mention.names[0] > 2 or mention.start > 2 or not following or mention.is_state:
        return False
    return mention.finding_class != "finding" or mention.finding in ancestors(following[0].finding)


def _is_adjective(
    tokens: Sequence[Token], mention: Mention, earlier: Sequence[Mention], following: Sequence[Mention]
) -> bool:
    """ "calcified" in "calcified left lower lobe granuloma", "the granuloma is calcified" is no finding of its own."""
    if " ".join([token.norm for token in tokens[mention.start : mention.end]]) not in _ADJECTIVES:
        return False
    if mention.start and tokens[mention.start - 1].norm in _LINKS and earlier and not earlier[-1].is_state:
        return earlier[-1].finding_class == "finding"
    if earlier and earlier[-1].finding in _CALCIFYING and _all_placed(tokens, earlier[-1].names[1], mention.start):
        return True  # "nodule lingula calcified"
    if not following:
        return False
    gap = tokens[mention.end : following[0].names[0]]
    placed = {at for place in place_phrases().find(gap) for at in range(place.start, place.end)}
    return len(gap) <= _REACH and all(
        token.norm[0].isalnum()
        and (token.norm not in _JOINING or (token.norm == "and" and {at - 1, at + 1} <= placed))  # "lung and hilar"
        for at, token in enumerate(gap)
    )


def _all_placed(tokens: Sequence[Token], low: int, high: int) -> bool:
    """Whether only a side and a place of the lungs stand between."""
    words = tokens[low:high]
    placed = {at for side in word_phrases("laterality", "side").find(words) for at in range(side.start, side.end)}
    places = [place for place in place_phrases().find(words) if place.meaning.region == "lung"]
    placed |= {at for place in places for at in range(place.start, place.end)}
    return bool(places) and len(placed) == len(words)


def _is_place(tokens: Sequence[Token], structure: Match[Structure], taken: set[int]) -> bool:
    """Whether the structure only says where a finding or an earlier exam is: "in the lung", "lung nodule"."""
    if structure.start - 1 in taken and structure.meaning.id == "chest":
        return True  # "PE study"
    if structure.end in taken or (structure.end + 1 in taken and tokens[structure.end].norm in _BETWEEN):
        return True
    at = structure.start - 1
    while at >= 0 and structure.start - at <= _PREMODIFIERS and _may_premodify(tokens[at].norm) and at not in taken:
        at -= 1
    if at < 0 or structure.start - at > _PREMODIFIERS:
        return False
    if tokens[at].norm in _EARLIER or (tokens[at].norm in _PLACING and any(position < at for position in taken)):
        return True
    return tokens[at].norm == "of" and at - 1 in taken


def _may_premodify(word: str) -> bool:
    return word[0].isalpha() and word not in _PLACING | _LIST | _EARLIER | _NOT | {"of"}


def _of_abnormality(
    tokens: Sequence[Token], match: Match[Abnormality], structures: Sequence[Match[Structure]], known: Sequence[Mention]
) -> list[Mention]:
    """ "no acute osseous abnormality"; without a structure of its own, that of its clause or the whole exam."""
    if match.start and tokens[match.start - 1].norm == "other":
        return []  # "dependent atelectasis, no other parenchymal abnormality"
    owners = [match.meaning.structure] if match.meaning.structure else []
    start = match.start
    if not owners:
        group = _group_before(tokens, structures, match.start)
        stated = {position for mention in known if mention.is_state for position in range(mention.start, mention.end)}
        group = [part for part in group if part.start not in stated]
        owners = [part.meaning.id for part in group] or ["chest"]
        start = group[0].start if group else match.start
    return [
        Mention(start, match.end, f"{owner}_abnormality", "normal_anatomy", names=(match.start, match.end))
        for owner in dict.fromkeys(owners)
    ]


def _group_before(
    tokens: Sequence[Token], structures: Sequence[Match[Structure]], position: int
) -> list[Match[Structure]]:
    """The list of structures that ends nearest before `position`, in the same clause."""
    for group in reversed(_groups(tokens, structures)):
        if group[-1].end <= position:
            gap = [token.norm for token in tokens[group[-1].end : position]]
            return group if len(gap) <= _REACH + 3 and not _STOPS.intersection(gap) else []
    return []


def _groups(tokens: Sequence[Token], structures: Sequence[Match[Structure]]) -> list[list[Match[Structure]]]:
    """Structures that share one state: "heart size, mediastinal contour and pulmonary vascularity"."""
    groups: list[list[Match[Structure]]] = []
    for match in structures:
        if groups:
            gap = [token.norm for token in tokens[groups[-1][-1].end : match.start]]
            if not gap or (
                len(gap) <= 3 and ";" not in gap and gap[0] in _LIST | {"of", "in"} and not _NOT.intersection(gap)
            ):
                if not gap or gap[0] in ("of", "in"):
                    groups[-1][-1] = Match(groups[-1][-1].start, match.end, groups[-1][-1].meaning)
                else:
                    groups[-1].append(match)
                continue
        groups.append([match])
    return groups


def _of_structures(
    tokens: Sequence[Token],
    structures: Sequence[Match[Structure]],
    taken: set[int],
    cues: Sequence[Match[Cue]],
    changes: Sequence[Match[str]],
) -> list[Mention]:
    states: list[Match[dict[str, str]]] = [
        match for match in state_phrases().find(tokens) if taken.isdisjoint(range(match.start, match.end))
    ]
    groups = _groups(tokens, structures)
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
        is_near = 0 <= name.start - cue.end <= _PREMODIFIERS and not between & (_STOPS | _PLACING)
        if is_denial and is_near and not names_another(tokens, cue.end, name.start, _LIST):
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
        elif len(gap) > _REACH or _STOPS.intersection(gap) or state.start >= ceiling or _starts_over(gap):
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
        elif _STOPS.intersection(gap) or (len(gap) > 2 and gap[-1:] != ["of"]) or len(gap) > 6:
            break
        found.append(state)
    return found


def _stated(
    tokens: Sequence[Token], group: Sequence[Match[Structure]], state: Match[dict[str, str]], cues: Sequence[Match[Cue]]
) -> list[Mention]:
    low, high = min(group[0].start, state.start), max(group[-1].end, state.end)
    negated = any(
        cue.meaning.kind == "negation" and low <= cue.start and cue.end <= state.start and state.start - cue.end <= 3
        for cue in cues
    )
    found: list[Mention] = []
    for match in group:
        meaning = state.meaning.get(match.meaning.id) or state.meaning.get("*")
        if meaning is None:
            continue
        is_normal = meaning == "normal"
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
        follows = (
            change.start >= group[-1].end and change.end <= ceiling and len(after) <= 4 and not _STOPS & set(after)
        )
        leads = change.end <= group[0].start and len(before) <= 2 and not _STOPS & set(before)
        if (follows or leads) and change.meaning == "stable":
            low, high = min(group[0].start, change.start), max(group[-1].end, change.end)
            told = [(match.meaning.id, (match.start, match.end)) for match in group]
            return [
                Mention(low, high, structure, "normal_anatomy", is_state=True, change=change.meaning, names=names)
                for structure, names in told
            ]
    return []
