import hashlib
import json

import gradio as gr
import pytest

from dictation.review.engines import Engines
from dictation.review.pages import Pages

SPOKEN = "small left effusion"


class Broken:
    """An engine with a bug: what no real one may be relied on to do when asked."""

    def __init__(self, engine) -> None:
        self.engine = engine

    def heeded(self, vocabulary):
        return vocabulary

    def transcribe(self, jobs, cancel=None, progress=None):
        raise RuntimeError(SPOKEN)


@pytest.fixture
def request_() -> gr.Request:
    return gr.Request(session_hash="page-1")


def sound(uploads, name: str = "a.wav", content: bytes = b"RIFF"):
    (uploads / name).write_bytes(content)
    return gr.EventData(None, {"path": str(uploads / name)})


def test_our_own_bug_is_told_without_the_words_that_were_spoken(embedded, settings, tmp_path, request_, capsys):
    pages = Pages(Engines(Broken(embedded.engine)), settings, tmp_path)
    content = tmp_path.as_posix().encode()  # no other test keeps the same
    *_, (_, bar) = pages.recorded(request_, sound(tmp_path, content=content))
    assert bar["state"] == "error"
    assert "RuntimeError" in bar["message"] and "recording is kept" in bar["message"]
    told = bar["message"] + capsys.readouterr().err
    assert SPOKEN not in told
    assert "pages.py" in told
    kept = settings.home / "recordings" / f"{hashlib.sha256(content).hexdigest()}.wav"
    assert kept.read_bytes() == content


def test_two_pages_do_not_see_each_other(embedded, settings, tmp_path):
    pages = Pages(Engines(embedded), settings, tmp_path)
    first, second = gr.Request(session_hash="1"), gr.Request(session_hash="2")
    list(pages.pasted("FINDINGS: Small left pleural effusion.", first))
    assert "pleural effusion" in pages.opened(first)[0]
    assert "pleural effusion" not in pages.opened(second)[0]
    pages.closed(first)
    assert "pleural effusion" not in pages.opened(first)[0]


def test_the_same_error_twice_is_told_twice(embedded, settings, tmp_path, request_):
    pages = Pages(Engines(embedded), settings, tmp_path)
    (_, one), (_, other) = [*pages.pasted("   \n", request_), *pages.pasted("   \n", request_)]
    assert one != other


def test_the_bar_names_the_upload_that_was_kept_or_refused(embedded, settings, tmp_path, request_):
    pages = Pages(Engines(Broken(embedded.engine)), settings, tmp_path)
    event = sound(tmp_path)
    assert {bar.get("sent") for _, bar in pages.recorded(request_, event)} == {event.path}
    missing = gr.EventData(None, {"path": str(tmp_path / "missing.wav")})
    [(_, bar)] = pages.recorded(request_, missing)
    assert (bar["state"], bar["refused"], bar.get("sent")) == ("error", missing.path, None)


def test_work_that_was_overtaken_says_nothing_more(embedded, settings, tmp_path, request_):
    pages = Pages(Engines(Broken(embedded.engine)), settings, tmp_path)
    old = pages.recorded(request_, sound(tmp_path))
    assert next(old)[1]["state"] == "transcribing"
    pages.cleared(request_)
    assert list(old) == []
    assert pages.opened(request_)[1]["state"] == "idle"


def test_a_newer_recording_goes_on_while_the_older_one_is_worked_on(embedded, settings, tmp_path, request_):
    pages = Pages(Engines(Broken(embedded.engine)), settings, tmp_path)
    old = pages.recorded(request_, sound(tmp_path, "old.wav", b"old"))
    next(old)
    new = pages.recorded(request_, sound(tmp_path, "new.wav", b"new"))
    assert next(new)[1]["sent"].endswith("new.wav")
    assert list(old) == []
    assert list(new)[-1][1]["sent"].endswith("new.wav")


def test_files_that_cannot_be_read_leave_no_other_patient_on_the_page(embedded, settings, tmp_path, request_):
    pages = Pages(Engines(embedded), settings, tmp_path)
    order, image = tmp_path / "order.json", tmp_path / "image.png"
    order.write_text(json.dumps({"name": "EXAMPLE, Ada"}))
    image.write_text("no image")
    *_, (pane, *_) = pages.filed([str(order)], request_)
    assert "EXAMPLE, Ada" in pane
    [(pane, bar, *_)] = pages.filed([str(image)], request_)
    assert bar["state"] == "error"
    assert "EXAMPLE, Ada" not in pane
    assert "EXAMPLE, Ada" not in pages.opened(request_)[0]


def test_new_files_clear_the_pane_before_the_work_on_them_begins(embedded, settings, tmp_path, request_):
    pages = Pages(Engines(Broken(embedded.engine)), settings, tmp_path)
    list(pages.recorded(request_, sound(tmp_path)))
    order = tmp_path / "order.json"
    order.write_text(json.dumps({"name": "EXAMPLE, Boris"}))
    (pane, bar, *_), *_ = pages.filed([str(order)], request_)
    assert bar["state"] == "transcribing"
    assert "EXAMPLE, Boris" in pane


def test_a_key_for_a_difference_that_is_gone_is_answered_in_the_bar(embedded, settings, tmp_path, request_):
    pages = Pages(Engines(embedded), settings, tmp_path)
    pane, bar = pages.decided(request_, gr.EventData(None, {"id": "gone", "action": "dismiss"}))
    assert "no dictation yet" in pane
    assert bar["state"] == "error"
