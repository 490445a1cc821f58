"""`dictation live`: sound on stdin or in a file becomes text, and none of it is lost whatever happens meanwhile."""

import hashlib
import io
import json
import os
import re
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
import soxr

from dictation.audio import SAMPLE_RATE, Journal, Recording, unfinished
from dictation.errors import InputError, MissingError, UsageError
from dictation.lexicon import EMPTY_VOCABULARY, Phrase, Vocabulary
from dictation.settings import Settings
from dictation.speech import Word
from dictation.speech.live.events import Final, Notice, Partial
from dictation.speech.live.session import LiveSession
from dictation.speech.recognizer import Job
from pipelines import live_listening, live_sound, live_view
from pipelines.live import live
from pipelines.live_sound import BLOCK_SAMPLES
from tests.audio.audio_files import DATA, clip, pause, pcm
from tests.waiting import WAIT_S, until

WORDS = ("no", "pleural", "effusion", "pneumothorax")  # of the clip "effusion"


@pytest.fixture
def home(tmp_path) -> Settings:
    return Settings(home=tmp_path / "home")


def captures(settings: Settings) -> list[Path]:
    return sorted((settings.home / "captures").glob("*"))


def dictated() -> np.ndarray:
    return np.concatenate([clip("effusion"), pause(1.0)])


@contextmanager
def stdin(monkeypatch, *pieces: bytes | float | Callable[[], object]) -> Iterator[None]:
    """A microphone's program: bytes are sent, seconds are waited, what can be called is called; then it ends."""
    reading, writing = os.pipe()

    def send() -> None:
        with suppress(BrokenPipeError), os.fdopen(writing, "wb", buffering=0) as pipe:
            for piece in pieces:
                if isinstance(piece, bytes):
                    pipe.write(piece)
                elif callable(piece):
                    piece()
                else:
                    time.sleep(piece)

    sender = threading.Thread(target=send)
    with os.fdopen(reading, "rb") as pipe:
        monkeypatch.setattr(sys, "stdin", pipe)
        sender.start()
        yield
    sender.join()


def run(ear, settings: Settings, source: str = "-", form: str = "text", out: Path | None = None, **options) -> bool:
    return live(source, lambda: ear, EMPTY_VOCABULARY, settings, form, out, **options)


def holds(home: Settings, seconds: float) -> bool:
    """Whether so much sound is in a capture."""
    return any(path.stat().st_size >= 2 * seconds * SAMPLE_RATE for path in captures(home))


def press_ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_a_file_becomes_the_text_of_its_dictation_and_the_capture_goes(ear, home, capsys):
    assert run(ear, home, str(DATA / "effusion.flac"))
    text = capsys.readouterr().out
    assert [word for word in WORDS if word not in text.lower()] == []
    assert captures(home) == []


@pytest.mark.parametrize("rate_hz", [8_000, 48_000])
def test_samples_on_stdin_are_heard_whatever_their_rate(ear, home, capsys, monkeypatch, rate_hz):
    sound = soxr.resample(dictated(), SAMPLE_RATE, rate_hz)
    with stdin(monkeypatch, pcm(sound)):
        assert run(ear, home, form="jsonl", rate_hz=rate_hz)
    whole = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert whole["event"] == "transcript"
    assert whole["duration_s"] == pytest.approx(len(dictated()) / SAMPLE_RATE, abs=0.01)
    assert sum(word in whole["text"].lower() for word in WORDS) >= 3  # a telephone cuts the s short


def test_events_come_as_lines_and_a_kept_capture_is_the_recording_of_the_transcript(
    ear, home, capsys, monkeypatch, tmp_path
):
    with stdin(monkeypatch, pcm(dictated())):
        assert run(ear, home, form="jsonl", out=tmp_path / "a.json", keep=True)
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {event["event"] for event in events} <= {"partial", "final", "notice", "transcript"}
    finals = [word for event in events if event["event"] == "final" for word in event["words"]]
    assert " ".join(word["text"] for word in finals) == events[-1]["spoken"]
    (capture,) = captures(home)
    assert unfinished(capture.parent) == []
    written = json.loads((tmp_path / "a.json").read_text())
    assert {"event": "transcript", **written} == events[-1]
    np.testing.assert_allclose(Recording(capture).samples(), dictated(), atol=1e-4)


