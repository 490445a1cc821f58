"""What an addendum changes of the signed report: one card in both words, and none where it only adds."""

import pytest

from dictation.discrepancy.amending import amendments
from tests.case.signed_case import case_of

SIGNED = (
    "Findings: Small left pleural effusion. No pneumothorax. Heart size is normal. A 2.5 cm nodule in the right upper "
    "lobe. Impression: Small left effusion. 2.5 cm right upper lobe nodule."
)


def report(text):
    return case_of(text).report


def marked(side):
    low, high = side.differing
    return side.text[low - side.span[0] : high - side.span[0]]


@pytest.mark.parametrize(
    ("addendum", "signed", "marks"),
    [
        ("Small right apical pneumothorax.", "No pneumothorax", ("apical pneumothorax", "No")),
        ("No pleural effusion.", "Small left pleural effusion", ("No", "pleural effusion")),
        ("Small right pleural effusion.", "Small left pleural effusion", ("right", "left")),
        ("The effusion is on the right.", "Small left pleural effusion", ("right", "left")),
        ("The heart is enlarged.", "Heart size is normal", ("heart", "Heart size")),
        ("Hemothorax on the left.", "Small left pleural effusion", ("Hemothorax", "pleural effusion")),
        ("Nodule in the right upper lobe of 3.5 cm.", "A 2.5 cm nodule in the right upper lobe", ("3.5 cm", "2.5 cm")),
    ],
)
def test_another_presence_side_or_size_is_one_card_that_quotes_both(addendum, signed, marks):
    added, before = report(addendum), report(SIGNED)
    [card] = amendments([before], added)
    assert (card.kind, card.heard) == ("amendment", None)
    assert card.written.text == added.text[slice(*card.written.span)] == addendum.rstrip(".")
    assert card.against.text == before.text[slice(*card.against.span)] == signed
    assert (marked(card.written), marked(card.against)) == marks
    assert f"“{signed}”" in card.explanation and f"“{addendum.rstrip('.')}”" in card.explanation


@pytest.mark.parametrize("addendum", ["The side should read right.", "Correction: right.", "Right, not left."])
def test_a_side_of_nothing_that_only_the_other_side_was_signed_of_is_critical(addendum):
    before = report("Findings: Small left pleural effusion.")
    [card] = amendments([before], report(addendum))
    assert (card.severity, marked(card.written).lower(), marked(card.against)) == ("critical", "right", "left")


RENAL = "Findings: There is a 3 cm mass in the left kidney. The right kidney is normal. Impression: Left renal mass."


@pytest.mark.parametrize(
    "addendum",
    [  # by a tester who had not seen the words
        "The renal mass is on the contralateral side.",
        "The mass is on the opposite side.",
        "Wrong side was stated for the mass.",
        "Left and right were swapped in the report.",
        "Sides were interchanged in the report.",
        "All findings are on the opposite side.",
        "The mass lies contralaterally.",
        "The mass is in the opposite kidney.",
        "Left should be right.",
        "The exam is of the right kidney.",
    ],
)
def test_a_side_that_is_turned_without_being_named_is_critical(addendum):
    cards = amendments([report(RENAL)], report(addendum))
    assert "critical" in {card.severity for card in cards} and all(card.against for card in cards)


@pytest.mark.parametrize(
    "addendum",
    [
        "The contralateral kidney is normal.",
        "A similar mass of 1 cm lies on the other side of the kidney.",
        "No mass on the contralateral side.",
    ],
)
def test_what_is_said_of_the_other_side_turns_nothing(addendum):
    assert not [card for card in amendments([report(RENAL)], report(addendum)) if "turns" in card.explanation]


@pytest.mark.parametrize(
    "addendum",
    [
        "The patient left before the delayed images.",
        "Comparison is made with a radiograph of the left hip.",
        "Technique: left femoral access.",
        "What is left to say was told to Dr. Example.",
    ],
)
def test_a_side_in_ordinary_words_of_an_addendum_is_no_correction(addendum):
    assert amendments([report("Findings: Small right pleural effusion.")], report(addendum)) == []


@pytest.mark.parametrize("addendum", ["The left side was compared with the prior.", "The right side as well."])
def test_a_side_that_was_signed_too_or_is_added_is_none(addendum):
    assert amendments([report("Findings: Left and right pleural effusions.")], report(addendum)) == []


