"""Recordings, decoded ahead of the ear by processes of their own.

The ear never waits for a decoder, and a file made to break decoders takes down one process and no other file: whoever
crashes, or gives nothing for long, is ended, and its recording fails with a sentence.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Event, Lock, Semaphore, Thread
from typing import Any

import numpy as np

from dictation.apart import Process, Work
from dictation.audio import Recording
from dictation.audio.apart import MEMORY_BYTES, PATIENCE_S, said_of, understood
from dictation.errors import error_named
from pipelines.inputs import Input
from pipelines.remote_inputs import Address, place, recording_at

BLOCKS_AHEAD = 6  # of one recording: a minute, 4 MB
_POLL_S = 0.2


def most_decoders() -> int:
    """How many processes decode: one may hang while another goes on; the ear needs the other cores."""
    return min(8, max(2, (os.cpu_count() or 2) // 2))


def decoding(path: Path | Address) -> Iterator[bytes]:
    """What a decoder's process says of a file, wherever it lies; see `said_of`."""
    return said_of(lambda: recording_at(path), str(path))


def decoding_at(request: bytes) -> Iterator[bytes]:
    """The same of a file that is named by bytes, as a process is asked."""
    return decoding(place(os.fsdecode(request)))


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
            raise error_named(str(piece["error"]), str(piece["message"]))
        self._duration_s, self._warnings = piece["duration_s"], tuple(piece["warnings"])

    def _next(self) -> "np.ndarray | dict[str, Any]":
        while True:  # with a pause, so that a Ctrl-C is heard on every system
            try:
                return self._arrived.get(timeout=_POLL_S)
            except Empty:
                continue


class Decoders:
    """The processes that decode, until `close`."""

    def __init__(self, decode: Work = decoding_at, patience_s: float = PATIENCE_S, count: int | None = None) -> None:
        self._decode, self._patience_s = decode, patience_s
        self._count = count or most_decoders()
        self._closed = Event()
        self._lock = Lock()
        self._open: set[Ahead] = set()
        self._decoders: list[Process] = []
        self._idle: list[Process] = []

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
                    decoder = Process(self._decode, MEMORY_BYTES)
                    self._decoders.append(decoder)
            is_ready = False
            where = item.place
            asked = os.fsencode(where if isinstance(where, Path) else where.url)
            # Until the first answer its bytes are counted, however slow the disk is.
            for piece in understood(decoder.answers(asked, self._patience_s), str(where)):
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
