"""The texts against the order, the image header and the priors: what contradicts shows one card, what agrees none."""

from dataclasses import replace
from typing import Any

import pytest

from dictation.discrepancy import Discrepancy
from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.inference import BILLING_KINDS, DEFAULT_KINDS, INFERENCE_KINDS, inferences
from dictation.discrepancy.ranking import shortlist
from dictation.exam import ExamFacts, Order, Patient

CHEST_CT = {"procedure": "CT CHEST W/O CONTRAST", "modality": "CT", "body_part": "CHEST"}
CHEST_X_RAY = {"procedure": "XR CHEST 2 VIEWS", "modality": "DX", "body_part": "CHEST"}
KNEE = {"procedure": "XR KNEE 3 VIEWS", "modality": "CR", "body_part": "KNEE", "laterality": "right"}
MAMMOGRAM = {"procedure": "MG SCREENING MAMMOGRAM BILATERAL", "modality": "MG", "sex": "F"}
ABDOMEN = {"procedure": "US ABDOMEN COMPLETE", "modality": "US"}
PRIOR = {"date": "2024-03-05", "text": "FINDINGS: 5 mm nodule in the right upper lobe. Left adrenal nodule of 1.2 cm."}


def cards(order: dict[str, Any] | None, heard: str, written: str | None = None, **more: Any) -> list[tuple[str, str]]:
    found = inferences(
        heard_column(heard),
        written_column(heard if written is None else written),
        None if order is None else Order.model_validate(order),
        more.pop("facts", None),
        **more,
    )
    return [(card.kind, card.severity) for card in found]


