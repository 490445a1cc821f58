import pytest
from hypothesis import given
from hypothesis import strategies as st

from dictation.evaluation import NORMALISERS
from dictation.wording.spell import spell
from tests.evaluation.planted import SCRIPTS
from tests.wording.spoken import decimals, heard_forms

clinical = NORMALISERS["clinical"]


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("a one point five centimeter nodule period", "A 1.5 cm nodule."),
        ("l four l five disc bulge", "L4-L5 disc bulge"),
        ("L four five disc", "L4-5 disc"),
        ("L four slash L five", "L4/L5"),
        ("fracture of T twelve comma stable", "fracture of T12, stable"),
        ("minus five hundred hounsfield units", "-500 HU"),
        ("T score minus two point five", "T-score -2.5"),
        ("three by two by one centimeters", "3 x 2 x 1 cm"),
        ("two by two", "2x2"),
        ("two nodules", "2 nodules"),
        ("the third and the eleventh rib", "the 3rd and the 11th rib"),
        ("five to six millimeters", "5-6 mm"),
        ("five to six nodules", "5-6 nodules"),
        ("forty five percent stenosis", "45% stenosis"),
        ("thirty degrees", "30°"),
        ("by rads four A", "BI-RADS 4A"),
        ("gleason three plus four equals seven", "Gleason 3+4=7"),
        ("a fifty four year old woman", "A 54-year-old woman"),
        ("november fifth twenty twenty six", "November 5, 2026"),
        ("since twenty nineteen", "since 2019"),
        ("one thousand two hundred milliliters", "1,200 mL"),
        ("findings colon the lungs are clear period new line impression colon number one no change", "FINDINGS: The"
         " lungs are clear.\nIMPRESSION:\n1. No change"),
        ("left sided", "Left-sided"),
        ("left sided {comma} stable {period}", "left-sided, stable.</s>"),
        ("haemorrhage in the oesophagus", "Hemorrhage in the esophagus"),
        ("it isn't enlarged", "It is not enlarged"),
        ("a few millimeters", "a few mm"),
        ("at three o'clock", "at 3 o’clock"),
        ("Meniere disease", "Ménière disease"),
        ("p.m. and a.m.", "PM and AM"),
    ],
)  # fmt: skip
def test_spoken_and_written_form_are_alike(spoken, written):
    assert clinical(spoken) == clinical(written)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.5 cm", "15 cm"),
        ("1.5 cm", "1.05 cm"),
        ("5 mm", "5 cm"),
        ("five millimeters", "five centimeters"),
        ("-5 HU", "5 HU"),
        ("minus ten hounsfield units", "ten hounsfield units"),
        ("L4-L5", "L3-L4"),
        ("L4-5", "45"),
        ("T12", "T2"),
        ("left", "right"),
        ("no effusion", "effusion"),
        ("<5 mm", ">5 mm"),
        ("first", "one"),
        ("five six millimeters", "5.6 mm"),
        ("10 mL", "10 mg"),
        ("hypertension", "hypotension"),
        ("cannot exclude", "can exclude"),
    ],
)
def test_what_differs_to_a_radiologist_stays_different(one, other):
    assert clinical(one) != clinical(other)


def test_a_normaliser_that_deletes_marks_hides_a_lost_point():
    said, heard = "a 1.5 cm nodule, attenuation -5 HU", "a 15 cm nodule, attenuation 5 HU"
    assert NORMALISERS["medasr_fine_tune"](said) == NORMALISERS["medasr_fine_tune"](heard)
    assert clinical(said) != clinical(heard)


def test_whisper_s_normaliser_takes_millimetres_for_a_hesitation():
    whisper = NORMALISERS["whisper_english"]
    assert whisper("a nodule of five mm") == whisper("a nodule of five")
    assert clinical("a nodule of five mm") != clinical("a nodule of five")


def test_the_published_normalisers_are_as_published():
    text = "The patient's 1.5 cm  nodule,\nL4-L5.</s>"
    assert NORMALISERS["medasr_quick_start"](text) == "the patient's 1 5 cm nodule l4 l5"
    assert NORMALISERS["medasr_fine_tune"](text) == "the patients 15 cm nodule l4l5"


def test_what_the_parser_leaves_as_heard_is_read_word_by_word():
    assert clinical("twenty fifteen millimeter nodules") == "20 15 mm nodules"
    assert clinical("a 3D view of her2+") == "a 3d view of her2 plus"


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("speech", ["american", "british"])
def test_a_script_in_figures_is_that_script_in_words(script, speech):
    assert clinical(spell(script, speech=speech)) == clinical(script)


@given(st.data(), decimals(largest=99), st.sampled_from([("mm", "millimeters"), ("cm", "centimeters")]))
def test_any_way_to_say_a_size_is_the_size(data, number, unit):
    spoken = data.draw(heard_forms(number))
    assert clinical(f"nodule of {spoken} {unit[1]} today") == f"nodule of {number} {unit[0]} today"


@given(decimals(largest=99), decimals(largest=99))
def test_two_sizes_are_never_one(one, other):
    assert (clinical(f"{one} cm") == clinical(f"{other} cm")) == (one == other)


@given(st.text())
@pytest.mark.parametrize("name", NORMALISERS)
def test_any_text_becomes_words_with_single_spaces(name, text):
    found = NORMALISERS[name](text)
    assert found == " ".join(found.split())


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_clinical_form_is_its_own(script):
    assert clinical(clinical(script)) == clinical(script)
