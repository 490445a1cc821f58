"""Any rate → 16 kHz, piece by piece, without the clicks and aliases of doing each piece by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dictation.errors import InputError, MissingError
from dictation.extras import install_command

if TYPE_CHECKING:
    import soxr

SAMPLE_RATE = 16_000  # Hz, of everything behind this room
LOWEST_RATE = 1_000  # Hz: below this not even a vowel survives, the header is wrong
DULL_RATE = 8_000  # Hz: the telephone's; below it s, f and th sound alike
HIGHEST_RATE = 768_000  # Hz: the fastest converters that are sold


class Resampler:
    """Mono pieces in, 16 kHz mono pieces out. A change of the input rate within a file is followed.

    Raises InputError, naming `name`, where a rate cannot hold speech; MissingError without the audio extra.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._rate_hz = 0
        self._lowest_hz = SAMPLE_RATE
        self._stream: soxr.ResampleStream | None = None

    def feed(self, samples: np.ndarray, rate_hz: int) -> np.ndarray:
        """Resample float32 `samples`, shape (n,). The answer lags by the filter's delay until `finish`."""
        tail = np.zeros(0, np.float32)
        if rate_hz != self._rate_hz:
            tail = self.finish()
            self._stream = self._opened(rate_hz)
            self._rate_hz = rate_hz
            self._lowest_hz = min(self._lowest_hz, rate_hz)
        resampled = self._stream.resample_chunk(samples) if self._stream else samples
        return np.concatenate([tail, resampled])

    def finish(self) -> np.ndarray:
        """Return what the filter still holds; afterwards the resampler is as new."""
        stream, self._stream, self._rate_hz = self._stream, None, 0
        return stream.resample_chunk(np.zeros(0, np.float32), last=True) if stream else np.zeros(0, np.float32)

    def warnings(self) -> list[str]:
        """Return what a person should know about the rate, one sentence each."""
        if self._lowest_hz >= DULL_RATE:
            return []
        return [
            f"{self._name}: it was recorded at only {self._lowest_hz} Hz, where consonants are lost; "
            f"set the recorder to {SAMPLE_RATE} Hz."
        ]

    def _opened(self, rate_hz: int) -> soxr.ResampleStream | None:
        if not LOWEST_RATE <= rate_hz <= HIGHEST_RATE:
            raise InputError(
                f"{self._name}: its header gives a sample rate of {rate_hz} Hz, which cannot hold speech; "
                f"export it again at {SAMPLE_RATE} Hz."
            )
        if rate_hz == SAMPLE_RATE:
            return None
        try:
            import soxr
        except ImportError as error:
            raise MissingError(f"soxr is not installed; run: {install_command('audio')}") from error
        return soxr.ResampleStream(rate_hz, SAMPLE_RATE, 1, dtype="float32", quality="HQ")