CLEAN: list[tuple[dict[str, Any], str]] = [
    # sex
    ({"sex": "F"}, "INDICATION: 45-year-old woman with cough. FINDINGS: The lungs are clear."),
    ({"sex": "M"}, "INDICATION: Man with hematuria. FINDINGS: The prostate is enlarged."),
    ({"sex": "F"}, "FINDINGS: The uterus and ovaries are normal."),
    ({"sex": "M"}, "INDICATION: Family history of ovarian cancer. FINDINGS: No adrenal mass."),
    ({"sex": "F"}, "INDICATION: Father had prostate cancer. FINDINGS: Unremarkable liver."),
    ({"sex": "M"}, "INDICATION: Kidney transplant from a female donor. FINDINGS: No hydronephrosis."),
    ({"sex": "F"}, "FINDINGS: Single live fetus, male, in cephalic presentation."),
    ({"sex": "O"}, "INDICATION: Woman with cough. FINDINGS: Lungs clear."),
    # the side of the title
    ({}, "EXAM: X-ray left ankle.\nCOMPARISON: Right ankle.\nFINDINGS: Fracture of the lateral malleolus."),
    ({}, "EXAM: X-ray left ankle, comparison view of the right.\nFINDINGS: Fracture of the right lateral malleolus."),
    ({}, "EXAM: MRI left hip.\nFINDINGS: Labral tear. Incidental right ovarian cyst."),
    ({}, "EXAM: MRI left knee.\nFINDINGS: Meniscal tear.\nIMPRESSION: Consider MRI of the right knee."),
    (
        {},
        "EXAM: MRI left knee.\nFINDINGS: Meniscal tear. The patient reports pain in the right knee as well.",
    ),
    ({}, "EXAM: CT abdomen, left lower quadrant pain.\nFINDINGS: Stone of the right kidney."),
    ({"sex": "O"}, "INDICATION: Woman with cough. FINDINGS: The prostate is enlarged."),
    ({}, "INDICATION: Woman with cough. Her husband had prostate cancer. FINDINGS: The uterus is normal."),
    ({}, "FINDINGS: The uterus or prostate is unremarkable. IMPRESSION: Normal pelvis of this man."),
    ({}, "INDICATION: 62-year-old male. FINDINGS: No uterus is identified."),
    ({}, "INDICATION: 71 y/o F. FINDINGS: The uterus is normal. A 10 F drain lies in the pelvis, with 3 M of tubing."),
    ({"sex": "F"}, "IMPRESSION: Discussed with the referring doctor, who saw the man in the next bed."),
    ({"sex": "F"}, "FINDINGS: The uterus is normal. IMPRESSION: Dr. Khan knows the result; he calls her in."),
    ({}, "INDICATION: Pain; she is 66. FINDINGS: The uterus is normal. Prostate: not applicable."),
    # age
    ({"age": 45}, "INDICATION: 45-year-old with cough. FINDINGS: Lungs clear."),
    ({"age": 45}, "INDICATION: 44 year old man with cough. FINDINGS: Lungs clear."),
    ({"birth_date": "1979-06-01", "performed": "2024-05-30"}, "INDICATION: 45-year-old male. FINDINGS: Clear lungs."),
    ({"birth_date": "2024-01-01", "performed": "2024-04-10"}, "INDICATION: 3-month-old girl. FINDINGS: Clear lungs."),
    ({"birth_date": "1979-06-01"}, "INDICATION: 80-year-old man. FINDINGS: Clear lungs."),
    ({"age": 93}, "INDICATION: 90 y/o woman, fall. FINDINGS: No fracture."),
    ({"age": 70}, "FINDINGS: 6-month-old fracture of the distal radius. No other lesion."),
    ({"age": 70}, "INDICATION: Sister is a 45-year-old with breast cancer. FINDINGS: No mass."),
    ({"age": 67}, "INDICATION: Sixty-seven-year-old man. FINDINGS: Clear lungs."),
    # side
    (KNEE, "EXAM: XR right knee. FINDINGS: Small right knee effusion."),
    (KNEE, "FINDINGS: Small effusion of the right knee. The left knee, for comparison, is normal."),
    (KNEE, "FINDINGS: Both knees show osteophytes."),
    ({"procedure": "US RIGHT UPPER QUADRANT"}, "FINDINGS: The left lobe of the liver is normal. No gallstones."),
    ({"procedure": "XR SHOULDER LT"}, "FINDINGS: Left shoulder: no fracture or dislocation."),
    (KNEE | {"laterality": "bilateral"}, "FINDINGS: No effusion."),
    # procedure
    (CHEST_CT, "EXAM: CT chest without contrast. FINDINGS: The lungs are clear."),
    (CHEST_CT, "TECHNIQUE: Helical CT of the chest without intravenous contrast. FINDINGS: Lungs clear."),
    (CHEST_CT, "COMPARISON: MRI abdomen with contrast. FINDINGS: Lungs clear."),
    (CHEST_CT, "CT chest. Lungs are clear. MRI of the spine could be obtained."),
    (
        {"procedure": "CT ABDOMEN PELVIS W CONTRAST", "modality": "CT"},
        "TECHNIQUE: CT after intravenous contrast; no oral contrast. FINDINGS: Normal liver.",
    ),
    (
        {"procedure": "MR BRAIN W/WO CONTRAST", "modality": "MR"},
        "TECHNIQUE: Multiplanar MRI of the brain after gadolinium. FINDINGS: No mass.",
    ),
    ({"procedure": "PET/CT SKULL BASE TO MID THIGH", "modality": "PT"}, "EXAM: PET/CT. FINDINGS: No uptake."),
    ({"procedure": "US KIDNEYS", "modality": "US"}, "EXAM: Retroperitoneal ultrasound. FINDINGS: No hydronephrosis."),
    ({"procedure": "CTA CHEST", "modality": "CT"}, "EXAM: CT pulmonary angiogram with contrast. FINDINGS: No emboli."),
    (
        {"procedure": "XR HAND RIGHT", "modality": "DX"},
        "EXAM: Right wrist and hand radiographs. FINDINGS: No fracture.",
    ),
    (
        {"procedure": "CT CHEST ABDOMEN PELVIS WITH CONTRAST", "modality": "CT"},
        "EXAM: CT of the chest with contrast. FINDINGS: Lungs clear.",
    ),
    (CHEST_X_RAY, "EXAM: PA and lateral chest radiographs. FINDINGS: Lungs clear."),
    (CHEST_X_RAY, "Chest x-ray, two views. Lungs clear."),
    # priors
    ({"priors": [PRIOR]}, "COMPARISON: CT of 3/5/2024. FINDINGS: Lungs clear."),
    ({"priors": [PRIOR]}, "COMPARISON: March 2024. FINDINGS: Lungs clear."),
    ({"priors": [PRIOR]}, "COMPARISON: None. FINDINGS: Lungs clear."),
    ({}, "COMPARISON: CT of 3/9/2024. FINDINGS: Lungs clear."),
    (
        {"priors": [PRIOR], "performed": "2024-09-01"},
        "COMPARISON: 5 March 2024. FINDINGS: Exam dated 9/1/2024. Lungs clear.",
    ),
    ({"priors": [PRIOR]}, "FINDINGS: Unchanged 5 mm nodule in the right upper lobe."),
    ({"priors": [PRIOR]}, "FINDINGS: 9 mm nodule in the right upper lobe, previously 5 mm."),
    ({"priors": [PRIOR]}, "FINDINGS: Nodule in the right upper lobe measures 5 mm, unchanged from 3/5/2024."),
    ({"priors": [PRIOR]}, "FINDINGS: The 8 mm nodule in the right upper lobe has increased."),
    ({"priors": [PRIOR]}, "FINDINGS: Stable 12 mm left adrenal nodule."),
    ({"priors": [PRIOR]}, "FINDINGS: Unchanged 9 mm nodule in the left lower lobe."),
    ({"priors": [PRIOR]}, "FINDINGS: New 9 mm nodule in the right upper lobe."),
    ({"priors": [{"date": "2024-03-05", "text": ""}]}, "FINDINGS: Unchanged 9 mm nodule in the right upper lobe."),
    # critical results
    (CHEST_X_RAY, "FINDINGS: Large left pneumothorax. IMPRESSION: Pneumothorax, discussed with Dr. Ito by phone."),
    (CHEST_X_RAY, "FINDINGS: Unchanged small left pneumothorax."),
    (CHEST_X_RAY, "FINDINGS: No pneumothorax. No free air."),
    (CHEST_X_RAY, "INDICATION: Pneumothorax. FINDINGS: The lungs are expanded."),
    ({"procedure": "CT HEAD"}, "FINDINGS: Old lacunar infarct. No intracranial hemorrhage."),
    ({"procedure": "CT ABDOMEN"}, "FINDINGS: Normal appendix, no appendicitis. No pneumatosis intestinalis."),
    ({"procedure": "US LEG LEFT"}, "FINDINGS: Chronic thrombus in the left popliteal vein."),
    # scores
    (MAMMOGRAM, "FINDINGS: No mass. IMPRESSION: Negative mammogram. BI-RADS 1. Routine annual screening."),
    (
        MAMMOGRAM,
        "FINDINGS: Spiculated mass in the left breast. IMPRESSION: BI-RADS 5, highly suggestive of malignancy.",
    ),
    (MAMMOGRAM, "FINDINGS: No suspicious mass. IMPRESSION: BI-RADS category 2: benign."),
    (MAMMOGRAM, "IMPRESSION: Right breast: BI-RADS 1. Left breast: BI-RADS 4, suspicious mass, biopsy is recommended."),
    ({"procedure": "US GUIDED BREAST BIOPSY LEFT", "modality": "US"}, "FINDINGS: Left breast mass, biopsied."),
    (CHEST_CT, "FINDINGS: 5 mm nodule in the right upper lobe."),
    (
        {"procedure": "CT LUNG SCREENING LOW DOSE", "modality": "CT"},
        "FINDINGS: 3 mm nodule in the left upper lobe. IMPRESSION: Lung-RADS 2. Continue annual screening.",
    ),
    ({"procedure": "US THYROID", "modality": "US"}, "FINDINGS: The thyroid is normal. No nodule."),
    ({"procedure": "MR PROSTATE", "modality": "MR"}, "FINDINGS: Lesion in the left peripheral zone. PI-RADS 4."),
    ({"procedure": "CT ABDOMEN", "modality": "CT"}, "FINDINGS: Normal liver. No cirrhosis. No lesion."),
    ({"procedure": "US BREAST LEFT", "modality": "US"}, "FINDINGS: Simple cyst of the left breast. BI-RADS 2, benign."),
    # whole reports
    (
        CHEST_CT | {"sex": "F", "age": 62, "performed": "2024-09-01", "priors": [PRIOR]},
        "EXAM: CT chest without contrast\nINDICATION: 62-year-old female with a nodule. Breast cancer in her mother.\n"
        "TECHNIQUE: Helical CT from the apices through the adrenal glands without intravenous contrast.\n"
        "COMPARISON: CT chest 3/5/2024.\nFINDINGS: Solid nodule in the right upper lobe measures 5 mm, unchanged. No "
        "effusion or pneumothorax. Evaluation of the vessels is limited without contrast. Left adrenal nodule of "
        "12 mm is stable.\nIMPRESSION: Stable 5 mm nodule. Recommend CT chest in 12 months.",
    ),
    (
        {"procedure": "MRI KNEE LEFT W/O CONTRAST", "modality": "MR", "sex": "M", "birth_date": "1990-02-02"},
        "MRI LEFT KNEE WITHOUT CONTRAST\nFINDINGS: Complete tear of the ACL. The right-sided hamstring is not imaged.",
    ),
    (
        {"procedure": "CTA CHEST PE PROTOCOL", "modality": "CT", "sex": "F", "age": 34},
        "EXAM: CT angiogram of the chest. INDICATION: 34 y.o. female, 20 weeks pregnant. FINDINGS: Acute pulmonary "
        "embolism on the right. IMPRESSION: Acute embolism, communicated to Dr. Jones by telephone at 14:32.",
    ),
    (
        {"procedure": "US RENAL", "modality": "US", "age": 0.5, "sex": "F"},
        "INDICATION: 6 month old female. EXAM: Renal ultrasound. FINDINGS: Both kidneys and the bladder are normal.",
    ),
    (
        {"procedure": "XR CHEST PORTABLE", "modality": "CR", "sex": "M"},
        "Portable chest. Persistent small left apical pneumothorax, unchanged. Line in the SVC.",
    ),
    # more ways to compare, to tell, to score
    (
        {"priors": [PRIOR, PRIOR | {"date": "2023-03-05"}], "modality": "CT"},
        "COMPARISON: 3/5/2024, 3/5/2023 and 3/7/2022. FINDINGS: Lungs clear.",
    ),
    ({"priors": [PRIOR]}, "COMPARISON: 2/2/2022 and 3/5/2024. FINDINGS: Lungs clear."),
    ({"priors": [PRIOR]}, "HISTORY: Mastectomy since 4/2/2019. FINDINGS: Unchanged since the resection of 4/2/2019."),
    (
        {"priors": [{"date": "2024-03-05", "text": "EXAM: CT chest. FINDINGS: Lungs clear."}]},
        "COMPARISON: Ultrasound 7/19/2023. FINDINGS: Normal liver.",
    ),
    (CHEST_X_RAY, "FINDINGS: Right pneumothorax. Dr. Lee was notified at 3 pm."),
    (CHEST_X_RAY, "FINDINGS: Right pneumothorax. D/w Dr. Park at 3:40."),
    (CHEST_X_RAY, "FINDINGS: Right pneumothorax. The ordering provider is aware."),
    ({"procedure": "CT ABDOMEN"}, "FINDINGS: Postoperative pneumoperitoneum, as expected."),
    ({"procedure": "CT HEAD"}, "FINDINGS: The subdural hematoma has resolved. No midline shift."),
    ({"procedure": "CT HEAD"}, "FINDINGS: If subarachnoid hemorrhage is a concern, lumbar puncture may be helpful."),
    ({"procedure": "CT HEAD"}, "FINDINGS: No SAH or ICH. Old IVH. Chronic SDH, unchanged."),
    ({"procedure": "US PELVIS", "sex": "F"}, "FINDINGS: Hemorrhagic cyst of the left ovary."),
    (
        MAMMOGRAM,
        "FINDINGS: In the right breast there is a suspicious mass. The left breast shows no evidence of malignancy. "
        "IMPRESSION: BI-RADS 4C.",
    ),
    (MAMMOGRAM, "IMPRESSION: BI-RADS 2 on the right, and BI-RADS 4 on the left with suspicious calcifications."),
    (MAMMOGRAM, "HISTORY: Suspicious lump. IMPRESSION: Negative, BI-RADS 1."),
    (
        {"procedure": "MR PROSTATE", "modality": "MR"},
        "FINDINGS: No suspicious lesion in the transition zone. Lesion of the peripheral zone, PI-RADS 4.",
    ),
    ({"procedure": "MR PROSTATE", "modality": "MR"}, "FINDINGS: No lesion. Status post radiation."),
    (
        {"procedure": "CT LIVER PROTOCOL", "modality": "CT"},
        "FINDINGS: Cirrhosis. Observation in segment 7 with washout, LR-5. Observation in segment 2, LR-3.",
    ),
    ({"sex": "M"}, "FINDINGS: No gynecomastia. The patient's wife reports falls."),
    ({"procedure": "XR CLAVICLE LEFT", "modality": "DX"}, "Left shoulder and clavicle radiographs: midshaft fracture."),
    ({"procedure": "CT SOFT TISSUE NECK W CONTRAST", "modality": "CT"}, "CT neck with contrast. No abscess."),
    ({"procedure": "XR LUMBOSACRAL SPINE", "modality": "DX"}, "Lumbar spine, 3 views. Mild scoliosis to the left."),
    # billing kinds are off
    (ABDOMEN, "FINDINGS: The liver is normal. No gallstones."),
    ({"procedure": "CT ABDOMEN", "modality": "CT", "age": 60}, "FINDINGS: 2 cm left adrenal nodule."),
]

