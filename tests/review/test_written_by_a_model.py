"""A model writes the report while the page looks on: statement by statement, stopped, failing, asked once only."""

from pathlib import Path
from threading import Event, Thread

import gradio as gr
import pytest

from dictation.errors import Cancelled
from dictation.models.endpoint import EndpointModel
from dictation.report.medgemma import MedGemmaWriter
from dictation.review.engines import Engines
from dictation.review.inputs import read_files
from dictation.review.pages import Pages
from dictation.review.remembering import Remembering
from dictation.review.session import Session
from dictation.settings import Settings
from tests.models.held_chat import HeldChat
from tests.models.local_chat import KEY

SAMPLE = Path(__file__).parents[2] / "audio_samples" / "01_left_effusion"
SOUND = SAMPLE / "01_left_effusion.flac"


@pytest.fixture(scope="module")
def ear(embedded) -> Remembering:
    """Hears the sample once."""
    return Remembering(embedded)


@pytest.fixture
def server():
    with HeldChat() as server:
        yield server


@pytest.fixture
def engines(ear, server) -> Engines:
    model = EndpointModel(server.url, "medgemma", Settings(endpoint_key=KEY).endpoint_key, waits_s=())
    return Engines(ear, MedGemmaWriter(model))


@pytest.fixture
def request_() -> gr.Request:
    return gr.Request(session_hash="page-1")


def sound(uploads: Path) -> gr.EventData:
    sent = uploads / SOUND.name
    sent.write_bytes(SOUND.read_bytes())
    return gr.EventData(None, {"path": str(sent)})


def told(bar: dict) -> list[str]:
    return [statement["text"] for statement in bar.get("told", [])]


def until_told(steps, number: int) -> dict:
    """Go on until so many statements are told; the bar that tells them."""
    for _, bar, *_ in steps:
        if len(told(bar)) == number:
            return bar
    raise AssertionError("the work ended before so much was told")


def test_statements_come_one_after_the_other_and_cards_only_at_the_end(engines, server, settings, tmp_path, request_):
    pages = Pages(engines, settings, tmp_path)
    steps = pages.recorded(request_, sound(tmp_path))
    panes = []
    for pane, bar in steps:
        if isinstance(pane, str):
            panes.append(pane)
        if "is writing" in bar["message"]:
            break
    assert "Differences come when it is done" in panes[-1]
    assert "effusion" in panes[-1] and "Being written by endpoint" in panes[-1]
    assert '<article class="card' not in panes[-1]
    for number in (1, 2, 3):
        server.let_go()
        bar = until_told(steps, number)
        assert told(bar) == [item["text"] for item in server.items()[:number]]
        assert bar["told"][-1]["evidence"] == server.items()[number - 1]["evidence"][0]
    server.let_go(100)
    *_, (pane, bar) = steps
    assert (bar["state"], bar.get("told", [])) == ("ready", [])
    assert "Being written" not in pane and "written by <b" in pane


def test_a_stopped_report_leaves_the_dictation_in_sight_and_nothing_else(engines, server, settings, tmp_path, request_):
    pages = Pages(engines, settings, tmp_path)
    steps = pages.recorded(request_, sound(tmp_path))
    server.let_go()
    until_told(steps, 1)
    pages.stopped(request_)
    *_, (pane, bar) = steps
    assert (bar["state"], bar.get("told", [])) == ("error", [])
    assert "Stopped" in bar["message"]
    assert "pleural effusion" in pane and "no report was written" in pane
    assert server.left.wait(10)
    server.let_go(100)
    *_, (pane, bar) = pages.tried_again(request_)
    assert bar["state"] == "ready"


def test_a_model_that_fails_leaves_a_draft_that_says_so(engines, server, settings, tmp_path, request_):
    server.fails = True
    *_, (pane, bar) = Pages(engines, settings, tmp_path).recorded(request_, sound(tmp_path))
    assert bar["state"] == "ready"
    assert "extractive draft: the writer &#x27;endpoint&#x27; did not write" in pane
    assert "extractive rules instead of endpoint" in pane
    assert pane.count("pleural effusion") >= 2  # heard and written


