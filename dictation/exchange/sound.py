"""Where in its recording something was said, and that stretch as a data URI, so that a page can play it."""

import base64
import io
from dataclasses import dataclass

import numpy as np

from dictation.audio import SAMPLE_RATE
from dictation.wording import Dictation

MARGIN_S = 0.3  # before and after: a word cut at its very edge cannot be judged


@dataclass(frozen=True)
class Stretch:
    """Seconds [start, end] of the recording of transcript number `take` of a dictation."""

    take: int
    start_s: float
    end_s: float


def takes_of(dictation: Dictation) -> list[int]:
    """Return for each word of `Dictation.words` the number of the transcript that it is in."""
    return [number for number, transcript in enumerate(dictation.transcripts) for _ in transcript.words]


def stretch_of(dictation: Dictation, words: tuple[int, ...], takes: list[int]) -> Stretch | None:
    """Return where words were said: those of the first one's recording. None where none of them has a time."""
    found: list[tuple[int, float, float]] = []
    for index in words:
        word = dictation.words[index]
        if word.start_s is not None and word.end_s is not None:
            found.append((takes[index], word.start_s, word.end_s))
    same = [times for times in found if times[0] == found[0][0]]
    return Stretch(same[0][0], min(t[1] for t in same), max(t[2] for t in same)) if same else None


def stretches(dictation: Dictation, start: int, end: int) -> list[Stretch]:
    """Return where characters [start, end) of the dictation's text were said: one stretch for each recording."""
    takes, words = takes_of(dictation), dict[int, list[int]]()
    for sentence in dictation.sentences:
        offset = dictation.spans[sentence.id][0]
        for link in sentence.alignment:
            if link.span[0] + offset < end and link.span[1] + offset > start:
                for index in link.words:
                    words.setdefault(takes[index], []).append(index)
    found = (stretch_of(dictation, tuple(indices), takes) for indices in words.values())
    return [stretch for stretch in found if stretch]


def clip_uri(samples: np.ndarray, start_s: float, end_s: float) -> str | None:
    """Return [start_s - 0.3, end_s + 0.3] of `samples` (float32, 16 kHz) as FLAC in a data URI.

    FLAC because it is lossless, half the size of WAV and played by every browser. None where the stretch lies wholly
    outside the recording.
    """
    import soundfile

    first = max(0, round((start_s - MARGIN_S) * SAMPLE_RATE))
    last = min(len(samples), round((end_s + MARGIN_S) * SAMPLE_RATE))
    if last <= first:
        return None
    flac = io.BytesIO()
    soundfile.write(flac, np.clip(samples[first:last], -1.0, 1.0), SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return "data:audio/flac;base64," + base64.b64encode(flac.getvalue()).decode("ascii")
