"""Results on their way out: the formats of a transcript, and files that are whole or not there at all."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from dictation.errors import DictationError
from dictation.lexicon import Vocabulary
from dictation.wording import Dictation, correct_terms


def transcript_json(shown: str, dictation: Dictation, vocabulary: Vocabulary) -> dict[str, Any]:
    """The object of one recording in the contract of the command line. Spans of the transcript index `text`.

    `spoken` is what the recognizer said; in `words` misheard terms are put right, the heard form kept as alternative.
    """
    transcript = dictation.transcripts[0]
    return {
        "schema_version": 1,
        "path": shown,
        "duration_s": round(transcript.duration_s, 3),
        "engine": transcript.engine.model_dump(mode="json"),
        "text": dictation.text,
        "spoken": transcript.spoken,
        "words": [word.model_dump(mode="json") for word in correct_terms(transcript.words, vocabulary)],
        "sentences": [sentence.model_dump(mode="json") for sentence in dictation.sentences],
        "retracted": [retraction.model_dump(mode="json") for retraction in dictation.retracted],
        "warnings": list(transcript.warnings),
    }


def rendered(form: str, shown: str, dictation: Dictation, vocabulary: Vocabulary) -> str:
    """One recording as text, json, jsonl, srt, vtt or tsv; ends with a newline."""
    if form == "text":
        return dictation.text + "\n"
    if form in ("json", "jsonl"):
        value = transcript_json(shown, dictation, vocabulary)
        return json.dumps(value, ensure_ascii=False, indent=2 if form == "json" else None) + "\n"
    cues = _cues(dictation)
    if form == "tsv":
        rows = [f"{round(start * 1000)}\t{round(end * 1000)}\t{text}" for start, end, text in cues]
        return "\n".join(["start\tend\ttext", *rows]) + "\n"
    mark = "," if form == "srt" else "."
    blocks = [
        (f"{number}\n" if form == "srt" else "") + f"{_stamp(start, mark)} --> {_stamp(end, mark)}\n{text}\n"
        for number, (start, end, text) in enumerate(cues, 1)
    ]
    return ("WEBVTT\n\n" if form == "vtt" else "") + "\n".join(blocks)


def write_atomic(path: Path, text: str) -> None:
    """Write UTF-8 text so that a reader, or a crash, never sees half of it. Raises DictationError with the fix."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
                out.write(text)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise DictationError(
            f"{path}: could not be written ({error.strerror}); choose another --out folder."
        ) from error


def _cues(dictation: Dictation) -> list[tuple[float, float, str]]:
    """(start, end, text) of each sentence, in seconds, each starting no earlier than the one before."""
    cues: list[tuple[float, float, str]] = []
    for sentence in dictation.sentences:
        start, end = dictation.spans[sentence.id]
        seconds = dictation.seconds(start, end)
        if seconds is not None:
            at_s = max(seconds[0], cues[-1][0] if cues else 0.0)
            cues.append((at_s, max(seconds[1], at_s), " ".join(sentence.text.split())))
    return cues


def _stamp(seconds: float, mark: str) -> str:
    milliseconds = round(seconds * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}{mark}{rest % 1000:03d}"
