"""Doubts about words: what the text alone gives away, what the ear itself doubted, and what stays unasked."""

from dataclasses import replace
from pathlib import Path

import pytest

from dictation.discrepancy import compare
from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.consistency import contradictions
from dictation.discrepancy.doubts import asked, critical_words, undoubled, with_doubts
from dictation.discrepancy.within import within
from dictation.exam import ExamFacts, Order
from dictation.report import Report, Statement
from dictation.speech import Alternative, Engine, Transcript, Word
from dictation.wording import Dictation, typed, write
from dictation.wording.orthography import Spelling
from dictation.wording.pad import Pad
from tests.wording.dictating import dictated
from tests.wording.pads import empty, say, type_in


def _rows() -> list[tuple[str, ...]]:
    lines = Path(__file__).with_name("doubts.tsv").read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if not line.startswith("#")][1:]


@pytest.mark.parametrize(("exam", "sentence", "doubted", "meant"), _rows())
def test_a_sentence_alone_is_doubted_where_it_should_be(exam: str, sentence: str, doubted: str, meant: str) -> None:
    order = None if exam == "-" else Order(procedure=exam)
    cards = critical_words(sentence, sentence, order=order)
    found = [(card.heard.text if card.heard else "", card.suggestion or "?") for card in cards]
    assert found == ([] if doubted == "-" else [(doubted, meant)])
    assert all(card.severity in ("minor", "info") and card.kind == "critical_word" for card in cards)
    for card in cards:
        for side in (card.heard, card.written):
            assert side and side.span and sentence[slice(*side.span)] == side.text


def test_there_are_more_clean_sentences_than_doubtful_ones() -> None:
    clean = sum(row[2] == "-" for row in _rows())
    assert len(_rows()) >= 120 and clean >= len(_rows()) - clean


def _said(*words: Word | str, spelling: Spelling = "american") -> Dictation:
    """A dictation of one recording; words given as text are sure, and each takes half a second."""
    said = [Word(text=word, confidence=0.99) if isinstance(word, str) else word for word in words]
    timed = tuple(word.model_copy(update={"start_s": 0.5 * n, "end_s": 0.5 * n + 0.4}) for n, word in enumerate(said))
    heard = Transcript(recording="r", words=timed, engine=Engine(name="e"), duration_s=60)
    return write([heard], spelling=spelling)


def _word(text: str, confidence: float, **others: float) -> Word:
    alternatives = tuple(
        Alternative(text="" if other == "nothing" else other, probability=share, source="recognizer")
        for other, share in others.items()
    )
    return Word(text=text, confidence=confidence, alternatives=alternatives)


def test_a_probable_competitor_of_a_side_is_major_and_knows_its_seconds() -> None:
    dictation = _said("small", _word("left", 0.55, right=0.42), "effusion", ".")
    [card] = critical_words(dictation, dictation.text)
    assert (card.severity, card.probability, card.suggestion) == ("major", 0.42, "right")
    assert card.heard and card.heard.span and dictation.text[slice(*card.heard.span)] == "left"
    assert card.audio_span_s == (0.5, 0.9)
    assert "right" in card.explanation and "42%" in card.explanation


def test_another_hearing_is_offered_in_the_spelling_of_the_text() -> None:
    words = ("the", "valve", "is", _word("cecal", 0.55, fecal=0.42))
    [card] = critical_words(_said(*words, spelling="british"), "The valve is caecal")
    assert card.suggestion == "faecal"


def test_a_close_competitor_is_minor_and_a_distant_one_is_none() -> None:
    assert [c.severity for c in critical_words(_said("mild", _word("medial", 0.7, lateral=0.2), "tear"), "")] == [
        "minor"
    ]
    assert critical_words(_said("mild", _word("medial", 0.9, lateral=0.05), "tear"), "") == []


def test_a_number_is_offered_as_it_would_be_written() -> None:
    dictation = _said("a", _word("fifty", 0.6, fifteen=0.4), "millimeter", "nodule", "in", "the", "lung")
    [card] = critical_words(dictation, dictation.text)
    assert card.suggestion is not None and "15" in card.suggestion
    assert card.heard is not None and "50" in card.heard.text


def test_a_negation_that_may_not_have_been_said_shows_the_word_behind_it() -> None:
    [card] = critical_words(_said(_word("no", 0.6, nothing=0.38), "pneumothorax"), "")
    assert card.heard and (card.heard.text, card.suggestion) == ("No pneumothorax", "Pneumothorax")


