"""What other systems heard, from CSV or JSON Lines with `audio` or `id`, and `text`, or from a folder of text files.

A line of `dictation transcribe --format jsonl` says more: `spoken` is what the recognizer gave, `text` is that after
wording, and `words` have confidences. It measures as that recognizer itself would. A text file is called as its
recording is, `a.txt` for `a.wav`. Each line and file that cannot be used is named.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from dictation.audio.endings import AUDIO_ENDINGS
from dictation.errors import InputError
from dictation.speech import Transcript, Word
from pipelines.evaluation.recordings import Labelled, as_transcript
from pipelines.ledger import content
from pipelines.manifest import AUDIO, TEXT, entries

IDS = ("id", *AUDIO)
WORDS = TypeAdapter(tuple[Word, ...])


@dataclass(frozen=True)
class Hypothesis:
    """What one system gave for one recording; nothing where it `failed` or is missing.

    `took_s` is how long hearing it took, where we heard it ourselves. `written` is the text after wording where it was
    given, too; else our own wording makes it.
    """

    transcript: Transcript | None = None
    took_s: float | None = None
    failed: bool = False
    written: str = ""

    @property
    def state(self) -> str:
        """heard, failed, missing or empty: all but the first count as every word deleted."""
        if self.transcript is None:
            return "failed" if self.failed else "missing"
        return "heard" if self.transcript.spoken.strip() else "empty"


def read_hypotheses(path: Path, recordings: Sequence[Labelled]) -> tuple[dict[str, Hypothesis], list[InputError]]:
    """Return the hypotheses by the id of their recording, and an error for each line or text file that cannot be used.

    A recording is found by its id, by its path as the manifest gives it or as seen from the hypotheses' folder, or,
    where no folder is named, by its file's name with any audio ending where no other has it. Raises InputError where
    the file cannot be read or lacks a column, or the folder has no text file.
    """
    places = _places(recordings)
    found: dict[str, Hypothesis] = {}
    errors: list[InputError] = []
    for where, cells in _texts(path) if path.is_dir() else _lines(path):
        try:
            if isinstance(cells, str):
                raise InputError(f"{cells}.")
            names = [cells[column] for column in IDS if cells.get(column)]
            if not names:
                raise InputError("it names no recording; give its 'id' or its 'audio'.")
            id = next((place for name in names if (place := _found(name, path.parent, places))), None)
            if id is None:
                raise InputError("its recording is not in the manifest; name it as the manifest does.")
            if id in found:
                raise InputError("an earlier line has the same recording; delete one of them.")
            if not set(TEXT) & set(cells):
                raise InputError("it has no 'text'; leave the line out where there is no hypothesis.")
            found[id] = _hypothesis(cells)
        except InputError as error:
            errors.append(InputError(f"{where}: {error}"))
    return found, errors


def _lines(path: Path) -> Iterator[tuple[str, dict[str, str] | str]]:
    return ((f"{path}, line {line}", cells) for line, cells in entries(path, (IDS, TEXT)))


def _texts(folder: Path) -> Iterator[tuple[str, dict[str, str] | str]]:
    """The text files of a folder, each as the line of a table would name it. Raises InputError where it has none."""
    if not (files := _files(folder)):
        raise InputError(f"{folder}: there is no text file (.txt) below it; give a folder of them, or a table.")
    for file in files:
        try:
            yield str(file), {"id": file.stem, "text": " ".join(file.read_text("utf-8-sig").split())}
        except (OSError, UnicodeDecodeError):
            yield str(file), "it cannot be read as UTF-8; save it as that"


def fingerprint(path: Path) -> str:
    """The SHA-256 of the file, or of the names and contents of a folder's text files."""
    if path.is_file():
        return content(path)
    named = [[file.relative_to(path).as_posix(), content(file)] for file in _files(path)]
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() == ".txt" and file.name[0] != ".")


def _hypothesis(cells: Mapping[str, str]) -> Hypothesis:
    """What a line says: `spoken` as the recognizer gave it and `text` after wording, or one text that is both."""
    spoken = cells.get("spoken", "")
    text = next((cells[name] for name in ("text", "written") if cells.get(name)), "")
    transcript = as_transcript(spoken or text)
    if words := _words(cells.get("words", ""), spoken or text):
        transcript = transcript.model_copy(update={"words": words})
    return Hypothesis(transcript, written=text if spoken else "")


def _words(cell: str, spoken: str) -> tuple[Word, ...]:
    """The words of `spoken` with their seconds and confidences; none where the cell does not hold just these.

    A misheard term that was put right is what was heard again; words that were made one have its confidence each.
    """
    try:
        given = WORDS.validate_json(cell)
    except ValidationError:  # as another program writes them
        return ()
    texts, found = spoken.split(), list[Word]()
    for word in given:
        heard = next((other.text for other in word.alternatives if other.source == "lexicon"), "")
        for at, part in enumerate((heard or word.text).split(), len(found)):
            if at >= len(texts) or (part not in texts[at] if heard else part != texts[at]):
                return ()
            found.append(word.model_copy(update={"text": texts[at], "alternatives": ()}))
    return tuple(found) if len(found) == len(texts) else ()


def _places(recordings: Sequence[Labelled]) -> dict[str, str]:
    """Every name of a recording → its id. A name that two of them share is none."""
    names: dict[str, set[str]] = {}
    for one in recordings:
        for name in (one.audio.name, one.audio.stem, str(one.audio), str(one.audio.resolve())):
            names.setdefault(name, set()).add(one.id)
    unique = {name: ids.pop() for name, ids in names.items() if len(ids) == 1}
    return unique | {one.id: one.id for one in recordings}


def _found(name: str, folder: Path, places: dict[str, str]) -> str | None:
    try:
        resolved = str((folder / name).resolve())
    except (OSError, ValueError):  # too long, or a NUL in it
        resolved = name
    if (known := places.get(name) or places.get(resolved)) or Path(name).name != name:
        return known  # a name that says a folder is that of no recording elsewhere
    is_audio = Path(name).suffix.lower() in AUDIO_ENDINGS
    return places.get(Path(name).stem) if is_audio else None
