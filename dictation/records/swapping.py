"""A restored HOME takes the place of what is in HOME, in steps that a killed program may leave to the next one.

    restoring-TIME.part/   being filled; the next restore deletes it
    restored-TIME/         whole and verified: counts from here on (with PostgreSQL: once its transaction counts)
    taking-TIME/           what was there lies in before-TIME; what remains here still moves up into HOME
    before-TIME/           what HOME held before, of names of ours or that were restored; it is never deleted

All of it lies in HOME, which may be a volume of its own, or in a folder that the program may not write to.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import select

from dictation.errors import DictationError, UsageError
from dictation.private import hand_over, names_to_disk, private_folder
from dictation.records import trail
from dictation.records.backed_up import OURS, SET_ASIDE, belongs_to_machine, reason
from dictation.records.database import FILE, PATIENCE_S, Database, is_file
from dictation.records.schema import audit

RESTORING, RESTORED, TAKING, BEFORE = "restoring-", "restored-", "taking-", "before-"
_LOCK = "restore.lock"


@contextmanager
def alone(home: Path, patience_s: float = 0) -> Iterator[None]:
    """Keep other programs from restoring into `home`. Raises UsageError where one is at it."""
    try:
        with FileLock(home / _LOCK, timeout=patience_s, mode=0o600):
            with suppress(OSError):
                hand_over(home / _LOCK, home)
            yield
    except Timeout as error:
        raise UsageError(
            f"{home}: a backup is being restored or an older database migrated there; wait until it has ended."
        ) from error


def finish(url: str, home: Path) -> None:
    """Finish what a restore that was killed had decided, before anything in `home` is used; usually there is nothing.

    Raises DictationError where it cannot be finished.
    """
    if not _found(home, RESTORED) and not _found(home, TAKING):
        return
    with alone(home, PATIENCE_S):
        finish_alone(url, home)


def finish_alone(url: str, home: Path) -> None:
    """The same, by who is `alone`. What does not count for this `url` stays, and takes the place of nothing."""
    try:
        for staged in _found(home, RESTORED):
            if _counts(url, home, staged):
                _set_aside(home, staged)
        for staged in _found(home, TAKING):
            for entry in sorted(staged.iterdir()):
                entry.rename(home / entry.name)
            names_to_disk(home)
            staged.rmdir()
    except OSError as error:
        again = "restore" if is_file(url) and not _found(home, TAKING) else "start"
        raise DictationError(
            f"{home}: what was restored cannot be moved to its place ({reason(error)}); check the rights of the "
            f"folder, and {again} again. Nothing is lost."
        ) from error


def check_movable(home: Path) -> None:
    """Raise UsageError where something that would be set aside is a mount, which stays where it is."""
    mounts, own = _mounts(), {*OURS}
    for entry in sorted(home.iterdir()):
        if _is_replaced(entry.name, own) and (entry.is_mount() or str(home.resolve() / entry.name) in mounts):
            raise UsageError(
                f"{entry}: something is mounted there, so it cannot be set aside; unmount it, restore, and mount it "
                f"again once it holds what came to {entry}. Nothing was changed."
            )


def left_over(home: Path) -> list[Path]:
    """Return what killed restores left that does not count."""
    return [*_found(home, RESTORING), *_found(home, RESTORED)]


def _set_aside(home: Path, staged: Path) -> None:
    time = staged.name.removeprefix(RESTORED)
    ours = {*OURS, *(entry.name for entry in staged.iterdir())}
    own = [entry for entry in sorted(home.iterdir()) if _is_replaced(entry.name, ours)]
    before = home / f"{BEFORE}{time}"
    try:
        if own:
            private_folder(before)
            hand_over(before, home)
        for entry in own:
            entry.rename(before / entry.name)
    except OSError:
        _put_back(home, staged, before)
        raise
    names_to_disk(before)
    staged.rename(home / f"{TAKING}{time}")
    names_to_disk(home)


def _put_back(home: Path, staged: Path, before: Path) -> None:
    """Give HOME what was set aside already; what was restored counts no more, but where PostgreSQL took it already."""
    if before.is_dir():
        for entry in sorted(before.iterdir()):
            entry.rename(home / entry.name)
        before.rmdir()
    if (staged / FILE).exists():
        staged.rename(home / f"{RESTORING}{staged.name.removeprefix(RESTORED)}")
    names_to_disk(home)


def _is_replaced(name: str, ours: set[str]) -> bool:
    if name.startswith(FILE) and not name.endswith(".lock"):  # its log goes with it
        return True
    return name in ours and SET_ASIDE.fullmatch(name) is None and not belongs_to_machine(name)


def _counts(url: str, home: Path, staged: Path) -> bool:
    """Whether a whole restore counts: with SQLite by itself, else if its last audit entry is in the database."""
    if (staged / FILE).exists() or is_file(url):
        return (staged / FILE).exists() and is_file(url)
    head = trail.head_in(staged / trail.HEAD_FILE)
    database = Database.as_it_is(url, home)
    try:
        with database.reading() as connection:
            if head is None or not database.revision(connection):
                return False
            hash_ = connection.execute(select(audit.c.hash).where(audit.c.number == head[0])).scalar()
            return bool(hash_ == head[1])
    finally:
        database.close()


def _found(home: Path, prefix: str) -> list[Path]:
    found = home.glob(f"{prefix}*") if home.is_dir() else ()
    return sorted(path for path in found if SET_ASIDE.fullmatch(path.name))


def _mounts() -> set[str]:
    """Where something is mounted, a folder of the same disk too; only Linux tells."""
    with suppress(OSError):
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        places = (line.split(" ")[4] for line in lines)
        return {re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), place) for place in places}
    return set()
