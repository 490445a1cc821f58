"""The file of a capture (`.capture`): sound as it arrived, block by block, readable after a crash at any moment.

    header   8 bytes magic · u16 version · u32 sample rate, Hz · u32 samples of a block · 16 bytes session id · u32 CRC
    record   4 bytes mark · u32 block number · u32 samples · u32 CRC of number, samples and sound · the sound, s16
    stretch  a record with a mark of its own, no sound, and the number of the first block behind a stretch of dictation
    end mark a record with a mark of its own and no sound

All numbers are little-endian, every CRC is CRC-32, sound is 16-bit mono. Records stand in the order in which the blocks
came; block n holds the samples from n times the samples of a block on. What was never written, or is damaged, is a gap
and reads as silence. The file names no patient.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader

import numpy as np

from dictation.audio.resample import HIGHEST_RATE, LOWEST_RATE
from dictation.errors import InputError

ENDING = ".capture"
MAGIC = b"\x8bCAPTURE"
LONGEST_BLOCK_S = 10  # a capture in blocks longer than that would lose too much with one of them
LONGEST_S = 24 * 3600  # block numbers beyond a day of sound are damage, or no block numbers
_VERSIONS = (1, 2)  # 1 has no stretches
_HEADER = struct.Struct("<8sHII16s")
_CRC = struct.Struct("<I")
_RECORD = struct.Struct("<4sIII")
_BLOCK_MARK, _STRETCH_MARK, _END_MARK = b"blk\xf1", b"str\xf1", b"end\xf1"
_SEARCHED_BYTES = 2**16  # at once, behind a damaged record
_FULL_SCALE = 2**15

HEADER_BYTES = _HEADER.size + _CRC.size
RECORD_BYTES = _RECORD.size  # of a record without its sound


@dataclass(frozen=True)
class Header:
    """What a capture says of itself. `session` is 16 random bytes."""

    rate_hz: int
    block_samples: int
    session: bytes

    def packed(self) -> bytes:
        """The header as it stands in the file."""
        fields = _HEADER.pack(MAGIC, _VERSIONS[-1], self.rate_hz, self.block_samples, self.session)
        return fields + _CRC.pack(zlib.crc32(fields))


class Blocks:
    """Where each block lies in the file, by its number: 12 bytes of memory a block. Some may be missing."""

    def __init__(self, header: Header) -> None:
        self._block_samples = header.block_samples
        self._most = LONGEST_S * header.rate_hz // header.block_samples
        self._offsets = np.zeros(1024, np.int64)  # 0: not there
        self._counts = np.zeros(1024, np.uint32)
        self._end = self._whole = 0
        self.ends: set[int] = set()
        """The numbers of the first blocks behind stretches of dictation, as far as they were noted."""

    def is_possible(self, number: int, count: int) -> bool:
        """Tell whether a capture can hold a block of that number with that many samples."""
        return 0 <= number < self._most and 0 < count <= self._block_samples

    def is_end(self, number: int) -> bool:
        """Tell whether a stretch can end before block `number`."""
        return 0 < number <= self._most

    def holds(self, number: int) -> bool:
        """Tell whether block `number` is there."""
        return 0 <= number < self._end and self._offsets[number] > 0

    def add(self, number: int, offset: int, count: int) -> None:
        """Note that block `number` has `count` samples and its record begins at byte `offset`."""
        if number >= len(self._offsets):
            room = max(2 * len(self._offsets), number + 1)
            self._offsets.resize(room, refcheck=False)
            self._counts.resize(room, refcheck=False)
        self._offsets[number], self._counts[number] = offset, count
        self._end = max(self._end, number + 1)
        while self.holds(self._whole):
            self._whole += 1

    def offset(self, number: int) -> int:
        """Byte of the file at which the record of block `number` begins."""
        return int(self._offsets[number])

    def place(self, number: int) -> tuple[int, int]:
        """(byte of the file at which the sound of block `number` begins, its samples)."""
        return int(self._offsets[number]) + RECORD_BYTES, int(self._counts[number])

    @property
    def samples(self) -> int:
        """Samples from the start to the end of the last block, gaps included."""
        return (self._end - 1) * self._block_samples + int(self._counts[self._end - 1]) if self._end else 0

    @property
    def whole(self) -> int:
        """All blocks below this number are there."""
        return self._whole

    def short(self) -> list[int]:
        """The numbers of the blocks that have fewer samples than the others, in order."""
        held = self._offsets[: self._end] > 0
        numbers: list[int] = np.flatnonzero(held & (self._counts[: self._end] < self._block_samples)).tolist()
        return numbers

    def gaps(self) -> list[tuple[int, int]]:
        """[start, stop) of each stretch of samples whose blocks are missing, in order.

        What lies between a short block and the next one is none: who sent it had paused there.
        """
        is_missing = np.concatenate([[False], self._offsets[: self._end] == 0, [False]]).astype(np.int8)
        starts, stops = (np.flatnonzero(np.diff(is_missing) == change) * self._block_samples for change in (1, -1))
        return list(zip(starts.tolist(), stops.tolist(), strict=True))

    def within(self, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
        """Yield (first sample, byte of the file at which its sound begins, samples) of each block in [start, stop)."""
        for number in range(start // self._block_samples, min(self._end, -(-stop // self._block_samples))):
            if self._offsets[number]:
                yield number * self._block_samples, *self.place(number)


@dataclass
class Scan:
    """What is in a capture: `damaged` stretches were passed over, `intact_bytes` end with the last whole record."""

    header: Header
    blocks: Blocks
    intact_bytes: int = HEADER_BYTES
    damaged: int = 0
    is_finished: bool = False


def record(number: int, sound: bytes) -> bytes:
    """Return block `number` as it stands in the file. `sound` is 16-bit little-endian."""
    count = len(sound) // 2
    return _RECORD.pack(_BLOCK_MARK, number, count, _checksum(number, count, sound)) + sound


def stretch_end(number: int) -> bytes:
    """Return what notes that a stretch of dictation ended before block `number`."""
    return _RECORD.pack(_STRETCH_MARK, number, 0, _checksum(number, 0, b""))


def end_mark() -> bytes:
    """Return what stands at the end of a capture that was finished."""
    return _RECORD.pack(_END_MARK, 0, 0, _checksum(0, 0, b""))


def to_pcm(samples: np.ndarray) -> bytes:
    """Round float samples with full scale at ±1 to 16 bits; what is no number becomes silence."""
    scaled = np.rint(np.clip(np.nan_to_num(samples, nan=0.0), -1, 1) * np.float64(_FULL_SCALE))
    sound: bytes = np.minimum(scaled, _FULL_SCALE - 1).astype("<i2").tobytes()
    return sound


def from_pcm(sound: bytes) -> np.ndarray:
    """Return 16-bit sound as float32 in [-1, 1), shape (n,)."""
    return np.frombuffer(sound, "<i2").astype(np.float32) / np.float32(_FULL_SCALE)


def read_header(file: BufferedReader, name: str) -> Header:
    """Read the header of a capture. Raises InputError, naming `name`, where it is none or is damaged."""
    file.seek(0)
    content = file.read(HEADER_BYTES)
    if len(content) < HEADER_BYTES:
        raise InputError(f"{name}: the capture ends inside its header, so it holds no sound; delete it.")
    magic, version, rate_hz, block_samples, session = _HEADER.unpack_from(content)
    if magic != MAGIC:
        raise InputError(f"{name}: this is no capture of a dictation; check the path.")
    if _CRC.unpack_from(content, _HEADER.size)[0] != zlib.crc32(content[: _HEADER.size]):
        raise InputError(f"{name}: the header of the capture is damaged; copy it again from where it was recorded.")
    if version not in _VERSIONS:
        raise InputError(f"{name}: the capture was written by a newer version of this program; update it here.")
    if not (LOWEST_RATE <= rate_hz <= HIGHEST_RATE and 1 <= block_samples <= LONGEST_BLOCK_S * rate_hz):
        raise InputError(f"{name}: the header of the capture makes no sense; record again.")
    return Header(rate_hz, block_samples, session)


def scan(file: BufferedReader, name: str) -> Scan:
    """Read a capture from start to end, check every record, and tell where each block is.

    A damaged record is passed over: the search goes on to the next whole one. Raises InputError as `read_header` does.
    """
    header = read_header(file, name)
    found = Scan(header, Blocks(header))
    length = file.seek(0, os.SEEK_END)
    at = HEADER_BYTES
    while at < length:
        fields = _whole_record(file, at, length, found.blocks)
        if fields is None:
            following = _next_whole_record(file, at + 1, length, found.blocks)
            if following is None:
                break
            found.damaged += 1
            at = following
            continue
        mark, number, count = fields
        found.is_finished = mark == _END_MARK
        if mark == _BLOCK_MARK and not found.blocks.holds(number):
            found.blocks.add(number, at, count)
        elif mark == _STRETCH_MARK:
            found.blocks.ends.add(number)
        at += RECORD_BYTES + 2 * count
        found.intact_bytes = at
    return found


def is_finished(file: BufferedReader) -> bool:
    """Tell by its last bytes whether a capture has its end mark."""
    if file.seek(0, os.SEEK_END) < HEADER_BYTES + RECORD_BYTES:
        return False
    file.seek(-RECORD_BYTES, os.SEEK_END)
    return file.read(RECORD_BYTES) == end_mark()


def _checksum(number: int, count: int, sound: bytes) -> int:
    return zlib.crc32(sound, zlib.crc32(struct.pack("<II", number, count)))


def _whole_record(file: BufferedReader, at: int, length: int, blocks: Blocks) -> tuple[bytes, int, int] | None:
    """(mark, block number, samples) of the record that begins at byte `at`, or None where no whole one does."""
    file.seek(at)
    fields = file.read(RECORD_BYTES)
    if len(fields) < RECORD_BYTES:
        return None
    mark, number, count, checksum = _RECORD.unpack(fields)
    if mark == _END_MARK:
        return (mark, 0, 0) if fields == end_mark() else None
    if mark == _STRETCH_MARK:
        return (mark, number, 0) if fields == stretch_end(number) and blocks.is_end(number) else None
    if mark != _BLOCK_MARK or not blocks.is_possible(number, count) or at + RECORD_BYTES + 2 * count > length:
        return None
    return (mark, number, count) if _checksum(number, count, file.read(2 * count)) == checksum else None


def _next_whole_record(file: BufferedReader, at: int, length: int, blocks: Blocks) -> int | None:
    """The byte at which the first whole record from byte `at` on begins."""
    while at < length:
        file.seek(at)
        content = file.read(_SEARCHED_BYTES + len(_BLOCK_MARK) - 1)
        for mark_at in _marks(content):
            if _whole_record(file, at + mark_at, length, blocks) is not None:
                return at + mark_at
        at += _SEARCHED_BYTES
    return None


def _marks(content: bytes) -> list[int]:
    """Where a mark begins in `content`, in order."""
    found = []
    for mark in (_BLOCK_MARK, _STRETCH_MARK, _END_MARK):
        at = content.find(mark)
        while at >= 0:
            found.append(at)
            at = content.find(mark, at + 1)
    return sorted(found)
