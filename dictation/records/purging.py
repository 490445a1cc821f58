"""Sound that the retention rule gives up → deleted, recording by recording, while others dictate.

The database comes first: mark and audit entry in one transaction that is on the disk, then the files. A program that is
killed in between leaves a mark whose files the next run deletes, never a file less than the records say. A legal hold
that comes in between keeps them.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, and_, or_, select

from dictation.audio.held import is_held
from dictation.frozen import Frozen
from dictation.records import drafts, recordings, retention
from dictation.records.clock import APPLIED
from dictation.records.recordings import PURGED, KeptRecording
from dictation.records.records import Records
from dictation.records.retention import Rule
from dictation.records.schema import audit, cases, holds
from dictation.records.schema import recordings as table
from dictation.records.sound import CAPTURES, FOLDER, files_of
from dictation.records.trail import CAME_BACK, Detail, read

ELSEWHERE = "its sound is not on this machine"
WRITTEN = "the recording is being written"
AT_ONCE = 200  # cases that are looked at in one reading


class Judged(Frozen):
    """What becomes of the sound of one recording: it `goes`, for this `reason`, or it stays for it.

    `failure` says in a sentence why it is still on the disk although it went.
    """

    recording: str
    case: str
    seconds: float
    bytes: int
    goes: bool
    reason: str
    failure: str = ""


def purge(
    records: Records,
    rule: Rule,
    by: str,
    time: datetime,
    *,
    is_trial: bool,
    case_id: str | None = None,
    is_shown: Callable[[str], bool] = lambda _: False,
) -> Iterator[Judged]:
    """Yield what becomes of every recording whose sound is kept, and delete what goes unless this `is_trial`.

    Of one case, or (None) of all, but of none that `is_shown`, by its id, to somebody who has no lock.
    A case is judged anew in the transaction that marks its recordings, so that nobody opens it in between.
    """
    for one_id in _cases(records, case_id):
        if is_shown(one_id):
            continue
        with records.reading() as connection:
            found = _judged(connection, records.home, rule, one_id, time)
        if not is_trial and any(one.goes for _, one in found):
            found = purge_case(records, rule, one_id, by, time)
        yield from (one for _, one in found)


def left_over(records: Records, *, is_trial: bool) -> Iterator[tuple[str, str]]:
    """Delete the files of recordings that a killed run marked; those of a case on hold stay.

    Yields the id of each, and "" or the sentence that says why its files are still there.
    """
    present = {entry.name for name in (FOLDER, CAPTURES) for entry in _entries(records.home / name)}
    with records.reading() as connection:
        query = select(table).where(table.c.purged_at != "", table.c.case_id.not_in(select(holds.c.case_id)))
        rows = connection.execution_options(yield_per=1000).execute(query)
        found = [recordings.kept(row) for row in rows if present & _names(row.recording, row.file)]
    for one in found:
        yield one.recording, "" if is_trial else _delete_unless_held(records, one)


def is_asked_for(records: Records, rule: Rule, by: str) -> bool:
    """Whether the last purge by anybody but `by` was under this rule, and no backup was restored since.

    What came back knows no hold that came after its backup; who is to purge it was told to put them anew.
    """
    ours = and_(audit.c.what == APPLIED, audit.c.by != by)
    query = select(audit).where(audit.c.case_id == "", or_(audit.c.what == CAME_BACK, ours))
    with records.reading() as connection:
        row = connection.execute(query.order_by(audit.c.number.desc()).limit(1)).first()
    return row is not None and row.what == APPLIED and read(row).detail.get("rule") == rule.name


def _cases(records: Records, only: str | None) -> Iterator[str]:
    """The cases that have sound, or `only` this one, by their ids. No reading lasts while they are worked on."""
    last = ""
    while True:
        with records.reading() as connection:
            query = select(table.c.case_id).where(table.c.purged_at == "", table.c.case_id > last)
            if only is not None:
                query = query.where(table.c.case_id == only)
            found = list(connection.execute(query.distinct().order_by(table.c.case_id).limit(AT_ONCE)).scalars())
        yield from found
        if len(found) < AT_ONCE:
            return
        last = found[-1]


def _judged(
    connection: Connection, home: Path, rule: Rule, case_id: str, time: datetime
) -> list[tuple[KeptRecording, Judged]]:
    case = connection.execute(select(cases).where(cases.c.id == case_id)).one()
    kept = [one for one in recordings.in_order(connection, case_id) if not one.purged_at]
    why = retention.reasons(connection, rule, case, kept, time)
    return [(one, _with_files(home, rule, one, why[one.recording])) for one in kept]


def _with_files(home: Path, rule: Rule, one: KeptRecording, why: str) -> Judged:
    archived, capture, _ = paths = files_of(home, one)
    if not why and not archived.exists():
        why = ELSEWHERE
    if not why and _is_written(capture):
        why = WRITTEN
    return Judged(
        recording=one.recording, case=one.case, seconds=one.duration_s, bytes=sum(map(_size, paths)), goes=not why,
        reason=why or rule.words,
    )  # fmt: skip


def purge_case(
    records: Records, rule: Rule, case_id: str, by: str, time: datetime
) -> list[tuple[KeptRecording, Judged]]:
    """Delete the sound of one case that is over its time, the record of it first; return what was judged of each."""
    with records.recorded() as (connection, trail):
        drafts.locked(connection, case_id)
        found = _judged(connection, records.home, rule, case_id, time)
        signed_at = retention.signed_at(connection, case_id)
        for one, judged in found:
            if judged.goes:
                recordings.purged(connection, one.recording, time, judged.bytes)
                detail: Detail = {
                    "recording": one.recording, "sha256": one.sha256, "seconds": one.duration_s,
                    "bytes": judged.bytes, "rule": rule.name, "reason": judged.reason, "signed_at": signed_at,
                }  # fmt: skip
                trail.add(case_id, PURGED, by, detail)
    return [
        (one, judged.model_copy(update={"failure": _delete_unless_held(records, one)}) if judged.goes else judged)
        for one, judged in found
    ]


def _delete_unless_held(records: Records, one: KeptRecording) -> str:
    """Delete the files of a recording that is marked; return a sentence where one stays.

    Within a transaction, so that a hold is either seen here or told that the sound is gone.
    """
    with records.recorded() as (connection, _):
        if connection.execute(select(holds.c.case_id).where(holds.c.case_id == one.case)).first() is not None:
            return f"{one.recording}: stays, as its case was put on legal hold while its sound was being deleted."
        return delete_sound(records.home, one)


def delete_sound(home: Path, one: KeptRecording) -> str:
    """Delete what there is of a recording; return a sentence for the last file that stays."""
    failure = ""
    for path in files_of(home, one):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            failure = f"{path}: cannot be deleted ({why}); check its rights, then purge again."
    return failure


def _names(recording: str, file: str) -> set[str]:
    """The names of `files_of`, of a row: all that were ever purged are looked at, and nearly none has a file."""
    return {f"{recording}.flac", f"{recording}.part", file.rpartition("/")[2]}


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    return list(os.scandir(folder)) if folder.is_dir() else []


def _is_written(capture: Path) -> bool:
    with suppress(OSError), capture.open("rb") as file:
        return is_held(file.fileno())
    return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
