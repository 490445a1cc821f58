"""One finding with one size on both sides of one section: rather the same one, once on the wrong side."""

from collections.abc import Iterator

from dictation.discrepancy.columns import Column
from dictation.discrepancy.measures import values_of
from dictation.discrepancy.relation import is_negative
from dictation.findings import Claim, Measurement
from dictation.findings.lexicon import cell
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import tokenise
from dictation.lexicon import rows


def twins(column: Column) -> Iterator[tuple[Claim, Claim]]:
    """Pairs of claims of both sides with the same size."""
    sized: dict[str, list[Claim]] = {}
    for claim in column.claims:
        if column.is_body(claim) and claim.temporality == "current" and _now(claim) and not is_negative(claim):
            sized.setdefault(claim.finding, []).append(claim)
    for claims in sized.values():
        if len(claims) == 2 and len({claim.section for claim in claims}) == 1:
            one, two = claims
            if {one.laterality, two.laterality} == {"left", "right"} and _are_twins(one, two, column):
                yield one, two


def _now(claim: Claim) -> list[Measurement]:
    return [size for size in claim.measurements if size.temporality == "current" and size.kind_group == "length"]


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
