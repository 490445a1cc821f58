"""What somebody saw of a dictation, and when → how late its words were."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.app.speech import Said


@dataclass
class Seen:
    """What was seen: at which second, up to where in the sound the words are final, whether provisional ones show.

    `zero_s` is the second in which the first sample left the microphone.
    """

    zero_s: float = 0.0
    shown: list[tuple[float, float, bool]] = field(default_factory=list)

    def delays(self, said: Said) -> dict[str, list[float]]:
        """Return the seconds from the begin of an utterance to a partial of it, from its end to its final words.

        An utterance whose final words never came, or came with those of the next one, is counted as `wordless`.
        """
        middles = [(start + end) / 2 for start, end in zip(said.starts_s, said.ends_s, strict=True)]
        finals = [self._first(lambda final_s, _, middle=middle: final_s >= middle) for middle in middles]
        found: dict[str, list[float]] = {"partial": [], "final": [], "wordless": []}
        for number, (start_s, end_s) in enumerate(zip(said.starts_s, said.ends_s, strict=True)):
            at_s = finals[number]
            if at_s is None or (number + 1 < len(finals) and finals[number + 1] == at_s):
                found["wordless"].append(start_s)
                continue
            found["final"].append(at_s - self.zero_s - end_s)
            before = middles[number - 1] if number and said.starts_s[number - 1] not in found["wordless"] else -1.0
            partial_s = self._first(
                lambda final_s, is_provisional, before=before: is_provisional and final_s >= before,
                self.zero_s + start_s,
            )
            first_s = at_s if partial_s is None else min(partial_s, at_s)
            found["partial"].append(first_s - self.zero_s - start_s)
        return found

    def _first(self, is_so, from_s: float = 0.0) -> float | None:  # type: ignore[no-untyped-def]
        return next((at for at, final_s, is_open in self.shown if at >= from_s and is_so(final_s, is_open)), None)


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile, the most, and how many, in the unit that they have."""
    if not values:
        return {"count": 0}
    p50, p95 = np.percentile(values, [50, 95])
    found = {"p50": float(p50), "p95": float(p95), "max": float(max(values))}
    return {name: round(value, 4) for name, value in found.items()} | {"count": len(values)}
