"""One recording, whatever its format: an id, a name and 16 kHz mono float32 blocks."""

import hashlib
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

import numpy as np

from dictation.audio.chunk import Chunk, scaled
from dictation.audio.condition import Condition
from dictation.audio.cut_off import CutOff
from dictation.audio.decode import decode, opened
from dictation.audio.mono import Downmix
from dictation.audio.resample import SAMPLE_RATE, Resampler
from dictation.errors import InputError

Decoder = Callable[[list[str]], Iterator[Chunk]]


class Recording:
    """A recording on disk or in memory. Nothing is read until asked for; hours are streamed in bounded memory.

    Reading raises InputError, one sentence with the file and the fix, where no sound can be had from the file.
    """

    def __init__(self, path: Path, shown: str | None = None) -> None:
        self.path = path
        self._shown = shown or _printable(str(path))  # in messages: the path as the user gave it
        self._decoder: Decoder = lambda warnings: decode(path, self._shown, warnings)
        self._warnings: tuple[str, ...] = ()
        self._duration_s: float | None = None

    @classmethod
    def from_samples(cls, samples: np.ndarray, sample_rate: int, name: str) -> "Recording":
        """Make a recording of sound that is already in memory; its id is the hash of the samples' bytes.

        `samples`, shape (n,) or (n, channels): floats with full scale at ±1 or integers of any width.
        `sample_rate` in Hz. Raises ValueError for another shape or type.
        """
        if samples.ndim not in (1, 2):
            raise ValueError(f"samples have the shape {samples.shape}; give (n,) or (n, channels)")
        frames = scaled(samples.reshape(len(samples), -1))
        recording = cls(Path(name))
        recording._decoder = lambda warnings: iter([Chunk(frames, sample_rate)] if frames.size else [])
        recording.id = hashlib.sha256(samples.tobytes()).hexdigest()
        return recording

    @property
    def name(self) -> str:
        """The file's name, for people."""
        return _printable(self.path.name)

    @cached_property
    def id(self) -> str:
        """SHA-256 of the file's bytes, in hexadecimal: equal for equal files, whatever they are called."""
        with opened(self.path, self._shown) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know about the sound, one sentence each; empty until it was decoded to its end."""
        return self._warnings

    def blocks(self, block_s: float = 30.0) -> Iterator[np.ndarray]:
        """Yield the sound from start to end as 16 kHz mono float32 in [-1, 1], shape (n,).

        Every block lasts exactly `block_s` seconds (to the sample), but for the last, which is shorter or equal.
        """
        block_samples = round(block_s * SAMPLE_RATE)
        if block_samples < 1:
            raise ValueError(f"block_s is {block_s}; a block lasts at least one sample")
        waiting: list[np.ndarray] = []
        count = 0
        for piece in self._pieces():
            waiting.append(piece)
            count += len(piece)
            if count >= block_samples:
                joined = np.concatenate(waiting)
                stop = count - count % block_samples
                for start in range(0, stop, block_samples):
                    yield joined[start : start + block_samples].copy()
                waiting = [joined[stop:].copy()]
                count -= stop
        if count:
            yield np.concatenate(waiting)

    def samples(self) -> np.ndarray:
        """Return the whole sound, 16 kHz mono float32, shape (n,): 230 MB an hour, so for short files."""
        return np.concatenate(list(self.blocks()))

    def duration_s(self) -> float:
        """Return the seconds of sound that the file really holds, whatever its header says."""
        if self._duration_s is None:
            for _ in self._pieces():
                pass
        assert self._duration_s is not None
        return self._duration_s

    def _pieces(self) -> Iterator[np.ndarray]:
        """Yield the sound as 16 kHz mono pieces of any length, and keep duration and warnings at the end."""
        warnings: list[str] = []
        condition, downmix, resampler, end = Condition(), Downmix(), Resampler(self._shown), CutOff()
        count = 0
        for chunk in self._readable(self._decoder(warnings)):
            mono = downmix.feed(condition.feed(chunk.frames))
            piece = np.clip(resampler.feed(mono, chunk.rate_hz), -1, 1)
            count += len(piece)
            end.feed(piece)
            yield piece
        piece = np.clip(resampler.finish(), -1, 1)
        count += len(piece)
        end.feed(piece)
        yield piece
        if count == 0:
            raise InputError(f"{self._shown}: it holds no sound (zero samples); copy it again, or record it again.")
        self._duration_s = count / SAMPLE_RATE
        self._warnings = (
            *warnings,
            *resampler.warnings(),
            *condition.warnings(self._shown),
            *downmix.warnings(self._shown),
            *(() if warnings else end.warnings(self._shown)),  # a damaged file has said why it ends
        )

    def _readable(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        try:
            yield from chunks
        except OSError as error:
            raise InputError(
                f"{self._shown}: reading failed part of the way ({error.strerror or error}); check the disk or network."
            ) from error


def _printable(name: str) -> str:
    """Return a file's name with bytes that are no text replaced, so that it can be printed everywhere."""
    return name.encode("utf-8", "replace").decode("utf-8")
