"""Numbers of one finding that differ within one text, and one finding with one size on both sides.

Only where there can be no second one: the finding is measured once in the findings and once in the impression. An
impression may round, and may give one of several dimensions.
"""

import re
from collections.abc import Iterator

from dictation.discrepancy import severity
from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Severity
from dictation.discrepancy.measures import size_kind, values_of
from dictation.discrepancy.places import sites_differ
from dictation.discrepancy.relation import is_negative
from dictation.findings import Claim, Measurement
from dictation.findings.lexicon import cell
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import tokenise
from dictation.lexicon import rows

_FIGURE = re.compile(r"(\d+)(?:\.(\d+))?")
_MM = {"cm": 10.0, "mm": 1.0}


def own_sizes(column: Column) -> Iterator[tuple[Claim, Claim, Severity]]:
    """Pairs of claims: of the findings and of the impression with other sizes; of both sides with the same size."""
    sized: dict[str, list[Claim]] = {}
    for claim in column.claims:
        if column.is_body(claim) and claim.temporality == "current" and _now(claim) and not is_negative(claim):
            sized.setdefault(claim.finding, []).append(claim)
    for claims in sized.values():
        parts = [[claim for claim in claims if claim.section == name] for name in ("findings", "impression")]
        if len(claims) == 2 and all(len(part) == 1 for part in parts) and claims[0].finding_class != "other":
            one, two = parts[0][0], parts[1][0]
            kind = size_kind(_now(one), _now(two))
            if kind and _is_one(one, two) and not _is_rounded(one, two):
                yield one, two, severity.of_size(_now(one)[0], _now(two)[0], kind)
        elif len(claims) == 2 and len({claim.section for claim in claims}) == 1:
            one, two = claims
            if {one.laterality, two.laterality} == {"left", "right"} and _are_twins(one, two, column):
                yield one, two, "major"


def _now(claim: Claim) -> list[Measurement]:
    return [size for size in claim.measurements if size.temporality == "current" and size.kind_group == "length"]


def _is_one(one: Claim, two: Claim) -> bool:
    """Whether both can be the same: no other side, place, level or number of them."""
    if one.laterality != two.laterality and one.laterality and two.laterality:
        return False
    if one.level and two.level and set(one.level) != set(two.level):
        return False
    if len(_now(one)) != 1 or len(_now(two)) != 1 or one.measurements != tuple(_now(one)):
        return False
    return two.measurements == tuple(_now(two)) and not sites_differ(one.site, two.site)


def _is_rounded(one: Claim, two: Claim) -> bool:
    """Whether a number of the impression is one of the findings, rounded."""
    size = _now(two)[0]
    step = _step_mm(size)
    return any(abs(a - b) <= step / 2 + 1e-6 for a in values_of(_now(one)[0]) for b in values_of(size))


def _step_mm(size: Measurement) -> float:
    """The step of the last digit: 1 mm of "12 mm", 1 mm of "1.2 cm", 10 mm of "2 cm"."""
    figure = _FIGURE.search(size.raw)
    unit = next((scale for name, scale in _MM.items() if name in size.raw.lower()), 1.0)
    decimals = len(figure.group(2) or "") if figure else 0
    return float(unit / 10**decimals)


def _are_twins(one: Claim, two: Claim, column: Column) -> bool:
    """Whether left and right are the same in all that is said, and no word says that there are two."""
    if (one.site, one.level, one.severity) != (two.site, two.level, two.severity):
        return False
    if [values_of(size) for size in _now(one)] != [values_of(size) for size in _now(two)]:
        return False
    sentences = [column.sentence_of(claim) for claim in (one, two)]
    if sentences[0].start == sentences[1].start:
        return False
    twos = Phrases(
        (term, True) for row in rows("own_contradictions") if row["role"] == "second" for term in cell(row["terms"])
    )
    return not any(twos.find(tokenise(column.text, span.start, span.end)) for span in sentences)