def test_the_transcript_names_the_capture_by_its_bytes(ear, home, monkeypatch):
    from pipelines import live as module

    heard, written_form = [], module.written_form
    monkeypatch.setattr(module, "written_form", lambda *given: heard.append(given[0]) or written_form(*given))
    with stdin(monkeypatch, pcm(dictated())):
        assert run(ear, home, keep=True)
    (capture,) = captures(home)
    assert heard[0].recording == hashlib.sha256(capture.read_bytes()).hexdigest()


@pytest.mark.realtime
def test_a_microphone_that_falls_silent_is_told_with_its_seconds_and_loses_nothing(ear, home, capsys, monkeypatch):
    monkeypatch.setattr(live_listening, "SILENT_S", 0.2)
    sound = pcm(dictated())
    with stdin(monkeypatch, sound[:20_001], 0.8, sound[20_001:]):
        assert run(ear, home, form="jsonl", keep=True)
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [event["text"] for event in events if event["event"] == "notice" and event["kind"] == "gap"]
    assert "check the microphone" in told[0] and re.search(r"none came for \d+ s", told[1])
    assert told[1] in events[-1]["warnings"]
    assert len(Recording(captures(home)[0]).samples()) == len(dictated())
    assert [word for word in WORDS if word not in events[-1]["text"].lower()] == []


def test_no_sound_at_all_is_one_sentence_and_leaves_no_capture(ear, home, monkeypatch):
    with stdin(monkeypatch), pytest.raises(InputError, match="stdin gave no sound"):
        run(ear, home)
    assert captures(home) == []


def test_a_dictation_without_words_keeps_its_sound(ear, home, capsys, monkeypatch):
    with stdin(monkeypatch, pcm(pause(1.0))):
        assert run(ear, home)
    assert "No words were heard" in capsys.readouterr().err
    assert len(captures(home)) == 1


def test_what_cannot_be_used_is_said_before_anything_is_heard(ear, home, tmp_path, monkeypatch):
    with pytest.raises(InputError, match="no such file"):
        run(ear, home, str(tmp_path / "a.wav"))
    (tmp_path / "file").write_text("in the way")
    for out, says in ((tmp_path, "folder"), (tmp_path / "file" / "a.json", "--out"), (Path("/proc/a.json"), "--out")):
        with pytest.raises(UsageError, match=says):
            run(ear, home, str(DATA / "effusion.flac"), out=out)
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UsageError, match="stdin is closed"):
        run(ear, home)
    terminal, other = os.openpty()
    with os.fdopen(other) as typed, os.fdopen(terminal):
        monkeypatch.setattr(sys, "stdin", typed)
        with pytest.raises(UsageError, match="terminal"):
            run(ear, home)
    assert captures(home) == []


def test_an_ear_that_is_missing_keeps_what_was_said_meanwhile(home, capsys, monkeypatch):
    taken = threading.Event()

    def choose_ear():
        until(lambda: holds(home, 1.0))
        taken.set()
        raise MissingError("its weights are not here; get them.")

    with stdin(monkeypatch, pcm(dictated()), lambda: taken.wait(WAIT_S)), pytest.raises(MissingError):
        live("-", choose_ear, EMPTY_VOCABULARY, home, "text", None)
    (capture,) = unfinished(home.home / "captures")
    assert f"dictation live {capture}" in capsys.readouterr().err
    np.testing.assert_allclose(Recording(capture).samples(), dictated()[: len(Recording(capture).samples())], atol=1e-4)


def test_sound_that_was_stopped_takes_nothing_of_the_next(home, monkeypatch):
    sent = bytes(2**18)  # it comes faster than it is spoken, and waits
    with Journal.create(home.home / "captures", block_samples=1600) as journal, stdin(monkeypatch, sent):
        taking = live_sound.Taking(live_sound.Stdin(SAMPLE_RATE), journal, lambda: True)
        until(lambda: journal.duration_s >= 2.0)
        taking.stop()
        number = sys.stdin.fileno()
        reading, writing = os.pipe()
        os.dup2(reading, number)  # the next sound has the number of the last
        os.set_blocking(number, False)
        os.write(writing, b"next")
        until(lambda: not any(thread.name == "sound" for thread in threading.enumerate()))
        assert os.read(number, 9) == b"next"
    for one in (reading, writing):
        os.close(one)


