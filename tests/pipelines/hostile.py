"""Decoders that meet files made to break them: what a name says is what happens."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from pipelines.batch_decoding import decoding

SOUND = b"s"


def decoding_hostile(request: bytes) -> Iterator[bytes]:
    """Decode as ever, but crash at "crash", give nothing more at "hang", and crash at the very end at "half"."""
    path = Path(os.fsdecode(request))
    for number, message in enumerate(decoding(path)):
        if number:
            if "crash" in path.name or ("half" in path.name and message[:1] != SOUND):
                os.abort()
            if "hang" in path.name:
                time.sleep(600)
        yield message
