"""In what two claims on the same thing contradict each other. "Not stated" contradicts nothing."""

from dataclasses import dataclass
from functools import cache

from dictation.discrepancy.directions import clashing, directions_of
from dictation.discrepancy.discrepancy import Kind
from dictation.discrepancy.measures import size_kind
from dictation.discrepancy.places import sites_differ
from dictation.discrepancy.pool import Pool, dominant_sides
from dictation.discrepancy.relation import denial_distance, distance, is_graver, is_negative, same_denial
from dictation.discrepancy.silence import COURSE, is_side_unknown, silent_differences
from dictation.discrepancy.sorts import sorts_apart
from dictation.findings import Claim
from dictation.findings.level import is_range
from dictation.findings.lexicon import cell
from dictation.lexicon import rows

_GRADES = {"trace": 0, "small": 1, "moderate": 2, "large": 3}
_COST: dict[Kind, float] = {
    "negation": 12, "laterality": 8, "level": 6, "measurement": 5, "unit": 5, "site": 4, "device_position": 3,
    "severity": 2, "change": 1.5, "certainty": 1.5,
}  # fmt: skip
_DOUBT = {"definite": 0, "probable": 1, "possible": 2, "cannot_exclude": 2}
_NARROW = frozenset({"contralateral", "acute", "new", "large", "suspicious", "displaced", "significant"})
_REST = frozenset({"remaining", "remainder", "other", "otherwise", "rest", "elsewhere", "uninvolved"})
_THROUGH_ANATOMY = 2  # distance of a denial by normal anatomy
_SILENT = 1.0  # cost of a contradiction read from what the column says of the finding elsewhere
_RELATED = 0.5  # cost of a broader name for the same thing


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


def pair(heard: Claim, written: Claim, said: Pool, wrote: Pool) -> Pair | None:
    """Compare two claims; None where they speak of different things. The pools tell what else is said."""
    if (heard.temporality == "recommendation") != (written.temporality == "recommendation"):
        return None
    both = is_negative(heard), is_negative(written)
    if both == (True, True):
        return _denials(heard, written, said, wrote)
    if both[0] != both[1]:
        present, negative = (written, heard) if both[0] else (heard, written)
        return _opposed(heard, written, present, negative)
    far = distance(heard.finding, written.finding)
    if far is None and not _same_measured(heard, written):
        return None
    kinds = _differences(heard, written, said, wrote)
    silent = silent_differences(heard, written, said, wrote) if not kinds else ()
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


def _denials(heard: Claim, written: Claim, said: Pool, wrote: Pool) -> Pair | None:
    if not same_denial(heard, written):
        return None
    kinds: tuple[Kind, ...] = ()
    if _sides_clash(heard, written) or is_side_unknown(heard, written, said) or is_side_unknown(written, heard, wrote):
        kinds = ("laterality",)
    elif (
        heard.finding == written.finding and heard.severity and written.severity and heard.severity != written.severity
    ):
        kinds = ("severity",)
    cost = sum(_COST[kind] for kind in kinds) + (heard.finding != written.finding) * _RELATED
    return Pair(heard, written, kinds, cost + _detail(heard, written))


def _opposed(heard: Claim, written: Claim, present: Claim, negative: Claim) -> Pair | None:
    far = denial_distance(present, negative)
    if far is None or _sides_clash(heard, written) or present.temporality == "historical":
        return None
    if present.level and negative.level and not set(present.level) & set(negative.level):
        return None
    if sites_differ(present.site, negative.site):
        return None
    if far == _THROUGH_ANATOMY and not _REST.isdisjoint(negative.text.lower().split()):
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


