import pytest

from dictation.speech import Transcript, Word
from dictation.wording import write
from tests.wording.dictating import ENGINE, dictated, places


@pytest.mark.parametrize(
    ("said", "section", "text"),
    [
        ("findings colon the lungs are clear", "findings", "The lungs are clear"),
        ("IMPRESSION: No acute disease.", "impression", "No acute disease."),
        ("Impression. No acute disease.", "impression", "No acute disease."),
        ("Impression, no acute disease.", "impression", "No acute disease."),
        ("impression no acute disease", "impression", "No acute disease"),
        ("technique colon portable chest", "technique", "Portable chest"),
        ("history colon cough", "indication", "Cough"),
        ("clinical indication colon cough", "indication", "Cough"),
        ("reason for exam colon cough", "indication", "Cough"),
        ("indication colon colon cancer", "indication", "Colon cancer"),
        ("indication colon cancer", "indication", "Colon cancer"),
        ("comparison colon none", "comparison", "None"),
        ("Comparison, none.", "comparison", "None."),
        ("exam colon chest portable", "exam", "Chest portable"),
        ("examination: chest", "exam", "Chest"),
        ("procedure colon chest", "exam", "Chest"),
        ("conclusion colon normal", "impression", "Normal"),
        ("indication cough and fever", "indication", "Cough and fever"),
        ("comparison prior study", "comparison", "Prior study"),
    ],
)
def test_a_spoken_heading_names_the_section(said, section, text):
    (sentence,) = dictated(said).sentences
    assert (sentence.section, sentence.text) == (section, text)


@pytest.mark.parametrize(
    "said",
    [
        "no significant findings",
        "there are no other findings.",
        "findings are consistent with pneumonia",
        "history of colon cancer",
        "comparison is made to the prior study",
        "my impression is pneumonia",
        "the examination is limited",
        "technique is adequate",
        "indication for the study was cough",
        "comparison to the prior study",
        "the heart. findings suggest edema.",
        "two findings: a nodule and a mass",
        "family history colon cancer",
    ],
)
def test_a_section_word_in_prose_is_no_heading(said):
    assert all(sentence.section is None for sentence in dictated(said).sentences)


def test_headings_are_commands_and_found_without_a_full_stop_before_them():
    dictation = dictated("findings colon no effusion impression colon no pneumothorax")
    assert [(s.section, s.text) for s in dictation.sentences] == [
        ("findings", "No effusion"),
        ("impression", "No pneumothorax"),
    ]
    assert [(c.name, c.argument, c.words) for c in dictation.commands] == [
        ("section", "findings", (0, 1)),
        ("section", "impression", (4, 5)),
    ]


def test_a_pause_before_a_heading_begins_a_sentence():
    said = ["no", "pneumothorax", "impression", "moderate", "right", "pleural", "effusion"]
    gap_s = [0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    words = tuple(
        Word(text=text, start_s=i / 2 + gap, end_s=i / 2 + gap + 0.4)
        for i, (text, gap) in enumerate(zip(said, gap_s, strict=True))
    )
    dictation = write([Transcript(recording="r", words=words, engine=ENGINE, duration_s=5)])
    assert [(s.section, s.text) for s in dictation.sentences] == [
        (None, "No pneumothorax"),
        ("impression", "Moderate right pleural effusion"),
    ]


@pytest.mark.parametrize(
    "said",
    [
        "No effusion. Impression solid pulmonary nodule.",
        "No effusion, impression moderate effusion on the right.",
        "No effusion. Impression stable chest.",
        "No effusion, impression, normal chest.",
    ],
)
def test_impression_without_a_mark_is_a_heading(said):
    assert [sentence.section for sentence in dictated(said).sentences][-1] == "impression"


@pytest.mark.parametrize(
    "said",
    [
        "Impression of the prior study was reviewed.",
        "Findings consistent with pneumonia.",
        "Compared with the prior, findings stable.",
        "Findings are unchanged.",
    ],
)
def test_a_heading_word_that_goes_on_as_prose_keeps_its_words(said):
    assert dictated(said).text == said


def test_a_heading_between_guessed_commas_ends_the_sentence_before():
    found = dictated("CT of the chest with contrast, findings, there is no embolism.")
    assert [(s.section, s.text) for s in found.sentences] == [
        (None, "CT of the chest with contrast."),
        ("findings", "There is no embolism."),
    ]


def test_a_comma_that_was_guessed_before_a_heading_is_a_full_stop():
    found = dictated("Negative for acute bone abnormality, impression. Hyper-expanded lungs.")
    assert [(s.section, s.text) for s in found.sentences] == [
        (None, "Negative for acute bone abnormality."),
        ("impression", "Hyper-expanded lungs."),
    ]
    assert places(found) == list(range(len(found.words)))


def test_a_heading_beneath_a_heading_gets_no_full_stop_for_a_comma():
    found = dictated("findings, impression, normal chest.")
    assert [(s.section, s.text) for s in found.sentences] == [("impression", "Normal chest.")]


@pytest.mark.parametrize(
    ("said", "sections"),
    [
        ("clinical history cough comparison none technique pa findings clear impression normal",
         [("indication", "Cough"), ("comparison", "None"), ("technique", "PA"), ("findings", "Clear"),
          ("impression", "Normal")]),
        ("chest pain findings left pneumothorax impression left pneumothorax",
         [(None, "Chest pain"), ("findings", "Left pneumothorax"), ("impression", "Left pneumothorax")]),
        ("technique ct chest without contrast findings normal",
         [("technique", "CT chest without contrast"), ("findings", "Normal")]),
        ("findings the heart is normal no significant findings in the lungs impression unchanged",
         [("findings", "The heart is normal no significant findings in the lungs"), ("impression", "Unchanged")]),
    ],
)  # fmt: skip
def test_in_a_run_without_marks_two_headings_in_order_start_their_sections(said, sections):
    assert [(s.section, s.text) for s in dictated(said).sentences] == sections


@pytest.mark.parametrize(
    ("said", "section"),
    [
        ("no history of trauma findings are unchanged impression on the esophagus is smooth", None),
        ("the impression of a mass no significant findings", None),
        ("findings suggest pneumonia impression of edema", None),
        ("impression left effusion findings right effusion", "impression"),
        ("the technique was limited comparison is made to ct findings", None),
    ],
)
def test_in_a_run_without_marks_prose_or_one_heading_or_another_order_starts_none(said, section):
    (sentence,) = dictated(said).sentences
    assert sentence.section == section
