"""How late final words are: from the moment when the last sound of a phrase was here to the moment when they are told.

It is the server's part of the wait. Sound that a page kept while it was away counts from when it came.
"""

import time
from collections import deque
from collections.abc import Callable
from threading import Lock

BLOCKS = 6000  # of 0.1 s whose arrival is remembered for a take: nobody waits longer for words
TAKES = 256
PRESENT_S = 300.0  # what the present figures are about
FINALS = 2000


class FinalLag:
    """The lags of one server in seconds; each is given to `observe`, too. Safe to use from several threads."""

    def __init__(self, observe: Callable[[float], None], now_s: Callable[[], float] = time.monotonic) -> None:
        self._observe, self._now_s = observe, now_s
        self._came: dict[str, deque[tuple[float, float]]] = {}  # take → (its seconds until there, when it was here)
        self._lags: deque[tuple[float, float]] = deque(maxlen=FINALS)
        self._lock = Lock()

    def came(self, take: str, start_s: float, end_s: float) -> None:
        """Sound of a take is here; what was here before changes nothing."""
        with self._lock:
            blocks = self._came.setdefault(take, deque(maxlen=BLOCKS))
            if not blocks:
                blocks.append((start_s, self._now_s()))
                while len(self._came) > TAKES:
                    del self._came[next(iter(self._came))]
            if end_s > blocks[-1][0]:
                blocks.append((end_s, self._now_s()))

    def told(self, take: str, said_until_s: float) -> None:
        """Final words were told; the last of them ends at `said_until_s`. Sound of an earlier run has no lag."""
        with self._lock:
            blocks = self._came.get(take)
            if not blocks or said_until_s <= blocks[0][0] or said_until_s > blocks[-1][0]:
                return
            while blocks[0][0] < said_until_s:
                blocks.popleft()
            lag_s = max(0.0, self._now_s() - blocks[0][1])
            self._lags.append((self._now_s(), lag_s))
        self._observe(lag_s)

    @property
    def p95_s(self) -> float | None:
        """The 95th percentile of the last five minutes; None where nothing became final."""
        since_s = self._now_s() - PRESENT_S
        with self._lock:
            lags = sorted(lag_s for at_s, lag_s in self._lags if at_s >= since_s)
        return lags[min(len(lags) - 1, int(0.95 * len(lags)))] if lags else None
