import numpy as np
import pytest

from dictation.lexicon import Phrase, Vocabulary
from dictation.speech.ctc.decoder import Decoder, decode
from dictation.speech.ctc.phrases import MAX_WEIGHTED_GAIN, OUTSIDE, phrase_trie
from dictation.speech.medasr.letters import pieces_of
from tests.speech.piece_posteriors import TEXTS, frames, posteriors_of, segmented, small_pieces, spelled

PIECES = pieces_of([*small_pieces().texts, "▁new", "▁ab", "norm", "▁lob"], blank=0)


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


NODULE = frames(PIECES, "▁a", "▁nod", {"ule": 0.2, "ul": 0.75}, "▁in")
CONTRAST = frames(PIECES, "▁G d - E O", {"B": 0.1, "P": 0.85}, "- D T P A", "▁was")


@pytest.mark.parametrize(
    ("posteriors", "phrase", "heard", "wanted"),
    [
        (NODULE, "nodule", "a nodul in", "a nodule in"),
        (NODULE, "NODULE", "a nodul in", "a nodule in"),
        (NODULE, "a nodule in", "a nodul in", "a nodule in"),
        (CONTRAST, "Gd-EOB-DTPA", "Gd-EOP-DTPA was", "Gd-EOB-DTPA was"),
        (CONTRAST, "gd eob dtpa", "Gd-EOP-DTPA was", "Gd-EOB-DTPA was"),
        (frames(PIECES, "▁C", {"A": 0.2, "E": 0.7}, "▁ 1 9 - 9"), "CA 19-9", "CE 19-9", "CA 19-9"),
        (frames(PIECES, "▁C A ▁ 1 9", {"-": 0.45, "0": 0.5}, "9"), "CA 19-9", "CA 1909", "CA 1909"),
    ],
)  # fmt: skip
def test_a_phrase_is_turned_up(posteriors, phrase, heard, wanted):
    assert text(posteriors) == heard
    assert text(posteriors, phrase) == wanted


def test_every_spelling_of_a_phrase_gains_the_same():
    spellings = ["▁nod ule", "▁ n o d u l e", "▁ n o d ul e", "▁nod u le", "▁ N o d ule"]
    gains = [gained(spelling, "nodule") for spelling in spellings]
    assert gains == pytest.approx([gains[0]] * 5)
    assert gains[0] > 1


def test_weight_turns_more_and_no_weight_not_at_all():
    faint = frames(PIECES, "▁nod", {"ule": 0.015, "ul": 0.93})
    assert text(faint, "nodule", weight=1) == "nodul"
    assert text(faint, "nodule", weight=2) == "nodule"
    assert text(NODULE, "nodule", weight=0) == "a nodul in"
    assert gained("▁nod ule", "nodule", weight=5) <= MAX_WEIGHTED_GAIN


@pytest.mark.parametrize("weight", [1, 5])
def test_what_the_sound_does_not_hold_is_never_written(weight):
    clear = frames(PIECES, "▁a", "▁mass", "▁in")
    assert text(clear, "nodule", "a mask in", "massive", weight=weight) == "a mass in"
    several = frames(
        PIECES, "▁", *[{letter: 0.01, other: 0.95} for letter, other in zip("kidney", "bolter", strict=True)]
    )
    assert text(several, "kidney", weight=weight) == "bolter"


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


@pytest.mark.parametrize(
    ("clear", "other", "phrases"),
    [
        ("▁no", "▁new", ["new nodule", "new", "new nodule in"]),
        ("▁new", "▁no", ["no nodule", "no"]),
        ("▁no", "▁on", ["on nodule", "on"]),
        ("▁left", "▁right", ["right nodule", "right", "▁right"]),
        ("▁right", "▁left", ["left nodule in", "left"]),
        ("▁without", "▁with", ["with nodule", "with"]),
    ],
)
@pytest.mark.parametrize("share", [0.1, 0.3, 0.45])
def test_no_phrase_turns_a_side_a_negation_or_new(clear, other, phrases, share):
    posteriors = frames(PIECES, {clear: 0.99 - share, other: share}, "▁nod ule", "▁in")
    assert text(posteriors, *phrases, weight=5) == text(posteriors)


@pytest.mark.parametrize(
    ("row", "rest", "phrases"),
    [
        ({"5": 0.75, "9": 0.24}, "▁mm", ["9 mm", "9"]),
        ({"1": 0.8, "4": 0.19}, "5 ▁mm", ["45 mm", "45"]),
        ({"5": 0.7, "9": 0.29}, ". 2 ▁cm", ["9.2 cm"]),
    ],
)
def test_no_phrase_turns_a_number_that_is_clearly_said(row, rest, phrases):
    posteriors = frames(PIECES, "▁a", "▁", row, rest, "▁nod ule")
    assert text(posteriors, *phrases, *(f"a {phrase} nodule" for phrase in phrases), weight=5) == text(posteriors)


