from dictation.discrepancy import compare
from dictation.reading import Opinion, Reading

HEARD = "There is a small left pleural effusion."
WRITTEN = "There is a small right pleural effusion."


def reading(side: str) -> Reading:
    opinion = Opinion(finding="pleural_effusion", laterality=side, probability=0.91)
    return Reading(reader="example", opinions=(opinion,))


def test_an_opinion_on_the_side_that_the_texts_disagree_on_is_the_third_side_of_their_card():
    for side in ("left", "right"):
        (card,) = compare(HEARD, WRITTEN, [reading(side)])
        assert (card.kind, card.severity) == ("laterality", "critical")
        assert card.heard and card.written and card.seen
        assert side in card.seen.text


def test_the_card_keeps_its_id_with_or_without_an_opinion():
    assert compare(HEARD, WRITTEN, [reading("left")])[0].id == compare(HEARD, WRITTEN)[0].id


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