def test_ctrl_c_ends_the_dictation_and_its_words_are_waited_for(ear, home, capsys, monkeypatch):
    monkeypatch.setattr("pipelines.live_listening.SILENT_S", 300.0)  # a busy machine is no silent microphone
    spoken_s = len(dictated()) / SAMPLE_RATE - 0.1
    ended = threading.Event()

    def press() -> None:
        until(lambda: holds(home, spoken_s))
        press_ctrl_c()
        ended.wait(WAIT_S)  # the microphone goes on

    with stdin(monkeypatch, pcm(dictated()), press):
        assert run(ear, home)
        ended.set()
    text = capsys.readouterr().out
    assert [word for word in WORDS if word not in text.lower()] == []
    assert captures(home) == []


def test_ctrl_c_twice_stops_at_once_and_the_capture_can_be_finished(ear, home, capsys, monkeypatch):

    class PressedAgain(LiveSession):
        def finish(self):  # while the words are waited for
            press_ctrl_c()
            return super().finish()

    def press() -> None:
        until(lambda: holds(home, 1.5 * len(dictated()) / SAMPLE_RATE))
        press_ctrl_c()

    monkeypatch.setattr(live_listening, "LiveSession", PressedAgain)
    with stdin(monkeypatch, pcm(np.tile(dictated(), 2)), press), pytest.raises(KeyboardInterrupt):
        run(ear, home)
    monkeypatch.setattr(live_listening, "LiveSession", LiveSession)
    (capture,) = unfinished(home.home / "captures")
    assert f"dictation live {capture}" in capsys.readouterr().err
    ((_, transcript),) = ear.transcribe([Job("a", Recording(capture), EMPTY_VOCABULARY)])
    assert [word for word in WORDS if word not in transcript.spoken.lower()] == []
    assert any("not finished" in warning for warning in transcript.warnings)
    assert run(ear, home, str(DATA / "effusion.flac"))
    assert f"dictation live {capture}" in capsys.readouterr().err  # the next start tells of it


def test_on_a_full_disk_what_was_said_before_is_heard(ear, home, capsys, monkeypatch):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    spoken = len(dictated())
    with stdin(monkeypatch, pcm(np.tile(dictated(), 2))):
        resource.setrlimit(resource.RLIMIT_FSIZE, (2 * spoken + 5_000, before[1]))
        try:
            assert not run(ear, home)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    shown = capsys.readouterr()
    assert [word for word in WORDS if word not in shown.out.lower()] == []
    assert re.search("captures: sound cannot be kept there .* free space", shown.err)
    assert shown.out.splitlines()[-1].startswith("[NOT COMPLETE")
    (capture,) = unfinished(home.home / "captures")
    assert f"for its text run: dictation live {capture}" in shown.err
    np.testing.assert_allclose(Recording(capture).samples()[:spoken], dictated(), atol=1e-4)


def test_a_reader_that_leaves_ends_the_dictation_and_its_sound_is_kept(ear, home, monkeypatch):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as left:
        monkeypatch.setattr(sys, "stdout", left)
        with stdin(monkeypatch, pcm(dictated())), pytest.raises(BrokenPipeError):
            run(ear, home, form="jsonl")
        monkeypatch.undo()
        left_open = left.fileno()
        os.dup2(os.open(os.devnull, os.O_WRONLY), left_open)  # what Python still holds for it can be let go
    assert len(unfinished(home.home / "captures")) == 1


def words(text: str, start_s: float) -> tuple[Word, ...]:
    return tuple(
        Word(text=word, start_s=start_s + 0.4 * number, end_s=start_s + 0.4 * number + 0.3, confidence=0.9)
        for number, word in enumerate(text.split())
    )


def test_a_terminal_shows_each_sentence_once_and_the_open_one_with_its_provisional_end(home, monkeypatch):
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setenv("COLUMNS", "40")
    terminal = live_view.Terminal(EMPTY_VOCABULARY, home)
    said = ["the lungs are clear period heart size", "is normal period no", "effusion period mild \x1b[31m edema"]
    for number, text in enumerate(said):
        terminal([Final(phrase=number, words=words(text, 5.0 * number), start_s=0, end_s=1)])
    terminal([Partial(phrase=3, words=words("no pneumothorax", 15), stable=1, heard_until_s=16)])
    terminal([Notice(kind="gap", text="Sound is missing.", start_s=3)])
    terminal.finish()
    lines = shown.getvalue().split("\n")
    closed = [line.split("\x1b[K")[-1] for line in lines[:-1]]
    assert closed == ["The lungs are clear.", "Heart size is normal.", "No effusion.", "Sound is missing.", ""]
    provisional = lines[3].split("\r\x1b[K")[-2]
    assert provisional.endswith("no \x1b[2mpneumothorax\x1b[0m")
    assert "\x1b[31m" not in shown.getvalue()
    plain = [re.sub(r"\x1b\[2m|\x1b\[0m", "", line) for line in re.split(r"\r\x1b\[K|\n", shown.getvalue())]
    assert max(map(len, plain)) < 40