def test_no_phrase_turns_a_unit_that_is_clearly_said():
    posteriors = frames(PIECES, "▁ 5", {"▁mm": 0.75, "▁cm": 0.24}, "▁nod ule")
    assert text(posteriors, "5 cm nodule", "cm", "cm nodule", weight=5) == "5 mm nodule"


@pytest.mark.parametrize(
    ("heard", "phrase"),
    [
        *[("benign", "malignant"), ("large", "small"), ("severe", "mild"), ("acute", "chronic"), ("mass", "cyst")],
        *[("normal", "enlarged"), ("improved", "worse"), ("possible", "likely"), ("lung", "lobe")],
    ],
)
@pytest.mark.parametrize(("share", "weight"), [(0.04, 1), (0.2, 1), (0.2, 5), (0.3, 5)])
def test_no_phrase_turns_a_known_word_that_is_clearly_heard(heard, phrase, share, weight):
    words = pieces_of([*PIECES.texts, *(f"▁{word}" for word in (heard, phrase) if f"▁{word}" not in PIECES.texts)], 0)
    posteriors = frames(words, "▁a", {f"▁{heard}": 0.99 - share, f"▁{phrase}": share}, "▁nod ule")
    phrases = vocabulary(phrase, f"{phrase} nodule", f"a {phrase} nodule", weight=weight)
    assert words.text(decode(posteriors, Decoder(words).towards(phrases)).history) == f"a {heard} nodule"


def test_a_known_word_gives_way_where_the_sound_leaves_it_open():
    posteriors = frames(PIECES, "▁the", {"▁lung": 0.5, "▁lobe": 0.45}, "▁is")
    assert text(posteriors) == "the lung is"
    assert text(posteriors, "the lobe", weight=2) == "the lobe is"


def test_a_known_word_stays_where_the_word_beside_it_is_turned():
    posteriors = frames(PIECES, {"▁lung": 0.7, "▁lobe": 0.29}, "▁nod", {"ule": 0.2, "ul": 0.75}, "▁in")
    assert text(posteriors, "lobe nodule", weight=5) == "lung nodule in"


def test_no_phrase_adds_a_word_that_was_hardly_heard():
    posteriors = frames(PIECES, "▁a", {"▁lung": 0.25}, "▁nod ule")
    assert text(posteriors, "lung nodule", "a lung nodule", weight=5) == "a nodule"


@pytest.mark.parametrize("share", [0.1, 0.36, 0.49])
@pytest.mark.parametrize(
    ("row", "phrase"), [(("fifty", "fifteen"), "fifteen mm nodule"), (("mm", "cm"), "cm"), (("5", "9"), "9 mm nodule")]
)
def test_no_phrase_turns_a_number_or_a_unit(share, row, phrase):
    words = pieces_of([*PIECES.texts, *(f"▁{word}" for word in row if f"▁{word}" not in PIECES.texts)], 0)
    posteriors = frames(words, "▁a", {f"▁{row[0]}": 0.99 - share, f"▁{row[1]}": share}, "▁mm", "▁nod ule")
    plain = words.text(decode(posteriors, Decoder(words)).history)
    assert words.text(decode(posteriors, Decoder(words).towards(vocabulary(phrase, weight=5))).history) == plain


def test_no_phrase_turns_a_word_into_its_opposite():
    posteriors = frames(PIECES, "▁it ▁is", {"▁ab": 0.7, "▁": 0.29}, {"norm": 0.99}, "al")
    assert text(posteriors) == "it is abnormal"
    assert text(posteriors, "is normal", "normal", weight=5) == "it is abnormal"


def test_sides_do_not_change_places():
    row = {"▁left": 0.6, "▁right": 0.39}, {"▁right": 0.6, "▁left": 0.39}
    posteriors = frames(PIECES, "▁from", row[0], "▁to", {"▁lob": 0.6, "▁lung": 0.39}, row[1])
    assert text(posteriors, "right to lung left", "lung left", weight=5).split()[1::3] == ["left", "right"]


def test_a_phrase_beside_a_side_is_turned_up_and_the_side_is_not():
    posteriors = frames(PIECES, {"▁right": 0.6, "▁left": 0.39}, "▁pleur", {"al": 0.2, "ul": 0.75}, "▁eff us ion")
    assert text(posteriors) == "right pleurul effusion"
    assert text(posteriors, "left pleural effusion") == "right pleural effusion"


def test_spoken_forms_are_expected_where_they_are_given():
    phrase = Phrase(written="Gd-EOB-DTPA", spoken="primovist")
    posteriors = frames(PIECES, "▁ p r i m o v", {"i": 0.2, "e": 0.75}, "st")
    decoder = Decoder(PIECES).towards(Vocabulary(phrases=(phrase,)))
    assert PIECES.text(decode(posteriors, decoder).history) == "primovist"


def test_an_empty_vocabulary_turns_nothing():
    assert Decoder(PIECES).towards(Vocabulary()).phrases is None
    assert Decoder(PIECES).towards(vocabulary("left", "no", "-")).phrases is None
