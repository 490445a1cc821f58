"""How likely each 32 ms of sound is speech, by the Silero model that ships inside faster-whisper."""

import numpy as np

from dictation.errors import MissingError
from dictation.extras import install_command

FRAME_SAMPLES = 512  # 32 ms at 16 kHz: the only frame length that this model knows
_CONTEXT_SAMPLES = 64  # the end of the frame before, which the model sees again
_STATE_SHAPE = (1, 1, 128)


class SpeechProbability:
    """A stream of 16 kHz mono samples in, one probability (0–1) per whole frame out.

    The model's memory and the samples of an unfinished frame are carried over, so a recording fed in pieces gets
    the same answers as one fed whole. Raises MissingError where faster-whisper is not installed.
    """

    def __init__(self) -> None:
        try:
            from faster_whisper.vad import get_vad_model
        except ImportError as error:
            raise MissingError(f"Finding speech needs faster-whisper; run: {install_command('audio')}") from error
        self._session = get_vad_model().session
        self._hidden = np.zeros(_STATE_SHAPE, np.float32)
        self._cell = np.zeros(_STATE_SHAPE, np.float32)
        self._pending = np.zeros(_CONTEXT_SAMPLES, np.float32)  # context, then samples short of a frame

    def feed(self, samples: np.ndarray) -> np.ndarray:
        """Return the probabilities of the frames that these samples complete, float32, shape (frames,)."""
        self._pending = np.concatenate([self._pending, samples.astype(np.float32, copy=False)])
        count = (len(self._pending) - _CONTEXT_SAMPLES) // FRAME_SAMPLES
        if count == 0:
            return np.zeros(0, np.float32)
        views = np.lib.stride_tricks.sliding_window_view(self._pending, _CONTEXT_SAMPLES + FRAME_SAMPLES)
        frames = np.ascontiguousarray(views[::FRAME_SAMPLES][:count])
        answer, self._hidden, self._cell = self._session.run(
            None, {"input": frames, "h": self._hidden, "c": self._cell}
        )
        self._pending = self._pending[count * FRAME_SAMPLES :].copy()
        return np.asarray(answer, np.float32).reshape(-1)

    def finish(self) -> np.ndarray:
        """Return the probability of the last, unfinished frame, filled up with silence; empty where there is none."""
        missing = -(len(self._pending) - _CONTEXT_SAMPLES) % FRAME_SAMPLES
        return self.feed(np.zeros(missing, np.float32)) if missing else np.zeros(0, np.float32)