def test_what_was_begun_for_one_case_is_not_shown_in_the_next(engines, server, settings, tmp_path, request_):
    pages = Pages(engines, settings, tmp_path)
    steps = pages.recorded(request_, sound(tmp_path))
    server.let_go()
    until_told(steps, 1)
    pane, bar, *_ = pages.cleared(request_)
    assert "effusion" not in pane and told(bar) == []
    assert list(steps) == []
    assert "effusion" not in pages.opened(request_)[0]


def test_a_reading_that_comes_later_costs_no_second_report(engines, server, settings):
    session = Session(engines, settings, spoken=SOUND)
    server.let_go(100)
    first = session.compare(lambda *_: None, session.begin())
    session.take_files(read_files([str(SAMPLE / "reading.json")]))
    second = session.compare(lambda *_: None, session.begin())
    assert len(server.requests) == 1
    assert second.report == first.report and second.readings and not first.readings
    session.take_files(read_files([str(SAMPLE / "order.json")]))
    session.compare(lambda *_: None, session.begin())
    assert len(server.requests) == 2  # the prompt tells of the order


def test_a_suggestion_stands_apart_and_is_never_told_as_written(engines, server, settings, tmp_path, request_):
    server.adds = [{"place": "impression", "evidence": [], "text": "Follow up in six weeks."}]
    server.let_go(100)
    steps = list(Pages(engines, settings, tmp_path).recorded(request_, sound(tmp_path)))
    assert not any("Follow up" in text for _, bar in steps for text in told(bar))
    pane = steps[-1][0]
    assert pane.index("</table>") < pane.index("Suggested by endpoint") < pane.index("Follow up in six weeks.")


def test_a_suggestion_is_accepted_by_a_person_and_can_be_taken_back(engines, server, settings, tmp_path, request_):
    server.adds = [{"place": "impression", "evidence": [], "text": "Follow up in six weeks."}]
    server.let_go(100)
    pages = Pages(engines, settings, tmp_path)
    *_, (pane, _) = pages.recorded(request_, sound(tmp_path))
    name = pane.split('<li data-statement="')[1].split('"')[0]
    pane, _ = pages.decided(request_, gr.EventData(None, {"id": name, "action": "accept"}))
    assert "Follow up in six weeks." in pane[: pane.index("</table>")]
    assert "accepted by reader at this workstation" in pane
    *_, (pane, *_) = pages.filed([str(SAMPLE / "reading.json")], request_)
    assert "Follow up in six weeks." in pane[: pane.index("</table>")]
    pane, _ = pages.decided(request_, gr.EventData(None, {"id": name, "action": "take_back"}))
    assert "Follow up in six weeks." not in pane[: pane.index("</table>")]
    pane, bar = pages.decided(request_, gr.EventData(None, {"id": "gone", "action": "accept"}))
    assert bar["state"] == "error"


def test_words_that_a_model_changed_are_kept_and_marked(engines, server, settings, tmp_path, request_):
    server.changes = {"left": "right"}
    server.let_go(100)
    *_, (pane, _) = Pages(engines, settings, tmp_path).recorded(request_, sound(tmp_path))
    assert "as dictated: the model changed its words" in pane
    assert "right pleural" not in pane


def test_work_that_was_overtaken_does_not_stop_the_newer(engines, server, settings):
    session, ended = Session(engines, settings, spoken=SOUND), []

    def compare(cancel: Event) -> Thread:
        def work() -> None:
            try:
                session.compare(lambda *_: None, cancel)
                ended.append("done")
            except Cancelled:
                ended.append("cancelled")

        thread = Thread(target=work)
        thread.start()
        return thread

    old = compare(session.begin())
    assert server.asked.wait(60)
    server.asked.clear()
    new = compare(session.begin())
    assert server.asked.wait(60)
    old.join(60)
    assert (ended, session.view().stage) == (["cancelled"], "writing")
    server.let_go(100)
    new.join(60)
    assert (ended, session.view().stage) == (["cancelled", "done"], "compared")


def test_stopping_is_heeded_while_nothing_comes(engines, server, settings):
    session, cancel = Session(engines, settings, spoken=SOUND), Event()
    ended = []

    def work() -> None:
        try:
            session.compare(lambda *_: None, cancel)
        except Exception as error:
            ended.append(type(error).__name__)

    thread = Thread(target=work)
    thread.start()
    assert server.asked.wait(60)
    cancel.set()
    thread.join(10)
    assert ended == ["Cancelled"]
    assert session.view().stage == "stopped"
