from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.speech import Word
from pipelines.right_words import right_words


def judged(heard: str, reference: str) -> str:
    """The heard words, the wrong ones in brackets and those that are not judged left out."""
    words = [Word(text=text) for text in heard.split()]
    found = zip(words, right_words(words, reference), strict=True)
    return " ".join(word.text if right else f"[{word.text}]" for word, right in found if right is not None)


def test_words_that_the_recognizer_marked_as_commands_are_not_judged():
    words = [Word(text="clear", is_command=False), Word(text="period", is_command=True), Word(text="luteal")]
    assert right_words(words, "clear luteal") == [True, None, True]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(("no", "left", "five", "5.2", "mm", "L4", "period", ".", "effusion,", "Findings:", "{comma}"))
    )
)
def test_a_text_is_right_about_itself(words):
    heard = [Word(text=text) for text in words]
    assert False not in right_words(heard, " ".join(words))
