"""Many channels → one, without losing the voice to a dead channel or to two channels that cancel each other."""

import numpy as np

_LIVE_RMS = 1e-3  # -60 dBFS: a second microphone in the same room is louder, an unplugged input is not
_CANCELLED_SHARE = 0.03  # of the channels' mean power left in their mean; unrelated channels leave 1/channels
_WINDOW = 2048  # frames in which that is looked at, 43 to 128 ms: a beep in phase must not hide a voice that cancels
_WEAKER = 4.0  # in power
_FEWEST = 15  # windows with both voices, a second or so
_RANGE_DB = 15.0  # between a voice and its pauses
_LOUD_DB = 12.0  # below a channel's loud windows
_TOGETHER = 0.25  # of the windows with a voice: of two who speak in turns fewer have both
_ALIKE = 0.4  # correlation of two channels' levels; of one voice before two microphones .8 and more


class Downmix:
    """Mean of the live channels, chunk by chunk. What had to be left out is told by `warnings`."""

    def __init__(self) -> None:
        self._live: np.ndarray = np.zeros(0, bool)
        self._only: int | None = None  # the channel that is used where they cancel
        self._alone = 0  # frames of which only that was used
        self._levels: list[np.ndarray] = []  # of each window: decibels, channel by channel

    def feed(self, frames: np.ndarray) -> np.ndarray:
        """Return float32 samples, shape (n,), for `frames` of shape (n, channels)."""
        channels = frames.shape[1]
        if channels == 1:
            return np.ascontiguousarray(frames[:, 0])
        if len(self._live) != channels:
            self._live, self._only, self._levels = np.zeros(channels, bool), None, []
        if len(frames) == 0:
            return np.zeros(0, np.float32)
        self._live |= np.mean(np.square(frames, dtype=np.float64), axis=0) > _LIVE_RMS**2
        used = self._live if self._live.any() else np.ones(channels, bool)
        mono: np.ndarray = frames[:, used].mean(axis=1, dtype=np.float32)
        for start in range(0, len(frames) if used.sum() > 1 else 0, _WINDOW):
            part = slice(start, start + _WINDOW)
            power = np.mean(np.square(frames[part], dtype=np.float64), axis=0)
            self._levels.append(10 * np.log10(power + 1e-12))
            left = float(np.mean(np.square(mono[part], dtype=np.float64)))
            is_loud = power[used].mean() > _LIVE_RMS**2 or self._only is not None  # its quiet end is cancelled, too
            if is_loud and left < _CANCELLED_SHARE * power[used].mean():
                if self._only is None or power[self._only] < power.max() / _WEAKER:
                    self._only = int(np.argmax(power))  # else it stays: another one has the other sign
                mono[part] = frames[part, self._only]
                self._alone += len(mono[part])
        return mono

    def warnings(self, name: str) -> list[str]:
        """Return what a person should know about the channels, one sentence each; complete after the last chunk."""
        found = []
        if self._only is not None and self._alone > _WINDOW:
            found.append(
                f"{name}: its channels cancel each other (one is wired the wrong way round), "
                f"so only channel {self._only + 1} is used; check the microphone cable."
            )
        if self._live.any() and not self._live.all():
            silent = ", ".join(str(number + 1) for number in np.flatnonzero(~self._live))
            found.append(f"{name}: channel {silent} is silent and left out; check the microphone's connection.")
        if self._are_apart():
            found.append(
                f"{name}: its channels hold different voices at the same time, which are heard as one, so words may be "
                "lost or wrong; give each channel as a file of its own."
            )
        return found

    def _are_apart(self) -> bool:
        """Whether two live channels are loud together and rise and fall apart: one voice does so in all of them."""
        if self._live.sum() < 2 or len(self._levels) < _FEWEST:
            return False
        levels = np.array(self._levels)[:, self._live]
        quiet, top = np.percentile(levels, [10, 90], axis=0)
        levels = levels[:, top - quiet > _RANGE_DB]  # steady noise is no voice
        loud = levels > top[top - quiet > _RANGE_DB] - _LOUD_DB
        for one in range(levels.shape[1]):
            for two in range(one):
                together, either = loud[:, one] & loud[:, two], loud[:, one] | loud[:, two]
                if together.sum() < max(_FEWEST, _TOGETHER * either.sum()):
                    continue
                alike = np.corrcoef(levels[either][:, [one, two]].T)[0, 1]
                if alike < _ALIKE:
                    return True
        return False