FOUND: list[tuple[dict[str, Any], str, tuple[str, str]]] = [
    ({"sex": "M"}, "INDICATION: Woman with cough. FINDINGS: Clear lungs.", ("sex", "critical")),
    ({"sex": "F"}, "FINDINGS: The prostate is enlarged.", ("sex", "critical")),
    ({}, "INDICATION: Woman with cough. FINDINGS: The prostate is enlarged.", ("sex", "critical")),
    ({}, "HISTORY: 55 year old man. FINDINGS: The uterus is normal.", ("sex", "critical")),
    ({}, "FINDINGS: The prostate is enlarged. The uterus is anteverted.", ("sex", "critical")),
    ({}, "INDICATION: 71 y/o M. FINDINGS: The uterus is surgically absent.", ("sex", "critical")),
    ({}, "INDICATION: Mr. with rectal cancer, he is 66. FINDINGS: The uterus is anteverted.", ("sex", "critical")),
    ({}, "HISTORY: She fell. FINDINGS: The prostate is enlarged.", ("sex", "critical")),
    ({"sex": "M"}, "INDICATION: 71 yo F with cough. FINDINGS: Clear lungs.", ("sex", "critical")),
    # the side of the title
    (
        {},
        "EXAM: X-ray left ankle.\nFINDINGS: Fracture of the lateral malleolus.\nIMPRESSION: Right lateral malleolus "
        "fracture.",
        ("laterality", "critical"),
    ),
    (
        {},
        "EXAM: MRI of the right shoulder.\nFINDINGS: Full-thickness tear of the left supraspinatus.",
        ("laterality", "critical"),
    ),
    (
        {"procedure": "XR ANKLE LEFT"},
        "EXAM: Left ankle, 3 views.\nFINDINGS: Right lateral malleolus fracture.",
        ("laterality", "critical"),
    ),
    ({"sex": "M"}, "FINDINGS: Status post hysterectomy. Normal liver.", ("sex", "critical")),
    ({"age": 62}, "INDICATION: 45-year-old with cough. FINDINGS: Lungs clear.", ("age", "critical")),
    ({"age": 48}, "INDICATION: 45 y/o man. FINDINGS: Lungs clear.", ("age", "major")),
    (
        {"birth_date": "1979-06-01", "performed": "2024-05-30"},
        "INDICATION: 54-year-old African American man. FINDINGS: Clear lungs.",
        ("age", "critical"),
    ),
    ({"age": 4}, "INDICATION: 4-month-old boy. FINDINGS: Clear lungs.", ("age", "major")),
    ({"age": 15}, "INDICATION: Fifty year old man. FINDINGS: Clear lungs.", ("age", "critical")),
    (KNEE, "FINDINGS: Small left knee effusion.", ("laterality", "critical")),
    (KNEE, "EXAM: XR left knee. FINDINGS: Effusion of the right knee.", ("laterality", "critical")),
    (
        {"procedure": "XR SHOULDER LT"},
        "FINDINGS: Right shoulder: no fracture or dislocation.",
        ("laterality", "critical"),
    ),
    (KNEE, "FINDINGS: Small effusion. No fracture.", ("laterality", "minor")),
    (CHEST_CT, "EXAM: CT chest with contrast. FINDINGS: Lungs clear.", ("exam", "major")),
    (CHEST_CT, "TECHNIQUE: CT of the chest after intravenous contrast. FINDINGS: Lungs clear.", ("exam", "major")),
    (
        {"procedure": "CT ABDOMEN PELVIS W CONTRAST", "modality": "CT"},
        "TECHNIQUE: Unenhanced CT. FINDINGS: Normal liver.",
        ("exam", "major"),
    ),
    (CHEST_CT, "EXAM: CT abdomen without contrast. FINDINGS: Normal liver.", ("exam", "critical")),
    (CHEST_CT, "EXAM: MRI chest. FINDINGS: Lungs clear.", ("exam", "critical")),
    (CHEST_X_RAY, "CT chest. The lungs are clear.", ("exam", "critical")),
    (
        {"procedure": "XR CERVICAL SPINE", "modality": "DX"},
        "EXAM: Lumbar spine radiographs. FINDINGS: No fracture.",
        ("exam", "critical"),
    ),
    ({"procedure": "XR ANKLE RIGHT"}, "EXAM: Right foot x-ray. FINDINGS: No fracture.", ("exam", "critical")),
    ({"priors": [PRIOR]}, "COMPARISON: CT of 3/5/2023. FINDINGS: Lungs clear.", ("prior", "major")),
    ({"priors": [PRIOR]}, "COMPARISON: CT of March 15, 2024. FINDINGS: Lungs clear.", ("prior", "major")),
    ({"priors": [PRIOR]}, "COMPARISON: CT of 11/20/2021. FINDINGS: Lungs clear.", ("prior", "minor")),
    (
        {"priors": [PRIOR], "performed": "2024-09-01"},
        "COMPARISON: 12/13/2025. FINDINGS: Lungs clear.",
        ("prior", "major"),
    ),
    ({"priors": [PRIOR]}, "FINDINGS: Unchanged 9 mm nodule in the right upper lobe.", ("prior", "major")),
    ({"priors": [PRIOR]}, "FINDINGS: 9 mm nodule in the right upper lobe, previously 8 mm.", ("prior", "major")),
    ({"priors": [PRIOR]}, "FINDINGS: The 9 mm nodule in the right upper lobe has decreased.", ("prior", "major")),
    ({"priors": [PRIOR]}, "FINDINGS: Left adrenal nodule, stable at 2.1 cm.", ("prior", "major")),
    (CHEST_X_RAY, "FINDINGS: Large left pneumothorax.", ("critical_result", "minor")),
    ({"procedure": "CT HEAD"}, "FINDINGS: Acute infarct in the left frontal lobe.", ("critical_result", "minor")),
    ({"procedure": "CT HEAD"}, "FINDINGS: Acute SAH.", ("critical_result", "minor")),
    ({"procedure": "CT HEAD"}, "FINDINGS: Left frontal ICH of 3 cm.", ("critical_result", "minor")),
    ({"procedure": "CT HEAD"}, "FINDINGS: Small EDH.", ("critical_result", "minor")),
    ({"procedure": "CT HEAD"}, "FINDINGS: IVH.", ("critical_result", "minor")),
    ({"procedure": "CT HEAD"}, "FINDINGS: Brain bleed on the right.", ("critical_result", "minor")),
    ({"procedure": "CTA NECK"}, "FINDINGS: Right carotid artery dissection.", ("critical_result", "minor")),
    ({"procedure": "US PELVIS"}, "FINDINGS: Torsed left ovary.", ("critical_result", "minor")),
    ({"procedure": "CT ABDOMEN"}, "FINDINGS: Contrast blush in the spleen.", ("critical_result", "minor")),
    ({"procedure": "US SCROTUM"}, "IMPRESSION: Findings of testicular torsion.", ("critical_result", "minor")),
    (
        {"procedure": "CT ABDOMEN"},
        "FINDINGS: Free air below the diaphragm. No other change.",
        ("critical_result", "minor"),
    ),
    (MAMMOGRAM, "FINDINGS: No mass. IMPRESSION: Negative mammogram.", ("scoring", "minor")),
    (
        {"procedure": "CT LUNG SCREENING LOW DOSE", "modality": "CT"},
        "FINDINGS: 3 mm nodule in the left upper lobe.",
        ("scoring", "minor"),
    ),
    (
        {"procedure": "MR PROSTATE", "modality": "MR"},
        "FINDINGS: Lesion in the left peripheral zone.",
        ("scoring", "minor"),
    ),
    ({"procedure": "US THYROID", "modality": "US"}, "FINDINGS: 2 cm nodule of the right lobe.", ("scoring", "minor")),
    (MAMMOGRAM, "FINDINGS: Suspicious mass, left. IMPRESSION: BI-RADS 1.", ("scoring", "major")),
    (MAMMOGRAM, "IMPRESSION: No mammographic evidence of malignancy. BI-RADS 5.", ("scoring", "major")),
    (
        MAMMOGRAM,
        "IMPRESSION: Right breast: BI-RADS 1, biopsy is recommended. Left breast: BI-RADS 2.",
        ("scoring", "major"),
    ),
    (
        {"procedure": "CT LUNG SCREENING LOW DOSE", "modality": "CT"},
        "FINDINGS: 9 mm nodule. IMPRESSION: Lung-RADS 4B. Continue annual screening.",
        ("scoring", "major"),
    ),
    ({"priors": [PRIOR]}, "COMPARISON: 3/5/2014. FINDINGS: Lungs clear.", ("prior", "major")),
    ({"age": 67}, "Indication seventy six year old man. Findings clear.", ("age", "critical")),
    (
        {"procedure": "MRI KNEE LEFT W/O CONTRAST", "modality": "MR"},
        "MRI RIGHT KNEE WITHOUT CONTRAST. Tear of the medial meniscus.",
        ("laterality", "critical"),
    ),
    (CHEST_X_RAY, "FINDINGS: Right pneumothorax. The doctor was not notified.", ("critical_result", "minor")),
    (CHEST_X_RAY, "FINDINGS: Right pneumothorax as discussed above.", ("critical_result", "minor")),
    ({"procedure": "CT HEAD"}, "FINDINGS: Acute subdural hematoma of 6 mm.", ("critical_result", "minor")),
    ({"procedure": "CT ABDOMEN"}, "FINDINGS: Sigmoid volvulus.", ("critical_result", "minor")),
    (MAMMOGRAM, "IMPRESSION: BI-RADS 4, benign.", ("scoring", "major")),
    (MAMMOGRAM, "IMPRESSION: Benign findings. Annual mammography.", ("scoring", "minor")),
    (
        {"procedure": "US THYROID", "modality": "US"},
        "FINDINGS: TI-RADS 2 nodule. FNA is recommended.",
        ("scoring", "major"),
    ),
    (
        {"procedure": "CT LIVER PROTOCOL", "modality": "CT"},
        "FINDINGS: Cirrhotic liver. 22 mm hypervascular lesion in segment 7.",
        ("scoring", "minor"),
    ),
]


