"""What a text is read to say: presence, doubt, side, size, level."""

import pytest

from dictation.findings import Claim, extract


def only(text: str, finding: str) -> Claim:
    found = [claim for claim in extract(text) if claim.finding == finding]
    assert len(found) == 1, [claim.finding for claim in extract(text)]
    return found[0]


@pytest.mark.parametrize(
    ("text", "finding", "status", "certainty"),
    [
        ("No evidence of pneumothorax.", "pneumothorax", "absent", "definite"),
        ("Pneumothorax is not seen.", "pneumothorax", "absent", "definite"),
        ("No effusion, pneumothorax or consolidation.", "consolidation", "absent", "definite"),
        ("Lungs are clear without effusion.", "pleural_effusion", "absent", "definite"),
        ("5 mm nodule, cannot exclude malignancy.", "malignancy", "present", "cannot_exclude"),
        ("Effusion cannot be excluded.", "pleural_effusion", "present", "cannot_exclude"),
        ("Pneumonia is not excluded.", "pneumonia", "present", "cannot_exclude"),
        ("Opacity may represent pneumonia.", "pneumonia", "present", "possible"),
        ("Atelectasis versus early pneumonia.", "atelectasis", "present", "possible"),
        ("Probable atelectasis.", "atelectasis", "present", "probable"),
        ("No change in the small left effusion.", "pleural_effusion", "present", "definite"),
        ("Interval removal of the left chest tube.", "chest_tube", "removed", "definite"),
        ("The heart is not enlarged.", "cardiomegaly", "absent", "definite"),
        ("No pneumothorax, mild cardiomegaly.", "cardiomegaly", "present", "definite"),
        ("No effusion but there is edema.", "pulmonary_edema", "present", "definite"),
        ("The effusion has resolved.", "pleural_effusion", "absent", "definite"),
        ("The effusion has not resolved.", "pleural_effusion", "present", "definite"),
        ("No decrease in the pneumothorax.", "pneumothorax", "present", "definite"),
        ("No effusion and new right pneumothorax.", "pneumothorax", "present", "definite"),
        ("No effusion, a right pneumothorax.", "pneumothorax", "present", "definite"),
        ("No new effusion and new pneumothorax.", "pneumothorax", "absent", "definite"),
        ("No effusion, new consolidation or pneumothorax.", "consolidation", "absent", "definite"),
        ("Pneumothorax excluded.", "pneumothorax", "absent", "definite"),
        ("Pneumothorax should be excluded.", "pneumothorax", "present", "cannot_exclude"),
        ("Pneumothorax: no.", "pneumothorax", "absent", "definite"),
        ("Pleura: No effusion.", "pleural_effusion", "absent", "definite"),
        ("Pneumothorax (-).", "pneumothorax", "absent", "definite"),
        ("Unlikely pneumothorax.", "pneumothorax", "absent", "probable"),
        ("Suspected pneumonia.", "pneumonia", "present", "probable"),
        ("PE study negative.", "pulmonary_embolism", "absent", "definite"),
        ("No pneumothorax after biopsy of the nodule.", "nodule", "present", "definite"),
    ],
)
def test_presence_and_doubt(text: str, finding: str, status: str, certainty: str) -> None:
    claim = only(text, finding)
    assert (claim.status, claim.certainty) == (status, certainty)


@pytest.mark.parametrize(
    ("text", "structure"),
    [
        ("The lungs are clear.", "lungs"),
        ("Heart size is normal.", "heart"),
        ("Normal heart size and mediastinal contours.", "mediastinum"),
        ("Heart size, mediastinal contour, and pulmonary vascularity are within normal limits.", "pulmonary_vessels"),
        ("No acute cardiopulmonary process.", "chest"),
        ("Visualized osseous structures of the thorax are without acute abnormality.", "bones"),
        ("Lungs: Clear.", "lungs"),
    ],
)
def test_normal_anatomy(text: str, structure: str) -> None:
    claim = only(text, structure)
    assert (claim.status, claim.finding_class) == ("normal", "normal_anatomy")


def test_none_on_the_other_side_is_a_claim_of_its_own() -> None:
    for text in ("Right pneumothorax, none on the left.", "Right pneumothorax. None on the left."):
        claims = [(c.finding, c.status, c.laterality) for c in extract(text)]
        assert claims == [("pneumothorax", "present", "right"), ("pneumothorax", "absent", "left")]
    assert [c.finding for c in extract("None on the left.")] == []
    assert [c.status for c in extract("Small effusions, none loculated.")] == ["present"]
    assert len(extract("Right effusion is larger than the left one.")) == 1


def test_each_finding_keeps_its_own_side() -> None:
    text = "Left effusion and right nodule."
    assert only(text, "pleural_effusion").laterality == "left"
    assert only(text, "nodule").laterality == "right"
    assert only("Bilateral pleural effusions, left greater than right.", "pleural_effusion").laterality == "bilateral"
    assert only("RLL nodule.", "nodule").laterality == "right"
    assert only("Atelectasis and effusion at the left base.", "atelectasis").laterality == "left"


