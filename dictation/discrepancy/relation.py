"""Whether two claims speak of the same thing: the same finding, a broader name for it, or the anatomy it denies."""

from functools import lru_cache

from dictation.findings import Claim
from dictation.findings.lexicon import ancestors, concepts, structures
from dictation.lexicon import rows

WHOLE = "chest"  # the whole exam, of which "no acute abnormality" speaks


@lru_cache(maxsize=1)
def _near() -> dict[str, frozenset[str]]:
    """Findings that radiologists use for one another, each with its group."""
    groups: dict[str, frozenset[str]] = {}
    for row in rows("near_findings"):
        members = frozenset(part.strip() for part in row["findings"].split("|"))
        for member in members:
            groups[member] = groups.get(member, frozenset()) | members
    return groups


@lru_cache(maxsize=50_000)
def distance(first: str, second: str) -> int | None:
    """0 the same finding, 1 one is a kind of the other or a near word for it, None unrelated."""
    if first == second:
        return 0
    if first in ancestors(second) or second in ancestors(first):
        return 1
    if second in _near().get(first, ()):
        return 1
    return None


def is_negative(claim: Claim) -> bool:
    """Absent, removed, or normal: the claim denies something."""
    return claim.status != "present"


@lru_cache(maxsize=50_000)
def structure_of(finding: str) -> str | None:
    """The structure that a claim of normal anatomy speaks of."""
    name = finding.removesuffix("_abnormality")
    return name if name in structures() else None


@lru_cache(maxsize=50_000)
def denies(structure: str, finding: str) -> bool:
    """Whether the structure being normal rules the finding out."""
    ruled_out = structures()[structure].denies
    return bool(ancestors(finding) & ruled_out)


def same_denial(first: Claim, second: Claim) -> bool:
    """Two denials of which one carries the other: "lungs are clear" and "no consolidation".

    "No acute abnormality" of the whole exam carries only itself, so that a dropped "no pneumothorax" is still noticed.
    """
    one, two = structure_of(first.finding), structure_of(second.finding)
    if one and two:
        if one == two:
            return True
        if WHOLE in (one, two):
            return False
        return bool(structures()[one].denies & structures()[two].denies)
    if one or two:
        structure, finding = (one, second.finding) if one else (two, first.finding)
        return structure is not None and structure != WHOLE and denies(structure, finding)
    return distance(first.finding, second.finding) is not None


def denial_distance(present: Claim, negative: Claim) -> int | None:
    """How directly `negative` contradicts `present`: 0 the very finding, 1 a near word, 2 through normal anatomy.

    A near word of another organ may say the same, but its denial contradicts nothing: a lung nodule stands beside "no
    enlarged lymph nodes".
    """
    one, two = structure_of(present.finding), structure_of(negative.finding)
    if one and two:
        return 0 if one == two and present.finding.endswith("_abnormality") else None
    if one:
        return None
    if two:
        return 2 if denies(two, present.finding) else None
    if present.finding == negative.finding:
        return 0
    is_near = negative.finding in _near().get(present.finding, ())
    return 1 if is_near and _organ(present.finding) == _organ(negative.finding) else None


def _organ(finding: str) -> str:
    return concepts()[finding].organ if finding in concepts() else ""


@lru_cache(maxsize=1)
def _graver() -> frozenset[tuple[str, str]]:
    return frozenset((row["finding"], row["than"]) for row in rows("graver_findings"))


def is_graver(finding: str, than: str) -> bool:
    """Whether one name says more danger than the other: a tension pneumothorax against a pneumothorax."""
    return (finding, than) in _graver()


def is_urgent(claim: Claim) -> bool:
    """Whether leaving the finding out, or inventing it, endangers the patient."""
    return claim.status == "present" and claim.finding in concepts() and concepts()[claim.finding].is_urgent
