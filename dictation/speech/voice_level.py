"""Quiet voices raised, with a cap: for recognizers whose features keep the level of the sound.

Only what lies below the level of ordinary dictation is changed, so a normal recording reaches the model untouched.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from dictation.audio import SAMPLE_RATE, Window
from dictation.audio.segments import Part

FLOOR_DBFS = -32.0  # RMS of the voiced seconds; a speaker near a microphone is at -30 to -18
MAX_GAIN_DB = 30.0  # more would make words of the room's noise
PEAK = 0.95  # of full scale, which the gain never exceeds
KNOCK_SHARE = 0.001  # of the samples of a voice may be so loud that raised they are cut: a knock is no voice
CELL_S = 10.0  # of a long segment have one level: some sentences, so that a soft word stays soft beside a loud one
CELL_SAMPLES = round(CELL_S * SAMPLE_RATE)


def raised(window: Window) -> np.ndarray:
    """Return the window's samples, float32, shape (n,), made louder where the voice lies below FLOOR_DBFS."""
    gain_db = _gain_db(window)
    return _ramped(window.samples, gain_db, gain_db, gain_db)


def levelled(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield segments again, in other parts, made louder where the voice lies below FLOOR_DBFS.

    A segment of up to 1.5 cells of CELL_S is raised as a whole, as `raised` does. In a longer one the gain, in dB,
    goes straight from the middle of each cell to its ends, where it is the smaller one of both cells: it never jumps,
    and windows that overlap see the same sound. Three cells are held.
    """
    held, before_db = None, None
    for part in parts:
        held = part if held is None else _joined(held, part)
        while len(held.samples) >= 3 * CELL_SAMPLES or (part.ends and len(held.samples)):
            cell, held = _split(held)
            gain_db = _gain_db(_window(cell))
            after_db = _gain_db(_window(_split(held)[0])) if len(held.samples) else gain_db
            samples = _ramped(cell.samples, gain_db if before_db is None else before_db, gain_db, after_db)
            yield Part(cell.start_sample, samples, cell.speech, ends=part.ends and not len(held.samples))
            before_db = gain_db
        if part.ends:
            held, before_db = None, None


def voice_dbfs(window: Window) -> float:
    """Return the RMS level of the window's stretches of speech, in dB below full scale; -inf for digital silence.

    Samples louder than all but KNOCK_SHARE count as if they were as loud as those.
    """
    return _level(window)[0]


def _level(window: Window) -> tuple[float, float]:
    """The RMS of the voice in dB below full scale, and its loudest sample, knocks left out."""
    spans = ((start_s - window.start_s, end_s - window.start_s) for start_s, end_s in window.speech)
    pieces = [window.samples[round(start_s * SAMPLE_RATE) : round(end_s * SAMPLE_RATE)] for start_s, end_s in spans]
    voiced = np.abs(np.concatenate([window.samples[:0], *pieces]))
    if not len(voiced):
        return -np.inf, 0.0
    loudest = float(np.quantile(voiced, 1 - KNOCK_SHARE))
    power = float(np.mean(np.square(np.minimum(voiced, loudest), dtype=np.float64)))
    return (10 * float(np.log10(power)) if power > 0 else -np.inf), loudest


def _gain_db(window: Window) -> float:
    """The gain that brings the voice to the floor, 0 to MAX_GAIN_DB, less where the voice would be cut at PEAK."""
    level_dbfs, loudest = _level(window)
    if level_dbfs >= FLOOR_DBFS or loudest == 0.0:
        return 0.0
    return max(0.0, min(FLOOR_DBFS - level_dbfs, MAX_GAIN_DB, 20 * float(np.log10(PEAK / loudest))))


def _ramped(samples: np.ndarray, before_db: float, gain_db: float, after_db: float) -> np.ndarray:
    if before_db == gain_db == after_db == 0.0:
        return samples
    ends_db = [min(before_db, gain_db), gain_db, min(gain_db, after_db)]
    gains_db = np.interp(np.linspace(0, 2, len(samples)), [0, 1, 2], ends_db)
    limit: np.ndarray = np.maximum(np.abs(samples), np.float32(PEAK))
    louder: np.ndarray = np.clip(samples * (10 ** (gains_db / 20)).astype(np.float32), -limit, limit)
    return louder


def _split(part: Part) -> tuple[Part, Part]:
    """The next cell and what follows; all where too little for a cell of its own would follow."""
    size = CELL_SAMPLES if len(part.samples) > 1.5 * CELL_SAMPLES else len(part.samples)
    at = part.start_sample + size
    at_s = at / SAMPLE_RATE
    cell = tuple((start_s, min(at_s, end_s)) for start_s, end_s in part.speech if start_s < at_s)
    rest = tuple((max(at_s, start_s), end_s) for start_s, end_s in part.speech if end_s > at_s)
    return (
        Part(part.start_sample, part.samples[:size], cell, ends=False),
        Part(at, part.samples[size:], rest, part.ends),
    )


def _joined(held: Part, part: Part) -> Part:
    samples = np.concatenate([held.samples, part.samples])
    return Part(held.start_sample, samples, held.speech + part.speech, part.ends)


def _window(part: Part) -> Window:
    return Window(part.start_sample / SAMPLE_RATE, part.samples, part.speech)
