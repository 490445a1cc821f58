"""The earlier exam that a report compares with: a date dictated must be the date written.

"3/4/2024" may be a day of March or of April: it agrees with both.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from dictation.discrepancy.columns import Column
from dictation.discrepancy.corrections import of_words
from dictation.discrepancy.discrepancy import Discrepancy, Side, discrepancy_id
from dictation.wording.dates import MONTHS
from dictation.wording.number_words import spell_integer, spell_ordinal

Day = tuple[int | None, int | None, int | None]  # year, month, day; None where it is not said
_MONTH_NUMBER = {name: number for number, name in enumerate(dict.fromkeys(MONTHS.values()), 1)}
_NAMES = "|".join(sorted(MONTHS, key=len, reverse=True))
_SPOKEN_DAYS = {spell_ordinal(day): day for day in range(1, 32)} | {spell_integer(day): day for day in range(1, 32)}
_SPOKEN_YEARS = {f"two thousand {spell_integer(year)}": 2000 + year for year in range(1, 60)}
_SPOKEN_YEARS |= {f"two thousand and {spell_integer(year)}": 2000 + year for year in range(1, 60)}
_SPOKEN_YEARS |= {f"twenty {spell_integer(year)}": 2000 + year for year in range(10, 60)}


def _any_of(words: Iterable[str]) -> str:
    return "|".join(word.replace(" ", "[ -]") for word in sorted(words, key=len, reverse=True))


_DATE = re.compile(
    rf"""\b(?:(?P<year>(?:19|20)\d\d)-(?P<month>\d\d?)-(?P<day>\d\d?)
    |(?P<first>\d\d?)[/.](?P<second>\d\d?)[/.](?P<last>(?:19|20)\d\d|\d\d)
    |(?P<d1>\d\d?)(?:st|nd|rd|th)?[ ]+(?:of[ ]+)?(?P<m1>{_NAMES})\.?,?[ ]+(?P<y1>(?:19|20)\d\d)
    |(?P<m2>{_NAMES})\.?[ ]+(?P<d2>\d\d?)(?:st|nd|rd|th)?,?[ ]+(?P<y2>(?:19|20)\d\d)
    |(?P<m4>{_NAMES})[ ]+(?P<d4>\d\d?(?:st|nd|rd|th)?|{_any_of(_SPOKEN_DAYS)}),?[ ]+
      (?P<y4>(?:19|20)\d\d|{_any_of(_SPOKEN_YEARS)})
    |(?P<m3>{_NAMES})\.?,?[ ]+(?:of[ ]+)?(?P<y3>(?:19|20)\d\d))\b""",
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
    """The dates of text[start:end] that name a year, in order."""
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
        year = int(match["last"]) + (2000 if len(match["last"]) == 2 else 0)
        first, second = int(match["first"]), int(match["second"])
        return [(year, first, second), (year, second, first)]
    if match["m4"]:
        spoken, in_year = (re.sub(r"[ -]+", " ", match[name].lower()) for name in ("d4", "y4"))
        number = _SPOKEN_DAYS.get(spoken) or int(re.sub(r"\D", "", spoken))
        return [(_SPOKEN_YEARS.get(in_year) or int(in_year), _MONTH_NUMBER[MONTHS[match["m4"].lower()]], number)]
    for part in "123":
        if match[f"m{part}"]:
            of_month = int(match[f"d{part}"]) if part != "3" else None
            return [(int(match[f"y{part}"]), _MONTH_NUMBER[MONTHS[match[f"m{part}"].lower()]], of_month)]
    return []


def _is_possible(day: Day) -> bool:
    return (day[1] is None or 1 <= day[1] <= 12) and (day[2] is None or 1 <= day[2] <= 31)


def _agree(one: PriorDate, two: PriorDate) -> bool:
    return any(
        all(a is None or b is None or a == b for a, b in zip(first, second, strict=True))
        for first, second in product(one.days, two.days)
    )


def prior_differences(heard: Column, written: Column) -> list[Discrepancy]:
    """One card for each date of comparison that the report gives otherwise."""
    said, wrote = _priors_of(heard), _priors_of(written)
    lost = [date for date in said if not any(_agree(date, other) for other in wrote)]
    added = [date for date in wrote if not any(_agree(date, other) for other in said)]
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


def _priors_of(column: Column) -> list[PriorDate]:
    """Dates in sentences that speak of an earlier exam, and under a heading of comparison."""
    return [
        date
        for span in column.sentences
        if span.section == "comparison" or _EARLIER.search(column.text, span.start, span.end)
        for date in dates_in(column.text, span.start, span.end)
    ]


def _side(column: Column, date: PriorDate) -> Side:
    return Side(text=column.text[date.start : date.end], span=(date.start, date.end))
