"""Whether a file is there up to its end, as far as its container says: for what is still written, and what was cut."""

import os
import struct
from io import BufferedReader

from dictation.audio import riff

_LAST_PAGE = 65_307  # bytes, the longest page of an Ogg file (RFC 3533, 6)
_OGG_HEAD = 27  # bytes of a page before its table of segments, whose length is the last of them
_OGG_LAST = 4  # the flag of a stream's last page
_FLAC_COUNT = 2**36 - 1  # the bits that hold the number of samples, which an encoder writes when it is done
_W64 = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
_UNSTATED_32, _UNSTATED_64 = 0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF
_EBML = b"\x1a\x45\xdf\xa3"
_MOST_ELEMENTS = 5_000_000  # a day of Opus packets
_OPENED = (b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75")  # Segment and Cluster, of unknown size where they are live


def is_whole(file: BufferedReader) -> bool | None:
    """Tell whether a recording is there up to its end; None where its container does not say. Raises OSError."""
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(40)
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return riff.is_complete(file)
    if head[:4] == b"FORM":
        return int.from_bytes(head[4:8]) + 8 <= length
    if head[4:8] == b"ftyp":
        return _has_index(file, length)
    if head[:4] == b"OggS":
        file.seek(max(0, length - _LAST_PAGE))
        return _is_last_page(b"OggS" + file.read().rpartition(b"OggS")[2])
    if head[:4] == _EBML:
        return _elements_end_inside(file, length)
    if head[:4] == b"caff":
        return _chunks_end_inside(file, length)
    if head[:4] == b"fLaC" and not int.from_bytes(head[21:26]) & _FLAC_COUNT:
        return False
    stated = _stated(head)
    if stated is not None:
        return stated <= length
    return None if length else False


def _stated(head: bytes) -> int | None:
    """The length in bytes that the first bytes of a Sun, a 64-bit RIFF or a Sony Wave64 file state."""
    if head[:4] == b".snd" and len(head) >= 12:
        start, size = struct.unpack(">II", head[4:12])
        return None if size == _UNSTATED_32 else int(start + size)
    if head[:4] == b"RF64" and head[12:16] == b"ds64" and len(head) >= 28:  # EBU Tech 3306
        return int.from_bytes(head[20:28], "little") + 8
    if head[:16] == _W64 and len(head) >= 24:
        return int.from_bytes(head[16:24], "little")
    return None


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


def _chunks_end_inside(file: BufferedReader, length: int) -> bool | None:
    """The same of the chunks of an Apple Core Audio file; None where the sound's length is not stated."""
    at = 8
    while at + 12 <= length:
        file.seek(at)
        size = struct.unpack(">4xQ", file.read(12))[0]
        if size == _UNSTATED_64:
            return None
        at += 12 + size
    return at <= length


def _elements_end_inside(file: BufferedReader, length: int) -> bool | None:
    """False where an element of a Matroska or WebM file does not end inside it; else None: more might have come.

    RFC 8794, 4 to 6. A recorder that cannot go back, as in a browser, leaves the sizes of what holds the others open.
    """
    at = 0
    for _ in range(_MOST_ELEMENTS):
        if at >= length:
            break
        file.seek(at)
        head = file.read(12)
        id_bytes = 9 - head[0].bit_length()
        size_bytes = 9 - head[id_bytes].bit_length() if len(head) > id_bytes else 9
        if id_bytes > 4 or size_bytes > 8:
            return False if len(head) < 12 else None  # cut off inside a head, or damaged, which its decoder says
        if len(head) < id_bytes + size_bytes:
            return False
        stated = int.from_bytes(head[id_bytes : id_bytes + size_bytes]) & (1 << 7 * size_bytes) - 1
        is_open = stated == (1 << 7 * size_bytes) - 1
        at += id_bytes + size_bytes
        if is_open and head[:id_bytes] not in _OPENED:
            return None
        if head[:id_bytes] == _OPENED[0] or is_open:
            if not is_open and at + stated > length:
                return False
            continue  # what it holds comes next
        at += stated
    return False if at > length else None
