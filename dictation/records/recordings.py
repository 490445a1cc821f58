"""The recordings of a case: which capture, how long, and where its sound lies."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from dictation.errors import UsageError
from dictation.frozen import Frozen
from dictation.records.schema import audit, cases, drafts, recordings
from dictation.records.text import LONGEST, at, check_id, from_json
from dictation.records.trail import Trail

RECORDED, ARCHIVED, PURGED = "recorded", "archived", "sound deleted"  # in the audit trail


class KeptRecording(Frozen):
    """One recording. `recording` is the journal's id, `file` its name in HOME/captures.

    Once it is archived, `flac` is its name in HOME/audio, `duration_s` its length and `sha256` the hash of its 16-bit
    samples, gaps as silence: the same for both files. `started_at` is UTC. `purged_at` is when its sound was deleted
    under the retention rule (UTC, "" for not), `purged_bytes` what that freed; hash and length stay.
    """

    take: str
    recording: str
    case: str
    file: str
    started_at: str
    duration_s: float
    sha256: str
    flac: str
    purged_at: str = ""
    purged_bytes: int = 0


def add(connection: Connection, case_id: str, take: str, recording: str, file: str, started_at: datetime) -> bool:
    """Note a capture that begins, and return True; the same take again changes nothing, another case's is refused."""
    if max(len(take), len(recording)) > LONGEST:
        raise UsageError("This is no id of a take; begin a new one.")
    present = _find(connection, recordings.c.take == take)
    if present is None:
        connection.execute(
            insert(recordings).values(
                take=take, recording=recording, case_id=case_id, file=file, started_at=at(started_at), duration_s=0.0,
                sha256="", flac="",
            )
        )  # fmt: skip
        return True
    if (present.case, present.recording) != (case_id, recording):
        raise UsageError("This take belongs to another recording; begin a new one.")
    return False


def in_order(connection: Connection, case_id: str | None) -> tuple[KeptRecording, ...]:
    """Return the recordings of a case, or (None) of all, in the order in which they began."""
    query = select(recordings).order_by(recordings.c.started_at, recordings.c.take)
    if case_id is not None:
        query = query.where(recordings.c.case_id == case_id)
    return tuple(kept(row) for row in connection.execute(query))


def kept(row: Row[Any]) -> KeptRecording:
    """Return the recording of a row of the table."""
    fields = row._asdict()
    fields["case"] = fields.pop("case_id")
    return KeptRecording.model_validate(fields)


def of_take(connection: Connection, take: str) -> KeptRecording | None:
    """Return the recording of a take, None where there is none."""
    return _find(connection, recordings.c.take == take)


def one(connection: Connection, case_id: str, recording: str) -> KeptRecording:
    """Return a recording of this case by its id. Raises UsageError where it is unknown, or another case's."""
    check_id(case_id)
    found = _find(connection, recordings.c.recording == recording.replace("\x00", ""))
    if found is None or found.case != case_id:
        raise UsageError("This case has no such recording; open the case again.")
    return found


def unknown(connection: Connection, files: Iterable[str]) -> list[str]:
    """Return those of these names of captures that no case has, in their order; a draft may have one before its row."""
    known = set(connection.execute(select(recordings.c.file)).scalars())
    return [
        name
        for name in files
        if name not in known
        and connection.execute(select(drafts.c.case_id).where(drafts.c.content.contains(name, autoescape=True))).first()
        is None
    ]


def archived(connection: Connection, trail: Trail, one: KeptRecording, sha256: str, duration_s: float) -> None:
    """Note that the sound of a recording lies in HOME/audio from now on."""
    connection.execute(
        update(recordings)
        .where(recordings.c.recording == one.recording)
        .values(flac=f"{one.recording}.flac", sha256=sha256, duration_s=duration_s)
    )
    trail.add(one.case, ARCHIVED, "", {"recording": one.recording, "sha256": sha256})


