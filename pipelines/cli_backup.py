"""The commands of `dictation` that back the records up and bring them back."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dictation.errors import UsageError
from pipelines.by_whom import operator
from pipelines.exits import exits, note
from pipelines.help import examples

if TYPE_CHECKING:
    from dictation.settings import Settings

_SHOWN = 20  # faults


def backup(
    folder: Annotated[
        Path, typer.Argument(help="folder for backups, on another disk; it is never made. With --check: one backup")
    ],
    check: Annotated[
        bool, typer.Option("--check", help="read a backup and verify files, signed versions and audit trail")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="share unread what the backup before has, by size and time of change")
    ] = False,
) -> None:
    """Back up all cases, sound and settings into DIR/TIME, while people dictate.

    Sound that the backup before has is read, compared with its SHA-256 and shared with it (hard links). Not in it: the
    cache, uploads, the token of `dictation key`. It holds patient data, unencrypted: keep it where only administrators
    read.
    """
    with exits():
        if check:
            if quick:
                raise UsageError("--check reads everything; give it without --quick.")
            from dictation.records.backup_check import check as checked

            faults = checked(folder)
            _tell(faults)
            if not faults:
                note(f"{folder}: whole; every file, signed version and audit entry agrees with its sum and the chain.")
            raise typer.Exit(1 if faults else 0)
        from dictation.records.backup import back_up, is_on_one_disk
        from dictation.review.event_log import note_once
        from dictation.settings import Settings

        settings = Settings()
        _give_way()
        try:
            done = back_up(
                _url(settings), settings.home, folder, by=operator(), cache=settings.cache, is_quick=quick, told=note
            )
        except BaseException as error:
            note_once(settings.log, "backup failed", error=type(error).__name__)
            raise
        note_once(settings.log, "backup done", count=len(done.manifest.files))
        manifest = done.manifest
        note(
            f"{_counted(manifest.counts)}, {len(manifest.files):,} files, {manifest.size / 1e6:,.1f} MB, of which "
            f"{done.copied / 1e6:,.1f} MB are new."
        )
        if is_on_one_disk(folder, settings.home):
            note(f"{folder}: lies on the disk of DICTATION_HOME, and is lost with it; copy it to another disk, too.")
        sys.stdout.write(f"{done.path}\n")


def restore(
    folder: Annotated[Path, typer.Argument(metavar="BACKUP", help="a backup: DIR/TIME")],
    home: Annotated[
        Path | None,
        typer.Option(help="restore into this folder instead of DICTATION_HOME, in SQLite unless --database is given"),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(metavar="URL", help="with --home: a PostgreSQL database for it; PGPASSWORD or ~/.pgpass opens it"),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="set aside the cases that are there; nothing is deleted")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="restore what is whole of a damaged backup, say what is not, exit 1")
    ] = False,
) -> None:
    """Bring a backup back: into DICTATION_HOME, and into PostgreSQL where DICTATION_DATABASE_URL names it.

    Stop the app first. Everything is verified before it takes the place of anything; an older backup is migrated. With
    --home, for a trial, the database of the app is never touched: DICTATION_DATABASE_URL does not count then.
    """
    with exits():
        from dictation.records.restore import restore as run
        from dictation.review.event_log import note_once
        from dictation.settings import Settings

        settings = Settings()
        place, url = _place(settings, home, database)
        done = run(folder, url, place, by=operator(), replaces=replace, anyway=anyway, told=note)
        note_once(settings.log, "restored", count=done.files)
        _tell(done.faults)
        if done.before is not None:
            note(f"What was there lies in {done.before}; delete it once you are sure.")
        how = "restored, with the faults above" if done.faults else "restored and verified"
        note(f"{place}: {how}: {_counted(done.counts)}, {done.files:,} files.")
        if done.faults:
            raise typer.Exit(1)


def add_backup_commands(app: typer.Typer) -> None:
    """Add them to the command line."""
    app.command(
        epilog=examples(
            "dictation backup /backup/dictation", "dictation backup --check /backup/dictation/2026-11-30T020000Z"
        )
    )(backup)
    app.command(
        epilog=examples(
            "dictation restore /backup/dictation/2026-11-30T020000Z",
            "dictation restore /backup/dictation/2026-11-30T020000Z --home trial/",
        )
    )(restore)


def _url(settings: "Settings") -> str:
    return settings.database_url.get_secret_value()


def _place(settings: "Settings", home: Path | None, database: str | None) -> tuple[Path, str]:
    """Return the folder that a restore goes into, and its database: never that of the app where --home is given.

    Raises UsageError where the two do not belong together.
    """
    from dictation.records.database import is_file

    if home is None:
        if database is not None:
            raise UsageError("--database is for a trial in a folder of its own; name it with --home.")
        return settings.home, _url(settings)
    place = home.expanduser()
    if database is None:
        if place.resolve() == settings.home.resolve() and _url(settings):
            raise UsageError(
                f"{place}: is DICTATION_HOME, whose cases lie in PostgreSQL; leave --home out, or name another folder."
            )
        return place, ""
    with suppress(UsageError):
        if not is_file(database):
            return place, database
    raise UsageError("--database: is no postgresql://user@host/name; correct it.")


def _counted(counts: dict[str, int]) -> str:
    named = {"cases": "cases", "versions": "signed versions", "recordings": "recordings", "audit": "audit entries"}
    return ", ".join(f"{counts.get(table, 0):,} {name}" for table, name in named.items())


def _tell(faults: tuple[str, ...]) -> None:
    for fault in faults[:_SHOWN]:
        note(fault)
    if len(faults) > _SHOWN:
        note(f"… and {len(faults) - _SHOWN:,} more.")


def _give_way() -> None:
    """Let the processors serve dictations first."""
    with suppress(AttributeError, OSError):  # not on Windows
        os.nice(10)
