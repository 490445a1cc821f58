"""Where live sound comes from, raw samples on stdin or a file, and its way into the journal."""

import os
import select
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np

from dictation.audio import SAMPLE_RATE, Journal, Recording
from dictation.audio.capture import from_pcm
from dictation.audio.decode import opened
from dictation.audio.resample import Resampler
from dictation.errors import DictationError, InputError, UsageError

BLOCK_SAMPLES = SAMPLE_RATE // 10  # 0.1 s: small beside what the end of a phrase has to wait for
_BLOCK_S = BLOCK_SAMPLES / SAMPLE_RATE
_READ_BYTES = 2**14
_AHEAD_S = 2.0  # sound that runs ahead of the clock by more comes from no microphone: it can wait
_EXAMPLE = "arecord -q -t raw -f S16_LE -r 16000 -c 1 | dictation live"


class TwoChannels(UsageError):
    """The sound is not what it was called: what came of it so far is no speech."""


class Sound(Protocol):
    """Sound that arrives. `warnings` are complete at its end; `is_live`: it cannot wait."""

    name: str
    is_live: bool

    @property
    def warnings(self) -> list[str]:
        """What a person should know about the sound, one sentence each."""
        ...

    @property
    def waited_s(self) -> float:
        """How long its source has given nothing, although it was asked: 0.0 where it is not waited for."""
        ...

    def pieces(self) -> Iterator[np.ndarray]:
        """Yield it as it arrives: 16 kHz float32, shape (n,). Raises InputError where there is none."""
        ...


class Stdin:
    """16-bit little-endian mono samples on stdin. Raises UsageError where stdin is a terminal or closed."""

    name = "-"
    is_live = True

    def __init__(self, rate_hz: int) -> None:
        if sys.stdin is None:
            raise UsageError(f"stdin is closed and gives no sound; name a sound file, or run: {_EXAMPLE}")
        if sys.stdin.isatty():
            raise UsageError(f"stdin is a terminal and gives no sound; name a sound file, or run: {_EXAMPLE}")
        # A descriptor of its own: a thread that waits inside sys.stdin could not be left alone at the end, and the
        # number of one that is closed meanwhile may be given to other sound.
        self._descriptor, self._rate_hz = os.dup(sys.stdin.fileno()), rate_hz
        self.warnings: list[str] = []
        self._asked_s: float | None = None

    @property
    def waited_s(self) -> float:
        """How long the pipe has been empty while it was read."""
        asked_s = self._asked_s
        return 0.0 if asked_s is None or _has_more(self._descriptor) else time.monotonic() - asked_s

    def pieces(self) -> Iterator[np.ndarray]:
        """Yield sound until the pipe ends; can be called once.

        Raises InputError where there was none at all, TwoChannels where it turns out to have two.
        """
        try:
            yield from self._sound()
        finally:
            self._asked_s = None
            os.close(self._descriptor)

    def _sound(self) -> Iterator[np.ndarray]:
        resampler, half, is_empty, channels = Resampler("stdin"), b"", True, _Channels(self._rate_hz)
        while piece := self._next_piece():
            whole = len(half + piece) // 2 * 2
            sound, half = (half + piece)[:whole], (half + piece)[whole:]
            is_empty &= not sound
            if channels.are_two(np.frombuffer(sound, "<i2")):
                raise TwoChannels(
                    "stdin has two channels, or gives each sample twice; record one: -c 1, as in: " + _EXAMPLE
                )
            yield resampler.feed(from_pcm(sound), self._rate_hz)
        yield resampler.finish()
        if half:
            self.warnings.append("The sound on stdin ended inside a sample; check that it is 16-bit and not cut off.")
        if is_empty:
            raise InputError(
                f"stdin gave no sound; check the microphone and the program that sends it, as in: {_EXAMPLE}"
            )

    def _next_piece(self) -> bytes:
        self._asked_s = time.monotonic()
        try:
            return os.read(self._descriptor, _READ_BYTES)
        except OSError as error:
            self.warnings.append(f"The sound on stdin broke off ({error.strerror}); check the program that sends it.")
            return b""
        finally:
            self._asked_s = None


