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
from pipelines.batch import Asked, Batch
from pipelines.batch_pace import Pace
from pipelines.exits import note
from pipelines.inputs import Input
from pipelines.ledger import UNFINISHED, settings_key
from pipelines.outputs import rendered
from pipelines.program import HEARING, program

if TYPE_CHECKING:
    from dictation.audio import Recording
    from pipelines.batch_decoding import Decoders

ONE_RECORDING = ("json", "srt", "vtt", "tsv")  # the formats that do not say whose a line is
PROGRESS_S = 300.0  # of a recording, between two notes on it


def transcribe(asked: Asked, recognizer: Recognizer, vocabulary: Vocabulary, settings: Settings) -> bool:
    """Transcribe all that was asked; True where every input gave a result. Failures are noted by name."""
    key = transcript_key(recognizer.engine, vocabulary, settings)

    def made(todo: list[Input]) -> "Iterator[tuple[Input, Made | DictationError]]":
        for item, heard in hear(todo, recognizer, lambda item: vocabulary, in_order=asked.out is None):
            yield item, made_of(item, heard, asked.form, key, vocabulary, settings)

    return kept(asked, lambda: key, made)


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


@dataclass(frozen=True)
class Made:
    """The result of a recording: its text in the format that was asked for, and what is kept and said beside it."""

    text: str
    sha256: str
    settings: str
    warnings: tuple[str, ...]
    retracted: int
    broken: str


def made_of(
    item: Input, heard: Transcript | DictationError, form: str, key: str, vocabulary: Vocabulary, settings: Settings
) -> Made | DictationError:
    """Write down what was heard; an error is returned as it is."""
    if isinstance(heard, DictationError):
        return heard
    try:
        dictation = written_form(heard, vocabulary, settings)
        text = rendered(form, item.shown, dictation, vocabulary)
    except DictationError as error:
        return error
    return Made(text, heard.recording, key, heard.warnings, len(dictation.retracted), heard.broken)


def kept(
    asked: Asked,
    key: Callable[[], str],
    made: "Callable[[list[Input]], Iterator[tuple[Input, Made | DictationError]]]",
) -> bool:
    """Keep a result of all that was asked, as `made` gives them; True where every input gave one."""
    batch = Batch(asked, "transcribe")
    try:
        for inputs in asked.rounds(AUDIO_ENDINGS):
            if asked.form in ONE_RECORDING and asked.out is None and len(inputs) > 1:
                raise UsageError(f"--format {asked.form} is of one recording; for several add --out DIR, or use jsonl.")
            for item, result in made(batch.todo(inputs, lambda item: key())):
                with batch.trying(item):
                    if isinstance(result, DictationError):
                        raise result
                    for warning in result.warnings:
                        note(f"warning: {warning}")
                    if result.retracted:
                        note(f"{item.shown}: {result.retracted} retractions by the speaker; --format json lists them.")
                    batch.keep(item, result.text, result.sha256, UNFINISHED if result.broken else result.settings)
                    if result.broken:
                        raise DictationError(result.broken)
    finally:
        batch.tell()
    return batch.is_whole


def written_form(heard: Transcript, vocabulary: Vocabulary, settings: Settings) -> Dictation:
    """The written form of what was heard, as the settings want it."""
    return write([heard], vocabulary, spelling=settings.spelling, guessed_punctuation=settings.guessed_punctuation)


def hear(
    inputs: list[Input],
    recognizer: Recognizer,
    vocabulary: Callable[[Input], Vocabulary],
    *,
    in_order: bool = False,
    decoders: "Decoders | None" = None,
) -> Iterator[tuple[Input, Transcript | DictationError]]:
    """Yield each recording with its transcript or error, noting progress on stderr when there are several.

    Short ones come first, so that those which the engine hears together are alike; with `in_order` they come as given.
    `decoders` are those of the caller, who closes them.
    """
    from pipelines.batch_decoding import Decoders

    pace = Pace(inputs)
    if not in_order:
        inputs = sorted(inputs, key=lambda item: (pace.weight(item), item.shown))
    begun: dict[str, Input] = {}
    told_s: dict[str, float] = {}

    def progress(number: str, heard_s: float) -> None:
        if heard_s - told_s.get(number, 0.0) >= PROGRESS_S:
            told_s[number] = heard_s
            note(f"{begun[number].shown}: {heard_s / 60:.0f} min heard")

    with nullcontext(decoders) if decoders else closing(Decoders()) as ahead:

        def jobs() -> Iterator[Job]:
            for item, recording in _recordings(inputs, ahead, in_order):
                with suppress(DictationError):  # the recognizer will meet the same trouble and say so
                    _ = (
                        recording.id
                    )  # taken before it is heard: a file that changes meanwhile is done again by --resume
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

    if (
        len(inputs) == 1 and in_order and not inputs[0].address
    ):  # printed alone: no other waits for it, or fails with it
        return [(inputs[0], Recording(inputs[0].path))]
    return decoders.recordings(inputs, in_order=in_order)
