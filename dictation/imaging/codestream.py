"""The size that a compressed frame states of itself, read before a decoder in C sees the frame.

A decoder believes the stream, not the DICOM header: a height of 0 makes one of them wait for lines for ever, and a
height of 65,535 makes all of them ask for memory. So a stream must state the size that the header states.
"""

from collections.abc import Iterator
from typing import Any

JPEG_START, JPEG2000_START = b"\xff\xd8", b"\xff\x4f\xff\x51"
# start of frame: ISO/IEC 10918-1 table B.1 without DHT, JPG and DAC; FFF7 is that of JPEG-LS, ISO/IEC 14495-1
FRAME_MARKERS = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})
WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
SCAN_MARKER = 0xDA


def check_codestreams(dataset: Any) -> None:
    """Raise ValueError where a compressed frame states another size than the header. Uncompressed data pass."""
    from pydicom.encaps import generate_frames
    from pydicom.uid import JPEG2000TransferSyntaxes, JPEGLSTransferSyntaxes, JPEGTransferSyntaxes

    jpeg = (*JPEGTransferSyntaxes, *JPEGLSTransferSyntaxes, *JPEG2000TransferSyntaxes)
    if dataset.file_meta.TransferSyntaxUID not in jpeg or "PixelData" not in dataset:
        return
    expected = int(dataset.Rows), int(dataset.Columns)
    for frame in generate_frames(dataset.PixelData, number_of_frames=int(dataset.get("NumberOfFrames") or 1)):
        for size in stated_sizes(frame):
            if size != expected:
                raise ValueError(f"a frame states {size[0]} x {size[1]} pixels")


def stated_sizes(frame: bytes) -> Iterator[tuple[int, int]]:
    """Yield (rows, columns) of each frame header in a JPEG, JPEG-LS or JPEG 2000 stream; nothing for other streams."""
    if frame[:2] == JPEG_START:
        yield from _jpeg_sizes(frame)
    elif (start := frame[:512].find(JPEG2000_START)) >= 0:
        box = frame[
            start + 8 : start + 24
        ]  # behind SIZ, Lsiz and Rsiz: Xsiz, Ysiz, XOsiz, YOsiz; ISO/IEC 15444-1 A.5.1
        right, bottom, left, top = (int.from_bytes(box[place : place + 4], "big") for place in (0, 4, 8, 12))
        yield bottom - top, right - left


def _jpeg_sizes(frame: bytes) -> Iterator[tuple[int, int]]:
    place = 2
    while place + 4 <= len(frame):
        if frame[place] != 0xFF or frame[place + 1] == 0xFF:  # fill byte, or damage: look for the next marker
            place += 1
            continue
        marker = frame[place + 1]
        if marker == SCAN_MARKER:
            return
        if marker in FRAME_MARKERS:
            yield (
                int.from_bytes(frame[place + 5 : place + 7], "big"),
                int.from_bytes(frame[place + 7 : place + 9], "big"),
            )
        length = 0 if marker in WITHOUT_LENGTH else int.from_bytes(frame[place + 2 : place + 4], "big")
        place += 2 + length