def test_a_lost_negation_is_offered() -> None:
    dictation = _said("there", "is", _word("focal", 0.6, **{"no focal": 0.36}), "consolidation", "in", "the", "lung")
    [card] = critical_words(dictation, dictation.text)
    assert (card.suggestion, card.severity) == ("no focal", "major")


def test_low_confidence_alone_is_told_without_weight_and_only_for_critical_words() -> None:
    dictation = _said(_word("moderate", 0.3), _word("right", 0.4), _word("effusion", 0.2), "is", _word("present", 0.3))
    found = critical_words(dictation, dictation.text)
    assert [(card.severity, card.heard.text if card.heard else "") for card in found][:2] == [
        ("info", "Moderate"), ("info", "right"),
    ]  # fmt: skip
    assert "effusion" not in [card.heard.text for card in found if card.heard]


def test_a_competitor_that_differs_in_marks_or_capitals_is_none() -> None:
    assert critical_words(_said("the", _word("left", 0.6, **{"Left,": 0.4}), "lung"), "") == []


def test_the_same_number_in_figures_or_words_is_none() -> None:
    for said, other in (("two", "2"), ("2", "two"), ("seventh", "7th"), ("six", "6")):
        dictation = _said("a", _word(said, 0.55, **{other: 0.44}), "months", "interval", "no", "nodule")
        assert not any(card.probability for card in critical_words(dictation, dictation.text)), (said, other)


def test_a_competitor_that_is_no_word_is_none() -> None:
    assert critical_words(_said("left", _word("typical", 0.5, tipical=0.5), "nodule"), "") == []


def test_a_retracted_word_and_a_command_are_not_asked_about() -> None:
    doubtful = _word("left", 0.5, right=0.45)
    dictation = _said("small", doubtful, "effusion", "scratch", "that", "no", "effusion", "period")
    assert critical_words(dictation, dictation.text) == []


def test_a_report_that_took_the_other_wording_has_its_own_card() -> None:
    dictation = _said("small", _word("left", 0.55, right=0.42), "pleural", "effusion", ".")
    assert critical_words(dictation, "Small right pleural effusion.") == []
    assert critical_words("Small plural effusion is seen.", "Small pleural effusion is seen.") == []


def test_a_word_that_only_the_report_has_misheard_is_asked_about() -> None:
    [card] = critical_words("Mild thoracic spondylosis.", "Mild thoracic spondylolysis.")
    assert card.heard and card.written
    assert (card.heard.text, card.written.text, card.suggestion) == ("spondylosis", "spondylolysis", "spondylosis")


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Scarring at the basal segments.", "Scarring at the basilar segments."),
        ("There is edema of the leg.", "There is oedema of the leg."),
        ("Heart size is normal.", "Cardiac size is normal."),
    ],
)
def test_other_words_for_the_same_are_not_asked_about(heard: str, written: str) -> None:
    assert critical_words(heard, written) == []


def test_what_a_template_brought_was_never_heard() -> None:
    brought = Statement(id="s1", text="No plural effusion.", section="findings", origin="template")
    assert critical_words("Lungs are clear.", Report(findings=(brought,))) == []
    typed = brought.model_copy(update={"origin": "typed"})
    assert len(critical_words("Lungs are clear.", Report(findings=(typed,)))) == 1


def test_the_exam_is_known_from_the_header_or_from_the_text() -> None:
    facts = ExamFacts(body_part="WRIST")
    assert len(critical_words("The spleen is normal.", "", facts=facts)) == 1
    assert len(critical_words("EXAM: MRI of the left wrist\nFINDINGS: The spleen is normal.", "")) == 1
    assert critical_words("The spleen is normal.", "") == []


def test_a_text_in_another_language_is_left_alone() -> None:
    text = "Keine Ergussbildung nachweisbar. Herzschatten regelrecht konfiguriert, Lungenfelder beidseits belüftet."
    assert critical_words(text, text) == []


def test_a_doubt_about_words_of_a_graver_card_is_not_told_again() -> None:
    [doubt] = critical_words("Small plural effusion.", "Small plural effusion.")
    graver = doubt.model_copy(update={"kind": "laterality", "severity": "critical"})
    assert undoubled([doubt], [graver]) == []
    assert undoubled([doubt], [graver.model_copy(update={"severity": "info"})]) == [doubt]