@pytest.mark.parametrize(
    "addendum",
    [
        "Fracture of the left sixth rib.",
        "The left effusion is new.",
        "No pneumothorax. Small left pleural effusion. 2.5 cm nodule in the right upper lobe.",
        "Dr. Example was told at 10:30.",
        "The nodule is 25 mm.",
    ],
)
def test_what_only_adds_or_repeats_makes_no_card(addendum):
    assert amendments([report(SIGNED)], report(addendum)) == []


@pytest.mark.parametrize(
    "addendum",
    [
        "There is also a 4 mm nodule in the left lower lobe.",
        "An additional 4 mm nodule in the right upper lobe.",
        "Another 4 mm nodule in the right upper lobe.",
        "In addition, a 4 mm nodule in the right upper lobe.",
        "A right pleural effusion was not mentioned.",
        "Prior CT: 8 mm nodule in the left lower lobe.",
        "Previously, an 8 mm nodule in the right upper lobe.",
        "8 mm nodule in the left lower lobe.",
        "There is also a small right pleural effusion.",
    ],
)
def test_one_more_one_elsewhere_or_one_of_an_earlier_exam_changes_nothing(addendum):
    signed = "Findings: A 5 mm nodule in the right upper lobe. Small left pleural effusion."
    assert amendments([report(signed)], report(addendum)) == []


@pytest.mark.parametrize(
    "addendum",
    [
        "There is also a small right apical pneumothorax.",
        "The previously described nodule in the right upper lobe is 3.5 cm.",
        "There is also a rib fracture. Nodule in the right upper lobe of 3.5 cm.",
        "2.5 cm nodule in the left lower lobe.",
    ],
)
def test_what_was_denied_or_said_before_is_changed_whatever_stands_beside_it(addendum):
    [card] = amendments([report(SIGNED)], report(addendum))
    assert card.written.text == addendum.rstrip(".").rpartition(". ")[2]


def test_what_an_earlier_addendum_corrected_counts_in_its_place():
    first = report("Small right apical pneumothorax.")
    assert amendments([report(SIGNED), first], report("The right pneumothorax is small.")) == []
    [card] = amendments([report(SIGNED), first], report("No pneumothorax."))
    assert card.against.text == "Small right apical pneumothorax"


def test_a_graver_name_is_a_change_once():
    signed = "Small left pneumothorax."
    [card] = cards_after(signed, "Possible tension pneumothorax.")
    assert (card.written.text, card.against.text) == ("Possible tension pneumothorax", signed.rstrip("."))
    assert cards_after(signed, "Left tension pneumothorax.", "The left tension pneumothorax is seen.") == []
    assert cards_after("Left tension pneumothorax.", "The left pneumothorax was drained.") == []
    for beside in (
        "No tension pneumothorax.",
        "There is also a right tension pneumothorax.",
        "Prior CT: left tension pneumothorax.",
    ):
        assert cards_after(signed, beside) == []
    assert cards_after("Spinal stenosis at L4-L5.", "Cord compression at C5-C6.") == []
    assert cards_after("Hydronephrosis on the left.", "Pyonephrosis of the right kidney.") == []


def cards_after(*texts):
    *signed, addendum = (report(f"Findings: {text}") for text in texts)
    return amendments(signed, addendum)


def test_a_level_of_any_signed_report_is_signed():
    final, second = "Compression fracture of L4.", "There is also a T12 compression fracture."
    assert cards_after(final, second, "The L4 compression fracture is acute.") == []
    assert cards_after(final, "The compression fracture is acute.", "The L4 compression fracture is unchanged.") == []
    for between in (second, "The compression fracture is acute."):
        [card] = cards_after(final, between, "The compression fracture is at L3.")
        assert card.written.text == "The compression fracture is at L3"


def test_a_level_that_an_earlier_addendum_took_back_is_signed_no_more():
    first = "The fracture is at L5, not L4."
    assert cards_after("Compression fracture of L4.", first, "The fracture of L5 is acute.") == []
    assert cards_after("Compression fracture of L4.", first, first) == []
    [card] = cards_after("Compression fracture of L4.", first, "The fracture of L4 is acute.")
    assert card.against.text == first.rstrip(".")