@pytest.mark.parametrize(("order", "text"), CLEAN)
def test_a_report_that_agrees_with_its_order_shows_nothing(order: dict[str, Any], text: str) -> None:
    assert cards(order, text) == []


@pytest.mark.parametrize(("order", "text", "expected"), FOUND)
def test_a_contradiction_shows_one_card(order: dict[str, Any], text: str, expected: tuple[str, str]) -> None:
    assert cards(order, text) == [expected]


SAME = "IMPRESSION: 8 mm nodule. Recommend CT chest in 3 months."
# The exam, the text, and what its critical result is called; "" where there is none.
WHERE_IT_LIES = [
    ("CT ABDOMEN", "Filling defect in the superior mesenteric artery.", "occlusion of a mesenteric artery"),
    ("CT CHEST", "Filling defect in the right lower lobe pulmonary artery.", "pulmonary embolism"),
    ("CT CHEST", "Filling defects in the pulmonary artery and the left atrium.", "pulmonary embolism"),
    ("FL UPPER GI", "Filling defect in the stomach.", ""),
    ("CT ABDOMEN", "Filling defect in the left renal vein.", ""),
    ("CTA ARM", "Embolus in the brachial artery.", ""),
    ("CT ABDOMEN", "Left psoas hematoma.", "retroperitoneal bleeding"),
    ("CT HEAD", "Hemorrhage in the psoas.", "retroperitoneal bleeding"),
    ("", "Retroperitoneal hemorrhage.", "retroperitoneal bleeding"),
    ("CT HEAD", "Left thalamic hemorrhage.", "intracranial hemorrhage"),
    ("CT ABDOMEN", "Acute hemorrhage in the left kidney.", "acute bleeding"),
    ("MRI LUMBAR SPINE", "Epidural hematoma.", "bleeding in the spinal canal"),
    ("CT HEAD", "Epidural hematoma.", "intracranial hemorrhage"),
    ("CT HEAD", "Acute infarct of the spleen.", ""),
    ("XR CHEST", "Feeding tube tip in the right lower lobe bronchus.", "misplaced tube"),
    ("XR CHEST", "Nasogastric tube enters the left mainstem bronchus.", "misplaced tube"),
    ("XR CHEST", "Endotracheal tube in the right mainstem bronchus.", "misplaced tube"),
    ("XR CHEST", "Esophageal intubation.", "misplaced tube"),
    ("XR CHEST", "Chest tube tip in the liver.", "misplaced tube"),
    ("XR CHEST", "Central line tip in the carotid artery.", "misplaced line"),
    ("XR CHEST", "Nasogastric tube tip in the stomach.", ""),
    ("XR CHEST", "Feeding tube courses below the diaphragm. Right lower lobe opacity.", ""),
    ("XR CHEST", "ET tube was retracted from the right mainstem bronchus and lies 3 cm above the carina.", ""),
    ("XR CHEST", "Right PICC tip in the SVC.", ""),
    ("XR CHEST", "Chest tube tip at the right apex.", ""),
]