@pytest.mark.parametrize("text", ["a" * 300_000, "no " * 100_000, "ilium ileum " * 25_000, "50 mm nodule. " * 20_000])
def test_a_hostile_text_does_not_hang(text: str) -> None:
    critical_words(text, text)
    critical_words(text, text + " again")


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Nodule 5 mm. Replace five with 15.", "Replace five with 15"),
        ("Left effusion and left mass. Replace left with right.", "Replace left with right"),
        ("Nodule 5 cm replace small with large.", "replace small with large"),
        ("There is a cyst. Replace a with no.", "Replace a with no"),
        ("Small left effusion. Replace left with the right.", "Replace left with the right"),
        ("Left effusion. Replace left by right.", "Replace left by right"),
        ("Left nodule and replace left with right.", "replace left with right"),
        ("Nodule 5 cm. Please replace small with large.", "replace small with large"),
    ],
)
def test_a_command_that_was_not_obeyed_is_a_critical_card(text, quoted):
    for said, wrote in ((text, text), (text, "Nodule."), ("Nodule.", text)):
        (card,) = (card for card in critical_words(said, wrote) if card.severity == "critical")
        side = card.heard or card.written
        assert side and side.text == quoted and "command" in card.explanation


@pytest.mark.parametrize(
    "text",
    [
        "Replace the tube with a new one.",
        "Contrast does not replace mammography with tomosynthesis.",
        "Recommend to replace catheter with larger drain.",
        "Doctors should replace catheter with larger drain.",
        "Hip replacement with a long stem.",
        "Replaced right hepatic artery with normal caliber.",
    ],
)
def test_a_sentence_about_replacing_is_no_command(text):
    assert not [card for card in critical_words(text, text) if card.severity == "critical"]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("No. Pneumothorax.", "No. Pneumothorax"),
        ("Left effusion. No. Right effusion.", "No. Right"),
        ("Small effusion, no. Pneumothorax is seen.", "no. Pneumothorax"),
        ("Heart normal. No. Acute fracture of the left hip.", "No. Acute"),
        ("There is a left effusion. No. There is a right effusion.", "No. There"),
        ("The right. No. The left lung is clear.", "No. The"),
        ("The nodule measures 5 mm. No. The nodule measures 6 mm.", "No. The"),
        ("5 mm nodule. No. 6 mm nodule.", "No. 6"),
        ("Left 5th rib fracture. No. 6th rib fracture.", "No. 6th"),
        ("5 cc of fluid. No. 6 cc of fluid.", "No. 6"),
        ("Grade 2. No. 3.", "No. 3"),
        ("BI-RADS 3. No. 4.", "No. 4"),
        ("Nodule of 5 mm, no. 6 mm.", "no. 6"),
        ("Nodule of 5 mm, no. 6.", "no. 6"),
        ("Caries of No. 18, nodule of 5 mm, no. 6 mm.", "no. 6"),
        ("Comparison: CT of the left knee. No. CT of the right knee.\nFindings: Normal.", "No. CT"),
    ],
)
def test_a_no_that_stands_alone_is_asked_about(text, quoted):
    """It denies what follows, answers, or puts right: each reads as another report."""
    (card,) = (card for card in critical_words(text, text) if card.severity == "critical")
    assert card.heard and card.heard.text == quoted and "does it deny" in card.explanation


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        ("Left effusion. No. Right effusion.", "No. Right"),
        ("left effusion period no period right effusion period", "No. Right"),
        ("Left effusion, no. Right effusion.", "no. Right"),
        ("5 mm nodule. No. 6 mm nodule.", "No. 6"),
        ("L4 fracture. No. L5 fracture.", "No. L5"),
        ("comparison CT of the left knee. No. CT of the right knee. Findings: Normal.", "No. CT"),
        ("technique 80 mL of contrast, no. 90 mL of contrast. Findings: Normal.", "no. 90"),
        ("indication left knee pain. No. Right knee pain. Findings: Normal.", "No. Right"),
    ],
)
def test_a_no_before_a_full_stop_is_asked_about_and_takes_nothing_back(said, quoted):
    """It stands in one breath with what it may put right: nothing is decided in silence."""
    dictation = dictated(said)
    assert dictation.retracted == () and dictation.text.lower().count("no.") == 1
    (card,) = (card for card in critical_words(dictation, dictation.text) if card.severity == "critical")
    assert card.heard and card.heard.text == quoted


