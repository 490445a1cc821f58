"""Places that a finding takes over from its neighbour: stated, implied, or not at all."""

import pytest

from dictation.discrepancy import compare
from dictation.findings import Claim, extract


def claim_of(text: str, finding: str) -> Claim:
    return next(claim for claim in extract(text) if claim.finding == finding)


@pytest.mark.parametrize(
    ("text", "finding", "side"),
    [
        ("Opacity in the left lung base possibly related to scarring and atelectasis.", "atelectasis", "left"),
        ("Right base opacity, a combination of effusion and atelectasis.", "atelectasis", "right"),
        ("Opacity in the right base secondary to atelectasis.", "atelectasis", "right"),
        ("Left upper lobe nodule is stable and likely represents a granuloma.", "granuloma", "left"),
        ("Left base pleural irregularity compatible with scarring.", "scarring", "left"),
    ],
)
def test_what_a_finding_is_taken_for_lies_where_it_lies(text: str, finding: str, side: str) -> None:
    claim = claim_of(text, finding)
    assert (claim.laterality, claim.implied) == (side, ())


@pytest.mark.parametrize(
    ("text", "finding", "side", "sites"),
    [
        ("Left base airspace disease and small effusion.", "pleural_effusion", "left", ("base",)),
        ("Left base atelectasis and/or infiltrate.", "infiltrate", "left", ("base",)),
        ("Right upper lobe opacity with associated atelectasis.", "atelectasis", "right", ("upper_lobe",)),
        ("Opacity in the right base with small effusion.", "pleural_effusion", "right", ("base",)),
        ("Right upper lobe nodule, granuloma.", "granuloma", "right", ("upper_lobe",)),
        ("Bibasilar atelectasis or scarring.", "scarring", "bilateral", ("base",)),
        ("Left renal calculus with hydronephrosis.", "hydronephrosis", "left", ()),
        ("Opacities in the lung bases.", "opacity", "bilateral", ("base",)),
        ("The costophrenic angles are blunted.", "costophrenic_blunting", "bilateral", ()),
        ("Elevated hemidiaphragms.", "hemidiaphragm_elevation", "bilateral", ()),
    ],
)
def test_a_place_that_is_only_implied_says_so(text: str, finding: str, side: str, sites: tuple[str, ...]) -> None:
    claim = claim_of(text, finding)
    assert (claim.laterality, claim.site) == (side, sites)
    assert "laterality" in claim.implied
    assert claim.stated().laterality is None


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("Left effusion without atelectasis.", "atelectasis"),
        ("Right lower lobe consolidation, no effusion.", "pleural_effusion"),
        ("Right pneumothorax and emphysema.", "emphysema"),
        ("Left effusion and cardiomegaly.", "cardiomegaly"),
        ("Left lung is clear and there is atelectasis.", "atelectasis"),
        ("Nodule in the left upper lobe and pleural effusion.", "pleural_effusion"),
        ("Right base atelectasis with diffuse nodules.", "nodule"),
        ("Right rib fracture and pneumothorax.", "pneumothorax"),
    ],
)
def test_no_side_is_carried_to_what_lies_elsewhere_or_is_denied(text: str, finding: str) -> None:
    assert claim_of(text, finding).laterality is None


def test_each_clause_keeps_its_own_side() -> None:
    assert claim_of("Left effusion, right upper lobe atelectasis and scarring.", "scarring").laterality == "right"
    assert claim_of("Left effusion and right nodule.", "nodule").laterality == "right"


def test_biapical_inside_a_name_is_a_side() -> None:
    claim = claim_of("Mild biapical pleural thickening.", "pleural_thickening")
    assert (claim.laterality, claim.site) == ("bilateral", ("apex",))


def test_the_side_of_a_device_may_follow_its_tip() -> None:
    claim = claim_of("The tip of the right PICC is in the SVC.", "picc")
    assert (claim.laterality, claim.device_position) == ("right", "svc")


def test_a_full_and_a_terse_wording_do_not_differ_in_side() -> None:
    pairs = [
        ("Left base airspace disease and small effusion.", "Left base airspace disease. Small effusion."),
        ("Opacities in the lung bases.", "Basilar opacities."),
        ("Right upper lobe opacity with atelectasis.", "Right upper lobe opacity. Atelectasis."),
        ("Left effusion and atelectasis.", "Left effusion. Bibasilar atelectasis."),
    ]
    for heard, written in pairs:
        assert [found.kind for found in compare(heard, written)] == []
        assert [found.kind for found in compare(written, heard)] == []


def test_a_finding_called_calcified_is_one_finding() -> None:
    assert [claim.finding for claim in extract("The nodule is calcified.")] == ["nodule"]
    assert [(claim.finding, claim.status) for claim in extract("The nodule is not calcified.")] == [
        ("nodule", "present"),
        ("calcification", "absent"),
    ]
