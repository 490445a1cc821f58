"""A finding takes away the normals of its own organ and of no other, in every template that comes along."""

import pytest

from dictation.discrepancy.template_normals import template_normals
from dictation.findings import extract
from dictation.lexicon import rows
from dictation.report import ExtractiveWriter, load_template
from dictation.report.concern import concerned, exam_regions
from dictation.report.organs import organ_ids
from dictation.report.template import available_templates
from dictation.wording import typed
from tests.report.dictated import dictated

NORMALS = [name for name in available_templates() if load_template(name).default_normals]
ASKED = None

# What a radiologist would say of each: the headings whose normals it takes away; ASKED where he would have to be.
ABDOMEN = {
    "There is a 12 mm hypodense lesion in segment 7, likely a cyst.": {"Liver"},
    "2 cm arterially enhancing mass in segment IVb.": {"Liver"},
    "Diffuse hepatic steatosis.": {"Liver"},
    "Portal vein thrombosis.": {"Liver"},
    "Cholelithiasis without gallbladder wall thickening.": {"Gallbladder and bile ducts"},
    "The common bile duct is dilated to 11 mm.": {"Gallbladder and bile ducts"},
    "Pneumobilia.": {"Gallbladder and bile ducts"},
    "3 cm hypoenhancing mass in the pancreatic head.": {"Pancreas"},
    "Acute interstitial edematous pancreatitis.": {"Pancreas"},
    "Cyst of the pancreatic tail adjacent to the spleen.": {"Pancreas"},
    "Splenomegaly measuring 15 cm.": {"Spleen"},
    "Wedge-shaped splenic infarct.": {"Spleen"},
    "Left adrenal nodule measuring 18 mm.": {"Adrenals"},
    "5 mm obstructing calculus in the distal left ureter with mild hydronephrosis.": {"Kidneys"},
    "Exophytic cyst of the left upper pole.": {"Kidneys"},
    "3 mm stone in the right lower pole.": {"Kidneys"},
    "Sigmoid diverticulitis with a small pericolonic abscess.": {"Bowel"},
    "The appendix is dilated to 12 mm with periappendiceal stranding.": {"Bowel"},
    "High-grade small bowel obstruction.": {"Bowel"},
    "Small amount of ascites.": {"Peritoneum"},
    "Pneumoperitoneum.": {"Peritoneum"},
    "Retroperitoneal lymphadenopathy.": {"Lymph nodes"},
    "Enlarged left para-aortic lymph node, 16 mm.": {"Lymph nodes"},
    "Enlarged celiac nodes up to 2 cm.": {"Lymph nodes"},
    "Infrarenal abdominal aortic aneurysm measuring 4.5 cm.": {"Vessels"},
    "Splenic artery aneurysm.": {"Vessels"},
    "Bladder wall thickening.": {"Pelvis"},
    "4 cm right adnexal cyst.": {"Pelvis"},
    "Compression fracture of L2.": {"Bones"},
    "Fracture of the left superior pubic ramus.": {"Bones"},
    "Sclerotic lesion in the right iliac bone.": {"Bones"},
    "Small right pleural effusion.": {"Lower chest"},
    "6 mm nodule in the left lower lobe.": {"Lower chest"},
    "There is a 5 cm mass.": ASKED,
    "Metastases.": ASKED,
    "Fat stranding.": ASKED,
    "7 mm calculus.": ASKED,
    "Acute hemorrhage.": ASKED,
    "Rim-enhancing fluid collection.": ASKED,
    "Liver cyst and a 5 cm mass.": ASKED,
    "No hydronephrosis, there is a 3 cm mass.": ASKED,
    "The spleen is normal; there is a 3 cm mass.": ASKED,
    "The spleen is normal in size with a 3 cm mass.": {"Spleen"},
    "Zorp sign.": ASKED,
    "Thickened gall bladder wall with gall stones.": {"Gallbladder and bile ducts"},
    "gall bladder full of stones": {"Gallbladder and bile ducts"},
    "Gall-bladder wall thickening.": {"Gallbladder and bile ducts"},
    "Gall stones.": {"Gallbladder and bile ducts"},
    "Stone in the bladder neck.": {"Pelvis"},
    "Dilated common hepatic duct.": {"Gallbladder and bile ducts"},
    "Mass at the splenic flexure.": {"Bowel"},
    "Mass at the hepatic flexure.": {"Bowel"},
    "Stone in the left renal pelvis.": {"Kidneys"},
    "Dilated left renal pelvis.": {"Kidneys"},
    "Fracture of the neck of the femur.": {"Bones"},
    "Wedge-shaped infarct in the upper pole of the spleen.": {"Spleen"},
    "6 mm nodule in segment 6 of the right lung.": {"Lower chest"},
    "Splenomegaly displacing the left kidney.": {"Spleen", "Kidneys"},
    "Pancreatic mass abutting the stomach and the spleen.": {"Pancreas", "Bowel", "Spleen"},
    "Large heterogeneous mass displaces the stomach anteriorly.": ASKED,
    "Large mass displacing the left kidney and the spleen.": ASKED,
    "The gallbladder is compressed by a large collection.": ASKED,
    "The stomach is displaced anteriorly by a large mass.": ASKED,
    "Large hematoma abutting the liver.": ASKED,
    "Cyst adjacent to the spleen.": ASKED,
}
CHEST = {
    "8 mm nodule in the right upper lobe.": {"Lungs"},
    "Lesion in segment 6 of the left lung.": {"Lungs"},
    "Nodule in segment 7.": {"Lungs"},
    "Left lower lobe consolidation.": {"Lungs"},
    "Moderate left pleural effusion.": {"Pleura"},
    "Small apical pneumothorax on the right.": {"Pleura"},
    "Cardiomegaly.": {"Heart"},
    "Pericardial effusion.": {"Heart"},
    "Fracture of the left seventh rib.": {"Bones"},
    "Lytic lesion of T8.": {"Bones"},
    "Fracture of T8.": {"Bones"},
    "Hepatic cyst.": {"Upper abdomen"},
    "Lymphoma.": ASKED,
    "Zorp sign.": ASKED,
}
CASES = {
    "ct_abdomen_pelvis_normal": ABDOMEN,
    "us_abdomen_normal": {
        text: {"Bowel"} if gone == {"Peritoneum"} else gone
        for text, gone in ABDOMEN.items()
    },
    "chest_ct_normal": CHEST | {
        "Mediastinal lymphadenopathy.": {"Lymph nodes"}, "There is a mass.": ASKED,
        "Filling defect in the right main pulmonary artery.": {"Pulmonary arteries"},
    },
    "chest_xray_normal": CHEST | {"Widened mediastinum.": {"Heart"}, "Kerley B lines.": {"Lungs", "Heart"}},
    "ct_head_normal": {
        "Left subdural hematoma measuring 9 mm with midline shift.": {"Brain"},
        "Acute hemorrhage.": {"Brain"},
        "Acute infarct in the left MCA territory.": {"Brain"},
        "Generalized atrophy.": {"Brain"},
        "Hydrocephalus.": {"Ventricles"},
        "Mucosal thickening of the left maxillary sinus.": {"Sinuses"},
        "Left mastoid effusion.": {"Sinuses"},
        "Depressed skull fracture.": {"Skull"},
        "Scalp hematoma on the right.": {"Skull"},
        "Proptosis on the left.": {"Orbits"},
        "There is a mass.": ASKED,
        "Zorp sign.": ASKED,
        "Age appropriate volume loss.": {"Brain"},
        "Age-appropriate involution.": {"Brain"},
        "Pineal and choroid plexus calcification.": {"Brain"},
        "Calcified falx.": {"Brain"},
        "Depressed fragment in the left parietal region.": {"Skull"},
        "Subdural hematoma effacing the left lateral ventricle.": {"Brain", "Ventricles"},
    },
    "xray_knee_normal": {
        "Comminuted fracture of the tibial plateau.": {"Bones"},
        "Moderate joint effusion.": {"Joint"},
        "Medial joint space narrowing.": {"Joint"},
        "Chondrocalcinosis.": {"Joint"},
        "Soft tissue swelling.": {"Soft tissues"},
        "Quadriceps tendon tear.": {"Soft tissues"},
        "Total knee arthroplasty in place.": {"Hardware"},
        "Zorp sign.": ASKED,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", NORMALS)
def test_each_template_with_normals_is_tried(name):
    assert CASES[name]


@pytest.mark.parametrize(("name", "sentence"), [(name, text) for name in CASES for text in CASES[name]])
def test_a_finding_takes_away_the_normals_of_its_own_organ_only(name, sentence):
    template, own = load_template(name), CASES[name][sentence]
    dictation = dictated(sentence)
    report = ExtractiveWriter().write(dictation, template=template)
    standing = {one.organ for one in report.findings if one.origin == "template"}
    gone = {organ.heading for organ in template.organs if organ.normal} - standing
    asked = [one for one in template_normals(dictation, report, template) if one.choices]
    assert any(sentence == one.text for one in report.findings)
    if own is ASKED:
        assert len(asked) == 1 and asked[0].severity == "critical"
        assert len(standing) >= len(gone)  # nothing is emptied
        return
    assert not asked
    wanted = {heading for heading in template.headings if any(heading.startswith(one) for one in own)}
    assert wanted and gone == {one.heading for one in template.organs if one.normal and one.heading in wanted}
    assert {one.organ for one in report.findings if one.evidence} <= wanted


@pytest.mark.parametrize("name", NORMALS)
def test_no_normal_that_denies_a_finding_stands_beside_it_unasked(name):
    """Every finding that is known, by each of its first names, and by its name in the first place of its organ."""
    template = load_template(name)
    denials = {organ.heading: {c.finding for c in extract(organ.normal) if c.status == "absent"}
               for organ in template.organs if organ.normal}  # fmt: skip
    for row in rows("findings"):
        text = f"There is {row['terms'].split(' | ')[0]}."
        found = {claim.finding for claim in extract(text) if claim.status == "present"}
        about = concerned(text, template)
        for heading, denied in denials.items():
            assert heading in about.headings or found.isdisjoint(denied), (text, heading)


@pytest.mark.parametrize(
    "text",
    [
        "Large heterogeneous mass, 11 cm. Displaces the stomach anteriorly.",
        "Large heterogeneous mass, 11 cm. Displaces the spleen.",
        "Large collection, 9 cm. Bladder compressed.",
        "Large heterogeneous mass, 11 cm. It abuts the liver.",
    ],
)
def test_what_a_finding_acts_on_is_not_where_it_lies(text):
    template, dictation = load_template("ct_abdomen_pelvis_normal"), typed(text)
    report = ExtractiveWriter().write(dictation, template=template)
    asked = [one for one in template_normals(dictation, report, template) if one.choices]
    assert len(asked) == 1 and asked[0].severity == "critical" and "cm" in asked[0].written.text


def test_a_touched_organ_is_no_landmark():
    template = load_template("ct_abdomen_pelvis_normal")
    assert concerned("Pancreatic head mass invading the duodenum.", template).headings == ("Pancreas", "Bowel")
    assert concerned("Pancreatic head mass anterior to the left kidney.", template).headings == ("Pancreas",)


def test_the_exam_says_which_organ_has_segments():
    assert concerned("Lesion in segment 7.", load_template("us_abdomen")).headings == ("Liver",)
    assert concerned("Lesion in segment 7.", load_template("chest_ct")).headings == ("Lungs and airways",)


@pytest.mark.parametrize(
    "text",
    [  # by a tester who had not seen the tables
        "There is a 12 mm hypodense lesion in liver segment 7, likely a cyst.",
        "There is a 2 cm lesion in segment 8 of the liver.",
        "There is a 12 mm hypodense lesion in hepatic segment 6.",
        "Liver: 12 mm hypodense lesion in segment 7.",
    ],
)
def test_a_segment_of_a_named_organ_is_of_that_organ_in_any_exam(text):
    assert concerned(text, load_template("chest_ct_normal")).headings == ("Upper abdomen",)


def test_the_tables_name_what_there_is():
    findings = {row["id"] for row in rows("findings")}
    places = {row[column] for row in rows("anatomy") for column in ("id", "region")}
    regions = {row["region"] for row in rows("exam_regions")}
    for row in rows("general_findings"):
        assert set(row["findings"].split(" | ")) <= findings
    for row in rows("exam_places"):
        assert set(row["places"].split(" | ")) <= places and row["exam"] in regions | {""}
        assert row["exam"] or row["organ"] in organ_ids()
    assert all(exam_regions(load_template(name)) for name in NORMALS)


@pytest.mark.parametrize(
    "text",
    ["The study is limited by motion.", "Portal venous phase was acquired. Nothing abnormal."],
)
def test_what_says_nothing_of_an_organ_neither_asks_nor_takes_a_normal(text):
    template, dictation = load_template("ct_abdomen_pelvis_normal"), typed(text)
    report = ExtractiveWriter().write(dictation, template=template)
    assert not [one for one in template_normals(dictation, report, template) if one.choices]
    standing = {one.organ for one in report.findings if one.origin == "template"}
    assert standing == {one.heading for one in template.organs if one.normal}


@pytest.mark.parametrize(
    "text",
    [
        "3 cm hypodense mass in the head with upstream duct dilatation.",
        "2.5 cm cystic lesion in the head.",
        "2 cm hypodense mass in the neck.",
        "There is a 9 mm stone in the neck.",
        "3 cm mass in the apex.",
    ],
)
def test_the_head_of_an_organ_that_is_not_named_is_asked_about_in_an_exam_of_the_abdomen(text):
    template, dictation = load_template("ct_abdomen_pelvis_normal"), typed(text)
    report = ExtractiveWriter().write(dictation, template=template)
    assert [one.severity for one in template_normals(dictation, report, template) if one.choices] == ["critical"]


@pytest.mark.parametrize(
    ("text", "template", "heading"),
    [
        ("There is a 2 cm hypodense lesion along the falciform ligament.", "ct_abdomen_pelvis_normal", "Liver"),
        ("Lucent lesion in the left occipital bone.", "ct_head_normal", "Skull and scalp"),
        ("There is a nodule at the right apex.", "chest_ct_normal", "Lungs and airways"),
    ],
)
def test_a_part_is_of_the_organ_that_its_whole_name_says(text, template, heading):
    assert concerned(text, load_template(template)).headings == (heading,)
