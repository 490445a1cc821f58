"""Recordings → written dictations, one after another or into a folder that mirrors the input."""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from dictation.errors import DictationError, UsageError
from dictation.lexicon import Vocabulary
from dictation.settings import Settings
from dictation.speech import Transcript
from dictation.speech.recognizer import Job, Recognizer
from dictation.wording import write
from pipelines.exits import note
from pipelines.inputs import AUDIO_ENDINGS, Input, expand
from pipelines.outputs import rendered, write_atomic

FORMATS = ("text", "json", "jsonl", "srt", "vtt", "tsv")


def transcribe(
    paths: list[Path], recognizer: Recognizer, vocabulary: Vocabulary, settings: Settings, form: str, out: Path | None,
    resume: bool,
) -> bool:  # fmt: skip
    """Transcribe everything behind `paths`; True where every input gave a result. Failures are noted by name."""
    inputs = expand(paths, AUDIO_ENDINGS)
    if form == "json" and out is None and len(inputs) > 1:
        raise UsageError("--format json prints one object; for several inputs use --format jsonl or --out DIR.")
    ledger = Ledger(out, _settings_key(recognizer, vocabulary, settings, form)) if out is not None else None
    todo = [item for item in inputs if not (resume and ledger and ledger.holds(item, form))]
    if len(todo) < len(inputs):
        note(f"{len(inputs) - len(todo)} of {len(inputs)} were done before and are left as they are.")
    failed = 0
    for item, heard in hear(todo, recognizer, vocabulary):
        if isinstance(heard, DictationError):
            failed += 1
            note(f"dictation: {heard}")
            continue
        text = rendered(form, item.shown, write([heard], vocabulary, spelling=settings.spelling), vocabulary)
        for warning in heard.warnings:
            note(f"warning: {warning}")
        if ledger is None:
            heading = f"== {item.shown}\n" if form == "text" and len(inputs) > 1 else ""
            sys.stdout.write(heading + text)
            sys.stdout.flush()
        else:
            write_atomic(ledger.target(item, form), text)
            ledger.add(item)
    if failed:
        note(f"{failed} of {len(inputs)} inputs failed.")
    return failed == 0


def hear(
    inputs: list[Input], recognizer: Recognizer, vocabulary: Vocabulary
) -> Iterator[tuple[Input, Transcript | DictationError]]:
    """Yield each input with its transcript or error, noting progress on stderr when there are several."""
    from dictation.audio import Recording

    for item in inputs:
        if item.failure:
            yield item, item.failure
    readable = [item for item in inputs if not item.failure]
    jobs = (Job(str(number), Recording(item.path), vocabulary) for number, item in enumerate(readable))
    for done, (number, heard) in enumerate(recognizer.transcribe(jobs), 1):
        item = readable[int(number)]
        if len(readable) > 1:
            note(f"[{done}/{len(readable)}] {item.shown}")
        yield item, heard


class Ledger:
    """Which inputs an output folder already holds the result of: by content and settings, one JSON line each."""

    def __init__(self, out: Path, settings_key: str) -> None:
        self._out, self._key, self._file = out, settings_key, out / ".done.jsonl"
        self._done: set[tuple[str, str, str]] = set()
        if self._file.is_file():
            for line in self._file.read_text(encoding="utf-8").splitlines():
                try:
                    entry = json.loads(line)
                    self._done.add((entry["result"], entry["sha256"], entry["settings"]))
                except (ValueError, KeyError, TypeError):
                    continue  # half a line of an interrupted run: that input is done again

    def target(self, item: Input, form: str) -> Path:
        """Where the result of `item` goes: its mirrored path with the format's ending ("a.wav.json")."""
        return self._out / item.mirrored.parent / f"{item.mirrored.name}.{'txt' if form == 'text' else form}"

    def holds(self, item: Input, form: str) -> bool:
        """True where the result is there, of the same bytes and settings."""
        if not self.target(item, form).is_file():
            return False
        try:
            return (item.mirrored.as_posix(), _content(item), self._key) in self._done
        except OSError:
            return False

    def add(self, item: Input) -> None:
        """Note that `item` is done."""
        entry = {"result": item.mirrored.as_posix(), "sha256": _content(item), "settings": self._key}
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


def _content(item: Input) -> str:
    with item.path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _settings_key(recognizer: Recognizer, vocabulary: Vocabulary, settings: Settings, form: str) -> str:
    parts = (recognizer.engine.model_dump_json(), vocabulary.model_dump_json(), settings.spelling, form)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
