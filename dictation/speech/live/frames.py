"""A stream of samples → for each 32 ms whether it is voice, and how loud it has been lately."""

from collections import deque
from collections.abc import Iterator

import numpy as np

from dictation.audio.marks import DICTATED, Hearing
from dictation.audio.silero import FRAME_SAMPLES, SpeechProbability

_LEVEL_FRAMES = 12  # 0.4 s: a syllable or two, so that the level does not fall with every consonant
_SILENT_DBFS = -120.0


class Frames:
    """Voice activity and level of a stream, one frame after the other; holds less than a frame of sound."""

    def __init__(self, hearing: Hearing = DICTATED) -> None:
        self._hearing = hearing
        self._model = SpeechProbability()
        self._rest = np.zeros(0, np.float32)
        self._voiced: deque[float | None] = deque(maxlen=_LEVEL_FRAMES)
        self._is_voice = False

    def feed(self, samples: np.ndarray) -> Iterator[tuple[bool, float]]:
        """Yield (is voice, dB below full scale of the voice in the last 0.4 s) for each frame that these samples fill.

        `samples` is 16 kHz mono float32, shape (n,).
        """
        probabilities = self._model.feed(samples)
        joined = np.concatenate([self._rest, samples])
        whole = len(probabilities) * FRAME_SAMPLES
        self._rest = joined[whole:].copy()
        powers = np.square(joined[:whole].reshape(-1, FRAME_SAMPLES), dtype=np.float64).mean(axis=1)
        for probability, power in zip(probabilities, powers, strict=True):
            yield self._frame(float(probability), float(power))

    def finish(self) -> Iterator[tuple[bool, float]]:
        """Yield the last frame, filled up with silence, where there is one."""
        if len(self._rest):
            yield from self.feed(np.zeros(FRAME_SAMPLES - len(self._rest), np.float32))

    def _frame(self, probability: float, power: float) -> tuple[bool, float]:
        needed = self._hearing.stay_probability if self._is_voice else self._hearing.start_probability
        self._is_voice = probability >= needed
        self._voiced.append(power if self._is_voice else None)
        powers = [power for power in self._voiced if power is not None]
        mean = sum(powers) / len(powers) if powers else 0.0
        return self._is_voice, 10 * float(np.log10(mean)) if mean > 0 else _SILENT_DBFS
