"""Small files that unfold to gigabytes, given to the app as it is served: its memory stays flat, and others go on."""

import io
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.imaging.measuring import flat
from tests.imaging.test_bombs import deflated, in_plain_sight

pytestmark = pytest.mark.usefixtures("nobody_else_notices")

BLOCK_S = 0.1  # of sound, as a page sends it


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


def is_refusal(told: dict) -> bool:
    return told["kind"] == "notice" or (told["kind"] == "bar" and told["state"] == "error")


@pytest.mark.parametrize(
    ("name", "made", "says"),
    [
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
        answer = at_once.submit(client.until, is_refusal, 280)
        take, number = os.urandom(16).hex(), 0
        assert neighbour.ask("take", take=take)["ok"]
        while number < 20 or not answer.done():
            assert neighbour.block(take, number)["kind"] == "ack"  # every one is acknowledged meanwhile
            number += 1
            time.sleep(BLOCK_S)
        assert neighbour.ask("listen", take=take, on=False, block=number)["ok"]
    told = answer.result()
    sentence = told.get("text") or told["message"]
    assert name in sentence and says in sentence and str(program.home) not in sentence
