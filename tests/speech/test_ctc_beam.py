import itertools
import math
import sys

import numpy as np
import pytest

from dictation.errors import InputError, MissingError, ModelError
from dictation.speech.ctc.beam import search
from dictation.speech.ctc.decoder import Decoder, decode
from dictation.speech.ctc.greedy import greedy
from dictation.speech.ctc.language_model import LanguageModel
from dictation.speech.ctc.pieces import Pieces
from tests.speech.piece_posteriors import TEXTS, posteriors_of, segmented, small_pieces, write_language_model

TINY = Pieces.of(["<epsilon>", "▁a", "b", "▁c"], blank=0, silent=["<epsilon>"])


def texts(found, pieces=TINY):
    return pieces.text(one.piece for one in found)


def random_posteriors(frames, pieces, seed):
    return np.random.default_rng(seed).dirichlet(np.full(len(pieces), 0.4), frames)


def exhaustive(posteriors, blank):
    """Every sequence of pieces that the frames may hold, with its probability."""
    shares = {}
    for path in itertools.product(range(posteriors.shape[1]), repeat=len(posteriors)):
        sequence = tuple(piece for piece, _ in itertools.groupby(path) if piece != blank)
        share = math.prod(row[piece] for row, piece in zip(posteriors, path, strict=True))
        shares[sequence] = shares.get(sequence, 0.0) + share
    return shares


def of(found):
    return tuple(one.piece for one in found)


@pytest.fixture(scope="module")
def spoken():
    """Thirty utterances over the small MedASR's pieces: pieces, the spelling of each, posteriors in much doubt."""
    pieces, random = small_pieces(512), np.random.default_rng(7)
    spelled = [segmented(text, pieces, random) for text in TEXTS[:30]]
    return pieces, spelled, [posteriors_of(one, pieces, random, doubt=0.6) for one in spelled]


@pytest.fixture(scope="module")
def arpa(spoken, tmp_path_factory):
    pieces, _, _ = spoken
    random = np.random.default_rng(8)
    spelled = [segmented(text, pieces, random) for text in TEXTS]
    return write_language_model(tmp_path_factory.mktemp("lm") / "pieces.arpa", spelled, pieces)


@pytest.mark.parametrize("seed", range(20))
def test_a_wide_beam_finds_the_likeliest_sequence_over_all_alignments(seed):
    posteriors = random_posteriors(5, TINY, seed)
    shares = exhaustive(posteriors, TINY.blank)
    best = search(posteriors, TINY, beam=200)[0]
    assert of(best.pieces) == max(shares, key=shares.get)
    assert best.score == pytest.approx(math.log(max(shares.values())), abs=0.05)  # unlikely pieces are left out


@pytest.mark.parametrize("seed", range(20))
def test_with_a_language_model_it_finds_the_likeliest_sequence_of_all(seed, tmp_path):
    pytest.importorskip("kenlm")
    spelled = [[1, 2, 3], [1, 2, 2, 3], [3, 1], [3, 3, 1, 2]]
    model = LanguageModel.load(write_language_model(tmp_path / "tiny.arpa", spelled, TINY), TINY)
    posteriors = random_posteriors(5, TINY, seed)

    def score(sequence, share):
        state, total = model.state_after([]), math.log(share)
        for piece in sequence:
            gain, state = model.score(state, piece)
            total += gain
        return total + model.end_score(state)

    likely = {sequence: score(sequence, share) for sequence, share in exhaustive(posteriors, TINY.blank).items()}
    [best, *_] = search(posteriors, TINY, 200, model)
    assert best.score == pytest.approx(max(likely.values()), abs=0.1)
    assert likely[of(best.pieces)] == pytest.approx(max(likely.values()), abs=0.1)


def test_the_language_model_decides_where_the_sound_does_not(tmp_path):
    pytest.importorskip("kenlm")
    model = LanguageModel.load(write_language_model(tmp_path / "tiny.arpa", [[1, 2], [1, 2], [3, 1]], TINY), TINY)
    posteriors = np.array([[0.02, 0.94, 0.02, 0.02], [0.02, 0.02, 0.45, 0.51]])
    assert texts(search(posteriors, TINY, 8)[0].pieces) == "a c"
    assert texts(search(posteriors, TINY, 8, model)[0].pieces) == "ab"


def test_text_before_counts_for_the_language_model(tmp_path):
    pytest.importorskip("kenlm")
    model = LanguageModel.load(write_language_model(tmp_path / "tiny.arpa", [[1, 2], [3, 1], [1, 2]], TINY), TINY)
    posteriors = np.array([[0.02, 0.40, 0.55, 0.03]])
    decoder = Decoder(TINY, language_model=model)
    assert decode(posteriors, decoder, history=[1]).history == [2]
    assert decode(posteriors, decoder, history=[3]).history == [1]


def test_the_end_of_a_text_counts_only_where_it_ends(tmp_path):
    """A full stop before </s> is what every text of a language model has; a cut inside a text is none."""
    pytest.importorskip("kenlm")
    spelled = [[1, 2], [1, 2], [1, 3, 1, 2], [3, 1, 2]]  # each ends with "b"
    model = LanguageModel.load(write_language_model(tmp_path / "ends.arpa", spelled, TINY), TINY)
    posteriors = np.array([[0.02, 0.94, 0.02, 0.02], [0.85, 0.01, 0.13, 0.01]])
    decoder = Decoder(TINY, language_model=model)
    assert decode(posteriors, decoder).history == [1, 2]
    assert search(posteriors, TINY, 8, model, is_end=False)[0].score > search(posteriors, TINY, 8, model)[0].score
    without = {of(one.pieces): one.score for one in search(posteriors, TINY, 8, model, is_end=False)}
    ended = {of(one.pieces): one.score for one in search(posteriors, TINY, 8, model)}
    assert ended[1, 2] - ended[1,] > without[1, 2] - without[1,] + 0.5