def _differences(heard: Claim, written: Claim, said: Pool, wrote: Pool) -> tuple[Kind, ...]:
    kinds: list[Kind] = []
    if side_differs(heard, written, said, wrote):
        kinds.append("laterality")
    if heard.level and written.level and not _levels_agree(heard, written, said, wrote):
        kinds.append("level")
    size = size_kind(heard.measurements, written.measurements)
    if size:
        kinds.append(size)
    if heard.count and written.count and heard.count != written.count:
        kinds.append("measurement")
    if sites_differ(heard.site, written.site) or directions_differ(heard, written):
        kinds.append("site")
    if heard.device_position and written.device_position and _positions_differ(heard, written):
        unsided = [
            (claim.device_position or "").replace("left_", "").replace("right_", "") for claim in (heard, written)
        ]
        kinds.append("device_position" if unsided[0] != unsided[1] else "laterality")
    has_other_grade = heard.severity and written.severity and heard.severity != written.severity
    has_other_name = _is_graver(heard, written, wrote) or _is_graver(written, heard, said)
    if has_other_grade or has_other_name or sorts_apart(heard, written):
        kinds.append("severity")
    if _DOUBT[heard.certainty] != _DOUBT[written.certainty]:
        kinds.append("certainty")
    courses = {COURSE[claim.change] for claim in (heard, written) if claim.change}
    ages = [_ages(claim) for claim in (heard, written)]
    if len(courses) > 1 or (ages[0] and ages[1] and ages[0] != ages[1]):
        kinds.append("change")
    return tuple(kinds)


def _ages(claim: Claim) -> set[str]:
    """Whether a finding is called acute or new, or chronic."""
    return set(claim.qualifier) & {"acute", "chronic"} | ({"acute"} if claim.change == "new" else set())


def _is_graver(claim: Claim, milder: Claim, pool: Pool) -> bool:
    """Whether `claim` names the graver finding and the other column, which has the milder one, never does.

    It may name it by a broader word beside the milder one: "aneurysm … ruptured".
    """
    return is_graver(claim.finding, milder.finding) and not any(
        distance(claim.finding, other.finding) is not None and not is_graver(claim.finding, other.finding)
        for other in pool.claims
        if not is_negative(other)
    )


def side_differs(heard: Claim, written: Claim, said: Pool, wrote: Pool) -> bool:
    """Left against right, or both sides where the other column never speaks of the second one."""
    if len(dominant_sides(heard) | dominant_sides(written)) > 1:
        return True
    one, two = heard.laterality, written.laterality
    if one is None or two is None or one == two or "midline" in (one, two):
        return False
    if "bilateral" not in (one, two):
        return True
    whole, part, pool, own = (heard, written, wrote, said) if one == "bilateral" else (written, heard, said, wrote)
    opposite = {"left", "right", "bilateral"} - {str(part.laterality)}
    if not pool.sides_of(whole) & opposite:
        return True
    # "bilateral" covers one side only where its column does not name the other side alone
    alone = own.sides_of(whole)
    return bool(alone) and not alone & {str(part.laterality), "bilateral"}


def directions_differ(heard: Claim, written: Claim) -> frozenset[str]:
    """The axes on which the two name another direction: a medial against a lateral meniscal tear."""
    if heard.text == written.text:
        return frozenset()
    return clashing(directions_of(heard.text), directions_of(written.text))


def _levels_agree(heard: Claim, written: Claim, said: Pool, wrote: Pool) -> bool:
    """Whether one names what the other names or some of it. All of a range ("T4-T9") must stand in the other column."""
    for narrow, wide, pool in ((heard, written, said), (written, heard, wrote)):
        if set(narrow.level) <= set(wide.level):
            return not is_range(wide.level) or set(wide.level) <= pool.stated_of(narrow).levels
    return False


def _positions_differ(heard: Claim, written: Claim) -> bool:
    one, two = (set((claim.device_position or "").split("+")) for claim in (heard, written))
    for claim, judged, placed in ((heard, one, two), (written, two, one)):
        if judged == {"satisfactory"} and placed <= _good_places().get(claim.finding, frozenset()):
            return False
    return not (one <= two or two <= one)


@cache
def _good_places() -> dict[str, frozenset[str]]:
    return {device: frozenset(cell(row["places"])) for row in rows("good_positions") for device in cell(row["device"])}


def grade_step(heard: Claim, written: Claim) -> int:
    """How many grades of severity lie between two claims."""
    return abs(_GRADES[heard.severity or "small"] - _GRADES[written.severity or "small"])


def doubt_step(heard: Claim, written: Claim) -> int:
    """How many grades of certainty lie between two claims."""
    return abs(_DOUBT[heard.certainty] - _DOUBT[written.certainty])
