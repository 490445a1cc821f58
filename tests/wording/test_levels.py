"""Spinal levels are neither sums nor ranges of sizes; every level, pair and span comes back."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.wording.levels import COUNTS
from dictation.wording.spell import spell, spell_integer, spell_level
from tests.wording.heard import figures, written

LEVELS = [f"{letter}{n}" for letter, last in (("C", 7), ("T", 12), ("L", 5), ("S", 5)) for n in range(1, last + 1)]
NEIGHBOURS = list(itertools.pairwise(LEVELS))


def spoken(level, space=" "):
    return f"{level[0]}{space}{spell_integer(int(level[1:]))}"


@pytest.mark.parametrize("level", [*LEVELS, "L6", "C8", "D12"])
def test_every_single_level(level):
    letter, number = level[0], level[1:]
    for heard in (
        level,
        f"{letter} {number}",
        f"{letter}-{number}",
        spoken(level),
        level.lower(),
        spoken(level).lower(),
    ):
        assert written(f"at {heard} there is") == f"at [{level}] there is", heard


@pytest.mark.parametrize("hyphen", ["dash", "hyphen", "-"])
def test_a_hyphen_said_between_letter_and_number(hyphen):
    assert written(f"at t {hyphen} twelve there") == "at [T12] there"
    assert written(f"l {hyphen} five millimeters") == f"l {hyphen} [5 mm]"


@pytest.mark.parametrize(("upper", "lower"), NEIGHBOURS)
def test_every_pair_of_neighbours(upper, lower):
    pair = f"{upper}-{lower}"
    is_same = upper[0] == lower[0]
    number = lower[1:]
    heard = [pair, f"{upper}/{lower}", f"{upper} - {lower}", f"{spoken(upper)} dash {spoken(lower)}", pair.lower()]
    if pair != "T1-T2":
        heard += [f"{spoken(upper)} {spoken(lower)}", f"{upper} {lower}"]
    if is_same:
        heard += [
            f"{upper}-{number}",
            f"{upper} {number}",
            f"{upper[0]} {upper[1:]} {number}",
            f"{upper[0]} {upper[1:]}-{number}",
            f"{spoken(upper)} {spell_integer(int(number))}",
            f"{spoken(upper)}-{spell_integer(int(number))}",
            f"{spoken(upper)} dash {spell_integer(int(number))}",
        ]
        if pair != "T1-T2":
            heard.append(f"{upper}/{number}")
    for words in heard:
        if pair == "T1-T2" and "/" in words:
            assert figures(words) == [], "T1/T2 may be two sequences"
        else:
            assert figures(f"disc at {words} is") == [pair], words
    assert spell_level(pair) in heard or pair == "T1-T2"


@pytest.mark.parametrize(("upper", "lower"), list(itertools.combinations(LEVELS, 2)))
def test_every_span(upper, lower):
    assert figures(f"{spoken(upper)} to {spoken(lower)}") == [f"{upper} to {lower}"]
    assert figures(f"from {upper} through {lower}") == [f"{upper} through {lower}"]
    assert figures(f"{upper}-{lower}") == [f"{upper}-{lower}"]
    if upper[0] == lower[0]:
        assert figures(f"{spoken(upper)} to {spell_integer(int(lower[1:]))}") == [f"{upper} to {lower}"]
        assert figures(f"{upper}-{lower[1:]}") == [f"{upper}-{lower}"]


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        ("L four five millimeter anterolisthesis", "[L4] [5 mm] anterolisthesis"),
        ("L four five five millimeters", "[L4-L5] [5 mm]"),
        ("L 5 mm", "L [5 mm]"),
        ("T8 to 10 mm", "[T8] to [10 mm]"),
        ("T2 weighted", "[T2] weighted"),
        ("T two weighted images", "[T2] weighted images"),
        ("T1 T2 signal", "[T1 T2] signal"),
        ("T1/T2 weighted", "T1/T2 weighted"),
        ("L3 L4 L5", "[L3 L4 L5]"),
        ("L1 L2 and L4", "[L1 L2] and [L4]"),
        ("L4 L5 and L5 S1", "[L4-L5] and [L5-S1]"),
        ("L3, L4 and L5", "[L3] , [L4] and [L5]"),
        ("L four, five nodules", "[L4] , five nodules"),
        ("C5-6-7", "[C5-C6-C7]"),
        ("L45", "[L4-L5]"),
        ("L5S1", "[L5-S1]"),
        ("from L2-L3 to L4-L5", "from [L2-L3] to [L4-L5]"),
        ("L three five", "[L3] five"),
        ("T12 to L2", "[T12 to L2]"),
        ("M one segment", "[M1] segment"),
        ("L four correction L five", "[L4] correction [L5]"),
    ],
)
def test_levels_beside_other_words(heard, expected):
    assert written(heard) == expected


@pytest.mark.parametrize(
    "text", ["L12", "C12", "L twenty", "L for five", "see two", "L5-1", "T13", "L zero", "L-", "L"]
)
def test_what_is_no_sure_level_stays_as_heard(text):
    assert written(text).replace("[20]", "twenty") == text


def check_list(levels, speech):
    text = " and ".join(levels)
    assert figures(spell(text, speech=speech)) == levels


level_texts = st.one_of(
    st.sampled_from(LEVELS),
    st.sampled_from([f"{upper}-{lower}" for upper, lower in NEIGHBOURS if upper != "T1"]),
    st.sampled_from([f"{upper} to {lower}" for upper, lower in itertools.combinations(LEVELS, 2)]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(level_texts, min_size=1, max_size=4), st.sampled_from(["american", "british"]))
def test_lists_of_levels_come_back(levels, speech):
    check_list(levels, speech)


@pytest.mark.soak
@settings(max_examples=20_000, deadline=None)
@given(st.lists(level_texts, min_size=1, max_size=4), st.sampled_from(["american", "british"]))
def test_lists_of_levels_come_back_at_length(levels, speech):
    check_list(levels, speech)


def test_no_level_beyond_the_spine_is_ever_written():
    for letter, number in itertools.product("CTDLS", range(100)):
        for figure in figures(f"{letter} {spell_integer(number)} disc"):
            if figure[0] == letter:
                assert int(figure[1:]) <= {**COUNTS, "s": 10}[letter.lower()]
