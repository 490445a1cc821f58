"""Small files that unfold to gigabytes, given to the app as it is served: its memory stays flat, and others go on."""

import io
import json
import os
import struct
import threading
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.imaging.measuring import flat
from tests.imaging.test_bombs import deflated, in_plain_sight

pytestmark = pytest.mark.usefixtures("nobody_else_notices")

SIDE = 10_000


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def colour_png(_folder: Path) -> bytes:
    """Of 149 megapixels: half a gigabyte, and a whole one on the way, in 430 kB."""
    rows = zlib.compressobj(9)
    content = b"".join(rows.compress(bytes(1 + 3 * 12_200)) for _ in range(12_200)) + rows.flush()
    header = struct.pack(">IIBBBBB", 12_200, 12_200, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", content) + chunk(b"IEND", b"")


def tiff_of_one_strip_many_times(_folder: Path) -> bytes:
    """Twelve pages of 300 MB each, all of which name the same strip of 300 kB."""
    deflating = zlib.compressobj(9)
    strip = b"".join(deflating.compress(bytes(3 * SIDE)) for _ in range(SIDE)) + deflating.flush()
    bits_at = 8 + len(strip) + len(strip) % 2
    tags = [(256, 4, 1, SIDE), (257, 4, 1, SIDE), (258, 3, 3, bits_at), (259, 3, 1, 8), (262, 3, 1, 2), (273, 4, 1, 8),
            (277, 3, 1, 3), (278, 4, 1, SIDE), (279, 4, 1, len(strip))]  # fmt: skip
    length = 2 + 12 * len(tags) + 4
    first = bits_at + 6
    pages = b""
    for page in range(12):
        following = first + length * (page + 1) if page < 11 else 0
        pages += struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
        pages += struct.pack("<I", following)
    content = struct.pack("<2sHI", b"II", 42, first) + strip
    return content.ljust(bits_at, b"\0") + struct.pack("<HHH", 8, 8, 8) + pages


def deflated_dicom(folder: Path) -> bytes:
    """An image that goes on in 33 million empty elements, in 250 kB."""
    return in_plain_sight(*deflated(folder / "bomb.dcm"))


def silence_of_five_hours(_folder: Path) -> bytes:
    """300 MB of sound that nobody made, in half a megabyte."""
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 8_000, 1, "PCM_16", format="FLAC") as sound:
        for _ in range(5 * 60):
            sound.write(np.zeros(60 * 8_000, np.int16))
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "made", "says"),
    [
        ("bomb.png", colour_png, ""),  # may be shown, where the machine has time for it
        ("bomb.tif", tiff_of_one_strip_many_times, ""),
        ("bomb.dcm", deflated_dicom, "inflates to more than 64 MB"),
        ("bomb.flac", silence_of_five_hours, "lasts longer than 4 hours"),
    ],
)
def test_the_server_stays_small_and_says_a_sentence_while_somebody_else_dictates(
    name, made, says, program, client, neighbour, tmp_path
):
    content = made(tmp_path)
    assert len(content) < 2 * 2**20
    [path] = json.loads(program.upload(name, content)[1])
    with flat(program.process.pid):
        threading.Thread(target=program.give, args=(client.page, client.case, path), daemon=True).start()
        time.sleep(1)  # until it is being decoded
        take = os.urandom(16).hex()
        assert neighbour.ask("take", take=take)["ok"]
        for number in range(20):
            neighbour.block(take, number)  # every one is acknowledged meanwhile
        assert neighbour.ask("listen", take=take, on=False, block=20)["ok"]
        told = client.until(
            lambda m: (
                m["kind"] == "notice"
                or (m["kind"] == "bar" and m["state"] == "error")
                or (m["kind"] == "case" and m["images"] > 0)
            ),
            280,
        )
    if told["kind"] == "case":  # it is an image, if a large one
        assert not says
        status, shown = program.ask(f"/image/{client.case}/0?page={client.page}")
        assert status == 200 and len(shown) < 2**20
        return
    sentence = told.get("text") or told["message"]
    assert name in sentence and says in sentence and str(program.home) not in sentence