def _noes(heard, written):
    """Id → characters in both columns of the cards about a "no" that stands alone."""
    cards = [card for card in critical_words(heard, written) if "stands alone" in card.explanation]
    found = {card.id: (card.heard and card.heard.span, card.written and card.written.span) for card in cards}
    assert len(found) == len(cards)
    return found


@pytest.mark.parametrize(
    "second", ["Left nodule. No. Right nodule.", "Left effusion. No. Right effusion.", "Left cyst. No. Right effusion."]
)
def test_each_no_has_a_card_of_its_own_that_stays_where_words_elsewhere_change(second):
    first = "Left effusion. No. Right effusion."
    both, one = f"{first} {second}", _noes(first, first)
    cards = _noes(both, both)
    assert len(cards) == 2 and all(heard == written is not None for heard, written in cards.values())
    assert set(one) < set(cards) and set(_noes(f"Heart normal. {both}", both)) == set(cards)


def test_a_no_is_paired_with_the_one_between_the_same_words():
    heard = "Left effusion. No. Right effusion. Left cyst. No. Right effusion."
    written = "Left cyst. No. Right effusion. Left effusion. No. Right effusion."
    spans = sorted(_noes(heard, written).values())
    assert [heard[slice(*one)] for one, _ in spans] == [written[slice(*two)] for _, two in spans] == ["No. Right"] * 2
    assert spans[0][1] > spans[1][1]
    [(one, two)] = _noes("Left effusion. No. Right cyst.", "Small left effusion. No. Right cyst.").values()
    assert one and two


@pytest.mark.parametrize(
    "text",
    [
        "Pneumothorax? No. Small effusion.",
        "Prior surgery no. Liver mass 3 cm.",
        "No. Heart is enlarged.",
        "Left lung is clear. No. Heart is enlarged.",
        "Nodule on image No. 6 of the series.",
        "Catheter placed. No. 6 French catheter tip in the SVC.",
        "No. 30 periapical lucency.",
        "No. 3 clip in the gallbladder fossa. No biliary dilatation.",
        "Caries of No. 18, No. 19, no. 20.",
        "Catheter in the SVC, No. 6 French.",
        "Compared with the CT of 3 May, No. 4471.",
        "Caries of No. 18. No. 19 missing.",
        "Stent patent. No. 4 rib fracture healed.",
        "Prior films reviewed. 2. No. 3. Heart normal.",
        "1. Nodule of 5 mm. 2. No. 3. Heart normal.",
        "No effusion. No pneumothorax.",
        "There is no effusion. Right lung clear.",
        "Effusion: no. Mass: no. Heart normal.",
        "Indication: Pain. Prior surgery? No.\nComparison: No.\nFindings: Small effusion.",
        "FINDINGS:\nBrain: No, there is no hemorrhage.",
        "Findings: Heart: Normal size. Brain: No, there is no hemorrhage.",
    ],
)
def test_a_no_that_stands_for_one_thing_is_not_asked_about(text):
    assert not [card for card in critical_words(text, text) if card.severity == "critical"]
    assert not [card for card in critical_words(typed(text), text) if card.severity == "critical"]


def _put_right(heard, written):
    """Cards about a correction of a denial."""
    return [card for card in critical_words(heard, written) if "does the denial or doubt hold" in card.explanation]


