"""Where live sound comes from: raw samples on stdin, or a file; blocks of 16 kHz sound as they arrive."""

import os
import queue
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dictation.audio import SAMPLE_RATE, Recording
from dictation.audio.capture import from_pcm
from dictation.audio.decode import opened
from dictation.audio.resample import Resampler
from dictation.errors import InputError, UsageError

BLOCK_SAMPLES = SAMPLE_RATE // 10  # 0.1 s: small beside what the end of a phrase has to wait for
LOWEST_HZ, HIGHEST_HZ = 8_000, 192_000  # of stdin: the telephone's rate, the highest of sound cards
_READ_BYTES = 2**14
_AHEAD_BLOCKS = 600  # a minute: held for an ear that is still being loaded
_EXAMPLE = "arecord -q -t raw -f S16_LE -r 16000 -c 1 | dictation live"


class Stdin:
    """16-bit little-endian mono samples on stdin, read from the start on, so that nothing is lost while an ear loads.

    Iterating gives blocks of float32, shape (BLOCK_SAMPLES,), the last one shorter, and None after each `patience_s`
    without sound. Raises UsageError where stdin is a terminal.
    """

    name = "-"
    is_live = True

    def __init__(self, rate_hz: int, patience_s: float, stop: threading.Event) -> None:
        if sys.stdin is None or sys.stdin.isatty():
            raise UsageError(f"stdin is a terminal and gives no sound; name a sound file, or run: {_EXAMPLE}")
        self._resampler, self._rate_hz, self._patience_s = Resampler("stdin"), rate_hz, patience_s
        self._pieces: queue.Queue[bytes | OSError] = queue.Queue(_AHEAD_BLOCKS)
        self._stop = stop
        self.warnings: list[str] = []
        # The descriptor itself: a thread that waits inside sys.stdin could not be left alone at the end.
        threading.Thread(target=self._read, args=(sys.stdin.fileno(),), name="stdin", daemon=True).start()

    def __iter__(self) -> Iterator[np.ndarray | None]:
        """Yield blocks and None until the sound has ended. Raises InputError where there was none at all."""
        waiting, half, count, is_end = np.zeros(0, np.float32), b"", 0, False
        while not is_end:
            piece = self._next_piece()
            if piece is None:
                yield None
                continue
            is_end = not piece
            whole = len(half + piece) // 2 * 2
            sound, half = (half + piece)[:whole], (half + piece)[whole:]
            heard = self._resampler.feed(from_pcm(sound), self._rate_hz)
            waiting = np.concatenate([waiting, heard, self._resampler.finish() if is_end else heard[:0]])
            while len(waiting) >= BLOCK_SAMPLES or (is_end and len(waiting)):
                yield np.clip(waiting[:BLOCK_SAMPLES], -1, 1)
                waiting = waiting[BLOCK_SAMPLES:]
                count += 1
        if half:
            self.warnings.append("The sound on stdin ended inside a sample; check that it is 16-bit and not cut off.")
        if not count:
            raise InputError(
                f"stdin gave no sound; check the microphone and the program that sends it, as in: {_EXAMPLE}"
            )

    def _next_piece(self) -> bytes | None:
        """Bytes that have arrived; none at the end or when all that came before the stop is taken; None: not yet."""
        try:
            piece = self._pieces.get(timeout=self._patience_s)
        except queue.Empty:
            return b"" if self._stop.is_set() else None
        if isinstance(piece, OSError):
            self.warnings.append(f"The sound on stdin broke off ({piece.strerror}); check the program that sends it.")
            return b""
        return piece

    def _read(self, descriptor: int) -> None:
        piece = b"begin"
        while piece and not self._stop.is_set():
            try:
                piece = os.read(descriptor, _READ_BYTES)
            except OSError as error:
                self._pieces.put(error)
                return
            self._pieces.put(piece)


class SoundFile:
    """A sound file, given as if it were spoken now: no faster than that where `real_time` says so.

    Raises InputError where there is no such file.
    """

    def __init__(self, path: Path, real_time: bool, stop: threading.Event) -> None:
        self.name, self.is_live = str(path), real_time
        self._recording, self._real_time, self._stop = Recording(path), real_time, stop
        opened(path, self.name).close()  # what is not there is told before an ear is loaded

    @property
    def warnings(self) -> list[str]:
        """What a person should know about the sound, after it has ended."""
        return list(self._recording.warnings)

    def __iter__(self) -> Iterator[np.ndarray | None]:
        """Yield blocks of float32, shape (BLOCK_SAMPLES,). Raises InputError as Recording does."""
        started_s = time.monotonic()
        for number, block in enumerate(self._recording.blocks(BLOCK_SAMPLES / SAMPLE_RATE), 1):
            due_s = started_s + number * BLOCK_SAMPLES / SAMPLE_RATE
            while self._real_time and (wait_s := due_s - time.monotonic()) > 0:
                time.sleep(min(wait_s, BLOCK_SAMPLES / SAMPLE_RATE))
            if self._stop.is_set():
                return
            yield block
