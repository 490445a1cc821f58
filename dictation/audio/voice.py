"""Where in a recording somebody speaks, and the recording cut at pauses into windows that a recognizer can hold.

All of it streams: memory does not grow with the length of the recording.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dictation.audio.marks import DICTATED, FRAME_S, Hearing, Marked, marked, runs
from dictation.audio.recording import Recording
from dictation.audio.resample import SAMPLE_RATE
from dictation.audio.silero import FRAME_SAMPLES

_BLOCK_S = 30.0
_LULL_FRAMES = 9  # 0.3 s: a breath between words rather than the closure of a stop consonant


@dataclass(frozen=True)
class Window:
    """A stretch of a recording that begins and ends with speech (padding included).

    `start_s` counts from the start of the recording; `samples` is 16 kHz mono float32, shape (n,); `speech` holds the
    [start, end) of each stretch of speech in it, in seconds of the recording.
    """

    start_s: float
    samples: np.ndarray
    speech: tuple[tuple[float, float], ...]

    @property
    def end_s(self) -> float:
        """Where the window ends, in seconds of the recording."""
        return (round(self.start_s * SAMPLE_RATE) + len(self.samples)) / SAMPLE_RATE


def speech_spans(samples: np.ndarray, hearing: Hearing = DICTATED) -> list[tuple[float, float]]:
    """Return the [start, end) of each stretch of speech, in seconds, in order and apart from each other.

    `samples` is 16 kHz mono float32, shape (n,). Raises MissingError where faster-whisper is not installed.
    """
    step = round(_BLOCK_S * SAMPLE_RATE)
    pieces = (samples[start : start + step] for start in range(0, len(samples), step))
    marks = [part.speech for part in marked(pieces, hearing)]
    found = runs(np.concatenate(marks)) if marks else []
    return [
        (start * FRAME_SAMPLES / SAMPLE_RATE, min(stop * FRAME_SAMPLES, len(samples)) / SAMPLE_RATE)
        for start, stop in found
    ]


def windows(
    recording: Recording, max_s: float = 28.0, max_pause_s: float = 3.0, hearing: Hearing = DICTATED
) -> Iterator[Window]:
    """Yield the speech of a recording of any length as windows of at most `max_s` seconds, in order.

    Every sample of speech is in exactly one window. A window ends before a pause of `max_pause_s` or more; one that
    grows too long is cut in a pause, or, where there is none, at its quietest point. What is not speech is dropped
    between windows; a silent recording gives none.
    Raises MissingError where faster-whisper is not installed, InputError where the recording cannot be read.
    """
    max_frames = int(max_s / FRAME_S)
    if max_frames < 2:
        raise ValueError(f"max_s is {max_s}; a window lasts at least {2 * FRAME_S} s")
    max_pause = max(1, round(max_pause_s / FRAME_S))
    held = Marked(np.zeros(0, np.float32), np.zeros(0, bool))
    first = 0  # the frame of the recording at which `held` starts
    for part in marked(recording.blocks(_BLOCK_S), hearing):
        held = held.joined(part)
        while cut := _cut(held, max_frames, max_pause):
            if window := _window(held, first, cut):
                yield window
            held, first = held.after(cut), first + cut
    if window := _window(held, first, len(held.speech)):
        yield window


def _cut(held: Marked, max_frames: int, max_pause: int) -> int:
    """Return the frame at which `held` can be cut in two now, or 0 where more has to be heard first."""
    spans = runs(held.speech)
    if not spans:
        return len(held.speech)
    start = spans[0][0]
    for (_, stop), (following, _) in zip(spans, [*spans[1:], (len(held.speech), 0)], strict=True):
        if stop - start > max_frames:
            break
        if following - stop >= max_pause:
            return following
    if len(held.speech) - start <= max_frames:
        return start  # only what lies before the speech can go; 0 where nothing does
    return _best_cut(held, start, max_frames)


def _best_cut(held: Marked, start: int, max_frames: int) -> int:
    """Return where to cut a full window that starts at frame `start`.

    The longest pause of its second half, else the last pause of its first half, else the quietest point of its second
    half: a stretch of speech is only cut in two where it alone is longer than a window.
    """
    middle, end = start + max_frames // 2, start + max_frames
    pauses = [(begin, stop) for begin, stop in runs(~held.speech[:end]) if begin > start]
    if late := [pause for pause in pauses if pause[1] > middle]:
        return max(late, key=lambda pause: pause[1] - pause[0])[1]
    if pauses:
        return pauses[-1][1]
    frames = held.samples[: end * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)[middle:]
    power = np.mean(np.square(frames), axis=1)
    lull = min(_LULL_FRAMES, len(power))
    around = np.convolve(power, np.ones(lull), mode="valid")
    return middle + int(np.argmin(around)) + lull // 2


def _window(held: Marked, first: int, stop: int) -> Window | None:
    """Return the speech before frame `stop` as a window, or None where there is none.

    `first` is the frame of the recording at which `held` starts.
    """
    last = len(held.samples)  # the last frame of a recording may be short
    spans = [(begin * FRAME_SAMPLES, min(end * FRAME_SAMPLES, last)) for begin, end in runs(held.speech[:stop])]
    if not spans:
        return None
    offset = first * FRAME_SAMPLES
    return Window(
        start_s=(offset + spans[0][0]) / SAMPLE_RATE,
        samples=held.samples[spans[0][0] : spans[-1][1]].copy(),
        speech=tuple(((offset + begin) / SAMPLE_RATE, (offset + end) / SAMPLE_RATE) for begin, end in spans),
    )
