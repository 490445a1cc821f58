"""Many channels → one, without losing the voice to a dead channel or to two channels that cancel each other."""

import numpy as np

_LIVE_RMS = 1e-3  # -60 dBFS: a second microphone in the same room is louder, an unplugged input is not
_CANCELLED_SHARE = 0.03  # of the channels' mean power left in their mean; unrelated channels leave 1/channels


class Downmix:
    """Mean of the live channels, chunk by chunk. What had to be left out is told by `warnings`."""

    def __init__(self) -> None:
        self._live: np.ndarray = np.zeros(0, bool)
        self._only: int | None = None  # the one channel that is used since cancellation was noticed

    def feed(self, frames: np.ndarray) -> np.ndarray:
        """Return float32 samples, shape (n,), for `frames` of shape (n, channels)."""
        channels = frames.shape[1]
        if channels == 1:
            return np.ascontiguousarray(frames[:, 0])
        if len(self._live) != channels:
            self._live, self._only = np.zeros(channels, bool), None
        if len(frames) == 0:
            return np.zeros(0, np.float32)
        power = np.mean(np.square(frames, dtype=np.float64), axis=0)
        self._live |= power > _LIVE_RMS**2
        if self._only is not None:
            return np.ascontiguousarray(frames[:, self._only])
        used = self._live if self._live.any() else np.ones(channels, bool)
        mono: np.ndarray = frames[:, used].mean(axis=1, dtype=np.float32)
        left = float(np.mean(np.square(mono, dtype=np.float64)))
        if used.sum() > 1 and power[used].mean() > _LIVE_RMS**2 and left < _CANCELLED_SHARE * power[used].mean():
            self._only = int(np.argmax(power))
            return np.ascontiguousarray(frames[:, self._only])
        return mono

    def warnings(self, name: str) -> list[str]:
        """Return what a person should know about the channels, one sentence each; complete after the last chunk."""
        found = []
        if self._only is not None:
            found.append(
                f"{name}: its channels cancel each other (one is wired the wrong way round), "
                f"so only channel {self._only + 1} is used; check the microphone cable."
            )
        if self._live.any() and not self._live.all():
            silent = ", ".join(str(number + 1) for number in np.flatnonzero(~self._live))
            found.append(f"{name}: channel {silent} is silent and left out; check the microphone's connection.")
        return found
