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


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("left picc tip at the cavoatrial junction", "Left PICC in good position."),
        ("birads one", "BI-RADS 1. Routine annual screening is recommended."),
        ("thyroid nodule get an ultrasound", "Thyroid nodule. Recommend thyroid ultrasound."),
        ("spiculated mass left upper lobe", "Spiculated left upper lobe mass, suspicious for malignancy."),
        ("ascending aorta 4.2 centimeters no dissection", "Ascending aortic aneurysm, 4.2 cm. No dissection."),
        ("l three four moderate stenosis", "Moderate spinal stenosis at L3-L4."),
        ("diffuse bilateral airspace opacities", "Bilateral airspace disease. Diffuse bilateral opacities."),
    ],
)
def test_what_goes_without_saying_interrupts_nobody(heard: str, written: str) -> None:
    assert _grave(heard, written) == []


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("left picc tip in the right atrium", "Left PICC in good position."),
        ("et tube tip at the carina", "Endotracheal tube in satisfactory position."),
        ("three centimeter mass", "3 cm mass. Recommend CT in 3 months."),
        ("spiculated mass left upper lobe", "Left upper lobe malignancy."),
        ("left pneumothorax", "Left pneumothorax. Left tension pneumothorax."),
        ("ascending aorta 4.2 centimeters no dissection", "Ascending aortic aneurysm, 5.2 cm. No dissection."),
        ("l three four moderate stenosis", "Moderate spinal stenosis at L4-L5."),
    ],
)
def test_what_was_not_said_is_shown(heard: str, written: str) -> None:
    assert _grave(heard, written)
