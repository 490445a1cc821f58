"""What was dictated in the impression and stands nowhere in the written one, though the findings may still tell it.

Clinicians read the impression. A report without one has lost nothing: its writer put the sentence under the findings.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from dictation.discrepancy.cards import Card
from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Discrepancy, discrepancy_id
from dictation.discrepancy.echoes import Sayings
from dictation.discrepancy.lone import of_omission
from dictation.discrepancy.quoting import statement_of
from dictation.discrepancy.relation import distance, is_negative
from dictation.discrepancy.severity import of_lone
from dictation.findings import Claim

_SURE = ("definite", "probable")
_GRAVE = ("critical", "major")


def unconcluded(heard: Column, written: Column, told: Iterable[Card]) -> list[Discrepancy]:
    """A major omission for each sentence of the impression whose finding the written impression lacks.

    `told` are the cards made already: neither what one of them speaks of, nor the rest of a sentence of which a grave
    one says that it was left out, is told twice.
    """
    there = _impression(written)
    if not there.sentences:
        return []
    told = list(told)
    known = {claim.id for card in told for claim in card.claims}
    grave = [card.heard for card in told if card.heard and not card.written and card.severity in _GRAVE]
    lost = {heard.sentence_of(claim) for claim in grave}
    sayings = Sayings(there)
    found: dict[int, list[Claim]] = {}
    for claim in heard.claims:
        sentence = heard.sentence_of(claim)
        if claim.id in known or sentence in lost or not _is_weighty(claim) or not heard.was_to_be_heard(claim):
            continue
        if not (_is_named(claim, there.claims, known) or sayings.echo(claim, heard) or sayings.reword(claim, heard)):
            found.setdefault(sentence.start, []).append(claim)
    return [_card(claims, heard, written) for claims in found.values()]


def lacks_impression(difference: Discrepancy) -> bool:
    """Whether it says that the written impression lacks something, which the report may tell elsewhere."""
    claim = difference.heard.claim if difference.heard else None
    return claim is not None and difference.id == discrepancy_id("omission", claim.id, "impression")


def _impression(column: Column) -> Column:
    """The impression of a column alone."""
    claims = tuple(claim for claim in column.claims if claim.section == "impression")
    return replace(column, claims=claims, sentences=tuple(s for s in column.sentences if s.section == "impression"))


def _is_weighty(claim: Claim) -> bool:
    """Whether it is a finding of the impression that is there now, sure or likely, and more than minor."""
    return (
        claim.section == "impression"
        and claim.finding_class == "finding"
        and claim.temporality == "current"
        and not is_negative(claim)
        and claim.certainty in _SURE
        and of_lone(claim) in _GRAVE
    )


def _is_named(claim: Claim, there: Sequence[Claim], known: Collection[str]) -> bool:
    """Whether the other impression speaks of it, or of it on the other side where a card tells of that (`known`)."""
    return any(
        distance(claim.finding, other.finding) is not None
        and ({claim.laterality, other.laterality} != {"left", "right"} or other.id in known)
        for other in there
    )


def _card(claims: Sequence[Claim], heard: Column, written: Column) -> Discrepancy:
    first = claims[0]
    names = ", ".join(dict.fromkeys(map(statement_of, claims)))
    correction = of_omission(claims, heard, written)
    return Discrepancy(
        id=discrepancy_id("omission", first.id, "impression"),
        kind="omission",
        severity="major",
        heard=heard.side(first),
        explanation=f"You dictated {names} in the impression; it is missing from the written impression.",
        audio_span_s=heard.seconds(*first.span),
        suggestion=correction.suggestion if correction else None,
        edits=correction.edits if correction else (),
    )
