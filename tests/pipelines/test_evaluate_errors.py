"""What `dictation evaluate` says of single errors: their kind, their grade, how they sound and where words are gone."""

import base64
import io
import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pydantic import SecretStr

from dictation.case import choose_judge
from dictation.errors import MissingError
from dictation.evaluation import GRADES
from dictation.settings import Settings
from pipelines.evaluate import evaluate, sources
from pipelines.evaluation.page import POLICY
from pipelines.evaluation.sounds import around
from tests.models.local_chat import KEY, LocalChat, Said
from tests.pipelines.command_line import run
from tests.pipelines.test_evaluate import PLAIN, evaluated, recordings, rows_into

RATE = 16_000
SAID = "There is a small left pleural effusion. The heart is normal in size today. The bones are intact."


def tone(path: Path, seconds: float) -> Path:
    soundfile.write(path, 0.3 * np.sin(np.arange(round(seconds * RATE)) * 0.2), RATE)
    return path


def sounding(folder: Path, texts: list[str], said: str = SAID, seconds: float = 25.0, **fields: str) -> Path:
    """A manifest of recordings of a tone, and what a system heard in them, a word a second."""
    rows, heard = [], []
    for number, text in enumerate(texts):
        tone(folder / f"{number}.wav", seconds + number / 10)
        rows.append({"audio": f"{number}.wav", "text": said, "form": "written", "speaker": f"s{number}"} | fields)
        words = [{"text": one, "start_s": at, "end_s": at + 0.8} for at, one in enumerate(text.split())]
        heard.append({"path": f"{number}.wav", "spoken": text, "text": text, "words": words})
    (folder / "one.jsonl").write_text("".join(json.dumps(one) + "\n" for one in heard), encoding="utf-8")
    return rows_into(folder / "m.csv", rows)


def page_of(folder: Path) -> str:
    return (folder / "out" / "report.html").read_text(encoding="utf-8")


def evaluated_sounds(folder: Path, texts: list[str], **given):
    manifest = sounding(folder, texts, **given)
    return evaluate(manifest, sources([], [folder / "one.jsonl"]), folder / "out", Settings())[0]


def players(page: str) -> list[bytes]:
    found = re.findall(r'<audio controls preload="none" [^>]*src="data:audio/mpeg;base64,([^"]+)"', page)
    return [base64.b64decode(one) for one in found]


def test_substitutions_deletions_and_insertions_stand_apart_and_add_up(tmp_path, capsys):
    rows = recordings(tmp_path, 4)
    wrong = PLAIN.replace("bones", "stones").replace("small ", "").replace("spine", "spine today")
    found, _ = evaluated(tmp_path, rows, one=[wrong, wrong, PLAIN, PLAIN])
    figures = found.systems[0].figures
    for stage in ("raw", "written"):
        kinds = [figures[f"{kind}.{stage}"] for kind in ("substitutions", "deletions", "insertions")]
        assert [one.count for one in kinds] == [2, 2, 2] and all(one.high is not None for one in kinds)
        assert sum(one.count for one in kinds) == figures[f"wer.{stage}.clinical"].count
    shown = capsys.readouterr().out.splitlines()
    heads = next(line for line in shown if "substitutions" in line)
    assert heads.split() == ["system", "substitutions", "deletions", "insertions", "could", "change", "care"]
    assert all(len(line) <= 120 for line in shown if line.startswith(("system", "one ")))
    assert "By kind, after wording, clinical" in page_of(tmp_path)


def test_the_words_of_all_grades_are_the_word_errors(tmp_path):
    rows = recordings(tmp_path, 4)
    changed = PLAIN.replace("left", "right").replace("The bones", "A bones").replace("tortuous", "tortured")
    found, _ = evaluated(tmp_path, rows, one=[changed, "", PLAIN, None])
    system = found.systems[0]
    words = {grade: system.figures[f"errors.{grade.replace(' ', '_')}"].count for grade in GRADES}
    assert sum(words.values()) == system.figures["wer.written.clinical"].count
    assert system.grades["harmless"] == words["harmless"] == 1 and system.grades["could change care"] >= 3
    assert found.judge is None and "graded by the tables" not in page_of(tmp_path)
    assert "Graded by the tables." in page_of(tmp_path)


def test_confusions_are_counted_with_their_grade_and_their_places(tmp_path):
    rows = recordings(tmp_path, 3)
    heard = [PLAIN.replace("left", "right"), PLAIN.replace("left", "right"), PLAIN.replace("bones", "stones")]
    found, _ = evaluated(tmp_path, rows, one=heard)
    first, second = found.systems[0].confusions
    assert (first.said, first.heard, first.count, first.kind, first.grade) == (
        "left", "right", 2, "substitution", "could change care",
    )  # fmt: skip
    assert [(place.recording, place.start_s) for place in first.places] == [("0.wav", None), ("1.wav", None)]
    assert (second.said, second.heard, second.count) == ("bones", "stones", 1)
    page = page_of(tmp_path)
    assert players(page) == [] and "voices of those who spoke" not in page
    assert '<span class="wrong"><b>≠</b>left</span>' in page and "<strong>could change care</strong>" in page


