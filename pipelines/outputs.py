"""Results on their way out: the formats of a transcript, and files that are whole or not there at all."""

import csv
import errno
import hashlib
import io
import json
import os
import re
import tempfile
import time
from collections.abc import Iterable
from html import escape
from pathlib import Path, PurePath
from typing import Any

from dictation.errors import DictationError, UsageError
from dictation.frozen import SCHEMA_VERSION
from dictation.lexicon import Vocabulary
from dictation.private import FILE_MODE, private_file
from dictation.speech import Transcript
from dictation.wording import Dictation, correct_terms
from pipelines.spreadsheet import harmless

LONGEST_NAME_BYTES = 255  # of one file name: ext4, APFS, NTFS and most others
UNFINISHED = ".part-"
DAY_S = 86_400
FULL = (errno.ENOSPC, errno.EDQUOT)
CSV_COLUMNS = ("type", "file", "channel", "start_s", "duration_s", "word", "subtype", "confidence", "warnings")
HOLDING_WARNINGS = frozenset(("json", "jsonl", "vtt", "csv"))  # formats of a transcript that have a place for them
WARNINGS = "warnings"  # ends the name of the file beside a result of another format; never taken for a dictation


class FullDiskError(DictationError):
    """The disk takes no more: what follows could not be kept either."""


