"""DICOM images that come with the orders: their header finds or makes the case, a copy of them becomes its study."""

import hashlib
import os
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, insert, select

from dictation.case.draft import Draft
from dictation.errors import DictationError, InputError
from dictation.exam import ExamFacts
from dictation.imaging.dicom import read_header
from dictation.private import private_file, private_folder
from dictation.records import drafts
from dictation.records.ordering import SENDER, Notice, case_of
from dictation.records.schema import studies
from dictation.records.text import LONGEST, now, storable
from dictation.records.trail import Trail

IMAGES = "images"  # in HOME, a folder for each case


@dataclass(frozen=True)
class Image:
    """A DICOM image. `copy` is to be moved to its case; `name` is always the same for it, and holds no patient."""

    copy: Path
    name: str
    study_uid: str
    facts: ExamFacts


def take_in(path: Path, home: Path) -> Image:
    """Read the header of an image, and copy it into `home` before anything else waits for it.

    Raises InputError where it is none, or says neither exam nor study; DictationError where the disk is full.
    """
    header = read_header(path)
    study_uid, facts = storable(header.study_uid), header.facts
    if not study_uid and not facts.accession:
        raise InputError(f"{path}: states neither a study nor an accession number; send it from the archive again.")
    if max(len(study_uid), len(facts.accession)) > LONGEST:
        raise InputError(f"{path}: its study or accession number is no such number; send it from the archive again.")
    said = f"{study_uid} {header.instance_uid}" if header.instance_uid else _content_hash(path)
    name = hashlib.sha256(said.encode()).hexdigest()[:32] + ".dcm"
    copy = home / IMAGES / f"{uuid.uuid4().hex}.part"
    _copy(path, copy)
    return Image(copy, name, study_uid, facts)


def receive(connection: Connection, trail: Trail, image: Image, home: Path, name: str) -> list[Notice]:
    """Add an image to its case, which is made where there is none. `name` is its file, for people.

    An image that came before with other content replaces that one, but not beneath a signed report.
    """
    case_id = _case_of_study(connection, image) or case_of(connection, storable(image.facts.accession))
    is_new = case_id is None
    if case_id is None:
        case_id = uuid.uuid4().hex
        drafts.create(connection, trail, Draft(id=case_id), SENDER, "routine", "")
    case = drafts.locked(connection, case_id)
    kept = home / IMAGES / case_id / image.name
    is_known = kept.exists()
    if is_known and _content_hash(kept) == _content_hash(image.copy):
        return []
    if is_known and case.state != "draft":
        text = f"{name}: an image of a signed report came again, and is another one now; the first one is kept."
        return [Notice(kind="fault", text=text, case=case_id)]
    _move(image.copy, kept)
    query = select(studies.c.study_uid).where(studies.c.case_id == case_id, studies.c.study_uid == image.study_uid)
    if connection.execute(query).first() is None:
        connection.execute(
            insert(studies).values(
                case_id=case_id, study_uid=image.study_uid, accession=storable(image.facts.accession),
                facts=image.facts.model_dump_json(), received_at=now(),
            )
        )  # fmt: skip
    drafts.replace_exam(connection, case_id, image=image.name)
    trail.add(case_id, "image received", SENDER, {"image": image.name})
    if is_new:
        return [Notice(kind="new", text=f"{name}: a new case.", case=case_id)]
    what = "an image came after its report was signed." if case.state != "draft" else "an image of a case."
    return [Notice(kind="image", text=f"{name}: {what}", case=case_id)]


def _case_of_study(connection: Connection, image: Image) -> str | None:
    if not image.study_uid:
        return None
    found = connection.execute(select(studies.c.case_id).where(studies.c.study_uid == image.study_uid)).scalar()
    return str(found) if found is not None else None


def _copy(source: Path, copy: Path) -> None:
    try:
        private_folder(copy.parent)
        private_file(copy)
        with source.open("rb") as read, copy.open("wb") as written:
            shutil.copyfileobj(read, written)
            written.flush()
            os.fsync(written.fileno())
    except OSError as error:
        copy.unlink(missing_ok=True)
        raise _refused(copy, error) from error


def _move(copy: Path, kept: Path) -> None:
    try:
        private_folder(kept.parent)
        copy.replace(kept)
    except OSError as error:
        raise _refused(kept, error) from error


def _refused(copy: Path, error: OSError) -> DictationError:
    why = (error.strerror or str(error)).lower()
    return DictationError(f"{copy.parent}: an image cannot be kept there ({why}); free space, or check its rights.")


def _content_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
