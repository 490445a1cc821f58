"""What becomes of a model's answers to a whole dictation, and of orders that come again, row by row (`corpus/*.tsv`).

A dictation and an answer are written as `tests/report/answering.py` reads them; a second answer may be "no JSON" or
"status 400", and where there is none the server gives the first one again.
"""

import json
from datetime import date

from dictation.case import review_dictation
from dictation.case.ordered import NOTHING_RESENT, Resent, questions, with_patient
from dictation.exam import ExamFacts, Order
from dictation.imaging import Study
from tests.case.signed_case import draft
from tests.corpus import corpus
from tests.models.local_chat import LocalChat, Said
from tests.report.answering import answer, items_of, noted, stands, writer_at

CHEST = Study("1", (), ExamFacts(modality="DX", body_part="CHEST"))


@corpus(__file__)
def test_a_row_of_the_corpus(row):
    row.holds(globals())


def _answer(text: str) -> Said:
    return {"no JSON": Said("no JSON"), "status 400": Said(status=400)}.get(text) or answer(*items_of(text))


def reviewed(said, style, first, second) -> str:
    """How often the model is asked, what then stands, what the case warns of, and its critical alerts."""
    with LocalChat(*(_answer(text) for text in (first, second) if text)) as server:
        case = review_dictation(noted(said), writer=writer_at(server), study=CHEST, style=style)
    writer = case.engines["writer"]
    assert writer.name == "endpoint" and writer.settings["style"] == style
    assert [one.id for one in case.report.statements] == [f"r{n + 1}" for n in range(len(case.report.statements))]
    critical = "; ".join(one.kind for one in case.discrepancies if one.severity == "critical")
    warned = " ".join(case.warnings)
    asked = f"asked {len(server.requests)}: {stands(case.report)}"
    return f"{asked} // warned: {warned or '-'} // critical: {critical or '-'}"


def asked_again(changes) -> str:
    """What is asked of an order that came again, changed, whether it stands in the draft or was sent once more."""
    order = Order(accession="A1", patient_id="P-17", name="EXAMPLE, Ada", birth_date=date(1960, 1, 2))
    again = Order.model_validate(order.model_dump() | json.loads(changes))
    begun = with_patient(draft(orders=(order,), images=("i.dcm",)))
    beneath = list(questions(begun.model_copy(update={"orders": (again,)}), NOTHING_RESENT))
    assert beneath == list(questions(begun, Resent(status="changed", orders=(again,))))
    return "; ".join(name for name, _ in beneath) or "-"
