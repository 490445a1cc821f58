""" "X instead of Y", "X rather than Y", "X, not Y": only X is said (cases of fresh eyes)."""

import pytest

from dictation.discrepancy import compare
from dictation.discrepancy.amending import amendments
from dictation.findings import extract
from tests.case.signed_case import case_of


@pytest.mark.parametrize(
    ("text", "side", "sites", "levels", "sizes"),
    [
        ("The hydronephrosis is on the left instead of the right.", "left", (), (), []),
        ("The aortic diameter is 52 mm rather than 32 mm.", None, ("aorta",), (), ["52 mm"]),
        ("The nodule measures 21 mm, not 12 mm.", None, (), (), ["21 mm"]),
        ("Fracture of the left sixth rib instead of the right fifth rib.", "left", ("rib",), ("rib 6", "rib 5"), []),
        ("The nodule lies in the left lower lobe rather than the left upper lobe.", "left", ("lower_lobe",), (), []),
        ("The fracture is at L2, not L3.", None, (), ("L2", "L3"), []),  # told_levels reads of levels what is denied
        ("The nodule is not in the left lower lobe.", "left", ("lower_lobe",), (), []),  # nothing stands for it
    ],
)
def test_what_is_taken_back_is_not_claimed(text, side, sites, levels, sizes):
    [claim] = extract(text)
    assert (claim.laterality, claim.site, claim.level) == (side, sites, levels)
    assert [size.raw for size in claim.measurements] == sizes


@pytest.mark.parametrize(
    ("said", "written", "kind", "severity"),
    [
        ("Consolidation in the right upper lobe instead of the left upper lobe.",
         "Consolidation in the left upper lobe.", "laterality", "critical"),
        ("Displaced fracture of the left sixth rib instead of the right sixth rib.",
         "Displaced fracture of the right sixth rib.", "laterality", "critical"),
        ("The hydronephrosis is on the left instead of the right.", "The hydronephrosis is on the right.",
         "laterality", "critical"),
        ("The nodule is in the left lower lobe, not the left upper lobe.", "The nodule is in the left upper lobe.",
         "site", "major"),
        ("The nodule measures 21 mm, not 12 mm.", "The nodule measures 12 mm.", "measurement", "major"),
    ],
)  # fmt: skip
def test_what_was_not_meant_is_told_where_it_is_written(said, written, kind, severity):
    [card] = compare(f"Findings: {said}", f"Findings: {written}")
    assert (card.kind, card.severity) == (kind, severity)


@pytest.mark.parametrize(
    ("signed", "added"),
    [
        ("Moderate hydronephrosis of the right kidney.", "The hydronephrosis is on the left instead of the right."),
        ("Small 12 mm pulmonary nodule.", "The pulmonary nodule measures 21 mm rather than 12 mm."),
        ("Nodule in the left upper lobe.", "The nodule lies in the left lower lobe rather than the left upper lobe."),
        ("Fracture of the right fifth rib.", "The fracture is of the left fifth rib instead of the right fifth rib."),
    ],
)
def test_an_addendum_that_changes_so_is_told(signed, added):
    assert amendments([case_of(f"Findings: {signed}").report], case_of(added).report)


def test_an_addendum_that_makes_an_acute_finding_old_is_told():
    signed = case_of("Findings: Acute compression fracture of L4.").report
    assert amendments([signed], case_of("The L4 compression fracture is old.").report)
