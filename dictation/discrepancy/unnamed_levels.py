"""A level or a side of the impression of which the findings tell nothing, whatever names the two have for it."""

from collections.abc import Iterator, Sequence

from dictation.discrepancy.columns import Column
from dictation.discrepancy.places import is_vague
from dictation.discrepancy.relation import distance, is_negative
from dictation.discrepancy.section_attributes import LEVEL, SIDE, Attribute, What, differences, sides_differ
from dictation.discrepancy.told_levels import apart, disc_names, is_beyond, none_shared
from dictation.findings import Claim
from dictation.findings.level import levels_in
from dictation.findings.tokens import tokenise

Pair = tuple[What, Claim, Claim]
_NEAR = 3  # levels between one and what it may be a slip of


def unnamed(findings: Sequence[Claim], impression: Sequence[Claim], column: Column) -> Iterator[Pair]:
    """What differs, the claim of the findings, that of the impression: each of these told once.

    A reading at a level where nothing was found, beside a finding of whose level the impression says nothing ("lytic
    lesion of T10", "metastasis of T11"); likewise of a side of one part of the body; and a finding at more levels than
    the findings name ("4th to 9th ribs" for "4th to 7th").
    """
    read = [two for two in impression if two.finding_class == "finding"]
    named = _levels_with_something(column) if any(two.level for two in read) else frozenset[str]()
    for two in read:
        is_new = bool(two.level) and none_shared(two.level, named)
        where = findings, impression, column
        if is_new and (one := _elsewhere(LEVEL, two, *where) or _beyond(two, *where)):
            yield "level", one, two
        elif one := _elsewhere(SIDE, two, *where):
            yield "side", one, two


def _elsewhere(
    attribute: Attribute, two: Claim, findings: Sequence[Claim], impression: Sequence[Claim], column: Column
) -> Claim | None:
    """What was found at another level or side, where nothing was at this one, and of which the impression is silent."""
    is_near = _are_levels_near if attribute is LEVEL else _share_part
    if not attribute.states(two):
        return None
    near = [one for one in findings if attribute.states(one) and is_near(one, two)]
    if not all(attribute.differs(one, two, column) for one in near):
        return None
    for one in (one for one in near if one.finding_class == "finding"):
        concluded = (said for said in impression if attribute.states(said) and is_near(one, said))
        if differences(one, two, column) == 1 and all(attribute.differs(one, said, column) for said in concluded):
            return one
    return None


def _beyond(two: Claim, findings: Sequence[Claim], impression: Sequence[Claim], column: Column) -> Claim | None:
    """The same finding at a list of levels, where the impression goes on beyond the last of them."""
    alike = [
        one
        for one in findings
        if one.level and distance(one.finding, two.finding) == 0 and not sides_differ(one, two, column)
    ]
    levels = {level for one in alike for level in one.level}
    if not two.level or apart(two.level, levels) is None or not is_beyond(two.level[0], levels):
        return None
    of_list = (same for same in impression if same.id == two.id and same.level)
    return alike[-1] if any(not none_shared(same.level, levels) for same in of_list) else None


def _levels_with_something(column: Column) -> frozenset[str]:
    """The levels that the findings name, but for those of rows that only deny something: "C5-C6: No stenosis"."""
    found = set[str]()
    for sentence in column.sentences:
        if sentence.section in ("findings", None):
            claims = [claim for claim in column.claims if sentence.start <= claim.span[0] < sentence.end]
            tokens = tokenise(column.text, sentence.start, sentence.end)
            levels = levels_in(tokens)
            is_row = any(
                not level.start and [token.norm for token in tokens[level.end :][:1]] == [":"] for level in levels
            )
            if not (is_row and claims and all(map(is_negative, claims))):
                found.update(name for level in levels for name in disc_names(column.text, tokens, level))
    return frozenset(found)


def _are_levels_near(one: Claim, two: Claim) -> bool:
    return (far := apart(one.level, two.level)) is not None and far <= _NEAR


def _share_part(one: Claim, two: Claim) -> bool:
    return any(not is_vague(site) for site in set(one.site) & set(two.site))
