"""DICOM images that come with the orders: their header finds or makes the case, a copy of them becomes its study."""

import hashlib
import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from dictation.case.draft import Draft
from dictation.errors import DictationError, InputError
from dictation.exam import ExamFacts
from dictation.imaging.apart import read_header_apart
from dictation.private import private_file, private_folder
from dictation.records import drafts
from dictation.records.ordering import SENDER, Notice, case_of
from dictation.records.schema import audit, studies
from dictation.records.text import LONGEST, from_json, now, sha256, storable
from dictation.records.trail import Detail, Trail

IMAGES = "images"  # in HOME, a folder for each case
RECEIVED = "image received"  # in the audit trail
STUDY = "study"  # in the detail of its entries: the hash of a study, of which it is the first image
LEFT_S = 3600  # no image takes so long to be copied
_AT_ONCE = 2**20  # bytes in memory


@dataclass(frozen=True)
class Image:
    """A DICOM image. `copy` is to be moved to its case; `name` is always the same for it, and holds no patient.

    `sha256` is that of its bytes.
    """

    copy: Path
    sha256: str
    name: str
    study_uid: str
    facts: ExamFacts


def take_in(path: Path, home: Path) -> Image:
    """Read the header of an image, and copy it into `home` before anything else waits for it.

    Raises InputError where it is none, or says neither exam nor study; DictationError where the disk is full.
    """
    header = read_header_apart(path)
    study_uid, facts = storable(header.study_uid), header.facts
    if not study_uid and not facts.accession:
        raise InputError(f"{path}: states neither a study nor an accession number; send it from the archive again.")
    if max(len(study_uid), len(facts.accession)) > LONGEST:
        raise InputError(f"{path}: its study or accession number is no such number; send it from the archive again.")
    copy = home / IMAGES / f"{uuid.uuid4().hex}.part"
    sha256 = _copy(path, copy)
    said = f"{study_uid} {header.instance_uid}" if header.instance_uid else sha256
    name = hashlib.sha256(said.encode()).hexdigest()[:32] + ".dcm"
    return Image(copy, sha256, name, study_uid, facts)


def look_back(connection: Connection, image: Image, home: Path) -> None:
    """Read what came before under the name of this image, so that nobody waits for that while `receive` writes."""
    case_id = _case_of(connection, image)
    if case_id is not None and (kept := home / IMAGES / case_id / image.name).exists():
        _content_hash(kept)


def receive(connection: Connection, trail: Trail, image: Image, home: Path, name: str) -> list[Notice]:
    """Add an image to its case, which is made where there is none. `name` is what its file is called in the log.

    An image that came before with other content replaces that one, but not beneath a signed report.
    """
    case_id = _case_of(connection, image)
    is_new = case_id is None
    if case_id is None:
        case_id = uuid.uuid4().hex
        drafts.create(connection, trail, Draft(id=case_id), SENDER, "routine", "")
    case = drafts.locked(connection, case_id)
    kept = home / IMAGES / case_id / image.name
    is_known = kept.exists()  # also where a program was killed, or a backup made, before the records knew it
    if is_known and _content_hash(kept) == image.sha256:
        if trail.has(case_id, RECEIVED, {"image": image.name}):
            return []
    elif is_known and case.state != "draft":
        text = f"{name}: an image of a signed report came again, and is another one now; the first one is kept."
        return [Notice(kind="fault", text=text, case=case_id)]
    _move(image.copy, kept)
    query = select(studies.c.study_uid).where(studies.c.case_id == case_id, studies.c.study_uid == image.study_uid)
    detail: Detail = {"image": image.name}
    if connection.execute(query).first() is None:
        said = (image.study_uid, storable(image.facts.accession), image.facts.model_dump_json())
        values = dict(zip(("study_uid", "accession", "facts"), said, strict=True))
        connection.execute(insert(studies).values(case_id=case_id, received_at=now(), **values))
        detail = {**detail, STUDY: _study_hash(*said)}
    drafts.replace_exam(connection, case_id, image=image.name)
    trail.add(case_id, RECEIVED, SENDER, {**detail, drafts.KEPT: drafts.hash_of(connection, case_id)})
    if is_new:
        return [Notice(kind="new", text=f"{name}: a new case.", case=case_id)]
    what = "an image came after its report was signed." if case.state != "draft" else "an image of a case."
    return [Notice(kind="image", text=f"{name}: {what}", case=case_id)]


