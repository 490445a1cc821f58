"""Small files that unfold to gigabytes, given to the app as it is served: its memory stays flat, and others go on."""

import io
import json
import os
import struct
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.imaging.measuring import flat
from tests.imaging.test_bombs import deflated, in_plain_sight

pytestmark = pytest.mark.usefixtures("nobody_else_notices")

BLOCK_S = 0.1  # of sound, as a page sends it
SIDE, PAGES = 10_000, 3


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def colour_png(_folder: Path) -> bytes:
    """Of 149 megapixels: half a gigabyte, and a whole one on the way, in 430 kB."""
    rows = zlib.compressobj(9)
    content = b"".join(rows.compress(bytes(1 + 3 * 12_200)) for _ in range(12_200)) + rows.flush()
    header = struct.pack(">IIBBBBB", 12_200, 12_200, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", content) + chunk(b"IEND", b"")


def tiff_of_one_strip_many_times(_folder: Path) -> bytes:
    """Pages of 300 MB each, all of which name the same strip of 300 kB."""
    deflating = zlib.compressobj(9)
    strip = b"".join(deflating.compress(bytes(3 * SIDE)) for _ in range(SIDE)) + deflating.flush()
    bits_at = 8 + len(strip) + len(strip) % 2
    tags = [(256, 4, 1, SIDE), (257, 4, 1, SIDE), (258, 3, 3, bits_at), (259, 3, 1, 8), (262, 3, 1, 2), (273, 4, 1, 8),
            (277, 3, 1, 3), (278, 4, 1, SIDE), (279, 4, 1, len(strip))]  # fmt: skip
    length = 2 + 12 * len(tags) + 4
    first = bits_at + 6
    pages = b""
    for page in range(PAGES):
        following = first + length * (page + 1) if page < PAGES - 1 else 0
        pages += struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
        pages += struct.pack("<I", following)
    content = struct.pack("<2sHI", b"II", 42, first) + strip
    return content.ljust(bits_at, b"\0") + struct.pack("<HHH", 8, 8, 8) + pages


def deflated_dicom(folder: Path) -> bytes:
    """An image that goes on in 33 million empty elements, in 250 kB."""
    return in_plain_sight(*deflated(folder / "bomb.dcm"))


def silence_of_more_than_four_hours(_folder: Path) -> bytes:
    """230 MB of sound that nobody made, in half a megabyte."""
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 8_000, 1, "PCM_16", format="FLAC") as sound:
        for _ in range(4 * 60 + 1):
            sound.write(np.zeros(60 * 8_000, np.int16))
    return file.getvalue()


def is_answer(told: dict) -> bool:
    """A sentence, or the image."""
    is_error = told["kind"] == "bar" and told["state"] == "error"
    return told["kind"] == "notice" or is_error or (told["kind"] == "case" and told["images"] > 0)


@pytest.mark.parametrize(
    ("name", "made", "says"),
    [
        ("bomb.png", colour_png, ""),  # may be shown, where the machine has time for it
        ("bomb.tif", tiff_of_one_strip_many_times, ""),
        ("bomb.dcm", deflated_dicom, "inflates to more than 64 MB"),
        ("bomb.flac", silence_of_more_than_four_hours, "lasts longer than 4 hours"),
    ],
)
def test_the_server_stays_small_and_says_a_sentence_while_somebody_else_dictates(
    name, made, says, program, client, neighbour, tmp_path
):
    content = made(tmp_path)
    assert len(content) < 2 * 2**20
    [path] = json.loads(program.upload(name, content)[1])
    with flat(program.process.pid), ThreadPoolExecutor(2) as at_once:
        at_once.submit(program.give, client.page, client.case, path)
        answer = at_once.submit(client.until, is_answer, 280)
        take, number = os.urandom(16).hex(), 0
        assert neighbour.ask("take", take=take)["ok"]
        while number < 20 or not answer.done():
            assert neighbour.block(take, number)["kind"] == "ack"  # every one is acknowledged meanwhile
            number += 1
            time.sleep(BLOCK_S)
        assert neighbour.ask("listen", take=take, on=False, block=number)["ok"]
    told = answer.result()
    if told["kind"] == "case":  # it is an image, if a large one
        assert not says
        status, shown = program.ask(f"/image/{client.case}/0?page={client.page}")
        assert status == 200 and len(shown) < 2**20
        return
    sentence = told.get("text") or told["message"]
    assert name in sentence and says in sentence and str(program.home) not in sentence