@pytest.mark.parametrize(("exam", "text", "name"), WHERE_IT_LIES)
def test_a_critical_result_is_called_what_it_is_where_it_lies(exam: str, text: str, name: str) -> None:
    found = inferences(heard_column(text), written_column(text), Order(procedure=exam), None, kinds={"communication"})
    assert len(found) == bool(name)
    assert all(name in one.explanation for one in found)


FOLLOW_UP_CLEAN = [
    (SAME, SAME),
    (SAME, "IMPRESSION: 8 mm nodule. Follow-up CT of the chest in three months is advised."),
    (SAME, "IMPRESSION: 8 mm nodule. Recommend CT chest in 12 weeks."),
    ("IMPRESSION: Recommend ultrasound in 6 to 12 months.", "IMPRESSION: Follow-up ultrasound in 6-12 months."),
    ("IMPRESSION: Recommend MRI in one year.", "IMPRESSION: MRI in 12 months is recommended."),
    ("IMPRESSION: Return for annual screening.", "IMPRESSION: Routine screening mammogram in 1 year."),
    ("IMPRESSION: Nodule stable over 2 years.", "IMPRESSION: Nodule has been stable for two years."),
    ("IMPRESSION: No follow-up CT is recommended.", "IMPRESSION: No follow-up imaging needed."),
    ("INDICATION: 3 month follow-up. IMPRESSION: Normal.", "INDICATION: Follow-up. IMPRESSION: Normal."),
    ("IMPRESSION: Consider MRI for the lesion.", "IMPRESSION: MRI may be obtained for the lesion."),
    ("impression 6 mm nodule follow up ct in six to twelve months", "IMPRESSION: Follow-up CT in 6-12 months."),
    ("Recommend PET/CT or biopsy.", "PET-CT or tissue sampling is recommended."),
    ("Consider dedicated MRI.", "Dedicated MRI could be considered."),
    ("Recommend correlation with CT.", "CT correlation recommended."),
    ("Recommend ultrasound.", "Further evaluation with ultrasound is suggested."),
    ("Follow-up CT at 3 months and 12 months.", "Follow-up CT at 3 and 12 months."),
    ("Follow-up as clinically indicated.", "Follow up as clinically indicated."),
    ("IMPRESSION: Recommend chest radiograph in 6 weeks.", "IMPRESSION: Follow-up chest x-ray in six weeks."),
]
FOLLOW_UP_FOUND = [
    ("Repeat CT in 24 hours.", "Repeat CT in 48 hours.", "major"),
    ("Repeat radiographs in 7 to 10 days.", "Repeat x-rays in 7-14 days.", "major"),
    ("Follow-up CT at 3 months and 12 months.", "Follow-up CT at 3 and 18 months.", "major"),
    (SAME, SAME.replace("3", "6"), "major"),
    (SAME, SAME.replace("months", "weeks"), "major"),
    ("IMPRESSION: Follow-up CT in one year.", "IMPRESSION: Follow-up CT in 1 month.", "major"),
    ("IMPRESSION: Recommend MRI in 6 months.", "IMPRESSION: Recommend CT in 6 months.", "major"),
    (SAME, "IMPRESSION: 8 mm nodule.", "major"),
    ("IMPRESSION: 8 mm nodule.", SAME, "major"),
    (SAME, "IMPRESSION: 8 mm nodule. Recommend CT chest.", "minor"),
    ("IMPRESSION: 8 mm nodule. Recommend CT chest.", SAME, "minor"),
    ("IMPRESSION: Repeat ultrasound in 6 to 12 months.", "IMPRESSION: Repeat ultrasound in 6 to 8 months.", "major"),
]


