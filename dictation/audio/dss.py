"""Dictation devices' own files. Olympus and Philips `.dss` are FFmpeg's business; Grundig's and `.ds2` come here.

Grundig's variant needs the package grundig-dss, which the user installs: it is young, pure Python, and its tables were
taken from the maker's program, so it is no dependency of this project. It decodes whole files into lists of Python
numbers; here its steps are called for a few blocks at a time, so that memory stays bounded, and its resampler is not
used.
"""

import importlib
from collections.abc import Iterator
from io import BufferedReader

import numpy as np

from dictation.audio.chunk import Chunk, scaled
from dictation.audio.riff import FROM_DEVICE
from dictation.errors import InputError

_GRUNDIG = b"\x06dss"
_DS2 = (b"\x03ds2", b"\x01ds2", b"\x03enc")
_BLOCK_BYTES = 512
_BLOCKS = 64  # read at once: about 18 s of sound
_FRAMES_OFFSET = 2  # byte of a block that holds how many frames start in it
_RATE_HZ = 12_000
_EXPORT = "export the recording as WAV from the dictation device's own program"


def is_dictation_device(head: bytes) -> bool:
    """Tell by a file's first bytes whether it is one of the files that this module speaks for."""
    return head.startswith((_GRUNDIG, *_DS2))


def decoded(file: BufferedReader, name: str, warnings: list[str]) -> Iterator[Chunk]:
    """Yield the sound of a Grundig `.dss` file. Raises InputError, naming `name` and the fix, where that cannot be."""
    head = file.read(4)
    if head != _GRUNDIG:
        raise InputError(f"{name}: DS2 files cannot be decoded here; {_EXPORT}.")
    try:
        grundig_dss = importlib.import_module("grundig.grundig_dss")
    except ImportError as error:
        raise InputError(
            f'{name}: a Grundig .dss file needs one more package; run: pip install "grundig-dss==1.0.0", or {_EXPORT}.'
        ) from error
    file.seek(head[0] * _BLOCK_BYTES)
    state = grundig_dss.CelpState()
    held = file.read(_BLOCKS * _BLOCK_BYTES)
    while held:
        following = file.read(_BLOCKS * _BLOCK_BYTES)
        # The last frame of a block may end in the next one.
        frames, _ = grundig_dss.unpack_blocks(held + following[:_BLOCK_BYTES])
        count = sum(held[_FRAMES_OFFSET::_BLOCK_BYTES])
        samples: list[int] = []
        try:
            for bits, mode in frames[:count]:
                samples += grundig_dss.decode_frame(state, bits, mode)
        except IndexError:
            warnings.append(f"{name}: the file ends inside a word or is damaged; {FROM_DEVICE}")
            following = b""
        yield Chunk(scaled(np.array(samples, np.int16)).reshape(-1, 1), _RATE_HZ)
        held = following
