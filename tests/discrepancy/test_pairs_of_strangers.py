"""Pairs of fresh eyes: one slip that must be told, and faithful rewordings that must not be."""

import pytest

from dictation.discrepancy import compare


def grave(said: str, written: str) -> set[tuple[str, str]]:
    return {(one.severity, one.kind) for one in compare(said, written) if one.severity in ("critical", "major")}


@pytest.mark.parametrize(
    ("said", "written", "alert"),
    [
        ("Biopsy is recommended.", "Biopsy is not recommended.", ("critical", "negation")),
        ("No further imaging is recommended.", "Further imaging is recommended.", ("critical", "negation")),
        ("Findings were discussed with Dr. Smith.", "Findings were not discussed with Dr. Smith.",
         ("critical", "negation")),
        ("The left renal artery stent is patent.", "The left renal artery stent is not patent.",
         ("critical", "negation")),
        ("No contraindication to MRI.", "Contraindication to MRI.", ("critical", "negation")),
        ("The pacemaker is MRI conditional.", "The pacemaker is not MRI conditional.", ("critical", "negation")),
        ("No treatment is needed for the abdominal aortic aneurysm.", "No abdominal aortic aneurysm.",
         ("critical", "negation")),
        ("No enhancement of the renal mass.", "No renal mass.", ("critical", "negation")),
        ("Lisfranc joint is normal.", "Lisfranc injury.", ("critical", "negation")),
        ("Findings are compatible with osteomyelitis.", "Findings are incompatible with osteomyelitis.",
         ("critical", "negation")),
        ("Right kidney: 10.8 cm. 3 cm mass. Left kidney: 11.2 cm. Simple cyst.",
         "Right kidney: 10.8 cm. Simple cyst. Left kidney: 11.2 cm. 3 cm mass.", ("critical", "laterality")),
        ("Right testis: 4.1 cm. 9 mm mass. Left testis: 4.0 cm. No mass.",
         "Right testis: 4.1 cm. No mass. Left testis: 4.0 cm. 9 mm mass.", ("critical", "laterality")),
        ("Acute ascending aortic dissection.", "Acute descending aortic dissection.", ("major", "site")),
        ("Fracture of the surgical neck of the humerus.", "Fracture of the anatomic neck of the humerus.",
         ("major", "site")),
        ("Fracture extends into the joint.", "Fracture spares the joint.", ("major", "site")),
        ("The ET tube was advanced by 2 cm.", "The ET tube was retracted by 2 cm.", ("major", "device_position")),
        ("Old T12 fracture.", "New T12 fracture.", ("major", "change")),
        ("Three vessel runoff.", "Single vessel runoff.", ("major", "measurement")),
        ("Urgent surgical referral.", "Routine surgical referral.", ("major", "follow_up")),
    ],
)  # fmt: skip
def test_one_slip_is_told(said: str, written: str, alert: tuple[str, str]) -> None:
    assert alert in grave(said, written)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("No further imaging is needed.", "Further imaging is not needed."),
        ("Biopsy is not recommended.", "No biopsy is advised."),
        ("Biopsy not needed.", "No biopsy needed."),
        ("No thrombus in the patent portal vein.", "The portal vein is patent without thrombus."),
        ("No endoleak and patent stent graft limbs.", "Patent stent graft limbs. No endoleak."),
        ("Fracture does not extend into the joint.", "Fracture spares the joint."),
        ("Tumor does not extend beyond the prostatic capsule.", "Organ confined tumor."),
        ("Not pneumonia but atelectasis at the left base.", "Left basal atelectasis rather than pneumonia."),
        ("no lisfranc injury", "Lisfranc alignment preserved."),
        ("No residual of the abscess.", "No abscess."),
        ("No signs of the suspected appendicitis.", "No appendicitis."),
        ("No follow up is needed for the 3 mm nodule in the right middle lobe.",
         "3 mm right middle lobe nodule; no further imaging follow-up required."),
        ("PSA is eight point four nanograms per milliliter.", "PSA is 8.4 ng/mL."),
    ],
)  # fmt: skip
def test_the_same_in_other_words_is_not(said: str, written: str) -> None:
    assert grave(said, written) == set()
