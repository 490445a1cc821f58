"""A date with a named month is written; one in numbers alone is never touched."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.wording.figures import write_figures
from dictation.wording.spell import SPEECHES, spell, spell_integer, spell_ordinal, spell_year
from tests.wording.heard import figures, heard, written


def american(day):
    return f"{calendar.month_name[day.month]} {day.day}, {day.year}"


def british(day):
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def check_date(day, speech):
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


days = st.integers(0, 73_048).map(lambda offset: date(1900, 1, 1) + timedelta(days=offset))


@settings(max_examples=100, deadline=None)
@given(day=days, speech=st.sampled_from(SPEECHES))
def test_dates_come_back(day, speech):
    check_date(day, speech)


@pytest.mark.soak
@settings(max_examples=20_000, deadline=None)
@given(day=days, speech=st.sampled_from(SPEECHES))
def test_dates_come_back_at_length(day, speech):
    check_date(day, speech)


@pytest.mark.parametrize("year", range(1900, 2100))
def test_every_year_comes_back(year):
    for speech in SPEECHES:
        assert figures(f"in november {spell_year(year, speech=speech)} there") == [f"November {year}"]


@pytest.mark.parametrize(
    ("spoken", "expected"),
    [
        ("november fifth twenty twenty six", "[November 5, 2026]"),
        ("November 5, 2026", "[November 5] , [2026]"),
        ("Nov 5 2026", "[November 5, 2026]"),
        ("november fifth, twenty twenty six", "[November 5] , [2026]"),
        ("on march third", "on [March 3]"),
        ("november fifth", "[November 5]"),
        ("may two nodules", "may two nodules"),
        ("the finding may second the first", "the finding may second the first"),
        ("march twenty twenty four", "[March 2024]"),
        ("march twenty twenty four millimeter nodule", "march twenty twenty four millimeter nodule"),
        ("may be", "may be"),
        ("in march 5 mm", "in march [5 mm]"),
        ("november fifth 5 mm nodule", "[November 5] [5 mm] nodule"),
        ("spell the second of may", "spell [May 2]"),
        ("november five twenty six", "november five twenty six"),
        ("november fifth twenty six", "november fifth twenty six"),
        ("november thirty second", "november thirty second"),
    ],
)
def test_dates_beside_other_words(spoken, expected):
    assert written(spoken) == expected


@pytest.mark.parametrize(
    "text",
    [
        "3/4/2026",
        "03/04/26",
        "03-04-2026",
        "2026-11-05",
        "3.4.2026",
        "three four twenty six",
        "3 4 2026",
        "three slash four slash twenty six",
        "three / four / twenty six",
        "twenty twenty six",
        "13/4/2026",
    ],
)
@pytest.mark.parametrize("spelling", ["american", "british"])
def test_a_date_in_numbers_alone_is_left_as_heard(text, spelling):
    tokens = heard(f"dated {text} and later")
    assert write_figures(tokens, spelling=spelling) == tokens
    assert all(token.kind != "number" for token in write_figures(tokens))


def test_a_numeric_date_is_spoken_without_choosing_its_month():
    assert spell("3/4/2026") == "three slash four slash twenty twenty six"
