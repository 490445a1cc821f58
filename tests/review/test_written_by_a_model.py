"""A model writes the report of an open case: statement by statement, stopped, failing, asked once only."""

import pytest

from dictation.models.endpoint import EndpointModel
from dictation.report.medgemma import MedGemmaWriter
from dictation.review.engines import Engines
from dictation.review.giving import give_files
from dictation.review.inputs import read_files
from dictation.settings import Settings
from tests.conftest import SAMPLES
from tests.models.held_chat import HeldChat
from tests.models.local_chat import KEY
from tests.review.desks import Reader, desk_of
from tests.waiting import until

SAMPLE = SAMPLES / "01_left_effusion"
SAID = "findings colon small left pleural effusion period no pneumothorax period impression colon left effusion period"
ADDED = {"place": "impression", "evidence": [], "text": "Follow up in six weeks."}


@pytest.fixture
def server():
    with HeldChat() as server:
        yield server


@pytest.fixture
def reader(embedded, server, settings, tmp_path):
    model = EndpointModel(server.url, "medgemma", Settings(endpoint_key=KEY).endpoint_key, waits_s=())
    own = settings.model_copy(update={"home": tmp_path / "home"})
    with desk_of(Engines(embedded, MedGemmaWriter(model)), own) as cases:
        reader = Reader(cases, is_ordered=False)
        reader.say(SAID)
        yield reader
        server.let_go(100)


def given(reader, name: str) -> None:
    give_files(reader.case, read_files([str(SAMPLE / name)]), [])


def compared(reader) -> None:
    until(lambda: reader.case.is_reviewed and not reader.case.is_busy and not reader.case.is_stale)


def test_statements_come_one_after_the_other_and_cards_only_at_the_end(reader, server):
    until(lambda: "writes when the dictation ends" in reader.state("report")["html"])
    reader.do(do="compare")
    until(lambda: server.requests and "endpoint is writing" in reader.state("report")["html"])
    assert "effusion" not in reader.state("report")["html"] and reader.state("case")["stage"] == "dictating"
    for number in (1, 2):
        server.let_go()
        until(lambda number=number: reader.case.bar["message"].endswith(f"{number} so far"))
        html = reader.state("report")["html"]
        assert all(item["text"] in html for item in server.items()[:number])
        assert not any(item["text"] in html for item in server.items()[number:])
        assert "<article" not in reader.state("pane")["cards"]
    server.let_go(100)
    compared(reader)
    assert "report by <b" in reader.state("case")["banner"]


def test_a_stopped_report_leaves_the_dictation_and_can_be_written_again(reader, server):
    reader.do(do="compare")
    server.let_go()
    until(lambda: reader.case.bar["message"].endswith("1 so far"))
    reader.do(do="stop")
    until(lambda: reader.case.bar["message"].startswith("Stopped") and not reader.case.is_busy)
    until(server.left.is_set)
    assert "mall left pleural effusion" in reader.state("pad")["text"]
    assert "is writing" not in reader.state("report")["html"]
    assert reader.state("case")["stage"] == "dictating"
    server.let_go(100)
    reader.do(do="compare")
    compared(reader)


def test_stopping_is_heeded_while_nothing_comes(reader, server):
    reader.do(do="compare")
    assert server.asked.wait(60)
    reader.do(do="stop")
    until(lambda: not reader.case.is_busy)
    assert not reader.case.is_reviewed


def test_work_that_was_overtaken_does_not_stop_the_newer(reader, server):
    reader.do(do="compare")
    assert server.asked.wait(60)
    server.asked.clear()
    reader.type(" Heart normal.")
    reader.do(do="compare")
    assert server.asked.wait(60)
    server.let_go(100)
    compared(reader)
    assert "Heart normal." in reader.report.text


def test_a_model_that_fails_leaves_a_draft_that_says_so(reader, server):
    server.fails = True
    reader.compare()
    columns = reader.state("pane")["columns"]
    assert "extractive draft: the writer &#x27;endpoint&#x27; did not write" in columns
    assert "extractive rules instead of endpoint" in reader.state("case")["banner"]
    assert columns.count("left pleural effusion") + columns.count("effusion") >= 2  # heard and written


def test_what_was_begun_for_one_case_is_not_shown_in_the_next(reader, server):
    reader.do(do="compare")
    server.let_go()
    until(lambda: reader.case.bar["message"].endswith("1 so far"))
    reader.do(do="new", id="f" * 32)
    told = "".join(str(reader.state(kind)) for kind in ("case", "pad", "report", "pane", "bar"))
    assert "mall left pleural" not in told


def test_a_reading_that_comes_later_costs_no_second_report(reader, server):
    server.let_go(100)
    reader.compare()
    first = reader.case.composed.case
    assert not first.readings
    given(reader, "reading.json")
    until(lambda: bool(reader.case.composed and reader.case.composed.case.readings))
    compared(reader)
    assert len(server.requests) == 1
    assert reader.report == first.report
    given(reader, "order.json")
    until(lambda: bool(reader.case.composed and reader.case.composed.case.orders))
    compared(reader)
    assert len(server.requests) == 2  # the prompt tells of the order


def test_a_suggestion_stands_apart_until_a_person_accepts_it(reader, server):
    server.adds = [ADDED]
    server.let_go(100)
    reader.compare()

    def table() -> str:
        columns = reader.state("pane")["columns"]
        return columns[: columns.index("</table>")]

    assert "Follow up in six weeks." in reader.state("pane")["columns"] and "Follow up" not in table()
    name = next(s.id for s in reader.report.statements if s.origin == "suggested")
    reader.refused("changed under", do="accept", statement=name, text="Follow up in six months.", on=True)
    reader.do(do="accept", statement=name, text=ADDED["text"], on=True)
    assert "Follow up" in table() and "accepted by reader at this workstation" in table()
    given(reader, "reading.json")
    compared(reader)
    assert "Follow up" in table()
    reader.do(do="accept", statement=name, text=ADDED["text"], on=False)
    assert "Follow up" not in table()
    reader.refused("does not suggest", do="accept", statement="gone", text=ADDED["text"], on=True)


def test_words_that_a_model_changed_are_kept_and_marked(reader, server):
    server.changes = {"left": "right"}
    server.let_go(100)
    reader.compare()
    columns = reader.state("pane")["columns"]
    assert "as dictated: the model changed its words" in columns
    assert "right pleural" not in columns
