"""What becomes of a model's answers to a whole dictation, row by row (`corpus/*.tsv`).

A dictation and an answer are written as `tests/report/answering.py` reads them; a second answer may be "no JSON" or
"status 400", and where there is none the server gives the first one again.
"""

from dictation.case import review_dictation
from dictation.exam import ExamFacts
from dictation.imaging import Study
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
