"""A capture read as a recording: its blocks in order, what is missing as silence that is told of."""

import os
from collections.abc import Iterable, Iterator
from io import BufferedReader

import numpy as np

from dictation.audio.capture import Scan, from_pcm, scan
from dictation.audio.chunk import CHUNK_VALUES, Chunk


def decoded(file: BufferedReader, name: str, warnings: list[str]) -> Iterator[Chunk]:
    """Yield the sound of a capture in the order of its block numbers; gaps are silence and told in `warnings`.

    Raises InputError, naming `name` and the fix, where there is no sound in it.
    """
    found = scan(file, name)
    rate_hz, total = found.header.rate_hz, found.blocks.samples
    warnings += _warnings(found, file.seek(0, os.SEEK_END), name)
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


def _warnings(found: Scan, length: int, name: str) -> list[str]:
    rate_hz, gaps, told = found.header.rate_hz, found.blocks.gaps(), []
    if gaps:
        missing_s = sum(stop - start for start, stop in gaps) / rate_hz
        why = "its file is damaged" if found.damaged else "sound did not arrive"
        told.append(
            f"{name}: {missing_s:.1f} s are missing in {len(gaps)} gaps, the first at {gaps[0][0] / rate_hz:.1f} s, "
            f"because {why}; they are silence here, so listen to what stands around them."
        )
    if not found.is_finished:
        told.append(
            f"{name}: the dictation was not finished, as after a crash; everything up to "
            f"{found.blocks.samples / rate_hz:.1f} s was used, so check that the last words are there."
        )
    elif length > found.intact_bytes:
        told.append(f"{name}: what stands behind the end of the capture is damaged; it was left out.")
    return told
