"""Recordings → written dictations, one after another or into a folder that mirrors the input."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from dictation.audio.endings import AUDIO_ENDINGS
from dictation.errors import DictationError, UsageError
from dictation.lexicon import Vocabulary
from dictation.settings import Settings
from dictation.speech import Transcript
from dictation.speech.recognizer import Job, Recognizer
from dictation.wording import Dictation, write
from pipelines.exits import note
from pipelines.inputs import Input, apart, expand
from pipelines.ledger import Ledger, settings_key
from pipelines.outputs import rendered

PROGRESS_S = 300.0  # of a recording, between two notes on it


def transcribe(
    paths: list[Path], recognizer: Recognizer, vocabulary: Vocabulary, settings: Settings, form: str, out: Path | None,
    resume: bool,
) -> bool:  # fmt: skip
    """Transcribe everything behind `paths`; True where every input gave a result. Failures are noted by name."""
    inputs = expand(paths, AUDIO_ENDINGS)
    if form == "json" and out is None and len(inputs) > 1:
        raise UsageError("--format json prints one object; for several inputs use --format jsonl or --out DIR.")
    if out is not None:
        inputs = apart(inputs)
    ledger = Ledger(out, form, inputs) if out is not None else None
    key = settings_key(
        "transcribe",
        recognizer.engine.model_dump_json(),
        vocabulary.model_dump_json(),
        settings.spelling,
        settings.guessed_punctuation,
    )
    todo = [item for item in inputs if not (resume and ledger and ledger.holds(item, key))]
    if len(todo) < len(inputs):
        note(f"{len(inputs) - len(todo)} of {len(inputs)} were done before and are left as they are.")
    failed = 0
    for item, heard in hear(todo, recognizer, vocabulary):
        try:
            if isinstance(heard, DictationError):
                raise heard
            dictation = written_form(heard, vocabulary, settings)
            text = rendered(form, item.shown, dictation, vocabulary)
            for warning in heard.warnings:
                note(f"warning: {warning}")
            if dictation.retracted:
                note(f"{item.shown}: {len(dictation.retracted)} retractions by the speaker; --format json lists them.")
            if ledger is None:
                heading = f"== {item.shown}\n" if form == "text" and len(inputs) > 1 else ""
                sys.stdout.write(heading + text)
                sys.stdout.flush()
            else:
                ledger.keep(item, text, heard.recording, key)
        except DictationError as error:
            failed += 1
            note(f"dictation: {error}")
    if failed:
        note(f"{failed} of {len(inputs)} inputs failed.")
    return failed == 0


def written_form(heard: Transcript, vocabulary: Vocabulary, settings: Settings) -> Dictation:
    """The written form of what was heard, as the settings want it."""
    return write([heard], vocabulary, spelling=settings.spelling, guessed_punctuation=settings.guessed_punctuation)


def hear(
    inputs: list[Input], recognizer: Recognizer, vocabulary: Vocabulary
) -> Iterator[tuple[Input, Transcript | DictationError]]:
    """Yield each input with its transcript or error, noting progress on stderr when there are several."""
    from dictation.audio import Recording

    for item in inputs:
        if item.failure:
            yield item, item.failure
    readable = [item for item in inputs if not item.failure]

    def jobs() -> Iterator[Job]:
        for number, item in enumerate(readable):
            recording = Recording(item.path)
            with suppress(DictationError):  # the recognizer will meet the same trouble and say so
                _ = recording.id  # taken before it is heard: a file that changes meanwhile is done again by --resume
            yield Job(str(number), recording, vocabulary)

    told_s: dict[str, float] = {}

    def progress(number: str, heard_s: float) -> None:
        if heard_s - told_s.get(number, 0.0) >= PROGRESS_S:
            told_s[number] = heard_s
            note(f"{readable[int(number)].shown}: {heard_s / 60:.0f} min heard")

    for done, (number, heard) in enumerate(recognizer.transcribe(jobs(), None, progress), 1):
        item = readable[int(number)]
        if len(readable) > 1:
            note(f"[{done}/{len(readable)}] {item.shown}")
        yield item, heard
