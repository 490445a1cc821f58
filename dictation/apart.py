"""Work on files of others in processes apart: one that was made to break a decoder breaks none of this program.

A process gets a request and gives answers, all of them bytes and never objects, for it may be in the hands of whoever
made the file. Its memory has a limit, and who breaks off or says nothing for long is ended. `Pool` keeps a few of them
for a program that runs on, which waits for one rather than begin more.
"""

import json
import os
import signal
import struct
import subprocess  # nosec B404: it starts this very program
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from importlib import import_module
from pathlib import Path
from queue import Empty, Full, Queue
from threading import BoundedSemaphore, Event, Lock, Thread, Timer
from time import monotonic
from typing import IO

LONGEST_BYTES = 2**26  # of one answer; longer work is told in pieces
PIECES_AHEAD = 4  # answers that are read before they are asked for
IDLE_S = 60.0  # until a process that has nothing to do is ended, with the memory that it took
MOST_ASKED = 4  # of a user at once: read, or waiting for that
NICE = 5  # of what a pool does: who dictates comes first
_POLL_S = 0.2
_LENGTH = struct.Struct("<I")  # of a message, before it; 0 ends the answers to a request
_BEGIN = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); import dictation.apart as apart; apart._live(sys.argv[2],"
    " int(sys.argv[3]), int(sys.argv[4]))"
)
Answers = Generator[bytes, None, None]  # to be closed where it may not be read to its end
Work = Callable[[bytes], Iterator[bytes]]  # a function of a module, by whose name the process finds it


_ASKER: ContextVar[str] = ContextVar("asker", default="")


@contextmanager
def asking(user: str) -> Iterator[None]:
    """What this thread asks of a pool meanwhile is this user's, who has one process at a time; "" is nobody's."""
    before = _ASKER.set(user)
    try:
        yield
    finally:
        _ASKER.reset(before)


class BrokeOffError(Exception):
    """A process gave no more; `str` of it says how, after "decoding it"."""


class TooManyError(Exception):
    """A user asked for more at once than MOST_ASKED; `str` of it says so, after the name of the file."""


