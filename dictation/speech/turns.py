"""One engine, many who ask: a bounded queue that forms batches, in which live work goes first.

Several live sessions and a batch of recordings share one engine, which one thread drives, or several where it can do
several things at once. A final waits for the batch that runs and for finals before it, never for a recording; so under
load the delay of live text grows slowly, and text that is provisional anyway is what gets dropped.
"""

import atexit
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition, Event, RLock, Thread, current_thread
from typing import Generic, TypeVar
from weakref import ref

from dictation.errors import Cancelled, DictationError, ModelError
from dictation.speech.ear import Urgency

ALIKE = 2.0  # the costs in one batch lie within this factor of its first: most of it is sound, not padding
PATIENCE_S = 5.0  # of work on provisional text, after which one batch of a recording that waits has its turn
IDLE_S = 10.0  # without work, after which the thread ends
_POLL_S = 0.1  # how soon a full queue notices that a job was cancelled
_NEWEST_SHARE = 0.3  # of the newest batch in the measured pace

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(eq=False)
class _Turn(Generic[Task, Result]):
    """A task that waits for its turn. `alone`: it was in a batch that failed, and is tried once more by itself."""

    task: Task
    key: object
    cost_s: float
    future: "Future[Result]" = field(default_factory=Future)
    alone: bool = False