def transcript_json(shown: str, dictation: Dictation, vocabulary: Vocabulary) -> dict[str, Any]:
    """The object of one recording in the contract of the command line. Spans of the transcript index `text`.

    `spoken` is what the recognizer said; in `words` misheard terms are put right, the heard form kept as alternative.
    """
    transcript = dictation.transcripts[0]
    return {
        "schema_version": SCHEMA_VERSION,
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
    """One recording as text, json, jsonl, srt, vtt, tsv or csv; ends with a newline.

    Its warnings are in it where a reader of the format cannot take them for something said (`HOLDING_WARNINGS`).
    """
    warnings = dictation.transcripts[0].warnings
    if form == "text":
        return dictation.text + "\n"
    if form == "csv":
        return _words_csv(shown, dictation.transcripts[0], vocabulary)
    if form in ("json", "jsonl"):
        value = transcript_json(shown, dictation, vocabulary)
        return json.dumps(value, ensure_ascii=False, indent=2 if form == "json" else None) + "\n"
    cues = _cues(dictation)
    if form == "tsv":
        rows = [f"{round(start * 1000)}\t{round(end * 1000)}\t{harmless(text)}" for start, end, text in cues]
        return "\n".join(["start\tend\ttext", *rows]) + "\n"
    mark = "," if form == "srt" else "."
    if form == "vtt":  # WebVTT reads "&" and "<" as the start of an entity or a tag, and "-->" as a timing line
        cues = [(start, end, escape(text, quote=False)) for start, end, text in cues]
    blocks = [
        (f"{number}\n" if form == "srt" else "") + f"{_stamp(start, mark)} --> {_stamp(end, mark)}\n{text}\n"
        for number, (start, end, text) in enumerate(cues, 1)
    ]
    if form == "vtt":  # a comment block ends at an empty line and holds no arrow
        notes = (" ".join(warning.replace("-->", "->").split()) for warning in warnings)
        blocks = [*(f"NOTE warning: {said}\n" for said in notes), *blocks]
    return ("WEBVTT\n\n" if form == "vtt" else "") + "\n".join(blocks)


def result_name(name: str, ending: str) -> str:
    """The name of the result of a file called `name`: "a.wav" → "a.wav.json".

    One too long for a file system is cut and told apart by a hash: "very lo~1f0c9d2e.wav.json".
    """
    whole = f"{name}.{ending}"
    if len(os.fsencode(whole)) <= LONGEST_NAME_BYTES:
        return whole
    tail = f"~{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}{PurePath(name).suffix[:10]}.{ending}"
    stem = PurePath(name).stem
    while len(os.fsencode(stem + tail)) > LONGEST_NAME_BYTES:
        stem = stem[:-1]
    return stem + tail


def write_atomic(path: Path, text: str, option: str = "--out") -> None:
    """Write UTF-8 text so that a reader, or a crash, never sees half of it.

    Only the user who runs the program may read the file (mode 0600 where the system knows modes): it holds what was
    said of a patient. Raises DictationError that tells the user to choose another place with `option`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():  # replacing a device such as /dev/null would break the machine
            raise OSError(errno.EINVAL, "it is no ordinary file")
        part = path.with_name(UNFINISHED + hashlib.sha256(os.fsencode(path.name)).hexdigest()[:8])
        part.unlink(missing_ok=True)  # of a run that was killed; a new file is nobody else's
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())  # before its name: a power failure leaves no empty result
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        if error.errno in FULL:
            why = f"{path}: could not be written, the disk is full"
            raise FullDiskError(f"{why}; free some space or choose another place with {option}.") from error
        raise DictationError(
            f"{path}: could not be written ({error.strerror}); choose another place with {option}."
        ) from error


_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)  # "s3://results", as a path; "C:/" is a disk


def check_writable(folder: Path) -> None:
    """Raise UsageError for a folder that results cannot be written into, or that cannot be made; it is not made yet."""
    if _ADDRESS.match(str(folder)) and not folder.exists():
        raise UsageError(
            f"{folder}: results are written to a folder of this machine; name one with --out, and copy them."
        )
    try:
        there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        if error.errno not in FULL:  # that is said with the result it happens to
            raise UsageError(
                f"{folder}: results could not be written there ({error.strerror}); choose another folder with --out."
            ) from error


def append_line(path: Path, entry: dict[str, Any]) -> None:
    """Add an object to a private file of JSON lines; half a line of a killed run is ended first. Raises OSError."""
    private_file(path)
    with path.open("ab+") as file:
        if file.seek(0, os.SEEK_END) and file.seek(-1, os.SEEK_END) >= 0 and file.read(1) != b"\n":
            file.write(b"\n")
        file.write(json.dumps(entry).encode() + b"\n")


def remove_unfinished(folders: Iterable[Path]) -> None:
    """Delete what a killed run left half written in `folders` more than a day ago; a newer one may still be at work."""
    for folder in set(folders):
        try:
            for path in folder.glob(f"{UNFINISHED}????????"):
                if time.time() - path.lstat().st_mtime > DAY_S:
                    path.unlink()
        except OSError:
            continue  # it lies in nobody's way


def _words_csv(shown: str, heard: Transcript, vocabulary: Vocabulary) -> str:
    """A line a word, with the fields of NIST's RTTM for a lexeme: file, channel, start, length, word, confidence.

    The last column has the warnings of the recording in each line, so that words taken out of the table keep them.
    A recording without a word has one line all the same, of the type that RTTM has for a stretch without any.
    """
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(CSV_COLUMNS)
    file, warnings = harmless(shown), harmless(" ".join(heard.warnings))
    timed = [word for word in correct_terms(heard.words, vocabulary) if None not in (word.start_s, word.end_s)]
    for word in timed:
        length_s = round((word.end_s or 0.0) - (word.start_s or 0.0), 3)
        confidence = "" if word.confidence is None else word.confidence
        rows.writerow(["LEXEME", file, 1, word.start_s, length_s, harmless(word.text), "lex", confidence, warnings])
    if not timed:
        rows.writerow(["NO_RT_METADATA", file, 1, 0.0, round(heard.duration_s, 3), "", "", "", warnings])
    return out.getvalue()


def _cues(dictation: Dictation) -> list[tuple[float, float, str]]:
    """(start, end, text) of each sentence, in seconds, each starting no earlier than the one before.

    A heading stands before the sentence that it is over, and its cue starts as it was said: nothing is left out.
    """
    cues: list[tuple[float, float, str]] = []
    until = 0
    commands = {index for command in dictation.commands for index in command.words}
    for sentence in dictation.sentences:
        start, end = dictation.spans[sentence.id]
        seconds = dictation.seconds(start, end)
        if seconds is not None:
            begins_s = seconds[0]
            if dictation.text[until:start].strip():
                first = min(index for link in sentence.alignment for index in link.words)
                while first - 1 in commands and (said_s := dictation.words[first - 1].start_s) is not None:
                    first, begins_s = first - 1, min(begins_s, said_s)
            at_s = max(begins_s, cues[-1][0] if cues else 0.0)
            cues.append((at_s, max(seconds[1], at_s), " ".join(dictation.text[until:end].split())))
            until = end
    if cues and (rest := dictation.text[until:].split()):
        cues[-1] = (*cues[-1][:2], " ".join((cues[-1][2], *rest)))
    return cues


def _stamp(seconds: float, mark: str) -> str:
    milliseconds = round(seconds * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}{mark}{rest % 1000:03d}"
