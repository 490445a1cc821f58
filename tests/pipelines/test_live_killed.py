"""`dictation live` killed at random moments, while its ear loads and while it hears: every session can be finished."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dictation.audio import SAMPLE_RATE, Recording, unfinished
from dictation.audio.capture import from_pcm
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.speech.recognizer import Job
from tests.audio.audio_files import clip, pause
from tests.conftest import ROOT
from tests.speech.tiny_lasr import SMALL_LASR

pytestmark = pytest.mark.realtime
PIECE_S = 0.05  # what the microphone's program sends at once
SOUND = (np.tile(np.concatenate([clip("effusion"), pause(0.8)]), 6) * 32_767).astype("<i2").tobytes()


class Killed:
    """One dictation: spoken in real time from the first word that it listens on, then killed when `is_time` says so."""

    def __init__(self, home: Path, is_time: Callable[[Path], bool]) -> None:
        self.sent = 0  # bytes
        command = [sys.executable, "-m", "pipelines", "live", "--recognizer", "medasr", "--model", str(SMALL_LASR)]
        environment = {**os.environ, "DICTATION_HOME": str(home)}
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            bufsize=0,
        ) as program:  # fmt: skip
            said = program.stderr.readline()
            while said and b"Listening" not in said:
                said = program.stderr.readline()
            speaker = threading.Thread(target=self._speak, args=[program.stdin])
            speaker.start()
            while program.poll() is None and not is_time(home / "captures"):
                time.sleep(0.02)
            program.send_signal(signal.SIGKILL)
            self.spoken_s = self.sent / 2 / SAMPLE_RATE
            speaker.join()
            program.communicate()
        self.captures = unfinished(home / "captures")

    @property
    def kept_s(self) -> float:
        if not self.captures:  # killed before the first block had come
            return 0.0
        recording = Recording(self.captures[0])
        np.testing.assert_array_equal(recording.samples(), from_pcm(SOUND)[: len(recording.samples())])
        return recording.duration_s()

    def _speak(self, pipe) -> None:
        started_s, step = time.monotonic(), 2 * round(PIECE_S * SAMPLE_RATE)
        try:
            for start in range(0, len(SOUND), step):
                time.sleep(max(0.0, started_s + start / 2 / SAMPLE_RATE + PIECE_S - time.monotonic()))
                pipe.write(SOUND[start : start + step])
                self.sent = start + step
        except BrokenPipeError:
            pass


def kept_bytes(captures: Path) -> int:
    return sum(path.stat().st_size for path in captures.glob("*"))


def passed(after_s: float) -> Callable[[Path], bool]:
    ends_s: list[float] = []

    def is_time(captures: Path) -> bool:
        ends_s.append(time.monotonic() + after_s)
        return time.monotonic() >= ends_s[0]

    return is_time


def test_a_killed_dictation_is_finished_from_its_capture(ear, tmp_path):
    killed = Killed(tmp_path, lambda captures: kept_bytes(captures) > 2 * 3 * SAMPLE_RATE)
    assert killed.kept_s > 2.9  # the clip, and half a second of the pause behind it
    ((_, transcript),) = ear.transcribe([Job("a", Recording(killed.captures[0]), EMPTY_VOCABULARY)])
    assert "pleural effusion" in transcript.spoken.lower()
    assert any("not finished" in warning for warning in transcript.warnings)


@pytest.mark.soak
def test_fifty_killed_dictations_lose_no_session_and_at_most_a_second_each(tmp_path):
    chance, missing_s = random.Random(3), []
    for number in range(50):
        killed = Killed(tmp_path / str(number), passed(chance.uniform(0.5, 9.0)))
        missing_s.append(killed.spoken_s - killed.kept_s)
    print(
        f"\n50 dictations killed: {np.median(missing_s):.2f} s missing (median), {max(missing_s):.2f} s at most, 0 lost"
    )
    assert max(missing_s) <= 1.0
