"""`dictation evaluate` on planted errors: what it counts, what it says it rests on, and what it writes."""

import csv
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dictation.errors import InputError, UsageError
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.settings import Settings
from dictation.speech import Engine, Transcript, Word
from pipelines.evaluate import Source, evaluate, sources
from pipelines.evaluation.hypotheses import read_hypotheses
from pipelines.evaluation.recordings import read_recordings
from pipelines.outputs import transcript_json
from pipelines.transcribe import written_form
from tests.pipelines.command_line import run
from tests.speech.tiny_lasr import CLIPS, SMALL_LASR

PLAIN = (
    "The heart is normal in size. The mediastinal contours are within normal limits. There is a small left pleural"
    " effusion. No pneumothorax. There is a 6 mm nodule in the right upper lobe. The bones are intact. The aorta is"
    " tortuous. The trachea is midline. Degenerative changes of the spine are noted. The stomach is unremarkable."
)
SPOKEN = "no pleural effusion period impression colon normal chest period"


def rows_into(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def recordings(folder: Path, count: int, **fields: str) -> list[dict[str, str]]:
    """Rows of a manifest. The sounds are never heard where hypotheses come from files."""
    rows = []
    for number in range(count):
        (folder / f"{number}.wav").write_bytes(f"sound {number}".encode())
        rows.append({"audio": f"{number}.wav", "text": PLAIN, "form": "written", "speaker": f"s{number // 2}"} | fields)
    return rows


def evaluated(folder: Path, rows: list[dict[str, str]], named: list[str] | None = None, **systems: list[str | None]):
    """Evaluate hypotheses in the order of `rows`; None leaves one out."""
    manifest = rows_into(folder / "manifest.csv", rows)
    files = [
        rows_into(
            folder / f"{label}.csv",
            [{"audio": row["audio"], "text": text} for row, text in zip(rows, texts, strict=True) if text is not None],
        )
        for label, texts in systems.items()
    ]
    return evaluate(manifest, sources(named or [], files), folder / "out", Settings())


def test_planted_errors_show_in_critical_words_and_claims_though_word_errors_hardly_move(tmp_path):
    rows = recordings(tmp_path, 12, kind="real")
    planted = [
        PLAIN.replace(*change)
        for change in (("left", "right"), ("No pneumothorax", "A pneumothorax"), ("6 mm", "16 mm"))
        for _ in range(4)
    ]
    found, whole = evaluated(tmp_path, rows, clean=[PLAIN] * 12, planted=planted)
    assert whole
    clean, wrong = (system.figures for system in found.systems)
    assert wrong["wer.written.clinical"].value < 0.03
    assert {name: wrong[f"critical.written.{name}"].count for name in ("side", "negation", "number")} == {
        "side": 4, "negation": 4, "number": 4,
    }  # fmt: skip
    assert wrong["critical.written.side"].value > 5 * wrong["wer.written.clinical"].value
    assert wrong["claims"].count >= 12
    assert clean["claims"].count == clean["critical.written.all"].count == clean["cer.raw.clinical"].count == 0
    assert {"laterality", "negation", "measurement"} <= set(found.systems[1].claim_kinds)


def test_what_is_failed_missing_or_empty_counts_as_every_word_deleted_and_is_counted_aloud(tmp_path, capsys):
    rows = recordings(tmp_path, 3)
    found, whole = evaluated(tmp_path, rows, partly=[PLAIN, "", None])
    figure = found.systems[0].figures["wer.written.whisper_english"]
    assert (figure.count, figure.value) == (figure.of * 2 // 3, pytest.approx(2 / 3))
    assert found.systems[0].states == {"heard": 1, "empty": 1, "missing": 1}
    shown = capsys.readouterr()
    assert "1 missing, 1 empty" in shown.out
    assert "partly: nothing for 2.wav; counted as every word deleted." in shown.err
    assert not whole
    assert found.systems[0].bursts["written"] == {figure_words(tmp_path): 2}


def figure_words(folder: Path) -> int:
    first = json.loads((folder / "out" / "alignments.jsonl").read_text(encoding="utf-8").splitlines()[0])
    return sum(kind != "insertion" for kind, _, _ in first["steps"])


def test_a_recording_in_which_nobody_speaks_counts_every_word_as_invented(tmp_path):
    rows = recordings(tmp_path, 2)
    soundfile.write(tmp_path / "quiet.wav", np.zeros(30 * 16_000), 16_000)
    rows.append({"audio": "quiet.wav", "text": "", "form": "silent", "speaker": "s0"})
    found, is_whole = evaluated(tmp_path, rows, one=[PLAIN, PLAIN, "thanks for watching"])
    (system,) = found.systems
    assert is_whole and found.basis.recordings == 3
    assert (system.figures["silence"].count, system.figures["silence"].value) == (3, 6.0)
    assert system.figures["wer.written.clinical"].count == 3
    rows[-1]["text"] = "No effusion."
    shutil.rmtree(tmp_path / "out")
    found, is_whole = evaluated(tmp_path, rows, one=[PLAIN, PLAIN, ""])
    assert not is_whole and found.basis.recordings == 2


def test_raw_output_and_the_text_after_wording_are_held_against_their_own_form(tmp_path):
    rows = recordings(tmp_path, 2, text="", spoken=SPOKEN, written="No pleural effusion.\n\nImpression: Normal chest.")
    found, _ = evaluated(
        tmp_path, rows, said=[SPOKEN] * 2, printed=["No pleural effusion. Impression: Normal chest."] * 2
    )
    said, printed = (system.figures for system in found.systems)
    assert said["wer.raw.clinical"].count == said["wer.written.clinical"].count == 0
    assert printed["wer.raw.medasr_quick_start"].count > 0
    assert printed["wer.written.medasr_quick_start"].count == 0


def test_a_spoken_reference_alone_gets_its_written_form_by_the_rules_of_wording(tmp_path):
    found, _ = evaluated(tmp_path, recordings(tmp_path, 2, text=SPOKEN, form="spoken"), same=[SPOKEN] * 2)
    assert found.systems[0].figures["cer.written.clinical"].value == 0


def test_marked_commands_of_medasr_are_read_though_they_touch_a_word(tmp_path):
    marked = "No pleural effusion{period} [IMPRESSION] normal chest{period}</s>"
    rows = recordings(tmp_path, 2, text="No pleural effusion.\n\nImpression: Normal chest.")
    found, _ = evaluated(tmp_path, rows, marked=[marked] * 2)
    assert found.systems[0].figures["cer.written.whisper_english"].value == 0


def test_a_hypothesis_of_another_folder_is_nobodys_and_a_bare_name_may_have_another_audio_ending(tmp_path, capsys):
    rows = recordings(tmp_path, 3)
    manifest = rows_into(tmp_path / "manifest.csv", rows)
    names = ("elsewhere/0.wav", "1.mp3", "2.left")
    one = rows_into(tmp_path / "one.csv", [{"audio": name, "text": PLAIN} for name in names])
    found, whole = evaluate(manifest, sources([], [one]), tmp_path / "out", Settings())
    assert not whole and found.systems[0].states == {"missing": 2, "heard": 1}
    assert capsys.readouterr().err.count("its recording is not in the manifest") == 2


@pytest.fixture
def strict(monkeypatch):
    """Measuring that breaks at the word "breaks"."""
    from pipelines.evaluation import measuring

    tally = measuring.term_tally

    def strict(said: str, heard: str):
        if "breaks" in said + heard:
            raise RecursionError(said + heard)
        return tally(said, heard)

    monkeypatch.setattr(measuring, "term_tally", strict)


def test_a_text_that_breaks_the_measuring_counts_as_lost_and_the_others_stay(tmp_path, capsys, strict):
    rows = recordings(tmp_path, 3)
    found, whole = evaluated(tmp_path, rows, one=[PLAIN, "this breaks", PLAIN])
    said = capsys.readouterr().err
    assert not whole and found.systems[0].states == {"heard": 2, "failed": 1}
    assert "one: the text for 1.wav could not be measured: breaks it (RecursionError)" in said and "this" not in said
    assert found.systems[0].figures["wer.written.clinical"].value == pytest.approx(1 / 3)


def test_a_winner_that_depends_on_the_normaliser_is_said_to(tmp_path, capsys):
    rows = recordings(tmp_path, 8, text="Nodule of 1.5 cm in the right lobe.")
    joined = ["Nodule of 15 cm in the right lobe."] * 8  # the same where points are deleted
    other = ["Nodule of 1.5 cm in the right globe." if number < 5 else rows[0]["text"] for number in range(8)]
    found, _ = evaluated(tmp_path, rows, joined=joined, other=other)
    [line] = [
        line for line in capsys.readouterr().out.splitlines() if line.startswith("joined and other, after wording")
    ]
    assert "THE WINNER DEPENDS ON THE NORMALISER" in line
    assert "joined under medasr_fine_tune" in line
    assert line in found.remarks
    assert "<strong>THE WINNER DEPENDS" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_differences_are_corrected_for_every_comparison_made(tmp_path):
    rows = recordings(tmp_path, 16)
    worse = [PLAIN.replace("heart", "hard")] * 16
    found, _ = evaluated(
        tmp_path, rows, good=[PLAIN] * 16, worse=worse, worst=[text.replace("bones", "stones") for text in worse]
    )
    tested = [one for one in found.comparisons if one.p is not None]
    assert {(one.first, one.second) for one in tested} == {("good", "worse"), ("good", "worst"), ("worse", "worst")}
    least = min(tested, key=lambda one: one.p)
    assert least.p_corrected == pytest.approx(min(1, least.p * len(tested)))
    assert all(one.p_corrected >= one.p for one in tested)
    one = next(one for one in tested if one.measure == "wer.written.clinical" and one.second == "worst")
    assert one.winner == "good" and one.value < 0 and one.low <= one.value <= one.high


def test_groups_rest_on_their_own_recordings(tmp_path):
    rows = recordings(tmp_path, 4)
    for row, device in zip(rows, ("desk", "desk", "phone", ""), strict=True):
        row["device"] = device
    found, _ = evaluated(tmp_path, rows, one=[PLAIN, PLAIN, "", PLAIN])
    by_device = {group.value: group for group in found.groups if group.column == "device"}
    assert list(by_device) == ["desk", "phone", "not stated"]
    assert by_device["phone"].figures["one"]["wer.written.clinical"].value == 1
    assert by_device["desk"].basis.speakers == 1


def test_the_page_stands_alone_and_hostile_text_is_only_shown(tmp_path):
    evil = "</style><script>alert(1)</script><img src=x onerror=alert(2)>"
    rows = recordings(tmp_path, 2, speaker=evil, accent=evil, id=f'">{evil}')
    rows[1] |= {"id": "two", "accent": "none"}
    evaluated(tmp_path, rows, **{"<b>": [f"{evil} effusion", PLAIN]})
    html = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"<(script|img|link|iframe|object|b>=)", html) and not re.search(
        r"""(src|href)=["'](?!#)""", html
    )
    assert "default-src 'none'" in html and "url(" not in html and "@import" not in html
    assert "onerror=alert(2)&gt;" in html and "&lt;b&gt;" in html and html.count("</style>") == 1
    assert "prefers-color-scheme: dark" in html


UNUSABLE = [
    ({"form": ""}, "line 4: it does not say what form its text has; give a column 'form'"),
    ({"form": "sung"}, "line 5: its form 'sung' is none"),
    ({"kind": "fake"}, "line 6: its 'kind' is neither real nor synthetic"),
    ({"sha256": "0" * 64}, "line 7: 5.wav is not the file whose sha256 it states"),
    ({"audio": "0.wav"}, "line 8: it is the same recording as line 2"),
    ({"start_s": "1"}, "line 9: whole files are heard and it labels a part of one"),
    ({"audio": "gone.wav"}, "line 10: the column 'audio' names no file"),
]


def test_a_line_that_cannot_be_used_is_named_with_the_fix_and_the_rest_goes_on(tmp_path, capsys):
    rows = recordings(tmp_path, 2 + len(UNUSABLE))
    for row, (change, _) in zip(rows[2:], UNUSABLE, strict=True):
        row |= change
    manifest = rows_into(tmp_path / "manifest.csv", rows)
    one = rows_into(tmp_path / "one.csv", [{"audio": f"{n}.wav", "text": PLAIN} for n in range(2)])
    found, whole = evaluate(manifest, sources([], [one]), tmp_path / "out", Settings())
    said = capsys.readouterr().err
    assert [why for _, why in UNUSABLE if why not in said] == []
    assert (found.basis.recordings, found.unused_lines, whole) == (2, len(UNUSABLE), False)


def test_a_manifest_without_a_usable_line_and_bad_hypotheses_are_refused(tmp_path, capsys):
    rows = recordings(tmp_path, 2, form="")
    manifest = rows_into(tmp_path / "manifest.csv", rows)
    with pytest.raises(InputError, match=r"no line can be used, as in: .*line 2: it does not say what form"):
        evaluate(manifest, [Source("a", "whisper")], tmp_path / "out", Settings())
    bad = tmp_path / "bad.jsonl"
    bad.write_text(
        '{"id": "0.wav", "text": "x"}\n{"id": "0.wav", "text": "y"}\n{"id": "9", "text": "y"}\n'
        '{"text": "z"}\n{"id": "1.wav"}\n'
    )
    _, whole = evaluate(manifest, sources([], [bad]), tmp_path / "out", Settings(), form="written")
    said = capsys.readouterr().err
    assert not whole
    for line, why in (
        (2, "an earlier line has the same recording"),
        (3, "its recording is not in the manifest"),
        (4, "it names no recording"),
        (5, "it has no 'text'"),
    ):
        assert f"bad.jsonl, line {line}: {why}" in said


@pytest.mark.parametrize(
    ("recognizers", "files", "why"),
    [
        (["whisper", "whisper:folder"], [], "two systems are called 'whisper'"),
        (["whisper"], ["whisper.csv"], "two systems are called 'whisper'"),
        (["mine=siri"], [], "'siri' is no recognizer; write LABEL=NAME:MODEL"),
        (["=whisper"], [], "write LABEL=NAME:MODEL"),
    ],
)
def test_systems_that_make_no_sense_are_refused(recognizers, files, why):
    with pytest.raises(UsageError, match=re.escape(why)):
        sources(recognizers, [Path(file) for file in files])


def test_systems_are_named_as_label_name_model():
    assert sources(["big=whisper:C:/m=1", "medasr"], []) == [
        Source("big", "whisper", "C:/m=1"),
        Source("medasr", "medasr"),
    ]
    assert sources([], []) == [Source("auto", "auto")]


@pytest.fixture
def heard(tmp_path):
    """A manifest of four real recordings, and a small MedASR under two labels."""
    texts = {
        "lungs": "The lungs are clear",
        "effusion": "No pleural effusion or pneumothorax",
        "nodule": "There is a six millimeter nodule in the right upper lobe",
        "impression": "Impression: No acute finding",
    }
    return [
        {"audio": str(clip), "text": texts[clip.stem], "form": "spoken", "speaker": clip.stem, "kind": "synthetic"}
        for clip in CLIPS
    ]


def test_an_interrupted_evaluation_goes_on_and_hears_nothing_twice(heard, tmp_path, capsys, monkeypatch):
    ear = [f"small=medasr:{SMALL_LASR}"]
    whole, _ = evaluate(rows_into(tmp_path / "m.csv", heard), sources(ear, []), tmp_path / "whole", Settings())
    out = tmp_path / "out"
    monkeypatch.setattr("pipelines.evaluation.hearing.Heard.keep", _interrupted(after=2))
    with pytest.raises(KeyboardInterrupt):
        evaluate(tmp_path / "m.csv", sources(ear, []), out, Settings())
    monkeypatch.undo()
    with (out / "heard.jsonl").open("a") as file:
        file.write('{"by": "half a li')
    with pytest.raises(UsageError, match="it holds an evaluation; go on with --resume"):
        evaluate(tmp_path / "m.csv", sources(ear, []), out, Settings())
    capsys.readouterr()
    resumed, _ = evaluate(tmp_path / "m.csv", sources(ear, []), out, Settings(), resume=True)
    assert f"small: 2 of {len(CLIPS)} were heard before." in capsys.readouterr().err
    assert _timeless(resumed) == _timeless(whole)
    evaluate(tmp_path / "m.csv", sources(ear, []), out, Settings(), resume=True)
    assert f"small: {len(CLIPS)} of {len(CLIPS)} were heard before." in capsys.readouterr().err
    assert (out / "heard.jsonl").stat().st_mode & 0o077 == 0


def _interrupted(after: int):
    from pipelines.evaluation.hearing import Heard

    keep, kept = Heard.keep, []

    def interrupted(self, by, recording, heard):
        if len(kept) == after:
            raise KeyboardInterrupt
        kept.append(by)
        keep(self, by, recording, heard)

    return interrupted


def _timeless(found) -> dict:
    value = found.model_dump()
    for system in value["systems"]:
        system["figures"].pop("speed")
    return value


def test_what_transcribe_wrote_measures_as_the_recognizer_itself(heard, tmp_path):
    transcribed = run("transcribe", *CLIPS, "--recognizer", "medasr", "--model", SMALL_LASR, "--format", "jsonl")
    (tmp_path / "file.jsonl").write_text(transcribed.stdout, encoding="utf-8")
    named = sources([f"ear=medasr:{SMALL_LASR}"], [tmp_path / "file.jsonl"])
    found, whole = evaluate(rows_into(tmp_path / "m.csv", heard), named, tmp_path / "out", Settings())
    ear, file = found.systems
    assert whole and file.states == {"heard": len(CLIPS)}
    ours = {name: figure for name, figure in ear.figures.items() if name not in ("speed", "silence")}
    assert file.figures == ours and file.bursts == ear.bursts and file.claim_kinds == ear.claim_kinds
    assert file.reliability == ear.reliability and file.reliability.bins


def test_a_term_that_transcribe_put_right_is_what_was_heard_again(tmp_path):
    texts = ("(Pneumo", "thorax),", "plural", "effusion", "no", "change")
    words = tuple(
        Word(text=text, start_s=n, end_s=n + 1, confidence=sure)
        for n, (text, sure) in enumerate(zip(texts, (0.4, 0.8, 0.5, 0.9, 0.7, 0.6), strict=True))
    )
    heard = Transcript(recording="", words=words, engine=Engine(name="ear"), duration_s=6)
    line = transcript_json("0.wav", written_form(heard, EMPTY_VOCABULARY, Settings()), EMPTY_VOCABULARY)
    assert len(line["words"]) == 5  # "pneumothorax" is one
    other = {**line, "path": "1.wav", "words": line["words"][::-1]}
    theirs = {"path": "2.wav", "text": "No change.", "words": [{"word": "No", "probability": 0.5}]}
    file = tmp_path / "one.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in (line, other, theirs)), encoding="utf-8")
    labelled, _, _ = read_recordings(rows_into(tmp_path / "m.csv", recordings(tmp_path, 3)), Settings())
    found, errors = read_hypotheses(file, labelled)
    assert errors == [] and found["0.wav"].written == line["text"] and "neumothorax" in line["text"]
    got = found["0.wav"].transcript.words
    assert [word.text for word in got] == list(texts)
    assert [word.confidence for word in got] == [0.4, 0.4, 0.5, 0.9, 0.7, 0.6]
    for id, spoken in (("1.wav", " ".join(texts)), ("2.wav", "No change.")):  # words of another text give nothing
        assert found[id].transcript.spoken == spoken
        assert all(word.confidence is None for word in found[id].transcript.words)


def test_a_folder_of_text_files_is_measured_as_a_table_is(tmp_path):
    rows = recordings(tmp_path, 3)
    manifest = rows_into(tmp_path / "m.csv", rows)
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "below").mkdir()
    (folder / "below" / "0.wav.txt").write_text(f"{PLAIN}\n", encoding="utf-8")  # as `transcribe --out` names it
    (folder / "1.txt").write_bytes(b"\xff\xfe\x00")
    (folder / "other.txt").write_text(PLAIN, encoding="utf-8")
    (folder / "._0.txt").write_text("what another system keeps", encoding="utf-8")
    done = run("evaluate", manifest, "--hypotheses", folder, "--out", tmp_path / "out", check=1)
    assert "1.txt: it cannot be read as UTF-8" in done.stderr and "other.txt: its recording is not" in done.stderr
    assert "theirs: nothing for 1.wav, 2.wav" in done.stderr
    (folder / "1.txt").unlink()
    (folder / "below" / "0.wav.txt").unlink()
    (folder / "other.txt").unlink()
    gone = run("evaluate", manifest, "--hypotheses", folder, "--out", tmp_path / "b", check=1)
    assert "no text file (.txt)" in gone.stderr


