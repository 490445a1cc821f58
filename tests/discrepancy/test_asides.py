"""What is said to whoever writes, and of no patient, is asked about (wordings of fresh eyes; `asides.tsv`)."""

import pytest

from dictation.discrepancy import compare


def asked(text: str) -> list[str]:
    return [one.severity for one in compare(text, text) if one.kind == "critical_word"]


@pytest.mark.parametrize(
    "aside",
    [
        "Change left to right.",
        "Change 4 cm to 14 cm.",
        "Should have been right.",
        "Should have said right.",
        "It's on the right, actually.",
        "That's the right, not the left.",
        "Switch that to right.",
        "Swap left for right.",
        "Nope, right.",
        "I said left but it is right.",
        "It's not the left, it's the right.",
        "Did I say left? Right.",
        "Remove that. Right MCA territory infarct.",
        "Cross that out. Right MCA territory infarct.",
        "scrap that, right MCA territory infarct.",
        "Let me start again. Right renal mass.",
        "Don't type that. Right renal mass.",
        "4.5 mm, that's centimeters.",
        "Torn medial meniscus. Lateral, not medial.",
        "Strike 3 cm, put 5 cm.",
    ],
)
def test_an_aside_behind_a_finding_is_asked_about_once(aside: str) -> None:
    assert asked(f"Findings: Left renal mass 4 cm. {aside}") == ["critical"]


@pytest.mark.parametrize(
    "text",
    [
        "The right kidney is lower than expected. Chronic change to the left base.",
        "It is on the right.",
        "Changes of the left base. Right, larger than left.",
        "Change in the interval to 4 mm.",
        "The stent was removed; that is better seen today.",
    ],
)
def test_words_of_the_patient_are_none(text: str) -> None:
    assert asked(text) == []


def test_a_correction_that_is_cut_off_by_the_end_of_the_sound_is_asked_about() -> None:
    assert asked("There is a subdural hematoma on the left measuring 12 mm. No, correct.") == ["critical"]
    assert asked("Hematoma. No fluid. No collection.") == []


@pytest.mark.parametrize(
    "text",
    [
        "there is a fracture of the left no the right distal radius",
        "there is a mass in the left no right breast",
        "hydronephrosis of the right no left kidney",
        "there is an L2 no L3 compression fracture",
        "disc herniation at L4-5 no L5-S1 on the left",
    ],
)
def test_a_bare_no_between_two_sides_or_levels_is_asked_about(text: str) -> None:
    assert asked(text) == ["critical"]


@pytest.mark.parametrize(
    "text",
    [
        "no left effusion no right effusion",
        "nodule on the left no right nodule",
        "stenosis at L4-5 no L5-S1 stenosis",
        "the left kidney is normal no right hydronephrosis",
        "L3-4 no stenosis L4-5 no stenosis",
    ],
)
def test_a_no_that_denies_the_other_side_is_not(text: str) -> None:
    assert asked(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "FINDINGS: Left, not right, adrenal gland is enlarged.",
        "IMPRESSION: Follow-up was due in June; this should have been performed earlier.",
        "FINDINGS: Two nodules are described. Actually, only one is seen.",
        "FINDINGS: There is a defect that is millimeters from the surface. Remove that line as it is malpositioned.",
        "disc bulge at L4-5 no L5-S1 herniation",
        "Compression fracture of T12 no L1 retropulsion",
    ],
)
def test_ordinary_words_of_a_report_are_not_asked_about(text: str) -> None:
    assert asked(text) == []
