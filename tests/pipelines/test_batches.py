"""Several inputs at once: each result has its own place, one failure ends nothing, and a batch can go on later."""

import csv
import errno
import json
import os
import re
import shutil
import sys
import time
import unicodedata
from importlib.resources import files
from pathlib import Path, PurePath

import numpy as np
import pytest
import soundfile

from dictation.audio import Recording
from dictation.errors import DictationError, UsageError
from dictation.exam import Order
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.report import ExtractiveWriter
from pipelines.batch import Asked, Shard
from pipelines.beside import Beside
from pipelines.inputs import expand
from pipelines.ledger import UNFINISHED, Ledger
from pipelines.program import program
from pipelines.report import report
from pipelines.transcribe import transcribe
from tests.audio.audio_files import silent
from tests.models.local_chat import LocalChat
from tests.reading.studies import chest
from tests.report.answering import answer, said, writer_at

WHOLE = Shard()


def dictated(path: Path, text: str = "No pneumothorax.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


class KilledError(BaseException):
    """The end of a run in the middle of writing."""


def no_ear():
    raise AssertionError("a text needs no recognizer")


@pytest.fixture
def heard(embedded, settings):
    """Transcribe paths into a folder."""

    def run(paths, out, resume=False, form="text", **asked):
        return transcribe(Asked(tuple(paths), form, out, resume, **asked), embedded, EMPTY_VOCABULARY, settings)

    return run


@pytest.fixture
def reported(settings):
    """Report texts into a folder."""

    def run(paths, out, resume=False, form="text", columns=None, shard=WHOLE, **beside):
        asked = Asked(tuple(paths), form, out, resume, columns=columns or {}, shard=shard)
        return report(asked, no_ear, ExtractiveWriter(), Beside(**beside), settings)

    return run


def results(out: Path) -> list[str]:
    """All files but the warnings, which silence always has beside its result (tests/pipelines/test_warnings.py)."""
    found = (path for path in out.rglob("*") if path.is_file() and path.suffix != ".warnings")
    return sorted(path.relative_to(out).as_posix() for path in found)


def test_texts_of_one_name_in_two_folders_give_two_results(tmp_path, reported):
    one, two = dictated(tmp_path / "monday/a.txt"), dictated(tmp_path / "tuesday/a.txt", "Left effusion.")
    assert reported([one, two], tmp_path / "out")
    assert "pneumothorax" in (tmp_path / "out/a.txt.txt").read_text(encoding="utf-8")
    assert "effusion" in (tmp_path / "out/tuesday/a.txt.txt").read_text(encoding="utf-8")


def test_a_name_that_comes_again_moves_no_other_and_keeps_its_place(tmp_path, reported, capsys):
    out = tmp_path / "out"
    first = [dictated(tmp_path / f"monday/{name}.txt") for name in "ab"]
    assert reported([tmp_path / "monday"], out)
    later = dictated(tmp_path / "tuesday/a.txt")
    assert reported([tmp_path / "monday", tmp_path / "tuesday"], out, resume=True)
    assert results(out) == [".done.jsonl", "a.txt.txt", "b.txt.txt", "tuesday/a.txt.txt"]
    assert "2 of 3 were done before" in capsys.readouterr().err
    first[0].unlink()
    dictated(later, "Left effusion.")
    for named in ([tmp_path / "monday", tmp_path / "tuesday"], [tmp_path / "tuesday"]):
        assert reported(named, out, resume=True)
    assert "1 of 1 were done before" in capsys.readouterr().err
    kept = next((out / "tuesday").glob("a.txt~*.txt")).name
    assert results(out) == [".done.jsonl", "a.txt.txt", "b.txt.txt", "tuesday/a.txt.txt", f"tuesday/{kept}"]


def test_what_has_its_place_from_an_earlier_run_keeps_it_whatever_is_named_before_it(tmp_path, reported, capsys):
    out = tmp_path / "out"
    for day in ("tuesday", "monday"):
        dictated(tmp_path / day / "a.txt", f"{day}.")
    assert reported([tmp_path / "tuesday"], out)
    assert reported([tmp_path / "monday", tmp_path / "tuesday"], out, resume=True)
    assert "1 of 2 were done before" in capsys.readouterr().err
    assert results(out) == [".done.jsonl", "a.txt.txt", "monday/a.txt.txt"]


def test_a_name_that_a_recorder_gives_again_costs_no_earlier_result(tmp_path, reported, capsys):
    file, out = dictated(tmp_path / "in/a.txt", "Left effusion."), tmp_path / "out"
    assert reported([file], out)
    dictated(file, "Right effusion.")
    assert reported([file], out, resume=True)
    kept = next(out.glob("a.txt~*.txt"))
    assert "Left" in kept.read_text(encoding="utf-8") and "Right" in (out / "a.txt.txt").read_text(encoding="utf-8")
    assert f"that result is now {kept.name}" in capsys.readouterr().err


def test_a_file_that_no_run_noted_is_somebody_elses(tmp_path, reported):
    file = dictated(tmp_path / "a.txt")
    own = dictated(tmp_path / "a.txt.txt", "Typed by hand.")
    for resume in (False, True):
        assert not reported([file], tmp_path, resume=resume)
        assert "would replace a file that no run noted" in failures(tmp_path)[0]
    assert own.read_text(encoding="utf-8") == "Typed by hand."


def test_a_result_whose_run_was_killed_before_it_was_noted_is_made_again(tmp_path, reported):
    file, out = dictated(tmp_path / "a.txt"), tmp_path / "out"
    assert reported([file], out)
    notes = (out / ".done.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    assert len(notes) == 2 and UNFINISHED in notes[0]
    (out / ".done.jsonl").write_text(notes[0], encoding="utf-8")
    assert reported([file], out, resume=True)


def test_a_second_run_into_one_folder_is_refused_while_the_first_is_at_work(tmp_path, reported):
    file, out = dictated(tmp_path / "a.txt"), tmp_path / "out"
    first = Ledger(out, "text")
    first.hold()
    with pytest.raises(UsageError, match="another run writes there"):
        reported([file], out)
    first.close()
    assert reported([file], out)


def test_the_folder_of_the_inputs_takes_no_results(tmp_path, heard):
    silent(tmp_path / "a.wav")
    with pytest.raises(UsageError, match="give the results their own"):
        heard([tmp_path], tmp_path)


def test_a_recording_in_several_rows_is_heard_once(tmp_path, heard):
    silent(tmp_path / "a.wav")
    (tmp_path / "m.csv").write_text("audio,text,start_s\na.wav,one,0\na.wav,two,5\na.wav,three,9\n")
    assert heard([tmp_path / "m.csv"], tmp_path / "out")
    assert results(tmp_path / "out") == [".done.jsonl", "a.wav.txt"]


def test_folders_of_one_name_are_refused_before_any_work(tmp_path, reported):
    folders = [dictated(tmp_path / week / "monday/a.txt").parent for week in ("one", "two", "three")]
    with pytest.raises(UsageError, match="same result"):
        reported(folders, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a name counts characters there, not bytes")
def test_a_name_of_255_bytes_has_a_result_that_resume_knows(tmp_path, heard, capsys):
    names = ["ä" * 125 + end + ".wav" for end in ("x", "y")]
    assert [len(os.fsencode(name)) for name in names] == [255, 255]
    for name in names:
        silent(tmp_path / "in" / name)
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


def test_a_result_that_cannot_be_written_is_named_and_the_rest_goes_on(tmp_path, reported, capsys):
    for name in ("a", "b"):
        dictated(tmp_path / f"text/{name}.txt")
    (tmp_path / "out/a.txt.txt/something").mkdir(parents=True)
    assert not reported([tmp_path / "text"], tmp_path / "out")
    said = capsys.readouterr().err
    assert "a.txt.txt: could not be written" in said and "1 of 2 inputs failed" in said
    assert "b.txt.txt" in results(tmp_path / "out")
    assert not list((tmp_path / "out").rglob(".part-*"))


def test_a_full_disk_ends_the_batch_and_loses_nothing(tmp_path, reported, monkeypatch, capsys):
    for name in "abc":
        dictated(tmp_path / f"in/{name}.txt")
    forced = os.fsync

    def full(descriptor):
        if list((tmp_path / "out").glob("*.txt")):
            raise OSError(errno.ENOSPC, "No space left on device")
        forced(descriptor)

    with monkeypatch.context() as disk:
        disk.setattr("os.fsync", full)
        with pytest.raises(DictationError, match=r"\.txt\.txt: .*the disk is full.*--resume goes on"):
            reported([tmp_path / "in"], tmp_path / "out")
    assert "[3/3]" not in capsys.readouterr().err
    assert len(results(tmp_path / "out")) == 2  # a result and the notes
    assert reported([tmp_path / "in"], tmp_path / "out", resume=True)
    assert "1 of 3 were done before" in capsys.readouterr().err


def test_another_program_does_everything_anew(tmp_path, reported, monkeypatch, capsys):
    dictated(tmp_path / "in/a.txt")
    assert reported([tmp_path / "in"], tmp_path / "out")
    package = tmp_path / "changed/dictation"
    shutil.copytree(files("dictation"), package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(files("pipelines"), tmp_path / "changed/pipelines", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr("pipelines.program.files", lambda name: package)
    try:
        for changed, is_done in ((None, True), ("review/__init__.py", True), ("lexicon/data/prompt.tsv", False)):
            program.cache_clear()
            if changed:
                with (package / changed).open("a") as file:
                    file.write("\n")
            assert reported([tmp_path / "in"], tmp_path / "out", resume=True)
            assert ("1 of 1 were done before" in capsys.readouterr().err) == is_done
    finally:
        program.cache_clear()


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
    (item,) = expand([silent(tmp_path / "a.wav")], frozenset((".wav",)))
    before = Recording(item.path).id
    soundfile.write(item.path, np.full(8_000, 0.1), 16_000)
    Ledger(tmp_path / "out", "text").keep(item, "of what was there before\n", before, "settings")
    assert not Ledger(tmp_path / "out", "text").holds(item, "settings")
    Ledger(tmp_path / "out", "text").keep(item, "of what is there\n", Recording(item.path).id, "settings")
    assert Ledger(tmp_path / "out", "text").holds(item, "settings")


def test_a_note_that_cannot_be_taken_leaves_the_result_and_says_so(tmp_path, capsys):
    (item,) = expand([dictated(tmp_path / "a.txt")], frozenset((".txt",)))
    ledger = Ledger(tmp_path / "out", "text")
    (tmp_path / "out/.done.jsonl").mkdir(parents=True)
    ledger.keep(item, "report\n", "0" * 64, "settings")
    assert (tmp_path / "out/a.txt.txt").read_text(encoding="utf-8") == "report\n"
    assert "--resume will do" in capsys.readouterr().err
    with pytest.raises(DictationError, match=r"\.done\.jsonl: cannot be read"):
        Ledger(tmp_path / "out", "text")


def test_what_a_killed_run_left_half_written_is_gone_once_that_input_is_done(tmp_path, reported, monkeypatch):
    file, out = dictated(tmp_path / "a.txt"), tmp_path / "out"

    def killed(*_):
        raise KilledError

    with monkeypatch.context() as disk:
        disk.setattr("os.fsync", killed)
        disk.setattr("pathlib.Path.unlink", lambda *_, **__: None)
        with pytest.raises(KilledError):
            reported([file], out)
    assert len(list(out.glob(".part-*"))) == 1
    assert reported([file], out, resume=True)
    assert results(out) == [".done.jsonl", "a.txt.txt"]


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
def test_a_result_and_what_is_noted_of_it_and_of_failures_are_for_their_user_alone(tmp_path, reported):
    assert not reported([dictated(tmp_path / "a.txt"), tmp_path / "gone.txt"], tmp_path / "out")
    for name in ("a.txt.txt", ".done.jsonl", "failures.jsonl"):
        assert (tmp_path / "out" / name).stat().st_mode & 0o777 == 0o600


def test_a_report_in_another_style_is_written_anew(tmp_path, settings, capsys):
    file, out = dictated(tmp_path / "a.txt"), tmp_path / "out"
    polished = said("findings: Other", ["s1"], "There is no pneumothorax.")
    with LocalChat(answer(polished)) as server:
        writer = writer_at(server)

        def reported_in(style) -> tuple[str, bool]:
            assert report(Asked((file,), "text", out, resume=True), no_ear, writer, Beside(style=style), settings)
            return (out / "a.txt.txt").read_text(encoding="utf-8"), "done before" in capsys.readouterr().err

        assert "There is no pneumothorax." in reported_in("polish")[0]
        assert [reported_in(style)[1] for style in ("keep", "keep", "polish", "polish")] == [False, True, False, True]


def failures(out: Path) -> list[str]:
    return [json.loads(line)["error"] for line in (out / "failures.jsonl").read_text(encoding="utf-8").splitlines()]


def test_failures_are_listed_until_a_run_without_any(tmp_path, reported, capsys):
    dictated(tmp_path / "in/a.txt")
    (tmp_path / "in/b.txt").write_bytes(b"")
    assert not reported([tmp_path / "in", tmp_path / "gone"], tmp_path / "out")
    [gone, empty] = failures(tmp_path / "out")
    assert "gone: there is no such file" in gone and "b.txt: is empty; give the text" in empty
    assert re.search(r"b\.txt +is empty", capsys.readouterr().err)
    assert not reported([tmp_path / "in", tmp_path / "gone"], None)
    out, err = capsys.readouterr()
    assert "pneumothorax" in out and "2 of 3 inputs failed" in err and "They are listed" not in err
    dictated(tmp_path / "in/b.txt")
    assert reported([tmp_path / "in"], tmp_path / "out", resume=True)
    assert "1 of 2 were done before" in capsys.readouterr().err
    assert results(tmp_path / "out") == [".done.jsonl", "a.txt.txt", "b.txt.txt"]


def test_printed_results_come_in_the_order_they_were_named(tmp_path, heard, capsys):
    files = [silent(tmp_path / f"{name}.wav") for name in "cab"]
    soundfile.write(files[0], np.zeros(160_000), 16_000)  # the longest is first
    assert heard(files, None)
    out, err = capsys.readouterr()
    assert [line[-5:] for line in out.splitlines() if line.startswith("==")] == ["c.wav", "a.wav", "b.wav"]
    assert "[3/3]" in err and "s of sound a second" in err and "left" in err


def test_a_pattern_names_files_in_folders_of_any_depth(tmp_path, reported, capsys):
    for place in ("2026/01/a.txt", "2026/02/deep/b.txt", "2027/c.txt"):
        dictated(tmp_path / place)
    dictated(tmp_path / "2026/01/a.pdf")
    assert reported([tmp_path / "2026/**"], tmp_path / "out")
    assert results(tmp_path / "out") == [".done.jsonl", "01/a.txt.txt", "02/deep/b.txt.txt"]
    assert reported([tmp_path / "202?/*.txt"], tmp_path / "flat")
    assert results(tmp_path / "flat") == [".done.jsonl", "2027/c.txt.txt"]
    assert not reported([tmp_path / "*.mp3"], tmp_path / "none")
    assert "no file fits this pattern" in capsys.readouterr().err


def test_a_file_that_is_named_in_brackets_is_that_file(tmp_path):
    file = dictated(tmp_path / "in/[1] final*.txt")
    assert [item.path for item in expand([file], frozenset((".txt",)))] == [file]


def test_results_below_the_input_are_no_inputs(tmp_path, reported, capsys):
    dictated(tmp_path / "a.txt")
    for resume in (False, True):
        assert reported([tmp_path], tmp_path / "out", resume=resume)
    assert "1 of 1 were done before" in capsys.readouterr().err
    assert results(tmp_path / "out") == [".done.jsonl", "a.txt.txt"]


def test_what_is_named_twice_is_done_once(tmp_path, reported, monkeypatch):
    file = dictated(tmp_path / "in/deep/a.txt")
    monkeypatch.chdir(file.parent)
    assert reported([tmp_path / "in", file, Path("a.txt"), tmp_path / "in/**/*.txt"], tmp_path / "out")
    assert results(tmp_path / "out") == [".done.jsonl", "deep/a.txt.txt"]


def test_a_manifest_of_files_elsewhere_mirrors_their_whole_paths_so_that_rows_to_come_move_nothing(
    tmp_path, reported, capsys
):
    for place in ("data/1/a.txt", "data/2/a.txt"):
        dictated(tmp_path / place)
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/m.csv").write_text(f"audio\n{tmp_path / 'data/1/a.txt'}\n../data/2/a.txt\n")
    assert reported([tmp_path / "lists/m.csv"], tmp_path / "out")
    places = [(tmp_path / f"data/{day}/a.txt.txt").relative_to(tmp_path.anchor).as_posix() for day in (1, 2)]
    assert results(tmp_path / "out") == [".done.jsonl", *places]
    dictated(tmp_path / "b.txt")
    with (tmp_path / "lists/m.csv").open("a") as manifest:
        manifest.write("../b.txt\n")
    assert reported([tmp_path / "lists/m.csv"], tmp_path / "out", resume=True)
    assert "2 of 3 were done before" in capsys.readouterr().err


def test_shards_share_the_work_and_know_each_others_results(tmp_path, reported, capsys):
    for number in range(12):
        dictated(tmp_path / f"in/{number}.txt")
    out = tmp_path / "out"
    (tmp_path / "in/broken.txt").write_bytes(b"")
    for number in (1, 2, 3):
        reported([tmp_path / "in"], out, shard=Shard(number, 3))
    notes = [json.loads(line) for file in out.glob(".done.*of3.jsonl") for line in file.open()]
    made = [one["result"] for one in notes if one["settings"] != UNFINISHED]
    assert sorted(made) == sorted(f"{number}.txt.txt" for number in range(12))
    assert len(list(out.glob(".done.*of3.jsonl"))) == 3
    assert len(list(out.glob("failures.*of3.jsonl"))) == 1
    capsys.readouterr()
    reported([tmp_path / "in"], out, resume=True)
    assert "12 of 13 were done before" in capsys.readouterr().err
    assert [file.name for file in out.glob("failures*")] == ["failures.jsonl"]


def test_what_belongs_to_one_case_is_not_given_to_all_by_shards(tmp_path, settings):
    files = tuple(dictated(tmp_path / f"{name}.txt") for name in "ab")
    for number in (1, 2):
        asked = Asked(files, "text", tmp_path / "out", shard=Shard(number, 2))
        with pytest.raises(UsageError, match="belong to one case"):
            report(asked, no_ear, ExtractiveWriter(), Beside(order=Order(accession="A1")), settings)


def test_a_share_depends_on_the_place_of_a_file_alone(tmp_path):
    names = [f"{number}/ä.wav" for number in range(200)]
    counts = [sum(Shard(number, 4).takes(PurePath(name)) for name in names) for number in (1, 2, 3, 4)]
    assert sum(counts) == 200 and min(counts) > 25
    decomposed = [unicodedata.normalize("NFD", name) for name in names]
    assert decomposed != names
    assert all(
        Shard(1, 4).takes(PurePath(a)) == Shard(1, 4).takes(PurePath(b)) for a, b in zip(names, decomposed, strict=True)
    )
    assert Shard(2, 4).takes(PurePath("3/a.wav")) is True  # on every machine, in every version


@pytest.mark.parametrize("text", ["", "2", "0/4", "5/4", "2/-4", "a/b", "1/2/3"])
def test_what_is_no_share_is_refused(text):
    with pytest.raises(UsageError, match="--shard 2/4"):
        Shard.from_text(text)


def test_the_folder_of_the_results_is_not_watched(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="same folder"):
        Asked((), "text", Path(), watch=tmp_path)


@pytest.mark.parametrize("form", ["srt", "vtt", "tsv"])
def test_a_format_that_does_not_say_whose_a_line_is_is_not_printed_for_several(tmp_path, heard, form):
    with pytest.raises(UsageError, match=f"--format {form} is of one recording"):
        heard([silent(tmp_path / "a.wav"), silent(tmp_path / "b.wav")], None, form=form)


def test_the_result_of_another_input_or_command_is_not_replaced(tmp_path, reported, heard, settings, embedded):
    out = tmp_path / "out"
    one, two = dictated(tmp_path / "monday/a.txt"), dictated(tmp_path / "tuesday/a.txt", "Left effusion.")
    assert reported([one], out)
    before = (out / "a.txt.txt").read_bytes()
    for resume in (False, True):
        assert not reported([two], out, resume=resume)
        assert "would replace that of" in failures(out)[0] and "monday" in failures(out)[0]
        assert (out / "a.txt.txt").read_bytes() == before
    dictated(one, "Right effusion.")
    assert reported([one.parent], out)  # the same input, changed and named in another way
    assert b"ight" in (out / "a.txt.txt").read_bytes()
    (out / "a.txt.txt").unlink()
    assert reported([two], out)
    sound = silent(tmp_path / "monday/b.wav")
    assert heard([sound], out)
    asked = Asked((sound,), "text", out)
    assert not report(asked, lambda: embedded, ExtractiveWriter(), Beside(), settings)
    assert "by 'transcribe'" in failures(out)[0]
    assert (out / "b.wav.txt").read_text(encoding="utf-8") == "\n"


def test_the_newest_note_counts_whichever_machine_took_it(tmp_path):
    (item,) = expand([silent(tmp_path / "a.wav")], frozenset((".wav",)))
    out, sha256 = tmp_path / "out", Recording(item.path).id
    Ledger(out, "text", ".2of2").keep(item, "older\n", sha256, "old settings")
    Ledger(out, "text", ".1of2").keep(item, "newer\n", sha256, "new settings")
    ledger = Ledger(out, "text")
    assert ledger.holds(item, "new settings") and not ledger.holds(item, "old settings")


def test_a_note_after_half_a_line_is_not_lost_with_it(tmp_path):
    one, two = expand([silent(tmp_path / name) for name in ("a.wav", "b.wav")], frozenset((".wav",)))
    out, sha256 = tmp_path / "out", Recording(one.path).id
    Ledger(out, "text").keep(one, "a\n", sha256, "settings")
    (out / ".done.jsonl").write_bytes((out / ".done.jsonl").read_bytes()[:-20])
    Ledger(out, "text").keep(two, "b\n", sha256, "settings")
    assert Ledger(out, "text").holds(two, "settings") and not Ledger(out, "text").holds(one, "settings")


def exam(folder: Path) -> Path:
    """A manifest of three dictations, each with something of its own beside it."""
    dictated(folder / "a.txt", "Small left pleural effusion. No pneumothorax.")
    dictated(folder / "b.txt", "The heart is normal.")
    dictated(folder / "c.txt", "No pneumothorax.")
    (folder / "right.txt").write_text("FINDINGS: Small right pleural effusion. No pneumothorax.")
    (folder / "bad.json").write_text("[]")
    lines = [
        {"audio": "a.txt", "written": "right.txt", "order": {"accession": "A1", "procedure": "Chest X-ray"}},
        {"audio": "b.txt", "template": "chest_xray"},
        {"audio": "c.txt", "order": "bad.json"},
    ]
    (folder / "m.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder / "m.jsonl"


def test_each_row_of_a_manifest_has_its_own_order_report_and_template(tmp_path, reported, capsys):
    manifest = exam(tmp_path)
    assert not reported([manifest], tmp_path / "out", form="json")
    [why] = failures(tmp_path / "out")
    assert "bad.json" in why
    a, b = (json.loads((tmp_path / f"out/{name}.txt.json").read_text(encoding="utf-8")) for name in "ab")
    assert "laterality" in {card["kind"] for card in a["discrepancies"]}
    assert b["discrepancies"] == [] and not (tmp_path / "out/c.txt.json").exists()


def test_a_report_is_made_again_when_what_its_row_names_has_changed(tmp_path, reported, capsys):
    manifest, out = exam(tmp_path), tmp_path / "out"

    def done_before() -> str:
        reported([manifest], out, form="json", resume=True)
        return capsys.readouterr().err

    assert "done before" not in done_before()
    assert "2 of 3 were done before" in done_before()
    (tmp_path / "right.txt").write_text("FINDINGS: Small left pleural effusion. No pneumothorax.")
    assert "1 of 3 were done before" in done_before()
    assert json.loads((out / "a.txt.json").read_text(encoding="utf-8"))["discrepancies"] == []


def test_an_earlier_study_is_of_one_patient_and_not_given_for_several(tmp_path, reported):
    files = [dictated(tmp_path / f"{name}.txt") for name in "ab"]
    with pytest.raises(UsageError, match="--prior belong to one case"):
        reported(files, tmp_path / "out", prior=chest(np.zeros((8, 8), np.uint8)))


@pytest.mark.parametrize(
    "cell",
    ["Small left effusion.", "~6 mm nodule", "gone.toml", " ; ", ";", "{effusion}", '{"a":' * 5_000],
    ids=["a text", "a home", "no file", "blanks", "nothing", "no JSON", "nested deeply"],
)
@pytest.mark.parametrize("column", ["audio", "order", "template", "written", "image", "seen"])
def test_a_cell_that_names_nothing_fails_alone_by_its_column_and_is_never_quoted(
    tmp_path, reported, capsys, column, cell
):
    for name in "ab":
        dictated(tmp_path / f"{name}.txt")
    theirs, beside = f"{column.upper()}_FILE", "note" if column == "audio" else "audio"
    rows = [[theirs, beside], [cell, "a.txt"], ["b.txt" if column == "audio" else "", "b.txt"]]
    with (tmp_path / "m.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    assert not reported([tmp_path / "m.csv"], tmp_path / "out", columns={column: theirs})
    [why] = failures(tmp_path / "out")
    is_broken_order = column == "order" and cell[0] == "{"
    says = "the order is no JSON object" if is_broken_order else f"the column '{theirs}' names no"
    assert "m.csv, line 2: " in why and says in why and (tmp_path / "out/b.txt.txt").is_file()
    kept = (tmp_path / "out/failures.jsonl").read_text(encoding="utf-8")
    assert not any(word in capsys.readouterr().err + kept for word in ("effusion", "nodule"))


def test_a_pattern_that_this_python_cannot_use_is_named(tmp_path, reported):
    dictated(tmp_path / "in/deep/a.txt")
    assert not reported([tmp_path / "in/**.txt", Path("~nobody-of-that-name/*.txt")], tmp_path / "out")
    assert len(failures(tmp_path / "out")) == 2
