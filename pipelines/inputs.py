"""What the user named on the command line → the files to work on, each with the place its result goes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from dictation.errors import InputError

AUDIO_ENDINGS = frozenset(
    [
        *(".wav", ".w64", ".flac", ".mp3", ".m4a", ".mp4", ".aac", ".ogg", ".oga", ".opus", ".webm"),
        *(".aif", ".aiff", ".aifc", ".au", ".caf", ".dss", ".wma", ".amr"),
    ]
)
TEXT_ENDINGS = frozenset((".txt", ".text", ".md"))


@dataclass(frozen=True)
class Input:
    """One file. `shown` is the path as the user gave it, `mirrored` its place below an output folder.

    `failure` says why there is nothing to work on (no such file, an empty folder).
    """

    path: Path
    shown: str
    mirrored: PurePath
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
                inputs += [Input(file, str(file), file.relative_to(path)) for file in files]
                why = "" if files else "the folder holds no file of a known kind; name the files themselves."
            elif path.exists():
                inputs.append(Input(path, str(path), PurePath(path.name)))
                why = ""
            else:
                why = "there is no such file or folder; check the path."
        except OSError as error:
            why = f"cannot be read ({error.strerror}); check the path and its permissions."
        if why:
            inputs.append(Input(path, str(path), PurePath(path.name), InputError(f"{path}: {why}")))
    return inputs
