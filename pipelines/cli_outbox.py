"""The command of `dictation` that looks after the outbox."""

import sys
from typing import Annotated

import typer

from dictation.errors import UsageError
from pipelines.exits import exits


def outbox(
    retry: Annotated[bool, typer.Option("--retry", help="put there now what is waiting")] = False,
) -> None:
    """Name the signed versions that are not in the outbox yet; exit 1 where there are any."""
    with exits():
        from dictation.records import Records
        from dictation.review.outbox import Outbox
        from dictation.settings import Settings

        settings = Settings()
        if settings.outbox is None:
            raise UsageError("no outbox is named; set DICTATION_OUTBOX to a folder.")
        records = Records.open(settings)
        try:
            box = Outbox(records, settings.outbox)
            if retry:
                box.look()
            waiting = box.due()
        finally:
            records.close()
        for one in waiting:
            sys.stdout.write(f"{one.case} version {one.number}\n")
        raise typer.Exit(1 if waiting else 0)
