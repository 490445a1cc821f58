"""Ctrl-C while a recording is read is never swallowed by the library that reads it."""

import signal
from pathlib import Path

import pytest

from dictation.audio import with_soundfile

FLAC = Path("audio_samples/01_left_effusion/01_left_effusion.flac")


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timer")
def test_every_interrupt_comes_through():
    asked: list[int] = []

    def interrupt(number, frame):
        asked.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    seen = 0
    try:
        for step in range(150):
            try:
                with FLAC.open("rb") as file:
                    signal.setitimer(signal.ITIMER_REAL, 0.0002 + step * 0.00004)
                    for _ in with_soundfile.decoded(file, "a.flac", []):
                        pass
                    signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                seen += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert len(asked) > 20
    assert seen == len(asked)