@pytest.mark.parametrize(
    ("signed", "addendum", "severity"),
    [
        ("Small left pleural effusion.", "Small right pleural effusion.", "critical"),
        ("Fracture of the left distal radius.", "The distal radius fracture is on the right.", "critical"),
        ("Small left pleural effusion.", "Correction: the effusion is right-sided, not left-sided.", "critical"),
        ("Small left pleural effusion.", "The effusion is on the right rather than on the left.", "critical"),
        ("Aortic aneurysm of 5.2 cm. Impression: Aortic aneurysm.", "The aortic aneurysm measures 52 cm.", "critical"),
        ("Endotracheal tube 4 cm above the carina.", "The endotracheal tube is 40 cm above the carina.", "critical"),
        ("No pneumothorax.", "Small right apical pneumothorax.", "critical"),
        ("Acute appendicitis.", "The appendix is normal.", "critical"),
        ("Compression fracture of L4.", "Compression fracture of L5.", "critical"),
        ("8 mm nodule in the right upper lobe.", "The nodule in the right upper lobe is 8 cm.", "critical"),
        ("A 2.5 cm nodule in the right upper lobe.", "The nodule in the right upper lobe is 25 cm.", "critical"),
        ("A 2.5 cm nodule in the right upper lobe.", "The nodule in the right upper lobe is 3.5 cm.", "major"),
        ("Consolidation of the right middle lobe.", "Consolidation of the right lower lobe.", "major"),
        ("8 mm nodule in the right upper lobe.", "The 8 mm nodule is in the right lower lobe.", "major"),
        ("Small left pneumothorax.", "Left tension pneumothorax.", "major"),
    ],
)
def test_a_turned_side_negation_level_or_order_of_a_number_is_critical(signed, addendum, severity):
    [card] = cards_after(signed, addendum)
    assert (card.kind, card.severity) == ("amendment", severity)


def test_a_side_that_an_earlier_addendum_changed_is_held_against_that():
    first = "Small right pleural effusion."
    assert cards_after("Small left pleural effusion.", first, "The right pleural effusion is small.") == []
    [card] = cards_after("Small left pleural effusion.", first, "Small left pleural effusion.")
    assert (card.severity, card.against.text) == ("critical", first.rstrip("."))


def test_the_same_card_has_the_same_id():
    one, two = (amendments([report(SIGNED)], report("Small right pneumothorax.")) for _ in range(2))
    assert [card.id for card in one] == [card.id for card in two] != []


@pytest.mark.parametrize(
    ("signed", "addendum", "marks"),
    [
        ("Compression fracture of L4.", "L5 compression fracture.", ("L5", "L4")),
        ("Compression fracture of L4. Impression: Fracture.", "The fracture is at L5, not L4.", ("L5, not L4", "L4")),
        ("Disc herniation at L4-L5.", "Disc herniation at L5-S1.", ("L5-S1", "L4-L5")),
        ("Disc herniation at L3-L4. Disc herniation at L5-S1.", "Disc herniation at L4-L5.", ("L4-L5", "L3-L4")),
        ("Fracture of the left sixth rib.", "Fracture of the left seventh rib.", ("seventh", "sixth")),
        ("Disc herniations at L3-L4 and L5-S1.", "Disc herniation at L4-L5.", ("L4-L5", "L3-L4 and L5-S1")),
        ("Disc bulges at L3-4, L5-S1.", "Disc bulge at L4-5.", ("L4-5", "L3-4, L5-S1")),
        ("Fracture of L4. Fracture of L5.", "The fracture is at L5, not L4.", ("L5, not L4", "L4")),
        ("Compression fracture of L4-L5.", "The fracture is at L5, not L4.", ("L5, not L4", "L4-L5")),
        ("Compression fracture of T12.", "Compression fracture of L1.", ("L1", "T12")),
        ("Compression fracture of T7. Compression fracture of L4.", "Compression fracture of L5.", ("L5", "L4")),
        ("Disc herniation at L5-S1.", "Disc herniation at L4-L5.", ("L4-L5", "L5-S1")),
        ("Fracture of L4. Fracture of L5.", "It was also missed: the fracture is at L5, not L4.", ("L5, not L4", "L4")),
        ("Compression fracture of L4.", "On further review, the fracture is at L5.", ("L5", "L4")),
        ("Compression fracture of L4.", "At a second look the fracture is at L5.", ("L5", "L4")),
        ("Compression fracture of L4.", "The fracture is as well seen, at L5.", ("L5", "L4")),
        ("Fracture of L4. Fracture of L5.", "The fracture is at L5 rather than L4.", ("L5 rather than L4", "L4")),
        ("Fracture of L4. Fracture of L5.", "The fracture is not at L4 but also at L5.", ("L4 but also at L5", "L4")),
    ],
)
def test_another_level_is_one_card_that_quotes_both(signed, addendum, marks):
    [card] = amendments([report(f"Findings: {signed}")], report(f"Findings: {addendum} Impression: {addendum}"))
    assert (card.kind, card.severity) == ("amendment", "critical")
    assert (marked(card.written), marked(card.against)) == marks


