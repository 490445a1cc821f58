"""A text that contradicts itself shows one card that quotes both sentences; one that leaves room shows none."""

from pathlib import Path

import pytest

from dictation.discrepancy import Discrepancy, compare
from dictation.discrepancy.columns import written_column
from dictation.discrepancy.within import within
from dictation.exchange.flags import flags
from dictation.findings.lexicon import cell, concepts, structures
from dictation.lexicon import rows
from dictation.report import Report, Statement
from dictation.report.macros import macro_named
from dictation.wording import Dictation, Sentence

LINES = Path(__file__).with_name("own_contradictions.tsv").read_text(encoding="utf-8").splitlines()
CASES = [tuple(line.split("\t")) for line in LINES if not line.startswith("#")][1:]


def own(heard: Dictation | str, written: Report | str) -> list[Discrepancy]:
    return [card for card in compare(heard, written) if card.kind == "contradiction"]


@pytest.mark.parametrize(("worst", "text"), [case for case in CASES if case[0]])
def test_a_text_that_contradicts_itself_shows_one_card(worst: str, text: str) -> None:
    [card] = own(text, text)
    assert card.severity == worst
    assert card.heard and card.written, "both columns hold it, so one card shows both"
    assert card.explanation.count("\u201c") == 2 or "say BI-RADS" in card.explanation
    assert own(text, text)[0].id == card.id


@pytest.mark.parametrize("text", [text for worst, text in CASES if worst])
def test_each_contradiction_is_a_flag_that_marks_both_sides(text: str) -> None:
    [flag] = [one for one in flags("r1", within(text), None, written_column(text)) if "contradiction" in one.kind]
    assert all(quote.marks for quote in flag.quotes)


@pytest.mark.parametrize("text", [text for worst, text in CASES if not worst])
def test_a_text_that_leaves_room_shows_none(text: str) -> None:
    assert own(text, text) == []


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


def test_a_slip_between_the_columns_is_shown_as_that_slip() -> None:
    heard = "FINDINGS: Large right pneumothorax. IMPRESSION: Large right pneumothorax."
    found = compare(heard, heard.replace("IMPRESSION: Large right", "IMPRESSION: No"))
    assert sum(card.severity == "critical" for card in found) == 1


def test_every_name_of_the_table_is_one_of_the_lexicon() -> None:
    for row in rows("own_contradictions"):
        assert not row["structure"] or row["structure"] in structures()
        assert set(cell(row["findings"])) <= set(concepts())


def test_a_misheard_no_is_doubted_beside_the_contradiction_that_it_makes() -> None:
    text = "FINDINGS: Now pneumothorax. IMPRESSION: No acute cardiopulmonary abnormality."
    assert "critical_word" in {card.kind for card in compare(text, text)}


def test_a_finding_with_two_sides_is_told_by_its_sides_though_normal_anatomy_denies_it_too() -> None:
    text = "FINDINGS: The lungs are clear. Right upper lobe nodule. IMPRESSION: Left upper lobe nodule."
    [card] = own(text, text)
    assert "Right upper lobe" in card.explanation and "Left upper lobe" in card.explanation


@pytest.mark.parametrize(
    ("text", "kind", "quotes"),
    [
        (
            "FINDINGS: Disc herniation at C4-C5.\nIMPRESSION: C5-C6 disc herniation.",
            "contradiction.level",
            ["C4-C5", "C5-C6"],
        ),
        (
            "FINDINGS: Consolidation in the right middle lobe.\nIMPRESSION: Right lower lobe pneumonia.",
            "contradiction.place",
            ["right middle lobe", "lower lobe"],
        ),
    ],
)
def test_a_flag_marks_the_level_or_place_in_both_sections(text: str, kind: str, quotes: list[str]) -> None:
    [flag] = [one for one in flags("r1", within(text), None, written_column(text)) if one.severity != "minor"]
    assert flag.kind == kind
    assert [quote.place for quote in flag.quotes] == ["findings", "impression"]
    assert [quote.text[start:end] for quote in flag.quotes for start, end in quote.marks] == quotes


def test_an_addendum_is_no_contradiction_of_what_it_was_made_to_change() -> None:
    signed = "FINDINGS: No pneumothorax. IMPRESSION: No acute abnormality."
    added = f"{signed}\nADDENDUM: There is a small right apical pneumothorax, not mentioned above."
    assert own(added, added) == []
    assert own(f"{added} No pneumothorax.", f"{added} No pneumothorax."), "it must not contradict itself"
