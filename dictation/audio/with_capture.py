"""A capture read as a recording: its blocks in order, what is missing as silence that is told of."""

import os
from collections.abc import Iterable, Iterator
from io import BufferedReader

import numpy as np

from dictation.audio.capture import Scan, from_pcm, scan
from dictation.audio.chunk import CHUNK_VALUES, Chunk
from dictation.audio.held import is_held
from dictation.audio.riff import IF_YOU_CAN


def decoded(file: BufferedReader, name: str, warnings: list[str]) -> Iterator[Chunk]:
    """Yield the sound of a capture in the order of its block numbers; gaps are silence and told in `warnings`.

    Raises InputError, naming `name` and the fix, where there is no sound in it.
    """
    found = scan(file, name)
    rate_hz, total = found.header.rate_hz, found.blocks.samples
    warnings += _warnings(found, file.seek(0, os.SEEK_END), is_held(file.fileno()), name)
    for start in range(0, total, CHUNK_VALUES):
        stop = min(start + CHUNK_VALUES, total)
        yield Chunk(sound_of(file, found.blocks.within(start, stop), start, stop).reshape(-1, 1), rate_hz)


def sound_of(file: BufferedReader, places: Iterable[tuple[int, int, int]], start: int, stop: int) -> np.ndarray:
    """Return samples [start, stop) as float32, shape (stop - start,); what no block holds is silence.

    `places` are the blocks in that stretch, as `Blocks.within` gives them.
    """
    sound = np.zeros(stop - start, np.float32)
    for first, offset, count in places:
        file.seek(offset)
        heard = from_pcm(file.read(2 * count))[max(0, start - first) : max(0, stop - first)]
        at = max(0, first - start)
        sound[at : at + len(heard)] = heard
    return sound


def _warnings(found: Scan, length: int, is_writing: bool, name: str) -> list[str]:
    rate_hz, gaps, told = found.header.rate_hz, found.blocks.gaps(), []
    if found.damaged or (found.is_finished and length > found.intact_bytes):
        told.append(f"{name}: the file is damaged; the sound that stood there is lost, so {IF_YOU_CAN}")
    if gaps:
        missing_s = sum(stop - start for start, stop in gaps) / rate_hz
        told.append(
            f"{name}: {missing_s:.1f} s are missing in {len(gaps)} gaps, the first at {gaps[0][0] / rate_hz:.1f} s; "
            "they are silence here, so listen to what stands around them."
        )
    if not found.is_finished:
        why = "is still going on" if is_writing else "was not finished, as after a crash"
        told.append(
            f"{name}: the dictation {why}; everything up to {found.blocks.samples / rate_hz:.1f} s was used, so check "
            "that the last words are there."
        )
    return told
