"""The earlier exam that a report compares with: a date dictated must be the date written.

"3/4/2024" may be a day of March or of April: it agrees with both.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from dictation.discrepancy.columns import Column
from dictation.discrepancy.corrections import of_words
from dictation.discrepancy.discrepancy import Discrepancy, Side, discrepancy_id
from dictation.wording.dates import MONTHS, UNSURE
from dictation.wording.number_words import spell_integer, spell_ordinal

Day = tuple[int | None, int | None, int | None]  # year, month, day; None where it is not said
_MONTH_NUMBER = {name: number for number, name in enumerate(dict.fromkeys(MONTHS.values()), 1)}
_UNITS = (
    r"(?:mm|cm|m|ml|milli\w*|centi\w*|by|point|to|per[ ]?cent|x)\b|%"  # what makes a number no day: "in March 5 mm"
)
_SPOKEN_DAYS = {spell_ordinal(day): day for day in range(1, 32)} | {spell_integer(day): day for day in range(1, 32)}
_SPOKEN_YEARS = {f"two thousand {spell_integer(year)}": 2000 + year for year in range(1, 60)}
_SPOKEN_YEARS |= {f"two thousand and {spell_integer(year)}": 2000 + year for year in range(1, 60)}
_SPOKEN_YEARS |= {f"twenty {spell_integer(year)}": 2000 + year for year in range(10, 60)}


def _any_of(words: Iterable[str]) -> str:
    return "|".join(word.replace(" ", "[ -]") for word in sorted(words, key=len, reverse=True))


_MONTH, _DAY = _any_of(MONTHS), rf"\d\d?(?:st|nd|rd|th)?|{_any_of(_SPOKEN_DAYS)}"
_YEAR = rf"(?:19|20)\d\d|{_any_of(_SPOKEN_YEARS)}"
_DATE = re.compile(
    rf"""\b(?:(?P<year>(?:19|20)\d\d)-(?P<month>\d\d?)-(?P<day>\d\d?)
    |(?P<first>\d\d?)[/.](?P<second>\d\d?)[/.](?P<last>(?:19|20)\d\d|\d\d)
    |(?P<d1>{_DAY})[ ]+(?P<of>of[ ]+)?(?P<m1>{_MONTH})\b(?:\.?,?[ ]+(?P<y1>{_YEAR}))?
    |(?P<m3>{_MONTH})\.?,?[ ]+(?:of[ ]+)?(?P<y3>{_YEAR})
    |(?P<m2>{_MONTH})\.?[ ]+(?:the[ ]+)?(?P<d2>{_DAY})\b
      (?:,?[ ]+(?P<y2>{_YEAR})|(?![ ]*(?:[/.x-]?[ ]?\d|{_UNITS}))))\b""",
    re.IGNORECASE | re.VERBOSE,
)
_EARLIER = re.compile(
    r"\b(?:compar\w*|prior|previous\w*|since|earlier|unchanged from|stable from|dated)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class PriorDate:
    """Characters [start, end) name a day, which may be read in one or two ways."""

    days: tuple[Day, ...]
    start: int
    end: int


def dates_in(text: str, start: int, end: int) -> list[PriorDate]:
    """The dates of text[start:end] that name a year or a day, in order."""
    found = []
    for match in _DATE.finditer(text, start, end):
        days = tuple(day for day in _days(match) if _is_possible(day))
        if days:
            found.append(PriorDate(days, match.start(), match.end()))
    return found


def _days(match: re.Match[str]) -> list[Day]:
    if match["year"]:
        return [(int(match["year"]), int(match["month"]), int(match["day"]))]
    if match["first"]:
        last = int(match["last"]) + (2000 if len(match["last"]) == 2 else 0)
        first, second = int(match["first"]), int(match["second"])
        return [(last, first, second), (last, second, first)]
    if match["m3"]:
        return [(_year(match["y3"]), _MONTH_NUMBER[MONTHS[match["m3"].lower()]], None)]
    part = "1" if match["m1"] else "2"
    month, number = match[f"m{part}"].lower(), _plain(match[f"d{part}"])
    year = _year(match[f"y{part}"])
    if not year and month in UNSURE and not (match["of"] and not number.isdecimal()):
        return []  # "the second may be old"
    day = _SPOKEN_DAYS.get(number) or int(re.sub(r"\D", "", number))
    return [(year, _MONTH_NUMBER[MONTHS[month]], day)]


def _year(words: str | None) -> int | None:
    return (_SPOKEN_YEARS.get(_plain(words)) or int(words)) if words else None


def _plain(words: str) -> str:
    return re.sub(r"[ -]+", " ", words).lower()


def _is_possible(day: Day) -> bool:
    return (day[1] is None or 1 <= day[1] <= 12) and (day[2] is None or 1 <= day[2] <= 31)


def _agree(one: PriorDate, two: PriorDate) -> bool:
    return any(
        all(a is None or b is None or a == b for a, b in zip(first, second, strict=True))
        for first, second in product(one.days, two.days)
    )


def prior_differences(heard: Column, written: Column) -> list[Discrepancy]:
    """One card for each date of comparison that the report gives otherwise, by what either text says of it."""
    said, wrote = _dates_of(heard), _dates_of(written)
    lost = [date for date in said if not any(_agree(date, other) for other in wrote)]
    added = [date for date in wrote if not any(_agree(date, other) for other in said)]
    priors = {id(date) for column, dates in ((heard, said), (written, wrote)) for date in _priors_of(column, dates)}
    compared = [[date for date in some if id(date) in priors] for some in (lost, added)]
    if not all(compared) and len(lost) == len(added) == 1:
        compared = [lost, added] if any(compared) else compared
    lost, added = compared
    found = []
    for date, other in zip(lost, added, strict=False):
        left, right = _side(heard, date), _side(written, other)
        correction = of_words(left.text, (other.start, other.end), written)
        found.append(
            Discrepancy(
                id=discrepancy_id("prior", left.text.lower(), right.text.lower()),
                kind="prior",
                severity="major",
                heard=left,
                written=right,
                explanation=f"You compared with {left.text}; the report compares with {right.text}.",
                audio_span_s=heard.seconds(date.start, date.end),
                suggestion=correction.suggestion,
                edits=correction.edits,
            )
        )
    return found


def _dates_of(column: Column) -> list[PriorDate]:
    return [date for span in column.sentences for date in dates_in(column.text, span.start, span.end)]


def _priors_of(column: Column, dates: Iterable[PriorDate]) -> Iterator[PriorDate]:
    """The dates in sentences that speak of an earlier exam, and under a heading of comparison."""
    for date in dates:
        span = next(one for one in column.sentences if one.start <= date.start < one.end)
        if span.section == "comparison" or _EARLIER.search(column.text, span.start, span.end):
            yield date


def _side(column: Column, date: PriorDate) -> Side:
    return Side(text=column.text[date.start : date.end], span=(date.start, date.end))
