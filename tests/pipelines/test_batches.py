"""Several inputs at once: each result has its own place, one failure ends nothing, and a batch can go on later."""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dictation.audio import Recording
from dictation.errors import DictationError, UsageError
from dictation.exam import Order
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.report import ExtractiveWriter
from pipelines.inputs import apart, expand
from pipelines.ledger import Ledger
from pipelines.report import Beside, report
from pipelines.transcribe import transcribe
from tests.models.local_chat import LocalChat
from tests.report.answering import answer, said, writer_at


def silence(path: Path) -> Path:
    """Half a second in which nothing is said: heard in no time, and its result is an empty dictation."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(8_000), 16_000)
    return path


def dictated(path: Path, text: str = "No pneumothorax.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def no_ear():
    raise AssertionError("a text needs no recognizer")


@pytest.fixture
def heard(embedded, settings):
    """Transcribe paths into a folder."""

    def run(paths, out, resume=False, form="text"):
        return transcribe(paths, embedded, EMPTY_VOCABULARY, settings, form, out, resume)

    return run


@pytest.fixture
def reported(settings):
    """Report texts into a folder."""

    def run(paths, out, resume=False, form="text", **beside):
        return report(paths, no_ear, ExtractiveWriter(), Beside(**beside), settings, form, out, resume)

    return run


def results(out: Path) -> list[str]:
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())


def test_recordings_of_one_name_in_two_folders_give_two_results(tmp_path, heard):
    silence(tmp_path / "monday/a.wav")
    silence(tmp_path / "tuesday/a.wav")
    assert heard([tmp_path / "monday", tmp_path / "tuesday"], tmp_path / "out")
    assert results(tmp_path / "out") == [".done.jsonl", "monday/a.wav.txt", "tuesday/a.wav.txt"]


def test_texts_of_one_name_in_two_folders_give_two_results(tmp_path, reported):
    one, two = dictated(tmp_path / "monday/a.txt"), dictated(tmp_path / "tuesday/a.txt", "Left effusion.")
    assert reported([one, two], tmp_path / "out")
    assert "pneumothorax" in (tmp_path / "out/monday/a.txt.txt").read_text(encoding="utf-8")
    assert "effusion" in (tmp_path / "out/tuesday/a.txt.txt").read_text(encoding="utf-8")


def test_names_that_do_not_meet_are_mirrored_as_they_are(tmp_path):
    dictated(tmp_path / "monday/a.txt")
    dictated(tmp_path / "tuesday/deep/b.txt")
    inputs = apart(expand([tmp_path / "monday", tmp_path / "tuesday"], frozenset((".txt",))))
    assert [item.mirrored.as_posix() for item in inputs] == ["a.txt", "deep/b.txt"]


def test_a_file_named_twice_has_one_place(tmp_path, monkeypatch):
    file = dictated(tmp_path / "monday/a.txt")
    monkeypatch.chdir(file.parent)
    inputs = apart(expand([file, file, file.parent, Path("a.txt")], frozenset((".txt",))))
    assert {item.mirrored.as_posix() for item in inputs} == {"a.txt"}


def test_folders_of_one_name_are_refused_before_any_work(tmp_path, reported):
    folders = [dictated(tmp_path / week / "monday/a.txt").parent for week in ("one", "two")]
    with pytest.raises(UsageError, match="same result"):
        reported(folders, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a name counts characters there, not bytes")
def test_a_name_of_255_bytes_has_a_result_that_resume_knows(tmp_path, heard, capsys):
    names = ["ä" * 125 + end + ".wav" for end in ("x", "y")]
    assert [len(os.fsencode(name)) for name in names] == [255, 255]
    for name in names:
        silence(tmp_path / "in" / name)
    assert heard([tmp_path / "in"], tmp_path / "out", form="json")
    made = results(tmp_path / "out")[1:]
    assert len(made) == 2
    assert all(name.endswith(".wav.json") and len(os.fsencode(name)) <= 255 for name in made)
    assert heard([tmp_path / "in"], tmp_path / "out", resume=True, form="json")
    assert "2 of 2 were done before" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse a name that is no text")
def test_a_name_that_is_no_text_has_a_result(tmp_path, reported):
    file = dictated(tmp_path / "in" / os.fsdecode(b"M\xfcller.txt"))
    for form in ("json", "html"):
        assert reported([file], tmp_path / "out", form=form)
    assert json.loads(next((tmp_path / "out").glob("*.json")).read_text(encoding="utf-8"))["path"].endswith(
        "M?ller.txt"
    )


def test_a_result_that_cannot_be_written_is_named_and_the_rest_goes_on(tmp_path, heard, reported, capsys):
    for name in ("a", "b"):
        silence(tmp_path / f"sound/{name}.wav")
        dictated(tmp_path / f"text/{name}.txt")
    for place in ("a.wav.txt", "a.txt.txt"):
        (tmp_path / "out" / place / "something").mkdir(parents=True)
    assert not heard([tmp_path / "sound"], tmp_path / "out")
    assert not reported([tmp_path / "text"], tmp_path / "out")
    said = capsys.readouterr().err
    for name in ("a.wav.txt", "a.txt.txt"):
        assert f"{name}: could not be written" in said
    assert said.count("1 of 2 inputs failed") == 2
    assert {"b.wav.txt", "b.txt.txt"} <= set(results(tmp_path / "out"))
    assert not list((tmp_path / "out").rglob(".part-*"))


def test_a_missing_text_is_named_and_the_rest_is_reported(tmp_path, reported, capsys):
    dictated(tmp_path / "a.txt")
    assert not reported([tmp_path / "missing.txt", tmp_path / "a.txt"], None)
    out, err = capsys.readouterr()
    assert "missing.txt: there is no such file" in err and "1 of 2 inputs failed" in err
    assert "pneumothorax" in out


def test_a_folder_of_texts_needs_no_recognizer(tmp_path, reported):
    dictated(tmp_path / "in/a.txt")
    assert reported([tmp_path / "in"], tmp_path / "out")


def test_reports_go_on_where_they_stopped_until_something_changes(tmp_path, reported, capsys):
    file = dictated(tmp_path / "a.txt")
    out = tmp_path / "out"
    order = Order(accession="A1", procedure="Chest X-ray")

    def was_done(**changed) -> bool:
        assert reported([file], out, resume=True, **changed)
        return "1 of 1 were done before" in capsys.readouterr().err

    assert not was_done()
    assert was_done()
    assert not was_done(order=order)
    assert was_done(order=order)
    assert not was_done()  # the result of other settings lies there now
    assert not was_done(form="json")
    assert was_done(form="json")
    dictated(file, "Left effusion.")
    assert not was_done()
    assert "effusion" in (out / "a.txt.txt").read_text(encoding="utf-8")
    (out / "a.txt.txt").unlink()
    assert not was_done()


def test_a_recording_that_changes_while_it_is_heard_is_not_done(tmp_path):
    (item,) = expand([silence(tmp_path / "a.wav")], frozenset((".wav",)))
    before = Recording(item.path).id
    soundfile.write(item.path, np.full(8_000, 0.1), 16_000)
    Ledger(tmp_path / "out", "text", [item]).keep(item, "of what was there before\n", before, "settings")
    assert not Ledger(tmp_path / "out", "text", [item]).holds(item, "settings")
    Ledger(tmp_path / "out", "text", [item]).keep(item, "of what is there\n", Recording(item.path).id, "settings")
    assert Ledger(tmp_path / "out", "text", [item]).holds(item, "settings")


def test_half_a_line_of_an_interrupted_run_is_passed_over(tmp_path, reported, capsys):
    files = [dictated(tmp_path / f"in/{name}.txt") for name in "ab"]
    assert reported(files, tmp_path / "out")
    notes = tmp_path / "out/.done.jsonl"
    notes.write_bytes(notes.read_bytes()[:-20])
    assert reported(files, tmp_path / "out", resume=True)
    assert "1 of 2 were done before" in capsys.readouterr().err


def test_a_note_that_cannot_be_taken_leaves_the_result_and_says_so(tmp_path, capsys):
    (item,) = expand([dictated(tmp_path / "a.txt")], frozenset((".txt",)))
    ledger = Ledger(tmp_path / "out", "text", [item])
    (tmp_path / "out/.done.jsonl").mkdir(parents=True)
    ledger.keep(item, "report\n", "0" * 64, "settings")
    assert (tmp_path / "out/a.txt.txt").read_text(encoding="utf-8") == "report\n"
    assert "--resume will do" in capsys.readouterr().err
    with pytest.raises(DictationError, match=r"\.done\.jsonl: cannot be read"):
        Ledger(tmp_path / "out", "text", [item])


def test_half_written_files_of_an_old_run_are_removed(tmp_path, reported):
    out = tmp_path / "out"
    out.mkdir()
    old, new, other = out / ".part-abcd1234", out / ".part-efgh5678", out / ".part-time"
    for file, age_s in ((old, 90_000), (new, 60), (other, 90_000)):
        file.touch()
        os.utime(file, (time.time() - age_s,) * 2)
    assert reported([dictated(tmp_path / "a.txt")], out)
    assert [file.exists() for file in (old, new, other)] == [False, True, True]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_a_result_is_for_its_user_alone(tmp_path, reported):
    assert reported([dictated(tmp_path / "a.txt")], tmp_path / "out")
    assert (tmp_path / "out/a.txt.txt").stat().st_mode & 0o777 == 0o600


def test_a_report_in_another_style_is_written_anew(tmp_path, settings, capsys):
    file, out = dictated(tmp_path / "a.txt"), tmp_path / "out"
    polished = said("findings: Other", ["s1"], "There is no pneumothorax.")
    with LocalChat(answer(polished)) as server:
        writer = writer_at(server)

        def reported_in(style) -> tuple[str, bool]:
            assert report([file], no_ear, writer, Beside(style=style), settings, "text", out, resume=True)
            return (out / "a.txt.txt").read_text(encoding="utf-8"), "done before" in capsys.readouterr().err

        assert "There is no pneumothorax." in reported_in("polish")[0]
        assert [reported_in(style)[1] for style in ("keep", "keep", "polish", "polish")] == [False, True, False, True]
