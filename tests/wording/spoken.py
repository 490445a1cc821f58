"""Ways in which people say a figure and recognizers write it down, and what is written for them.

Each hypothesis strategy draws the written figure first and then one of its heard forms, so a test knows the exact
answer. `heard` gives words as tokens, the way the room's first rules hand them to the figures.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.wording.figures import write_figures
from dictation.wording.tokens import Token
from dictation.wording.units import units
from tests.wording.spell import spell_integer, spell_number

MARKS = ".,:;-/"
SPEECHES = ("american", "british")
AROUND = ["nodule", "the", "measures", "in", "lobe", "stable", "previously", "with", "is", "compared", "right"]

integers = st.one_of(st.integers(0, 99), st.integers(0, 999), st.integers(0, 99_999))


@st.composite
def decimals(draw, largest=999):
    """A decimal as text, zeros at its end included: "1.05", "1.50", "0.125"."""
    return f"{draw(st.integers(0, largest))}.{draw(st.text('0123456789', min_size=1, max_size=3))}"


numbers = st.one_of(integers.map(str), decimals())


@st.composite
def heard_forms(draw, number):
    """One way to hear a written number: words, digits, or a mixture as Whisper writes it."""
    speech = draw(st.sampled_from(SPEECHES))
    whole, _, fraction = number.partition(".")
    if not fraction:
        return draw(st.sampled_from([number, spell_number(number, speech=speech), hyphened(number, speech)]))
    head = draw(st.sampled_from([whole, spell_integer(int(whole), speech=speech)]))
    if whole == "0":
        head = draw(st.sampled_from([head, "oh"]))
    digits = draw(st.sampled_from([tuple(fraction), (fraction,), tuple(spell_integer(int(d)) for d in fraction)]))
    zero = draw(st.sampled_from(["zero", "oh"]))
    tail = " ".join(zero if word == "zero" else word for word in digits)
    if len(fraction) == 2 and fraction[0] != "0" and draw(st.booleans()):
        tail = spell_integer(int(fraction))
    return draw(st.sampled_from([number, f"{head} point {tail}"]))


def hyphened(number, speech="american"):
    """ "twenty five" → "twenty-five", as recognizers write it."""
    words = spell_number(number, speech=speech).split()
    joined = [words[0]]
    for word in words[1:]:
        is_unit = joined[-1].endswith("ty") and spell_integer(int(number) % 10) == word
        joined[-1:] = [f"{joined[-1]}-{word}"] if is_unit else [joined[-1], word]
    return " ".join(joined)


sentences = st.lists(st.sampled_from(AROUND), max_size=3).map(" ".join)

LENGTHS = [unit for unit in units() if unit.quantity == "length"]


def at_length(test, examples=20_000):
    """The same test with many examples, for the long run."""
    again = given(**test.hypothesis._given_kwargs)(test.hypothesis.inner_test)
    return pytest.mark.soak(settings(max_examples=examples)(again))


def unit_forms(unit):
    return [*unit.singular, *unit.plural]


def heard(text: str) -> list[Token]:
    """One word token a word; a mark that stands alone or ends a word becomes a token of its own."""
    tokens: list[Token] = []
    for at, word in enumerate(text.split()):
        if word in MARKS:
            tokens.append(Token(word, (at,), "mark"))
        elif word[-1] in ".,:;":
            tokens += [Token(word[:-1], (at,)), Token(word[-1], (at,), "mark", guessed=True)]
        else:
            tokens.append(Token(word, (at,)))
    return tokens


def written(text: str, **options: str) -> str:
    """The written form, figures in brackets: "a [5 mm] nodule"."""
    return " ".join(f"[{t.text}]" if t.kind == "number" else t.text for t in write_figures(heard(text), **options))


def figures(text: str) -> list[str]:
    return [token.text for token in write_figures(heard(text)) if token.kind == "number"]
