"""A text that contradicts itself shows one card that quotes both sentences; one that leaves room shows none."""

from pathlib import Path

import pytest

from dictation.discrepancy import Discrepancy, compare
from dictation.report import Report, Statement
from dictation.report.macros import macro_named
from dictation.wording import Dictation, Sentence


def own(heard: Dictation | str, written: Report | str) -> list[Discrepancy]:
    return [card for card in compare(heard, written) if card.kind == "contradiction"]


def both(*sentences: tuple[str, str, str]) -> tuple[Dictation, Report]:
    """The same sentences as dictation and report: (section, origin, text)."""
    said = tuple(
        Sentence(id=f"s{number}", text=text, section=section, origin="dictated" if origin == "template" else origin)
        for number, (section, origin, text) in enumerate(sentences)
        if origin != "template"
    )
    wrote = [
        Statement(id=f"r{number}", text=text, section=section, origin=origin, evidence=(f"s{number}",))
        for number, (section, origin, text) in enumerate(sentences)
    ]
    parts = {name: tuple(one for one in wrote if one.section == name) for name in ("findings", "impression")}
    return Dictation(sentences=said), Report(**parts)


def normal_chest(tmp_path: Path) -> list[tuple[str, str, str]]:
    text = macro_named("normal chest x-ray", tmp_path).text
    found, summed = text.removeprefix("Findings: ").split("Impression: ")
    sentences = [("findings", "macro", f"{part.strip(' .')}.") for part in found.strip().split(". ")]
    return [*sentences, ("impression", "macro", summed.strip())]


@pytest.mark.parametrize(
    ("finding", "denial"),
    [
        ("Large right pneumothorax.", "No pleural effusion or pneumothorax"),
        ("Cardiomegaly.", "The heart is normal in size"),
        ("Right lower lobe pneumonia.", "The lungs are clear"),
        ("Possible right lower lobe pneumonia.", "The lungs are clear"),
        ("Fracture of the left clavicle.", "No acute bony abnormality"),
        ("Mediastinal widening.", "The mediastinal contours are normal"),
    ],
)
def test_a_normal_macro_beside_a_finding_is_one_critical_card(finding: str, denial: str, tmp_path: Path) -> None:
    heard, written = both(("findings", "dictated", finding), *normal_chest(tmp_path))
    [card] = own(heard, written)
    assert card.severity == "critical"
    assert (
        card.explanation == f"The report says \u201c{finding[:-1]}\u201d, and also \u201c{denial}\u201d (from a macro)."
    )


def test_a_normal_macro_alone_contradicts_nothing(tmp_path: Path) -> None:
    assert own(*both(*normal_chest(tmp_path))) == []


@pytest.mark.parametrize("finding", ["Old left rib fractures.", "Calcified granuloma in the left lung.", "A PICC."])
def test_a_normal_macro_stands_beside_what_is_old(finding: str, tmp_path: Path) -> None:
    assert own(*both(("findings", "dictated", finding), *normal_chest(tmp_path))) == []


def test_a_template_sentence_beside_a_finding_is_one_critical_card() -> None:
    sentences = ("findings", "dictated", "Probable pneumonia."), ("findings", "template", "The lungs are clear.")
    found = compare(*both(*sentences))
    assert [(card.kind, card.severity) for card in found] == [("negation", "critical")]
