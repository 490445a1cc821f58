"""What is wrong with the sound itself: impossible values, clipping, silence. Values are made safe on the way."""

import numpy as np

SILENT = "it is silent from start to end; check that the microphone was not muted."
_FULL_SCALE = 0.999  # of a 16-bit file's top value and above
_CLIPPED_RUN = 3  # samples in a row at full scale; a single one is an honest peak
_CLIPPED_SHARE = 2e-4  # of all samples; below this nobody hears it
_SILENT_PEAK = 10 ** (-70 / 20)  # -70 dBFS: below the noise of any connected microphone
_SOFT_PEAK = 10 ** (-48 / 20)  # -48 dBFS: measured, the voice model begins to miss speech whose peaks are below -50


class Condition:
    """Looks at every frame that passes, replaces what is no number, and tells in `warnings` what it saw."""

    def __init__(self) -> None:
        self._values = 0
        self._not_numbers = 0
        self._clipped = 0
        self._peak = 0.0

    def feed(self, frames: np.ndarray) -> np.ndarray:
        """Return float32 `frames`, shape (n, channels), in [-1, 1], with NaN and infinities replaced by silence."""
        finite = np.isfinite(frames)
        if not finite.all():
            self._not_numbers += int(frames.size - finite.sum())
            frames = np.where(finite, frames, np.float32(0))
        if frames.size:
            self._values += frames.size
            peak = float(np.abs(frames).max())
            self._peak = max(self._peak, peak)
            if peak >= _FULL_SCALE:
                self._clipped += _at_full_scale(frames)
            if peak > 1:
                frames = np.clip(frames, -1, 1)
        return frames

    def warnings(self, name: str) -> list[str]:
        """Return what a person should know about the sound, one sentence each; complete after the last frame."""
        found = []
        if self._not_numbers:
            found.append(
                f"{name}: {self._not_numbers} samples are no numbers (NaN or infinite) and were replaced by silence; "
                "check the program that wrote the file."
            )
        if self._clipped > _CLIPPED_SHARE * self._values:
            share = self._clipped / self._values
            found.append(f"{name}: {share:.2%} of the sound is clipped; lower the microphone's level and record again.")
        if _SILENT_PEAK <= self._peak < _SOFT_PEAK:
            found.append(
                f"{name}: even its loudest sound is so soft ({20 * np.log10(self._peak):.0f} dBFS) that words may be "
                "missed; raise the microphone's level and record again."
            )
        if self._values and self._peak < _SILENT_PEAK:
            found.append(f"{name}: {SILENT}")
        return found


def _at_full_scale(frames: np.ndarray) -> int:
    """Count the values that stand in runs of at least `_CLIPPED_RUN` at full scale within one channel."""
    loud = np.abs(frames) >= _FULL_SCALE
    padded = np.pad(loud, ((1, 1), (0, 0))).T.astype(np.int8)
    edges = np.diff(padded.reshape(-1))
    lengths = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
    return int(lengths[lengths >= _CLIPPED_RUN].sum())