def test_sizes_are_millimetres_whatever_was_said() -> None:
    assert only("A 1.2 x 0.9 cm mass.", "mass").measurements[0].values_mm == (12.0, 9.0)
    spoken = only("Three point two by one point zero five centimeters mass.", "mass")
    assert spoken.measurements[0].values_mm == (32.0, 10.5)
    now, before = only("The nodule measures 6 mm, previously 4 mm.", "nodule").measurements
    assert (now.values_mm, now.temporality) == ((6.0,), "current")
    assert (before.values_mm, before.temporality) == ((4.0,), "historical")
    assert only("There is a nodule. It measures 5 mm.", "nodule").measurements[0].values_mm == (5.0,)


def test_levels_and_ribs() -> None:
    assert only("Compression fractures T12 to L2.", "compression_fracture").level == ("T12", "L1", "L2")
    assert only("Fracture of the left 5th and 6th ribs.", "fracture").level == ("rib 5", "rib 6")


def test_a_device_ends_somewhere() -> None:
    claim = only("Right IJ central line with tip in the mid SVC.", "central_line")
    assert (claim.laterality, claim.device_position) == ("right", "svc")


def test_spans_are_characters_of_the_given_text() -> None:
    text = "FINDINGS:\n1. Small left effusion.\r\n2. No nodule.\n\nImpression: Clear lungs."
    for claim in extract(text):
        assert text[claim.span[0] : claim.span[1]] == claim.text
    assert [claim.section for claim in extract(text)] == ["findings", "findings", "impression"]


@pytest.mark.parametrize(
    ("text", "device", "position"),
    [
        ("Endotracheal tube in the right mainstem bronchus.", "endotracheal_tube", "bronchus"),
        ("ET tube 4 cm above the carina.", "endotracheal_tube", "above_carina"),
        ("The tip of the ET tube is 1 cm below the carina.", "endotracheal_tube", "below_carina"),
        ("Right PICC in the SVC.", "picc", "svc"),
        ("PICC tip in the azygos vein.", "picc", "azygos_vein"),
        ("NG tube in good position.", "enteric_tube", "satisfactory"),
    ],
)
def test_a_device_ends_where_it_is_said_to_lie(text: str, device: str, position: str) -> None:
    assert only(text, device).device_position == position


def test_only_the_named_tube_is_removed() -> None:
    claims = extract("Left chest tube removed, right chest tube remains.")
    assert [(claim.laterality, claim.status) for claim in claims] == [("left", "removed"), ("right", "present")]
    claims = extract("Chest tube in place, ET tube removed.")
    assert [claim.status for claim in claims] == ["present", "removed"]
    assert only("ET tube has been pulled back 2 cm.", "endotracheal_tube").status == "present"
    assert only("The patient was extubated.", "endotracheal_tube").status == "removed"


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("Non-loculated left effusion.", "pleural_effusion"),
        ("non calcified nodule in the left lung", "nodule"),
        ("A NON - ENHANCING mass of the left kidney.", "renal_mass"),
        ("Non-tension left pneumothorax.", "pneumothorax"),
    ],
)
def test_non_denies_its_own_word_and_not_the_finding(text: str, finding: str):
    claim = only(text, finding)
    assert (claim.status, claim.laterality) == ("present", "left")


def test_a_size_told_earlier_takes_the_unit_across_the_words_between():
    now, before = only(
        "aneurysm measures 5.6 cm in maximum AP diameter previously 5.1 no clot", "aneurysm"
    ).measurements
    assert (before.temporality, before.values_mm, now.values_mm) == ("historical", (51.0,), (56.0,))


@pytest.mark.parametrize(
    ("text", "finding", "status"),
    [
        ("The lungs are no longer clear.", "lungs_abnormality", "present"),
        ("The ACL shows no definite intact fibers.", "acl_abnormality", "present"),
        ("The right kidney has no residual normal parenchyma.", "kidneys_abnormality", "present"),
        ("Non-pathologically enlarged lymph nodes.", "lymphadenopathy", "absent"),
        ("lateral ventricle no dilatation left side normal", "ventricles", "normal"),
        ("no mass non mass enhancement in the left breast", "non_mass_enhancement", "present"),
        ("no non-obstructing stone", "renal_calculus", "absent"),
        ("Non-enlarged lymph nodes in the axilla.", "lymph_nodes", "normal"),
        ("non pleural effusion", "pleural_effusion", "absent"),
    ],
)
def test_how_far_a_denial_reaches(text: str, finding: str, status: str):
    assert only(text, finding).status == status


@pytest.mark.parametrize("text", ["4.2 L of fluid was removed.", "About 0.6 L drained."])
def test_litres_are_volumes(text: str):
    (size,) = (size for claim in extract(text) for size in claim.measurements)
    assert size.kind == "volume"


@pytest.mark.parametrize("text", ["Rib 4 L fracture.", "Station 10 L lymphadenopathy.", "Oxygen at 2 L/min, effusion."])
def test_a_side_behind_a_number_is_no_volume(text: str):
    assert [size for claim in extract(text) for size in claim.measurements] == []


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("Left open fracture of the tibia.", "left"),
        ("Mass in the lung on the left attached to the pleura.", "left"),
        ("The nephrostomy tube was left in place.", None),
        ("The drain was left on free drainage.", None),
    ],
)
def test_what_is_left_in_place_is_on_no_side(text: str, side: str | None):
    assert {claim.laterality for claim in extract(text)} == {side}


def test_a_title_ends_no_sentence():
    from dictation.findings.sentences import sentences_of

    assert len(sentences_of("Discussed with Dr. Example at 14:20. Mr. Other was told.")) == 2
