"""A stretch of a recording as WAV: what the page plays when somebody clicks a word, without its whole recording."""

import io
import math
import wave
from pathlib import Path

import numpy as np

from dictation.audio import SAMPLE_RATE, Recording, capture
from dictation.audio.with_capture import sound_of
from dictation.errors import DictationError, InputError

LONGEST_S = 60.0
_GONE = "The recording of these words is not on this machine any more; the text stays."
_OUTSIDE = "The recording does not reach that far; look at the page again."


def wav_bytes(path: Path, from_s: float, to_s: float) -> bytes:
    """Return [from_s, to_s] of a recording as 16-bit mono WAV, clamped to the recording and to 60 s.

    A capture or a file that libsndfile reads (FLAC, WAV) is entered where the stretch begins; any other is decoded from
    its start. Raises DictationError where the file is gone, or no sound of it lies in the stretch.
    """
    if not (math.isfinite(from_s) and math.isfinite(to_s)) or to_s <= max(0.0, from_s):
        raise DictationError(_OUTSIDE)
    from_s = max(0.0, from_s)
    to_s = min(to_s, from_s + LONGEST_S)
    try:
        samples, rate_hz = samples_of(path, from_s, to_s)
    except OSError:
        raise DictationError(_GONE) from None
    if not len(samples):
        raise DictationError(_OUTSIDE)
    wav = io.BytesIO()
    with wave.open(wav, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(capture.to_pcm(samples))
    return wav.getvalue()


def samples_of(path: Path, from_s: float, to_s: float) -> tuple[np.ndarray, int]:
    """Return the samples of a stretch as mono float32, and their rate in Hz. Raises OSError, DictationError."""
    with path.open("rb") as file:
        if file.read(len(capture.MAGIC)) == capture.MAGIC:
            found = capture.scan(file, "the recording")
            rate_hz = found.header.rate_hz
            start, stop = round(from_s * rate_hz), min(round(to_s * rate_hz), found.blocks.samples)
            return sound_of(file, found.blocks.within(start, stop), start, max(start, stop)), rate_hz
        file.seek(0)
        import soundfile

        try:
            with soundfile.SoundFile(file) as sound:
                rate_hz = sound.samplerate
                start = min(round(from_s * rate_hz), sound.frames)
                sound.seek(start)
                frames = sound.read(max(0, round(to_s * rate_hz) - start), dtype="float32", always_2d=True)
                return frames.mean(axis=1), rate_hz
        except soundfile.LibsndfileError:
            pass
    return _decoded(path, from_s, to_s), SAMPLE_RATE


def _decoded(path: Path, from_s: float, to_s: float) -> np.ndarray:
    start, stop, at, kept = round(from_s * SAMPLE_RATE), round(to_s * SAMPLE_RATE), 0, []
    try:
        for block in Recording(path).blocks():
            kept.append(block[max(0, start - at) : max(0, stop - at)])
            at += len(block)
            if at >= stop:
                break
    except InputError:
        raise DictationError(_GONE) from None
    return np.concatenate(kept) if kept else np.zeros(0, np.float32)
