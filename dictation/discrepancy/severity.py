"""How much a discrepancy matters, after FIELD's merged error taxonomies (ReXVal, CRIMSON, RadMatch, ReXErr, Azure).

critical: side, negation, ×10 or mm↔cm, spinal level, urgent finding left out or invented. major: other findings, sizes,
distant sites, definite↔possible, two grades, active↔resolved, device position. minor: one grade, neighbouring lobes,
normals and denials left out.
"""

from functools import cache

from dictation.discrepancy.conflicts import Pair, doubt_step, grade_step
from dictation.discrepancy.discrepancy import Kind, Severity
from dictation.discrepancy.measures import is_tenfold
from dictation.discrepancy.places import are_adjacent
from dictation.discrepancy.relation import is_graver, is_negative, is_urgent
from dictation.discrepancy.sorts import sorts_apart
from dictation.findings import Claim, Measurement
from dictation.findings.lexicon import cell
from dictation.findings.tokens import normal_form, tokens_of
from dictation.lexicon import rows

_ACTIVE = frozenset({"new", "increased"})
_NOT = frozenset({"not", "never", "no"})
_NEAR = 3  # words from a "not" to what it denies


def of_conflict(kind: Kind, found: Pair) -> Severity:
    """Severity of one kind of contradiction between two claims."""
    heard, written = found.heard, found.written
    if kind == "laterality":
        is_flip = {heard.laterality, written.laterality} == {"left", "right"}
        return "critical" if is_flip else "major"
    if kind in ("negation", "level", "unit"):
        return "critical"
    if kind == "measurement":
        tenfold = any(is_tenfold(one, two) for one in heard.measurements for two in written.measurements)
        return "critical" if tenfold else "major"
    if kind == "site":
        return "minor" if are_adjacent(heard.site, written.site) else "major"
    if kind == "severity":
        graver = next((a for a, b in ((heard, written), (written, heard)) if is_graver(a.finding, b.finding)), None)
        if graver is not None and is_urgent(graver):
            return "critical"
        return "major" if graver or sorts_apart(heard, written) or grade_step(heard, written) >= 2 else "minor"
    if kind == "certainty":
        return "major" if doubt_step(heard, written) >= 2 else "minor"
    if kind == "change":
        courses = {heard.change, written.change} - {None}
        return "major" if _ACTIVE & courses or not courses else "minor"
    return "major"


def of_size(heard: Measurement | None, written: Measurement | None, kind: Kind) -> Severity:
    """Severity of a number that stands in one column only, or differs."""
    if kind == "unit" or (heard and written and is_tenfold(heard, written)):
        return "critical"
    return "major"


def of_lone(claim: Claim) -> Severity:
    """Severity of a claim that the other column lacks."""
    if claim.temporality == "historical":
        return "minor"
    if is_negative(claim) or claim.finding_class == "normal_anatomy":
        is_ill = claim.finding_class in ("other", "normal_anatomy") and denies_function(claim.text)
        return "major" if is_ill else "minor"
    return "critical" if is_urgent(claim) and claim.certainty in ("definite", "probable") else "major"


def denies_function(text: str) -> bool:
    """Whether something does not do what it should: "the kidney is not perfused"."""
    tokens = tokens_of(text)
    for at, token in enumerate(tokens):
        if token.norm in _functions():
            before = [one.norm for one in tokens[max(0, at - _NEAR) : at]]
            mark = max((number for number, word in enumerate(before) if not word[0].isalnum()), default=-1)
            if _NOT.intersection(before[mark + 1 :]):
                return True
    return False


@cache
def _functions() -> frozenset[str]:
    return frozenset(normal_form(word) for row in rows("functions") for word in cell(row["words"]))
