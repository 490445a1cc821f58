import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dictation.case import review_dictation
from dictation.discrepancy import Discrepancy
from dictation.exchange import CaseView, columns_html
from dictation.exchange.marks import Mark, marked_html
from dictation.exchange.sound import Stretch
from dictation.report import ExtractiveWriter
from tests.wording.pads import empty, say
from tests.wording.test_pad_corrections import over

DIFFERENCE = Discrepancy(id="d1", kind="laterality", severity="critical", explanation="e")
MARKS = st.lists(
    st.builds(
        lambda ends, difference, exact, note: Mark(min(ends), max(ends), difference, exact, note),
        st.tuples(st.integers(0, 60), st.integers(0, 60)),
        st.sampled_from([None, DIFFERENCE]),
        st.booleans(),
        st.sampled_from(["", "heard “<x>”"]),
    ),
    max_size=6,
)


@given(st.text(max_size=50), MARKS, st.integers(0, 10))
def test_marks_never_change_a_character(text, marks, offset):
    html = marked_html(text, marks, offset)
    assert unescape(re.sub(r"<[^>]*>", "", html)) == unescape(text.replace("&", "&amp;"))


@given(st.text("ab <&>", min_size=1, max_size=50), MARKS, st.integers(0, 10))
def test_just_the_characters_of_a_difference_are_its_own(text, marks, offset):
    lit = "".join(
        unescape(piece)
        for piece in re.findall(r'<span[^>]*data-d="d1"[^>]*>([^<]*)</span>', marked_html(text, marks, offset))
    )
    inside = [any(m.difference and m.start <= place + offset < m.end for m in marks) for place in range(len(text))]
    assert lit == "".join(character for character, is_inside in zip(text, inside, strict=True) if is_inside)


@given(st.text("ab <&>", max_size=50), MARKS, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6))
def test_spoken_words_inside_marks_never_change_a_character(text, marks, words):
    said = [Mark(min(ends), max(ends), said=Stretch(0, float(n), n + 0.4)) for n, ends in enumerate(words)]
    html = marked_html(text, [*marks, *said])
    assert unescape(re.sub(r"<[^>]*>", "", html)) == text


@pytest.mark.parametrize(
    ("old", "new", "word", "note"),
    [
        ("left", "right", "right", "you said “left”, typed “right”"),
        ("5.2 cm", "52 cm", "52", "you said “5.2”, typed “52”"),
        ("No ", "", "effusion", "you said “no”, which was taken out by hand"),
    ],
)
def test_a_critical_word_that_was_typed_over_is_marked_in_words_and_plays_what_was_said(old, new, word, note):
    pad = over(
        say(empty(), "no effusion period", "the left lung nodule of five point two centimeters period"), old, new
    )
    pad = over(pad, "lung", "pulmonary")  # no critical word
    html = columns_html(CaseView("t", review_dictation(pad.dictation, writer=ExtractiveWriter())))
    (said,) = re.findall(rf'<span class="over" title="{note}"><span class="w" data-take="0" ([^>]*)>{word}<', html)
    assert html.count(f'<p class="note">{note}</p>') == 1 and html.count('class="over"') == 1
    times = [float(time) for time in re.findall(r"[\d.]+", said)]
    first = {"left": "left", "5.2 cm": "five", "No ": "no"}[old]
    (start_s,) = [one.start_s for one in pad.dictation.words if one.text == first]
    assert abs(times[0] - start_s) < 0.01 < times[1] - times[0]
