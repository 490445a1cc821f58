"""Where one claim is silent, its column may state the attribute elsewhere: "left nodule … the nodule is benign".

A silent claim supports a stated side, level, grade, course or place only if its column states that one somewhere, or
states none: else a swapped side in the findings would hide behind an impression that names no side.
"""

from dictation.discrepancy.directions import clashing, directions_of
from dictation.discrepancy.discrepancy import Kind
from dictation.discrepancy.places import sites_differ
from dictation.discrepancy.pool import Pool, dominant_sides
from dictation.findings import Claim

COURSE = {"new": "worse", "increased": "worse", "stable": "same", "decreased": "better", "resolved": "better"}


def silent_differences(heard: Claim, written: Claim, said: Pool, wrote: Pool) -> tuple[Kind, ...]:
    """Kinds in which the stated attribute of one claim has no place in the other column."""
    kinds: list[Kind] = []
    for silent, stated, pool in ((heard, written, said), (written, heard, wrote)):
        known = pool.stated_of(silent)
        if is_side_unknown(silent, stated, pool):
            kinds.append("laterality")
        worse = dominant_sides(stated)
        if worse and not dominant_sides(silent) and known.dominant and not worse & known.dominant:
            kinds.append("laterality")
        if silent.severity is None and stated.severity and known.grades and stated.severity not in known.grades:
            kinds.append("severity")
        if not silent.level and stated.level and known.levels and not set(stated.level) <= known.levels:
            kinds.append("level")
        courses = {COURSE[change] for change in known.changes}
        if silent.change is None and stated.change and courses and COURSE[stated.change] not in courses:
            kinds.append("change")
        turned = clashing(known.directions, directions_of(stated.text)) - {
            axis for axis, _ in directions_of(silent.text)
        }
        if turned or (not silent.site and stated.site and sites_differ(tuple(known.places), stated.site)):
            kinds.append("site")
    return tuple(dict.fromkeys(kinds))


def is_side_unknown(silent: Claim, stated: Claim, pool: Pool) -> bool:
    """Whether `stated` names a side, and the column of `silent` names only the other one."""
    if silent.laterality is not None or stated.laterality not in ("left", "right"):
        return False
    sides = pool.stated_of(silent).sides
    return bool(sides) and not sides & {stated.laterality, "bilateral"}
