"""A folder that is watched → its new files, each once it is finished: nothing is taken half written or half copied."""

import struct
import time
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path

from dictation.audio import riff
from dictation.errors import UsageError
from pipelines.exits import note
from pipelines.inputs import Input, expand

POLL_S = 2.0
_REST = 9.0  # times as long as the look at a large folder took
SETTLED_S = 4.0  # without a change of size and time, for a file that says that it is whole
UNSAID_S = 30.0  # for one whose format does not say: MP3, WebM, a text
GIVEN_UP_S = 600.0  # for one that says that it is not: nobody will finish it, and what is there is heard
_LAST_PAGE = 65_307  # bytes, the longest page of an Ogg file (RFC 3533, 6)
_OGG_HEAD = 27  # bytes of a page before its table of segments, whose length is the last of them
_OGG_LAST = 4  # the flag of a stream's last page
_FLAC_COUNT = 2**36 - 1  # the bits that hold the number of samples, which an encoder writes when it is done

Stamp = tuple[int, int]  # size in bytes, time of the last change in ns


def finished(
    folder: Path,
    endings: frozenset[str],
    without: Path | None = None,
    pause: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[list[Input]]:
    """Yield the files below `folder`, and from then on those that are new or changed, each once it is finished.

    It ends only from outside. Raises UsageError where there is no such folder.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder to watch; check the path.")
    note(f"watching {folder}; Ctrl-C ends it.")
    given: dict[Path, Stamp] = {}
    waiting: dict[Path, tuple[Stamp, float]] = {}
    while True:
        began_s = clock()
        ready, still = [], {}
        for item in expand([folder], endings, without=without):
            stamp = _stamp(item.path) if not item.failure else None
            if stamp is None or given.get(item.path) == stamp:
                continue
            before, since_s = waiting.get(item.path, (None, 0.0))
            since_s = since_s if before == stamp else clock()
            if _is_finished(item, clock() - since_s):
                given[item.path] = stamp
                ready.append(item)
            else:
                still[item.path] = stamp, since_s
        waiting = still
        took_s = clock() - began_s
        if ready:
            yield ready
        pause(max(POLL_S, _REST * took_s))


def is_whole(path: Path) -> bool | None:
    """Tell whether a recording is there up to its end, as far as its container says; None where it does not say.

    Raises OSError.
    """
    with path.open("rb") as file:
        head = file.read(26)
        length = file.seek(0, 2)
        if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
            return riff.is_complete(file)
        if head[:4] == b"FORM":
            return int.from_bytes(head[4:8]) + 8 <= length
        if head[4:8] == b"ftyp":
            return _has_index(file, length)
        if head[:4] == b"OggS":
            file.seek(max(0, length - _LAST_PAGE))
            return _is_last_page(b"OggS" + file.read().rpartition(b"OggS")[2])
        if head[:4] == b"fLaC" and not int.from_bytes(head[21:26]) & _FLAC_COUNT:
            return False
    return None if length else False


def _is_last_page(page: bytes) -> bool:
    """Tell whether an Ogg page says that it is the last one, and is there up to its end."""
    if len(page) < _OGG_HEAD:
        return False
    segments = page[_OGG_HEAD : _OGG_HEAD + page[_OGG_HEAD - 1]]
    return bool(page[5] & _OGG_LAST) and len(page) >= _OGG_HEAD + page[_OGG_HEAD - 1] + sum(segments)


def _has_index(file: BufferedReader, length: int) -> bool | None:
    """Tell whether the boxes of an MP4 file all end inside it, and the one that says where the sound is, is there.

    None for one in fragments, which does not say how many are to come.
    """
    at, kinds = 0, set()
    while at + 8 <= length:
        file.seek(at)
        size, kind = struct.unpack(">I4s", file.read(8))
        if size == 1:
            size = int.from_bytes(file.read(8))
        if kind == b"moof":
            return None
        kinds.add(kind)
        at = length if size == 0 else at + max(size, 8)
    return b"moov" in kinds and at == length


def _is_finished(item: Input, settled_s: float) -> bool:
    if settled_s < SETTLED_S:
        return False
    try:
        whole = None if item.is_text else is_whole(item.path)
    except OSError:
        whole = False
    return whole or settled_s >= (GIVEN_UP_S if whole is False else UNSAID_S)


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:  # gone again
        return None
    return status.st_size, status.st_mtime_ns
