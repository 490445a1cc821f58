"""In what two claims on the same thing contradict each other. "Not stated" contradicts nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from dictation.discrepancy.discrepancy import Kind
from dictation.discrepancy.relation import denial_distance, distance, is_negative, same_denial
from dictation.findings import Claim, Measurement
from dictation.findings.lexicon import region_of
from dictation.findings.measurement import figures_of
from dictation.lexicon import rows

_GRADES = {"trace": 0, "small": 1, "moderate": 2, "large": 3}
_COST: dict[Kind, float] = {
    "negation": 12, "laterality": 8, "level": 6, "measurement": 5, "unit": 5, "site": 4, "device_position": 3,
    "severity": 2, "change": 1.5, "certainty": 1.5,
}  # fmt: skip
_DOUBT = {"definite": 0, "probable": 1, "possible": 2, "cannot_exclude": 2}
_COURSE = {"new": "worse", "increased": "worse", "stable": "same", "decreased": "better", "resolved": "better"}
_NARROW = frozenset({"acute", "new", "large", "suspicious", "displaced", "significant"})
_VAGUE = frozenset({"lung", "central", "heart", "mediastinum"})
_SILENT = 1.0  # cost of a contradiction read from what the column says of the finding elsewhere
_RELATED = 0.5  # cost of a broader name for the same thing
_TEN = 10.0


@dataclass(frozen=True, slots=True)
class Pair:
    """A heard and a written claim on the same thing: the kinds in which they conflict, and how far apart they are."""

    heard: Claim
    written: Claim
    kinds: tuple[Kind, ...]
    cost: float

    @property
    def is_same(self) -> bool:
        """Whether both name the very same finding."""
        return self.heard.finding == self.written.finding


def pair(heard: Claim, written: Claim, heard_pool: Sequence[Claim], written_pool: Sequence[Claim]) -> Pair | None:
    """Compare two claims; None where they speak of different things. The pools tell what else each column says."""
    if (heard.temporality == "recommendation") != (written.temporality == "recommendation"):
        return None
    both = is_negative(heard), is_negative(written)
    if both == (True, True):
        return _denials(heard, written, heard_pool, written_pool)
    if both[0] != both[1]:
        present, negative = (written, heard) if both[0] else (heard, written)
        return _opposed(heard, written, present, negative)
    far = distance(heard.finding, written.finding)
    if far is None and not _same_measured(heard, written):
        return None
    kinds = _differences(heard, written, heard_pool, written_pool)
    silent = _silent_differences(heard, written, heard_pool, written_pool) if not kinds else ()
    if silent:
        return Pair(heard, written, silent, sum(_COST[kind] for kind in silent) + _SILENT + (_RELATED if far else 0))
    cost = sum(_COST[kind] for kind in kinds) + (_RELATED if far else 0)
    if heard.temporality != written.temporality:
        cost += 1
    return Pair(heard, written, kinds, cost + _detail(heard, written))


def _same_measured(heard: Claim, written: Claim) -> bool:
    """Measurements that belong to no known finding, of the same place or of none."""
    return heard.finding_class == written.finding_class == "other" and bool(heard.measurements and written.measurements)


def _detail(heard: Claim, written: Claim) -> float:
    """A small cost for stated detail that the other lacks, so that the likelier counterpart is chosen."""
    lacking = sum(
        bool(one) != bool(two)
        for one, two in (
            (heard.laterality, written.laterality), (heard.site, written.site), (heard.level, written.level),
            (heard.severity, written.severity), (heard.measurements, written.measurements),
            (heard.change, written.change),
        )
    )  # fmt: skip
    return 0.05 * lacking + (0.02 if heard.section != written.section and heard.section and written.section else 0)


def _denials(heard: Claim, written: Claim, heard_pool: Sequence[Claim], written_pool: Sequence[Claim]) -> Pair | None:
    if not same_denial(heard, written):
        return None
    kinds: tuple[Kind, ...] = ()
    if _sides_clash(heard, written) or _silent_sides(heard, written, heard_pool, written_pool):
        kinds = ("laterality",)
    elif (
        heard.finding == written.finding and heard.severity and written.severity and heard.severity != written.severity
    ):
        kinds = ("severity",)
    cost = sum(_COST[kind] for kind in kinds) + (heard.finding != written.finding) * _RELATED
    return Pair(heard, written, kinds, cost + _detail(heard, written))


def _silent_sides(heard: Claim, written: Claim, heard_pool: Sequence[Claim], written_pool: Sequence[Claim]) -> bool:
    """Whether one claim names a side and the other none, though its column names only the other side elsewhere."""
    for silent, stated, pool in ((heard, written, heard_pool), (written, heard, written_pool)):
        sides = {
            other.laterality
            for other in pool
            if other.finding == silent.finding and other.status == silent.status and other is not silent
        } - {None, "midline"}
        is_sided = silent.laterality is None and stated.laterality in ("left", "right")
        if is_sided and sides and not sides & {stated.laterality, "bilateral"}:
            return True
    return False


def _opposed(heard: Claim, written: Claim, present: Claim, negative: Claim) -> Pair | None:
    far = denial_distance(present, negative)
    if far is None or _sides_clash(heard, written) or present.temporality == "historical":
        return None
    if present.level and negative.level and not set(present.level) & set(negative.level):
        return None
    if _sites_differ(present.site, negative.site):
        return None
    narrowed = {word for word in negative.qualifier if word in _NARROW and not _fits(word, present)}
    return Pair(heard, written, ("negation",), _COST["negation"] + far + 2 * bool(narrowed))


def is_narrowed(one: Claim, two: Claim) -> bool:
    """Whether the denial holds only for a kind of the finding that the other claim does not state."""
    present, negative = (two, one) if is_negative(one) else (one, two)
    return any(word in _NARROW and not _fits(word, present) for word in negative.qualifier)


def _fits(word: str, present: Claim) -> bool:
    return (
        word in present.qualifier
        or (word == "large" and present.severity == "large")
        or (word == "new" and present.change in ("new", "increased"))
    )


def _sides_clash(one: Claim, two: Claim) -> bool:
    return {one.laterality, two.laterality} == {"left", "right"}


def _differences(
    heard: Claim, written: Claim, heard_pool: Sequence[Claim], written_pool: Sequence[Claim]
) -> tuple[Kind, ...]:
    kinds: list[Kind] = []
    if side_differs(heard, written, heard_pool, written_pool):
        kinds.append("laterality")
    if heard.level and written.level and not _levels_agree(heard.level, written.level):
        kinds.append("level")
    size = size_kind(heard.measurements, written.measurements)
    if size:
        kinds.append(size)
    if heard.count and written.count and heard.count != written.count:
        kinds.append("measurement")
    if _sites_differ(heard.site, written.site):
        kinds.append("site")
    if heard.device_position and written.device_position and _positions_differ(heard, written):
        unsided = [
            (claim.device_position or "").replace("left_", "").replace("right_", "") for claim in (heard, written)
        ]
        kinds.append("device_position" if unsided[0] != unsided[1] else "laterality")
    if heard.severity and written.severity and heard.severity != written.severity:
        kinds.append("severity")
    if _DOUBT[heard.certainty] != _DOUBT[written.certainty]:
        kinds.append("certainty")
    courses = {_COURSE[claim.change] for claim in (heard, written) if claim.change}
    ages = [set(claim.qualifier) & {"acute", "chronic"} for claim in (heard, written)]
    if len(courses) > 1 or (ages[0] and ages[1] and ages[0] != ages[1]):
        kinds.append("change")
    return tuple(kinds)


def side_differs(heard: Claim, written: Claim, heard_pool: Sequence[Claim], written_pool: Sequence[Claim]) -> bool:
    """Left against right, or both sides where the other column never speaks of the second one."""
    if len(_dominant(heard) | _dominant(written)) > 1:
        return True
    one, two = heard.laterality, written.laterality
    if one is None or two is None or one == two or "midline" in (one, two):
        return False
    if "bilateral" not in (one, two):
        return True
    whole, part, pool = (heard, written, written_pool) if one == "bilateral" else (written, heard, heard_pool)
    own = heard_pool if whole is heard else written_pool
    if not any(_is_sided(other, whole, {"left", "right"} - {str(part.laterality)}) for other in pool):
        return True
    # "bilateral" covers one side only where its column does not name the other side alone
    alone = {other.laterality for other in own if _is_sided(other, whole, {"left", "right"})}
    return bool(alone) and part.laterality not in alone


def _dominant(claim: Claim) -> set[str]:
    """The side that the claim calls the worse one."""
    return {word for word in claim.qualifier if word.endswith("_dominant")}


def _is_sided(other: Claim, like: Claim, sides: Collection[str]) -> bool:
    """Whether the claim states the same finding as present on one of `sides`, or on both."""
    is_there = other.status == "present" and (other.laterality in sides or other.laterality == "bilateral")
    return is_there and other is not like and distance(other.finding, like.finding) is not None


def _silent_differences(
    heard: Claim, written: Claim, heard_pool: Sequence[Claim], written_pool: Sequence[Claim]
) -> tuple[Kind, ...]:
    """Where one claim is silent, the column may state the attribute elsewhere: "left nodule … the nodule is benign".

    A silent claim supports a stated side, level, grade or course only if its column states that one somewhere, or none.
    """
    kinds: list[Kind] = ["laterality"] if _silent_sides(heard, written, heard_pool, written_pool) else []
    for silent, stated, pool in ((heard, written, heard_pool), (written, heard, written_pool)):
        others = [
            other
            for other in pool
            if other.finding == silent.finding and other.status == silent.status and other is not silent
        ]
        worse = _dominant(stated)
        others_worse = {side for other in others for side in _dominant(other)}
        if worse and not _dominant(silent) and others_worse and not worse & others_worse:
            kinds.append("laterality")
        grades = {other.severity for other in others} - {None}
        if silent.severity is None and stated.severity and grades and stated.severity not in grades:
            kinds.append("severity")
        levels = {level for other in others for level in other.level}
        if not silent.level and stated.level and levels and not set(stated.level) <= levels:
            kinds.append("level")
        courses = {_COURSE[other.change] for other in others if other.change}
        if silent.change is None and stated.change and courses and _COURSE[stated.change] not in courses:
            kinds.append("change")
        places = {site for other in others for site in other.site}
        if not silent.site and stated.site and places and _sites_differ(tuple(places), stated.site):
            kinds.append("site")
    return tuple(dict.fromkeys(kinds))


def _levels_agree(one: Sequence[str], two: Sequence[str]) -> bool:
    return set(one) <= set(two) or set(two) <= set(one)


@lru_cache(maxsize=1)
def _near_places() -> frozenset[frozenset[str]]:
    pairs = set()
    for row in rows("near_places"):
        members = [part.strip() for part in row["places"].split("|")]
        pairs |= {frozenset(couple) for couple in product(members, members)}
    return frozenset(pairs)


def _sites_differ(one: Sequence[str], two: Sequence[str]) -> bool:
    """Two places of one region that are neither the same nor close; vague ones are compatible with all."""
    first = {site for site in one if region_of(site) != "position" and site not in _VAGUE}
    second = {site for site in two if region_of(site) != "position" and site not in _VAGUE}
    if not first or not second or first & second:
        return False
    if any(frozenset((a, b)) in _near_places() for a, b in product(first, second)):
        return False
    return bool({region_of(site) for site in first} & {region_of(site) for site in second})


def are_adjacent(one: Sequence[str], two: Sequence[str]) -> bool:
    """Neighbouring lobes or zones of the lung: upper and middle, middle and lower."""
    order = {"apex": 0, "upper_lobe": 0, "lingula": 1, "middle_lobe": 1, "mid_lung": 1, "lower_lobe": 2, "base": 2}
    steps = [abs(order[a] - order[b]) for a, b in product(one, two) if a in order and b in order]
    return bool(steps) and min(steps) == 1


def _positions_differ(heard: Claim, written: Claim) -> bool:
    one, two = (set((claim.device_position or "").split("+")) for claim in (heard, written))
    return not (one <= two or two <= one)


def values_of(measurement: Measurement) -> tuple[float, ...]:
    """Its values in order of size: "0.9 x 1.2 cm" is "1.2 x 0.9 cm"."""
    return tuple(sorted(round(value, 4) for value in measurement.values_mm))


def covers(whole: Measurement, part: Measurement) -> bool:
    """Whether all values of `part` stand in `whole`."""
    rest = list(values_of(whole))
    for value in values_of(part):
        if value not in rest:
            return False
        rest.remove(value)
    return True


def size_kind(heard: Sequence[Measurement], written: Sequence[Measurement]) -> Kind | None:
    """How the measurements of two claims conflict: not at all, in a value, or only in the unit."""
    if not heard or not written:
        return None
    now = [[m for m in measurements if m.temporality == "current"] for measurements in (heard, written)]
    if all(now) and len(now[0]) < len(heard) and len(now[1]) < len(written):
        heard, written = now  # both tell the size now and before: the two must not change places
    lost = [m for m in heard if not any(covers(other, m) or covers(m, other) for other in written)]
    added = [m for m in written if not any(covers(other, m) or covers(m, other) for other in heard)]
    if not lost or not added:
        return None
    return "unit" if is_unit_swap(lost[0], added[0]) else "measurement"


def is_unit_swap(one: Measurement, two: Measurement) -> bool:
    """The same digits with another unit: 5 mm and 5 cm."""
    return figures(one) == figures(two) and values_of(one) != values_of(two)


def is_tenfold(one: Measurement, two: Measurement) -> bool:
    """One is ten (or a hundred) times the other in every value."""
    first, second = values_of(one), values_of(two)
    if len(first) != len(second) or 0 in first or 0 in second:
        return False
    ratios = {round(max(a, b) / min(a, b), 3) for a, b in zip(first, second, strict=True)}
    return ratios <= {_TEN} or ratios <= {_TEN * _TEN}


def figures(measurement: Measurement) -> tuple[float, ...]:
    """The values as they stood before their unit was applied."""
    return figures_of(measurement.raw)


def grade_step(heard: Claim, written: Claim) -> int:
    """How many grades of severity lie between two claims."""
    return abs(_GRADES[heard.severity or "small"] - _GRADES[written.severity or "small"])


def doubt_step(heard: Claim, written: Claim) -> int:
    """How many grades of certainty lie between two claims."""
    return abs(_DOUBT[heard.certainty] - _DOUBT[written.certainty])
