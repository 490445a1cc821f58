"""WAV headers that tell the wrong length, as recorders leave them that crashed, streamed, or were copied in part.

A WAV file is a list of chunks; the chunk "data" holds the sound and is preceded by its length in bytes (Microsoft
and IBM, Multimedia Programming Interface and Data Specifications 1.0, chapter 3). A recorder writes that length last.
Here the file itself is never touched: readers get a view of it in which the length is right.
"""

import io
import os
import struct
from dataclasses import dataclass
from io import BufferedReader
from typing import Any

_NO_LENGTH = 0x7FFF_0000  # and above: what programs write when they do not know the length yet
_MOST_PADDING = 2**16  # bytes of zeros at the end that only fill up a block of the medium


@dataclass(frozen=True)
class _Data:
    """Where the sound is: `start` byte, `stated` length in bytes, `bytes_per_s` (0 where the header does not say)."""

    start: int
    stated: int
    bytes_per_s: int


def with_true_length(file: BufferedReader, name: str, warnings: list[str]) -> BufferedReader:
    """Return `file`, or a view of it whose data chunk reaches as far as the sound does; add a warning if it lied.

    A file that is no WAV file, or has no data chunk, comes back as it is.
    """
    length = file.seek(0, os.SEEK_END)
    data = _data_chunk(file, length)
    file.seek(0)
    if data is None:
        return file
    there = length - data.start
    if data.stated == there or (data.stated < there and _is_chunk_list(file, data.start + data.stated, length)):
        file.seek(0)
        return file
    file.seek(0)
    if data.stated >= _NO_LENGTH or data.stated < there:
        warnings.append(
            f"{name}: its header does not give the true length, as after a crash of the recorder; "
            "everything up to the end of the file was used, so check that the last words are there."
        )
    else:
        missing_s = (data.stated - there) / data.bytes_per_s if data.bytes_per_s else 0.0
        warnings.append(ends_early(name, missing_s))
    return io.BufferedReader(_Patched(file, data.start - 4, struct.pack("<I", there)))


def is_complete(file: BufferedReader) -> bool:
    """Tell whether a WAV file holds all the sound that its header states, as its recorder leaves it at the end."""
    data = _data_chunk(file, file.seek(0, os.SEEK_END))
    return data is not None and data.stated > 0 and with_true_length(file, "", []) is file


_REST, _FILE, _COPY = "copy or record the rest again.", "copy or record the file again.", "or copy it again."
FROM_DEVICE, IF_YOU_CAN = "copy it from the device again.", "copy it again if you can."
# How a warning ends that says that not all of a recording is there.
IN_PART = (_REST, _FILE, _COPY, FROM_DEVICE, IF_YOU_CAN)


def ends_early(name: str, missing_s: float) -> str:
    """Return the warning for a file that was cut off."""
    return (
        f"{name}: the file ends {missing_s:.1f} s before the end that its header promises; "
        f"what is there was used, so {_REST}"
    )


def damaged(name: str) -> str:
    """Return the warning for a file with damage inside."""
    return f"{name}: parts of it are damaged, so words may be missing or wrong; {_FILE}"


def cut_off(name: str) -> str:
    """Return the warning for a file that breaks off where nothing says how much is missing."""
    return (
        f"{name}: the file breaks off before its end, so it was cut off or never finished; check that the last words "
        f"are there, {_COPY}"
    )


def _data_chunk(file: BufferedReader, length: int) -> _Data | None:
    file.seek(0)
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return None
    bytes_per_s, at = 0, 12
    while at + 8 <= length:
        file.seek(at)
        kind, size = struct.unpack("<4sI", file.read(8))
        if kind == b"data":
            return _Data(at + 8, size, bytes_per_s)
        if kind == b"fmt ":
            fields = file.read(12)
            bytes_per_s = struct.unpack("<8xI", fields)[0] if len(fields) == 12 else 0
        at += 8 + size + size % 2
    return None


def _is_chunk_list(file: BufferedReader, at: int, length: int) -> bool:
    """Tell whether what follows the stated end of the sound is further chunks, zeros or nothing: not more sound."""
    at += at % 2
    if length - at <= _MOST_PADDING:
        file.seek(at)
        if not any(file.read()):
            return True
    while at + 8 <= length:
        file.seek(at)
        kind, size = struct.unpack("<4sI", file.read(8))
        if not all(0x20 <= letter < 0x7F for letter in kind):
            return False
        at += 8 + size + size % 2
    return at <= length + 1


class _Patched(io.RawIOBase):
    """A file, read-only, with a few bytes replaced."""

    def __init__(self, file: BufferedReader, at: int, patch: bytes) -> None:
        self._file = file
        self._at = at
        self._patch = patch

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any, /) -> int:
        start = self._file.tell()
        count = self._file.readinto(buffer)
        for index, byte in enumerate(self._patch, self._at - start):
            if 0 <= index < count:
                buffer[index] = byte
        return count
