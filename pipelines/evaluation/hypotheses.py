"""What other systems heard, from CSV or JSON Lines with `audio` or `id`, and `text`; each unusable line is named."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dictation.audio.endings import AUDIO_ENDINGS
from dictation.errors import InputError
from dictation.speech import Transcript
from pipelines.evaluation.recordings import Labelled, as_transcript
from pipelines.manifest import AUDIO, TEXT, entries

IDS = ("id", *AUDIO)


@dataclass(frozen=True)
class Hypothesis:
    """What one system gave for one recording; nothing where it `failed` or is missing.

    `took_s` is how long hearing it took, where we heard it ourselves.
    """

    transcript: Transcript | None = None
    took_s: float | None = None
    failed: bool = False

    @property
    def state(self) -> str:
        """heard, failed, missing or empty: all but the first count as every word deleted."""
        if self.transcript is None:
            return "failed" if self.failed else "missing"
        return "heard" if self.transcript.spoken.strip() else "empty"


def read_hypotheses(path: Path, recordings: Sequence[Labelled]) -> tuple[dict[str, Hypothesis], list[InputError]]:
    """Return the hypotheses by the id of their recording, and an error for each line that cannot be used.

    A recording is found by its id, by its path as the manifest gives it or as seen from the hypotheses' folder, or,
    where no folder is named, by its file's name with any audio ending where no other has it. Raises InputError where
    the file cannot be read or lacks a column.
    """
    places = _places(recordings)
    found: dict[str, Hypothesis] = {}
    errors: list[InputError] = []
    for line, cells in entries(path, (IDS, TEXT)):
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
            found[id] = Hypothesis(as_transcript(next((cells[name] for name in TEXT if cells.get(name)), "")))
        except InputError as error:
            errors.append(InputError(f"{path}, line {line}: {error}"))
    return found, errors


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
