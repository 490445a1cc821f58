"""Spinal levels are neither sums nor ranges of sizes; every level, pair and span comes back."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.wording.levels import COUNTS
from tests.wording.spell import spell, spell_integer, spell_level
from tests.wording.spoken import at_length, figures, written

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


level_texts = st.one_of(
    st.sampled_from(LEVELS),
    st.sampled_from([f"{upper}-{lower}" for upper, lower in NEIGHBOURS if upper != "T1"]),
    st.sampled_from([f"{upper} to {lower}" for upper, lower in itertools.combinations(LEVELS, 2)]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(level_texts, min_size=1, max_size=4), st.sampled_from(["american", "british"]))
def test_lists_of_levels_come_back(levels, speech):
    text = " and ".join(levels)
    assert figures(spell(text, speech=speech)) == levels


test_lists_of_levels_come_back_at_length = at_length(test_lists_of_levels_come_back)


def test_no_level_beyond_the_spine_is_ever_written():
    for letter, number in itertools.product("CTDLS", range(100)):
        for figure in figures(f"{letter} {spell_integer(number)} disc"):
            if figure[0] == letter:
                assert int(figure[1:]) <= {**COUNTS, "s": 10}[letter.lower()]
