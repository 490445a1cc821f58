"""What a list of phrases adds to a hypothesis; what it writes and never writes is in corpus/phrases.tsv."""

import numpy as np
import pytest

from dictation.lexicon import Phrase, Vocabulary
from dictation.speech.ctc.decoder import Decoder, decode
from dictation.speech.ctc.phrases import MAX_WEIGHTED_GAIN, OUTSIDE, phrase_trie
from tests.speech.piece_posteriors import TEXTS, posteriors_of, segmented, small_pieces, spelled

PIECES = small_pieces()


def vocabulary(*phrases, weight=1.0):
    return Vocabulary(phrases=tuple(Phrase(written=phrase, weight=weight) for phrase in phrases))


def text(posteriors, *phrases, weight=1.0, beam=8):
    decoder = Decoder(PIECES, beam).towards(vocabulary(*phrases, weight=weight))
    return PIECES.text(decode(posteriors, decoder).history)


def gained(spelling, *phrases, weight=1.0):
    """What a phrase list adds to a hypothesis that ends here."""
    trie = phrase_trie(vocabulary(*phrases, weight=weight), PIECES)
    state, total = OUTSIDE, 0.0
    for piece in spelled(spelling, PIECES):
        state, gain = trie.step(state, piece)
        total += gain
    return total + trie.end(state)


def test_every_spelling_of_a_phrase_gains_the_same():
    spellings = ["▁nod ule", "▁ n o d u l e", "▁ n o d ul e", "▁nod u le", "▁ N o d ule"]
    gains = [gained(spelling, "nodule") for spelling in spellings]
    assert gains == pytest.approx([gains[0]] * 5)
    assert 1 < gains[0] < gained(spellings[0], "nodule", weight=5) <= MAX_WEIGHTED_GAIN


@pytest.mark.parametrize(
    "spelling",
    ["▁nod", "▁nod ule s", "▁nod ul ar", "m nod ule", "▁ a nod ule", "▁nod ▁ule", "▁nod ul"],
)
def test_half_a_phrase_or_one_inside_a_word_gains_nothing(spelling):
    assert gained(spelling, "nodule") == pytest.approx(0)


@pytest.mark.parametrize(
    "spelling", ["▁nod ule ▁in", "▁nod ule .", "▁nod ule ▁{ period }", "▁nod ule - l", "▁a - nod ule"]
)
def test_a_whole_phrase_keeps_its_gain_whatever_follows(spelling):
    assert gained(spelling, "nodule") == pytest.approx(gained("▁nod ule", "nodule"))


def test_a_longer_phrase_that_breaks_off_keeps_the_gain_of_the_shorter_one():
    short = gained("▁pleur al ▁eff us ion", "pleural effusion")
    assert gained("▁pleur al ▁eff us ion ▁on ▁the", "pleural effusion", "pleural effusion on both") == pytest.approx(
        short
    )


def test_a_phrase_that_begins_inside_another_is_found():
    alone = gained("▁nod ule ▁in ▁lung", "nodule in lung")
    assert gained("▁mass ▁nod ule ▁in ▁lung", "mass nodule at", "nodule in lung") == pytest.approx(alone)


@pytest.mark.parametrize("beam", [1, 8])
@pytest.mark.parametrize("doubt", [0.0, 0.2])
def test_utterances_without_the_phrases_stay_as_they_are(beam, doubt):
    random = np.random.default_rng(4)
    phrases = ["Gd-EOB-DTPA", "xanthogranulomatous", "zygomaticomaxillary", "Whipple procedure", "Yttrium-90"]
    for spoken in TEXTS[:25]:
        posteriors = posteriors_of(segmented(spoken, PIECES, random), PIECES, random, doubt)
        assert text(posteriors, *phrases, weight=5, beam=beam) == text(posteriors, beam=beam)


def test_an_empty_vocabulary_turns_nothing():
    for nothing in (Vocabulary(), vocabulary("left", "no", "-")):
        assert Decoder(PIECES).towards(nothing).phrases is None
