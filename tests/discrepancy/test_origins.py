"""Text that was typed, or came from a macro, a template or the order, was never to be heard.

It raises no addition and no omission; where it contradicts what was dictated, there is exactly one card.
"""

import pytest

from dictation.discrepancy import compare
from dictation.report import Report, Statement
from dictation.wording import Dictation, Sentence

ORIGINS = ("typed", "macro", "template", "order")


def report(*texts: tuple[str, str]) -> Report:
    statements = [
        Statement(id=f"r{number}", text=text, section="findings", origin=origin)
        for number, (text, origin) in enumerate(texts, 1)
    ]
    return Report(findings=tuple(statements))


def dictation(*texts: tuple[str, str]) -> Dictation:
    sentences = [
        Sentence(id=f"s{number}", text=text, section="findings", origin=origin)
        for number, (text, origin) in enumerate(texts, 1)
    ]
    return Dictation(sentences=tuple(sentences))


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize(
    "text",
    [
        "Small left pleural effusion.",
        "No pneumothorax.",
        "Right renal cyst measuring 2.1 cm.",
        "The left uvula is mildly bifid.",
        "Heart size is normal.",
        "The segment measures 23 mm.",
    ],
)
def test_what_was_not_dictated_is_no_addition_and_no_omission(origin: str, text: str) -> None:
    said = ("The spleen is normal.", "dictated")
    assert compare(dictation(said), report(said, (text, origin))) == []
    if origin in ("typed", "macro"):
        assert compare(dictation(said, (text, origin)), report(said)) == []


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize(
    ("heard", "written", "kind"),
    [
        ("Small left pleural effusion.", "No pleural effusion.", "negation"),
        ("Small left pleural effusion.", "Small right pleural effusion.", "laterality"),
        ("Small left pleural effusion.", "Large left pleural effusion.", "severity"),
        ("Nodule of 5 mm in the left upper lobe.", "Nodule of 15 mm in the left upper lobe.", "measurement"),
        ("Cardiomegaly.", "Heart size is normal.", "negation"),
        ("Compression fracture of L1.", "Compression fracture of L2.", "level"),
        ("Tear of the medial meniscus.", "Tear of the lateral meniscus.", "site"),
        ("The left uvula is mildly bifid.", "The right uvula is mildly bifid.", "laterality"),
        ("The uvula is bifid.", "The uvula is not bifid.", "negation"),
        ("The segment measures 23 mm.", "The segment measures 32 mm.", "measurement"),
    ],
)
def test_what_was_not_dictated_and_contradicts_makes_one_card(origin: str, heard: str, written: str, kind: str) -> None:
    said = ("The spleen is normal.", "dictated")
    found = compare(dictation(said, (heard, "dictated")), report(said, (written, origin)))
    assert [card.kind for card in found] == [kind]


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_contradiction_beside_the_dictated_sentence_makes_one_card(origin: str) -> None:
    said = ("Small left pleural effusion.", "dictated")
    found = compare(dictation(said), report(said, ("No pleural effusion.", origin)))
    assert [card.kind for card in found] == ["negation"]
    found = compare(dictation(said), report(said, ("Small right pleural effusion.", origin)))
    assert [card.kind for card in found] == ["laterality"]


def test_an_imported_transcript_is_all_typed_and_yet_was_dictated() -> None:
    heard = dictation(("Small left apical pneumothorax.", "typed"), ("The spleen is normal.", "typed"))
    [card] = compare(heard, report(("The spleen is normal.", "dictated")))
    assert (card.kind, card.severity) == ("omission", "critical")
