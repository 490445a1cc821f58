"""Uncompressed sound and FLAC, read by libsndfile."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, UnsupportedOperation

import numpy as np

from dictation.audio.chunk import CHUNK_VALUES, Chunk
from dictation.audio.riff import ends_early, with_true_length
from dictation.errors import MissingError
from dictation.extras import install_command

# The beginnings of the files that are read here: WAV, its big-endian, 64-bit and Sony relatives, FLAC, Sun, Apple CAF.
# MP3 and Ogg are left to FFmpeg: libsndfile stops at the first damaged frame and its MP3 reader prints to stderr.
MAGIC = (b"RIFF", b"RIFX", b"RF64", b"riff", b"fLaC", b".snd", b"caff")
_LONGEST_RIFF = 2**32  # bytes: a longer WAV file cannot state its length, and libsndfile then stops there
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
    whole = with_true_length(file, name, found)
    try:
        with _readable(file, whole) as readable, soundfile.SoundFile(readable, closefd=False) as sound:
            if sound.subtype.startswith("MPEG"):
                raise Unreadable(0)
            warnings += found
            count = max(1, CHUNK_VALUES // sound.channels)
            while len(frames := sound.read(count, dtype="float32", always_2d=True)):
                given += len(frames)
                yield Chunk(np.asarray(frames), sound.samplerate)
            if given < sound.frames < _UNKNOWN_FRAMES:
                warnings.append(ends_early(name, (sound.frames - given) / sound.samplerate))
    except soundfile.LibsndfileError as error:
        raise Unreadable(given) from error


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
