"""A course that the report's own sizes contradict: "5.6 cm, decreased from 5.1 cm"."""

from collections.abc import Iterable

from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Discrepancy, discrepancy_id, touches
from dictation.findings import Claim, Measurement

_LENGTHS = ("size", "volume")


def own_courses(heard: Column, written: Column, told: Iterable[Discrepancy]) -> list[Discrepancy]:
    """A major card for each; none where it was dictated so. `told` are the cards made already."""
    cards = [card for card in told if card.kind in ("change", "measurement", "contradiction")]
    said = {(claim.finding, claim.change) for claim in heard.claims if _contradicted(claim)}
    found = []
    for claim in written.claims:
        sizes = _contradicted(claim)
        if sizes is None or (claim.finding, claim.change) in said:
            continue
        if any(touches(card.written, *claim.span) for card in cards):
            continue
        now, before = sizes
        side = written.side(claim)
        more = "more" if claim.change == "decreased" else "less"
        found.append(
            Discrepancy(
                id=discrepancy_id("change", "-", side.text.lower()),
                kind="change",
                severity="major",
                written=side,
                explanation=f"The report says {claim.change}, yet {now.raw} is {more} than {before.raw}.",
            )
        )
    return found


def _contradicted(claim: Claim) -> tuple[Measurement, Measurement] | None:
    """The size now and the one before, where they tell the other course than the claim."""
    if claim.change not in ("increased", "decreased"):
        return None
    sizes = [size for size in claim.measurements if size.kind in _LENGTHS]
    now = [size for size in sizes if size.temporality == "current"]
    before = [size for size in sizes if size.temporality == "historical"]
    if len(now) != 1 or len(before) != 1 or now[0].kind != before[0].kind:
        return None
    if len(now[0].values_mm) != len(before[0].values_mm):
        return None
    grew = [one > two for one, two in zip(now[0].values_mm, before[0].values_mm, strict=True)]
    shrank = [one < two for one, two in zip(now[0].values_mm, before[0].values_mm, strict=True)]
    is_other = all(grew) if claim.change == "decreased" else all(shrank)
    return (now[0], before[0]) if is_other else None
