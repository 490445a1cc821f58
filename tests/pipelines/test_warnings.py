"""Warnings stay with the results: in them or beside them, printed or kept, now and when a batch goes on."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dictation.audio import SAMPLE_RATE
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.report import ExtractiveWriter
from dictation.speech.medasr.recognizer import MedASRRecognizer
from dictation.speech.transcript import Engine, Transcript, Word
from dictation.wording import Dictation, Link, Sentence
from pipelines.batch import Asked
from pipelines.beside import Beside
from pipelines.inputs import TEXT_ENDINGS
from pipelines.outputs import rendered
from pipelines.report import report
from pipelines.transcribe import transcribe, written_form
from tests.audio.audio_files import clip, encoded, silent, speech

FORMS = ("text", "srt", "vtt", "tsv", "csv", "json", "jsonl")
IN_THEMSELVES = ("vtt", "csv", "json", "jsonl")


def damaged(path: Path) -> Path:
    """An MP3 of four sentences, with a stretch of other bytes in the middle."""
    content = bytearray(encoded(speech(), "MP3", "MPEG_LAYER_III"))
    middle = len(content) // 2
    content[middle : middle + 2_000] = np.random.default_rng(1).bytes(2_000)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(content))
    return path


@pytest.fixture
def run(ear, settings):
    def of(paths, out=None, form="text", resume=False, **asked):
        return transcribe(Asked(tuple(paths), form, out, resume, **asked), ear, EMPTY_VOCABULARY, settings)

    return of


def said(*warnings: str, words: tuple[Word, ...] = (Word(text="word", start_s=0.5, end_s=1.5),)) -> Dictation:
    text = " ".join(word.text for word in words)
    sentence = Sentence(id="s1", text=text, alignment=(Link(span=(0, len(text)), words=tuple(range(len(words)))),))
    heard = Transcript(recording="r", words=words, engine=Engine(name="test"), duration_s=2.0, warnings=warnings)
    return Dictation(sentences=(sentence,) if words else (), transcripts=(heard,))


@pytest.mark.parametrize("form", FORMS)
def test_a_result_that_is_kept_has_its_warnings_with_it(form, tmp_path, run):
    assert run([silent(tmp_path / "in/a.wav")], tmp_path / "out", form)
    ending = {"text": "txt"}.get(form, form)
    result, beside = tmp_path / f"out/a.wav.{ending}", tmp_path / f"out/a.wav.{ending}.warnings"
    where = result if form in IN_THEMSELVES else beside
    assert "it is silent from start to end" in where.read_text(encoding="utf-8")
    assert beside.exists() == (form not in IN_THEMSELVES)
    assert beside.suffix not in TEXT_ENDINGS, "a folder of results may be given to `report`"


def test_a_damaged_recording_is_marked_in_its_result(tmp_path, run, capsys):
    assert run([damaged(tmp_path / "in/a.mp3"), silent(tmp_path / "in/b.wav")], tmp_path / "out")
    assert "parts of it are damaged" in (tmp_path / "out/a.mp3.txt.warnings").read_text(encoding="utf-8")
    table = capsys.readouterr().err.partition("  warning ")[2]
    assert "a.mp3" in table and "b.wav" in table and "parts of it are damaged" in table
    assert "2 of 2 inputs have results with warnings." in table


def test_notes_of_webvtt_end_at_an_empty_line_and_hold_no_arrow():
    lines = rendered("vtt", "a.wav", said("a.wav: 0:01 --> 0:02: noise;\n\nlisten there."), EMPTY_VOCABULARY).split(
        "\n"
    )
    assert lines[:4] == ["WEBVTT", "", "NOTE warning: a.wav: 0:01 -> 0:02: noise; listen there.", ""]
    assert lines[4:] == ["00:00:00.500 --> 00:00:01.500", "word", ""]


def test_each_word_of_a_table_has_the_warnings_of_its_recording_and_none_is_a_formula():
    words = tuple(Word(text=text, start_s=at, end_s=at + 0.5) for at, text in enumerate(("one", "two")))
    rows = list(csv.DictReader(io.StringIO(rendered("csv", "a", said("=a: damaged.", words=words), EMPTY_VOCABULARY))))
    assert [row["word"] for row in rows] == ["one", "two"]
    assert {row["warnings"] for row in rows} == {"'=a: damaged."}
    (row,) = csv.DictReader(io.StringIO(rendered("csv", "a", said("silent.", words=()), EMPTY_VOCABULARY)))
    assert (row["type"], row["file"], row["word"], row["warnings"]) == ("NO_RT_METADATA", "a", "", "silent.")


@pytest.mark.parametrize(
    ("spoken", "why"), [("", "no words were made out"), ("no effusion scratch that", "taken back by the speaker")]
)
def test_an_empty_text_never_comes_without_a_warning(spoken, why, settings):
    """Whatever else is said of the recording: a clipped one may be empty as well."""
    words = tuple(Word(text=text, start_s=float(at), end_s=at + 0.5) for at, text in enumerate(spoken.split()))
    heard = Transcript(
        recording="r", words=words, engine=Engine(name="t"), duration_s=9.0, warnings=("it is clipped.",)
    )
    dictation = written_form(heard, EMPTY_VOCABULARY, settings)
    assert not dictation.text.strip()
    assert dictation.transcripts[0].warnings[0] == "it is clipped." and why in dictation.transcripts[0].warnings[1]


def test_resuming_keeps_the_warnings_lists_them_again_and_makes_what_lost_them_anew(tmp_path, run, capsys):
    files, out = [silent(tmp_path / f"in/{name}.wav") for name in "ab"], tmp_path / "out"
    assert run(files, out)
    capsys.readouterr()
    assert run(files, out, resume=True)
    told = capsys.readouterr().err
    assert "2 of 2 were done before" in told and "2 of 2 inputs have results with warnings." in told
    (out / "a.wav.txt.warnings").unlink()
    assert run(files, out, resume=True)
    assert "1 of 2 were done before" in capsys.readouterr().err and (out / "a.wav.txt.warnings").is_file()


def test_warnings_go_with_the_result_that_they_are_of(tmp_path, run):
    """A recorder gives a name again: the earlier result keeps its warnings, the new one has none of them."""
    file, out = silent(tmp_path / "in/a.wav"), tmp_path / "out"
    assert run([file], out)
    soundfile.write(file, clip("lungs"), SAMPLE_RATE)
    assert run([file], out)
    [kept] = out.glob("a.wav~*.txt.warnings")
    assert "silent" in kept.read_text(encoding="utf-8") and kept.with_suffix("").is_file()
    assert not (out / "a.wav.txt.warnings").exists() and "lungs" in (out / "a.wav.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", ["text", "html", "json", "jsonl"])
def test_a_report_says_in_itself_what_is_wrong_with_its_dictation(form, tmp_path, ear, settings):
    asked = Asked((silent(tmp_path / "in/a.wav"),), form, tmp_path / "out")
    assert report(asked, lambda: ear, ExtractiveWriter(), Beside(), settings)
    [result] = (tmp_path / "out").glob("a.wav.*")
    assert "it is silent from start to end" in result.read_text(encoding="utf-8")
    assert "text is empty" not in result.read_text(encoding="utf-8"), "which goes without saying"


def test_a_report_of_a_transcribed_text_has_the_warnings_that_lie_beside_it(tmp_path, settings, capsys):
    text = tmp_path / "in/a.wav.txt"
    text.parent.mkdir()
    text.write_text("No pneumothorax.", encoding="utf-8")
    text.with_name("a.wav.txt.warnings").write_text("a.wav: parts of it are damaged.\n", encoding="utf-8")
    asked = Asked((text.parent,), "json", tmp_path / "out")
    assert report(asked, lambda: pytest.fail("a text"), ExtractiveWriter(), Beside(), settings)
    assert [path.name for path in (tmp_path / "out").glob("*.json")] == ["a.wav.txt.json"]
    warnings = json.loads((tmp_path / "out/a.wav.txt.json").read_text(encoding="utf-8"))["warnings"]
    assert "a.wav: parts of it are damaged." in warnings


class Unsure:
    """A recognizer that is sure of no word that it heard."""

    def __init__(self, ear: MedASRRecognizer) -> None:
        self.engine, self._ear = ear.engine, ear

    def transcribe(self, *asked, **how):
        for id, heard in self._ear.transcribe(*asked, **how):
            words = tuple(word.model_copy(update={"confidence": 0.01}) for word in heard.words)
            yield id, heard.model_copy(update={"words": words})


@pytest.mark.parametrize("form", ["text", "html", "json", "jsonl"])
def test_a_report_names_the_words_to_check_and_the_run_says_how_many_and_none_of_them(
    form, tmp_path, ear, settings, capsys
):
    files = [tmp_path / f"in/{name}.wav" for name in ("a", "b")]
    files[0].parent.mkdir()
    soundfile.write(files[0], clip("lungs"), SAMPLE_RATE)
    silent(files[1])
    asked = Asked(tuple(files), form, tmp_path / "out")
    assert report(asked, lambda: Unsure(ear), ExtractiveWriter(), Beside(), settings)
    lines = [line for line in capsys.readouterr().err.splitlines() if "to check before signing" in line]
    [line] = lines
    [result], [empty] = (list((tmp_path / "out").glob(f"{name}.wav.*")) for name in ("a", "b"))
    text = result.read_text(encoding="utf-8")
    if form == "text":
        listed = text.partition("Check these words before signing:\n")[2].splitlines()
        assert listed and all("“" in one and "said at" in one for one in listed)
        assert "Check these words" not in empty.read_text(encoding="utf-8")
        return
    if form == "html":
        listed = [one.partition("</article>")[0] for one in text.split('<article class="card word"')[1:]]
        assert listed and all("check this word" in one and "play 0:0" in one for one in listed)
        assert f"{files[0]}: {len(listed)} word" in line
        assert "Word to check" not in empty.read_text(encoding="utf-8")
        return
    found = json.loads(text)
    words = found["doubtful_words"]
    assert json.loads(empty.read_text(encoding="utf-8"))["doubtful_words"] == []
    assert words and f"{files[0]}: {len(words)} word" in line
    for word in words:
        assert word["why"] == "unsure" and word["text"] in found["dictation"]["text"] and word["text"] not in line
        assert word["statement"] in {one["id"] for one in found["report"]["findings"]}
        assert 0 <= word["start_s"] < word["end_s"]


def test_a_file_of_warnings_that_no_run_noted_is_somebody_elses(tmp_path, run, capsys):
    file, out = silent(tmp_path / "in/a.wav"), tmp_path / "out"
    out.mkdir()
    (out / "a.wav.txt.warnings").write_text("mine", encoding="utf-8")
    assert not run([file], out)
    assert (out / "a.wav.txt.warnings").read_text(encoding="utf-8") == "mine"
    assert "a file that no run noted" in capsys.readouterr().err
