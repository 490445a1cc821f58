"""What a backup is on the disk: a folder named after its time, with a manifest and a HOME.

    2026-03-01T093000Z/
        manifest.json      written last: format, program, schema, counts, and size and SHA-256 of every file
        home/              records.sqlite3 (of either database), records.head, audio, captures, images, the user's files

`home` can be used as it is by a program of the same version. It holds regular files of the names in `KEPT` and no
others: what belongs to the machine (tokens, the port, uploads, locks) and what somebody else put into HOME is left out.
A backup may come from a disk that others write to, so nothing is read through a link in it, and no other name is taken.
"""

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import Field, ValidationError, field_validator

from dictation.errors import InputError
from dictation.frozen import Frozen
from dictation.private import private_file
from dictation.records.database import FILE
from dictation.records.trail import HEAD_FILE
from dictation.unseen import printable

FORMAT = 1
HOME, MANIFEST, PART = "home", "manifest.json", ".part"
OF_DISK = "lost+found"  # in the topmost folder of a disk; root's alone
_OF_A_USER = (
    "corrections.json", "learned.json", "macros.toml", "macros/*.toml", "preferences.json", "templates/*.toml",
    "verdicts.jsonl", "vocabulary.txt",
)  # fmt: skip
KEPT = (  # paths in HOME; "*" is any one name
    FILE, HEAD_FILE, "audio/*.flac", "captures/*.capture", "images/*/*", "calibration/*.json", "recheck_precision.tsv",
    *_OF_A_USER, *(f"users/*/{pattern}" for pattern in _OF_A_USER),
)  # fmt: skip
OURS = tuple(sorted({pattern.partition("/")[0] for pattern in KEPT}))
STAYS = ("port", "uploads", OF_DISK)  # of the machine
_STAYS_ENDING = ("_token", PART, ".lock", f"{FILE}-wal", f"{FILE}-shm", f"{FILE}-journal")
SET_ASIDE = re.compile(r"(before|restoring|restored|taking)-\d{4}-\d{2}-\d{2}T\d{6}Z-.*")
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}Z")
_AT_ONCE = 2**20  # bytes in memory
_NAMED = 5  # files that are left out
_SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class KeptFile(Frozen):
    """One file: its bytes, their SHA-256, and when its original was last changed, ns since 1970."""

    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    changed_ns: int


class Manifest(Frozen):
    """What a backup holds. `files` are by their path in `home`, `counts` the rows of each table as of `at`, UTC."""

    format: Literal[1] = 1
    program: str
    revision: str
    database: Literal["sqlite", "postgresql"]
    at: str
    counts: dict[str, int]
    files: dict[str, KeptFile]

    @field_validator("files")
    @classmethod
    def _inside(cls, files: dict[str, KeptFile]) -> dict[str, KeptFile]:
        if any(".." in name.split("/") or str(PurePosixPath(name)) != name or not _is_path(name) for name in files):
            raise ValueError("a file outside")
        return files

    def kept(self) -> dict[str, KeptFile]:
        """The files but for those that no backup of this program holds."""
        return {name: file for name, file in self.files.items() if is_kept(name)}

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files.values())


