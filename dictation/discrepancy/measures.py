"""Measurements compared as figures that must be copied: exactly, after their unit is applied."""

from collections.abc import Sequence
from functools import lru_cache

from dictation.discrepancy.discrepancy import Kind
from dictation.findings import Measurement
from dictation.findings.measurement import figures_of, read_number
from dictation.findings.tokens import tokens_of

_TEN = 10.0


def values_of(measurement: Measurement) -> tuple[float, ...]:
    """Its values in order of size: "0.9 x 1.2 cm" is "1.2 x 0.9 cm"."""
    return _in_order(measurement.values_mm)


@lru_cache(maxsize=10_000)
def _in_order(values: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(sorted(round(value, 4) for value in values))


def covers(whole: Measurement, part: Measurement) -> bool:
    """Whether all values of `part` stand in `whole`."""
    is_index = whole.kind == part.kind == "other" and _is_bare(whole.raw) and _is_bare(part.raw)
    if is_index and figures_of(whole.raw) == figures_of(part.raw):
        return True  # a ratio of 0.54, whichever it is called
    values = values_of(part)
    if len(values) == 1:
        return values[0] in values_of(whole)
    rest = list(values_of(whole))
    for value in values:
        if value not in rest:
            return False
        rest.remove(value)
    return True


@lru_cache(maxsize=10_000)
def _is_bare(raw: str) -> bool:
    """Whether it is a number and nothing else."""
    tokens = tokens_of(raw)
    number = read_number(tokens, 0) if tokens else None
    return number is not None and number[1] == len(tokens)


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


def is_share(measurement: Measurement) -> bool:
    """Whether it is told in percent."""
    return measurement.kind == "other" and tokens_of(measurement.raw)[-1].norm in ("%", "percent", "cent")


def is_unit_swap(one: Measurement, two: Measurement) -> bool:
    """The same digits with another unit: 5 mm and 5 cm."""
    if figures_of(one.raw) != figures_of(two.raw):
        return False
    sizes = [sorted(abs(value) for value in values_of(measurement)) for measurement in (one, two)]
    return sizes[0] != sizes[1]


def is_tenfold(one: Measurement, two: Measurement) -> bool:
    """One is ten (or a hundred) times the other in every value."""
    first, second = values_of(one), values_of(two)
    if len(first) != len(second) or 0 in first or 0 in second or min(first) < 0 or min(second) < 0:
        return False
    ratios = {round(max(a, b) / min(a, b), 3) for a, b in zip(first, second, strict=True)}
    return ratios <= {_TEN} or ratios <= {_TEN * _TEN}
