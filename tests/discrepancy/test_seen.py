"""An imported reading against both texts: it asks, and is never critical."""

import pytest

from dictation.discrepancy import Discrepancy, compare
from dictation.exam import Order
from dictation.reading import Opinion, Reading

TEXT = "Small left pleural effusion. No pneumothorax. Heart size is normal."


def against(text: str, *opinions: Opinion) -> list[Discrepancy]:
    return compare(text, text, [Reading(reader="reader A", opinions=opinions)])


def test_an_agreeing_reading_is_silent() -> None:
    agreeing = (
        Opinion(finding="Effusion", probability=0.9, laterality="left"),
        Opinion(finding="Pneumothorax", probability=0.1),
        Opinion(finding="Cardiomegaly", probability=0.2),
    )
    assert against(TEXT, *agreeing) == []


@pytest.mark.parametrize("calibrated", [True, False])
@pytest.mark.parametrize("probability", [0.51, 0.99])
def test_another_side_is_info_since_no_calibration_measures_sides(calibrated: bool, probability: float) -> None:
    opinion = Opinion(finding="pleural_effusion", probability=probability, laterality="right", calibrated=calibrated)
    (found,) = against(TEXT, opinion)
    assert (found.kind, found.severity) == ("laterality", "info")
    assert found.heard and found.written and found.seen
    assert found.explanation == (
        f"reader A sees right pleural effusion (probability {probability:.2f}); you and the report say left."
    )


def test_a_side_that_was_not_assessed_says_nothing() -> None:
    opinion = Opinion(finding="pleural_effusion", probability=0.9, laterality="right", side_assessed=False)
    assert against(TEXT, opinion) == []


@pytest.mark.parametrize("calibrated, severity", [(True, "major"), (False, "info")])
def test_presence_against_a_denial_interrupts_only_from_a_calibrated_reader(calibrated: bool, severity: str) -> None:
    (found,) = against(TEXT, Opinion(finding="Pneumothorax", probability=0.93, calibrated=calibrated))
    assert (found.kind, found.severity) == ("negation", severity)


def test_a_contradiction_interrupts_only_when_the_reader_is_sure() -> None:
    def severity(finding: str, chance: float) -> str:
        (found,) = against(TEXT, Opinion(finding=finding, probability=chance, calibrated=True))
        assert found.kind == "negation"
        return found.severity

    assert (severity("pleural_effusion", 0.05), severity("pleural_effusion", 0.4)) == ("major", "minor")
    assert (severity("Pneumothorax", 0.85), severity("Pneumothorax", 0.51)) == ("major", "minor")


def test_the_one_place_goes_to_the_surest_and_not_to_an_urgent_guess() -> None:
    def above(*opinions: Opinion) -> list[str]:
        found = against("No pneumothorax. No effusion. No fracture.", *opinions)
        return [card.seen.claim.finding for card in found if card.severity != "info" and card.seen and card.seen.claim]

    def seen(finding: str, chance: float) -> Opinion:
        return Opinion(finding=finding, probability=chance, calibrated=True)

    assert above(seen("pneumothorax", 0.51), seen("pleural_effusion", 0.99)) == ["pleural_effusion"]
    assert above(seen("pneumothorax", 0.51), seen("Emphysema", 0.95)) == ["emphysema"]  # both minor
    assert above(seen("pneumothorax", 0.85), seen("pleural_effusion", 0.99)) == ["pneumothorax"]  # urgent and sure


def test_what_only_an_uncalibrated_image_reader_sees_is_info() -> None:
    (found,) = against(TEXT, Opinion(finding="Nodule", probability=0.97))
    assert (found.kind, found.severity, found.heard, found.written) == ("omission", "info", None, None)


EVERY = [
    Opinion(finding=name, probability=chance, laterality=side, calibrated=True)
    for name in ("Pneumothorax", "pleural_effusion", "Cardiomegaly", "Mass", "free_air", "Nodule")
    for chance in (0.01, 0.6, 0.99)
    for side in (None, "left", "right")
]


def test_an_uncalibrated_reader_never_rises_above_info() -> None:
    every = [opinion.model_copy(update={"calibrated": False}) for opinion in EVERY]
    found = against(TEXT, *every)
    assert {"negation", "omission", "laterality"} <= {card.kind for card in found}
    assert {card.severity for card in found} == {"info"}
    text = "Right pleural effusion. Left pneumothorax. Nodule in the right lung."
    described = Reading(reader="B", opinions=(), description=text)
    found = compare(TEXT, TEXT, [described])
    assert found and {card.severity for card in found} == {"info"}


