"""One stretch of a recording as a data URI, so that a page can play what a difference rests on."""

import base64
import io

import numpy as np

from dictation.audio import SAMPLE_RATE

MARGIN_S = 0.3  # before and after: a word cut at its very edge cannot be judged


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
