"""What the user named on the command line → the files to work on, each with the place its result goes to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from dictation.errors import InputError, UsageError

TEXT_ENDINGS = frozenset((".txt", ".text", ".md"))


@dataclass(frozen=True)
class Input:
    """One file. `shown` is the path as the user gave it, `mirrored` its place below an output folder.

    `folder` is the folder that was named, or that holds the file named. `failure` says why there is nothing to work on
    (no such file, an empty folder).
    """

    path: Path
    shown: str
    mirrored: PurePath
    folder: Path
    failure: InputError | None = None

    @property
    def is_text(self) -> bool:
        """True for a text that stands for a dictation."""
        return self.path.suffix.lower() in TEXT_ENDINGS


def expand(paths: Sequence[Path], endings: frozenset[str]) -> list[Input]:
    """The files behind `paths` in order; a folder gives the files below it with one of `endings`, sorted.

    A path that is not there, or a folder without such files, gives an Input with a `failure`; the rest goes on. A file
    that was named itself is taken whatever its ending.
    """
    inputs: list[Input] = []
    for path in paths:
        try:
            if path.is_dir():
                files = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix.lower() in endings)
                inputs += [Input(file, _printable(file), file.relative_to(path), path) for file in files]
                why = "" if files else "the folder holds no file of a known kind; name the files themselves."
            elif path.exists():
                inputs.append(Input(path, _printable(path), PurePath(path.name), path.parent))
                why = ""
            else:
                why = "there is no such file or folder; check the path."
        except OSError as error:
            why = f"cannot be read ({error.strerror}); check the path and its permissions."
        if why:
            shown = _printable(path)
            failure = InputError(f"{shown}: {why}")
            inputs.append(Input(path, shown, PurePath(path.name), path.parent, failure))
    return inputs


def apart(inputs: list[Input]) -> list[Input]:
    """The inputs, each with a place of its own below an output folder: no result overwrites that of another file.

    Where two files would share a place, all places begin with the name of their `folder`. Raises UsageError where that
    does not keep them apart.
    """
    if not _sharing(inputs):
        return inputs
    inputs = [replace(item, mirrored=PurePath(_folder_name(item.folder)) / item.mirrored) for item in inputs]
    if shared := _sharing(inputs):
        one, two = (item.shown for item in shared)
        raise UsageError(f"{one} and {two} would get the same result in --out; give each its own run and --out folder.")
    return inputs


def _sharing(inputs: list[Input]) -> tuple[Input, Input] | None:
    """Two inputs that are different files and have the same place."""
    first: dict[PurePath, Input] = {}
    for item in inputs:
        other = item if item.failure else first.setdefault(item.mirrored, item)
        if other.path != item.path and other.path.resolve() != item.path.resolve():
            return other, item
    return None


def _folder_name(folder: Path) -> str:
    return folder.name if folder.name not in ("", "..") else folder.resolve().name


def _printable(path: Path) -> str:
    """The path as text that can be written everywhere: bytes of a name that are no text become question marks."""
    return str(path).encode("utf-8", "replace").decode("utf-8")
