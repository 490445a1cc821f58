"""The example dictations that ship with the program."""

import json
from dataclasses import dataclass
from pathlib import Path

import pipelines
from dictation.errors import MissingError


@dataclass(frozen=True)
class Sample:
    """One example: synthetic speech with its script, order and, where it has them, report, readings and image.

    `planted` is the kind of the one disagreement that its report holds, None for a report without any.
    """

    id: str
    title: str
    audio: Path
    order: Path | None
    report: Path | None
    readings: tuple[Path, ...]
    image: Path | None
    planted: str | None


def samples() -> list[Sample]:
    """All examples in order. They lie in the installed package, or beside it in a checkout."""
    package = Path(next(iter(pipelines.__path__)))
    folders = [package / "audio_samples", package.parent / "audio_samples"]
    folder = next((folder for folder in folders if (folder / "samples.json").is_file()), None)
    if folder is None:
        raise MissingError("the example dictations are not installed; run: pip install --force-reinstall .")
    entries = json.loads((folder / "samples.json").read_text(encoding="utf-8"))
    return [
        Sample(
            id=entry["id"],
            title=entry["title"],
            audio=folder / entry["audio"],
            order=folder / entry["order"] if entry.get("order") else None,
            report=folder / entry["report"] if entry.get("report") else None,
            readings=tuple(folder / reading for reading in entry.get("readings") or ()),
            image=folder / entry["image"] if entry.get("image") else None,
            planted=entry.get("planted"),
        )
        for entry in entries
    ]
