"""Recordings, decoded ahead of the ear by processes of their own.

The ear never waits for a decoder, and a file made to break decoders takes down one process and no other file: whoever
crashes, or gives nothing for long, is ended, and its recording fails with a sentence.
"""

import json
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Event, Lock, Semaphore, Thread
from typing import Any

import numpy as np

from dictation import errors
from dictation.audio import Recording
from dictation.errors import DictationError
from pipelines.inputs import Input
from pipelines.remote_inputs import Address, place, recording_at

BLOCK_S = 10.0
BLOCKS_AHEAD = 6  # of one recording: a minute, 4 MB
PATIENCE_S = 120.0  # without anything from a decoder, on a slow network disk too
_POLL_S = 0.2
_SOUND, _FACT = b"s", b"f"

Decoding = Callable[[Any], Iterator[bytes]]  # of a Path or an Address


def most_decoders() -> int:
    """How many processes decode: one may hang while another goes on; the ear needs the other cores."""
    return min(8, max(2, (os.cpu_count() or 2) // 2))


def decoding(path: Path | Address) -> Iterator[bytes]:
    """What a decoder's process says of a file: its id, its sound, then how it ended."""
    try:
        with recording_at(path) as recording:
            yield _fact(
                id=recording.id
            )  # before it is decoded: a file that changes meanwhile is done again by --resume
            for block in recording.blocks(BLOCK_S):
                yield _SOUND + block.tobytes()
            yield _fact(duration_s=recording.duration_s(), warnings=recording.warnings)
    except DictationError as error:
        yield _fact(error=type(error).__name__, message=str(error))
    except Exception as error:
        yield _fact(error="InputError", message=_broken(path, f"failed ({type(error).__name__})"))


class Ahead(Recording):
    """A recording whose sound arrives from a decoder; read a second time, it is decoded here."""

    def __init__(self, path: Path, done: Callable[[], object]) -> None:
        super().__init__(path)
        self.dropped = Event()
        self._done = done
        self._arrived: Queue[np.ndarray | dict[str, Any]] = Queue(BLOCKS_AHEAD)
        self._is_taken = False

    def arrive(self, piece: "np.ndarray | dict[str, Any]") -> None:
        """Give the next sound, or what is known at its end; waits while the ear is behind."""
        while not self.dropped.is_set():
            try:
                self._arrived.put(piece, timeout=_POLL_S)
                return
            except Full:
                continue

    def _pieces(self) -> Iterator[np.ndarray]:
        if self._is_taken:
            yield from super()._pieces()
            return
        self._is_taken = True
        try:
            while isinstance(piece := self._next(), np.ndarray):
                yield piece
        finally:
            self.dropped.set()
            self._done()
        if "error" in piece:
            raise getattr(errors, piece["error"], DictationError)(piece["message"])
        self._duration_s, self._warnings = piece["duration_s"], tuple(piece["warnings"])

    def _next(self) -> "np.ndarray | dict[str, Any]":
        while True:  # with a pause, so that a Ctrl-C is heard on every system
            try:
                return self._arrived.get(timeout=_POLL_S)
            except Empty:
                continue


class Decoders:
    """The processes that decode, until `close`."""

    def __init__(self, decode: Decoding = decoding, patience_s: float = PATIENCE_S, count: int | None = None) -> None:
        self._decode, self._patience_s = decode, patience_s
        self._count = count or most_decoders()
        self._closed = Event()
        self._lock = Lock()
        self._open: set[Ahead] = set()
        self._decoders: list[_Decoder] = []
        self._idle: list[_Decoder] = []

    def close(self) -> None:
        """End all processes, whatever they do."""
        self._closed.set()
        with self._lock:
            recordings, decoders = list(self._open), list(self._decoders)
        for recording in recordings:
            recording.dropped.set()
        for decoder in decoders:
            decoder.end()

    def recordings(self, items: Iterable[Input], *, in_order: bool = False) -> Iterator[tuple[Input, Recording]]:
        """Yield each input with its recording once its sound has begun to arrive, or it has failed.

        The one that is ready first comes first; with `in_order` they come as they were given.
        """
        numbered = list(enumerate(items))
        waiting = iter(numbered)
        ready: Queue[tuple[int, Input, Ahead] | BaseException] = Queue()
        places = Semaphore(2 * self._count)  # of recordings that are decoded or wait for the ear
        threads = [
            Thread(target=self._serve, args=(waiting, places, ready), name="decoding", daemon=True)
            for _ in range(min(self._count, len(numbered)))
        ]
        for thread in threads:
            thread.start()
        held: list[tuple[int, Input, Ahead]] = []
        for number in range(len(numbered)):
            while not held or (in_order and held[0][0] != number):
                try:
                    this = ready.get(timeout=_POLL_S)
                except Empty:
                    continue
                if isinstance(this, BaseException):
                    raise this
                heappush(held, this)
            _, item, recording = heappop(held)
            yield item, recording

    def _serve(self, waiting: Iterator[tuple[int, Input]], places: Semaphore, ready: Queue[Any]) -> None:
        try:
            self._decode_all(waiting, places, ready)
        except BaseException as error:  # no process could be begun: who waits must be told
            ready.put(error)

    def _decode_all(self, waiting: Iterator[tuple[int, Input]], places: Semaphore, ready: Queue[Any]) -> None:
        """Decode one recording after the other with one process, and another one where that broke."""
        with self._lock:
            decoder = self._idle.pop() if self._idle else None
        while True:
            while not places.acquire(timeout=_POLL_S):
                if self._closed.is_set():
                    return
            with self._lock:
                number, item = next(waiting, (0, None))
                if item is None or self._closed.is_set():
                    break
                recording = Ahead(item.path, places.release)
                self._open.add(recording)
                self._decoders = [one for one in self._decoders if one.is_alive]
                if decoder is None or not decoder.is_alive:  # a file may break it even after its end
                    decoder = _Decoder(self._decode)
                    self._decoders.append(decoder)
            is_ready = False
            for piece in decoder.said(item.place, self._patience_s):
                if isinstance(piece, dict) and "id" in piece:
                    recording.id = piece["id"]
                    continue
                recording.arrive(piece)
                if not is_ready:
                    ready.put((number, item, recording))
                    is_ready = True
            with self._lock:
                self._open.discard(recording)
        if decoder is not None:  # for the next that are asked for
            with self._lock:
                self._idle.append(decoder)


class _Decoder:
    """One process and the pipe to it. What comes out of it is bytes and facts in JSON, never objects."""

    def __init__(self, decode: Decoding) -> None:
        context = get_context("spawn")  # a fork would take the engine's threads and memory along
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, decode), name="decoder", daemon=True)
        self._lock = Lock()  # one at a time waits for a process: the other would be told that it is alive
        self._process.start()
        theirs.close()  # so that the end of the process ends the pipe

    @property
    def is_alive(self) -> bool:
        """False once the process has ended."""
        with self._lock:
            return self._process.is_alive()

    def said(self, path: Path | Address, patience_s: float) -> Iterator["np.ndarray | dict[str, Any]"]:
        """Yield the id, the sound and the end of a recording, which may be a failure of its decoder."""
        try:
            self._pipe.send_bytes(os.fsencode(path if isinstance(path, Path) else path.url))
            is_begun = False  # until then its bytes are counted, however slow the disk is
            while True:
                if not self._pipe.poll(patience_s if is_begun else None):
                    why = f"stopped for {patience_s:.0f} s"
                    break
                message = self._pipe.recv_bytes()
                if message[:1] == _SOUND:
                    yield np.frombuffer(message[1:], np.float32).copy()
                    continue
                fact = json.loads(message[1:])
                yield fact
                if "id" not in fact:
                    return
                is_begun = True
        except (EOFError, OSError, ValueError):
            why = "broke off"
        self.end()
        yield {"error": "InputError", "message": _broken(path, why)}

    def end(self) -> None:
        """End the process, whatever it does."""
        with self._lock:
            self._process.kill()
            self._process.join()


def _broken(path: Path | Address, how: str) -> str:
    return f"{path}: decoding it {how}; the file is damaged: export it again as WAV, FLAC, MP3 or M4A."


def _fact(**values: object) -> bytes:
    return _FACT + json.dumps(values).encode()


def _work(pipe: Connection, decode: Decoding) -> None:
    """The life of a decoder's process: a path in, what is in the file out, until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program, which ends this process
    try:
        while True:
            for message in decode(place(os.fsdecode(pipe.recv_bytes()))):
                pipe.send_bytes(message)
    except (EOFError, OSError):
        return
