"""Turns among users: the heavy work of one never takes more than one thread from all the others.

A user who asks for more waits behind their own work, and for nobody else's. Who has no name is nobody's: such work
waits for none.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from functools import partial
from threading import Lock
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Turns:
    """The turns of users, for threads of their own, which may wait."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._of: dict[str, Lock] = {}  # as many as there are users

    @contextmanager
    def of(self, user: str) -> Iterator[None]:
        """Have the turn of a user. Take it with no other lock held: who has the turn may wait for that one."""
        if not user:
            yield
            return
        with self._lock:
            turn = self._of.setdefault(user, Lock())
        with turn:
            yield


class TurnThreads:
    """Threads for the work of an event loop, `most` of them, and of each asker one. Who waits for a turn holds none."""

    def __init__(self, name: str, most: int) -> None:
        self._pool = ThreadPoolExecutor(most, name)
        self._of: dict[str, tuple[asyncio.Lock, int]] = {}  # with how many have it or wait for it

    async def do(self, asker: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `work` does, once its asker has the turn. Whoever no longer waits for it leaves it working."""
        loop = asyncio.get_running_loop()
        turn, count = self._of.get(asker, (asyncio.Lock(), 0))
        self._of[asker] = turn, count + 1
        try:
            await turn.acquire()
        except BaseException:
            self._forget(asker)
            raise
        try:
            future = self._pool.submit(copy_context().run, partial(work, *args, **kwargs))
        except BaseException:
            self._give_back(asker, turn)
            raise

        def done(_: Future[T]) -> None:
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(self._give_back, asker, turn)

        future.add_done_callback(done)  # not where the wait ends: a page that hangs up has its thread on
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Begin nothing more; what is being done is not waited for."""
        self._pool.shutdown(wait=False)

    def _give_back(self, asker: str, turn: asyncio.Lock) -> None:
        turn.release()
        self._forget(asker)

    def _forget(self, asker: str) -> None:
        turn, count = self._of.pop(asker)
        if count > 1:
            self._of[asker] = turn, count - 1
