"""What a live session showed, and when → latencies, changed words, words of a second voice."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import numpy as np

from dictation.speech.live import Event, Final, Notice, Partial

BESIDE_S = 0.3  # around an utterance, for times of words
AFTER_PAUSE_S = 0.8  # only an utterance with such a pause behind it is a phrase with an end of its own


@dataclass
class Shown:
    """Everything one stream showed, with the second of the benchmark's clock, counted as the sound is."""

    starts_s: Sequence[float]
    ends_s: Sequence[float]
    first_s: dict[int, float] = field(default_factory=dict)
    final_s: dict[int, float] = field(default_factory=dict)
    notices: Counter[str] = field(default_factory=Counter)
    stable_shown: int = 0
    stable_changed: int = 0
    last_shown: int = 0
    last_changed: int = 0
    replaced_shown: int = 0
    replaced_changed: int = 0
    _open: Partial | None = None
    _next_first: int = 0
    _next_final: int = 0

    def take(self, events: Sequence[Event], at_s: float) -> None:
        """Note events that came at second `at_s`."""
        for event in events:
            if isinstance(event, Notice):
                self.notices[event.kind] += 1
                continue
            self._first_words(event, at_s)
            if isinstance(event, Partial):
                self._partial(event)
            else:
                self._final(event, at_s)

    def _first_words(self, event: Partial | Final, at_s: float) -> None:
        if not event.words:
            return
        until_s = event.words[-1].end_s or 0.0
        while self._next_first < len(self.starts_s) and self.starts_s[self._next_first] < until_s:
            self.first_s[self._next_first] = at_s - self.starts_s[self._next_first]
            self._next_first += 1

    def _partial(self, event: Partial) -> None:
        if self._open is not None and self._open.phrase == event.phrase:
            provisional = [word.text for word in self._open.words[self._open.stable :]]
            now = [word.text for word in event.words[self._open.stable :]]
            self.replaced_shown += len(provisional)
            self.replaced_changed += _lost(provisional, now)
        self._open = event

    def _final(self, event: Final, at_s: float) -> None:
        while self._next_final < len(self.ends_s) and self.ends_s[self._next_final] - 0.15 <= event.end_s:
            self.final_s[self._next_final] = at_s - self.ends_s[self._next_final]
            self._next_final += 1
        shown = self._open
        if shown is None or shown.phrase != event.phrase:
            return
        said = [word.text for word in event.words]
        words = [word.text for word in shown.words if (word.start_s or 0.0) < event.end_s]
        stable = words[: shown.stable]
        self.last_shown += len(words)
        self.last_changed += _lost(words, said)
        self.stable_shown += len(stable)
        self.stable_changed += _lost(stable, said)
        self._open = None

    def phrase_ends(self) -> dict[int, float]:
        """Seconds from the end of an utterance, with a pause behind it, to its final words."""
        nexts = [*self.starts_s[1:], float("inf")]
        return {
            number: late_s
            for number, late_s in self.final_s.items()
            if nexts[number] - self.ends_s[number] >= AFTER_PAUSE_S
        }


def _lost(before: list[str], after: list[str]) -> int:
    """How many words of `before` do not stand in `after` in their order."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return len(before) - sum(block.size for block in matcher.get_matching_blocks())


def spread(values: Sequence[float]) -> dict[str, float | int]:
    """Median, 95th percentile, most and number of values; nothing where there are none."""
    if not values:
        return {"count": 0}
    p50, p95 = np.percentile(values, [50, 95])
    return {
        "p50": round(float(p50), 3),
        "p95": round(float(p95), 3),
        "max": round(max(values), 3),
        "count": len(values),
    }
