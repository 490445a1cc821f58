"""How fast a batch goes, and how long it will still take, by what its files weigh."""

import time
from collections.abc import Callable, Iterable

from pipelines.inputs import Input

# Bytes that hold a second of sound as dictation devices and phones mostly write it. A wrong guess costs little:
# recordings of one kind are still in order of their length.
BYTES_A_SECOND = {
    ".wav": 32_000, ".w64": 32_000, ".aif": 32_000, ".aiff": 32_000, ".aifc": 32_000, ".au": 32_000, ".caf": 32_000,
    ".capture": 32_000, ".flac": 17_000, ".mp3": 8_000, ".m4a": 8_000, ".mp4": 8_000, ".aac": 8_000, ".wma": 8_000,
    ".ogg": 6_000, ".oga": 6_000, ".opus": 4_000, ".webm": 4_000, ".dss": 1_700, ".amr": 1_600,
}  # fmt: skip
_OVERHEAD_S = 5.0  # of sound: what the work on a file of no length weighs


class Pace:
    """Counts the recordings of a round as they are done."""

    def __init__(self, inputs: Iterable[Input], clock: Callable[[], float] = time.monotonic) -> None:
        self._weights = {id(item): _OVERHEAD_S + _guessed_s(item) for item in inputs}
        self._left = sum(self._weights.values())
        self._done = self._heard_s = 0.0
        self._count = 0
        self._clock, self._began_s = clock, clock()

    def weight(self, item: Input) -> float:
        """How much work a recording is, in seconds of sound as its size lets one guess."""
        return self._weights[id(item)]

    def done(self, item: Input, heard_s: float) -> str:
        """Take in that a recording of `heard_s` seconds is done; return the line that says so."""
        self._count += 1
        weight = self._weights[id(item)]
        self._done, self._left = self._done + weight, self._left - weight
        took_s = max(self._clock() - self._began_s, 1e-3)
        self._heard_s += heard_s
        line = f"[{self._count}/{len(self._weights)}] {item.shown}"
        if self._heard_s:
            line = f"{line}: {self._heard_s / took_s:.1f} s of sound a second"
        return line if self._count == len(self._weights) else f"{line}, {_span(took_s / self._done * self._left)} left"


def _guessed_s(item: Input) -> float:
    """The seconds of sound in a file, guessed by its size alone: a year of files need not be opened for it."""
    try:
        size = item.address.size if item.address else item.path.stat().st_size
        return size / BYTES_A_SECOND.get(item.path.suffix.lower(), 8_000)
    except OSError:
        return 0.0


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    if minutes < 90:
        return f"{minutes} min"
    hours = round(minutes / 60)
    return f"{minutes // 60} h {minutes % 60} min" if hours < 48 else f"{hours / 24:.1f} days"
