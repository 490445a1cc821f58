"""What of this very program a result depends on: what another version of it made is made anew."""

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from pipelines.ledger import settings_key

HEARING = (*(f"dictation/{room}" for room in ("audio", "speech", "lexicon", "wording")), "pipelines/outputs.py")
REPORTING = (
    *HEARING,
    *(f"dictation/{room}" for room in ("imaging", "findings", "models", "reading", "report")),
    *(f"dictation/{room}" for room in ("discrepancy", "case", "exchange")),
    "pipelines/report.py",
)
EVERYTHING = ("dictation",)


@cache
def program(places: tuple[str, ...]) -> str:
    """A hash of the version, and of the code and data in some files and folders of the program.

    It is taken of the files' bytes: machines that share a job agree, and to install the same again changes nothing.
    """
    root = Path(str(files("dictation"))).parent
    sources = sorted(path for place in places for path in _files(root / place))
    contents = (
        f"{path.relative_to(root).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in sources
    )
    return settings_key(version("radiology-dictation"), *contents)


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    return [path for path in place.rglob("*") if path.is_file() and path.suffix != ".pyc"]
