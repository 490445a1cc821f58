"""Whether the sound ends within speech, so that its last word may be half a word: of "fifteen" is heard "fifty"."""

import numpy as np

from dictation.audio.resample import SAMPLE_RATE

_LOOKED_AT_S = 3.0  # of the end
_FRAME_S = 0.03
_END_FRAMES = 3  # one of them is loud; a dip within a word is as short
_LOUD_DB = 10.0  # below the loud frames, at most
_STEADY_S, _STEADY_DB = 0.4, 3.0  # a tone changes less for so long, a voice more
_RANGE_DB = 15.0  # between loud and quiet frames, at least: steady noise is as loud at its end as anywhere


class CutOff:
    """Keeps the last seconds of the 16 kHz mono sound that passes."""

    def __init__(self) -> None:
        self._last = np.zeros(0, np.float32)

    def feed(self, piece: np.ndarray) -> None:
        """Take in samples, shape (n,)."""
        self._last = np.concatenate([self._last, piece])[-round(_LOOKED_AT_S * SAMPLE_RATE) :]

    def warnings(self, name: str) -> list[str]:
        """Return one sentence where the last .09 s are as loud as speech, and the sound is no steady noise."""
        length = round(_FRAME_S * SAMPLE_RATE)
        frames = self._last[len(self._last) % length :].reshape(-1, length)
        if len(frames) * _FRAME_S < 1:
            return []
        levels = 10 * np.log10(np.mean(np.square(frames, dtype=np.float64), axis=1) + 1e-12)
        quiet, loud = np.percentile(levels, [10, 90])
        is_steady = np.ptp(levels[-round(_STEADY_S / _FRAME_S) :]) < _STEADY_DB
        if max(levels[-_END_FRAMES:]) < loud - _LOUD_DB or loud - quiet < _RANGE_DB or is_steady:
            return []
        return [
            f"{name}: it ends in the middle of speech, so its last word may be wrong or missing; say the end again."
        ]