def test_a_recording_that_cannot_be_heard_fails_alone_and_the_same_engine_stands_twice(heard, tmp_path, capsys):
    (tmp_path / "text.wav").write_text("this is no sound")
    spoken, rate = soundfile.read(CLIPS[0])
    soundfile.write(tmp_path / "silence.wav", np.concatenate([spoken, np.zeros(5 * rate)]), rate)
    heard[0]["audio"] = "silence.wav"
    heard.append({"audio": "text.wav", "text": "Normal.", "form": "spoken", "speaker": "s", "kind": "synthetic"})
    named = sources([f"one=medasr:{SMALL_LASR}", f"two=medasr:{SMALL_LASR}"], [])
    found, whole = evaluate(rows_into(tmp_path / "m.csv", heard), named, tmp_path / "out", Settings())
    assert not whole
    one, two = found.systems
    assert one.states == {"heard": len(CLIPS), "failed": 1}
    assert one.figures["wer.raw.clinical"] == two.figures["wer.raw.clinical"]
    assert one.figures["speed"].value > 0 and one.figures["speed"].low is None
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "It has no interval: it is the time of one run" in page
    assert one.figures["silence"].value == 0 and 3000 < one.figures["silence"].of <= 5000
    assert one.engine.name == "medasr" and one.reliability.bins and 0 <= one.reliability.error <= 1
    assert "text.wav" in capsys.readouterr().err
