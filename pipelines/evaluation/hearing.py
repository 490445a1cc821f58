"""Recordings → what each recognizer heard in them and where somebody speaks, kept line by line as it comes.

What a judge said of an error is kept there, too.

`heard.jsonl` lets an interrupted evaluation go on: what an engine with the same settings heard in the same bytes is
taken from there. It holds what was said of patients, so only its owner may read it.
"""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dictation.audio import Recording, windows
from dictation.errors import DictationError, MissingError, UsageError
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.speech import Engine, Transcript
from dictation.speech.recognizer import Job, Recognizer
from pipelines.evaluation.hypotheses import Hypothesis
from pipelines.evaluation.recordings import Labelled
from pipelines.exits import note
from pipelines.ledger import settings_key

FILE = "heard.jsonl"
RESULTS = "results.json"
PROGRESS_S = 300.0  # of a recording, between two notes on it
Spans = tuple[tuple[float, float], ...]
Load = Callable[[], Recognizer]


class Heard:
    """What is heard, in `folder`/heard.jsonl: by the SHA-256 of the recording and by who heard it.

    Raises UsageError where the folder holds an evaluation and `resume` was not asked for, DictationError where it
    cannot be written.
    """

    def __init__(self, folder: Path, resume: bool) -> None:
        self._file = folder / FILE
        self._known: dict[tuple[str, str], Any] = {}
        held = (self._file, folder / RESULTS)
        if not resume and any(path.is_file() and path.stat().st_size for path in held):
            raise UsageError(f"{folder}: it holds an evaluation; go on with --resume, or name another folder in --out.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            self._out = os.fdopen(handle, "r+", encoding="utf-8", newline="\n")
            self._out.seek(0)
            content = self._out.read()
            if content and not content.endswith("\n"):
                self._out.write("\n")  # half a line of a killed run stands alone and is passed over
        except (OSError, UnicodeDecodeError) as error:
            raise DictationError(f"{self._file}: cannot be used; choose another place with --out.") from error
        for line in content.splitlines():
            try:
                entry = json.loads(line)
                self._known[entry["by"], entry["sha256"]] = entry["heard"]
            except (ValueError, KeyError, TypeError):
                continue

    def get(self, by: str, recording: Labelled) -> Any:
        """What is kept; None for nothing."""
        return self._known.get((by, recording.sha256))

    def keep(self, by: str, recording: Labelled, heard: Any) -> None:
        """Keep something. Raises DictationError where the disk does not take it."""
        self._known[by, recording.sha256] = heard
        self._write({"by": by, "recording": recording.id, "sha256": recording.sha256, "heard": heard})

    def answer(self, by: str, question: str) -> Any:
        """What is kept of a question by its key; None for nothing."""
        return self._known.get((by, question))

    def keep_answer(self, by: str, question: str, answer: str) -> None:
        """Keep an answer. Raises DictationError where the disk does not take it."""
        self._known[by, question] = answer
        self._write({"by": by, "sha256": question, "heard": answer})

    def _write(self, entry: dict[str, Any]) -> None:
        try:
            self._out.write(json.dumps(entry) + "\n")
            self._out.flush()
        except OSError as error:
            raise DictationError(f"{self._file}: cannot be written ({error.strerror}); free some space.") from error


def hear(label: str, load: Load, recordings: Sequence[Labelled], kept: Heard) -> tuple[Engine, dict[str, Hypothesis]]:
    """Return the engine and what it heard, by the id of the recording. Failures are noted by name."""
    recognizer = load()
    by = settings_key(recognizer.engine.model_dump_json())
    found = {one.id: known for one in recordings if (known := _known(kept.get(by, one)))}
    if found:
        note(f"{label}: {len(found)} of {len(recordings)} were heard before.")
    todo = {one.id: one for one in recordings if one.id not in found}
    began_s = time.monotonic()
    for done, (id, heard) in enumerate(recognizer.transcribe(_jobs(todo.values()), None, _progress(label)), 1):
        ended_s = time.monotonic()
        took_s, began_s = ended_s - began_s, ended_s
        note(f"{label} [{done}/{len(todo)}] {id}")
        if isinstance(heard, DictationError) or heard.broken:
            note(f"dictation: {heard if isinstance(heard, DictationError) else heard.broken}")
            found[id] = Hypothesis(took_s=took_s, failed=True)
        else:
            for warning in heard.warnings:
                note(f"warning: {warning}")
            found[id] = Hypothesis(heard, took_s)
            kept.keep(by, todo[id], {"transcript": heard.model_dump(mode="json"), "took_s": round(took_s, 3)})
    return recognizer.engine, found


def voice(recording: Labelled, kept: Heard) -> tuple[Spans, float] | None:
    """Return where somebody speaks, in seconds, and how long the recording is; None where that cannot be had."""
    known = kept.get("voice", recording)
    if known is None:
        sound = Recording(recording.audio)
        try:
            spans = [span for window in windows(sound) for span in window.speech]
            known = {"spans": spans, "duration_s": sound.duration_s()}
        except MissingError:
            raise
        except DictationError:
            return None
        kept.keep("voice", recording, known)
    return tuple((start_s, end_s) for start_s, end_s in known["spans"]), known["duration_s"]


def _jobs(recordings: Iterable[Labelled]) -> Iterator[Job]:
    for one in recordings:
        yield Job(one.id, Recording(one.audio), EMPTY_VOCABULARY)


def _known(entry: Any) -> Hypothesis | None:
    try:
        return Hypothesis(Transcript.model_validate(entry["transcript"]), float(entry["took_s"])) if entry else None
    except (KeyError, TypeError, ValueError, ValidationError):
        return None  # of another version of the program: it is heard again


def _progress(label: str) -> Callable[[str, float], None]:
    told_s: dict[str, float] = {}

    def progress(id: str, heard_s: float) -> None:
        if heard_s - told_s.get(id, 0.0) >= PROGRESS_S:
            told_s[id] = heard_s
            note(f"{label} {id}: {heard_s / 60:.0f} min heard")

    return progress