def test_beam_and_language_model_equal_pyctcdecode_on_the_same_posteriors(spoken, arpa):
    pytest.importorskip("kenlm")
    peer = pytest.importorskip("pyctcdecode", reason="pip install --no-deps pyctcdecode==0.5.0 and pygtrie")
    pieces, _, cases = spoken
    labels = [text if text.startswith("<") else "▁" + text.replace("▁", "#") for text in pieces.texts]
    labels[pieces.blank] = ""
    theirs = peer.build_ctcdecoder(labels, str(arpa))
    model = LanguageModel.load(arpa, pieces)
    for posteriors in cases:
        text = theirs.decode(np.log(posteriors.astype(np.float64)), beam_width=8)
        mine = search(posteriors, pieces, 8, model)[0].pieces
        assert texts(mine, pieces) == " ".join(text.replace(" ", "").replace("#", " ").split())


def test_beam_one_with_nothing_to_turn_to_is_greedy(spoken):
    pieces, _, cases = spoken
    for posteriors in cases:
        assert [
            (one.piece, one.first_frame, one.last_frame) for one in decode(posteriors, Decoder(pieces, 1)).pieces
        ] == [(one.piece, one.first_frame, one.last_frame) for one in greedy(posteriors, pieces.blank)]


def test_pieces_come_with_the_frames_in_which_they_are_said(spoken):
    pieces, _, cases = spoken
    for posteriors in cases:
        found = decode(posteriors, Decoder(pieces)).pieces
        edges = [edge for one in found for edge in (one.first_frame, one.last_frame + 1)]
        assert edges == sorted(edges)
        likely = [posteriors[one.first_frame : one.last_frame + 1, one.piece].max() for one in found]
        assert np.mean(np.array(likely) > 0.2) > 0.95


def test_silence_is_no_text_whatever_the_language_model_likes(spoken, arpa):
    pytest.importorskip("kenlm")
    pieces, _, _ = spoken
    quiet = np.full((50, len(pieces)), 0.02 / (len(pieces) - 1))
    quiet[:, pieces.blank] = 0.98
    assert decode(quiet, Decoder(pieces, language_model=LanguageModel.load(arpa, pieces))).pieces == []


@pytest.mark.parametrize("beam", [1, 8])
def test_no_frames_and_one_frame_are_decoded(beam):
    decoder = Decoder(TINY, beam)
    assert decode(np.zeros((0, 4), np.float32), decoder).pieces == []
    assert decode(np.array([[1.0, 0.0, 0.0, 0.0]]), decoder).pieces == []
    [one] = decode(np.array([[0.1, 0.7, 0.1, 0.1]]), decoder).pieces
    assert (one.piece, one.first_frame, one.last_frame) == (1, 0, 0)


@pytest.mark.parametrize(
    "posteriors",
    [
        np.full((3, 4), np.nan),
        np.full((3, 4), 0.5),
        np.array([[1.5, -0.5, 0.0, 0.0]]),
        np.log(np.full((3, 4), 0.25)),
        np.full((3, 5), 0.2),
        np.full(4, 0.25),
    ],
)
def test_what_is_no_distribution_over_the_pieces_is_a_model_error(posteriors):
    with pytest.raises(ModelError):
        decode(posteriors, Decoder(TINY))


def test_odd_and_repeated_pieces_are_decoded_as_they_are():
    pieces = Pieces.of(["<epsilon>", "▁é", "▁é", "\x00", "#", "▁#", "", "日本", "</s>"], 0, ["<epsilon>"], ["</s>"])
    said = [2, 3, 7, 4, 5, 6, 8, 1]
    posteriors = np.full((2 * len(said), len(pieces)), 1e-6)
    posteriors[np.arange(0, 2 * len(said), 2), said] = 1.0
    posteriors[1::2, 0] = 1.0
    posteriors /= posteriors.sum(axis=1, keepdims=True)
    found = decode(posteriors, Decoder(pieces)).pieces
    assert [one.piece for one in found] == said
    assert texts(found, pieces) == "é\x00日本# # é"


@pytest.mark.parametrize("content", [b"", b"no model at all\n", bytes(range(256)) * 8, b"\\data\\\nngram 1=5\n"])
def test_a_file_that_is_no_language_model_is_an_input_error_that_names_it(tmp_path, content):
    pytest.importorskip("kenlm")
    path = tmp_path / "lm_6.kenlm"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"lm_6\.kenlm"):
        LanguageModel.load(path, TINY)


def test_a_language_model_of_other_pieces_is_an_input_error(tmp_path):
    pytest.importorskip("kenlm")
    other = Pieces.of(["<epsilon>", "▁x", "y", "▁z"], blank=0, silent=["<epsilon>"])
    path = write_language_model(tmp_path / "other.arpa", [[1, 2]], other)
    with pytest.raises(InputError, match="made for another one"):
        LanguageModel.load(path, TINY)


def test_a_missing_language_model_and_a_missing_kenlm_say_what_to_do(tmp_path, monkeypatch):
    with pytest.raises(MissingError, match="there is no such language model"):
        LanguageModel.load(tmp_path / "gone.kenlm", TINY)
    (tmp_path / "lm.arpa").write_text("x")
    monkeypatch.setitem(sys.modules, "kenlm", None)
    with pytest.raises(MissingError, match="needs kenlm; run pip install"):
        LanguageModel.load(tmp_path / "lm.arpa", TINY)
