"""Files and folders → one Study: found, checked to belong together, ordered, decoded."""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dictation.errors import InputError
from dictation.exam import ExamFacts
from dictation.imaging.decoder import HERE, Decoder
from dictation.imaging.dicom import DicomHeader, looks_like_dicom
from dictation.imaging.header import merged
from dictation.imaging.limits import MAX_FILES, MAX_STUDY_BYTES
from dictation.imaging.raster import SIGNATURES
from dictation.imaging.series import Frame, in_reading_order
from dictation.imaging.study import Stored, Study, StudyImage

HEAD_BYTES = 132  # enough for every signature: DICOM's stands behind a preamble of 128 bytes
DISC_INDEX = "DICOMDIR"  # on every disc beside its images (PS3.10 8.6); it holds none itself
NAMED = 3  # files or studies named in a message before it says how many others there are


@dataclass
class _Found:
    """What the paths hold: headers of DICOM images, pictures without a header, and why files were left out."""

    by_name: set[Path] = field(default_factory=set)
    headers: dict[Path, DicomHeader] = field(default_factory=dict)
    pictures: dict[Path, list[np.ndarray]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def leave_out(self, path: Path, error: InputError) -> None:
        """Note a file of a folder that cannot be used; one that was given by name is the caller's to repair."""
        if path in self.by_name:
            raise error
        self.left_out.append(str(error))


def load_study(paths: Sequence[Path], decoder: Decoder = HERE) -> Study:
    """Read the images of one exam. Each path is a DICOM, PNG, JPEG or TIFF file, or a folder of them.

    DICOM images are ordered by series and position, then by number; pictures without a header follow in the order
    given. In a folder, files that are no image or cannot be decoded are left out with a warning; a file given by name
    must be readable. `decoder` reads the files. Raises InputError naming the file, or the studies where the paths hold
    more than one; MissingError without the `imaging` extra.
    """
    found = _find([Path(path) for path in paths], decoder)
    where = ", ".join(str(path) for path in paths) or "no path was given"
    _check_one_study(found.headers, where)
    images, assumed = _dicom_images(found, decoder)
    pages = [page for pages in found.pictures.values() for page in pages]
    images += [
        StudyImage(pixels=page, caption=f"Image {number}", number=number) for number, page in enumerate(pages, 1)
    ]
    if not images:
        why = f" {found.left_out[0]}" if found.left_out else ""
        raise InputError(f"{where}: holds no readable image; give the DICOM, PNG, JPEG or TIFF files of the exam.{why}")
    warnings = [f"{what[0].upper()}{what[1:]}." for what in assumed]
    if found.left_out:
        more = len(found.left_out) - NAMED
        warnings.append("Left out: " + " ".join(found.left_out[:NAMED]) + (f" And {more} more." if more > 0 else ""))
    if found.headers and found.pictures:
        warnings.append("Pictures without a header were added to the study; nothing shows that they belong to it.")
    return Study(
        id=_study_id(found),
        images=tuple(images),
        facts=_facts(found),
        warnings=tuple(warnings),
    )


def load_facts(paths: Sequence[Path]) -> ExamFacts:
    """Return what the headers of one exam state, without reading a pixel; pictures state nothing. Raises as above."""
    found = _find([Path(path) for path in paths], HERE, with_pictures=False)
    _check_one_study(found.headers, ", ".join(str(path) for path in paths))
    return _facts(found)


def _facts(found: _Found) -> ExamFacts:
    return merged([header.facts for header in found.headers.values()]) if found.headers else ExamFacts()


def _find(paths: Sequence[Path], decoder: Decoder, with_pictures: bool = True) -> _Found:
    """Read all headers and pictures, in the order given, folders by name."""
    found, held_bytes = _Found(by_name=set(paths)), 0
    instances: set[tuple[str, str, str]] = set()
    for path in _files(paths):
        try:
            with path.open("rb") as file:
                head = file.read(HEAD_BYTES)
            if looks_like_dicom(head):
                header = decoder.header(path)
                patient = header.facts.patient.patient_id  # two patients under one UID must meet in the check below
                instance = (header.instance_uid or str(path), header.study_uid, patient)
                if instance not in instances:  # the same image exported twice is one image
                    found.headers[path] = header
                instances.add(instance)
            elif head.startswith(SIGNATURES):
                if not with_pictures:
                    continue
                found.pictures[path] = decoder.pictures(path)
                held_bytes += sum(page.nbytes for page in found.pictures[path])
            else:
                what = "is no DICOM, PNG, JPEG or TIFF image" if head else "is empty"
                raise InputError(f"{path}: {what}; give the images of the exam.")
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}); check the path and its rights.") from error
        except InputError as error:
            found.leave_out(path, error)
        if held_bytes > MAX_STUDY_BYTES:
            raise InputError(f"{path.parent}: needs more than {MAX_STUDY_BYTES // 2**30} GB; give one exam of it.")
    return found


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield each file once, folders walked in order of name; hidden files, links and disc indexes are passed by."""
    seen: set[Path] = set()
    for path in paths:
        for file in _within(path) if path.is_dir() else [path]:
            if file in seen:
                continue
            if len(seen) == MAX_FILES:
                raise InputError(f"{path}: holds more than {MAX_FILES} files; give the folder of one exam.")
            seen.add(file)
            yield file


def _within(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(parent) / name for name in sorted(names) if not name.startswith(".") and name != DISC_INDEX)


def _check_one_study(headers: dict[Path, DicomHeader], where: str) -> None:
    """Raise InputError where the images belong to several studies or several patients."""
    studies: dict[str, Path] = {}
    patients: dict[str, Path] = {}
    for path, header in headers.items():
        studies.setdefault(header.study_uid, path)
        patients.setdefault(header.facts.patient.patient_id, path)
    if len(studies) > 1:
        named = "; ".join(path.name for path in list(studies.values())[:NAMED])
        more = f"; {len(studies) - NAMED} more" if len(studies) > NAMED else ""
        raise InputError(f"{where}: holds {len(studies)} studies ({named}{more}); give the files of one study.")
    patients.pop("", None)
    if len(patients) > 1:
        one, other = list(patients.values())[:2]
        raise InputError(f"{where}: {one.name} and {other.name} name different patients; give the files of one exam.")


def _dicom_images(found: _Found, decoder: Decoder) -> tuple[list[StudyImage], list[str]]:
    """Decode all DICOM images in reading order; also return what had to be assumed, each thing once."""
    frames = [frame for header in found.headers.values() for frame in header.frames]
    pixels: dict[tuple[Path, int], np.ndarray] = {}
    assumed: list[str] = []
    if sum(header.shown_bytes for header in found.headers.values()) > MAX_STUDY_BYTES:
        folder = next(iter(found.headers)).parent
        raise InputError(f"{folder}: needs more than {MAX_STUDY_BYTES // 2**30} GB; give one series of it.")
    for path in list(found.headers):
        try:
            decoded = decoder.frames(path)
        except InputError as error:
            found.leave_out(path, error)
            del found.headers[path]
            continue
        for index, (frame_pixels, assumption) in enumerate(decoded):
            pixels[path, index] = frame_pixels
            if assumption and assumption not in assumed:
                assumed.append(assumption)
    ordered = [frame for frame in in_reading_order(frames) if (frame.path, frame.index) in pixels]
    found.headers = {path: found.headers[path] for path in dict.fromkeys(frame.path for frame in ordered)}
    return _captioned(ordered, pixels, found.headers, decoder), assumed


def _captioned(
    ordered: list[Frame],
    pixels: dict[tuple[Path, int], np.ndarray],
    headers: dict[Path, DicomHeader],
    decoder: Decoder,
) -> list[StudyImage]:
    totals: dict[str, int] = {}
    for frame in ordered:
        totals[frame.series] = totals.get(frame.series, 0) + 1
    images, numbers = [], dict.fromkeys(totals, 0)
    for frame in ordered:
        numbers[frame.series] += 1
        number, facts = numbers[frame.series], headers[frame.path].facts
        parts = [facts.modality, facts.view]
        if len(totals) > 1:
            parts.append(f"series {frame.series_number}")
        if totals[frame.series] > 1:
            parts.append(f"image {number} of {totals[frame.series]}")
        caption = " ".join(part for part in parts if part) or f"Image {number}"
        images.append(
            StudyImage(
                pixels[frame.path, frame.index], caption, frame.series, number,
                modality=facts.modality, body_part=facts.body_part, view=facts.view,
                plane=frame.lies, across=frame.across, burned_in=headers[frame.path].burned_in,
                stored=Stored(frame.path, frame.index, headers[frame.path].instance_uid, decoder),
            )
        )  # fmt: skip
    return images


def _study_id(found: _Found) -> str:
    for header in found.headers.values():
        if re.fullmatch(r"[0-9.]{1,64}", header.study_uid):  # PS3.5 9.1; anything else could be a name
            return header.study_uid
    digest = hashlib.sha256()
    for path in (*found.headers, *found.pictures):
        with path.open("rb") as file:
            while block := file.read(2**20):
                digest.update(block)
    return digest.hexdigest()
