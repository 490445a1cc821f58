"""Uncompressed sound and FLAC, read by libsndfile."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, UnsupportedOperation

import numpy as np

from dictation.audio.chunk import CHUNK_VALUES, Chunk
from dictation.audio.riff import damaged, ends_early, with_true_length
from dictation.errors import MissingError
from dictation.extras import install_command

# The beginnings of the files that are read here: WAV, its big-endian, 64-bit and Sony relatives, FLAC, Sun, Apple CAF.
# MP3 and Ogg are left to FFmpeg: libsndfile stops at the first damaged frame and its MP3 reader prints to stderr.
MAGIC = (b"RIFF", b"RIFX", b"RF64", b"riff", b"fLaC", b".snd", b"caff")
_LONGEST_RIFF = 2**32  # bytes: a longer WAV file cannot state its length, and libsndfile then stops there
_EXACT_BITS = 24  # of a sample that a float32 holds exactly
_UNKNOWN_FRAMES = 2**62  # and above: what libsndfile says of a FLAC stream whose header gives no length


class Unreadable(Exception):
    """libsndfile cannot go on; `frames` (at the file's own rate) were given before."""

    def __init__(self, frames: int) -> None:
        super().__init__(f"unreadable after {frames} frames")
        self.frames = frames


def decoded(file: BufferedReader, name: str, warnings: list[str]) -> Iterator[Chunk]:
    """Yield the sound of `file`. Raises Unreadable where another decoder should take over."""
    try:
        import soundfile
    except ImportError as error:
        raise MissingError(f"soundfile is not installed; run: {install_command('audio')}") from error
    file.seek(0)
    is_wav = file.read(4) == b"RIFF"
    if is_wav and file.seek(0, os.SEEK_END) > _LONGEST_RIFF:
        raise Unreadable(0)
    file.seek(0)
    found: list[str] = []
    given = 0
    flac = _FlacSum.of(file)
    if flac is not None and not flac.is_stated:
        raise Unreadable(0)  # FFmpeg looks at the sums of its frames
    whole = with_true_length(file, name, found)
    try:
        with _readable(file, whole) as readable, soundfile.SoundFile(readable, closefd=False) as sound:
            if sound.subtype.startswith("MPEG"):
                raise Unreadable(0)
            warnings += found
            count = max(1, CHUNK_VALUES // sound.channels)
            while len(frames := sound.read(count, dtype="float32", always_2d=True)):
                given += len(frames)
                if flac is not None:
                    flac.add(frames)
                yield Chunk(np.asarray(frames), sound.samplerate)
            if given < sound.frames < _UNKNOWN_FRAMES:
                warnings.append(ends_early(name, (sound.frames - given) / sound.samplerate))
            elif flac is not None and not flac.fits:
                warnings.append(damaged(name))
    except soundfile.LibsndfileError as error:
        raise Unreadable(given) from error


class _FlacSum:
    """The MD5 sum of all its samples that a FLAC file states (RFC 9639, 8.2), beside that of what was decoded.

    The library itself puts silence in the place of damaged frames and says nothing.
    """

    def __init__(self, bits: int, stated: bytes) -> None:
        self._bits, self._stated, self._md5 = bits, stated, hashlib.md5(usedforsecurity=False)

    @classmethod
    def of(cls, file: BufferedReader) -> "_FlacSum | None":
        """That of a file, which is left at its start; None of one that is no FLAC."""
        file.seek(0)
        head = file.read(42)
        file.seek(0)
        if head[:4] != b"fLaC" or len(head) < 42:
            return None
        return cls((int.from_bytes(head[20:22]) >> 4 & 31) + 1, head[26:])

    @property
    def is_stated(self) -> bool:
        """False where the encoder could not go back and write it, or the samples are none that floats hold exactly."""
        return any(self._stated) and self._bits <= _EXACT_BITS

    @property
    def fits(self) -> bool:
        """True where all that was decoded is what was encoded."""
        return self._md5.digest() == self._stated

    def add(self, frames: np.ndarray) -> None:
        """Take in the next frames, float32 with full scale at 1."""
        samples = np.rint(frames.astype(np.float64) * 2.0 ** (self._bits - 1)).astype("<i4")
        width = (self._bits + 7) // 8
        self._md5.update(np.ascontiguousarray(samples).view(np.uint8).reshape(-1, 4)[:, :width].tobytes())


@contextmanager
def _readable(file: BufferedReader, whole: BufferedReader) -> Iterator[int | BufferedReader]:
    """The descriptor of a file that is read as it is: in a callback of the library a Ctrl-C would be swallowed."""
    if whole is not file:
        yield whole
        return
    try:
        descriptor = file.fileno()
    except UnsupportedOperation:  # in memory
        yield file
        return
    at = os.lseek(descriptor, 0, os.SEEK_CUR)
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        yield descriptor
    finally:
        os.lseek(descriptor, at, os.SEEK_SET)  # where the buffer of `file` believes it to be
