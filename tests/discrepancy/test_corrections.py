"""A suggestion that is applied leaves a report that reads well, and settles its card."""

import re

import pytest

from dictation.discrepancy import Discrepancy, compare
from dictation.discrepancy.sentence_edits import applied

PAIRS = [
    ("Small right pleural effusion. No pneumothorax.", "Small left pleural effusion. No pneumothorax."),
    ("No pneumothorax or pleural effusion.", "Pneumothorax or pleural effusion."),
    ("There is a tiny apical pneumothorax on the right.", "No pneumothorax. The heart is normal in size."),
    ("An 8 mm nodule in the left lower lobe.", "An 8 cm nodule in the left lower lobe."),
    ("There is an 18 mm cyst in the right kidney.", "There is a 12 mm cyst in the right kidney."),
    ("A mild compression fracture of L3.", "A severe compression fracture of L4."),
    ("The nodule has increased in size.", "The nodule is stable."),
    ("Acute infarct in the left MCA territory.", "Chronic infarct in the left MCA territory."),
    ("Possible pneumonia in the right lower lobe.", "Pneumonia in the right lower lobe."),
    ("Atelectasis is seen in the right lower lobe.", "Atelectasis is seen in the right middle lobe."),
    ("The endotracheal tube is in the right mainstem bronchus.", "The endotracheal tube tip is 4 cm above the carina."),
    ("Heart size is normal. Acute fracture of the left clavicle.", "Heart size is normal."),
    ("Mild cardiomegaly, and a large hiatal hernia. No effusion.", "Mild cardiomegaly. No effusion."),
    ("No effusion.", "No effusion. There is a large hiatal hernia. The lungs are clear."),
    ("The uvula is bifid. No effusion.", "The uvula is not bifid. No effusion."),
    (
        "FINDINGS: Small right effusion.\nIMPRESSION: Small right effusion.",
        "FINDINGS: Small left effusion.\nIMPRESSION: Small left effusion.",
    ),
    ("Small right effusion and right atelectasis.", "Small left effusion and left atelectasis."),
    ("ascending aorta five point four centimeters", "FINDINGS: Ascending aorta measures 4.5 cm."),
    ("lytic lesion in t seven", "FINDINGS: Lytic lesion in T11."),
]


def weighty(cards: list[Discrepancy]) -> list[str]:
    return [card.explanation for card in cards if card.severity in ("critical", "major")]


@pytest.mark.parametrize(("heard", "written"), PAIRS)
def test_a_suggestion_that_is_applied_settles_its_card_and_raises_no_other(heard, written):
    cards = compare(heard, written)
    assert cards
    known = {card.id for card in cards}
    for card in cards:
        assert card.edits, card.explanation
        assert card.suggestion
        again = compare(heard, applied(written, card.edits))
        assert card.id not in {other.id for other in again}
        assert weighty([other for other in again if other.id not in known]) == []


@pytest.mark.parametrize(("heard", "written"), PAIRS)
def test_a_report_with_a_suggestion_in_it_reads_well(heard, written):
    for card in compare(heard, written):
        report = applied(written, card.edits)
        assert not re.search(r"\b(\w+) \1\b", report)
        assert not re.search(r"\(\s*\)|\s[.,;]|  |[.!?] [a-z]|\ba 1?8\b|\ban [b-df-hj-np-tv-z]", report)
        assert re.match(r"(?:[A-Z]+:[ \n])?[A-Z0-9]", report)
        assert "FINDINGS:\n" not in report


def test_all_cards_applied_make_the_report_say_what_was_said():
    heard = "FINDINGS: Small right effusion. No pneumothorax. 6 mm nodule in the lingula.\nIMPRESSION: Small effusion."
    report = "FINDINGS: Small left effusion. Pneumothorax. 16 mm nodule in the lingula.\nIMPRESSION: Small effusion."
    for _ in range(3):
        report = applied(report, compare(heard, report)[0].edits)
    assert compare(heard, report) == []


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        # Half a sentence would be left, or a heading, or a number that belongs to something else.
        ("No effusion.", "FINDINGS: No effusion.\nIMPRESSION: Large hiatal hernia."),
        ("No effusion.", "FINDINGS: No effusion.\nIMPRESSION: 1. Large hiatal hernia. 2. No effusion."),
        ("No effusion.", "FINDINGS: No effusion, but a large hiatal hernia."),
        # Nobody knows where the sentences of a dictation without marks end.
        (
            "no effusion spondylolisthesis fracture conus at l one marrow within normal limits for age",
            "FINDINGS: No effusion.",
        ),
    ],
)
def test_where_no_good_sentence_can_be_made_nothing_is_suggested(heard, written):
    cards = compare(heard, written)
    assert cards
    assert [card.suggestion for card in cards if card.edits or card.suggestion] == []


