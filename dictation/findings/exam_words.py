"""Which exam a few words name: modality, region, contrast and extent, in an order as in a report.

Regions lie within each other: a "CT of the liver" is a CT of the abdomen, but none of the chest.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from dictation.findings.lexicon import cell
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import Token, tokenise
from dictation.lexicon import rows

_ROLES = ("modality", "region", "contrast", "extent")
_EVERYWHERE = "whole_body"


@dataclass(frozen=True, slots=True)
class ExamWords:
    """What the words name, each set empty where they do not say."""

    modality: frozenset[str] = frozenset()
    region: frozenset[str] = frozenset()
    contrast: frozenset[str] = frozenset()
    extent: frozenset[str] = frozenset()


@cache
def exam_phrases() -> Phrases[tuple[tuple[str, str], ...]]:
    """Words of an exam → (role, id) of all that they name: a CXR is a radiograph, and of the chest."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows("exam_names"):
        if row["role"] in _ROLES:
            for term in cell(row["terms"]):
                found.setdefault(term, []).append((row["role"], row["id"]))
    return Phrases((term, tuple(named)) for term, named in found.items())


@cache
def modality_of_code(code: str) -> str | None:
    """The modality of a DICOM code ("CR" → "radiograph"), None where unknown."""
    codes = {term: row["id"] for row in rows("exam_names") if row["role"] == "code" for term in cell(row["terms"])}
    return codes.get(code.strip().upper())


def exam_of(tokens: Sequence[Token]) -> ExamWords:
    """What the tokens name."""
    found: dict[str, set[str]] = {role: set() for role in _ROLES}
    for match in exam_phrases().find(tokens):
        for role, name in match.meaning:
            found[role].add(name)
    return ExamWords(*(frozenset(found[role]) for role in _ROLES))


def exam_of_text(text: str) -> ExamWords:
    """What a line of an order names ("CT CHEST W/O CONTRAST")."""
    return exam_of(tokenise(text.replace("_", " ")))


@cache
def _regions() -> dict[str, tuple[tuple[str, ...], bool]]:
    return {
        row["id"]: (cell(row["within"]), row["paired"] == "yes")
        for row in rows("exam_names")
        if row["role"] == "region"
    }


@cache
def _around(region: str) -> frozenset[str]:
    found = {region}
    for larger in _regions()[region][0]:
        found |= _around(larger)
    return frozenset(found)


def is_within(region: str, larger: str) -> bool:
    """Whether the one is the other or a part of it."""
    return larger in _around(region)


def is_paired(regions: Iterable[str]) -> bool:
    """Whether an order for one of these regions names a side."""
    return any(_regions()[region][1] for region in regions)


def overlap(one: Iterable[str], two: Iterable[str]) -> bool:
    """Whether a region of the one is a part of, or holds, a region of the other."""
    return any(
        is_within(first, second) or is_within(second, first) or _EVERYWHERE in (first, second)
        for first, second in product(one, two)
    )


def innermost(regions: Collection[str]) -> frozenset[str]:
    """The regions without those that hold another of them: kidney, where an order says "kidney" and "abdomen"."""
    return frozenset(
        region for region in regions if not any(other != region and is_within(other, region) for other in regions)
    )