def test_of_what_only_the_image_says_one_card_of_all_readers_is_above_info() -> None:
    """The urgent before the probable, and nothing is lost: the others are there as info."""
    ones = (
        Opinion(finding="Nodule", probability=0.97, calibrated=True),
        Opinion(finding="free_air", probability=0.85, calibrated=True),
        Opinion(finding="Emphysema", probability=0.99, calibrated=True),
    )
    readings = [Reading(reader="A", opinions=ones[:2]), Reading(reader="B", opinions=ones[2:])]
    found = compare(TEXT, TEXT, readings)
    assert len(found) == 3
    above = [card for card in found if card.severity != "info"]
    assert [(card.severity, card.seen.claim.finding) for card in above if card.seen and card.seen.claim] == [
        ("major", "free_air")
    ]
    assert found[0] == above[0]


def test_with_equal_weight_the_more_probable_is_the_one() -> None:
    ones = [Opinion(finding=name, probability=p, calibrated=True) for name, p in (("Nodule", 0.7), ("Emphysema", 0.9))]
    weights = {card.seen.claim.finding: card.severity for card in against(TEXT, *ones) if card.seen and card.seen.claim}
    assert weights == {"nodule": "info", "emphysema": "minor"}


def test_the_two_sides_of_one_finding_are_two_cards() -> None:
    sides = [Opinion(finding="Nodule", probability=0.9, laterality=side) for side in ("left", "right")]
    assert sorted(card.seen.text for card in against(TEXT, *sides) if card.seen) == ["left Nodule", "right Nodule"]


def test_contradictions_by_the_image_alone_share_the_one_place() -> None:
    found = against(TEXT, *EVERY)
    assert sum(card.severity != "info" for card in found) == 1
    assert len(found) > 10


def test_no_card_of_the_image_has_a_wording_for_the_report() -> None:
    for card in against(TEXT, *EVERY):
        assert card.suggestion is None
        assert card.edits == ()


def test_what_the_texts_disagree_on_keeps_its_weight_beside_any_reader() -> None:
    wrong = TEXT.replace("No pneumothorax", "Pneumothorax")
    alone = [(card.kind, card.severity) for card in compare(TEXT, wrong) if card.severity != "info"]
    found = compare(TEXT, wrong, [Reading(reader="A", opinions=tuple(EVERY))])
    assert alone == [("negation", "critical")]
    assert [(card.kind, card.severity) for card in found if card.severity != "info"][:1] == alone


def test_an_order_does_not_make_a_question_of_the_image_critical() -> None:
    text = "Left knee radiograph. There is a fracture of the left patella."
    order = Order(procedure="XR right knee", modality="DX", laterality="right")
    opinion = Opinion(finding="fracture", probability=0.97, laterality="right", calibrated=True)
    found = compare(text, text, [Reading(reader="A", opinions=(opinion,))], order=order)
    assert [(card.severity, card.seen is not None) for card in found] == [("critical", False), ("info", True)]


def test_not_assessed_never_disagrees() -> None:
    assert against(TEXT, Opinion(finding="Pneumothorax", assessed=False, reason="no frontal view")) == []


def test_no_opinion_is_ever_critical() -> None:
    every = [
        Opinion(finding=name, probability=chance, laterality="right", calibrated=calibrated)
        for name in ("Pneumothorax", "pleural_effusion", "Cardiomegaly", "Mass", "free_air")
        for chance in (0.01, 0.99)
        for calibrated in (False, True)
    ]
    found = [d for opinion in every for d in against(TEXT, opinion)]
    assert found and all(d.severity != "critical" for d in found)


# Beside a difference of the two texts

HEARD, WRITTEN = (f"There is a small {side} pleural effusion." for side in ("left", "right"))


def reading(side: str) -> Reading:
    return Reading(reader="example", opinions=(Opinion(finding="pleural_effusion", laterality=side, probability=0.91),))


def test_an_opinion_on_the_side_that_the_texts_disagree_on_is_the_third_side_of_their_card():
    for side in ("left", "right"):
        (card,) = compare(HEARD, WRITTEN, [reading(side)])
        assert (card.kind, card.severity) == ("laterality", "critical")
        assert card.heard and card.written and card.seen and side in card.seen.text
        assert card.id == compare(HEARD, WRITTEN)[0].id


def test_an_opinion_that_contradicts_both_texts_has_a_card_of_its_own():
    (card,) = compare(HEARD, HEARD, [reading("right")])
    assert card.heard and card.written and card.seen
    assert card.severity == "info"


def test_an_opinion_that_joined_a_card_leaves_the_place_above_info_to_another():
    opinions = (
        Opinion(finding="pleural_effusion", laterality="left", probability=0.99, calibrated=True),
        Opinion(finding="Nodule", probability=0.9, calibrated=True),
    )
    first, second = compare(HEARD, WRITTEN, [Reading(reader="example", opinions=opinions)])
    assert (first.severity, first.heard is None, first.seen is None) == ("critical", False, False)
    assert (second.severity, second.heard is None, second.seen is None) == ("minor", True, False)
