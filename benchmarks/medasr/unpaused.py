"""Sound as one segment, as if all of it were voice: what MedASR hears where nobody searches for voice before it."""

from collections.abc import Iterable, Iterator

import numpy as np

from dictation.audio import SAMPLE_RATE
from dictation.audio.segments import Part


def unpaused(blocks: Iterable[np.ndarray]) -> Iterator[Part]:
    """Yield the sound in 16 kHz mono float32 blocks as the parts of one segment."""
    start, waiting = 0, None
    for block in blocks:
        if waiting is not None:
            yield waiting
        span = (start / SAMPLE_RATE, (start + len(block)) / SAMPLE_RATE)
        waiting = Part(start, block, (span,), ends=False)
        start += len(block)
    if waiting is not None:
        yield Part(waiting.start_sample, waiting.samples, waiting.speech, ends=True)
