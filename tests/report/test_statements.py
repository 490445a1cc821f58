"""Dictations without capitals or marks: each statement goes where its organ is, and no word is lost."""

from dictation.report import ExtractiveWriter, load_template
from dictation.report.statements import in_statements
from dictation.speech.transcript import Word
from dictation.wording import typed, write
from tests.report.reported import reported
from tests.wording.dictating import transcript

ABDOMEN = (
    "liver is enlarged with a 2 cm cyst in the right hepatic lobe gallbladder is surgically absent spleen is normal "
    "there is mild left hydronephrosis with a 5 mm calculus in the distal left ureter no free air bladder is "
    "decompressed no enlarged lymph nodes degenerative changes of the lumbar spine"
)


def test_a_long_run_is_cut_to_its_end():
    text = " ".join(["the lungs are clear heart is enlarged"] * 90)
    organs = {one.organ for one in reported("chest_ct_normal", text).findings if one.evidence}
    assert organs == {"Lungs and airways", "Heart and vessels"}


def test_the_words_of_a_recognizer_stay_behind_the_parts_of_their_sentence():
    words = tuple(Word(text=word, start_s=n, end_s=n + 0.9, confidence=0.9) for n, word in enumerate(ABDOMEN.split()))
    whole = write([transcript(ABDOMEN).model_copy(update={"words": words})])
    cut = in_statements(whole, load_template("ct_abdomen_pelvis_normal"))
    assert len(cut.sentences) > len(whole.sentences) and cut.sentences[0].id == whole.sentences[0].id
    assert [link.words for one in cut.sentences for link in one.alignment] == [
        link.words for one in whole.sentences for link in one.alignment
    ]
    for sentence in cut.sentences:
        for link in sentence.alignment:
            assert 0 <= link.span[0] < link.span[1] <= len(sentence.text)


def test_what_belongs_to_one_place_stays_whole():
    whole = typed("The lungs are clear there is no consolidation")
    assert len(in_statements(whole, load_template("chest_ct")).sentences) == 1


def test_what_is_dictated_behind_a_label_with_a_side_stays_behind_it():
    kidneys = "Right kidney: 11 cm. Moderate hydronephrosis. No stone. Left kidney: 10.8 cm. 4 mm stone."
    said = typed(f"Findings: {kidneys} Spleen normal.")
    report = ExtractiveWriter().write(said, template=load_template("us_abdomen"))
    assert f"Kidneys: {kidneys}" in report.text and "Spleen: Spleen normal." in report.text
