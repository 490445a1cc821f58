"""What is said in nearly the same words under another name is neither left out nor added."""

import pytest

from dictation.discrepancy import compare

WEIGHTY = ("critical", "major")


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Right knee. ACL intact. Moderate effusion.", "FINDINGS: ACL is intact. Moderate joint effusion."),
        ("moderate stenosis at l three four", "FINDINGS: L3-L4: moderate spinal stenosis."),
        ("Grade 2 sprain of the MCL. Large effusion.", "FINDINGS: Grade 2 MCL sprain. Large joint effusion."),
        (
            "Right ICA stenosis 70 percent. Left ICA 40 percent.",
            "FINDINGS: 70% ICA stenosis on the right, 40% on the left.",
        ),
    ],
)
def test_another_name_in_the_same_words_is_silent(heard, written):
    assert [card for card in compare(heard, written) if card.severity in WEIGHTY] == []


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Right knee. Moderate effusion.", "FINDINGS: Moderate joint effusion. Baker cyst."),
        ("Small right renal lesion.", "FINDINGS: Small right renal lesion. Small hepatic lesion."),
        (
            "moderate stenosis at l three four",
            "FINDINGS: L3-L4: moderate spinal stenosis. L4-L5: severe spinal stenosis.",
        ),
        ("Moderate effusion.", "FINDINGS: No joint effusion."),
        ("Left lung nodule. No mass.", "FINDINGS: Left lung nodule. Breast mass."),
    ],
)
def test_another_finding_place_level_or_denial_is_not(heard, written):
    assert [card for card in compare(heard, written) if card.severity in WEIGHTY]
