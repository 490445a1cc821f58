"""Words of another patient: a text or an image of another part of the body than the order is one critical card."""

import pytest

from dictation.discrepancy import Discrepancy, compare
from dictation.discrepancy.within import within
from dictation.exam import ExamFacts, Order, of_exams
from dictation.findings.lexicon import cell
from dictation.lexicon import rows
from dictation.report import Report, Statement

CHEST = ExamFacts(procedure="CHEST PA", modality="DX", body_part="CHEST", view="PA", laterality="right")
BRAIN = "No intracranial hemorrhage. The cerebellum is normal. "
LUNGS = "The lungs are clear. No pneumothorax."


def exam_cards(found: list[Discrepancy]) -> list[Discrepancy]:
    return [card for card in found if card.kind == "exam" and card.severity == "critical"]


def test_other_words_for_the_same_body_are_the_same_card() -> None:
    order = Order(procedure="XR CHEST")
    one, two = (
        "FINDINGS: Acute infarct in the left MCA territory.",
        "FINDINGS: Old infarct in the left MCA territory.",
    )
    assert [card.id for card in exam_cards(within(one, order=order))] == [
        card.id for card in exam_cards(within(two, order=order))
    ]


def test_the_title_tells_the_exam_where_there_is_no_order() -> None:
    [card] = exam_cards(within(f"CT head without contrast.\nFINDINGS: {LUNGS}"))
    assert card.explanation == (
        "The exam is of the head, and 2 sentences are of another part of the body; the text describes "
        '"The lungs are clear".'
    )


def test_an_image_of_another_body_is_one_critical_card_and_its_facts_are_not_used() -> None:
    order = Order(procedure="XR WRIST", modality="CR")
    facts = CHEST.model_copy(update={"patient": CHEST.patient.model_copy(update={"age_years": 80.0, "sex": "F"})})
    text = "EXAM: Left wrist.\nINDICATION: 25-year-old man.\nFINDINGS: Fracture of the left distal radius."
    for found in (within(text, order=order, facts=facts), compare(text, text, order=order, facts=facts)):
        [card] = [card for card in found if card.severity == "critical"]
        assert card.kind == "exam"
        assert card.explanation == (
            "The order is for the wrist; the image is of the chest. Nothing that its header states is used."
        )


def test_normals_that_a_template_brought_are_no_statements_of_the_exam() -> None:
    order = Order(procedure="XR CHEST PA AND LATERAL")
    normal = ("The lungs are clear.", "No pleural effusion.", "The heart is normal in size.")
    dictated = [("findings", "The distal radius is fractured."), ("impression", "Distal radius fracture.")]
    report = report_of([("findings", text, "template") for text in normal] + [(*one, "dictated") for one in dictated])
    assert len(exam_cards(compare("The distal radius is fractured.", report, order=order))) == 1


@pytest.mark.parametrize("column", ["places", "structures", "findings"])
def test_what_lies_somewhere_is_a_term_of_the_lexicon_and_lies_there_once(column: str) -> None:
    known = {
        "places": {row[name] for row in rows("anatomy") for name in ("id", "region")},
        "structures": {row["structure"] for row in rows("structures")},
        "findings": {row["id"] for row in rows("findings")},
    }[column]
    named = [name for row in rows("body_places") for name in cell(row[column])]
    assert set(named) <= known and len(named) == len(set(named))
    regions = {row["region"] for row in rows("exam_regions")}
    assert {region for row in rows("body_places") for region in cell(row["regions"])} <= regions


def test_every_place_of_the_anatomy_lies_in_a_region_or_is_listed_as_lying_in_many() -> None:
    listed = {place for row in rows("body_places") for place in cell(row["places"])}
    regions: dict[str, set[str]] = {}
    for row in rows("anatomy"):
        regions.setdefault(row["id"], set()).add(row["region"])
    assert [place for place, region in regions.items() if not {place, *region} & listed] == []


def report_of(statements: list[tuple[str, str, str]]) -> Report:
    made = [Statement(id=text, text=text, section=section, origin=origin) for section, text, origin in statements]
    return Report(**{name: tuple(one for one in made if one.section == name) for name in ("findings", "impression")})


def test_one_report_may_answer_two_orders() -> None:
    orders = Order(procedure="CT HEAD", modality="CT"), Order(procedure="CT CHEST", modality="CT")
    text = f"FINDINGS: {BRAIN}{LUNGS}"
    assert exam_cards(within(text, order=orders[0])) != []
    assert exam_cards(within(text, order=of_exams(orders))) == []
