"""Each 32 ms frame of a stream of sound, marked as speech or not.

Dictation differs from conversation: the speaker looks at images for many seconds, and drops the voice on the last
word of a finding. So the threshold is low, every stretch of speech is padded, more behind than before, and pauses of
any length are allowed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from dictation.audio.resample import SAMPLE_RATE
from dictation.audio.silero import FRAME_SAMPLES, SpeechProbability

FRAME_S = FRAME_SAMPLES / SAMPLE_RATE


@dataclass(frozen=True)
class Hearing:
    """What counts as speech. Durations in seconds; probabilities 0–1 of the voice model.

    Speech begins at `start_probability` and lasts while above `stay_probability`. A burst shorter than `burst_s` is a
    click, not a word. A gap shorter than `gap_s` inside a sentence is not a pause. `before_s` and `after_s` are added
    around each stretch, so that neither a breathed first consonant nor a soft last syllable is lost.
    """

    start_probability: float = 0.35
    stay_probability: float = 0.15
    burst_s: float = 0.1
    gap_s: float = 0.3
    before_s: float = 0.25
    after_s: float = 0.4


DICTATED = Hearing()


@dataclass(frozen=True)
class Marked:
    """Samples, and for each frame of them whether it is speech. The last frame of a recording may be short."""

    samples: np.ndarray
    speech: np.ndarray

    def joined(self, other: "Marked") -> "Marked":
        """Return this sound followed by `other`."""
        return Marked(np.concatenate([self.samples, other.samples]), np.concatenate([self.speech, other.speech]))

    def after(self, frame: int) -> "Marked":
        """Return the sound from frame `frame` on."""
        return Marked(self.samples[frame * FRAME_SAMPLES :].copy(), self.speech[frame:].copy())


def marked(pieces: Iterable[np.ndarray], hearing: Hearing) -> Iterator[Marked]:
    """Yield the samples again, in whole frames, each frame marked as speech or not.

    Whether a frame is speech depends on frames around it, but never on one further away than `reach`; so a frame is
    yielded once that many frames behind it are known, and that many before it are kept.
    """
    model = SpeechProbability()
    reach = _reach(hearing)
    voiced = np.zeros(0, bool)  # before tidying; starts `behind` frames before the first frame still to be yielded
    samples = np.zeros(0, np.float32)  # starts at the first frame still to be yielded
    behind = 0
    for piece in pieces:
        samples = np.concatenate([samples, piece])
        voiced = np.concatenate([voiced, _voiced(model.feed(piece), bool(len(voiced) and voiced[-1]), hearing)])
        ready = len(voiced) - behind - reach
        if ready <= 0:
            continue
        speech = _tidied(voiced, hearing)[behind : behind + ready]
        yield Marked(samples[: ready * FRAME_SAMPLES], speech)
        samples = samples[ready * FRAME_SAMPLES :].copy()
        kept = min(behind + ready, reach)
        voiced, behind = voiced[behind + ready - kept :].copy(), kept
    voiced = np.concatenate([voiced, _voiced(model.finish(), bool(len(voiced) and voiced[-1]), hearing)])
    if len(samples):
        yield Marked(samples, _tidied(voiced, hearing)[behind:])


def _voiced(probabilities: np.ndarray, is_speech: bool, hearing: Hearing) -> np.ndarray:
    """Mark frames as speech from `start_probability` on and as long as they stay above `stay_probability`."""
    marks = np.zeros(len(probabilities), bool)
    for index, probability in enumerate(probabilities):
        is_speech = bool(probability >= (hearing.stay_probability if is_speech else hearing.start_probability))
        marks[index] = is_speech
    return marks


def _tidied(voiced: np.ndarray, hearing: Hearing) -> np.ndarray:
    """Drop bursts, add padding, close gaps. A burst that the recording's end cuts off may be a word: it stays."""
    marks = voiced.copy()
    burst, gap = _frames(hearing.burst_s), _frames(hearing.gap_s)
    for start, stop in runs(voiced):
        if stop - start < burst and start > 0 and stop < len(voiced):
            marks[start:stop] = False
    padded = marks.copy()
    for start, stop in runs(marks):
        padded[max(0, start - _frames(hearing.before_s)) : stop + _frames(hearing.after_s)] = True
    for start, stop in runs(~padded):
        if stop - start < gap and start > 0 and stop < len(padded):
            padded[start:stop] = True
    return padded


def _reach(hearing: Hearing) -> int:
    """Return how many frames to either side can decide whether a frame is speech after `_tidied`."""
    padding = _frames(hearing.before_s) + _frames(hearing.after_s)
    return _frames(hearing.burst_s) + _frames(hearing.gap_s) + padding + 2


def _frames(seconds: float) -> int:
    return round(seconds / FRAME_S)


def runs(marks: np.ndarray) -> list[tuple[int, int]]:
    """Return the [start, stop) of each run of True."""
    edges = np.diff(np.concatenate([[False], marks, [False]]).astype(np.int8))
    return list(zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True))
