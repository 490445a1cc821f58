"""Whether the microphone gives sound that can be understood: neither too quiet, nor clipped, nor nothing at all."""

from collections.abc import Iterator

import numpy as np

from dictation.audio import SAMPLE_RATE

_QUIET_DBFS = -48.0  # of the dictating voice; measured, voice activity begins to miss speech around -55
_QUIET_ENDS_DBFS = -45.0
_FULL_SCALE = 0.999
_CLIPPED_RUN = 3  # samples in a row; one alone is an honest peak
_CLIPPED_SHARE = 1e-3  # of the last seconds
_MEMORY_S = 10.0
_MUTED_PEAK = 10 ** (-80 / 20)  # below the noise of any connected microphone
_MUTED_S = 5.0
_AGAIN_S = 120.0  # the same notice is not repeated sooner

_TEXTS = {
    "quiet": "Your voice is very quiet, so words may be missed; come closer to the microphone or raise its level.",
    "clipped": "The sound is clipped, so words may be misheard; lower the microphone's level.",
    "muted": "No sound comes from the microphone; check that it is not muted.",
}
_SOUND_AGAIN = "Sound comes from the microphone again."


class SoundLevel:
    """Looks at all sound that passes and tells, now and then, what is wrong with its level."""

    def __init__(self) -> None:
        self._clipped = 0.0
        self._muted_samples = 0
        self._told_s: dict[str, float] = {}
        self._is_quiet = False

    def feed(self, samples: np.ndarray, voice_dbfs: float | None, at_s: float) -> Iterator[tuple[str, bool]]:
        """Yield one sentence for each thing that is wrong now, and whether it says that something is right again.

        `samples` is 16 kHz mono float32, shape (n,), and ends at second `at_s` of the dictation; `voice_dbfs` is the
        level of the dictating voice, None while it is not known.
        """
        loud = np.abs(samples)
        self._clipped *= max(0.0, 1 - len(samples) / SAMPLE_RATE / _MEMORY_S)
        self._clipped += _in_runs(loud >= _FULL_SCALE)
        is_silent = float(loud.max(initial=0.0)) < _MUTED_PEAK
        self._muted_samples = self._muted_samples + len(samples) if is_silent else 0
        if voice_dbfs is not None:
            self._is_quiet = voice_dbfs < (_QUIET_ENDS_DBFS if self._is_quiet else _QUIET_DBFS)
        wrong = {
            "quiet": self._is_quiet,
            "clipped": self._clipped > _CLIPPED_SHARE * _MEMORY_S * SAMPLE_RATE,
            "muted": self._muted_samples >= _MUTED_S * SAMPLE_RATE,
        }
        for kind, is_wrong in wrong.items():
            if is_wrong and at_s - self._told_s.get(kind, -np.inf) >= _AGAIN_S:
                self._told_s[kind] = at_s
                yield _TEXTS[kind], False
        if "muted" in self._told_s and not is_silent:
            del self._told_s["muted"]
            yield _SOUND_AGAIN, True


def _in_runs(marks: np.ndarray) -> int:
    """Count the samples that stand in runs of at least `_CLIPPED_RUN`."""
    if not marks.any():
        return 0
    edges = np.diff(np.concatenate([[False], marks, [False]]).astype(np.int8))
    lengths = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
    return int(lengths[lengths >= _CLIPPED_RUN].sum())
