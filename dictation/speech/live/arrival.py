"""Numbered blocks as they arrive, late, twice or never → how far the sound can be heard, and what is missing in it."""

from dataclasses import dataclass

from dictation.audio import SAMPLE_RATE


@dataclass(frozen=True)
class Gap:
    """Samples [start, stop) that did not arrive in time and are heard as silence."""

    start: int
    stop: int


class Arrival:
    """The order of the blocks of one capture: block n begins at sample n times `block_samples`; holds numbers only."""

    def __init__(self, block_samples: int, late_block_s: float, samples: int = 0) -> None:
        self._block_samples = block_samples
        self._late_samples = round(late_block_s * SAMPLE_RATE)
        self._next = -(-samples // block_samples)
        self._ahead: dict[int, int] = {}  # number of a block that came before one in front of it → its samples
        self.ready = samples
        """Sound up to this sample is complete, or given up."""

    @property
    def next(self) -> int:
        """The number of the first block that is not there yet."""
        return self._next

    def add(self, number: int, count: int) -> list[Gap]:
        """Note a new block; return what is given up because of it. One that comes behind `ready` changes nothing."""
        if number >= self._next:
            self._ahead[number] = count
        gaps = self._joined()
        while self._ahead and sum(self._ahead.values()) >= self._late_samples:
            gaps += self._given_up()
        return gaps

    def finish(self) -> list[Gap]:
        """Give up all that is missing."""
        gaps = []
        while self._ahead:
            gaps += self._given_up()
        return gaps

    def skip_to(self, number: int) -> None:
        """Expect block `number` next: what lies before it was never sent."""
        self._next = max(self._next, number)

    def _joined(self) -> list[Gap]:
        while self._next in self._ahead:
            self.ready = self._next * self._block_samples + self._ahead.pop(self._next)
            self._next += 1
        return []

    def _given_up(self) -> list[Gap]:
        first = min(self._ahead)
        gap = Gap(self._next * self._block_samples, first * self._block_samples)
        self._next = first
        self._joined()
        return [gap]
