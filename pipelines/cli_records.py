"""The commands of `dictation` for who runs the records: how long sound is kept, what is held, who did what."""

import json
import sys
from contextlib import closing
from typing import Annotated, Literal

import typer

from dictation.errors import UsageError
from pipelines.exits import exits, note
from pipelines.help import examples


def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only list what would go")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object instead of text")] = False,
    clock_is_right: Annotated[
        bool, typer.Option("--clock-is-right", help="the date of this machine was checked, though the trail has a gap")
    ] = False,
) -> None:
    """Delete dictated sound whose time is over, as DICTATION_KEEP_AUDIO says. Only sound; texts and the trail stay.

    always: nothing goes (the default). signed: 3 days after the case was signed final. none: once it is signed final
    and closed. 90: so many days after that signature. Sound of unsigned cases, of cases on legal hold or open on a
    page, and sound that no word was made of stays under every rule; the list says why. Runs while others dictate: let
    a timer start it, such as once a night. It is refused where the clock may be wrong, as the audit trail tells.
    """
    with exits():
        from dictation.review.event_log import note_once
        from dictation.settings import Settings
        from pipelines.purge import as_text, purged

        settings = Settings()
        try:
            found = purged(settings, is_trial=dry_run, clock_is_right=clock_is_right)
        except BaseException as error:
            if not dry_run:
                note_once(settings.log, "purge failed", error=type(error).__name__)
            raise
        if not dry_run:
            note_once(settings.log, "purged", count=len(found["deleted"]))
            if found["failures"]:
                note_once(settings.log, "purge failed", count=len(found["failures"]))
        sys.stdout.write(json.dumps(found, indent=2) + "\n" if as_json else as_text(found))
        for sentence in found["failures"]:
            note(f"dictation: {sentence}")
        raise typer.Exit(1 if found["failures"] else 0)


def hold(
    case: Annotated[str, typer.Argument(help="the id of a case, or its accession number")],
    reason: Annotated[
        str, typer.Option(help="why; kept in the audit trail, so name no patient: a file number of the lawyers will do")
    ],
    release: Annotated[bool, typer.Option("--release", help="end the hold")] = False,
) -> None:
    """Put a case on legal hold: no rule deletes its sound until the hold is released. Prints the ids of its cases.

    A hold brings nothing back: where some of the sound was deleted before, stderr says how much and since when, and the
    exit code is 1. What is left is held all the same.
    """
    with exits():
        from dictation.records import Records, holds
        from dictation.settings import Settings
        from pipelines.by_whom import operator

        with closing(Records.open(Settings())) as records:
            change = holds.release if release else holds.hold
            found = change(records, case, reason, operator())
            deleted = () if release else holds.gone(records, found)
        sys.stdout.write("".join(f"{one}\n" for one in found))
        for one in deleted:
            note(f"dictation: {one.words}")
        raise typer.Exit(1 if deleted else 0)


def audit(
    user: Annotated[
        str, typer.Option(help="only what this user did, by the name in the entries; capitals do not count")
    ] = "",
    patient: Annotated[
        str, typer.Option(help="only the cases of this patient id; - reads it from stdin, so that no history keeps it")
    ] = "",
    case: Annotated[str, typer.Option(help="only this case, by its id")] = "",
    since: Annotated[str, typer.Option("--from", help="a date or time (ISO 8601, UTC), inclusive")] = "",
    until: Annotated[str, typer.Option("--to", help="a date or time (ISO 8601, UTC), inclusive")] = "",
    format: Annotated[Literal["text", "csv", "jsonl"], typer.Option()] = "text",
) -> None:
    """Hand out the audit trail: who opened, viewed, changed, signed and deleted what, and when (UTC).

    The last line says how many entries there are and whether the hash chain verifies; where it does not, the exit code
    is 1. For a user or a patient who occurs nowhere it says so, and the exit code is 2. That it was handed out is an
    entry itself, without the patient's id. A patient's cases are those whose order, study or worklist line carry the id
    now.
    """
    with exits():
        from dictation.review.event_log import note_once
        from dictation.settings import Settings
        from pipelines.audit import write

        if patient == "-":
            patient = sys.stdin.readline().strip()
            if not patient:
                raise UsageError("--patient - reads a patient's id from stdin, and nothing came.")
        settings = Settings()
        is_whole = write(
            settings, sys.stdout, user=user, patient=patient, case=case, since=since, until=until, form=format
        )
        note_once(settings.log, "exported")
        raise typer.Exit(0 if is_whole else 1)


def add_records_commands(app: typer.Typer) -> None:
    """Add them."""
    app.command(epilog=examples("dictation purge --dry-run"))(purge)
    app.command(
        epilog=examples(
            'dictation hold A1234 --reason "file 2026-17"',
            'dictation hold A1234 --reason "file 2026-17 is closed" --release',
        )
    )(hold)
    app.command(
        epilog=examples(
            "dictation audit --user ada.example --from 2026-11-01 --format csv > trail.csv",
            "dictation audit --patient - < patient_id.txt",
        )
    )(audit)
