"""Folders and files that hold patients' voices and images: for the user who runs the program, and for nobody else."""

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FOLDER_MODE, FILE_MODE = 0o700, 0o600  # Windows keeps a user's own folders private by their place


_FOLDERS = re.compile(r"(?<![\w/:.])(?:/(?:[^\s/:;,()\"'<>]+/)+|[A-Za-z]:\\(?:[^\\:*?\"<>|]+\\)+)")


def without_folders(text: str, *known: Path) -> str:
    """Return a sentence with files and folders by their names alone: where they lie on the server is nobody's business.

    `known` are folders that occur in it, as HOME, whose names may have spaces.
    """
    for folder in known:
        text = text.replace(f"{folder}{os.sep}", "").replace(str(folder), folder.name)
    return _FOLDERS.sub("", text)


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


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a private file to write, which takes the place of `path` once it is on the disk, or not at all.

    Raises OSError.
    """
    private_folder(path.parent)
    part = path.with_name(f"{path.name}.part")
    try:
        private_file(part)
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def replace_file(path: Path, text: str) -> None:
    """Write a private text file in UTF-8, all or nothing. Raises OSError."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")


def names_to_disk(folder: Path) -> None:
    """Force the names in a folder onto the disk, where the system can do that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def hand_over(path: Path, home: Path) -> None:
    """Give a file, or a folder with all in it, to the owner of `home`; what root made there, they must open, too.

    Nothing is done by anybody but root. Raises OSError.
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        return
    owner = home.stat()
    for place, _, names in os.walk(path):
        for one in (Path(place), *(Path(place, name) for name in names)):
            _give(one, owner)
    if not path.is_dir():
        _give(path, owner)


def forget_older(folder: Path, age_s: float, *, in_use: bool = False) -> None:
    """Delete the files below a folder that were last changed more than `age_s` ago, and folders left empty.

    `in_use`: folders stay, as a new one is empty for a moment.
    """
    oldest = time.time() - age_s
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            file = Path(place, name)
            with suppress(OSError):  # open elsewhere or gone: the next start finds it again
                if file.lstat().st_mtime < oldest:
                    file.unlink()
        if Path(place) != folder and not in_use:
            with suppress(OSError):  # not empty
                Path(place).rmdir()


def _give(path: Path, owner: os.stat_result) -> None:
    state = path.lstat()
    if (state.st_uid, state.st_gid) != (owner.st_uid, owner.st_gid):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _restrict(path: Path, mode: int) -> None:
    with suppress(OSError):  # a disk without permissions, or a folder that somebody else owns and lets us write to
        path.chmod(mode)
