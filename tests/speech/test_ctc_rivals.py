import numpy as np
import pytest

from dictation.lexicon import rows
from dictation.speech.ctc.decoder import Decoder, decode
from dictation.speech.ctc.rivals import doubts
from dictation.speech.medasr.letters import pieces_of, spelled, with_rivals, words
from tests.speech.piece_posteriors import TEXTS, frames, posteriors_of, segmented, small_pieces
from tests.speech.piece_posteriors import spelled as spelled_pieces

PIECES = pieces_of([*small_pieces().texts, "▁new", "▁now"], blank=0)
DECODER = Decoder(PIECES)


def rivals(posteriors, decoder=DECODER):
    """Word → {rival: probability}, for the words that have any."""
    decoded = decode(posteriors, decoder)
    return {
        doubt.text: {one.text: one.probability for one in doubt.rivals}
        for doubt in doubts(posteriors, decoded, decoder)
    }


@pytest.mark.parametrize(
    ("before", "word", "rival", "after"),
    [
        ("▁the", "▁left", "▁right", "▁lung"),
        ("▁there ▁is", "▁no", "▁new", "▁nod ule"),
        ("▁there ▁is", "▁no", "▁now", "▁eff us ion"),
        ("▁ 5", "▁mm", "▁cm", "▁nod ule"),
        ("▁a ▁", "5", "9", "▁mm ▁nod ule"),
        ("▁at ▁L", "4", "5", "▁there ▁is"),
        ("▁a ▁", "1", "5", "0 ▁mm"),
    ],
)
def test_the_share_of_a_rival_rises_with_its_sound(before, word, rival, after):
    shares, certain = [], []
    at = 2 * len(spelled_pieces(before, PIECES))  # a blank follows each piece
    for share in (0.0, 0.02, 0.1, 0.2, 0.3, 0.4, 0.47):
        posteriors = frames(PIECES, before, {word: 0.99 - share, rival: share}, after)
        decoded = decode(posteriors, DECODER)
        [said_there] = [one for one in decoded.words if one.space_frame <= at <= one.last_frame]
        other = said_there.core.lower().replace(word.strip("▁").lower(), rival.strip("▁").lower(), 1)
        shares.append(rivals(posteriors).get(said_there.text, {}).get(other, 0.0))
        certain.append(decoded.pieces[said_there.first].probability)
    assert shares == sorted(shares)
    assert shares[0] < 0.05 and shares[1] < 0.05 and shares[-1] > 0.4
    assert certain == sorted(certain, reverse=True)
    assert certain[0] > 0.98


def test_a_sure_text_has_no_rivals():
    random = np.random.default_rng(5)
    for text in TEXTS[:40]:
        assert rivals(posteriors_of(segmented(text, PIECES, random), PIECES, random, doubt=0)) == {}


@pytest.mark.parametrize("sound", [({"▁left": 0.6, "▁Left": 0.39}, "▁lung"), ("▁left", {",": 0.5}, "▁lung")])
def test_a_guessed_mark_or_another_spelling_costs_no_confidence(sound):
    decoded = decode(frames(PIECES, *sound), DECODER)
    assert min(decoded.pieces[word.first].probability for word in decoded.words) > 0.98


def test_rivals_reach_the_words_of_the_transcript_with_their_seconds():
    posteriors = frames(PIECES, "▁the", {"▁left": 0.7, "▁right": 0.295}, "▁lung ▁{ period }")
    decoded = decode(posteriors, DECODER)
    found = words(spelled(decoded.pieces, PIECES.texts.__getitem__, start_s=12.8))
    [the, left, lung, mark] = with_rivals(found, doubts(posteriors, decoded, DECODER), start_s=12.8)
    assert [(one.text, one.source) for one in left.alternatives] == [("right", "recognizer")]
    assert left.alternatives[0].probability == pytest.approx(0.29, abs=0.02)
    assert left.confidence == pytest.approx(0.7, abs=0.02)
    assert not the.alternatives and not lung.alternatives and not mark.alternatives
    assert [one.model_copy(update={"alternatives": ()}) for one in (the, left, lung, mark)] == found


def test_the_table_of_rivals_is_sound():
    kinds = {"side", "place", "negation", "newness", "opposite", "prefix", "number", "unit", "level", "structure"}
    table = rows("rivals")
    assert {row["kind"] for row in table} == kinds
    pairs = [frozenset((row["word"], row["rival"])) for row in table]
    assert len(set(pairs)) == len(pairs) and all(len(pair) == 2 for pair in pairs)
    assert all(row["word"] == row["word"].lower() and row["rival"] == row["rival"].lower() for row in table)
