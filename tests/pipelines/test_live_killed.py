"""`dictation live` killed while somebody speaks: the session can be finished."""

import os
import signal
import subprocess
import sys
import threading
import time
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


def speak(pipe) -> None:
    """In real time, until nobody listens."""
    started_s, step = time.monotonic(), 2 * round(PIECE_S * SAMPLE_RATE)
    try:
        for start in range(0, len(SOUND), step):
            time.sleep(max(0.0, started_s + start / 2 / SAMPLE_RATE + PIECE_S - time.monotonic()))
            pipe.write(SOUND[start : start + step])
    except BrokenPipeError:
        pass


def kept_bytes(captures: Path) -> int:
    return sum(path.stat().st_size for path in captures.glob("*"))


def killed(home: Path) -> Path:
    """The capture of a dictation that is killed after three seconds of it were kept."""
    command = [sys.executable, "-m", "pipelines", "live", "--recognizer", "medasr", "--model", str(SMALL_LASR)]
    environment = {**os.environ, "DICTATION_HOME": str(home)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        bufsize=0,
    ) as program:  # fmt: skip
        said = program.stderr.readline()
        while said and b"Listening" not in said:
            said = program.stderr.readline()
        speaker = threading.Thread(target=speak, args=[program.stdin])
        speaker.start()
        while program.poll() is None and kept_bytes(home / "captures") <= 2 * 3 * SAMPLE_RATE:
            time.sleep(0.02)
        program.send_signal(signal.SIGKILL)
        speaker.join()
        program.communicate()
    [capture] = unfinished(home / "captures")
    return capture


def test_a_killed_dictation_is_finished_from_its_capture(ear, tmp_path):
    recording = Recording(killed(tmp_path))
    samples = recording.samples()
    np.testing.assert_array_equal(samples, from_pcm(SOUND)[: len(samples)])
    assert recording.duration_s() > 2.9  # the clip, and half a second of the pause behind it
    ((_, transcript),) = ear.transcribe([Job("a", recording, EMPTY_VOCABULARY)])
    assert "pleural effusion" in transcript.spoken.lower()
    assert any("not finished" in warning for warning in transcript.warnings)