@pytest.mark.parametrize(
    ("said", "before", "after"),
    [
        ("no acute fracture. Correction acute fracture.", "No acute fracture", "Correction acute fracture"),
        ("no acute fracture. Correction. Acute fracture.", "No acute fracture", "Correction. Acute fracture"),
        ("no fracture, sorry, fracture of the radius", "No fracture", "sorry, fracture of the radius"),
        ("no mass no wait mass in the left breast", "No mass", "no wait mass in the left breast"),
        ("the heart is not enlarged correction enlarged", "The heart is not enlarged", "correction enlarged"),
        ("ruled out dissection correction dissection", "Ruled out dissection", "correction dissection"),
        ("possible fracture, correction, fracture", "Possible fracture", "correction, fracture"),
        ("no fracture, correction, there is a fracture", "No fracture", "correction, there is a fracture"),
        ("No fracture, no, fracture of the rib.", "No fracture", "no, fracture of the rib"),
        ("The heart is enlarged, correction, not enlarged.", "The heart is enlarged", "correction, not enlarged"),
        ("small left effusion, correction, no effusion", "Small left effusion", "correction, no effusion"),
        ("no midline shift, correction, mass effect", "No midline shift", "correction, mass effect"),
        ("no free air, correction, free air", "No free air", "correction, free air"),
        ("no pneumoperitoneum, correction, free air", "No pneumoperitoneum", "correction, free air"),
        ("negative correction positive for embolism", "Negative", "correction positive for embolism"),
        ("no mass, no, wait, mass in the left breast", "No mass", "no, wait, mass in the left breast"),
        ("no mass oh wait mass in the left breast", "No mass", "oh wait mass in the left breast"),
        ("no cyst, pleural effusion, or edema. Correction, pleural effusion.", "No cyst, pleural effusion, or edema",
         "Correction, pleural effusion"),
        ("there is no mass, no wait there is", "There is no mass", "no wait there is"),
        ("no embolism is seen, correction, is seen on the right", "No embolism is seen",
         "correction, is seen on the right"),
        ("fracture is not identified, correction, identified", "Fracture is not identified", "correction, identified"),
        ("there is no fracture. Correction. There is, in the radius.", "There is no fracture",
         "Correction. There is"),
        ("there is no fracture, correction, there is in the radius", "There is no fracture",
         "correction, there is in the radius"),
        ("no DVT, wait, there is DVT in the left leg", "No DVT", "wait, there is DVT in the left leg"),
        ("no fracture, no, there is a fracture", "No fracture", "no, there is a fracture"),
        ("no hemorrhage, wait, acute subdural hemorrhage", "No hemorrhage", "wait, acute subdural hemorrhage"),
        ("negative for DVT, no, positive for DVT", "Negative for DVT", "no, positive for DVT"),
        ("the ducts are not dilated, wait, mildly dilated", "The ducts are not dilated", "wait, mildly dilated"),
        ("no pneumothorax or effusion, correction, no pneumothorax but left effusion", "No pneumothorax or effusion",
         "correction, no pneumothorax but left effusion"),
        ("no edema or effusion, correction, no edema, small effusion.", "No edema or effusion",
         "correction, no edema, small effusion"),
        ("no effusion or edema, correction, effusion", "No effusion or edema", "correction, effusion"),
        ("large pleural effusion, correction, no effusion", "Large pleural effusion", "correction, no effusion"),
        ("normal flow, correction, no flow", "Normal flow", "correction, no flow"),
        ("no infarct or hemorrhage, correction, no hemorrhage, left MCA infarct", "No infarct or hemorrhage",
         "correction, no hemorrhage, left MCA infarct"),
        ("negative for stone, correction, positive", "Negative for stone", "correction, positive"),
        ("positive, correction, negative for stone", "Positive", "correction, negative for stone"),
        ("the appendix is visualized, correction, not visualized", "The appendix is visualized",
         "correction, not visualized"),
        ("effusion is no longer seen, correction, still seen", "Effusion is no longer seen", "correction, still seen"),
        ("no stone, correction, there are two", "No stone", "correction, there are two"),
        ("no follow up needed, correction, follow up in 6 months", "No follow up needed",
         "correction, follow up in 6 months"),
        ("no prior for comparison, correction, prior from 2019", "No prior for comparison",
         "correction, prior from 2019"),
        ("technique CT without contrast. Correction, contrast. Findings: Normal.",
         "Technique: CT without contrast", "Correction, contrast"),
    ],
)  # fmt: skip
def test_a_correction_between_a_denial_and_its_contrary_is_asked_about(said, before, after):
    """What was dictated, typed and written: each has one critical card, which quotes the words."""
    dictation = dictated(said)
    for heard, written in ((dictation, dictation.text), (dictation, ""), (dictation.text, dictation.text)):
        (card,) = _put_right(heard, written)
        assert card.severity == "critical" and card.heard and card.heard.text == after
        assert f"\u201c{before}\u201d, then \u201c{after}\u201d" in card.explanation
    (card,) = _put_right("", dictation.text)
    assert card.written and card.written.text == after


