"""Decoding on the posteriors of the small trained MedASR: phrases that are not said, and a word between two sides."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks.small_lasr.speech import held_out_clips
from dictation.lexicon import Phrase, Vocabulary
from dictation.speech.ctc.decoder import Decoder, decode
from dictation.speech.ctc.rivals import doubts
from dictation.speech.medasr.letters import pieces_of
from dictation.speech.medasr.posteriors import posteriors

SIDES = Path(__file__).parent / "data" / "sides"


@pytest.fixture(scope="module")
def decoder(small):
    return Decoder(pieces_of(map(small.piece_text, range(small.network.config.vocab_size)), small.blank))


@pytest.fixture(scope="module")
def cases(small):
    return [posteriors(small, [clip.samples])[0] for clip in held_out_clips()]


def test_phrases_of_a_report_change_no_critical_word_of_another(decoder, cases):
    """Sides, negations and "new" are those of the sound, whatever the phrases hold."""
    phrases = [
        "left pleural effusion",
        "no pneumothorax",
        "new nodule",
        "right lung",
        "without contrast",
        "left kidney",
    ]
    turned = decoder.towards(Vocabulary(phrases=tuple(Phrase(written=phrase, weight=5) for phrase in phrases)))
    bound = {"left", "right", "no", "not", "new", "with", "without", "bilateral"}

    def critical(used, case):
        text = used.pieces.text(decode(case, used).history)
        return [word for word in text.lower().split() if word in bound - {"with"}]

    for case in cases:
        assert critical(turned, case) == critical(decoder, case)


def test_the_more_a_word_sounds_like_the_other_side_the_likelier_its_rival(small, decoder):
    left, right = (soundfile.read(SIDES / f"{side}.flac", dtype="float32")[0] for side in ("left", "right"))
    length = max(len(left), len(right))
    left, right = (np.pad(samples, (0, length - len(samples))) for samples in (left, right))
    shares = []
    for mixed in np.linspace(0, 1, 25):
        case = posteriors(small, [(1 - mixed) * left + mixed * right])[0]
        decoded = decode(case, decoder)
        rivals = {
            doubt.text: {one.text: one.probability for one in doubt.rivals} for doubt in doubts(case, decoded, decoder)
        }
        [side] = [word.core for word in decoded.words if word.core in ("left", "right")]
        others = rivals.get(side, {})
        shares.append(others.get("right", 0.0) if side == "left" else 1 - others.get("left", 0.0))
    assert shares[0] < 0.05 and shares[-1] > 0.95
    assert all(after > before - 0.02 for before, after in pairwise(shares))
    assert any(0.05 < share < 0.95 for share in shares)