@pytest.mark.parametrize(("heard", "written"), FOLLOW_UP_CLEAN)
def test_the_same_follow_up_in_other_words_is_silent(heard: str, written: str) -> None:
    assert cards(None, heard, written) == []


@pytest.mark.parametrize(("heard", "written", "severity"), FOLLOW_UP_FOUND)
def test_another_follow_up_is_shown_once(heard: str, written: str, severity: str) -> None:
    assert cards(None, heard, written) == [("follow_up", severity)]


HEADER = [
    (ExamFacts(modality="CT", contrast="OMNIPAQUE 350"), "EXAM: CT chest without contrast.", [("exam", "major")]),
    (ExamFacts(modality="CT", contrast="ORAL BARIUM"), "EXAM: CT chest without contrast.", []),
    (ExamFacts(modality="MR", body_part="CHEST"), "EXAM: MRI brain. FINDINGS: Normal.", []),
    (ExamFacts(modality="DX"), "EXAM: CT chest. FINDINGS: Lungs clear.", [("exam", "critical")]),
    (ExamFacts(laterality="left"), "FINDINGS: Right knee effusion.", [("laterality", "critical")]),
    (ExamFacts(patient=Patient(sex="M")), "FINDINGS: The uterus is normal.", [("sex", "critical")]),
    (ExamFacts(patient=Patient(age_years=30)), "INDICATION: 70-year-old man.", [("age", "critical")]),
]


@pytest.mark.parametrize(("facts", "text", "expected"), HEADER)
def test_the_image_header_counts_where_there_is_no_order(
    facts: ExamFacts, text: str, expected: list[tuple[str, str]]
) -> None:
    assert cards(None, text, facts=facts) == expected


