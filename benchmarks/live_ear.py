"""Ears for the live benchmark: the text of a small trained network at the cost of the full-size one; a simulated queue.

MedASR's weights are gated, so a network of full size with random weights runs on every stretch of sound, and its answer
is thrown away: time, memory and processor are those of the real one, the words those of the small trained one.
"""

import dataclasses
import tempfile
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from dictation.settings import Settings
from dictation.speech.ear import Ear, Heard, Stretch, Urgency
from dictation.speech.medasr.recognizer import MedASRRecognizer
from dictation.speech.medasr.weights import Loaded
from dictation.speech.whisper.recognizer import WhisperRecognizer
from tests.speech.tiny_lasr import SMALL_LASR

FULL_SIZE = Path(tempfile.gettempdir()) / "full_size_lasr"


class CostAndText:
    """A network that does the work of `cost` and gives the answer of `text`; both are in the same precision."""

    def __init__(self, cost: Any, text: Any) -> None:
        self._cost, self._text = cost, text

    def __getattr__(self, name: str) -> Any:
        """All else is the text's."""
        return getattr(self._text, name)

    def __call__(self, *features: Any, **inputs: Any) -> Any:
        """Run both on the same features."""
        self._cost(*features, **inputs)
        return self._text(*features, **inputs)


def full_size(settings: Settings) -> Loaded:
    """Return the network of MedASR's size with random weights, loaded as a checkpoint is."""
    if not (FULL_SIZE / "tokenizer.json").is_file():
        import torch
        from transformers import LasrCTCConfig, LasrFeatureExtractor, LasrForCTC, LasrProcessor

        from benchmarks.small_lasr.network import network

        torch.manual_seed(0)
        LasrForCTC(LasrCTCConfig()).save_pretrained(FULL_SIZE)
        LasrProcessor(LasrFeatureExtractor(), network()[1]).save_pretrained(FULL_SIZE)
    return MedASRRecognizer.load(FULL_SIZE, settings)._model


def ear_named(name: str, settings: Settings, text: Path = SMALL_LASR) -> tuple[Any, str]:
    """Return an ear and what its cost and text come from. `name`: medasr, small (no cost added) or whisper.

    `text` is the folder of the small trained network.
    """
    if name == "whisper":
        whisper = WhisperRecognizer.embedded(settings)
        return whisper, f"embedded Whisper base, {whisper.engine.precision}"
    if name == "small":
        return MedASRRecognizer.load(text, settings), "small trained LASR alone"
    costly = full_size(settings)
    precision: Any = {"medasr_precision": costly.precision}
    small = MedASRRecognizer.load(text, settings.model_copy(update=precision))._model
    both = dataclasses.replace(small, network=CostAndText(costly.network, small.network))
    return MedASRRecognizer(
        both, settings
    ), f"cost of full-size random weights ({costly.precision}), text of small LASR"


@dataclasses.dataclass(eq=False)
class _Waiting:
    stretch: Stretch
    urgency: Urgency
    key: object
    asked_s: float
    future: "Future[Heard]"


class SimulatedEar:
    """An ear on a simulated clock: one worker, each answer due when its work would have been done.

    Work is processor time of one thread, which other programs on the machine do not change; give the engine one thread.
    """

    def __init__(self, ear: Ear) -> None:
        self._ear = ear
        self._waiting: list[_Waiting] = []
        self._due: list[tuple[float, _Waiting, Heard | BaseException]] = []
        self._free_s = 0.0
        self.now_s = 0.0
        self.busy_s = 0.0
        self.engine, self.max_stretch_s = ear.engine, ear.max_stretch_s

    @property
    def waiting_s(self) -> float:
        """How long the worker will be busy with what has begun."""
        return max(0.0, self._free_s - self.now_s)

    def hear(self, stretch: Stretch, urgency: Urgency, key: object = None) -> "Future[Heard]":
        """Queue a stretch as the real queue does."""
        for other in list(self._waiting):
            if other.urgency is Urgency.PARTIAL and other.key == key:
                self._waiting.remove(other)
                other.future.cancel()
        self._waiting.append(_Waiting(stretch, urgency, key, self.now_s, Future()))
        return self._waiting[-1].future

    def advance(self, now_s: float) -> None:
        """Let the worker work until `now_s`, and give out what is done by then."""
        while self._free_s <= now_s:
            waiting = [one for one in self._waiting if not one.future.cancelled()]
            if not waiting:
                self._free_s = max(self._free_s, now_s)
                break
            start_s = max(self._free_s, min(one.asked_s for one in waiting))
            if start_s > now_s:
                break
            ready = [one for one in waiting if one.asked_s <= start_s]
            chosen = min(ready, key=lambda one: (one.urgency, one.asked_s))
            self._waiting.remove(chosen)
            began = time.process_time()
            try:
                answer: Heard | BaseException = self._ear.hear(chosen.stretch, chosen.urgency).result()
            except Exception as error:
                answer = error
            took_s = time.process_time() - began
            self.busy_s += took_s
            self._free_s = start_s + took_s
            self._due.append((self._free_s, chosen, answer))
        self.now_s = now_s
        for due_s, one, answer in list(self._due):
            if due_s <= now_s:
                self._due.remove((due_s, one, answer))
                if not one.future.set_running_or_notify_cancel():
                    continue
                if isinstance(answer, BaseException):
                    one.future.set_exception(answer)
                else:
                    one.future.set_result(answer)