@pytest.mark.parametrize(
    ("signed", "addendum"),
    [
        ("Compression fracture of L4.", "There is also an L5 compression fracture."),
        ("Compression fracture of L4.", "In addition, there is an L5 compression fracture."),
        ("Compression fracture of L4.", "There is an L5 compression fracture as well."),
        ("Compression fracture of L4.", "There is a second compression fracture at L5."),
        ("Compression fracture of L4.", "Besides, compression fracture of L5."),
        ("Compression fracture of L4.", "The L5 compression fracture was missed."),
        ("Compression fracture of L4.", "A compression fracture of L5 was not mentioned."),
        ("Compression fracture of L4.", "There is a further compression fracture, of L5."),
        ("Compression fracture of L1.", "Fracture of the left seventh rib."),
        ("Fracture of the left sixth rib.", "Compression fracture of T12."),
        ("Fracture of the fifth metatarsal.", "Fracture of the seventh rib."),
        ("Degenerative change at C5-C6.", "Degenerative change at L4-L5."),
        ("Compression fracture of L4.", "On the prior CT, compression fracture of L5."),
        ("Compression fracture of L4.", "The L4 compression fracture is acute."),
        ("Fracture of L1. Fracture of L2.", "Fracture of L1 and L2."),
        ("Disc herniation at L4-L5.", "The disc herniation compresses the L5 root."),
        ("Compression fracture of T12-L2.", "Compression fracture of L1."),
        ("Compression fracture of L4-L5.", "The fracture of L5 is acute."),
        ("Compression fracture of L4-L5.", "Compression fractures of L4 and L5."),
        ("Disc herniations at L3-L4 and L4-L5.", "Disc herniation at L4-L5."),
        ("Disc bulges at L3-4, L4-5 and L5-S1.", "Disc bulges at L4-L5 and L5/S1."),
        ("Degenerative changes from L3 to S1.", "Degenerative changes at L4-L5."),
        ("Fracture of L5.", "The fracture is at L5, not L4."),
        ("Compression fracture of L4.", "No compression fracture of L5."),
        ("Compression fracture of L4.", "Disc herniation at L5-S1."),
    ],
)
def test_a_level_that_was_signed_or_stands_beside_it_makes_no_card(signed, addendum):
    assert amendments([report(f"Findings: {signed}")], report(addendum)) == []


@pytest.mark.parametrize(
    "addendum",
    [
        "Please disregard the nodule; it is a nipple shadow.",
        "On review the nodule described above is a nipple shadow and not a true nodule.",
        "The nodule was misread.",
        "The previous report was in error.",
        "The finding of a nodule was an error.",
        "Please delete the statement about the nodule.",
    ],
)
def test_what_takes_back_what_was_signed_is_critical(addendum):
    cards = amendments([report("Findings: 12 mm nodule in the left lower lobe.")], report(addendum))
    assert [(card.kind, card.severity) for card in cards] == [("amendment", "critical")]
    assert "12 mm nodule" in cards[0].against.text


@pytest.mark.parametrize(
    "addendum",
    [
        "The opacity at the right base is an artifact.",
        "The accession number was erroneous.",
        "The referring physician was erroneously listed as Dr. Smith.",
    ],
)
def test_an_addendum_that_takes_back_something_else_makes_none(addendum):
    assert amendments([report("Findings: 12 mm nodule in the left lower lobe.")], report(addendum)) == []
