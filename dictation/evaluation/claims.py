"""What recognition did to the meaning: claims of the script that the recognizer's text loses, changes or invents."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from dictation.discrepancy import Discrepancy, compare
from dictation.discrepancy.columns import Column, heard_column, written_column
from dictation.discrepancy.discrepancy import Side, touches
from dictation.discrepancy.support import check
from dictation.evaluation.scores import Tally
from dictation.findings import Claim

GRAVE = ("critical", "major")
BETWEEN_TEXTS = frozenset({"follow_up", "sex"})  # inferences that lay the two texts beside each other


@dataclass(frozen=True, slots=True)
class ClaimChanges:
    """`said` counts the claims of the script, `lost` and `changed` those of them that are gone or say something else.

    `cards` are the critical and major differences, `kinds` counts them by kind, and `added` those that the script has
    nothing of. A card on words of the script that are no claim, as a time of follow-up, counts as one claim more.
    """

    said: int
    lost: int
    changed: int
    added: int
    kinds: dict[str, int]
    cards: tuple[Discrepancy, ...]

    @property
    def tally(self) -> Tally:
        """Claims lost or changed, over those of the script: all of them where nothing was heard."""
        return Tally(self.lost + self.changed, self.said)


def changed_claims(script: str, hypothesis: str) -> ClaimChanges:
    """Compare two texts in written form. A normal that is gone is lost, too, though no card that matters says so."""
    said, heard = heard_column(script), written_column(hypothesis)
    claims = {claim.id: claim for claim in said.claims if said.is_body(claim)}
    outcome = check(said, heard)
    lost = {claim.id for claim in outcome.omitted if claim.id in claims} - outcome.explained
    cards = tuple(
        card
        for card in compare(script, hypothesis, kinds=BETWEEN_TEXTS)
        if card.severity in GRAVE and not _is_own(card)
    )
    changed: set[str] = set()
    besides = Counter[bool]()
    for card in cards:
        if card.heard is None:
            continue
        told = _told(card.heard, claims.values(), said)
        is_changed = card.kind == "contradiction" or card.written is not None
        if not told:
            besides[is_changed] += 1
        elif is_changed:
            changed |= told
        else:
            lost |= told
    return ClaimChanges(
        said=len(claims) + besides.total(),
        lost=len(lost - changed) + besides[False],
        changed=len(changed) + besides[True],
        added=sum(card.heard is None for card in cards),
        kinds=dict(Counter(card.kind for card in cards).most_common()),
        cards=cards,
    )


def _told(side: Side, claims: Iterable[Claim], column: Column) -> set[str]:
    """The claims of the script that a side of a card tells of."""
    if side.claim is not None and column.is_body(side.claim):
        return {side.claim.id}
    return {claim.id for claim in claims if touches(side, *claim.span)}


def _is_own(card: Discrepancy) -> bool:
    """Whether the script contradicts itself already."""
    return card.kind == "contradiction" and card.heard is not None