@pytest.mark.parametrize(
    ("said", "before", "after"),
    [
        ("the left ICA is widely patent, correction, occluded", "The left ICA is widely patent",
         "correction, occluded"),
        ("the heart is not enlarged, correction, dilated", "The heart is not enlarged", "correction, dilated"),
        ("the heart is not enlarged, no, dilated", "The heart is not enlarged", "no, dilated"),
        ("the duct is mildly dilated, correction, normal", "The duct is mildly dilated", "correction, normal"),
        ("the ACL is possibly torn, correction, intact", "The ACL is possibly torn", "correction, intact"),
        ("the ACL is intact, correction, torn ACL", "The ACL is intact", "correction, torn ACL"),
        ("No aneurysm or dissection, correction, no dissection.", "No aneurysm or dissection",
         "correction, no dissection"),
        ("No stone or hydronephrosis, I mean no stone.", "No stone or hydronephrosis", "I mean no stone"),
        ("A nodule measures 4 mm, correction, 4 cm.", "A nodule measures 4 mm", "correction, 4 cm"),
        ("The aorta measures 4.5 cm, sorry, 5.4.", "The aorta measures 4.5 cm", "sorry, 5.4"),
        ("Left kidney 10 cm, right kidney 11 cm, correction, left kidney 9 cm.",
         "Left kidney 10 cm, right kidney 11 cm", "correction, left kidney 9 cm"),
        ("Mass in the head of the pancreas, correction, the tail.", "Mass in the head of the pancreas",
         "correction, the tail"),
        ("Fracture of the radius, correction, ulna.", "Fracture of the radius", "correction, ulna"),
        ("The mass is solid and vascular. Correction. Cystic.", "The mass is solid and vascular",
         "Correction. Cystic"),
        ("Follow up in 6 weeks, make that 6 months.", "Follow up in 6 weeks", "make that 6 months"),
    ],
)  # fmt: skip
def test_a_correction_that_is_not_clear_is_asked_about(said, before, after):
    dictation = dictated(said)
    (card,) = (card for card in critical_words(dictation, dictation.text) if card.severity == "critical")
    assert card.heard and card.heard.text == after
    assert card.explanation.startswith(f"\u201c{before}\u201d, then \u201c{after}\u201d: which of the two is right?")


@pytest.mark.parametrize(
    "said",
    [
        "the heart is not enlarged, correction, normal",
        "the duct is normal, correction, not dilated",
        "the lungs are clear, correction, well aerated",
        "the left ICA is patent, correction, occluded",
        "the lungs are clear, correction, the heart is enlarged",
        "no edema, correction, no edema in the lungs",
        "Comparison none. Correction: the fracture of the left radius is old.",
        "Corrected for attenuation. Surgical correction of scoliosis.",
        "sorry for the delay, the fracture is old",
        "chronic cough, no, fever",
    ],
)
def test_a_correction_that_says_the_same_state_or_is_clear_is_not_asked_about(said):
    dictation = dictated(said)
    assert not [card for card in critical_words(dictation, dictation.text) if card.severity == "critical"]


@pytest.mark.parametrize(
    "text",
    [
        "No fracture. Sorry. Fracture of the radius.",
        "Heart normal. No fracture. Sorry. Fracture of the radius. Lungs clear.",
        "No consolidation, pleural effusion, or edema. Correction, pleural effusion on the left.",
    ],
)
def test_a_correction_that_contradicts_itself_has_one_card_that_quotes_it(text):
    dictation = dictated(text)
    for cards in (compare(dictation, dictation.text), compare(text, text), within(text)):
        (card,) = (card for card in cards if card.severity == "critical")
        assert card.kind == "critical_word" and "\u201d, then \u201c" in card.explanation


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("No fracture. Sorry. Fracture of the radius.", 0),
        ("No fracture. Heart normal. No edema. Sorry. Fracture of the radius.", 1),
        ("No fracture, and the heart is of normal size and shape. Sorry. Fracture of the radius.", 1),
    ],
)
def test_what_a_card_quotes_is_known_whatever_its_words(text, kept):
    """The contradiction is left out where the card quotes both of its sides, and its words begin there."""
    found = contradictions(heard_column(""), written_column(text), ())
    doubts = [replace(one, card=one.card.model_copy(update={"explanation": "Which?"})) for one in asked("", text)]
    assert len(found) == 1
    assert [card.kind for card in with_doubts(found, doubts)].count("contradiction") == kept


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("No fracture. Heart normal. Fracture of the radius.", ["contradiction"]),
        ("No fracture. No edema, correction, no left edema. Fracture of the radius.", ["contradiction"]),
        ("No fracture. Heart normal. No fracture. Sorry. Fracture of the radius.", ["contradiction", "critical_word"]),
        ("No fracture of the hip. No edema. Sorry. Edema. Fracture of the hip.", ["contradiction", "critical_word"]),
    ],
)
def test_a_contradiction_beside_a_correction_keeps_its_card(text, kinds):
    assert sorted(card.kind for card in compare(text, text) if card.severity == "critical") == kinds


