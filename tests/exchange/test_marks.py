import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from dictation.discrepancy import Discrepancy
from dictation.exchange.marks import Mark, marked_html
from dictation.exchange.sound import Stretch

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
