"""An imported reading against both texts: it asks, and is never critical."""

from dictation.discrepancy import Discrepancy, compare
from dictation.reading import Opinion, Reading

TEXT = "Small left pleural effusion. No pneumothorax. Heart size is normal."


def against(text: str, *opinions: Opinion) -> list[Discrepancy]:
    return compare(text, text, [Reading(reader="reader A", opinions=opinions)])


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


def test_no_opinion_is_ever_critical() -> None:
    every = [opinion.model_copy(update={"calibrated": is_sure}) for opinion in EVERY for is_sure in (False, True)]
    found = [d for opinion in every for d in against(TEXT, opinion)]
    assert found and all(d.severity != "critical" for d in found)
