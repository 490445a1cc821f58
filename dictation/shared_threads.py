"""A few threads for very many that each need one for a moment: a file to be forced onto the disk, a case to be heard.

A thread of its own for each would let one user of a server use up all that a process may have. Threads are begun as
they are needed, up to a number, and end when nothing was to be done for a while; where all are at work, the next piece
waits for the first that is free.
"""

import threading
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from time import monotonic

IDLE_S = 10.0  # until a thread that has nothing to do ends


class SharedThreads:
    """At most `most` threads that do what they are given when its time has come, the earliest first."""

    def __init__(self, name: str, most: int) -> None:
        self._name, self._most = name, most
        self._news = threading.Condition()
        self._waiting: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()  # of two for the same moment, the one that came first
        self._threads = self._idle = 0

    def do(self, work: Callable[[], None], in_s: float = 0.0) -> None:
        """Have a piece of work done in so many seconds; returns at once. What it raises is told as of any thread."""
        with self._news:
            heappush(self._waiting, (monotonic() + in_s, next(self._numbers), work))
            self._see_to_it()

    def _see_to_it(self) -> None:
        """Somebody must be there who waits for the next moment."""
        if self._idle:
            self._news.notify()
        elif self._threads < self._most:
            self._threads += 1
            try:
                threading.Thread(target=self._serve, name=self._name, daemon=True).start()
            except RuntimeError:  # the system gives no more of them: one that is at work comes to it
                self._threads -= 1
                if not self._threads:
                    raise

    def _serve(self) -> None:
        while (work := self._next()) is not None:
            try:
                work()
            except Exception as error:  # what others have given must still be done
                failed = (type(error), error, error.__traceback__, threading.current_thread())
                threading.excepthook(threading.ExceptHookArgs(failed))
            del work  # while it waits, it keeps nothing of what was done

    def _next(self) -> Callable[[], None] | None:
        """Wait for the next piece of work; None where there was none for long, and the thread ends."""
        with self._news:
            self._idle += 1
            until_s = monotonic() + IDLE_S
            try:
                while True:
                    now_s = monotonic()
                    if self._waiting and self._waiting[0][0] <= now_s:
                        break
                    is_needed = bool(self._waiting) and self._idle == 1
                    if now_s >= until_s and not is_needed:
                        self._threads -= 1
                        return None
                    ends_s = [until_s] if not is_needed else []
                    self._news.wait(min([*ends_s, *(one[0] for one in self._waiting[:1])]) - now_s)
            finally:
                self._idle -= 1
            work = heappop(self._waiting)[2]
            if self._waiting:
                self._see_to_it()
            return work