def faults(connection: Connection) -> Iterator[str]:
    """Yield one sentence for each case whose studies are not those that the audit trail knows."""
    known = _known(connection)
    present = {case_id: set[str]() for case_id in known}
    for row in connection.execute(select(studies)):
        present.setdefault(row.case_id, set()).add(_study_hash(row.study_uid, row.accession, row.facts))
    of_today = drafts.of_today(connection)
    for case_id, hashes in present.items():
        if case_id in of_today and hashes != known.get(case_id, set()):
            yield f"The studies of the case {case_id} were changed: the audit trail knows others."


def keep_known(connection: Connection) -> None:
    """Drop each study that was put there: with it the next image of it would go to a case of somebody's choice."""
    known, of_today = _known(connection), drafts.of_today(connection)
    for row in connection.execute(select(studies)).all():
        is_known = _study_hash(row.study_uid, row.accession, row.facts) in known.get(row.case_id, set())
        if row.case_id in of_today and not is_known:
            its = (studies.c.case_id == row.case_id) & (studies.c.study_uid == row.study_uid)
            connection.execute(delete(studies).where(its))


def _known(connection: Connection) -> dict[str, set[str]]:
    """The hashes of the studies of each case; an older program noted none."""
    known: dict[str, set[str]] = {}
    query = select(audit.c.case_id, audit.c.detail).where(audit.c.what == RECEIVED)
    for row in connection.execute(query.where(audit.c.detail.contains(f'"{STUDY}"'))):
        with suppress(ValueError, KeyError, TypeError):  # an entry that was changed: the trail tells of it
            known.setdefault(row.case_id, set()).add(from_json(row.detail)[STUDY])
    return known


def _study_hash(study_uid: str, accession: str, facts: str) -> str:
    return sha256(json.dumps([study_uid, accession, facts]))


def sweep(home: Path) -> None:
    """Delete the copies that a killed program left; one that is being made is younger."""
    for part in (home / IMAGES).glob("*.part"):
        with suppress(OSError):  # gone: it was moved to its case
            if part.stat().st_mtime < time.time() - LEFT_S:
                part.unlink()


def _case_of(connection: Connection, image: Image) -> str | None:
    if image.study_uid:
        found = connection.execute(select(studies.c.case_id).where(studies.c.study_uid == image.study_uid)).scalar()
        if found is not None:
            return str(found)
    return case_of(connection, storable(image.facts.accession))


def _copy(source: Path, copy: Path) -> str:
    """Copy a file onto the disk; return the SHA-256 of what was copied."""
    digest = hashlib.sha256()
    try:
        private_folder(copy.parent)
        private_file(copy)
        with copy.open("wb") as written:
            for piece in _pieces(source):
                written.write(piece)
                digest.update(piece)
            written.flush()
            os.fsync(written.fileno())
    except OSError as error:
        copy.unlink(missing_ok=True)
        raise _refused(copy, error) from error
    except InputError:
        copy.unlink(missing_ok=True)
        raise
    return digest.hexdigest()


def _pieces(source: Path) -> Iterator[bytes]:
    try:
        with source.open("rb") as file:
            while piece := file.read(_AT_ONCE):
                yield piece
    except OSError as error:
        raise InputError(f"{source}: cannot be read ({_why(error)}); check its rights.") from error


def _move(copy: Path, kept: Path) -> None:
    try:
        private_folder(kept.parent)
        copy.replace(kept)
    except OSError as error:
        raise _refused(kept, error) from error


def _refused(copy: Path, error: OSError) -> DictationError:
    return DictationError(
        f"{copy.parent}: an image cannot be kept there ({_why(error)}); free space, or check its rights."
    )


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _content_hash(path: Path) -> str:
    state = path.stat()
    return _hashed(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=64)
def _hashed(path: Path, _size: int, _changed_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
