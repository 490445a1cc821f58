"""A template with normals of another exam fills in what nobody looked at: one critical card says so."""

import pytest

from dictation.case import review_dictation
from dictation.exam import Order
from dictation.report import ExtractiveWriter, load_template
from dictation.wording.typed import typed


def cards(template: str, procedure: str, modality: str = "") -> list[str]:
    order = Order(procedure=procedure, modality=modality)
    said = typed("Findings: There is a small right effusion.")
    case = review_dictation(said, writer=ExtractiveWriter(), order=order, template=load_template(template))
    return [f"{one.severity}: {one.explanation}" for one in case.discrepancies if "The template" in one.explanation]


@pytest.mark.parametrize(
    ("template", "procedure", "modality"),
    [
        ("ct_head_normal", "CT chest", "CT"),
        ("xray_knee_normal", "Chest X-ray 2 views", "DX"),
        ("us_abdomen_normal", "CT CHEST W/O CONTRAST", "CT"),
        ("chest_ct_normal", "XR CHEST PORTABLE", "CR"),
        ("ct_head_normal", "MRI brain", "MR"),
    ],
)
def test_normals_of_another_exam_are_told_once(template: str, procedure: str, modality: str) -> None:
    [card] = cards(template, procedure, modality)
    assert card.startswith("critical: ") and "another exam" in card and procedure in card


@pytest.mark.parametrize(
    ("template", "procedure", "modality"),
    [
        ("chest_ct_normal", "CT CHEST W/O CONTRAST", "CT"),
        ("chest_ct_normal", "CT chest abdomen pelvis", "CT"),
        ("chest_ct_normal", "CTPA", "CT"),
        ("ct_abdomen_pelvis_normal", "CT KUB STONE PROTOCOL", "CT"),
        ("ct_abdomen_pelvis_normal", "CT chest abdomen pelvis", "CT"),
        ("chest_xray_normal", "Rib series", "CR"),
        ("us_abdomen_normal", "US RENAL", "US"),
        ("xray_knee_normal", "XR KNEE 3 VIEWS LEFT", ""),
        ("ct_head_normal", "CT head and cervical spine", "CT"),
        ("ct_head_normal", "", ""),
        ("ct_head_normal", "PROTOCOL 17", ""),
    ],
)
def test_of_this_exam_and_of_one_that_nobody_can_tell_nothing_is_said(template, procedure, modality) -> None:
    assert cards(template, procedure, modality) == []
