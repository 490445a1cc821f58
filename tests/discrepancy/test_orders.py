"""The texts against the order, the image header and the priors: another patient, exam, side, body or study."""

from dataclasses import replace

import pytest

from dictation.discrepancy import Discrepancy, compare, other_study
from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.inference import inferences
from dictation.discrepancy.ranking import shortlist
from dictation.discrepancy.within import within
from dictation.exam import Order, of_exams
from dictation.findings.lexicon import cell
from dictation.lexicon import rows
from dictation.reading import Reading
from dictation.report import Report, Statement


def a_reading(study: str) -> Reading:
    return Reading(reader="A reader", study=study, opinions=())


@pytest.mark.parametrize("study", ["SAMPLE-0003", "sample 0003", "", "a" * 64, "1.2.840.1.7"])
def test_a_reading_of_this_exam_or_of_one_that_nobody_can_tell_is_taken(study):
    orders = Order(accession="SAMPLE-0001"), Order(accession="SAMPLE-0003")
    assert other_study([a_reading(study)], orders) == []
    assert other_study([a_reading("SAMPLE-0005")], [Order()]) == []


@pytest.mark.parametrize(("study", "studies"), [("SAMPLE-0005", ()), ("1.2.840.1.7", ("1.2.840.1.8",))])
def test_a_reading_of_another_study_is_critical(study, studies):
    [alert] = other_study([a_reading(study)], [Order(accession="SAMPLE-0003")], None, studies)
    assert (alert.kind, alert.severity) == ("exam", "critical") and "another study" in alert.explanation
    assert study not in alert.explanation


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


CHEST_CT = {"procedure": "CT CHEST W/O CONTRAST", "modality": "CT", "body_part": "CHEST"}
KNEE = {"procedure": "XR KNEE 3 VIEWS", "modality": "CR", "body_part": "KNEE", "laterality": "right"}
PRIOR = {"date": "2024-03-05", "text": "FINDINGS: 5 mm nodule in the right upper lobe. Left adrenal nodule of 1.2 cm."}


def test_a_critical_result_is_shown_beside_any_number_of_other_cards() -> None:
    others = [
        Discrepancy(id=f"d{number}", kind="measurement", severity="major", explanation="Sizes differ.")
        for number in range(9)
    ]
    text = "FINDINGS: Right tension pneumothorax."
    told = inferences(heard_column(text), written_column(text), None, None)
    listed = shortlist([*others, *told])
    assert [one.id for one in listed.shown if one.kind == "critical_result"] == [told[0].id]


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no such inference: typo"):
        inferences(heard_column(""), written_column(""), None, None, kinds={"typo"})


def test_spans_are_characters_of_the_texts_and_ids_are_equal_again() -> None:
    heard, written = (
        "45 year old woman. Left knee effusion.",
        "INDICATION: 45-year-old woman. FINDINGS: Left knee effusion.",
    )
    order = Order.model_validate(KNEE | {"sex": "M", "age": 70})
    runs = [inferences(heard_column(heard), written_column(written), order, None) for _ in range(2)]
    assert [card.id for card in runs[0]] == [card.id for card in runs[1]]
    for card in runs[0]:
        for side, text in ((card.heard, heard), (card.written, written)):
            assert side is not None
            assert side.span is not None
            assert text[slice(*side.span)] == side.text


def test_an_exam_line_that_came_from_the_order_is_no_evidence() -> None:
    text = "EXAM: CT chest with contrast\nFINDINGS: Lungs clear."
    column = written_column(text)
    exam = next(sentence for sentence in column.sentences if sentence.section == "exam")
    assert exam.id is None
    named = replace(column, sentences=(replace(exam, id="r1"), *column.sentences[1:]), origins={"r1": "order"})
    order = Order.model_validate(CHEST_CT)
    assert inferences(heard_column(""), column, order, None) != []
    assert inferences(heard_column(""), named, order, None) == []
