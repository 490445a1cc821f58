"""A sign and the reading it defines are no two findings; general words read as what they mean where they stand."""

import pytest

from dictation.discrepancy import compare


def _grave(heard: str, written: str) -> list[str]:
    return [card.kind for card in compare(heard, written) if card.severity in ("critical", "major")]


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("acute infarct left mca territory", "Restricted diffusion in the left MCA territory. Acute left MCA infarct."),
        ("small bowel obstruction", "Dilated small bowel loops. Small bowel obstruction."),
        ("appendix is dilated with fat stranding", "Dilated appendix with periappendiceal stranding. Appendicitis."),
        ("pancreas with peripancreatic stranding", "Peripancreatic stranding. Acute interstitial pancreatitis."),
        ("sigmoid diverticulitis", "Sigmoid wall thickening, stranding and diverticula. Sigmoid diverticulitis."),
        ("spleen fifteen centimeters", "Splenomegaly, 15 cm."),
        (
            "right hip joint space loss with osteophytes",
            "Right hip osteoarthritis: osteophytes, joint space narrowing.",
        ),
        ("mild left hydro", "Mild left hydroureteronephrosis. Left hydronephrosis."),
        ("fracture of the right femoral neck", "Right femoral neck fracture with marrow edema. Right hip fracture."),
    ],
)
def test_a_sign_beside_its_reading_interrupts_nobody(heard: str, written: str) -> None:
    assert _grave(heard, written) == []


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("medial meniscus tear large effusion", "Medial meniscal tear. Large joint effusion."),
        ("bone bruise lateral femoral condyle", "Contusion of the lateral femoral condyle."),
        ("segment six hemangioma two centimeters", "2 cm hemangioma in hepatic segment VI."),
        ("nonocclusive thrombus in the main portal vein", "Nonocclusive main portal vein thrombus."),
        ("atrophy appropriate for age", "Age-appropriate volume loss."),
        ("liver is diffusely fatty", "Hepatic steatosis."),
        ("five millimeter leftward shift", "Midline shift of 5 mm to the left."),
        ("swan tip in the main pulmonary artery", "Pulmonary artery catheter tip in the main pulmonary artery."),
        ("ng tip in the stomach", "Nasogastric tube tip in the stomach."),
    ],
)
def test_a_general_word_is_what_it_means_there(heard: str, written: str) -> None:
    assert _grave(heard, written) == []


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("acute infarct left mca territory", "Acute infarct in the right MCA territory with restricted diffusion."),
        ("dilated appendix", "No appendicitis. Dilated appendix not seen."),
        ("normal appendix", "Acute appendicitis."),
        ("fat stranding", "Acute appendicitis."),
        ("marrow edema of the calcaneus", "Osteomyelitis of the calcaneus."),
        ("marrow edema of the calcaneus", "Fracture of the calcaneus."),
        ("adrenal nodule", "Adrenal adenoma, and a renal mass."),
        ("five millimeter leftward shift", "Midline shift of 5 mm to the right."),
        ("no effusion of the knee", "Large joint effusion."),
    ],
)
def test_a_true_difference_between_signs_is_shown(heard: str, written: str) -> None:
    assert _grave(heard, written)