def purged(connection: Connection, recording: str, time: datetime, freed_bytes: int) -> None:
    """Mark the sound of a recording as deleted."""
    connection.execute(
        update(recordings)
        .where(recordings.c.recording == recording)
        .values(purged_at=at(time), purged_bytes=freed_bytes)
    )


def faults(connection: Connection) -> Iterator[str]:
    """Yield one sentence for each recording, or mark of deleted sound, that is not as the audit trail knows it."""
    present = {row.recording: row for row in connection.execute(select(recordings))}
    known = _known(connection)
    for recording in known[RECORDED].keys() - present.keys():
        yield f"The recording {recording} is missing: the audit trail knows that it was made."
    for recording, one in present.items():
        made, archived, deleted = (known[what].get(recording) for what in (RECORDED, ARCHIVED, PURGED))
        if made is None:
            yield f"The recording {recording} was put there: the audit trail knows of no such recording."
        elif any(getattr(one, name) != value for name, value in _began(made).items()):
            yield f"The recording {recording} was changed: the audit trail knows another case, file or beginning of it."
        if one.flac != (f"{recording}.flac" if one.sha256 else ""):
            yield f"The recording {recording} was changed: its sound rests in a file of another name."
        if one.duration_s != ((deleted or {}).get("seconds", one.duration_s) if one.sha256 else 0):
            yield f"The recording {recording} was changed: its length is another one."
        if one.purged_bytes != ((deleted or {}).get("bytes", one.purged_bytes) if one.purged_at else 0):
            yield f"The recording {recording} was changed: its deletion freed another number of bytes."
        if not one.purged_at:
            if deleted is not None:
                yield f"The recording {recording} was changed: the audit trail knows that its sound was deleted."
            elif (archived or {}).get("sha256", "") != one.sha256:
                yield f"The recording {recording} was changed: the audit trail knows another hash of its sound."
        elif deleted is None:
            yield f"The recording {recording} is marked as deleted, and the audit trail knows of no deletion."
        elif deleted.get("sha256", "") != one.sha256:
            yield f"The recording {recording} was changed: the audit trail knows another hash of its deleted sound."


def keep_known(connection: Connection) -> None:
    """Take each recording back to the case, file and time that it began with, and drop one that is of another's file.

    Else somebody hears in a case of their choice what was dictated to another one.
    """
    made = _known(connection)[RECORDED]
    rows = in_order(connection, None)
    files = {made[one.recording].get("file", one.file) for one in rows if one.recording in made}
    there = set(connection.execute(select(cases.c.id)).scalars())
    for one in rows:
        its = recordings.c.recording == one.recording
        if one.recording not in made:
            if one.file in files:
                connection.execute(delete(recordings).where(its))
        elif made[one.recording]["case_id"] in there:
            values = _began(made[one.recording])
            values.pop("take", None)  # a row that has it in the wrong place would be in the way
            connection.execute(update(recordings).where(its).values(**values))
        else:
            connection.execute(delete(recordings).where(its))


def _known(connection: Connection) -> dict[str, dict[str, dict[str, Any]]]:
    """What the audit trail says of each recording that was made, archived and deleted, and its case."""
    found: dict[str, dict[str, dict[str, Any]]] = {RECORDED: {}, ARCHIVED: {}, PURGED: {}}
    query = select(audit.c.what, audit.c.case_id, audit.c.detail).where(audit.c.what.in_(found))
    for row in connection.execute(query.order_by(audit.c.number)):
        with suppress(ValueError, KeyError, TypeError):  # an entry that was changed: the trail tells of it
            detail = from_json(row.detail)
            found[row.what][detail["recording"]] = {**detail, "case_id": row.case_id}
    return found


def _began(made: dict[str, Any]) -> dict[str, Any]:
    """What a recording was as it began, by its entry: an older program did not write more than its case."""
    return {name: made[name] for name in ("case_id", "file", "take", "started_at") if name in made}


def _find(connection: Connection, condition: object) -> KeptRecording | None:
    row = connection.execute(select(recordings).where(condition)).first()  # type: ignore[arg-type]
    return kept(row) if row is not None else None
