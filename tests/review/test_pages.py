import gradio as gr
import pytest

from dictation.review.pages import Pages

SPOKEN = "small left effusion"


class Broken:
    """An engine with a bug: what no real one may be relied on to do when asked."""

    def __init__(self, engine) -> None:
        self.engine = engine

    def transcribe(self, jobs, cancel=None, progress=None):
        raise RuntimeError(SPOKEN)


@pytest.fixture
def request_() -> gr.Request:
    return gr.Request(session_hash="page-1")


def sound(uploads, name: str = "a.wav"):
    (uploads / name).write_bytes(b"RIFF")
    return gr.EventData(None, {"path": str(uploads / name)})


def test_our_own_bug_is_told_without_the_words_that_were_spoken(embedded, settings, tmp_path, request_, capsys):
    pages = Pages(Broken(embedded.engine), settings, tmp_path)
    *_, (_, bar) = pages.recorded(request_, sound(tmp_path))
    assert bar["state"] == "error"
    assert "RuntimeError" in bar["message"] and "recording is kept" in bar["message"]
    told = bar["message"] + capsys.readouterr().err
    assert SPOKEN not in told
    assert "pages.py" in told
    assert list((settings.home / "recordings").iterdir())


def test_two_pages_do_not_see_each_other(embedded, settings, tmp_path):
    pages = Pages(embedded, settings, tmp_path)
    first, second = gr.Request(session_hash="1"), gr.Request(session_hash="2")
    list(pages.pasted("FINDINGS: Small left pleural effusion.", first))
    assert "pleural effusion" in pages.opened(first)[0]
    assert "pleural effusion" not in pages.opened(second)[0]
    pages.closed(first)
    assert "pleural effusion" not in pages.opened(first)[0]


def test_the_same_error_twice_is_told_twice(embedded, settings, tmp_path, request_):
    pages = Pages(embedded, settings, tmp_path)
    (_, one), (_, other) = [*pages.pasted("   \n", request_), *pages.pasted("   \n", request_)]
    assert one != other
