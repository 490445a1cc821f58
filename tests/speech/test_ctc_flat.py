"""Posteriors that say next to nothing: little work, no search, and a warning; trained ones are decoded as ever."""

from types import SimpleNamespace

import numpy as np
import pytest

from dictation.lexicon import Phrase, Vocabulary
from dictation.speech.ctc import beam, decoder, evidence
from dictation.speech.ctc.decoder import Decoder, decode
from dictation.speech.ctc.flat import MIN_FRAMES, is_flat
from dictation.speech.ctc.greedy import greedy
from dictation.speech.ctc.rivals import doubts
from dictation.speech.lost_speech import NOT_BELIEVED
from dictation.speech.medasr.window import read
from tests.speech.piece_posteriors import TEXTS, posteriors_of, segmented, small_pieces

PIECES = small_pieces(512)
PHRASES = Vocabulary(phrases=(Phrase(written="Whipple procedure"), Phrase(written="Gd-EOB-DTPA")))


def noise(deviation, count=300):
    """Posteriors of an untrained network: the softmax of noise."""
    shares = np.exp(np.random.default_rng(0).normal(0, deviation, (count, len(PIECES))))
    return (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)


def spoken(count=30, doubt=0.6):
    random = np.random.default_rng(7)
    return [posteriors_of(segmented(text, PIECES, random), PIECES, random, doubt) for text in TEXTS[:count]]


def hypotheses(monkeypatch):
    """Count the hypotheses that a search makes: those before a frame times the pieces that may be said in it."""
    counted = SimpleNamespace(most=0, all=0)
    after = beam._after

    def count(beams, frame, candidates, *rest):
        counted.most = max(counted.most, len(beams) * len(candidates))
        counted.all += len(beams) * len(candidates)
        return after(beams, frame, candidates, *rest)

    monkeypatch.setattr(beam, "_after", count)
    return counted


@pytest.mark.parametrize("deviation", [0, 0.1, 1, 2])
def test_noise_is_flat_and_a_trained_network_is_not(deviation):
    assert is_flat(noise(deviation))
    assert not any(map(is_flat, spoken()))


def test_a_mumbled_word_is_not_flat():
    assert not is_flat(noise(1, MIN_FRAMES - 1))


@pytest.mark.parametrize("deviation", [0.5, 1, 2])
def test_no_hypothesis_is_made_of_noise(deviation, monkeypatch):
    counted = hypotheses(monkeypatch)
    monkeypatch.setattr(decoder, "search", beam.search)
    found = decode(noise(deviation), Decoder(PIECES, beam=128).towards(PHRASES))
    assert counted.all == 0
    assert found.is_flat and [one.piece for one in found.pieces] == [
        one.piece for one in greedy(noise(deviation), PIECES.blank)
    ]


def test_words_of_noise_have_no_rivals_and_a_warning_says_not_to_believe_them():
    flat = noise(1)
    assert doubts(flat, decode(flat, Decoder(PIECES)), Decoder(PIECES)) == []
    found = read(flat, 10.0, Decoder(PIECES).towards(PHRASES))
    assert found.words and all(not word.alternatives for word in found.words)
    assert found.warnings == (f"0:10-0:22: {NOT_BELIEVED}",)


def test_speech_draws_no_such_warning():
    assert all(not read(case, 0.0, Decoder(PIECES)).warnings for case in spoken(5))


def test_a_confidence_is_the_sum_over_all_pairs_of_states():
    """The sum over the few pairs that may follow one another is that of the product with all of them."""
    random = np.random.default_rng(3)
    states, steps = 12, 9
    follows = (random.random((states, states)) < 0.3) | np.eye(states, dtype=bool)
    heard = random.random((steps, states))
    starts, ends = np.arange(states) < 3, np.arange(states) > 8
    reached = starts * heard[0]
    for row in heard[1:]:
        reached = (reached @ follows) * row
    to, before = np.nonzero(follows.T)
    first = np.searchsorted(to, np.arange(states))
    assert evidence.forward(heard, before, first, starts, ends) == pytest.approx(np.log(reached[ends].sum()))
