"""What a sentence speaks of, before asking what it says of it: findings, devices and states of normal anatomy."""

from collections.abc import Sequence

from dictation.findings.cues import longer
from dictation.findings.lexicon import (
    Abnormality,
    Concept,
    Cue,
    Structure,
    ancestors,
    finding_phrases,
    place_phrases,
    structure_phrases,
    word_phrases,
)
from dictation.findings.mention import Mention
from dictation.findings.phrases import Match
from dictation.findings.structures import LIST, NOT, PLACING, PREMODIFIERS, REACH, STOPS, groups_of, of_structures
from dictation.findings.tokens import Token

_EARLIER = frozenset({"prior", "previous", "compared", "comparison", "since", "outside", "last", "to", "from", "than"})
_BETWEEN = frozenset({"calcified", "small", "mild", "wall"})
_ADJECTIVES = frozenset({
    "postoperative", "postsurgical", "posttraumatic", "post operative", "post surgical", "post traumatic",
    "calcified", "calcific", "degenerative", "arthritic", "metastatic", "sclerotic", "low density", "low attenuation",
})  # fmt: skip
_LINKS = frozenset({"is", "are", "appear", "appears", "remain", "remains"})
_JOINING = frozenset({"and", "or", "with", "in", "of", "is", "are", "which", "at", "within", "without", "but", "no"})
_CALCIFYING = frozenset({"nodule", "mass", "granuloma", "lesion", "nodular_opacity"})


def mentions_in(tokens: Sequence[Token], cues: Sequence[Match[Cue]], changes: Sequence[Match[str]]) -> list[Mention]:
    """All mentions of one sentence, left to right. `changes` are its words of course."""
    found = finding_phrases().find(tokens)
    taken = {position for match in found for position in range(match.start, match.end)}
    structures = [
        match
        for match in structure_phrases().find(tokens)
        if taken.isdisjoint(range(match.start, match.end)) and not _is_place(tokens, match, taken)
    ]
    mentions = of_structures(tokens, structures, taken, cues, changes) if structures else []
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


_HEADING = 3  # tokens behind a device in a heading: "lines/tubes:"
_HEADED = frozenset({"/", "and", "&", "line", "tube", "drain", "catheter", "device", "hardware", "support"})


def _is_heading(tokens: Sequence[Token], mention: Mention, following: Sequence[Mention]) -> bool:
    """ "Lines: right jugular line in place" has one device, not two; "Acute appendicitis: …" states its finding."""
    behind = [token.norm for token in tokens[mention.end : mention.end + _HEADING]]
    ends = ":" in behind and all(word in _HEADED for word in behind[: behind.index(":")])
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
    return len(gap) <= REACH and all(
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
    while at >= 0 and structure.start - at <= PREMODIFIERS and _may_premodify(tokens[at].norm) and at not in taken:
        at -= 1
    if at < 0 or structure.start - at > PREMODIFIERS:
        return False
    if tokens[at].norm in _EARLIER or (tokens[at].norm in PLACING and any(position < at for position in taken)):
        return True
    return tokens[at].norm == "of" and at - 1 in taken


def _may_premodify(word: str) -> bool:
    return word[0].isalpha() and word not in PLACING | LIST | _EARLIER | NOT | {"of"}


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
    for group in reversed(groups_of(tokens, structures)):
        if group[-1].end <= position:
            gap = [token.norm for token in tokens[group[-1].end : position]]
            return group if len(gap) <= REACH + 3 and not STOPS.intersection(gap) else []
    return []
