"""In which notations a date may stand in a text: patterns for a given day, and for any date."""

from calendar import month_abbr, month_name
from collections.abc import Iterator
from datetime import date

ORDINAL = "(?:st|nd|rd|th)?"
_EVEN = r"[ ./-]{1,2}"  # between the parts of a date in figures


def notations(day: date) -> Iterator[str]:
    """Yield patterns for one day, for case-insensitive search: figures in the usual orders, and the month's name.

    "3/4/1950" and "4/3/1950" are both found: which comes first depends on the writer.
    """
    years = rf"(?:{day.year}|['\u2019]?{day.year % 100:02d})"
    d, m = rf"0?{day.day}", rf"0?{day.month}"
    for first, second in ((d, m), (m, d)):
        yield rf"(?<!\d)(?<!\d[.,]){first}{_EVEN}{second}{_EVEN}{day.year}(?!\d)"
        yield rf"(?<!\d)(?<!\d[.,]){first}[./-]{second}[./-]{day.year % 100:02d}(?!\d|[.,]\d)"
    yield rf"(?<!\d){day.year}{_EVEN}{m}{_EVEN}{d}(?!\d)"
    for packed in ("%Y%m%d", "%d%m%Y", "%m%d%Y", "%d%m%y", "%m%d%y", "%y%m%d"):
        yield rf"(?<!\d){day.strftime(packed)}(?!\d)"
    month = rf"(?:{month_name[day.month]}|{month_abbr[day.month]}\.?)"
    yield rf"(?<!\d){d}{ORDINAL}(?:\s{{1,2}}of)?[\s-]{{0,3}}{month}[\s,-]{{0,3}}{years}(?!\d)"
    yield rf"\b{month}[\s-]{{0,3}}{d}{ORDINAL}[\s,-]{{1,3}}{years}(?!\d)"
    yield rf"(?<!\d){day.year}[\s,-]{{0,3}}{month}[\s-]{{0,3}}{d}{ORDINAL}(?!\d)"


def any_date() -> str:
    """Return a pattern for a date in figures or with the month's name, for case-insensitive search."""
    months = "|".join(name for names in (month_name, month_abbr) for name in names if name)
    return (
        rf"\d{{1,4}}{_EVEN}\d{{1,2}}{_EVEN}\d{{1,4}}\b|\d{{6,8}}\b"
        rf"|\d{{1,2}}{ORDINAL}(?:\s{{1,2}}of)?[\s-]{{0,3}}(?:{months})\b\.?(?:[\s,-]{{0,3}}['\u2019]?\d{{2,4}}\b)?"
        rf"|(?:the\s{{1,2}})?(?:{months})\b\.?[\s-]{{0,3}}\d{{1,2}}{ORDINAL}\b(?:[\s,-]{{0,3}}['\u2019]?\d{{2,4}}\b)?"
        rf"|(?:{months})\b\.?[\s,-]{{0,3}}\d{{4}}\b"
    )
