"""Sorts of a finding that exclude each other: a full-thickness tear is no partial one, a type A dissection no type B.

The groups are those of the table qualifier; a word may stand in several.
"""

from functools import cache

from dictation.findings import Claim
from dictation.findings.lexicon import cell
from dictation.lexicon import rows


@cache
def groups_of(sort: str) -> tuple[str, ...]:
    """The groups in which a word excludes others."""
    return next((cell(row["group"]) for row in rows("qualifier") if row["qualifier"] == sort), ())


@cache
def _groups() -> tuple[frozenset[str], ...]:
    groups: dict[str, set[str]] = {}
    for row in rows("qualifier"):
        for group in cell(row["group"]):
            groups.setdefault(group, set()).add(row["qualifier"])
    return tuple(frozenset(words) for words in groups.values())


def sorts_apart(one: Claim, two: Claim) -> tuple[frozenset[str], frozenset[str]] | None:
    """The qualifiers of the first group in which both claims name a sort and share none."""
    if not one.qualifier or not two.qualifier:
        return None
    for group in _groups():
        first, second = group.intersection(one.qualifier), group.intersection(two.qualifier)
        if first and second and not first & second:
            return first, second
    return None
