"""Parts of recordings for a page: read in one pass that ends with the last of them, and small enough to lie in it."""

import io
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

import numpy as np
import soundfile

from dictation.audio import SAMPLE_RATE, Recording
from dictation.errors import DictationError, MissingError
from dictation.evaluation import Span

MARGIN_S = 0.5  # before and after, so that a word is heard with its neighbours
LONGEST_S = 30.0
BLOCK_S = 10.0
Parts = dict[tuple[Path, Span], np.ndarray]


def check_mp3() -> None:
    """Raise MissingError where the sound library here writes no MP3: said before hours of hearing."""
    if "MP3" not in soundfile.available_formats():
        raise MissingError(
            "evaluating needs a libsndfile that writes MP3 (1.1 or newer); run: pip install --force-reinstall soundfile"
        )


def around(span: Span, longest_s: float = LONGEST_S) -> Span:
    """A span with a margin on each side, in seconds from the recording's start; a long one is cut at its end."""
    start_s = max(0.0, span[0] - MARGIN_S)
    return start_s, min(span[1] + MARGIN_S, start_s + longest_s)


def read_parts(wanted: Mapping[Path, Iterable[Span]]) -> Parts:
    """The samples of each [start, end) in seconds, float32, mono, SAMPLE_RATE; a span beyond the end is shorter.

    What cannot be read, as a file that is gone, is left out.
    """
    found: Parts = {}
    for audio, spans in wanted.items():
        distinct = sorted(set(spans))
        for span, samples in zip(distinct, _parts(audio, distinct), strict=False):
            if samples.size:
                found[audio, span] = samples
    return found


def _parts(audio: Path, spans: Sequence[Span]) -> list[np.ndarray]:
    last_s = max((end_s for _, end_s in spans), default=0.0)
    pieces: list[list[np.ndarray]] = [[] for _ in spans]
    try:
        for number, block in enumerate(Recording(audio).blocks(BLOCK_S)):
            begins = round(number * BLOCK_S * SAMPLE_RATE)
            for (start_s, end_s), piece in zip(spans, pieces, strict=True):
                first, end = round(start_s * SAMPLE_RATE) - begins, round(end_s * SAMPLE_RATE) - begins
                if first < len(block) and end > 0:
                    piece.append(block[max(0, first) : end])
            if (number + 1) * BLOCK_S >= last_s:
                break
    except (DictationError, OSError):
        return []
    return [np.concatenate(piece) if piece else np.zeros(0, np.float32) for piece in pieces]


def mp3(samples: np.ndarray) -> bytes:
    """The samples, mono at SAMPLE_RATE, as MP3."""
    out = io.BytesIO()
    soundfile.write(out, samples, SAMPLE_RATE, format="MP3", subtype="MPEG_LAYER_III")
    return out.getvalue()


def player(samples: np.ndarray, label: str) -> str:
    """A player that holds its sound itself; `label` is for who cannot see the page."""
    source = f"data:audio/mpeg;base64,{b64encode(mp3(samples)).decode()}"
    return f'<audio controls preload="none" aria-label="{escape(label)}" src="{source}"></audio>'
