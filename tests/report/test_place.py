"""Which section and organ a sentence belongs to."""

import pytest

from dictation.report import load_template
from dictation.report.place import cued_section, passages, places
from tests.report.dictated import dictated

XRAY, CT, ANY = (load_template(name) for name in ("chest_xray", "chest_ct", "generic"))


@pytest.mark.parametrize(
    "text, section",
    [
        ("Chest x-ray two views.", "exam"),
        ("CT of the chest with intravenous contrast.", "exam"),
        ("Portable chest radiograph", "exam"),
        ("Chest PA and lateral.", "exam"),
        ("PA and lateral views of the chest.", "technique"),
        ("PA and lateral views of the chest were obtained.", "technique"),
        ("Axial images were obtained from the lung apices to the adrenals.", "technique"),
        ("Compared with January 5, 2026.", "comparison"),
        ("Comparison is made with the CT of 3 May.", "comparison"),
        ("No prior studies are available for comparison.", "comparison"),
        ("61-year-old female with cough and fever.", "indication"),
        ("Sixty-one year old with cough.", "indication"),
        ("Rule out pneumonia.", "indication"),
        ("Shortness of breath.", "indication"),
        ("History of breast cancer.", "indication"),
        ("In summary, no acute disease.", "impression"),
        ("Impression is right lower lobe pneumonia.", "impression"),
        ("Compared with the prior study, the effusion has increased.", None),
        ("Compared with the prior study, no change.", None),
        ("CT chest shows a nodule.", None),
        ("CT chest: 5 mm nodule in the right upper lobe.", None),
        ("Chest radiograph demonstrates clear lungs.", None),
        ("No prior fractures.", None),
        ("Pain pump in the left upper quadrant.", None),
        ("Overall, the lungs are clear.", None),
        ("There are two calcified granulomas.", None),
        ("Cannot rule out pneumonia.", None),
        ("", None),
    ],
)
def test_the_section_of_a_sentence_without_a_heading(text, section):
    assert cued_section(text, XRAY) == section


@pytest.mark.parametrize(
    "text, organ",
    [
        ("There is a small left pleural effusion.", "Pleura"),
        ("No pneumothoraces.", "Pleura"),
        ("Blunting of the left costophrenic angle.", "Pleura"),
        ("Small pericardial effusion.", "Heart and mediastinum"),
        ("The cardiac silhouette is enlarged.", "Heart and mediastinum"),
        ("The aorta is tortuous.", "Heart and mediastinum"),
        ("Right internal jugular central line, with the tip in the superior vena cava.", "Lines and tubes"),
        ("The endotracheal tube ends 4 cm above the carina.", "Lines and tubes"),
        ("Mild pulmonary oedema.", "Lungs"),
        ("Patchy opacity in the right lower lobe.", "Lungs"),
        ("Consolidation obscures the left heart border.", "Lungs"),
        ("Old left rib fractures.", "Bones and soft tissues"),
        ("Compression of the T8 vertebrae.", "Bones and soft tissues"),
        ("No free air under the diaphragm.", "Upper abdomen"),
        ("Unchanged since the prior.", "Other"),
    ],
)
def test_the_organ_of_a_chest_x_ray_finding(text, organ):
    assert XRAY.organ_of(text) == organ


@pytest.mark.parametrize(
    "text, organ",
    [
        ("No filling defect in the pulmonary arteries.", "Pulmonary arteries"),
        ("Mediastinal lymph node, 11 mm.", "Lymph nodes"),
        ("No mediastinal or hilar adenopathy.", "Lymph nodes"),
        ("No enlarged lymph nodes.", "Lymph nodes"),
        ("Coronary artery calcifications.", "Heart and vessels"),
        ("Small hiatal hernia.", "Mediastinum"),
        ("Simple cyst in the left kidney.", "Upper abdomen"),
        ("Bronchiectasis in the lingula.", "Lungs and airways"),
    ],
)
def test_the_organ_of_a_chest_ct_finding(text, organ):
    assert CT.organ_of(text) == organ


def test_the_generic_template_sorts_other_regions():
    assert ANY.organ_of("Small subdural hematoma over the left convexity.") == "Head"
    assert ANY.organ_of("Joint effusion of the left knee.") == "Bones and soft tissues"
    assert ANY.organ_of("No hydronephrosis.") == "Abdomen"


@pytest.mark.parametrize(
    "text", ["There is a 3 cm mass.", "Moderate effusion.", "Severe stenosis.", "No hemorrhage.", "Several nodules."]
)
def test_an_unknown_exam_gives_a_finding_no_organ_that_was_not_said(text):
    assert ANY.organ_of(text) == "Other"


def test_a_chest_film_assumes_that_a_nodule_is_one_of_the_lung_unless_another_organ_is_named():
    assert XRAY.organ_of("There is a 5 mm nodule.") == "Lungs"
    assert XRAY.organ_of("Nodule in the thyroid.") == "Heart and mediastinum"
    assert CT.organ_of("There is a 3 cm mass.") == "Other"
    assert CT.organ_of("Mass in the left kidney.") == "Upper abdomen"
    assert CT.organ_of("Mass in the left upper lobe.") == "Lungs and airways"


def test_what_follows_a_summary_belongs_to_it():
    where = places(dictated("Lungs clear.", "In summary, normal.", "Follow up as needed.").sentences, XRAY)
    assert [place.section for place in where.values()] == ["findings", "impression", "impression"]


@pytest.mark.parametrize(
    "text",
    [
        "It measures 8 mm and abuts the pleura.",
        "This is new.",
        "These are consistent with pneumonia.",
        "The largest is in the right upper lobe.",
        "Unchanged.",
        "Measuring 8 mm.",
    ],
)
def test_what_goes_on_about_a_finding_stays_with_it(text):
    where = places(dictated("Heart normal.", "Several rib lesions.", text).sentences, XRAY)
    assert where["s3"].organ == "Bones and soft tissues"


@pytest.mark.parametrize("text", ["Stable cardiomegaly.", "New right pleural effusion.", "This exam is limited."])
def test_what_speaks_of_something_else_does_not(text):
    where = places(dictated("Several rib lesions.", text).sentences, XRAY)
    assert where["s2"].organ == XRAY.organ_of(text) != "Bones and soft tissues"


def test_nothing_goes_on_at_the_start():
    assert places(dictated("This is a normal heart.").sentences, XRAY)["s1"].organ == "Heart and mediastinum"


@pytest.mark.parametrize(
    ("sentences", "first"),
    [
        (["Left kidney.", "4 mm stone in the lower pole.", "Liver is normal."], 2),
        (["Right lung:", "Clear.", "Left lung:", "Collapsed."], 2),
        (["Nodule.", "Spiculated margin.", "It measures 7 mm.", "Left effusion."], 3),
        (["Mass in the right kidney.", "Biopsy is recommended.", "Heart normal."], 2),
        (["Lungs clear.", "Umbilical piercing."], 1),
        (["Chest X-ray.", "8 mm."], 1),
    ],
)
def test_sentences_that_say_something_only_together_are_one_passage(sentences, first):
    found = passages(dictated(*sentences).sentences, ANY)
    assert [sentence.text for sentence in found[0].sentences] == sentences[:first]
