"""Which claims of two columns speak of the same thing, compared only when asked, each pair once.

Claims are looked up by finding, so that a long report costs little more than its number of claims.
"""

from collections.abc import Hashable, Iterator, Sequence

from dictation.discrepancy.conflicts import Pair, pair
from dictation.discrepancy.pool import Pool
from dictation.discrepancy.relation import denial_distance, distance, is_negative, same_denial
from dictation.findings import Claim

_GENERIC = frozenset({"line_or_tube", "orthopedic_hardware"})  # "the tube", once its full name was said
_GENERAL = frozenset({"mass", "lesion", "nodule", "cyst", "fracture", "tear", "volume_loss"})  # nouns that describe
_Key = tuple[str, bool, bool]  # finding, whether it is denied, whether it is of no known finding


class Table:
    """All related pairs of two columns."""

    def __init__(self, heard: Sequence[Claim], written: Sequence[Claim]) -> None:
        self._said, self._wrote = Pool(heard), Pool(written)
        self._pairs: dict[tuple[str, str], Pair | None] = {}
        self._heard_ids = {claim.id for claim in heard}
        self._claims = {True: tuple(heard), False: tuple(written)}
        self._keys = {is_heard: _by_key(claims) for is_heard, claims in self._claims.items()}
        self._alike = {is_heard: _by_content(claims) for is_heard, claims in self._claims.items()}
        self._related: dict[tuple[bool, _Key], tuple[Claim, ...]] = {}

    def between(self, heard: Claim, written: Claim) -> Pair | None:
        """The pair of two claims, None where they are unrelated."""
        key = heard.id, written.id
        if key not in self._pairs:
            self._pairs[key] = pair(heard, written, self._said, self._wrote)
        return self._pairs[key]

    def is_supported(self, claim: Claim) -> bool:
        """Whether some claim of the other column agrees.

        A broader or near word agrees only where it stands for this one: where "emphysema" and "hyperinflation" were
        both said, the one does not make up for the other.
        """
        return any(not found.kinds and self._stands_for(found, claim) for found in self.pairs_of(claim))

    def nearest(self, claim: Claim) -> Pair | None:
        """The closest pair that this claim is part of and that contradicts it."""
        contrary = (found for found in self.pairs_of(claim, alike_first=False) if found.kinds)
        return min(contrary, key=lambda found: (not found.is_same, found.cost), default=None)

    def is_settled(self, claim: Claim) -> bool:
        """Whether the claim is itself stated in the other column, word for word the same finding."""
        return any(not found.kinds and found.is_same for found in self.pairs_of(claim))

    def related(self, claim: Claim) -> tuple[Claim, ...]:
        """The claims of the other column that may speak of the same thing, in the order of the text."""
        is_heard = claim.id in self._heard_ids
        key = _key(claim)
        if (is_heard, key) not in self._related:
            others = self._keys[not is_heard]
            fitting = {other for other, claims in others.items() if _may_pair(claim, claims[0])}
            self._related[is_heard, key] = tuple(
                other for other in self._claims[not is_heard] if _key(other) in fitting
            )
        return self._related[is_heard, key]

    def pairs_of(self, claim: Claim, *, alike_first: bool = True) -> Iterator[Pair]:
        """The pairs of a claim; those that say the very same first, as they mostly settle it."""
        is_heard = claim.id in self._heard_ids
        for other in self._others(claim, alike_first=alike_first):
            found = self.between(claim, other) if is_heard else self.between(other, claim)
            if found is not None:
                yield found

    def _others(self, claim: Claim, *, alike_first: bool) -> Iterator[Claim]:
        if alike_first:
            yield from self._alike[claim.id not in self._heard_ids].get(_content(claim), ())[:1]
        yield from self.related(claim)

    def _stands_for(self, found: Pair, claim: Claim) -> bool:
        if found.is_same or claim.finding in _GENERIC:
            return True
        other = found.written if claim is found.heard else found.heard
        if claim.finding in _GENERAL and not is_negative(claim):
            return True  # "a 2 cm mass … meningioma" describes what the other column only names
        own = self._keys[claim is found.heard]
        return not any((other.finding, is_negative(other), is_bare) in own for is_bare in (False, True))


def _key(claim: Claim) -> _Key:
    return claim.finding, is_negative(claim), claim.finding_class == "other"


def _by_key(claims: Sequence[Claim]) -> dict[_Key, list[Claim]]:
    found: dict[_Key, list[Claim]] = {}
    for claim in claims:
        found.setdefault(_key(claim), []).append(claim)
    return found


def _content(claim: Claim) -> Hashable:
    return claim.finding, claim.status, claim.text.lower()


def _by_content(claims: Sequence[Claim]) -> dict[Hashable, list[Claim]]:
    found: dict[Hashable, list[Claim]] = {}
    for claim in claims:
        found.setdefault(_content(claim), []).append(claim)
    return found


def _may_pair(one: Claim, two: Claim) -> bool:
    """Whether claims with these findings can speak of the same thing; only what their keys say may count."""
    if is_negative(one) and is_negative(two):
        return same_denial(one, two)
    if is_negative(one) != is_negative(two):
        present, negative = (two, one) if is_negative(one) else (one, two)
        return denial_distance(present, negative) is not None
    is_bare = one.finding_class == two.finding_class == "other"
    return is_bare or distance(one.finding, two.finding) is not None