def test_it_is_asked_about_where_the_ear_doubted_one_of_its_words() -> None:
    dictation = _said("no", "fracture,", "sorry,", "fracture", "of", "the", _word("left", 0.55, right=0.42), "radius")
    assert dictation.text == "No fracture, sorry, fracture of the left radius"
    assert len(_put_right(dictation, "")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "No left effusion, correction, no right effusion.",
        "Small left nodule, correction, small right cyst.",
        "Left effusion, correction.",
        "Correction, no effusion.",
        "No free air, correction, no free fluid.",
        "Possible cyst, correction, possible mass.",
        "Small effusion, correction, free air.",
        "Nodule in the lingula, correction, 9 mm in the left lung base.",
        "No evidence of effusion, correction, no effusion.",
        "No mass, wait for the biopsy of the mass.",
        "No fracture after surgical correction of a fracture.",
        "No kyphosis. Correction of the kyphosis is stable.",
        "No solid mass. Rather, a cystic mass is seen.",
        "The nodule is solid rather than cystic. No solid mass elsewhere.",
        "No effusion, no pneumothorax, no, nothing else.",
        "No edema, no, nothing else.",
        "No edema, no, that is all.",
        "No edema, wait, let me see.",
        "Status post cholecystectomy, correction, laparoscopic cholecystectomy.",
        "Recommend MRI, correction, a better MRI with contrast.",
        "No edema or effusion, correction, no effusion, no edema, no pneumothorax.",
        "No edema, moderate effusion, correction, no edema, small effusion.",
        "No edema, correction, no edema. Small effusion.",
        "No effusion, no, no pneumothorax.",
        "Small left effusion, no, the heart is enlarged.",
        "No mass. Wait, a question about the prior.",
        "No left lower lobe mass, or rather, the spleen is large.",
    ],
)
def test_a_correction_that_turns_no_denial_is_not_asked_about(text):
    assert _put_right(text, text) == []


def _obeyed(heard, written=""):
    """Cards about a finding that took the place of another behind a denial."""
    return [card for card in critical_words(heard, written) if "is that denied, or is it there" in card.explanation]


@pytest.mark.parametrize(
    ("said", "asked", "written"),
    [
        ("no left effusion correction right effusion", "No left effusion, correction, right effusion",
         "No right effusion"),
        ("No left effusion. Correction. Right effusion.", "No left effusion, correction, right effusion",
         "No right effusion"),
        ("no left effusion, no, right effusion", "No left effusion, no, right effusion", "No right effusion"),
        ("no left effusion comma correction comma right effusion", "No left effusion, correction, right effusion",
         "No right effusion"),
        ("Heart normal. No effusion, I mean, pneumothorax.", "No effusion, i mean, pneumothorax", "No pneumothorax"),
        ("no large effusion, correction, small effusion", "No large effusion, correction, small effusion",
         "No small effusion"),
        ("no pneumothorax or effusion, correction, small effusion",
         "No pneumothorax or effusion, correction, small effusion", "No pneumothorax or small effusion"),
        ("no mass or fracture, correction, mass or adenopathy", "No mass or fracture, correction, mass", "No mass"),
        ("no left cyst, sorry, right cyst, sorry, left cyst", "No right cyst, sorry, left cyst", "No left cyst"),
    ],
)  # fmt: skip
def test_another_finding_put_behind_a_denial_is_asked_about(said, asked, written):
    """It may be denied as well, or be what there is: both readings are quoted."""
    dictation = dictated(said)
    (card,) = _obeyed(dictation, dictation.text)
    assert card.severity == "critical" and card.heard and card.heard.span
    assert dictation.text[slice(*card.heard.span)] == card.heard.text
    assert card.explanation.startswith(f"\u201c{asked}\u201d was written as \u201c{written}\u201d: ")


