"""What a row of the corpus cannot hold: ids that stay, suggestions applied in turn, origins, shares of many pairs."""

import json
from datetime import date

import pytest

from dictation.discrepancy import Discrepancy, compare
from dictation.discrepancy.amending import amendments
from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.doubts.put_right import is_settled
from dictation.discrepancy.sentence_edits import applied
from dictation.discrepancy.sided_places import sided_places
from dictation.discrepancy.within import within
from dictation.exam import Order
from dictation.findings.lexicon import cell, concepts, structures
from dictation.lexicon import rows
from dictation.report import Report, Statement, parse_report
from dictation.wording import Dictation, Sentence
from tests.case.signed_case import case_of
from tests.conftest import ROOT

HEARD = (
    "Findings: Small left pleural effusion. No pneumothorax. 5 mm nodule in the right upper lobe. "
    "Heart size is normal. Impression: Left effusion."
)
FINDINGS = "Findings: Small left pneumothorax. Right pleural effusion. 5 mm nodule in the left upper lobe."


def test_ids_are_unique_and_computed_again() -> None:
    written = HEARD.replace("left", "right").replace("5 mm", "9 mm").replace("No pneumo", "Pneumo")
    first, second = compare(HEARD, written), compare(HEARD, written)
    assert [found.id for found in first] == [found.id for found in second]
    assert len({found.id for found in first}) == len(first) == 3


def test_the_same_card_of_an_addendum_has_the_same_id():
    before, added = case_of(HEARD).report, case_of("Small right pneumothorax.").report
    one, two = (amendments([before], added) for _ in range(2))
    assert [card.id for card in one] == [card.id for card in two] != []


def test_all_cards_applied_make_the_report_say_what_was_said():
    heard = "FINDINGS: Small right effusion. No pneumothorax. 6 mm nodule in the lingula.\nIMPRESSION: Small effusion."
    report = "FINDINGS: Small left effusion. Pneumothorax. 16 mm nodule in the lingula.\nIMPRESSION: Small effusion."
    for _ in range(3):
        report = applied(report, compare(heard, report)[0].edits)
    assert compare(heard, report) == []


def test_what_replaces_nothing_settles_nothing():
    assert not is_settled("Right kidney large", "it is compensating", "Large right kidney, compensating.")
    assert not is_settled("4 mm", "6 mm", "")
    assert not is_settled("There is no left effusion", "there is a right effusion", "Right effusion.")


def test_a_procedure_in_one_sentence_is_a_title() -> None:
    report = parse_report("PROCEDURE: CT of the chest.\nFINDINGS: Clear lungs.")
    assert [statement.section for statement in report.statements] == ["exam", "findings"]


def test_both_columns_and_signed_reports_are_looked_at_for_another_patient():
    order = Order(accession="A-77", patient_id="P-M1", name="MIKE, Michael", birth_date=date(1950, 4, 3))
    foreign, own = "Patient: BRAVO, Bert\nThe lungs are clear.", "The lungs are clear."
    assert [one.kind for one in compare(foreign, own, order=order) if one.severity == "critical"] == ["patient"]
    assert "patient" in [one.kind for one in compare(own, foreign, order=order)]
    assert "patient" in [one.kind for one in within(foreign, order=order)]
    assert "patient" not in [one.kind for one in within(foreign)]


def test_an_imported_transcript_is_all_typed_and_yet_was_dictated() -> None:
    texts = "Small left apical pneumothorax.", "The spleen is normal."
    heard = [Sentence(id=text, text=text, section="findings", origin="typed") for text in texts]
    written = Statement(id="r1", text=texts[1], section="findings", origin="dictated")
    [card] = compare(Dictation(sentences=tuple(heard)), Report(findings=(written,)))
    assert (card.kind, card.severity) == ("omission", "critical")


def test_a_template_sentence_beside_a_finding_is_one_critical_card() -> None:
    said = Sentence(id="s0", text="Probable pneumonia.", section="findings")
    wrote = (
        Statement(id="r0", text=said.text, section="findings", evidence=("s0",)),
        Statement(id="r1", text="The lungs are clear.", section="findings", origin="template", evidence=("s1",)),
    )
    [card] = compare(Dictation(sentences=(said,)), Report(findings=wrote))
    assert (card.kind, card.severity) == ("negation", "critical")


@pytest.mark.parametrize(
    ("table", "columns"), [("own_contradictions", ("findings",)), ("seen_answers", ("seen", "answered_by"))]
)
def test_every_name_of_a_table_is_one_of_the_lexicon(table: str, columns: tuple[str, ...]) -> None:
    for row in rows(table):
        assert not row.get("structure") or row["structure"] in structures()
        assert {name for column in columns for name in cell(row[column])} <= set(concepts())


# What was dictated in the impression and is missing from the written one, though the findings tell it


def missing(heard: str | Dictation, written: str) -> list[Discrepancy]:
    return [one for one in compare(heard, written) if "missing from the written impression" in one.explanation]


def test_its_correction_brings_it_into_the_impression() -> None:
    heard = f"{FINDINGS} Impression: No pneumonia. Small left pneumothorax."
    written = f"{FINDINGS} Impression: No evidence of pneumonia."
    (found,) = missing(heard, written)
    corrected = applied(written, found.edits)
    assert corrected.index("Small left pneumothorax", corrected.index("Impression")) > 0
    assert missing(heard, corrected) == []


@pytest.mark.parametrize(("origin", "told"), [("macro", 0), ("dictated", 1)])
def test_what_a_macro_brought_was_not_dictated(origin: str, told: int) -> None:
    text = "Small left pneumothorax."
    parts = (("findings", "dictated"), ("impression", origin))
    said = [Sentence(id=section, text=text, section=section, origin=by) for section, by in parts]
    written = f"Findings: {text} Impression: No evidence of pneumonia."
    assert len(missing(Dictation(sentences=tuple(said)), written)) == told


# Pairs of authors who had seen neither program nor rule (benchmarks/pairs)


def sides_of(heard, written):
    return [one for one in compare(heard, parse_report(written)) if one.kind == "laterality"]


def test_a_missing_side_beside_it_is_no_alert_of_its_own_and_no_edit_without_the_side():
    written = "FINDINGS: 15 mm nodule in the right lower lobe, new. Heart size normal.\nIMPRESSION: New nodule."
    [alert] = sides_of("12 mm nodule in the left lower lobe. The heart is normal.", written)
    assert [edit.text for edit in alert.edits] == ["left"]


def test_most_exchanged_sides_of_strangers_are_told_and_hardly_a_faithful_report_is():
    lines = [line for path in (ROOT / "benchmarks" / "pairs").glob("r*.jsonl") for line in path.open(encoding="utf-8")]
    pairs = [json.loads(line) for line in lines]
    swapped = [row for row in pairs if row["kind"] == "side swapped"]
    assert sum(bool(sides_of(row["heard"], row["written"])) for row in swapped) >= 0.7 * len(swapped) > 35
    faithful = [row for row in pairs if row["kind"] == "clean"]
    columns = [(heard_column(row["heard"]), written_column(parse_report(row["written"]))) for row in faithful]
    assert sum(bool(sided_places(*one, [])) for one in columns) <= 0.005 * len(faithful)
