"""A denial runs through a list, and ends where something new is said, with or without marks between."""

import pytest

from dictation.discrepancy import compare
from dictation.findings import extract
from dictation.lexicon import rows


def said(text: str) -> dict[str, str]:
    return {claim.finding: claim.status for claim in extract(text) if claim.finding_class == "finding"}


@pytest.mark.parametrize(
    ("text", "absent", "present"),
    [
        ("No fracture, effusion present.", {"fracture"}, {"pleural_effusion"}),
        ("no effusion mild pulmonary edema", {"pleural_effusion"}, {"pulmonary_edema"}),
        ("No pneumothorax, coronary calcification moderate.", {"pneumothorax"}, {"coronary_calcification"}),
        ("no pneumothorax small left pleural effusion", {"pneumothorax"}, {"pleural_effusion"}),
        ("no pneumothorax coronary calcification moderate", {"pneumothorax"}, {"coronary_calcification"}),
        ("No pneumothorax. Large effusion.", {"pneumothorax"}, {"pleural_effusion"}),
        ("no effusion calcified granuloma right lower lobe", {"pleural_effusion"}, {"granuloma"}),
        ("no mass effect or midline shift old lacunar infarct", {"mass_effect", "midline_shift"}, {"lacunar_infarct"}),
        ("no spondylolisthesis aortic calcification", {"spondylolisthesis"}, {"atherosclerosis"}),
        ("no effusion hyperinflated", {"pleural_effusion"}, {"hyperinflation"}),
        ("no mural thickening diverticulosis no free air", {"wall_thickening", "free_air"}, {"diverticulosis"}),
        ("no vascular invasion thymoma favored", {"invasion"}, {"thymoma"}),
        ("no leak stomach distended", {"rupture"}, {"gastric_distention"}),
        ("no embryo bilateral ovarian cysts up to 4 cm", {"gestational_sac"}, {"ovarian_cyst"}),
        ("no membrane bilateral ovarian cysts up to 4 cm", set(), {"ovarian_cyst"}),
        ("no recurrent left pleural effusion", {"pleural_effusion"}, set()),
        ("No mild scoliosis.", {"scoliosis"}, set()),
        (
            "no hemopericardium infrarenal triple a five point four",
            {"pericardial_effusion"},
            {"abdominal_aortic_aneurysm"},
        ),
        ("no pancreatic necrosis splenic vein patent gallstones", {"pancreatic_necrosis"}, {"gallstone"}),
        ("no collection splenic vein patent gallstones", {"fluid_collection"}, {"gallstone"}),
        ("simple cyst of the right adnexa 3 cm left ovary not visualized", set(), {"ovarian_cyst"}),
    ],
)
def test_what_is_stated_behind_a_denial_is_present(text, absent, present):
    found = said(text)
    assert {finding for finding, status in found.items() if status == "absent"} == absent
    assert {finding for finding, status in found.items() if status == "present"} == present


@pytest.mark.parametrize(
    "text",
    [
        "No pleural effusion, pneumothorax or consolidation present.",
        "No pneumothorax or pleural effusion present.",
        "No pneumothorax, pleural effusion, or consolidation is present.",
        "No large pleural effusion, pneumothorax.",
        "No pleural effusion or large pneumothorax.",
        "no pneumothorax pleural effusion consolidation",
        "no mass effect midline shift hydrocephalus",
        "no pneumothorax effusion",
        "no hydronephrosis calculi",
        "No filling defect to suggest pulmonary embolism.",
        "nodule in the right upper lobe not seen",
        "No acute fracture, moderate or large pleural effusion.",
        "No pleural effusion and no mild pulmonary edema.",
    ],
)
def test_a_list_stays_denied(text):
    assert set(said(text).values()) == {"absent"}


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("no fracture, effusion present", "No fracture or effusion."),
        ("no effusion mild edema", "No effusion or edema."),
        ("no pneumothorax, coronary calcification moderate", "No pneumothorax or coronary calcification."),
    ],
)
def test_a_finding_that_the_report_denies_is_critical(heard, written):
    assert "critical" in {found.severity for found in compare(heard, written)}


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("no effusion mild pulmonary edema", "No effusion. Mild pulmonary edema."),
        ("no pneumothorax, coronary calcification moderate", "No pneumothorax. Moderate coronary calcification."),
    ],
)
def test_a_dictation_without_full_stops_says_the_same(heard, written):
    assert compare(heard, written) == []


@pytest.mark.parametrize("lead", ["There is no", "No", "The lungs show no"])
@pytest.mark.parametrize("noun", ["scarring", "granulomas", "degenerative changes", "kyphosis", "fracture", "nodule"])
def test_whatever_describes_a_finding_its_denial_stays(lead, noun):
    words = (
        "mild", "stable", "scattered", "chronic", "prior", "postoperative", "age related", "multilevel", "calcified",
        "bilateral", "old healed", "patchy", "mid thoracic", "interval", "residual", "extensive", "small right apical",
    )  # fmt: skip
    texts = [f"{lead} {word} {noun}{end}" for word in words for end in (".", " is seen.", " at the left base.")]
    assert [
        text for text in texts if "present" in {c.status for c in extract(text) if c.finding_class == "finding"}
    ] == []


def test_the_denial_of_every_finding_denies_it():
    first = {}
    for row in rows("findings"):
        first.setdefault(row["id"], row["terms"].split("|")[0].strip())
    stated = [t for t in first.values() if {c.status for c in extract(f"There is {t}.")} == {"present"}]
    assert len(stated) > 800
    assert [t for t in stated if "absent" not in {c.status for c in extract(f"There is no {t}.")}] == []


@pytest.mark.parametrize(
    "text", ["No contrast extravasation.", "No sign of portal hypertension.", "No displacement of the trachea."]
)
def test_a_denial_keeps_its_no_where_its_next_word_is_part_of_a_name(text):
    assert {claim.status for claim in extract(text)} == {"absent"}