def test_each_confusion_has_up_to_three_players_with_a_margin(tmp_path):
    heard = SAID.replace("left", "right").replace("today", "away")
    found = evaluated_sounds(tmp_path, [heard] * 5)
    care, minimal = found.systems[0].confusions
    assert (care.count, minimal.said) == (5, "today")
    assert [(place.start_s, place.end_s) for place in care.places] == [(4.0, 4.8)] * 5
    page = page_of(tmp_path)
    sounds = players(page)
    assert len(sounds) == 6 and "and 2 more" in page
    for one in sounds:
        samples, rate = soundfile.read(io.BytesIO(one))
        assert rate == RATE and samples.ndim == 1 and len(samples) / RATE == pytest.approx(1.8, abs=0.2)
        assert 0.15 < np.abs(samples).max() < 0.5
    assert "voices of those who spoke" in page and f'content="{POLICY}"' in page
    assert POLICY == "default-src 'none'; style-src 'unsafe-inline'; media-src data:; img-src data:"
    assert "<script" not in page and not re.search(r'(src|href)="(?!data:)', page)


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_page_is_made_though_a_recording_is_gone_or_no_sound(tmp_path, monkeypatch, is_gone):
    from pipelines import evaluate as module

    manifest = sounding(tmp_path, ["There is a small left effusion.", SAID.replace("left", "right")])
    made = module.evaluation_page

    def vanish(*given):
        (tmp_path / "0.wav").unlink() if is_gone else (tmp_path / "0.wav").write_bytes(b"RIFF no sound")
        return made(*given)

    monkeypatch.setattr(module, "evaluation_page", vanish)
    evaluate(manifest, sources([], [tmp_path / "one.jsonl"]), tmp_path / "out", Settings())
    page = page_of(tmp_path)
    assert "Its sound could not be read any more." in page and len(players(page)) == 1


def test_a_margin_stays_within_the_recording_and_a_long_part_is_cut():
    assert around((0.2, 1.0)) == (0.0, 1.5) and around((10.0, 90.0), 10.0) == (9.5, 19.5)


def test_without_mp3_nothing_is_heard_and_the_fix_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(soundfile, "available_formats", lambda: {"WAV": "WAV"})
    with pytest.raises(MissingError, match="needs a libsndfile that writes MP3"):
        evaluated(tmp_path, recordings(tmp_path, 1), one=[PLAIN])


HEARD = [SAID.replace("today", "away"), SAID.replace("today", "away"), SAID.replace("left", "right")]


def asked(folder: Path, server: LocalChat, resume: bool = False):
    """The evaluation with a judge that is a server."""
    settings = Settings(endpoint_url=server.url, endpoint_model="medgemma", endpoint_key=SecretStr(KEY))
    judge, named = choose_judge("endpoint", settings), sources([], [folder / "one.csv"])
    return evaluate(folder / "m.csv", named, folder / "out", settings, resume, judge=judge)[0]


def judging(folder: Path) -> None:
    rows = [row | {"text": SAID} for row in recordings(folder, 3)]
    rows_into(folder / "m.csv", rows)
    rows_into(
        folder / "one.csv", [{"audio": row["audio"], "text": text} for row, text in zip(rows, HEARD, strict=True)]
    )


def shares(**shares: float) -> Said:
    tokens = [{"token": token, "logprob": math.log(share)} for token, share in shares.items()]
    return Said("Care", ended="length", logprobs={"content": [{"top_logprobs": tokens}]})


def test_a_judge_grades_each_error_that_the_tables_call_minimal_once(tmp_path, capsys):
    judging(tmp_path)
    with LocalChat(shares(Harmless=0.1, Minimal=0.2, Care=0.7)) as server:
        found, again = asked(tmp_path, server), asked(tmp_path, server, resume=True)
    [request] = server.requests  # two places, one question; a changed side is not asked about, and nothing twice
    assert again.systems[0].confusions == found.systems[0].confusions and again.judge == found.judge
    prompt = json.dumps(request["messages"])
    assert "heart is normal in size today" in prompt and "bones" not in prompt
    assert {(one.said, one.grade) for one in found.systems[0].confusions} == {
        ("today", "could change care"), ("left", "could change care"),
    }  # fmt: skip
    assert found.systems[0].figures["errors.minimal"].count == 0
    assert found.systems[0].figures["errors.could_change_care"].count == 3
    assert (found.judge.engine.model, found.judge.asked, found.judge.not_assessed) == ("medgemma", 1, 0)
    assert "endpoint medgemma (1 questions)" in page_of(tmp_path) and "endpoint medgemma" in capsys.readouterr().out


def test_a_judge_that_gives_no_answer_leaves_the_grade_and_is_counted(tmp_path):
    judging(tmp_path)
    with LocalChat(Said("Hm", ended="length"), shares(Harmless=0.9, Minimal=0.05, Care=0.05)) as server:
        found = asked(tmp_path, server)
        assert (found.judge.asked, found.judge.not_assessed) == (1, 1)
        assert found.systems[0].figures["errors.minimal"].count == 2 and "1 of them not assessed" in page_of(tmp_path)
        assert asked(tmp_path, server, resume=True).systems[0].figures["errors.harmless"].count == 2


@pytest.mark.parametrize(
    ("judge", "code", "fix"),
    [
        ("endpoint", 3, "set DICTATION_ENDPOINT_URL"),
        ("medgemma=no-such-folder/", 3, "no-such-folder"),
        ("gpt", 2, "'gpt' is no judge; choose one of none, medgemma, endpoint"),
        ("none=x", 2, "the judge 'none' has no models"),
    ],
)
def test_a_judge_that_is_not_there_is_said_before_anything_is_heard(tmp_path, judge, code, fix):
    judging(tmp_path)
    one = tmp_path / "one.csv"
    done = run(
        "evaluate", tmp_path / "m.csv", "--hypotheses", one, "--judge", judge, "--out", tmp_path / "o", check=code
    )
    assert fix in done.stderr and done.stdout == "" and not (tmp_path / "o").exists()
