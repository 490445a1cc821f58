"""The log of a server: what happened, in lines that a program reads, and no word of anybody in them."""

import json
import logging
import os
import stat
import subprocess
import sys

import pytest

from dictation.audio import Recording
from dictation.audio.capture import to_pcm
from dictation.errors import UsageError
from dictation.review.event_log import EVENTS, kept, note, note_once
from tests.conftest import ROOT, SAMPLES
from tests.review.hostile import FILE, PATIENT, PLANTED, SAID, Program
from tests.review.wire_page import NO_IMPRESSION, WirePage
from tests.speech.live_sessions import blocks

MISTAKES = ("dictation.review.personal:Personal:learn", "dictation.records.records:Records:counts")
CLIP = SAMPLES / "02_clean_pneumonia"


def lines(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    """What a server logged, and all words that were said, typed or named there."""
    folder = tmp_path_factory.mktemp("logged")
    program = Program(folder / "home", *MISTAKES, DICTATION_LOG=str(folder / "log" / "server.jsonl"))
    words: set[str] = set(PLANTED)
    try:
        with WirePage(f"http://127.0.0.1:{program.port}/") as page:
            case = page.new()
            order = json.dumps({"name": PATIENT, "patient_id": PATIENT.upper(), "indication": SAID})
            [given] = json.loads(program.upload(f"{FILE}.json", order.encode())[1])
            assert program.give(page.page, case, given)[-1]["success"]
            page.until(lambda: PATIENT in page.state["case"]["banner"].lower())
            page.type(f"There is a {SAID} finding. ")
            [path] = [path for path in CLIP.iterdir() if path.stem == CLIP.name]
            sound = Recording(path).samples()
            page.dictate(page.begin(), [to_pcm(block) for block in blocks(sound, 1600)], block_s=0)
            page.settle()
            page.until_review()
            words |= {word.strip(".,:").lower() for word in page.text.split() if len(word) > 5}
            assert not page.ask("vocabulary", phrase=SAID)["ok"]  # a mistake of ours, whose message quotes the words
            assert program.ask("/worklist")[0] == 500
            assert program.ask(f"/sound/{SAID}/{PATIENT}")[0] == 404
            assert program.ask("/", host=f"{SAID}.example")[0] == 403
            for one in page.state["sign"]["blockers"]:
                if one["kind"] == "word":
                    page.obeyed("accept_word", word=one["discrepancy"])
            overrides = {
                one["discrepancy"]: "Checked" for one in page.state["sign"]["blockers"] if one.get("discrepancy")
            }
            page.obeyed("sign", author=PATIENT, overrides={**overrides, "identity": NO_IMPRESSION["identity"]})
    finally:
        program.stop()
    return folder / "log" / "server.jsonl", words, case, program


def test_no_word_that_was_said_typed_or_named_is_in_the_log(logged):
    path, words, _, program = logged
    text = path.read_text().lower()
    assert len(words) > 12 and not [word for word in words if word in text]
    assert str(program.home).lower() not in text
    program.says_nothing()


def test_what_happened_is_in_the_log(logged):
    path, _, case, _ = logged
    found = lines(path)
    events = [one["event"] for one in found]
    assert events[0] == "started" and events[-1] == "ended"
    assert {"page opened", "case opened", "signed", "error", "refused"} <= set(events) <= set(EVENTS)
    assert all(one["at"].endswith("+00:00") for one in found)
    [signed] = [one for one in found if one["event"] == "signed"]
    assert (signed["case"], signed["version"], signed["state"]) == (case, 1, "final")
    errors = [one for one in found if one["event"] == "error"]
    assert {one["error"] for one in errors} == {"RuntimeError"} and all(".py:" in one["place"] for one in errors)
    assert "?" not in path.read_text(), "everything that is noted fits its pattern"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a user's folders private by their place")
def test_the_log_is_for_its_owner_alone(logged):
    assert stat.S_IMODE(logged[0].stat().st_mode) == 0o600


def test_a_full_log_makes_room_and_old_ones_are_dropped(tmp_path):
    path = tmp_path / "server.jsonl"
    path.touch(mode=0o644)
    with kept(path, 2000, 3):
        for number in range(200):
            note("signed", version=number)
    names = sorted(one.name for one in tmp_path.iterdir())
    assert names == ["server.jsonl", "server.jsonl.1", "server.jsonl.2", "server.jsonl.3"]
    assert all(one.stat().st_size <= 2000 and stat.S_IMODE(one.stat().st_mode) == 0o600 for one in tmp_path.iterdir())
    versions = [one["version"] for name in reversed(names) for one in lines(tmp_path / name)]
    assert versions == list(range(versions[0], 200)) and versions[0] > 0


def test_what_fits_no_pattern_is_not_written(tmp_path):
    path = tmp_path / "server.jsonl"
    with kept(path, 10_000, 1):
        note("signed", case="zorbulent effusion", version="two", word="zorbulent")
        note("zorbulent")
        logging.getLogger("a.library").warning("the %s effusion", "zorbulent")
        try:
            raise ValueError("zorbulent")
        except ValueError:
            logging.getLogger("zorbulent effusion").exception("zorbulent")
    found = lines(path)
    assert [one["event"] for one in found] == ["signed", "?", "library", "library"]
    assert found[0] | {"at": ""} == {"at": "", "event": "signed", "case": "?", "version": "?", "?": "?"}
    assert found[2]["logger"] == "a.library" and found[3]["error"] == "ValueError"
    assert "zorbulent" not in path.read_text()


def test_a_log_that_cannot_be_written_is_said_at_the_start(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="DICTATION_LOG"), kept(tmp_path / "file" / "log", 1000, 1):
        pass


def test_a_command_adds_its_line_to_the_log_of_a_running_server(tmp_path):
    path = tmp_path / "server.jsonl"
    with kept(path, 100_000, 1):
        note("started")
        code = "import sys; from pathlib import Path; from dictation.review.event_log import note_once as note; "
        code += "note(Path(sys.argv[1]), 'backup done', seconds=1.5)"
        subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=True, timeout=120)
        note("ended")
    note_once(None, "backup done")
    note_once(tmp_path / "none" / "log", "backup done")
    assert sorted(one["event"] for one in lines(path)) == ["backup done", "ended", "started"]
