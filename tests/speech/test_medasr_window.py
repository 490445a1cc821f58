import numpy as np
import pytest

from dictation.speech.ear import Heard
from dictation.speech.medasr.letters import FIRST_CENTRE_S, FRAME_S
from dictation.speech.medasr.window import heard, unheard
from tests.speech.tiny_lasr import PIECES

START_S = 60.0
SECONDS = 6


def read(text: str, frames_a_piece: int = 2) -> Heard:
    """Read the posteriors of a network that says `text`, letter by letter, with a blank after each."""
    shares = np.full((round(SECONDS / FRAME_S), len(PIECES)), 0.1 / (len(PIECES) - 1), np.float32)
    pieces = [PIECES.index("▁" if character == " " else character) for character in f" {text}"]
    best = [piece for one in pieces for piece in (one, *[0] * (frames_a_piece - 1))]
    best += [0] * (len(shares) - len(best))
    shares[np.arange(len(shares)), best] = 0.9
    return heard(shares, START_S, 0, PIECES.__getitem__)


def test_words_and_tokens_with_their_seconds_in_the_recording():
    found = read("[FINDINGS] Clear {period}")
    assert [word.text for word in found.words] == ["Findings:", "Clear", "period"]
    assert [word.confidence for word in found.words] == [pytest.approx(0.9)] * 3
    second_piece_s = START_S + FIRST_CENTRE_S + 2 * FRAME_S  # the first is the space
    assert found.words[0].start_s == pytest.approx(second_piece_s - FRAME_S / 2, abs=1e-3)
    assert found.warnings == ()


def test_a_removed_placeholder_is_a_warning_with_its_seconds():
    found = read("seen [Date] again")
    assert [word.text for word in found.words] == ["seen", "again"]
    assert found.warnings == (
        "1:00-1:00: the recognizer wrote the placeholder [Date], which was removed; listen there.",
    )


def test_voice_between_words_that_gave_none_is_a_warning():
    assert unheard(((60.0, 65.0),), read("no").words) == (
        "1:00-1:05: a voice was heard but no words could be made out; listen there.",
    )


def test_voice_that_the_words_cover_is_none():
    assert unheard(((60.0, 61.5),), read("no acute finding").words) == ()
