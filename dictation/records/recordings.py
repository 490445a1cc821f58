"""The recordings of a case: which capture, how long, and where its sound lies."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from dictation.errors import UsageError
from dictation.frozen import Frozen
from dictation.records.schema import recordings
from dictation.records.text import LONGEST, at, check_id


class KeptRecording(Frozen):
    """One recording. `recording` is the journal's id, `file` its name in HOME/captures.

    Once it is archived, `flac` is its name in HOME/audio, `duration_s` its length and `sha256` the hash of its 16-bit
    samples, gaps as silence: the same for both files. `started_at` is UTC.
    """

    take: str
    recording: str
    case: str
    file: str
    started_at: str
    duration_s: float
    sha256: str
    flac: str


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
    return tuple(_kept(row._asdict()) for row in connection.execute(query))


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


def archived(connection: Connection, recording: str, flac: str, sha256: str, duration_s: float) -> None:
    """Note where the sound of a recording lies from now on."""
    connection.execute(
        update(recordings)
        .where(recordings.c.recording == recording)
        .values(flac=flac, sha256=sha256, duration_s=duration_s)
    )


def _find(connection: Connection, condition: object) -> KeptRecording | None:
    row = connection.execute(select(recordings).where(condition)).first()  # type: ignore[arg-type]
    return _kept(row._asdict()) if row is not None else None


def _kept(row: dict[str, object]) -> KeptRecording:
    row["case"] = row.pop("case_id")
    return KeptRecording.model_validate(row)