class Process:
    """One process that does `work`. `memory_bytes` is the most that it may have of its own, 0 for no limit.

    `nice` is how far it gives way to others, as in nice(1).

    The limit holds where the system knows such limits (Linux; elsewhere the sizes that the work itself allows).
    """

    def __init__(self, work: Work, memory_bytes: int = 0, nice: int = 0) -> None:
        name = f"{work.__module__}:{work.__qualname__}"
        self._process = subprocess.Popen(  # nosec B603
            [sys.executable, "-c", _BEGIN, json.dumps(sys.path), name, str(memory_bytes), str(nice)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
        )  # fmt: skip
        self._ended, self._is_ready = Event(), False
        self._said: Queue[bytes | None] = Queue(PIECES_AHEAD)
        self._lock = Lock()
        Thread(target=self._read, name="apart", daemon=True).start()

    @property
    def is_alive(self) -> bool:
        """False once the process has ended."""
        with self._lock:
            return self._process.poll() is None

    def answers(self, request: bytes, patience_s: float, first_patience_s: float | None = None) -> Answers:
        """Yield the answers to a request. What is not read to its end ends the process.

        `patience_s` is the longest wait for the next one, and thirty times that the longest for all of them together;
        for the first it is `first_patience_s`, None for any time. Raises BrokeOffError.
        """
        is_done = False
        try:
            if not self._is_ready:  # it loads what it needs, which is not the file's fault
                self._next(None)
                self._is_ready = True
            self._ask(request)
            waited_s, limit_s = 0.0, first_patience_s
            while True:
                began_s = monotonic()
                message = self._next(limit_s)
                if limit_s is not None:
                    waited_s += monotonic() - began_s
                limit_s = min(patience_s, max(0.0, 30 * patience_s - waited_s))
                if not message:
                    is_done = True
                    return
                yield message
        finally:
            if not is_done:
                self.end()

    def end(self) -> None:
        """End the process, whatever it does."""
        self._ended.set()
        with self._lock:
            self._process.kill()
            self._process.wait()
            with suppress(OSError):
                if self._process.stdin is not None:
                    self._process.stdin.close()

    def _ask(self, request: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(_LENGTH.pack(len(request)) + request)
        except (OSError, ValueError) as error:
            raise BrokeOffError("broke off") from error

    def _next(self, limit_s: float | None) -> bytes:
        until_s = None if limit_s is None else monotonic() + limit_s
        while until_s is None or monotonic() < until_s:
            try:  # with a pause, so that a Ctrl-C is heard on every system
                message = self._said.get(timeout=_POLL_S)
            except Empty:
                if self._ended.is_set():
                    break
                continue
            if message is None:
                raise BrokeOffError("broke off")
            return message
        raise BrokeOffError("broke off" if self._ended.is_set() else f"stopped for {limit_s:.0f} s")

    def _read(self) -> None:
        assert self._process.stdout is not None
        message: bytes | None = b""
        with self._process.stdout as said:  # closed here: under a read, another process's pipe would get its number
            while message is not None and not self._ended.is_set():
                try:
                    message = _message(said)
                except (OSError, ValueError, EOFError):
                    message = None
                while not self._ended.is_set():
                    try:
                        self._said.put(message, timeout=_POLL_S)
                        break
                    except Full:
                        continue


class Pool:
    """At most `count` processes that do `work`, begun when they are needed and ended when nothing is asked of them.

    A user who is `asking` has one of them at a time and MOST_ASKED requests in all: nobody's files keep those of all
    others waiting.
    """

    def __init__(self, work: Work, count: int = 2, memory_bytes: int = 0) -> None:
        self._work, self._memory_bytes = work, memory_bytes
        self._places = BoundedSemaphore(count)
        self._lock = Lock()
        self._turns: dict[str, Lock] = {}  # as many as there are users
        self._asked: Counter[str] = Counter()  # by user: what is being done, and what waits for it
        self._idle: list[tuple[float, Process]] = []
        self._timer: Timer | None = None

    def answers(self, request: bytes, patience_s: float) -> Answers:
        """Yield the answers of the next free process. Raises BrokeOffError (see `Process.answers`) and TooManyError."""
        with self._turn(_ASKER.get()), self._places, self._process() as process:
            yield from process.answers(request, patience_s, patience_s)

    @contextmanager
    def _turn(self, user: str) -> Iterator[None]:
        """The turn of a user. Raises TooManyError where MOST_ASKED wait: each holds a thread that others need, too."""
        if not user:
            yield
            return
        with self._lock:
            if self._asked[user] >= MOST_ASKED:
                raise TooManyError("other files of yours are still being read; give it once they are there")
            self._asked[user] += 1
            turn = self._turns.setdefault(user, Lock())
        try:
            with turn:
                yield
        finally:
            with self._lock:
                self._asked[user] -= 1

    def close(self) -> None:
        """End those that have nothing to do; others are begun when something is asked."""
        self._end_idle(0.0)

    @contextmanager
    def _process(self) -> Iterator[Process]:
        with self._lock:
            process = self._idle.pop()[1] if self._idle else None
        if process is None or not process.is_alive:
            process = Process(self._work, self._memory_bytes, NICE)
        try:
            yield process
        finally:
            if process.is_alive:
                with self._lock:
                    self._idle.append((monotonic(), process))
                    if self._timer is None:
                        self._wait()

    def _wait(self) -> None:
        self._timer = Timer(IDLE_S, self._end_idle, [IDLE_S])
        self._timer.daemon = True
        self._timer.start()

    def _end_idle(self, for_s: float) -> None:
        with self._lock:
            until_s = monotonic() - for_s
            idle = [process for since_s, process in self._idle if since_s <= until_s]
            self._idle = [one for one in self._idle if one[1] not in idle]
            self._timer = None
            if self._idle:
                self._wait()
        for process in idle:
            process.end()


def _message(pipe: IO[bytes]) -> bytes:
    length = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))[0]
    if length > LONGEST_BYTES:
        raise ValueError
    return _exactly(pipe, length)


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < count:
        piece = pipe.read(count - len(pieces))
        if not piece:
            raise EOFError
        pieces += piece
    return bytes(pieces)


def _live(work_name: str, memory_bytes: int, nice: int) -> None:
    """The life of a process: a request in, its answers out, until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program, which ends this process
    asked, answered = os.fdopen(os.dup(0), "rb", buffering=0), os.fdopen(os.dup(1), "wb", buffering=0)
    with Path(os.devnull).open("r+b") as nowhere:  # whatever a library prints is no answer
        os.dup2(nowhere.fileno(), 0)
        os.dup2(nowhere.fileno(), 1)
    module, _, name = work_name.partition(":")
    work: Work = getattr(import_module(module), name)
    _limit(memory_bytes, nice)
    _write(answered, b"ready")
    with suppress(EOFError, OSError):
        while True:
            for message in work(_message(asked)):
                _write(answered, message)
            _write(answered, b"")


def _write(pipe: IO[bytes], message: bytes) -> None:
    left = memoryview(_LENGTH.pack(len(message)) + message)
    while left:
        left = left[pipe.write(left) :]


def _limit(memory_bytes: int, nice: int) -> None:
    """Take no more memory than that, and give way to the program: in time, and where the machine has no memory left."""
    with suppress(OSError, AttributeError):
        os.nice(nice)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    try:
        import resource
    except ImportError:  # Windows
        return
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what it holds is of patients
    if memory_bytes:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
