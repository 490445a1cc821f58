import pytest

from dictation.lexicon import EMPTY_VOCABULARY, Phrase, Vocabulary, rows
from dictation.lexicon.critical import is_critical
from dictation.lexicon.terms import terms
from dictation.speech import Word
from dictation.wording import correct_terms
from dictation.wording.sound import sound, unlikeness
from tests.wording.dictating import dictated, places, written


def put_right(said: str, vocabulary: Vocabulary = EMPTY_VOCABULARY) -> str:
    return " ".join(word.text for word in correct_terms([Word(text=t) for t in said.split()], vocabulary))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("the mediascinum is normal", "the mediastinum is normal"),
        ("bibasilar oposities", "bibasilar opacities"),
        ("plural effusion", "pleural effusion"),
        ("plural thickening", "pleural thickening"),
        ("new mothorax", "pneumothorax"),
        ("pneumo thorax", "pneumothorax"),
        ("focal consolodation", "focal consolidation"),
        ("cardio megaly", "cardiomegaly"),
        ("hyperx-pandid lungs", "hyperexpanded lungs"),
        ("hepato splenomegaly", "hepatosplenomegaly"),
        ("peri hilar opacities", "perihilar opacities"),
        ("atlectasis", "atelectasis"),
        ("costa frenic angle", "costophrenic angle"),
        ("cost of phrenic angle", "costophrenic angle"),
        ("hyaloronic acid", "hyaluronic acid"),
        ("hyler contours", "hilar contours"),
        ("cardiac silo wet", "cardiac silhouette"),
        ("lung basis", "lung bases"),
        ("mediascinomist table", "mediastinum is stable"),
        ("hillervosculature", "hilar vasculature"),
        ("emphyse mitose changes", "emphysematous changes"),
        ("thoraculumbar dextrous cooleosis", "thoracolumbar dextroscoliosis"),
        ("tortuous thoracic order", "tortuous thoracic aorta"),
        ("hard size is normal", "heart size is normal"),
        ("pick line", "PICC line"),
    ],
)
def test_a_misheard_term_is_put_right(said, meant):
    assert put_right(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "no mothorax",  # "no" or half of "pneumothorax": it cannot be known
        "no mothorax is seen",
        "the plural of nodule",
        "an infusion pump",
        "in order to evaluate",
        "a hard mass",
        "the heart is abnormal",
        "the aorta is remarkable for calcification",
        "hypodense lesion",
        "Dr. Kowalczyk was called",
        "Mrs. Bhattacharya",
        "Dr. Hyler called",
        "doctor Mediascinum called",
        "haemothorax and oedema",
        "know effusion",
        "not seen",
        "left write left",
        "air space disease",
        "end of the line",
    ],
)
def test_what_may_be_meant_as_said_stays(said):
    assert put_right(said) == said


def test_the_post_of_status_post_is_no_prefix():
    assert written("status post surgical correction") == "Status post surgical correction"
    assert written("post surgical changes") == "Postsurgical changes"


@pytest.mark.parametrize("term", sorted(terms())[::7])
def test_a_term_is_never_changed(term):
    assert put_right(f"the {term} is") == f"the {term} is"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("no mediascinum", "no mediastinum"),
        ("left plural effusion", "left pleural effusion"),
        ("without atlectasis right", "without atelectasis right"),
        ("new oposities", "new opacities"),
        ("5 mm oposities", "5 mm opacities"),
    ],
)
def test_a_critical_word_beside_a_misheard_term_stays(said, kept):
    assert put_right(said) == kept


def test_no_row_of_the_table_changes_a_critical_word():
    for row in rows("misheard"):
        heard, meant = row["heard"].lower().split(), row["meant"].lower().split()
        touched = [w for w in set(heard) ^ set(meant) if is_critical(w) and w not in row["swallows"].split()]
        assert touched == [], row


def test_the_heard_form_is_kept_as_the_alternative_and_the_times_are_joined():
    words = [
        Word(text="A", start_s=0.0, end_s=0.1, confidence=0.9),
        Word(text="cardio", start_s=0.2, end_s=0.5, confidence=0.8),
        Word(text="megaly.", start_s=0.5, end_s=0.9, confidence=0.4),
    ]
    kept, corrected = correct_terms(words, EMPTY_VOCABULARY)
    assert kept == words[0]
    assert (corrected.text, corrected.start_s, corrected.end_s, corrected.confidence) == (
        "cardiomegaly.",
        0.2,
        0.9,
        0.4,
    )
    assert [(a.text, a.source) for a in corrected.alternatives] == [("cardio megaly", "lexicon")]


def test_the_link_shows_what_was_heard_and_the_transcript_stays_as_heard():
    dictation = dictated("the mediascinum is normal.")
    (sentence,) = dictation.sentences
    (link,) = [link for link in sentence.alignment if link.corrected]
    assert sentence.text[slice(*link.span)] == "mediastinum"
    assert (link.heard, link.words) == ("mediascinum", (1,))
    assert dictation.words[1].text == "mediascinum"


def test_a_word_that_is_none_and_could_not_be_put_right_is_marked():
    dictation = dictated("no mothorax is seen by Dr. Kowalczyk.")
    marked = [s.text[slice(*link.span)] for s in dictation.sentences for link in s.alignment if link.doubtful]
    assert marked == ["mothorax"]


def test_merged_words_are_all_behind_the_term():
    dictation = dictated("small pneumo thorax.")
    assert dictation.text == "Small pneumothorax."
    assert places(dictation) == [0, 1, 2]
    assert dictation.sentences[0].alignment[1].words == (1, 2)


def test_a_guessed_mark_keeps_words_apart():
    assert "pneumothorax" not in written("pneumo, thorax")


def test_a_phrase_of_the_vocabulary_counts_as_a_term():
    vocabulary = Vocabulary(phrases=(Phrase(written="Lymphoseek"),))
    assert put_right("injected lymfosique", vocabulary) == "injected Lymphoseek"
    assert put_right("injected lymfosique") != "injected Lymphoseek"


def test_sound_tells_near_from_far():
    assert unlikeness(sound("new mothorax"), sound("pneumothorax")) == 0
    assert unlikeness(sound("kyphosis"), sound("chifosis")) == 0
    assert unlikeness(sound("mediascinum"), sound("mediastinum")) < 0.2
    assert unlikeness(sound("effusion"), sound("mediastinum")) > 0.5
