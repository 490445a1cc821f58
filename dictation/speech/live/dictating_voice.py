"""How loud the dictating voice is, so that a softer second voice in the room can be told from it.

Levels of its sound go into a histogram that forgets slowly; the reference is a high quantile of it. So a cough or one
softly spoken phrase hardly moves it, and a voice that rises or falls by a few dB is followed within a minute of speech.
A voice that falls further at once sounds like a second voice. Only that it goes on alone tells that it is not: so
softer voice has a histogram, too, which takes the other's place when hardly anything louder was heard for ten seconds
of voice, or when the caller says so.
"""

import numpy as np

BELOW_DB = 7.0  # a second voice is about 10 dB softer; the last word of a finding falls by up to 8, but is short
_LOWEST_DBFS = -100
_QUANTILE = 0.7
_MEMORY_FRAMES = 1900  # a minute of speech
_NEEDED_FRAMES = 60  # two seconds of speech before anybody is called softer
_ALONE_FRAMES = 310  # ten seconds of softer voice
_NEAR_WEIGHT = 3  # one near frame outweighs so many softer ones


class DictatingVoice:
    """The running level of the voice that dictates; levels are in dB below full scale."""

    def __init__(self) -> None:
        self._near, self._softer = _no_levels(), _no_levels()
        self._alone = 0

    def hear(self, level_dbfs: float) -> None:
        """Take in the level of one frame of the dictating voice."""
        _add(self._near, level_dbfs)
        self._alone = max(0, self._alone - _NEAR_WEIGHT)
        if not self._alone:
            self._softer[:] = 0

    def hear_softer(self, level_dbfs: float) -> None:
        """Take in the level of one frame of softer voice, whoever it is."""
        _add(self._softer, level_dbfs)
        self._alone += 1

    @property
    def is_gone(self) -> bool:
        """True where softer voice has gone on so long, nearly alone, that it must be the dictating one."""
        return self._alone >= _ALONE_FRAMES

    def follow_softer(self) -> None:
        """Take the softer voice for the dictating one from now on."""
        self._near, self._softer = self._softer, _no_levels()
        self._alone = 0

    @property
    def reference_dbfs(self) -> float | None:
        """The level of the voice, or None while too little of it was heard."""
        total = self._near.sum()
        if total < _NEEDED_FRAMES:
            return None
        return float(np.searchsorted(np.cumsum(self._near), _QUANTILE * total) + _LOWEST_DBFS)

    def is_near(self, level_dbfs: float) -> bool:
        """True where sound of this level may be the dictating voice; always true without a reference."""
        reference = self.reference_dbfs
        return reference is None or level_dbfs >= reference - BELOW_DB


def _no_levels() -> np.ndarray:
    return np.zeros(-_LOWEST_DBFS + 1)


def _add(levels: np.ndarray, level_dbfs: float) -> None:
    levels *= 1 - 1 / _MEMORY_FRAMES
    levels[int(np.clip(round(level_dbfs), _LOWEST_DBFS, 0)) - _LOWEST_DBFS] += 1
