"""Recordings → written dictations, in the order that is quickest, or printed in the order that they were named."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dictation.audio.endings import AUDIO_ENDINGS
from dictation.errors import DictationError, UsageError
from dictation.lexicon import Vocabulary
from dictation.settings import Settings
from dictation.speech import Transcript
from dictation.speech.recognizer import Job, Recognizer
from dictation.speech.transcript import Engine
from dictation.wording import Dictation, write
from pipelines.batch import Asked, Made, kept
from pipelines.batch_pace import Pace
from pipelines.exits import note
from pipelines.inputs import Input
from pipelines.ledger import settings_key
from pipelines.outputs import HOLDING_WARNINGS, rendered
from pipelines.program import HEARING, program

if TYPE_CHECKING:
    from dictation.audio import Recording
    from pipelines.batch_decoding import Decoders

ONE_RECORDING = ("json", "srt", "vtt", "tsv")  # the formats that do not say whose a line is
PROGRESS_S = 300.0  # of a recording, between two notes on it


def transcribe(asked: Asked, recognizer: Recognizer, vocabulary: Vocabulary, settings: Settings) -> bool:
    """Transcribe all that was asked; True where every input gave a result. Failures are noted by name."""
    return kept(asked, Transcriber(asked.form, recognizer, vocabulary, settings))


class Transcriber:
    """Recordings → written dictations in one format."""

    command, endings, columns = "transcribe", AUDIO_ENDINGS, frozenset[str]()

    def __init__(self, form: str, recognizer: Recognizer, vocabulary: Vocabulary, settings: Settings) -> None:
        self._form, self._recognizer, self._vocabulary, self._settings = form, recognizer, vocabulary, settings
        self._key = transcript_key(recognizer.engine, vocabulary, settings)

    def check(self, asked: Asked, inputs: list[Input]) -> None:
        """Refuse what makes no sense of a round of inputs. Raises UsageError."""
        check(asked, inputs)

    def shared_key(self, is_text: bool = False) -> str:
        """Everything that a written dictation depends on besides its recording."""
        return self._key

    def key(self, item: Input) -> str:
        """The same, as nothing more lies beside a recording."""
        return self._key

    def made(
        self, todo: list[Input], *, in_order: bool = False, decoders: "Decoders | None" = None
    ) -> Iterator[tuple[Input, Made | DictationError]]:
        """Yield each recording with its written dictation or error; `decoders` are those of `hear`."""
        for item, heard in hear(
            todo, self._recognizer, lambda item: self._vocabulary, in_order=in_order, decoders=decoders
        ):
            yield item, heard if isinstance(heard, DictationError) else self._written(item, heard)

    def _written(self, item: Input, heard: Transcript) -> Made | DictationError:
        from dictation.case.heard import told_unsettled

        try:
            dictation = told_unsettled(written_form(heard, self._vocabulary, self._settings))
            text = rendered(self._form, item.shown, dictation, self._vocabulary)
        except DictationError as error:
            return error
        told = f"{len(dictation.retracted)} retractions by the speaker; --format json lists them."
        return Made(
            text,
            heard.recording,
            self._key,
            dictation.transcripts[0].warnings,
            told if dictation.retracted else "",
            heard.duration_s,
            DictationError(heard.broken) if heard.broken else None,
            holds_warnings=self._form in HOLDING_WARNINGS,
        )


@dataclass(frozen=True)
class Transcribing:
    """What `transcribe` is told, by names: it goes to other machines, which load the engine."""

    form: str
    recognizer: str
    model: str | None
    vocabulary: Vocabulary
    command, endings, columns = Transcriber.command, Transcriber.endings, Transcriber.columns

    def check(self, asked: Asked, inputs: list[Input]) -> None:
        """Refuse what makes no sense of a round of inputs. Raises UsageError."""
        check(asked, inputs)

    def maker(self, settings: Settings) -> Transcriber:
        """Load what it takes here. Raises MissingError or UsageError."""
        from dictation.case import choose_recognizer

        ear = choose_recognizer(self.recognizer, settings, self.model, for_files=True)
        return Transcriber(self.form, ear, self.vocabulary, settings)

    def key(self, shared: str, item: Input) -> str:
        """The key of an input, of that which all share."""
        return shared


def check(asked: Asked, inputs: list[Input]) -> None:
    """Refuse to print as one document what is of several recordings. Raises UsageError."""
    if asked.form in ONE_RECORDING and asked.out is None and len(inputs) > 1:
        raise UsageError(f"--format {asked.form} is of one recording; for several add --out DIR, or use jsonl.")


def transcript_key(engine: Engine, vocabulary: Vocabulary, settings: Settings) -> str:
    """Everything that a written dictation depends on besides its recording."""
    return settings_key(
        "transcribe",
        program(HEARING),
        engine.model_dump_json(),
        vocabulary.model_dump_json(),
        settings.spelling,
        settings.guessed_punctuation,
    )


def written_form(heard: Transcript, vocabulary: Vocabulary, settings: Settings) -> Dictation:
    """The written form of what was heard, as the settings want it; that nothing is written is one of its warnings."""
    from dictation.case.heard import told_empty

    return told_empty(
        write([heard], vocabulary, spelling=settings.spelling, guessed_punctuation=settings.guessed_punctuation)
    )


def hear(
    inputs: list[Input],
    recognizer: Recognizer,
    vocabulary: Callable[[Input], Vocabulary],
    *,
    in_order: bool = False,
    decoders: "Decoders | None" = None,
) -> Iterator[tuple[Input, Transcript | DictationError]]:
    """Yield each recording with its transcript or error, noting progress on stderr when there are several.

    Long ones come first: those which the engine hears together are alike, what memory the run needs it needs at its
    start, and its cores end together. With `in_order` they come as given.
    `decoders` are those of the caller, who closes them.
    """
    from pipelines.batch_decoding import Decoders

    pace = Pace(inputs)
    if not in_order:
        inputs = sorted(inputs, key=lambda item: (-pace.weight(item), item.shown))
    begun: dict[str, Input] = {}
    told_s: dict[str, float] = {}

    def progress(number: str, heard_s: float) -> None:
        if heard_s - told_s.get(number, 0.0) >= PROGRESS_S:
            told_s[number] = heard_s
            note(f"{begun[number].shown}: {heard_s / 60:.0f} min heard")

    with nullcontext(decoders) if decoders else closing(Decoders()) as ahead:

        def jobs() -> Iterator[Job]:
            for item, recording in _recordings(inputs, ahead, in_order):
                # Taken before it is heard: a file that changes meanwhile is done again by --resume.
                with suppress(DictationError):  # the recognizer will meet the same trouble and say so
                    _ = recording.id
                begun[str(len(begun))] = item
                yield Job(str(len(begun) - 1), recording, vocabulary(item))

        for number, heard in recognizer.transcribe(jobs(), None, progress):
            item = begun[number]
            line = pace.done(item, 0.0 if isinstance(heard, DictationError) else heard.duration_s)
            if len(inputs) > 1:
                note(line)
            yield item, heard


def _recordings(inputs: list[Input], decoders: "Decoders", in_order: bool) -> "Iterable[tuple[Input, Recording]]":
    from dictation.audio import Recording

    is_alone = len(inputs) == 1 and in_order  # printed alone: no other waits for it, or fails with it
    if is_alone and not inputs[0].address:
        return [(inputs[0], Recording(inputs[0].path))]
    return decoders.recordings(inputs, in_order=in_order)
