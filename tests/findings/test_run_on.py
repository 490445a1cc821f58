"""Dictation without marks is cut where a new statement begins, and nowhere else."""

import pytest

from dictation.findings import extract
from dictation.findings.run_on import statements_in


@pytest.mark.parametrize(
    "marked",
    [
        "no pneumothorax | small right effusion | heart size normal",
        "lungs are clear | no edema | healed left clavicle fracture",
        "l three four mild disc bulge | no stenosis | l four five severe stenosis",
        "no hydronephrosis | two millimeter nonobstructing stone | left kidney normal",
        "no stones | cbd four millimeters | spleen fifteen centimeters | moderate ascites",
        "appendix measures nine millimeters | the gallbladder is normal | there is trace free fluid",
        "the effusion has decreased | the heart is normal | no edema",
        "liver coarse and nodular | right kidney no hydronephrosis",
        "nodule in the right upper lobe | mild emphysema",
        "appendicolith measuring thirty millimeters | possible early appendicitis",
        "no midline shift | chronic small vessel disease | old lacune in the left thalamus",
        "right sfa occlusion with runoff | left leg no significant stenosis",
        "no ascites | bladder normal",
        # One statement, however long:
        "there is a 32 mm simple left ovarian cyst",
        "findings a 14 mm polyp on the posterior gallbladder wall is stable",
        "no focal consolidation pleural effusion or pneumothorax",
        "no effusion pneumothorax edema",
        "no acute fracture dislocation or destructive lesion",
        "moderate right effusion with compressive atelectasis of the right lower lobe",
        "at c five c six there is a broad based disc bulge",
        "opacity in the left base suspicious for pneumonia",
        "a no obstructing stone is seen in the left kidney",
        "left frontal drain catheter in the left lateral ventricle",
        "no suspicious mass calcification or distortion in either breast",
    ],
)
def test_a_statement_begins_where_a_phrase_of_its_own_follows_a_finished_one(marked):
    text = marked.replace(" | ", " ")
    assert [text[start:end].strip() for start, end in statements_in(text)] == marked.split(" | ")


def test_marks_are_left_to_the_marks():
    text = "No effusion, mild edema, heart normal"
    assert statements_in(text) == ((0, len(text)),)


def test_side_and_denial_stay_in_their_statement():
    claims = extract("no hydronephrosis of the left kidney small right effusion the appendix is normal left renal cyst")
    said = {claim.finding: (claim.status, claim.laterality) for claim in claims}
    assert said["pleural_effusion"] == ("present", "right")
    assert said["renal_cyst"] == ("present", "left")
    assert said["hydronephrosis"][0] == "absent"


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("no effusion emphysema", "emphysema"),
        ("no distal gas, duodenal atresia", "duodenal_atresia"),
        ("no hydronephrosis diverticulosis", "diverticulosis"),
        ("no fracture osteopenia", "osteopenia"),
    ],
)
def test_what_nobody_denies_in_a_list_is_stated_behind_a_denial(text, finding):
    assert {claim.finding: claim.status for claim in extract(text)}[finding] == "present"


@pytest.mark.parametrize("text", ["no effusion or emphysema", "no bullae, emphysema or fibrosis", "no emphysema"])
def test_with_an_or_it_is_denied(text):
    assert {claim.status for claim in extract(text)} == {"absent"}
