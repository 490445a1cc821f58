"""A microphone that speaks a file into Chromium."""

from pathlib import Path

import numpy as np
import soundfile

SPEECH = Path(__file__).parent / "speech"
RATE = 16_000  # Hz
QUIET_S = 60  # of an empty room after the last word


class Microphone:
    """What a browser's fake microphone says, each time from the moment that it is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.says()

    @property
    def switches(self) -> tuple[str, ...]:
        """Make it the microphone of a browser."""
        return (
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={self.path}%noloop",
        )

    def says(self, name: str = "") -> float:
        """Say a recording of speech/ from now on, "" nothing; return how many seconds it takes."""
        sound = soundfile.read(SPEECH / f"{name}.flac", dtype="int16")[0] if name else np.zeros(RATE, dtype=np.int16)
        # no room is as silent as a dead cable
        room = np.random.default_rng(0).normal(0, 8, len(sound) + QUIET_S * RATE)
        room[: len(sound)] += sound
        soundfile.write(self.path, room.astype(np.int16), RATE, format="WAV", subtype="PCM_16")
        return len(sound) / RATE
