"""One recording that MedASR hears: its speech as overlapping windows, their posteriors fused, blocks of words in order.

Voice is searched for and silence skipped; the sound of a failing disk is heard as far as it was read.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from threading import Event

import numpy as np

from dictation.audio.segments import Part, segments
from dictation.errors import Cancelled, DictationError
from dictation.speech.calibration import Confidence
from dictation.speech.ctc.decoder import Decoder
from dictation.speech.medasr.fusion import Block, Fusion
from dictation.speech.medasr.letters import FRAME_S, FRAME_SAMPLES
from dictation.speech.medasr.places import Place, placed
from dictation.speech.medasr.window import read, unheard
from dictation.speech.recognizer import Job
from dictation.speech.recordings import Listening
from dictation.speech.voice_level import levelled

BLOCK_S = 10.0  # of sound are read at a time
MAX_PAUSE_S = 1.0  # a longer one parts segments and is not heard: fewer wrong words than with 2 or 3 s, and less work

Search = Callable[[Iterable[np.ndarray]], Iterator[Part]]
Ask = Callable[[np.ndarray, Event | None], "Future[np.ndarray]"]  # a window's samples → its posteriors


def voiced(blocks: Iterable[np.ndarray]) -> Iterator[Part]:
    """The segments of a recording in which somebody speaks, on the grid of the frames."""
    return segments(blocks, FRAME_SAMPLES, MAX_PAUSE_S)


class MedASRListening(Listening[np.ndarray]):
    """A recording that is being heard. `search` finds the sound that is to be heard in 16 kHz mono blocks."""

    def __init__(
        self,
        job: Job,
        ask: Ask,
        decoder: Decoder,
        confidence: Confidence,
        *,
        window_s: float,
        overlap_s: float,
        search: Search = voiced,
    ) -> None:
        super().__init__(job)
        self._ask, self._decoder, self._confidence, self._search = ask, decoder, confidence, search
        self._window_s, self._overlap_s = window_s, overlap_s
        self._places: list[Place] = []  # of windows that were asked for and not yet taken
        self._fusion = Fusion(decoder.pieces)
        self._history: tuple[int, ...] = ()
        self._speech: list[tuple[float, float]] = []
        self._broken: DictationError | None = None

    def ask(self, cancel: Event | None) -> Iterator[tuple[Future[np.ndarray], float]]:
        """Queue the windows of the recording."""
        parts = self._noted(levelled(self._search(self._blocks())))
        for place, samples in placed(parts, self._window_s, self._overlap_s):
            future = self._ask(samples, cancel)
            self._places.append(place)
            yield future, place.first_frame * FRAME_S + len(samples) / (FRAME_SAMPLES / FRAME_S)
        if self._broken is not None:
            raise self._broken

    def take(self, result: np.ndarray) -> None:
        """Fuse the next window's posteriors with those before, and read what is complete."""
        self._read(self._fusion.add(self._places.pop(0), result))

    def end(self) -> None:
        """Read what is still held, and say where a voice gave no words."""
        self._read(self._fusion.flush())
        heard = self._speech if self.failure is None else [span for span in self._speech if span[1] <= self.heard_s]
        self.warnings.extend(unheard(heard, self.words))
        if self.words or self.warnings or self.failure is not None:
            return
        said = (
            "a voice was heard but no words could be made out; listen to it."
            if self._speech
            else "no speech was found."
        )
        self.warnings.append(said)

    def _read(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            start_s = block.first_frame * FRAME_S
            found = read(block.posteriors, start_s, self._decoder, self._history, is_end=block.ends)
            self.words.extend(self._confidence.applied(found.words))
            self.warnings.extend(found.warnings)
            self._history = found.history

    def _blocks(self) -> Iterator[np.ndarray]:
        """The recording's sound up to where it cannot be read any further."""
        try:
            yield from self.job.recording.blocks(BLOCK_S)
        except Cancelled:
            raise
        except DictationError as error:
            self._broken = error

    def _noted(self, parts: Iterable[Part]) -> Iterator[Part]:
        """The same parts, their stretches of voice kept; one that goes on in the next part is one."""
        for part in parts:
            for start_s, end_s in part.speech:
                if self._speech and start_s <= self._speech[-1][1]:
                    start_s, _ = self._speech.pop()
                self._speech.append((start_s, end_s))
            yield part
