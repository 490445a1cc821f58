"""What recognition did to the meaning: claims of the script that the recognizer's text loses, changes or invents."""

from collections import Counter
from dataclasses import dataclass

from dictation.discrepancy import Discrepancy, compare
from dictation.discrepancy.columns import heard_column
from dictation.evaluation.scores import Tally

GRAVE = ("critical", "major")
BETWEEN_TEXTS = frozenset({"follow_up", "sex"})  # inferences that lay the two texts beside each other


@dataclass(frozen=True, slots=True)
class ClaimChanges:
    """`said` counts the claims of the script, `lost`, `changed` and `added` the `cards`, and `kinds` these by kind."""

    said: int
    lost: int
    changed: int
    added: int
    kinds: dict[str, int]
    cards: tuple[Discrepancy, ...]

    @property
    def tally(self) -> Tally:
        """All changes over the claims of the script."""
        return Tally(self.lost + self.changed + self.added, self.said)


def changed_claims(script: str, hypothesis: str) -> ClaimChanges:
    """Compare two texts in written form; only critical and major differences count."""
    cards = tuple(
        card
        for card in compare(script, hypothesis, kinds=BETWEEN_TEXTS)
        if card.severity in GRAVE and not _is_own(card)
    )
    ways = Counter(map(_way, cards))
    column = heard_column(script)
    return ClaimChanges(
        said=sum(map(column.is_body, column.claims)),
        lost=ways["lost"],
        changed=ways["changed"],
        added=ways["added"],
        kinds=dict(Counter(card.kind for card in cards).most_common()),
        cards=cards,
    )


def _is_own(card: Discrepancy) -> bool:
    """Whether the script contradicts itself already."""
    return card.kind == "contradiction" and card.heard is not None


def _way(card: Discrepancy) -> str:
    if card.kind == "contradiction" or (card.heard and card.written):
        return "changed"
    return "lost" if card.heard else "added"