class Turns(Generic[Task, Result]):
    """The queue of one engine.

    `work` gets the tasks of one batch, all of the same urgency, and returns for each its result or what it failed with;
    `at_once` threads call it. `batch` is the most tasks in one call, `bound` the most tasks of recordings that wait,
    `cost_s` a first guess at the seconds that a task takes; what they really take is measured.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Task]], Sequence[Result | DictationError]],
        *,
        batch: int,
        bound: int,
        cost_s: Callable[[Task], float],
        at_once: int = 1,
    ) -> None:
        self._work, self._batch, self._bound, self._cost_s = work, batch, bound, cost_s
        self._at_once = at_once
        self._waiting: dict[Urgency, list[_Turn[Task, Result]]] = {urgency: [] for urgency in Urgency}
        self._changed = Condition(RLock())
        self._workers: set[Thread] = set()
        self._closed = False
        self._running = 0
        self._pace = 1.0  # measured seconds for each guessed one
        self._free_at_s = 0.0  # on the monotonic clock: when the batch that began last should be done
        self._partial_s = 0.0  # spent on provisional text since a recording had a turn

    @property
    def waiting_s(self) -> float:
        """How long a FINAL that is asked for now is expected to wait until its turn begins, in seconds."""
        with self._changed:
            before_s = self._pace * sum(turn.cost_s for turn in self._waiting[Urgency.FINAL])
            busy_s = self._free_at_s - time.monotonic() if self._running == self._at_once else 0.0
            return max(0.0, busy_s) + before_s / self._at_once

    def submit(self, task: Task, urgency: Urgency, key: object = None, cancel: Event | None = None) -> "Future[Result]":
        """Queue a task. Its future gives the result, or fails with a DictationError.

        A FILE waits here while `bound` of them are queued; live work never does. A PARTIAL takes the place of one of
        the same `key` that still waits, and a FINAL drops the PARTIAL of its key: the future of what was dropped is
        cancelled. Cancelling a future takes its task out of the queue. Raises Cancelled where `cancel` is set while
        this waits, and after `close`.
        """
        turn: _Turn[Task, Result] = _Turn(task, key, self._cost_s(task))
        line = self._waiting[urgency]
        with self._changed:
            while urgency is Urgency.FILE and len(line) >= self._bound and not self._closed:
                if cancel is not None and cancel.is_set():
                    raise Cancelled("interrupted.")
                self._changed.wait(_POLL_S)
            if self._closed:
                raise Cancelled("the recognizer was closed.")
            older = None if key is None or urgency is Urgency.FILE else self._partial(key)
            if older is not None and urgency is Urgency.PARTIAL:
                line[line.index(older)] = turn
            else:
                line.append(turn)
            self._start()
            self._changed.notify_all()
        if older is not None:
            older.future.cancel()
        this = ref(turn)  # the future must not hold its own turn, or sound and result would outlive their use
        turn.future.add_done_callback(lambda future: self._forget(this(), urgency) if future.cancelled() else None)
        return turn.future

    def close(self) -> None:
        """Cancel what waits and return once what runs is done."""
        with self._changed:
            self._closed = True
            waiting = [turn for line in self._waiting.values() for turn in line]
            for line in self._waiting.values():
                line.clear()
            workers = self._workers - {current_thread()}
            self._changed.notify_all()
        for turn in waiting:
            if not turn.future.cancel():
                turn.future.set_exception(Cancelled("the recognizer was closed."))
        for worker in workers:
            worker.join()

    def _partial(self, key: object) -> _Turn[Task, Result] | None:
        return next((turn for turn in self._waiting[Urgency.PARTIAL] if turn.key == key and not turn.alone), None)

    def _forget(self, turn: _Turn[Task, Result] | None, urgency: Urgency) -> None:
        with self._changed:
            if turn is not None and turn in self._waiting[urgency]:
                self._waiting[urgency].remove(turn)
                self._changed.notify_all()

    def _start(self) -> None:
        if len(self._workers) == self._at_once:
            return
        if not self._workers:
            atexit.register(self.close)  # a thread inside a native library must not outlive the interpreter
        worker = Thread(target=self._run, name="turns", daemon=True)
        self._workers.add(worker)
        worker.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._next() is not None, IDLE_S)
                urgency = self._next()
                if urgency is None:
                    self._workers.discard(current_thread())
                    if not self._workers:
                        atexit.unregister(self.close)
                    return
                turns = self._taken(urgency)
                guess_s = sum(turn.cost_s for turn in turns)
                began_s = time.monotonic()
                if turns:
                    self._running += 1
                    self._free_at_s = began_s + self._pace * guess_s
                self._changed.notify_all()
            if not turns:
                continue
            self._do(turns, urgency)
            with self._changed:
                self._running -= 1
                took_s = time.monotonic() - began_s
                if guess_s > 0:
                    self._pace += _NEWEST_SHARE * (took_s / guess_s - self._pace)
                self._free_at_s = 0.0
                if urgency is not Urgency.FINAL:
                    self._partial_s = self._partial_s + took_s if urgency is Urgency.PARTIAL else 0.0

    def _next(self) -> Urgency | None:
        """Whose turn it is: the most urgent, but for recordings that provisional text has kept waiting for long."""
        lines = self._waiting
        if not lines[Urgency.FINAL] and lines[Urgency.FILE] and self._partial_s >= PATIENCE_S:
            return Urgency.FILE
        return next((urgency for urgency in Urgency if lines[urgency]), None)

    def _taken(self, urgency: Urgency) -> list[_Turn[Task, Result]]:
        """Take the oldest task that waits and those most like it in cost out of the queue, as one batch."""
        line = self._waiting[urgency]
        first = line[0]
        alike = [
            turn
            for turn in line[1:]
            if not (first.alone or turn.alone) and first.cost_s / ALIKE <= turn.cost_s <= first.cost_s * ALIKE
        ]
        nearest = sorted(alike, key=lambda turn: abs(turn.cost_s - first.cost_s))[: self._batch - 1]
        batch = [first, *nearest]
        line[:] = [turn for turn in line if turn not in batch]
        return [turn for turn in batch if turn.alone or turn.future.set_running_or_notify_cancel()]

    def _do(self, turns: list[_Turn[Task, Result]], urgency: Urgency) -> None:
        """Run one batch. Where it fails as a whole, each of its tasks waits, in front, for another try alone."""
        try:
            results = self._work([turn.task for turn in turns])
            if len(results) != len(turns):
                raise ValueError(f"{len(results)} results for {len(turns)} tasks")
        except Exception as error:  # whatever it is, those who wait must be told and the thread must go on
            if len(turns) == 1:
                turns[0].future.set_exception(_expected(error))
                return
            for turn in turns:
                turn.alone = True
            with self._changed:
                self._waiting[urgency][:0] = turns
            return
        for turn, result in zip(turns, results, strict=True):
            if isinstance(result, DictationError):
                turn.future.set_exception(result)
            else:
                turn.future.set_result(result)


def _expected(error: Exception) -> DictationError:
    if isinstance(error, DictationError):
        return error
    failure = ModelError(f"the recognizer failed ({type(error).__name__}); try again, with fewer programs open.")
    failure.__cause__ = error
    return failure
