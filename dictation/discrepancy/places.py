"""Whether two lists of sites can mean the same place."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import product

from dictation.findings.lexicon import organ_parts, region_of
from dictation.lexicon import rows

_EXACT = ("vessels", "coronaries")  # regions whose places a report names one by one
LOBES = frozenset({"upper_lobe", "middle_lobe", "lower_lobe", "lingula"})
_VAGUE = frozenset({"lung", "central", "heart", "mediastinum"})


@lru_cache(maxsize=1)
def _near_places() -> frozenset[frozenset[str]]:
    pairs = set()
    for row in rows("near_places"):
        members = [part.strip() for part in row["places"].split("|")]
        pairs |= {frozenset(couple) for couple in product(members, members)}
    return frozenset(pairs)


def is_vague(place: str) -> bool:
    """Whether a place is too wide, or a mere direction, to be held against another."""
    return place in _VAGUE or region_of(place) == "position"


def are_near(one: str, two: str) -> bool:
    """Whether radiologists use either for the other."""
    return frozenset((one, two)) in _near_places()


def sites_differ(one: Sequence[str], two: Sequence[str]) -> bool:
    """Two places of one region that are neither the same nor close; vague ones are compatible with all.

    Two parts of one organ differ although both texts name the organ: "pancreas, in the head", "pancreas, in the tail".
    """
    first = {site for site in one if not is_vague(site)}
    second = {site for site in two if not is_vague(site)}
    if not first or not second:
        return False
    if any(_are_apart(first & parts, second & parts) for parts in organ_parts()):
        return True
    if any(_are_apart(_of(first, region), _of(second, region)) for region in _EXACT):
        return True
    if first & second:
        return False
    if any(are_near(a, b) for a, b in product(first, second)):
        return False
    return bool({region_of(site) for site in first} & {region_of(site) for site in second})


def _of(places: set[str], region: str) -> set[str]:
    return {place for place in places if region_of(place) == region}


def _are_apart(one: set[str], two: set[str]) -> bool:
    """Whether both name parts of an organ, and no part of the one is, or lies next to, a part of the other."""
    return bool(one and two) and not any(a == b or frozenset((a, b)) in _near_places() for a, b in product(one, two))


def are_adjacent(one: Sequence[str], two: Sequence[str]) -> bool:
    """Neighbouring zones of the lung: upper and middle, middle and lower. Two lobes by name are two places."""
    if all(set(sites) & LOBES for sites in (one, two)):
        return False
    order = {"apex": 0, "upper_lobe": 0, "lingula": 1, "middle_lobe": 1, "mid_lung": 1, "lower_lobe": 2, "base": 2}
    steps = [abs(order[a] - order[b]) for a, b in product(one, two) if a in order and b in order]
    return bool(steps) and min(steps) == 1
