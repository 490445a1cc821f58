import pytest

from dictation.speech import Transcript, Word
from dictation.wording import write
from tests.wording.dictating import ENGINE


def said(text: str, pause_after: str, pause_s: float) -> str:
    words, at_s = [], 0.0
    for piece in text.split():
        words.append(Word(text=piece, start_s=at_s, end_s=at_s + 0.3, confidence=0.9))
        at_s += 0.35 + (pause_s if piece == pause_after else 0.0)
    return write([Transcript(recording="r", words=tuple(words), engine=ENGINE, duration_s=at_s)]).text


RUN_ON = "CT chest without contrast, there is an 8 mm nodule."


def test_a_pause_turns_a_guessed_comma_into_a_full_stop():
    assert said(RUN_ON, "contrast,", 0.6) == "CT chest without contrast. There is an 8 mm nodule."


@pytest.mark.parametrize("pause_s", [0.0, 0.2])
def test_without_a_pause_the_comma_stays(pause_s):
    assert said(RUN_ON, "contrast,", pause_s) == RUN_ON


def test_a_pause_inside_a_list_ends_nothing():
    text = "No effusion, pneumothorax, or consolidation."
    assert said(text, "effusion,", 0.8) == text