BILLING = [
    (ABDOMEN, "FINDINGS: The liver is normal. No gallstones.", {("exam", "minor")}),
    (
        ABDOMEN,
        "FINDINGS: Liver, gallbladder, bile ducts, pancreas, spleen, kidneys, aorta and IVC are normal.",
        set[tuple[str, str]](),
    ),
    (
        {"procedure": "US ABDOMEN LIMITED", "modality": "US"},
        "FINDINGS: Liver, gallbladder, bile ducts, pancreas, spleen, kidneys, aorta and IVC are normal.",
        {("exam", "minor")},
    ),
    ({"procedure": "US ABDOMEN LIMITED", "modality": "US"}, "FINDINGS: Normal liver.", set[tuple[str, str]]()),
    (
        {"procedure": "US PELVIS COMPLETE", "modality": "US", "sex": "F"},
        "FINDINGS: The uterus and endometrium are normal.",
        {("exam", "minor")},
    ),
    (
        {"procedure": "US PELVIS COMPLETE", "modality": "US", "sex": "M"},
        "FINDINGS: Bladder, prostate and seminal vesicles are normal.",
        set[tuple[str, str]](),
    ),
    (
        CHEST_CT | {"age": 60},
        "FINDINGS: 7 mm nodule in the left lower lobe.",
        {("guidance", "info"), ("quality", "info")},
    ),
    (
        CHEST_CT | {"age": 60},
        "TECHNIQUE: Automated exposure control. FINDINGS: 7 mm nodule in the left lower lobe. History of cancer.",
        set[tuple[str, str]](),
    ),
    (CHEST_CT | {"age": 20}, "TECHNIQUE: Low dose CT. FINDINGS: 7 mm nodule.", set[tuple[str, str]]()),
]


@pytest.mark.parametrize(("order", "text", "expected"), BILLING)
def test_billing_kinds_speak_only_when_asked(order: dict[str, Any], text: str, expected: set[tuple[str, str]]) -> None:
    assert cards(order, text) == []
    assert set(cards(order, text, kinds=BILLING_KINDS)) == expected


def test_a_recommendation_is_listed_with_exam_time_and_reason() -> None:
    text = "IMPRESSION: Recommend CT chest in 3 months to reassess the nodule."
    (card,) = inferences(heard_column(""), written_column(text), None, None, kinds={"recommendation"})
    assert card.explanation.startswith("Recommended: CT, 3 months")
    assert card.written and card.written.span and text[slice(*card.written.span)].startswith("Recommend CT")


def test_a_critical_result_is_listed_when_asked() -> None:
    assert cards(CHEST_X_RAY, "FINDINGS: Large left pneumothorax.", kinds={"critical_result"}) == [
        ("critical_result", "info")
    ]


@pytest.mark.parametrize("order", [None, {"sex": "F"}, CHEST_X_RAY])
@pytest.mark.parametrize(
    "result", ["Right tension pneumothorax", "Saddle pulmonary embolus", "Large left pneumothorax"]
)
def test_a_critical_result_is_to_be_told_whatever_the_order(order: dict[str, Any] | None, result: str) -> None:
    assert cards(order, f"FINDINGS: {result}.") == [("critical_result", "minor")]
    assert cards(order, f"FINDINGS: {result}. This was communicated to Dr. Example by telephone.") == []


PE_CT = {"procedure": "CT chest", "modality": "CT", "body_part": "CHEST"}
TELLS = "Discussed with Dr. Example by telephone at 14:05."
TOLD_OF_SOME = [
    # what a sentence names
    ("FINDINGS: Right pneumothorax. Acute embolism. IMPRESSION: Pneumothorax, discussed with Dr. Ito.", ["embolism"]),
    ("FINDINGS: Right pneumothorax. Left pneumothorax. IMPRESSION: The right pneumothorax was discussed with Dr. Ito.",
     ["left pneumothorax"]),
    ("FINDINGS: Pneumothorax on both sides. IMPRESSION: The right pneumothorax was discussed with Dr. Ito.",
     ["bilateral pneumothorax"]),
    ("FINDINGS: Cord compression at T5. Cord compression at T8. IMPRESSION: The compression at T5 was discussed with "
     "Dr. Ito: cord compression at T5.", ["T8"]),
    ("FINDINGS: Right pneumothorax. Left pneumothorax. IMPRESSION: Pneumothorax, discussed with Dr. Ito.",
     ["right pneumothorax", "left pneumothorax"]),
    # what stands before one that names none
    (f"FINDINGS: Right pneumothorax. {TELLS} Pulmonary embolism.", ["embolism"]),
    (f"FINDINGS: Right pneumothorax. {TELLS} Left pneumothorax.", ["left pneumothorax"]),
    (f"FINDINGS: Right pneumothorax. {TELLS} Right tension pneumothorax.", ["tension"]),
    (f"INDICATION: {TELLS} FINDINGS: Right pneumothorax.", ["pneumothorax"]),
    # of another finding
    ("FINDINGS: Right pneumothorax. The lung nodule was discussed with Dr. Ito.", ["pneumothorax"]),
    # nothing is left
    (f"FINDINGS: Right pneumothorax. Pulmonary embolism. IMPRESSION: Pulmonary embolism. {TELLS}", []),
    (f"FINDINGS: Right pneumothorax. Left pneumothorax. {TELLS} IMPRESSION: Bilateral pneumothoraces.", []),
    (f"FINDINGS: Right pneumothorax. {TELLS} IMPRESSION: Pneumothorax.", []),
    (f"FINDINGS: Right tension pneumothorax. {TELLS} IMPRESSION: Right pneumothorax.", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "left"), TOLD_OF_SOME)
def test_who_was_told_of_one_result_was_not_told_of_another(text: str, left: list[str]) -> None:
    found = inferences(heard_column(text), written_column(text), Order(**PE_CT), None, kinds={"communication"})
    assert len(found) == len(left)
    assert all(word in one.explanation for word, one in zip(left, found, strict=True))
    assert len({one.id for one in found}) == len(found)


