"""Folders and files that hold patients' voices and images: for the user who runs the program, and for nobody else."""

import os
import time
from contextlib import suppress
from pathlib import Path

FOLDER_MODE, FILE_MODE = 0o700, 0o600  # Windows keeps a user's own folders private by their place


def private_folder(folder: Path) -> None:
    """Make a folder, and what is missing above it, that its owner alone can enter. Raises OSError as mkdir does."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(mode=FOLDER_MODE, exist_ok=True)
    _restrict(folder, FOLDER_MODE)


def private_file(path: Path) -> None:
    """Make an empty file, or keep the one that is there, that its owner alone can read. Raises OSError."""
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, FILE_MODE))
    _restrict(path, FILE_MODE)


def forget_older(folder: Path, age_s: float) -> None:
    """Delete the files below a folder that were last changed more than `age_s` ago, and folders left empty."""
    oldest = time.time() - age_s
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            file = Path(place, name)
            with suppress(OSError):  # open elsewhere or gone: the next start finds it again
                if file.lstat().st_mtime < oldest:
                    file.unlink()
        if Path(place) != folder:
            with suppress(OSError):  # not empty
                Path(place).rmdir()


def _restrict(path: Path, mode: int) -> None:
    with suppress(OSError):  # a disk without permissions, or a folder that somebody else owns and lets us write to
        path.chmod(mode)
