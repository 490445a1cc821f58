"""What in a report answers an image reader, and what contradicts it: a second opinion asks about what is missing."""

import pytest

from dictation.discrepancy import Discrepancy, compare
from dictation.findings.lexicon import cell, concepts
from dictation.lexicon import rows
from dictation.reading import Opinion, Reading

RIBS = ("rib", "clavicle")


def against(text: str, *opinions: Opinion) -> list[Discrepancy]:
    """The cards that a reader adds to those of the text alone, of which none is lost."""
    found = compare(text, text, [Reading(reader="A", opinions=opinions)])
    alone = {card.id for card in compare(text, text)}
    assert alone <= {card.id for card in found}
    return [card for card in found if card.id not in alone]


def seen(finding: str, probability: float = 0.95, **more: object) -> Opinion:
    return Opinion(finding=finding, probability=probability, calibrated=True, **more)


def test_the_table_names_findings_of_ours() -> None:
    named = {name for row in rows("seen_answers") for name in (row["seen"], *cell(row["answered_by"]))}
    assert named <= set(concepts())


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("Pneumonia in the left lower lobe.", "opacity"),
        ("Pulmonary edema.", "opacity"),
        ("Left lower lobe atelectasis.", "opacity"),
        ("Left lung nodule.", "opacity"),
        ("Left lung mass.", "opacity"),
        ("Scarring at the apices.", "opacity"),
        ("Fibrosis.", "opacity"),
        ("Honeycombing at the bases.", "opacity"),
        ("Congestive heart failure.", "opacity"),
        ("Mass in the left lung.", "nodule"),
        ("Nodule in the left lung.", "mass"),
        ("Metastases in both lungs.", "nodule"),
        ("Pneumonia.", "consolidation"),
        ("Consolidation.", "pneumonia"),
        ("Consolidation at the left base.", "atelectasis"),
        ("CHF.", "pulmonary_edema"),
        ("Interstitial opacities.", "pulmonary_edema"),
        ("Blunted left costophrenic angle.", "pleural_effusion"),
        ("Deep sulcus sign on the left.", "pneumothorax"),
        ("Enlarged cardiac silhouette.", "mediastinal_widening"),
        ("Tortuous aorta.", "mediastinal_widening"),
        ("Prosthetic valve.", "line_or_tube"),
    ],
)
def test_a_report_that_names_what_it_is_due_to_has_answered(text: str, finding: str) -> None:
    assert against(text, seen(finding)) == []


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("Cardiomegaly.", "opacity"),
        ("Nodule in the left lung.", "pneumothorax"),
        ("Left lower lobe atelectasis.", "pleural_effusion"),
        ("Cardiomegaly.", "pulmonary_edema"),
    ],
)
def test_what_is_due_to_something_else_is_still_asked_about(text: str, finding: str) -> None:
    (card,) = against(text, seen(finding))
    assert card.kind == "omission"


def test_the_denial_of_a_kind_denies_nothing_broader() -> None:
    (card,) = against("No focal consolidation.", seen("opacity"))
    assert (card.kind, card.severity) == ("omission", "minor")
    (card,) = against("No pulmonary opacity.", seen("consolidation"))
    assert (card.kind, card.severity) == ("negation", "major")


@pytest.mark.parametrize(
    "text", ["Pneumonia.", "Left basilar atelectasis.", "Consolidation.", "Nodule in the left lung."]
)
def test_a_reader_that_sees_no_opacity_contradicts_no_finding_that_has_a_name_of_its_own(text: str) -> None:
    assert against(text, seen("opacity", 0.02)) == []


def test_a_side_of_something_that_only_answers_is_no_other_side() -> None:
    """The opacity may be a second finding, but so far the side is a guess."""
    assert against("Pneumonia in the left lower lobe.", seen("opacity", laterality="right")) == []


@pytest.mark.parametrize(
    "text",
    [
        "Fracture of the left humeral neck.",
        "Fracture of the scapula.",
        "Compression fracture of T8.",
        "Fracture of T8.",
        "Fracture of the sternum.",
    ],
)
def test_who_looked_at_ribs_and_clavicles_says_nothing_of_other_bones(text: str) -> None:
    assert against(text, seen("fracture", 0.05, site=RIBS)) == []
    (card,) = against(text, seen("fracture", 0.95, site=RIBS))
    assert card.kind == "omission" and "fracture of rib or clavicle" in card.explanation


@pytest.mark.parametrize("text", ["Left fifth rib fracture.", "Fracture of the left fifth rib.", "Rib fractures."])
def test_who_looked_at_ribs_is_held_against_rib_fractures(text: str) -> None:
    assert against(text, seen("fracture", site=RIBS)) == []
    (card,) = against(text, seen("fracture", 0.05, site=RIBS))
    assert card.kind == "negation"
    assert card.explanation.startswith("A sees no fracture of rib or clavicle (probability 0.95);")


def test_a_clavicle_that_is_broken_answers_and_a_denied_fracture_denies() -> None:
    assert against("Clavicle fracture.", seen("fracture", site=RIBS)) == []
    for text in ("No acute fracture.", "No rib fracture."):
        (card,) = against(text, seen("fracture", site=RIBS))
        assert card.kind == "negation"
    (card,) = against("No fracture of the humerus.", seen("fracture", site=RIBS))
    assert card.kind == "omission"


@pytest.mark.parametrize(
    ("text", "finding", "probability", "severity"),
    [
        ("No pneumothorax.", "pneumothorax", 0.95, "major"),
        ("No large pneumothorax.", "pneumothorax", 0.95, "minor"),
        ("No significant effusion.", "pleural_effusion", 0.95, "minor"),
        ("No displaced rib fracture.", "fracture", 0.95, "minor"),
        ("No acute fracture.", "fracture", 0.95, "major"),
        ("No focal consolidation.", "consolidation", 0.95, "major"),
        ("Old rib fractures.", "fracture", 0.05, "minor"),
        ("Displaced rib fracture.", "fracture", 0.05, "major"),
        ("Large left pneumothorax.", "pneumothorax", 0.05, "major"),
    ],
)
def test_what_denies_a_part_or_is_old_is_worth_no_interruption(
    text: str, finding: str, probability: float, severity: str
) -> None:
    (card,) = against(text, seen(finding, probability))
    assert (card.kind, card.severity) == ("negation", severity)
