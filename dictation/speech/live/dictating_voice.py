"""How loud the dictating voice is, so that a softer second voice in the room can be told from it.

Levels of its sound go into a histogram that forgets slowly; the reference is a high quantile of it. So a cough or one
softly spoken phrase hardly moves it, while a person who leans back is followed within a minute of speech.
"""

import numpy as np

BELOW_DB = 7.0  # a second voice is about 10 dB softer; the last word of a finding falls by up to 8, but is short
_LOWEST_DBFS = -100
_QUANTILE = 0.7
_MEMORY_FRAMES = 1900  # a minute of speech
_NEEDED_FRAMES = 60  # two seconds of speech before anybody is called softer


class DictatingVoice:
    """The running level of the voice that dictates; levels are in dB below full scale."""

    def __init__(self) -> None:
        self._weights = np.zeros(-_LOWEST_DBFS + 1)

    def hear(self, level_dbfs: float) -> None:
        """Take in the level of one frame of the dictating voice."""
        self._weights *= 1 - 1 / _MEMORY_FRAMES
        self._weights[int(np.clip(round(level_dbfs), _LOWEST_DBFS, 0)) - _LOWEST_DBFS] += 1

    @property
    def reference_dbfs(self) -> float | None:
        """The level of the voice, or None while too little of it was heard."""
        total = self._weights.sum()
        if total < _NEEDED_FRAMES:
            return None
        return float(np.searchsorted(np.cumsum(self._weights), _QUANTILE * total) + _LOWEST_DBFS)

    def is_near(self, level_dbfs: float) -> bool:
        """True where sound of this level may be the dictating voice; always true without a reference."""
        reference = self.reference_dbfs
        return reference is None or level_dbfs >= reference - BELOW_DB
