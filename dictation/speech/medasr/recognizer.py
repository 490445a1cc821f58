"""The clinical ear: MedASR (LASR, a Conformer with CTC) in a loop of our own around the network of transformers.

Every sound passes through one queue of turns, so that recordings and live sessions share the network; a batch gives
what single runs give, every word has its seconds, and memory does not grow with the length of a recording.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from dictation.audio import SAMPLE_RATE, Window
from dictation.errors import DictationError, MissingError, UsageError
from dictation.lexicon import Vocabulary
from dictation.settings import Settings
from dictation.speech.calibration import UNCALIBRATED, Confidence, confidence_of
from dictation.speech.context import new_speech, new_words
from dictation.speech.ctc.cuts import last_gap
from dictation.speech.ctc.decoder import Decoder
from dictation.speech.ctc.greedy import greedy
from dictation.speech.ctc.language_model import LanguageModel
from dictation.speech.ctc.pieces import Pieces
from dictation.speech.ear import Heard, Stretch, Urgency
from dictation.speech.medasr.letters import FIRST_CENTRE_S, FRAME_S, pieces_of
from dictation.speech.medasr.listening import MAX_PAUSE_S, MedASRListening, Search, voiced
from dictation.speech.medasr.posteriors import posteriors
from dictation.speech.medasr.weights import Loaded, check_packages, find, for_hearing, load
from dictation.speech.medasr.window import HISTORY_PIECES, read, unheard
from dictation.speech.recognizer import Job, Progress
from dictation.speech.recordings import transcribed
from dictation.speech.transcript import Engine, Transcript
from dictation.speech.turns import Turns
from dictation.speech.voice_level import FLOOR_DBFS, MAX_GAIN_DB, raised

LANGUAGE_MODEL = "lm_6.kenlm"  # beside the published weights
_BOUND_BATCHES = 4  # of recordings that wait: enough to find windows of like length, few enough to hold in memory
_COST = 0.03  # seconds of work for each second of sound, until it has been measured
_PAUSE_S = 0.1  # without voice at the end of a stretch: the speaker has paused there
_OVERLAP_FRAMES = 25  # of the context are decoded again: a word begins a little earlier the second time


@dataclass(frozen=True)
class _Sound:
    """A stretch of sound that is to be heard, and what is made of its posteriors."""

    samples: np.ndarray
    read: Callable[[np.ndarray], Any]


class MedASRRecognizer:
    """A MedASR model as a Recognizer and an Ear.

    Raises UsageError where the settings ask for windows that overlap by as much as they last, and MissingError or
    InputError where they name a language model that cannot be used.
    """

    chosen = ""  # why this engine was taken, where the user left the choice to the program
    confidence: Confidence = UNCALIBRATED

    def __init__(self, model: Loaded, settings: Settings | None = None) -> None:
        self._model = model
        self._settings = settings or Settings()
        if self._settings.medasr_overlap_s >= self._settings.medasr_window_s:
            raise UsageError("the overlap of MedASR's windows is not shorter than the windows; set a shorter one.")
        columns = int(model.network.config.vocab_size)
        pieces = pieces_of(map(model.piece_text, range(columns)), model.blank)
        self._decoder = Decoder(pieces, self._settings.medasr_beam, self._language_model(pieces))
        self._batch = self._settings.medasr_batch or model.batch
        self._turns: Turns[_Sound, Any] = Turns(
            self._work,
            batch=self._batch,
            bound=_BOUND_BATCHES * self._batch,
            cost_s=lambda sound: _COST * len(sound.samples) / SAMPLE_RATE,
        )

    @classmethod
    def load(cls, model: str | Path | None, settings: Settings) -> "MedASRRecognizer":
        """Load `model`: a folder, the name of a model on the hub, or None for google/medasr.

        Raises MissingError, with the fix in one sentence, where a package, the model, the network, a token or the
        acceptance of the model's terms is missing.
        """
        check_packages()
        this = cls(for_hearing(load(find(model), settings)), settings)
        this.confidence = confidence_of(settings.home, this.engine)
        return this

    @property
    def engine(self) -> Engine:
        """The record of this engine."""
        checkpoint, settings = self._model.checkpoint, self._settings
        return Engine(
            name="medasr",
            model=checkpoint.model,
            revision=checkpoint.revision,
            weights_sha256=self._model.sha256,
            precision=f"{self._model.precision} ({self._model.device})",
            settings={
                "confidence": self.confidence.record,
                "window_s": settings.medasr_window_s,
                "overlap_s": settings.medasr_overlap_s,
                "max_pause_s": MAX_PAUSE_S,
                "batch": self._batch,
                "because": self._model.because,
                "level_floor_dbfs": FLOOR_DBFS,
                "max_gain_db": MAX_GAIN_DB,
                "guessed_punctuation": settings.guessed_punctuation,
            }
            | self._decoder.record
            | ({"chosen": self.chosen} if self.chosen else {}),
            versions=self._versions,
        )

    def heeded(self, vocabulary: Vocabulary) -> Vocabulary:
        """Return the phrases that have a weight."""
        return Vocabulary(phrases=tuple(phrase for phrase in vocabulary.phrases if phrase.weight > 0))

    @property
    def max_stretch_s(self) -> float:
        """The longest stretch that it hears at once, context included, in seconds."""
        return self._settings.medasr_window_s

    @property
    def waiting_s(self) -> float:
        """How long a final that is asked for now is expected to wait for its turn, in seconds."""
        return self._turns.waiting_s

    def hear(self, stretch: Stretch, urgency: Urgency, key: object = None) -> Future[Heard]:
        """Ask for the words of a stretch; see `Ear.hear`. Raises ValueError where it is longer than `max_stretch_s`."""
        if len(stretch.samples) > (self.max_stretch_s + FRAME_S) * SAMPLE_RATE:
            raise ValueError(f"a stretch lasts at most {self.max_stretch_s} s")
        window = Window(stretch.start_s, stretch.samples, stretch.speech)
        return self._turns.submit(_Sound(raised(window), partial(self._heard, stretch, urgency)), urgency, key)

    def transcribe(
        self, jobs: Iterable[Job], cancel: Event | None = None, progress: Progress | None = None
    ) -> Iterator[tuple[str, Transcript | DictationError]]:
        """Yield (job id, transcript or error) in the order of the jobs; windows are batched across recordings.

        `progress` is told the job's id and the seconds of its recording that have been heard.
        """
        return transcribed(jobs, self.listening, lambda: self.engine, cancel, progress)

    def listening(self, job: Job, search: Search = voiced) -> MedASRListening:
        """Begin to hear a recording, in what `search` finds in it."""
        return MedASRListening(
            job,
            lambda samples, cancel: self._turns.submit(_Sound(samples, _as_they_are), Urgency.FILE, cancel=cancel),
            self._decoder.towards(job.vocabulary),
            self.confidence,
            window_s=self._settings.medasr_window_s,
            overlap_s=self._settings.medasr_overlap_s,
            search=search,
        )

    def close(self) -> None:
        """Cancel what waits; nothing can be heard afterwards."""
        self._turns.close()

    def _heard(self, stretch: Stretch, urgency: Urgency, shares: np.ndarray) -> Heard:
        """Decode what lies behind the context, from a gap between words a little before its end on."""
        context = round((stretch.context_s - FIRST_CENTRE_S) / FRAME_S)
        pieces = self._decoder.pieces
        first = last_gap(shares, pieces, context - _OVERLAP_FRAMES) if context > _OVERLAP_FRAMES else 0
        history = [one.piece for one in greedy(shares[:first], pieces.blank)][-HISTORY_PIECES:]
        decoder = self._decoder.towards(stretch.vocabulary)
        start_s = stretch.start_s + first * FRAME_S
        is_final = urgency is not Urgency.PARTIAL
        end_s = stretch.start_s + len(stretch.samples) / SAMPLE_RATE
        pauses = is_final and end_s - max((until_s for _, until_s in stretch.speech), default=end_s) >= _PAUSE_S
        found = read(shares[first:], start_s, decoder, history, is_end=pauses, is_final=is_final)
        words = self.confidence.applied(new_words(found.words, stretch.start_s + stretch.context_s))
        return Heard(words, found.warnings + unheard(new_speech(stretch), words))

    def _work(self, batch: Sequence[_Sound]) -> list[Any]:
        found = posteriors(self._model, [sound.samples for sound in batch])
        return [sound.read(shares) for sound, shares in zip(batch, found, strict=True)]

    def _language_model(self, pieces: Pieces) -> LanguageModel | None:
        """The one that the settings name, else the one beside the weights, where it is there and kenlm is."""
        named = self._settings.medasr_language_model
        beside = self._model.checkpoint.folder / LANGUAGE_MODEL
        if named is not None:
            try:
                return LanguageModel.load(named, pieces)
            except DictationError as error:  # whatever is wrong with it, what the user named is not here
                raise MissingError(f"DICTATION_MEDASR_LANGUAGE_MODEL: {error}") from error
        return LanguageModel.load(beside, pieces) if beside.is_file() and find_spec("kenlm") else None

    @cached_property
    def _versions(self) -> dict[str, str]:
        packages = ("torch", "transformers", "tokenizers", "faster-whisper", "radiology-dictation")
        return {name: version(name) for name in packages}


def _as_they_are(shares: np.ndarray) -> np.ndarray:
    return shares
