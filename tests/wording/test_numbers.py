"""number → words → number, over the whole range that radiology uses: the value is exactly the one that was meant."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.wording.figures import write_figures
from dictation.wording.numbers import parse_number
from dictation.wording.tokens import Token
from tests.wording.spell import spell, spell_integer, spell_number, spell_ordinal
from tests.wording.spoken import (
    SPEECHES,
    at_length,
    decimals,
    figures,
    heard,
    heard_forms,
    hyphened,
    integers,
    numbers,
    sentences,
    written,
)


@pytest.mark.parametrize("speech", SPEECHES)
def test_integers_come_back(speech):
    for value in [*range(2_000), *range(2_000, 100_000, 97), 99_999]:
        assert parse_number(spell_integer(value, speech=speech).split()) == value


@pytest.mark.soak
@pytest.mark.parametrize("speech", SPEECHES)
def test_every_integer_to_99999_comes_back(speech):
    for value in range(100_000):
        assert parse_number(spell_integer(value, speech=speech).split()) == value
        assert parse_number(hyphened(str(value), speech).split()) == value


@pytest.mark.parametrize("speech", SPEECHES)
@pytest.mark.soak
def test_every_decimal_with_two_places_comes_back(speech):
    for hundredths in range(100_000):
        text = f"{hundredths // 100}.{hundredths % 100:02d}"
        assert str(parse_number(spell_number(text, speech=speech).split())) == text


def exactly(value: Decimal | None) -> str:
    return format(value, "f") if value is not None else ""


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_numbers_in_every_heard_form_come_back(data):
    number = data.draw(numbers)
    found = parse_number(data.draw(heard_forms(number)).split())
    assert exactly(found) == exactly(Decimal(number)), "value and count of decimals are kept"


test_numbers_in_every_heard_form_come_back_at_length = at_length(test_numbers_in_every_heard_form_come_back)


@settings(max_examples=200, deadline=None)
@given(number=decimals(), before=sentences, after=sentences, speech=st.sampled_from(SPEECHES))
def test_a_decimal_in_a_sentence_is_written_as_it_was_said(number, before, after, speech):
    expected = number if not number.startswith(".") else f"0{number}"
    assert figures(f"{before} {spell_number(number, speech=speech)} {after}") == [expected]


@settings(max_examples=200, deadline=None)
@given(value=integers, before=sentences, after=sentences, speech=st.sampled_from(SPEECHES))
def test_an_integer_in_a_sentence_is_written_from_ten_up(value, before, after, speech):
    spoken = spell_integer(value, speech=speech)
    assert figures(f"{before} {spoken} {after}") == ([str(value)] if value >= 10 else [])
    is_pronoun = value == 1 and after.startswith("is")  # "image one is": "one" may be a pronoun
    assert figures(f"{before} image {spoken} {after}") == ([] if is_pronoun else [str(value)])


@pytest.mark.parametrize("age", range(121))
def test_every_age_comes_back(age):
    for speech in SPEECHES:
        spoken = spell_integer(age, speech=speech)
        assert written(f"a {spoken} year old") == f"a [{age}-year-old]"
        assert written(f"{age} year old") == written(f"{age}-year-old") == f"[{age}-year-old]"


@pytest.mark.parametrize("value", range(1, 100))
def test_every_ordinal_comes_back_or_stays(value):
    spoken = spell_ordinal(value)
    expected = spell(f"{value}{'th'}")
    assert spoken == expected
    found = figures(f"the {spoken} rib")
    if value < 10 or (value > 20 and value % 10 == 2):
        assert found == [], "first to ninth stay words, and twenty second may be seconds"
    else:
        assert len(found) == 1
        assert found[0].rstrip("stndrh") == str(value)


@given(value=st.integers(0, 999_999_999), speech=st.sampled_from(SPEECHES))
@settings(max_examples=200, deadline=None)
def test_large_integers_come_back(value, speech):
    assert parse_number(spell_integer(value, speech=speech).split()) == value


@pytest.mark.parametrize("text", ["", ".", "5.", "1,20", "1.2.3", "five", "1 2", "-"])
def test_what_is_no_number_cannot_be_spelled(text):
    with pytest.raises(ValueError, match="not a written number"):
        spell_number(text)


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


def test_text_that_is_no_english_word_passes_unharmed():
    text = "İ ß µ ² ½ 5² ٣ ５ - -- 5- -a a--b l- 5--6 x×x 1.2.3 .5. ''"
    assert "".join(t.text for t in write_figures([Token(w, (i,)) for i, w in enumerate(text.split())])) == "".join(
        text.split()
    )