def time_name() -> str:
    """Return the name of a backup that begins now; it sorts by time."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}"


def is_name(name: str) -> bool:
    """Tell whether a folder of this name may be a backup."""
    return _NAME.fullmatch(name) is not None


def belongs_to_machine(name: str) -> bool:
    """Tell whether what has this name in HOME is no part of its cases."""
    return name in STAYS or name.endswith(_STAYS_ENDING) or SET_ASIDE.fullmatch(name) is not None


def is_kept(name: str) -> bool:
    """Tell whether a path in HOME, its parts apart by "/", is of the cases or of the users, and so in a backup."""
    path = PurePosixPath(name)
    is_named = any(pattern.count("/") == name.count("/") and path.match(pattern) for pattern in KEPT)
    return (
        is_named and name.isprintable() and not name.endswith(PART) and not any(p.startswith(".") for p in path.parts)
    )


def left_out(names: Iterable[str], where: Path) -> str:
    """Return one sentence about files that are no part of a backup, "" for none."""
    found = sorted(map(printable, names))
    more = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
    what = "is" if len(found) == 1 else "are"
    named = ", ".join(found[:_NAMED])
    return f"{where}: {named}{more} {what} left out; a backup holds the program's own files only." if found else ""


def strangers(home: Path) -> list[str]:
    """Return the names in a folder that was never a HOME of ours and holds what is not ours; hidden ones do not count.

    [] for a folder that is empty, is not there, or is such a HOME: it may hold anything beside. Raises OSError.
    """
    names = sorted(entry.name for entry in home.iterdir()) if home.is_dir() else []
    if any(name in (FILE, HEAD_FILE) or SET_ASIDE.fullmatch(name) for name in names):
        return []
    return [name for name in names if not (name in OURS or belongs_to_machine(name) or name.startswith("."))]


def read_manifest(backup: Path) -> Manifest:
    """Read what a backup says of itself. Raises InputError where it is none, or a newer program's."""
    path = backup / MANIFEST
    try:
        with opened(backup, MANIFEST) as file:
            content = json.load(file)
        if isinstance(content, dict) and isinstance(content.get("format"), int) and content["format"] > FORMAT:
            raise InputError(f"{backup}: was made by a newer version of this program; update it here.")
        return Manifest.model_validate(content)
    except (FileNotFoundError, NotADirectoryError) as error:
        is_part = backup.name.endswith(PART)
        why = "was not finished" if is_part else f"is no backup, {MANIFEST} is missing"
        raise InputError(f"{backup}: {why}; give a folder that dictation backup named.") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({reason(error)}); check its rights.") from error
    except (ValueError, ValidationError, RecursionError) as error:
        raise InputError(f"{path}: is damaged; use another backup.") from error


def last_in(folder: Path) -> tuple[Path, Manifest] | None:
    """Return the newest whole backup in a folder, but for those whose time lies in the future."""
    until = time_name()
    for name in sorted((one.name for one in folder.iterdir() if is_name(one.name)), reverse=True):
        with suppress(InputError):
            if name <= until:
                return folder / name, read_manifest(folder / name)
    return None


def ahead_in(folder: Path) -> list[str]:
    """Return the names of the backups whose time lies in the future: the clock was wrong, or is."""
    until = time_name()
    return sorted(one.name for one in folder.iterdir() if is_name(one.name) and one.name > until)


def opened(folder: Path, name: str) -> BufferedReader:
    """Open a regular file of a backup, following no link below `folder`. Raises OSError, also for other files."""
    path = folder / name
    places = [folder.joinpath(*PurePosixPath(name).parts[:depth]) for depth in range(1, name.count("/") + 2)]
    if link := next((place for place in places if place.is_symlink()), None):
        raise OSError(errno.ELOOP, "is a link", str(link))
    file = open(path, "rb", opener=lambda name, flags: os.open(name, flags | _SAFELY))  # noqa: SIM115
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "is no regular file", str(path))
    return file


def copy(read: BufferedReader, target: Path) -> KeptFile:
    """Copy an open file onto the disk, for its owner alone, with its time of change. Raises OSError."""
    digest = hashlib.sha256()
    state = os.fstat(read.fileno())
    private_file(target)
    with target.open("wb") as written:
        while piece := read.read(_AT_ONCE):
            written.write(piece)
            digest.update(piece)
        size = written.tell()
        written.flush()
        os.fsync(written.fileno())
    os.utime(target, ns=(state.st_mtime_ns, state.st_mtime_ns))
    return KeptFile(size=size, sha256=digest.hexdigest(), changed_ns=state.st_mtime_ns)


def described(read: BufferedReader) -> KeptFile:
    """Return size and hash of an open file as it is. Raises OSError."""
    state = os.fstat(read.fileno())
    sha256 = hashlib.file_digest(read, "sha256").hexdigest()
    return KeptFile(size=state.st_size, sha256=sha256, changed_ns=state.st_mtime_ns)


def looks_like(path: Path, kept: KeptFile) -> bool:
    """Tell whether a file has the size and the time of change that were noted; it is not read."""
    try:
        state = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(state.st_mode) and (state.st_size, state.st_mtime_ns) == (kept.size, kept.changed_ns)


def folders_below(folder: Path) -> Iterator[Path]:
    """Yield a folder and all below it, the deepest first."""
    for place, _, _ in os.walk(folder, topdown=False):
        yield Path(place)


def is_full(error: OSError) -> bool:
    """Tell whether the disk has no more room."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def reason(error: OSError) -> str:
    """Why the system refused something, for the inside of a sentence."""
    return (error.strerror or str(error)).lower()


def _is_path(name: str) -> bool:
    """Tell whether every system can have a file of this name, in its own folder."""
    return bool(name) and name != "." and not name.startswith("/") and not {"\0", "\\"} & set(name)
