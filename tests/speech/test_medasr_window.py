import numpy as np
import pytest

from dictation.errors import ModelError
from dictation.speech.ctc.decoder import Decoder
from dictation.speech.medasr.letters import FIRST_CENTRE_S, FRAME_S, pieces_of
from dictation.speech.medasr.window import Read, read, unheard
from tests.speech.tiny_lasr import PIECES

START_S = 60.0
SECONDS = 6
DECODER = Decoder(pieces_of(PIECES, 0), beam=1)


def said(text: str, frames_a_piece: int = 2) -> np.ndarray:
    """The posteriors of a network that says `text`, letter by letter, with a blank after each."""
    shares = np.full((round(SECONDS / FRAME_S), len(PIECES)), 0.1 / (len(PIECES) - 1), np.float32)
    pieces = [PIECES.index("▁" if character == " " else character) for character in f" {text}"]
    best = [piece for one in pieces for piece in (one, *[0] * (frames_a_piece - 1))]
    best += [0] * (len(shares) - len(best))
    shares[np.arange(len(shares)), best] = 0.9
    return shares


def found(text: str) -> Read:
    return read(said(text), START_S, DECODER)


def test_words_and_tokens_with_their_seconds_in_the_recording():
    words = found("[FINDINGS] Clear {period}").words
    assert [(word.text, word.is_command) for word in words] == [
        ("Findings:", True),
        ("Clear", False),
        ("period", True),
    ]
    second_piece_s = START_S + FIRST_CENTRE_S + 2 * FRAME_S  # the first is the space
    assert words[0].start_s == pytest.approx(second_piece_s - FRAME_S / 2, abs=1e-3)
    assert all(0 < word.confidence <= 1 for word in words)


def test_a_removed_placeholder_is_a_warning_with_its_seconds():
    removed = found("seen [Date] again")
    assert [word.text for word in removed.words] == ["seen", "again"]
    assert removed.warnings == (
        "1:00-1:01: the recognizer wrote the placeholder [Date], which was removed; listen there.",
    )


def test_the_next_block_knows_the_last_pieces_of_the_text():
    before = read(said("no"), START_S, DECODER).history
    after = read(said("mass"), START_S, DECODER, before).history
    assert "".join(PIECES[piece] for piece in after) == "▁no▁mass"
    longer = read(said("of the lung"), START_S, DECODER, after).history
    assert "".join(PIECES[piece] for piece in longer) == "f▁the▁lung"


def test_posteriors_that_are_no_probabilities_are_refused():
    with pytest.raises(ModelError):
        read(said("no") * 3, START_S, DECODER)


def test_voice_between_words_that_gave_none_is_a_warning():
    assert unheard(((60.0, 65.0),), found("no").words) == (
        "1:00-1:05: a voice was heard but no words could be made out; listen there.",
    )


def test_voice_that_the_words_cover_is_none():
    assert unheard(((60.0, 61.5),), found("no acute finding").words) == ()
