"""Numbers said without their unit: "nodule one point six", "PSV 312", "uterus 12 by 9". They stand for the same size.

Only numbers that can hardly be anything else count: decimals, whole numbers of two digits and more, and dimensions.
"""

from functools import lru_cache

from dictation.discrepancy.columns import Column
from dictation.discrepancy.measures import covers, is_share
from dictation.findings import Claim, Measurement
from dictation.findings.measurement import BY, figures_of, read_number, shares_in
from dictation.findings.tokens import tokenise

_LEAST = 10  # from which a whole number is no count and no grade
_MM = 10  # in a centimetre
_NO_SIZE = frozenset({"/", ":", "-", "c", "t", "l", "s", "image", "series", "year", "age", "week", "day"})


def bare_figures(column: Column) -> frozenset[float]:
    """The numbers of a column that belong to no measurement."""
    measured = [size.span for claim in column.claims for size in claim.measurements if size.span]
    return _unmeasured(column.text, tuple(measured))


@lru_cache(maxsize=4)
def _unmeasured(text: str, measured: tuple[tuple[int, int], ...]) -> frozenset[float]:
    tokens = tokenise(text)
    found: set[float] = set()
    at = 0
    while at < len(tokens):
        number = read_number(tokens, at)
        if number is None:
            at += 1
            continue
        start, (value, at) = at, number
        around = {tokens[near].norm for near in (start - 1, at) if 0 <= near < len(tokens)}
        is_measured = any(low <= tokens[start].start < high for low, high in measured)
        is_decimal = any("." in part.norm or part.norm == "point" for part in tokens[start:at])
        is_plain = not is_decimal and value < _LEAST and not around & BY
        if not is_measured and not is_plain and not around & _NO_SIZE:
            found.add(float(value))
    return frozenset(found)


def is_said_bare(size: Measurement, column: Column) -> bool:
    """Whether the number stands there without a unit: in centimetres, a whole number of millimetres, or as "half"."""
    bare = bare_figures(column)
    if is_share(size) and set(size.values_mm) & _fractions(column.text):
        return True
    if size.kind_group != "length":
        values = [figures_of(size.raw)]
    else:  # "one point six" may be 1.6 cm, and never 1.6 mm
        values = [tuple(value / _MM for value in size.values_mm)]
        values += [size.values_mm] if min(size.values_mm) >= _LEAST else []
    return any(all(round(figure, 4) in bare for figure in figures) for figures in values)


@lru_cache(maxsize=4)
def _fractions(text: str) -> frozenset[float]:
    return frozenset(percent for share in shares_in(tokenise(text)) for percent in share.meaning)


def is_measured_there(claim: Claim, column: Column) -> bool:
    """Whether a claim is only a number, of no known finding, and the other column has that number."""
    if claim.finding_class != "other" or not claim.measurements:
        return False
    sizes = [size for other in column.claims for size in other.measurements]
    return all(
        is_said_bare(own, column)
        or any(own.kind_group == size.kind_group and (covers(own, size) or covers(size, own)) for size in sizes)
        for own in claim.measurements
    )