def test_what_was_dictated_after_somebody_was_told_is_asked_for_wherever_the_report_puts_it() -> None:
    heard = f"FINDINGS: Right pneumothorax. IMPRESSION: Pneumothorax. {TELLS} FINDINGS: Pulmonary embolism."
    written = f"FINDINGS: Right pneumothorax. Pulmonary embolism. IMPRESSION: Pneumothorax. {TELLS}"
    (one,) = inferences(heard_column(heard), written_column(written), Order(**PE_CT), None, kinds={"communication"})
    assert "embolism" in one.explanation
    typed_in = f"FINDINGS: Right pneumothorax. IMPRESSION: Pneumothorax. {TELLS}"
    (one,) = inferences(heard_column(typed_in), written_column(written), Order(**PE_CT), None, kinds={"communication"})
    assert "embolism" in one.explanation


def test_the_report_itself_has_to_say_who_was_told() -> None:
    heard = f"FINDINGS: Right pneumothorax. {TELLS}"
    written = "FINDINGS: Right pneumothorax."
    assert inferences(heard_column(heard), written_column(written), None, None, kinds={"communication"})


def test_a_subdural_hematoma_and_its_shift_are_two_results() -> None:
    text = "FINDINGS: Acute subdural hematoma with midline shift of 6 mm."
    assert cards({"procedure": "CT HEAD"}, text) == [("critical_result", "minor")] * 2


@pytest.mark.parametrize(
    "text",
    ["No pneumothorax.", "Possible pneumothorax.", "Known pneumothorax, unchanged.", "Chronic pulmonary embolism."],
)
def test_a_result_that_is_denied_doubtful_or_known_is_no_news(text: str) -> None:
    assert cards(None, f"FINDINGS: {text}") == []


def test_a_critical_result_is_shown_beside_any_number_of_other_cards() -> None:
    others = [
        Discrepancy(id=f"d{number}", kind="measurement", severity="major", explanation="Sizes differ.")
        for number in range(9)
    ]
    text = "FINDINGS: Right tension pneumothorax."
    told = inferences(heard_column(text), written_column(text), None, None)
    listed = shortlist([*others, *told])
    assert [one.id for one in listed.shown if one.kind == "critical_result"] == [told[0].id]


def test_each_kind_can_be_switched_off() -> None:
    text = "INDICATION: 45-year-old woman. FINDINGS: Left knee effusion."
    order = KNEE | {"sex": "M", "age": 70}
    assert {kind for kind, _ in cards(order, text)} == {"sex", "age", "laterality"}
    for name, kind in (("sex", "sex"), ("age", "age"), ("ordered_side", "laterality")):
        assert kind not in {found for found, _ in cards(order, text, kinds=DEFAULT_KINDS - {name})}
        assert {found for found, _ in cards(order, text, kinds={name})} == {kind}


@pytest.mark.parametrize(
    "text",
    [
        "FINDINGS: Small effusion. Leftward tilt of the patella.",
        "FINDINGS: Small effusion. The patella is displaced to the left.",
        "FINDINGS: Small effusion. The left ventricle is enlarged.",
        "FINDINGS: Small effusion. Cyst in the left lobe of the liver.",
    ],
)
def test_a_direction_or_a_part_of_one_organ_is_not_the_side_that_was_not_ordered(text) -> None:
    assert not [kind for kind, severity in cards(KNEE, text) if kind == "laterality" and severity == "critical"]
    both = text.replace("Small", "Small left")
    critical = [kind for kind, severity in cards(KNEE, both) if severity == "critical"]
    assert [kind for kind in critical if kind != "exam"] == ["laterality"]  # a liver is none of a knee


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no such inference: typo"):
        cards(None, "", kinds={"typo"})


def test_spans_are_characters_of_the_texts_and_ids_are_equal_again() -> None:
    heard, written = (
        "45 year old woman. Left knee effusion.",
        "INDICATION: 45-year-old woman. FINDINGS: Left knee effusion.",
    )
    order = Order.model_validate(KNEE | {"sex": "M", "age": 70})
    runs = [inferences(heard_column(heard), written_column(written), order, None) for _ in range(2)]
    assert [card.id for card in runs[0]] == [card.id for card in runs[1]]
    for card in runs[0]:
        for side, text in ((card.heard, heard), (card.written, written)):
            assert side is not None
            assert side.span is not None
            assert text[slice(*side.span)] == side.text


@pytest.mark.parametrize("text", ["", "\u202eabc\u200b", "<script>left</script>", "no " * 20_000, "3 months " * 5_000])
def test_hostile_text_is_survived(text: str) -> None:
    order = Order.model_validate(KNEE | {"sex": "M", "age": 70, "priors": [PRIOR]})
    inferences(heard_column(text), written_column(text), order, None, kinds=INFERENCE_KINDS)


def test_an_exam_line_that_came_from_the_order_is_no_evidence() -> None:
    text = "EXAM: CT chest with contrast\nFINDINGS: Lungs clear."
    column = written_column(text)
    exam = next(sentence for sentence in column.sentences if sentence.section == "exam")
    assert exam.id is None
    named = replace(column, sentences=(replace(exam, id="r1"), *column.sentences[1:]), origins={"r1": "order"})
    order = Order.model_validate(CHEST_CT)
    assert inferences(heard_column(""), column, order, None) != []
    assert inferences(heard_column(""), named, order, None) == []


def test_heard_and_written_share_one_card() -> None:
    order = Order.model_validate({"age": 62})
    (card,) = inferences(heard_column("A 45 year old man."), written_column("A 45-year-old man."), order, None)
    assert card.heard is not None
    assert card.written is not None


def test_a_slip_of_the_report_is_left_to_the_comparison_of_the_columns() -> None:
    assert cards({"priors": [PRIOR]}, "COMPARISON: 3/5/2024.", "COMPARISON: 3/5/2023.") == []


@pytest.mark.parametrize("values", [("2", "4"), ("4", "2")])
def test_a_score_written_otherwise_is_left_to_the_comparison_of_the_columns(values: tuple[str, str]) -> None:
    heard, written = (f"IMPRESSION: BI-RADS {value}. Suspicious mass." for value in values)
    assert cards(None, heard, written) == []