class _Channels:
    """Tells sound that comes as two channels from one: a microphone's left and right are alike, or one is silent."""

    def __init__(self, rate_hz: int) -> None:
        self._needed = rate_hz // 2  # moving samples in a row: no sound of one channel goes in pairs so long
        self._rest = np.zeros(0, np.int16)
        self._moved = {"alike": 0, "left alone": 0, "right alone": 0}

    def are_two(self, sound: np.ndarray) -> bool:
        """Take the next samples, shape (n,); True once it is certain. One exception settles that there is one."""
        if not self._moved:
            return False
        sound = np.concatenate([self._rest, sound])
        pairs, self._rest = sound[: len(sound) // 2 * 2].reshape(-1, 2), sound[len(sound) // 2 * 2 :]
        left, right = pairs[:, 0], pairs[:, 1]
        moved = int(np.count_nonzero(np.any(np.diff(pairs, axis=0), axis=1)))
        fits = {"alike": (left == right).all(), "left alone": not right.any(), "right alone": not left.any()}
        self._moved = {kind: count + moved for kind, count in self._moved.items() if fits[kind]}
        return any(count >= self._needed for count in self._moved.values())


def _has_more(descriptor: int) -> bool:
    """Whether a pipe holds what was not read yet, as on a machine too busy to read; False where that is unknown."""
    try:
        return bool(select.select([descriptor], [], [], 0)[0])
    except (OSError, ValueError):  # Windows asks sockets alone
        return False


class SoundFile:
    """A sound file, given as if it were spoken now: no faster than that where `real_time` says so.

    Raises InputError where there is no such file.
    """

    waited_s = 0.0

    def __init__(self, path: Path, real_time: bool) -> None:
        self.name, self.is_live = str(path), real_time
        self._recording = Recording(path)
        opened(path, self.name).close()  # what is not there is told before an ear is loaded

    @property
    def warnings(self) -> list[str]:
        """What a person should know about the sound, after it has ended."""
        return list(self._recording.warnings)

    def pieces(self) -> Iterator[np.ndarray]:
        """Yield blocks. Raises InputError as Recording does."""
        started_s = time.monotonic()
        for number, block in enumerate(self._recording.blocks(_BLOCK_S), 1):
            if self.is_live:
                time.sleep(max(0.0, started_s + number * _BLOCK_S - time.monotonic()))
            yield block


class Taking:
    """Sound on its way into the journal, in a thread of its own that does nothing else.

    Where `must_wait` says so, sound that comes faster than it is spoken waits: no microphone sends such.
    """

    def __init__(self, sound: Sound, journal: Journal, must_wait: Callable[[], bool]) -> None:
        self.has_ended = False
        self.trouble: Exception | None = None
        """What ended it early."""
        self.last_s = time.monotonic()
        """When the last sound came."""
        self._sound, self._journal, self._must_wait = sound, journal, must_wait
        self._rest = np.zeros(0, np.float32)
        self._number = 0
        self._is_stopped = False
        self._lock = threading.Lock()
        threading.Thread(target=self._take, name="sound", daemon=True).start()

    def stop(self) -> None:
        """End it: what has come is in the journal, and nothing more is taken."""
        with self._lock:
            if not self._is_stopped and self.trouble is None:
                try:
                    self._keep(np.zeros(0, np.float32), is_last=True)
                except DictationError as error:
                    self.trouble = error
            self._is_stopped = self.has_ended = True

    def _take(self) -> None:
        started_s = time.monotonic()
        try:
            for piece in self._sound.pieces():
                with self._lock:
                    if self._is_stopped:
                        return
                    self._keep(piece)
                self.last_s = time.monotonic()
                while not self._is_stopped and self._is_ahead(started_s) and self._must_wait():
                    time.sleep(_BLOCK_S)
                if self._is_stopped:
                    return
            self.stop()
        except Exception as error:
            self.trouble = error
            self.has_ended = True

    def _is_ahead(self, started_s: float) -> bool:
        return self._number * _BLOCK_S > time.monotonic() - started_s + _AHEAD_S

    def _keep(self, piece: np.ndarray, is_last: bool = False) -> None:
        """Put whole blocks into the journal, and what is over as well where it is the last."""
        sound = np.clip(np.concatenate([self._rest, piece]), -1, 1)
        while len(sound) >= BLOCK_SAMPLES or (is_last and len(sound)):
            self._journal.append(self._number, sound[:BLOCK_SAMPLES])
            self._number += 1
            sound = sound[BLOCK_SAMPLES:]
        self._rest = sound