def test_a_warning_keeps_the_sound_in_which_to_listen(ear, home, capsys, monkeypatch):
    with stdin(monkeypatch, pcm(dictated()) + b"\x01"):
        assert run(ear, home)
    (capture,) = captures(home)
    told = capsys.readouterr().err
    assert "ended inside a sample" in told and f"kept in {capture}, because of the warnings" in told
    assert unfinished(capture.parent) == []


def test_a_capture_that_was_left_behind_is_finished_as_it_would_have_been_live(ear, home, capsys, tmp_path):
    with Journal.create(home.home / "captures", block_samples=BLOCK_SAMPLES) as journal:
        sound = dictated()
        for number, start in enumerate(range(0, len(sound), BLOCK_SAMPLES)):
            journal.append(number, sound[start : start + BLOCK_SAMPLES])
    content = journal.path.read_bytes()
    (tmp_path / "copy.capture").write_bytes(content)
    assert run(ear, home, str(tmp_path / "copy.capture"), "jsonl", keep=True)
    finished = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert finished["engine"]["settings"]["live"]
    assert run(ear, home, str(DATA / "effusion.flac"), "jsonl")
    assert finished["spoken"] == json.loads(capsys.readouterr().out.splitlines()[-1])["spoken"]
    assert run(ear, home, str(journal.path), out=tmp_path / "a.json")
    assert captures(home) == []
    assert json.loads((tmp_path / "a.json").read_text())["spoken"] == finished["spoken"]
    assert unfinished(tmp_path) == []


def test_a_capture_whose_text_cannot_be_had_stays_as_it_is(ear, home):
    with Journal.create(home.home / "captures", block_samples=BLOCK_SAMPLES) as journal:
        journal.append(0, dictated()[:BLOCK_SAMPLES])
    content = journal.path.read_bytes()

    def choose_ear():
        raise MissingError("its weights are not here; get them.")

    with pytest.raises(MissingError):
        live(str(journal.path), choose_ear, EMPTY_VOCABULARY, home, "text", None)
    assert journal.path.read_bytes() == content
    assert unfinished(journal.path.parent) == [journal.path]


def test_what_is_expected_turns_the_ear_and_the_users_words_alone_the_text(ear, home, capsys, monkeypatch):
    heeded = []

    class Turned(LiveSession):
        def __init__(self, *given, **named):
            heeded.append(named["vocabulary"])
            super().__init__(*given, **named)

    monkeypatch.setattr(live_listening, "LiveSession", Turned)
    expected = Vocabulary(phrases=(Phrase(written="PNEUMO", spoken="pneumothorax"),))
    users = Vocabulary(phrases=(Phrase(written="Pl. effusion", spoken="pleural effusion"),))
    assert live(str(DATA / "effusion.flac"), lambda: ear, users, home, "text", None, expected=expected)
    assert heeded == [expected]
    text = capsys.readouterr().out
    assert "Pl. effusion" in text and "pneumothorax" in text


@pytest.mark.parametrize("both", [True, False])
def test_two_channels_are_told_and_leave_nothing(ear, home, monkeypatch, both):
    sound = dictated()
    stereo = np.stack([sound, sound if both else np.zeros_like(sound)], axis=1).reshape(-1)
    with stdin(monkeypatch, pcm(stereo)), pytest.raises(UsageError, match=r"two channels.*-c 1"):
        run(ear, home)
    assert captures(home) == []


def test_showing_that_fails_is_told_once_and_goes_on(capsys):
    shown, failed = [], Notice(kind="gap", text="é", start_s=0)

    def show(events):
        if events[0] is failed:
            raise UnicodeEncodeError("ascii", "é", 0, 1, "no")
        shown.append(events)

    view, good = live_view.Aside(show), [Notice(kind="gap", text="a", start_s=0)]
    for events in ([failed], good, [failed], good):
        view.show(events)
    view.finish()
    assert shown == [good, good]
    assert capsys.readouterr().err.count("UnicodeEncodeError") == 1


def test_lines_are_escaped_where_stdout_knows_no_unicode(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    live_view.show_lines([Notice(kind="gap", text="né", start_s=0)])
    assert json.loads(raw.getvalue())["text"] == "né"
