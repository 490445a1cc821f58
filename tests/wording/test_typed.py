from dictation.wording import typed

REPORT = """EXAM: Chest X-ray
Technique: PA and
lateral. COMPARISON: None.

FINDINGS:
The heart is normal. Nodule of 3.2 cm vs. 2.1 cm per Dr. Smith. No effusion

Impression
1. No acute disease.
2. Stable nodule
"""


def test_a_typed_report_is_split_into_sections_and_sentences():
    assert [(s.section, s.text) for s in typed(REPORT).sentences] == [
        ("exam", "Chest X-ray"),
        ("technique", "PA and lateral."),
        ("comparison", "None."),
        ("findings", "The heart is normal."),
        ("findings", "Nodule of 3.2 cm vs. 2.1 cm per Dr. Smith."),
        ("findings", "No effusion"),
        ("impression", "1. No acute disease."),
        ("impression", "2. Stable nodule"),
    ]


def test_typed_text_has_no_words_and_says_so():
    dictation = typed("Five millimeter nodule. oposities period")
    assert dictation.words == ()
    assert all(s.origin == "typed" and s.alignment == () for s in dictation.sentences)
    assert dictation.text == "Five millimeter nodule. oposities period"


def test_every_word_of_typed_text_stays():
    text = "No effusion.The heart is normal!   Really? (See above.) Findings in the lung: clear."
    assert typed(text).text.split() == text.split()


def test_empty_text_has_no_sentences():
    assert typed(" \n\n ").sentences == ()


def test_headings_in_typed_text_without_marks_start_their_sections():
    found = typed("chest pain findings left pneumothorax impression left pneumothorax").sentences
    assert [(s.section, s.text) for s in found] == [
        (None, "chest pain"),
        ("findings", "left pneumothorax"),
        ("impression", "left pneumothorax"),
    ]


def test_prose_without_marks_keeps_its_words():
    (sentence,) = typed("no significant findings and the impression of edema").sentences
    assert sentence.section is None
