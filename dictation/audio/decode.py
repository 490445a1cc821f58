"""Any file → chunks of sound. What the file holds decides how it is read; its ending decides nothing."""

from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from dictation.audio import capture, dss, with_av, with_capture, with_soundfile
from dictation.audio.chunk import Chunk
from dictation.audio.dropouts import Dropouts
from dictation.audio.endings import APPLE_DOUBLE
from dictation.audio.riff import cut_off
from dictation.audio.whole import is_whole
from dictation.errors import InputError


def decode(path: Path, name: str, warnings: list[str]) -> Iterator[Chunk]:
    """Yield the sound of `path` from start to end, in bounded memory; damage is told in `warnings`.

    Raises InputError, naming `name` and the fix, where there is nothing to decode.
    """
    with opened(path, name) as file:
        dropouts = None if file.peek(16).startswith(capture.MAGIC) else Dropouts()  # a capture states its own gaps
        for chunk in _decoded(file, name, warnings):
            if dropouts is not None:
                dropouts.feed(chunk.frames, chunk.rate_hz)
            yield chunk
        if not warnings and not _ends_as_stated(file):
            warnings.append(cut_off(name))
        if dropouts is not None:
            warnings += dropouts.warnings(name)


def _decoded(file: BufferedReader, name: str, warnings: list[str]) -> Iterator[Chunk]:
    head = file.peek(16)
    done = 0
    if head.startswith(APPLE_DOUBLE):
        raise InputError(f"{name}: is what macOS lays beside a file, without sound; name the recording itself.")
    if dss.is_dictation_device(head):
        yield from dss.decoded(file, name, warnings)
        return
    if head.startswith(capture.MAGIC):
        yield from with_capture.decoded(file, name, warnings)
        return
    if head.startswith(with_soundfile.MAGIC):
        try:
            yield from with_soundfile.decoded(file, name, warnings)
            return
        except with_soundfile.Unreadable as error:
            done = error.frames
    try:
        yield from with_av.decoded(file, name, warnings, skip_frames=done)
    except InputError as error:
        if not head.startswith(b"FORM"):
            raise
        # FFmpeg refuses an AIFF file whose recorder never wrote the length.
        try:
            yield from with_soundfile.decoded(file, name, warnings)
        except with_soundfile.Unreadable:
            raise error from None


def _ends_as_stated(file: BufferedReader) -> bool:
    """False where the container says that more should have come, and its decoder did not notice."""
    file.seek(0)
    if file.read(8)[4:] == b"ftyp":  # its track states the length; what other programs leave behind it is no sound
        return True
    return is_whole(file) is not False


def opened(path: Path, name: str) -> BufferedReader:
    """Open a file for reading. Raises InputError, naming `name` and the fix, where that is not possible."""
    try:
        if path.is_dir():
            raise InputError(f"{name}: this is a folder; name a recording inside it.")
        if path.exists() and not path.is_file():
            raise InputError(f"{name}: this is no ordinary file; name a recording on disk.")
        file = path.open("rb")
        is_empty = not file.peek(1)
    except FileNotFoundError as error:
        raise InputError(f"{name}: there is no such file; check the path.") from error
    except PermissionError as error:
        raise InputError(f"{name}: you may not read this file; ask its owner for the right to read it.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{name}: cannot be opened ({_reason(error)}); check the path and the disk.") from error
    if is_empty:
        file.close()
        raise InputError(f"{name}: the file is empty; record or copy it again.")
    return file


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
