"""A date with a named month is written; one in numbers alone is never touched."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wording.spell import SPEECHES, spell, spell_integer, spell_ordinal, spell_year
from tests.wording.spoken import at_length, figures, written


def american(day):
    return f"{calendar.month_name[day.month]} {day.day}, {day.year}"


def british(day):
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


days = st.integers(0, 73_048).map(lambda offset: date(1900, 1, 1) + timedelta(days=offset))


@settings(max_examples=100, deadline=None)
@given(day=days, speech=st.sampled_from(SPEECHES))
def test_dates_come_back(day, speech):
    month = calendar.month_name[day.month].lower()
    year = spell_year(day.year, speech=speech)
    ordinal, cardinal = spell_ordinal(day.day), spell_integer(day.day)
    forms = [
        f"{month} {ordinal} {year}",
        f"{month} the {ordinal} {year}",
        f"the {ordinal} of {month} {year}",
        f"{ordinal} {month} {year}",
        f"{month} {ordinal} {day.year}",
        f"{day.day} {month} {day.year}",
        f"{month} {day.day} {day.year}",
        f"{cardinal} {month} {year}",
    ]
    for form in forms:
        assert figures(f"dated {form}.") == [american(day)], form
        assert written(f"dated {form}.", spelling="british") == f"dated [{british(day)}] .", form
    assert figures(f"{month} {ordinal}, {year}.") == [f"{calendar.month_name[day.month]} {day.day}", str(day.year)]


test_dates_come_back_at_length = at_length(test_dates_come_back)


@pytest.mark.parametrize("year", range(1900, 2100))
def test_every_year_comes_back(year):
    for speech in SPEECHES:
        assert figures(f"in november {spell_year(year, speech=speech)} there") == [f"November {year}"]


def test_a_numeric_date_is_spoken_without_choosing_its_month():
    assert spell("3/4/2026") == "three slash four slash twenty twenty six"
