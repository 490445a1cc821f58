"""Any file → chunks of sound. What the file holds decides how it is read; its ending decides nothing."""

from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

import numpy as np

from dictation.audio.chunk import Chunk
from dictation.errors import InputError, MissingError

_CHUNK_VALUES = 2**18  # frames x channels read at once: 1 MB
_FIX = "export it again as WAV, FLAC, MP3 or M4A"


def decode(path: Path, name: str, warnings: list[str]) -> Iterator[Chunk]:
    """Yield the sound of `path` from start to end, in bounded memory; damage is told in `warnings`.

    Raises InputError, naming `name` and the fix, where there is nothing to decode.
    """
    with opened(path, name) as file:
        yield from _with_soundfile(file, name, warnings)


def opened(path: Path, name: str) -> BufferedReader:
    """Open a file for reading. Raises InputError, naming `name` and the fix, where that is not possible."""
    try:
        if path.is_dir():
            raise InputError(f"{name}: this is a folder; name a recording inside it.")
        if path.exists() and not path.is_file():
            raise InputError(f"{name}: this is no ordinary file; name a recording on disk.")
        file = path.open("rb")
    except FileNotFoundError as error:
        raise InputError(f"{name}: there is no such file; check the path.") from error
    except PermissionError as error:
        raise InputError(f"{name}: you may not read this file; ask its owner for the right to read it.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{name}: cannot be opened ({_reason(error)}); check the path and the disk.") from error
    if not file.read(1):
        file.close()
        raise InputError(f"{name}: the file is empty; record or copy it again.")
    file.seek(0)
    return file


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


def _with_soundfile(file: BufferedReader, name: str, warnings: list[str]) -> Iterator[Chunk]:
    try:
        import soundfile
    except ImportError as error:
        raise MissingError('soundfile is not installed; run: pip install "radiology-dictation[audio]".') from error
    try:
        sound = soundfile.SoundFile(file)
    except soundfile.LibsndfileError as error:
        raise InputError(f"{name}: this is no recording in a format known here; {_FIX}.") from error
    with sound:
        count = max(1, _CHUNK_VALUES // sound.channels)
        while len(frames := sound.read(count, dtype="float32", always_2d=True)):
            yield Chunk(np.asarray(frames), sound.samplerate)
