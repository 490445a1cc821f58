"""A dictated level that stands nowhere in the report, beside a claim that tells the same finding without any level.

Enters: both columns and the cards made already. Leaves: cards. "Compression fracture of L2", written as "compression
fracture of L", names no other level, so that the two claims agree; the vertebra is lost all the same.
"""

import re
from collections.abc import Iterable

from dictation.discrepancy.cards import Card
from dictation.discrepancy.columns import Column
from dictation.discrepancy.relation import distance, is_negative
from dictation.discrepancy.told_levels import told_levels
from dictation.findings.level import levels_in
from dictation.findings.tokens import tokenise

_SEGMENT = 2  # levels of one disc or canal: "L4-L5" is not told by "L4"


def level_cards(heard: Column, written: Column, told: Iterable[Card]) -> list[Card]:
    """Cards for what is said of a level and written of none. `told` are cards that already speak of a claim."""
    levelled = [
        claim
        for claim in heard.claims
        if claim.level
        and claim.finding_class != "other"
        and not is_negative(claim)
        and heard.is_body(claim)
        and heard.was_to_be_heard(claim)
    ]
    if not levelled:
        return []
    tokens = tokenise(written.text)
    kept = {name for level in levels_in(tokens) for name in level.names}
    words = frozenset(re.split(r"\W+", written.text.upper()))
    kept |= {name for claim in levelled for name in claim.level if name in words}  # "low T1" of a marrow
    kept |= {name for claim in written.claims for name in claim.level}
    told_ids = {claim.id for card in told for claim in card.claims}
    cards, settled = [], set[tuple[str, ...]]()
    for claim in levelled:
        is_list = len(set(claim.level)) < len(claim.level)  # of discs, each of which is told
        discs = told_levels(claim, heard).told if is_list else frozenset[str]()
        named = [set(name.split("-")) for name in discs] or [set(claim.level)]
        is_kept = all(kept & names if len(names) > _SEGMENT else kept >= names for names in named)
        if claim.id in told_ids or is_kept or claim.level in settled:
            continue
        other = next(
            (
                one
                for one in written.claims
                if set(one.level) < set(claim.level)
                and not is_negative(one)
                and distance(one.finding, claim.finding) is not None
            ),
            None,
        )
        if other and written.is_body(other) and other.id not in told_ids:
            settled.add(claim.level)
            cards.append(Card("level", "critical", claim, other))
    return cards