@pytest.mark.parametrize(
    ("heard", "written", "text"),
    [
        ("Tonsillar herniation.", "The heart is normal.", "“Tonsillar herniation”"),
        ("Saddle embolus with right heart strain.", "Saddle embolus. No right heart strain.", "“right heart strain”"),
        ("There is a small AAA without rupture.", "There is a small AAA.", "“without rupture”"),
        ("Blunting of both costophrenic angles.", "The heart is normal.", "“Blunting of both costophrenic angles”"),
        ("The left uvula is bifid.", "No effusion.", "“The left uvula is bifid”"),
    ],
)
def test_a_card_quotes_the_words_that_were_said(heard, written, text):
    assert f"You said {text}; the report" in " ".join(card.explanation for card in compare(heard, written))


def test_a_quotation_ends_with_no_joining_word_and_says_what_the_card_says():
    (card,) = compare("Heart normal. Consolidation in the left base suspicious for pneumonia.", "Heart normal.")
    assert "suspicious for”" not in card.explanation
    (card, *_) = compare("The heart is enlarged; no effusion, pneumothorax or consolidation.", "Heart is enlarged.")
    assert "“pneumothorax" not in card.explanation


@pytest.mark.parametrize(
    ("heard", "written", "explanation"),
    [
        (
            "Nodule in the lingula, 6 mm.",
            "Nodule in the lingula.",
            "You said 6 mm (nodule); the report does not give it.",
        ),
        (
            "Possible pneumonia.",
            "Definite pneumonia.",
            "You said possible; the report is certain (pneumonia).",
        ),
        ("The nodule has increased.", "The nodule is stable.", "You said increased; the report says stable (nodule)."),
    ],
)
def test_a_card_says_which_value_differs(heard, written, explanation):
    assert [card.explanation for card in compare(heard, written)] == [explanation]


@pytest.mark.parametrize(
    ("heard", "written", "suggestion"),
    [
        (
            "findings heart size is normal no pleural effusion or pneumothorax bones are intact",
            "FINDINGS: Heart size is normal. Pleural effusion or pneumothorax. Bones are intact.",
            "No pleural effusion or pneumothorax",
        ),
        (
            "the spleen is normal there is no left hydronephrosis the bladder is normal",
            "FINDINGS: The spleen is normal. There is left hydronephrosis. The bladder is normal.",
            "There is no left hydronephrosis",
        ),
        (
            "no effusion possible pneumonia in the right lower lobe heart normal",
            "FINDINGS: No effusion. Pneumonia in the right lower lobe. Heart normal.",
            "Possible pneumonia in the right lower lobe",
        ),
    ],
)
def test_a_report_tells_where_a_sentence_of_a_dictation_without_marks_ends(heard, written, suggestion):
    (card,) = [card for card in compare(heard, written) if card.severity in ("critical", "major")]
    assert card.suggestion == suggestion
    assert weighty(compare(heard, applied(written, card.edits))) == []


def test_a_quotation_of_a_dictation_without_marks_holds_no_neighbours():
    heard = "heart normal mild left hydronephrosis impression no effusion"
    (card,) = compare(heard, "FINDINGS: Heart normal.\nIMPRESSION: No effusion.")
    assert card.explanation == "You said “mild left hydronephrosis”; the report does not mention it."


def test_of_a_dictation_without_marks_the_words_of_the_finding_alone_are_added():
    heard = "heart normal mild left hydronephrosis bladder normal no ascites"
    (card,) = compare(heard, "FINDINGS: Heart normal. Bladder normal. No ascites.")
    assert card.suggestion == "Add: Mild left hydronephrosis."


def test_a_finding_that_the_other_side_implies_is_said_to_be_implied():
    (card,) = compare("Right lower lobe consolidation.", "Right lower lobe consolidation, likely pneumonia.")
    assert card.explanation == "The report says likely right pneumonia; you only implied it."
