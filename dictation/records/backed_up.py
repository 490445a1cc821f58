"""What a backup is on the disk: a folder named after its time, with a manifest and a HOME.

    2026-03-01T093000Z/
        manifest.json      written last: format, program, schema, counts, and size and SHA-256 of every file
        home/              records.sqlite3 (of either database), records.head, audio, captures, images, the user's files

`home` can be used as it is by a program of the same version. What belongs to the machine, not to the cases, is left
out: tokens of other programs, the port, uploads, locks, files half written, what an earlier restore set aside.
"""

import errno
import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import Field, ValidationError, field_validator

from dictation.errors import InputError
from dictation.frozen import Frozen
from dictation.private import private_file
from dictation.records.database import FILE
from dictation.records.trail import HEAD_FILE

FORMAT = 1
HOME, MANIFEST, PART = "home", "manifest.json", ".part"
OF_DISK = "lost+found"  # in the topmost folder of a disk; root's alone
OURS = (
    "audio", "calibration", "captures", "corrections.json", "images", "macros", "macros.toml", "preferences.json",
    "recheck_precision.tsv", HEAD_FILE, FILE, "templates", "users", "verdicts.jsonl", "vocabulary.txt",
)  # fmt: skip
STAYS = ("port", "uploads", OF_DISK)  # of the machine
_STAYS_ENDING = ("_token", PART, ".lock", f"{FILE}-wal", f"{FILE}-shm", f"{FILE}-journal")
SET_ASIDE = re.compile(r"(before|restoring|restored|taking)-\d{4}-\d{2}-\d{2}T\d{6}Z-.*")
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}Z")
_AT_ONCE = 2**20  # bytes in memory


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
        if any(PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts for name in files):
            raise ValueError("a file outside")
        return files

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
        content = json.loads(path.read_bytes())
        if isinstance(content, dict) and isinstance(content.get("format"), int) and content["format"] > FORMAT:
            raise InputError(f"{backup}: was made by a newer version of this program; update it here.")
        return Manifest.model_validate(content)
    except (FileNotFoundError, NotADirectoryError) as error:
        is_part = backup.name.endswith(PART)
        why = "was not finished" if is_part else f"is no backup, {MANIFEST} is missing"
        raise InputError(f"{backup}: {why}; give a folder that dictation backup named.") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({reason(error)}); check its rights.") from error
    except (ValueError, ValidationError) as error:
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


def copy(source: Path, target: Path) -> KeptFile:
    """Copy a file onto the disk, for its owner alone, with its time of change. Raises OSError."""
    digest = hashlib.sha256()
    with source.open("rb") as read:
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


def described(path: Path) -> KeptFile:
    """Return size and hash of a file as it is. Raises OSError."""
    with path.open("rb") as file:
        state = os.fstat(file.fileno())
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return KeptFile(size=state.st_size, sha256=sha256, changed_ns=state.st_mtime_ns)


def looks_like(path: Path, kept: KeptFile) -> bool:
    """Tell whether a file has the size and the time of change that were noted; it is not read."""
    try:
        state = path.stat()
    except OSError:
        return False
    return (state.st_size, state.st_mtime_ns) == (kept.size, kept.changed_ns)


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
