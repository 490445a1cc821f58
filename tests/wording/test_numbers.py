"""Spoken numbers keep their value, and words that are no numbers stay words."""

from decimal import Decimal

import pytest

from dictation.wording.figures import write_figures
from dictation.wording.numbers import parse_number
from dictation.wording.tokens import Token
from tests.wording.heard import heard, written


@pytest.mark.parametrize(
    ("spoken", "value"),
    [
        ("two hundred and five", "205"),
        ("two hundred five", "205"),
        ("one hundred five", "105"),
        ("fifteen hundred", "1500"),
        ("two thousand and twenty-six", "2026"),
        ("ninety nine thousand nine hundred ninety nine", "99999"),
        ("one hundred thousand and five", "100005"),
        ("one million two thousand three", "1002003"),
        ("twenty five", "25"),
        ("Twenty-Five", "25"),
        ("one point zero five", "1.05"),
        ("one point five zero", "1.50"),
        ("one point oh five", "1.05"),
        ("one point o five", "1.05"),
        ("one point twenty five", "1.25"),
        ("one point oh fifteen", "1.015"),
        ("3 point 2", "3.2"),
        ("three point 2", "3.2"),
        ("3 point 0 5", "3.05"),
        ("point eight", "0.8"),
        ("oh point eight", "0.8"),
        (".8", "0.8"),
        ("1,200", "1200"),
        ("2 hundred and 5", "205"),
        ("minus five", "-5"),
        ("-5", "-5"),
        ("one and a half", "1.5"),
        ("two and three quarters", "2.75"),
        ("a hundred", "100"),
    ],
)
def test_one_number_in_words_has_one_value(spoken, value):
    parsed = parse_number(spoken.split())
    assert parsed == Decimal(value)
    assert parsed is not None
    if "." in value and "half" not in spoken and "quarters" not in spoken:
        assert parsed.as_tuple().exponent == Decimal(value).as_tuple().exponent, "the zeros that were said are kept"


@pytest.mark.parametrize(
    "spoken",
    [
        "",
        "five six",
        "twenty twenty six",
        "zero five",
        "ten hundred",
        "twenty hundred",
        "one hundred and two hundred",
        "twenty fifteen",
        "three thousand thousand",
        "one point",
        "3.2 point 5",
        "3 point 25 5",
        "5,2",
        "5-6",
        "for",
        "to",
        "won",
        "ate",
        "too",
        "five nodules",
        "and five",
        "hundred",
    ],
)
def test_what_is_not_exactly_one_number_has_no_value(spoken):
    assert parse_number(spoken.split()) is None


@pytest.mark.parametrize(
    "text",
    [
        "five six",
        "three four twenty six",
        "twenty twenty six",
        "ten fifteen",
        "nine ninety nine",
        "five five five one two three four",
        "one hundred third",
        "two thirds",
        "two and a half",
        "one of the nodules",
        "no one",
        "the larger one is stable",
        "this one",
        "two-view chest",
        "two nodules",
        "two to three nodules",
        "third rib",
        "the first and the ninth",
        "one third of the lung",
        "three tenths of a millimeter",
        "at this level two nodules are seen",
        "at one point two nodules were seen",
        "at this point two nodules are seen",
        "too for won ate fore to",
        "3:45",
        "5,2",
        "1/2",
        "twenty second",
        "hundreds of nodules",
    ],
)
def test_what_no_rule_is_sure_of_stays_as_heard(text):
    assert written(text) == text
    assert write_figures(heard(text)) == heard(text)


@pytest.mark.parametrize(
    ("spoken", "expected"),
    [
        ("series three image forty two", "series [3] image [42]"),
        ("Series 3, image 42.", "Series [3] , image [42] ."),
        ("images three to five", "images [3 to 5]"),
        ("ribs four, five and six", "ribs [4] , [5] and [6]"),
        ("segment four A and segment eight", "segment [4A] and segment [8]"),
        ("station four R", "station [4R]"),
        ("station four l", "station [4L]"),
        ("station four l one centimeter node", "station [4L] [1 cm] node"),
        ("station four r node", "station [4R] node"),
        ("segment four a lesion", "segment [4] a lesion"),
        ("type two c five fracture", "type [2] [C5] fracture"),
        ("grade two", "grade [2]"),
        ("grade one of the", "grade one of the"),
        ("grade two a mass", "grade [2] a mass"),
        ("eight to ten nodules", "[8 to 10] nodules"),
        ("twelve nodules", "[12] nodules"),
        ("twelfth rib", "[12th] rib"),
        ("twenty third", "[23rd]"),
        ("two hundred and five cells", "[205] cells"),
        ("0.8", "[0.8]"),
        ("a ratio of one point five zero", "a ratio of [1.50]"),
        ("fifty-four year old woman", "[54-year-old] woman"),
        ("54 year-old man", "[54-year-old] man"),
        ("54-year-old man", "[54-year-old] man"),
        ("six week old", "[6-week-old]"),
        ("120 over 80", "[120] over [80]"),
        ("eight, make that nine", "eight , make that nine"),
        ("twelve correction fourteen", "[12] correction [14]"),
        ("twenty, five nodules", "[20] , five nodules"),
        ("one, hundred", "one , hundred"),
    ],
)
def test_labels_counts_and_ages(spoken, expected):
    assert written(spoken) == expected


def test_a_figure_keeps_every_word_it_was_written_from():
    tokens = write_figures(heard("a three point two by one centimeter nodule"))
    assert [(t.text, t.words) for t in tokens] == [("a", (0,)), ("3.2 x 1 cm", (1, 2, 3, 4, 5, 6)), ("nodule", (7,))]


def test_finished_numbers_breaks_and_sections_are_never_read():
    tokens = [
        Token("five", (0,)),
        Token("paragraph", (1,), "break"),
        Token("six", (2,)),
        Token("7 mm", (3,), "number"),
        Token("mm", (4,)),
        Token("findings", (5,), "section"),
    ]
    assert write_figures(tokens) == tokens


def test_writing_twice_changes_nothing():
    once = write_figures(heard("L four five, three by two centimeters and twelve nodules"))
    assert write_figures(once) == once


def test_text_that_is_no_english_word_passes_unharmed():
    text = "İ ß µ ² ½ 5² ٣ ５ - -- 5- -a a--b l- 5--6 x×x 1.2.3 .5. ''"
    assert "".join(t.text for t in write_figures([Token(w, (i,)) for i, w in enumerate(text.split())])) == "".join(
        text.split()
    )