@pytest.mark.parametrize(
    "said",
    [
        "no left effusion, correction, no right effusion",
        "no left, correction, right effusion",
        "no evidence of left, no wait, right pneumothorax",
        "no left pleural effusion, correction, right",
        "no pneumothorax, left effusion, correction, left effusion with atelectasis",
        "no pneumothorax and left effusion, correction, left effusion with atelectasis",
        "no fracture, correction, fracture or dislocation",
        "no mass, I mean mass or adenopathy",
        "no effusion, correction, small effusion",
        "small left effusion, correction, right effusion",
        "small left, correction, right effusion",
        "acute fracture, correction, no acute fracture",
        "no effusion in the left lung, correction, in the left lung base",
        "no nodule in the left lower lobe, correction, right lower lobe",
        "no fracture of L4, correction, L5",
        "no pneumothorax. left effusion, correction, right effusion",
        "the left lung is clear, correction, the right lung is clear",
        "no left effusion scratch that right effusion",
    ],
)
def test_a_correction_beside_a_denial_or_of_one_is_not_asked_about(said):
    dictation = dictated(said)
    assert dictation.retracted
    assert _obeyed(dictation, dictation.text) == _put_right(dictation, dictation.text) == []


def test_what_was_put_behind_a_denial_is_asked_about_in_a_text_that_grew_and_not_where_it_was_typed_over() -> None:
    pad = say(empty(), "Heart normal. No left effusion.", "Correction, right effusion.", "No pneumothorax.")
    assert pad.text == "Heart normal. No right effusion. No pneumothorax."
    (card,) = _obeyed(pad.dictation, pad.text)
    assert card.heard and card.heard.text == "No right effusion"
    start = pad.text.index("No right")
    typed = type_in(pad, start, start + len("No right"), "Right")
    assert typed.text == "Heart normal. Right effusion. No pneumothorax."
    assert _obeyed(typed.dictation, typed.text) == []


@pytest.mark.parametrize(
    "said",
    [
        "left kidney 10 cm and right kidney 11 cm, no, left kidney 9 cm",
        "mildly enlarged, correction, severely enlarged",
    ],
)
def test_a_correction_that_was_not_plain_is_asked_about_whatever_announces_it(said):
    dictation = dictated(said)
    (card,) = [one for one in critical_words(dictation, dictation.text) if one.severity == "critical"]
    assert not dictation.retracted and "Write what was meant." in card.explanation


NOT_OBEYED = (
    "left lobe nodule scratch that right lobe clear",
    "no mass delete the last sentence",
    "nodule in the left upper lobe, scratch that, in the right upper lobe.",
    "5 mm nodule in the right lung scratch that in the left lung",
    "left upper lobe scratch that in the right upper lobe",  # sounds like a scarring, too
    "{scratch that} in the right lung nodule",
    "indication colon left flank pain scratch that right flank pain period",
    "left effusion, delete that, is on the right",
)


def _live(said: str) -> Pad:
    return empty().dictated(0, [Word(text=word) for word in said.split()], 0, is_live=True)


@pytest.mark.parametrize("said", NOT_OBEYED)
def test_a_command_that_takes_back_and_stands_in_the_text_is_asked_about_once(said):
    pad = _live(said)
    (card,) = _not_obeyed(critical_words(pad.dictation, pad.text))
    assert not pad.retracted and card.severity == "critical" and card.heard and card.written
    assert card.heard.text == card.written.text
    assert card.heard.text.lower() in ("scratch that", "delete that", "delete the last sentence")


def test_each_place_of_a_command_is_asked_about_by_itself():
    pad = _live("Left effusion. Scratch that. Scratch that. Right effusion.")
    one, two = _not_obeyed(critical_words(pad.dictation, pad.text))
    assert one.id != two.id
    other = _live("Left mass. Scratch that. Right mass.")
    assert not {one.id, two.id} & {card.id for card in critical_words(other.dictation, other.text)}


@pytest.mark.parametrize(
    "said",
    [
        "he cannot scratch that itch",
        "there is a superficial scratch that measures 5 mm",
        "cat scratch that has healed",
        "please delete that series from the study",
    ],
)
def test_words_of_a_command_that_are_none_are_not_asked_about(said):
    pad = _live(said)
    assert _not_obeyed(critical_words(pad.dictation, pad.text)) == []


def _not_obeyed(cards):
    return [card for card in cards if "was not obeyed" in card.explanation]
