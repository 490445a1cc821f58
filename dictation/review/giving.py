"""What somebody gives an open case by hand: a recording, images, an order, a report to check, readings."""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING
from uuid import uuid4

from dictation.audio import Journal, Recording
from dictation.audio.apart import RecordingApart
from dictation.audio.riff import IN_PART
from dictation.case import expected
from dictation.case.draft import Take, Unheard
from dictation.case.ordered import refuse_long
from dictation.discrepancy.identity import differing_between
from dictation.errors import DictationError, InputError, UsageError
from dictation.exam import Order
from dictation.imaging import Study
from dictation.imaging.apart import load_study_apart
from dictation.private import replacing
from dictation.report import Report
from dictation.review.beside import changed_beside, refuse_final
from dictation.review.comparing import review
from dictation.review.failing import told
from dictation.review.inputs import Files
from dictation.review.listening import BLOCK_SAMPLES
from dictation.review.missing import as_final, doubtful, lost
from dictation.review.orders import refuse_another_patient
from dictation.review.quota import MB
from dictation.speech import Transcript
from dictation.speech.recognizer import Job
from dictation.weights import free_bytes

if TYPE_CHECKING:
    from dictation.review.open_case import OpenCase


LOOK_BLOCKS = 30  # of 10 s, 10 MB as a capture, between two looks at the disk
GIVEN = "given-"  # begins the names of images that were given by hand, so that they can be taken away again


def _always() -> None:
    """Nobody else can work on it."""


def give_files(case: "OpenCase", files: Files, images: list[Path], still: Callable[[], None] = _always) -> None:
    """Take in what is new among files that were read. `still` raises UsageError where the giver may not any more.

    Raises DictationError where images do not belong to those that are there, or the disk refuses one: then nothing of
    the case is changed. A recording is heard last, and is refused by itself: what came with it stays.
    """
    held = case.draft.images
    study = _with_held(case, held, files.study, images) if images and held else None
    named, folder = _names_of(images), case.desk.images(case.id)
    new = [name for name in named.values() if not (folder / name).exists()]
    try:
        for path, name in named.items():
            _keep_image(case, path, folder / name)
        _take_in(case, files, named, held, study, still)
    except BaseException:
        _forget(case, new)
        raise
    if files.recording is not None:
        give_recording(case, files.recording, still)


def _take_in(
    case: "OpenCase",
    files: Files,
    named: dict[Path, str],
    held: tuple[str, ...],
    study: Study | None,
    still: Callable[[], None],
) -> None:
    """Take in what was read, and images that are kept by these names. `held` are those that the case had before."""
    folder = case.desk.images(case.id)
    changes: dict[str, object] = {}
    with case.lock:
        still()
        if files.order is not None:
            refuse_long(files.order)
            refuse_another_patient(case.draft, files.order, is_dictated=_is_dictated(case))
            changes["orders"] = (files.order, *case.draft.orders[1:])
        if files.readings:
            changes["readings"] = (*case.draft.readings, *(r for r in files.readings if r not in case.draft.readings))
        if files.written is not None:
            changes["pasted"] = files.written
        if named:
            changes["images"] = tuple(dict.fromkeys((*case.draft.images, *named.values())))
            if case.draft.images != held or not all((folder / name).exists() for name in named.values()):
                raise UsageError("The images of this case have changed meanwhile; give the files again.")
            if study is not None:
                study = _as_kept(study, named, folder)
            elif files.study is not None:
                study = _as_kept(files.study, named, folder)
        if changes:
            changed_beside(case, changes, study)


def _forget(case: "OpenCase", names: list[str]) -> None:
    """Delete images that were kept for what was refused, but for those that the case has by now."""
    with case.lock:
        waiting = case.second.changes.get("images") if case.second is not None else ()
        for name in set(names).difference(case.draft.images, waiting if isinstance(waiting, tuple) else ()):
            (case.desk.images(case.id) / name).unlink(missing_ok=True)


def take_images_away(case: "OpenCase", images: list[Path]) -> None:
    """Take images that were given by hand out of the case again; their files stay until the case is gone."""
    names = {_name(path) for path in images if path.exists()}
    with case.lock:
        kept = tuple(name for name in case.draft.images if name not in names)
        if kept != case.draft.images:
            changed_beside(case, {"images": kept})


def take_all_images_away(case: "OpenCase") -> None:
    """Take every image out of the case, one of the order's, too. Raises UsageError where there is none."""
    with case.lock:
        if not case.draft.images:
            raise UsageError("This case has no images.")
        changed_beside(case, {"images": ()})


def give_order(case: "OpenCase", order: Order | None) -> None:
    """Take the order as it was typed."""
    with case.lock:
        if order is not None:
            refuse_long(order)
            refuse_another_patient(case.draft, order, is_dictated=_is_dictated(case))
        changed_beside(case, {"orders": (order, *case.draft.orders[1:]) if order else case.draft.orders[1:]})


def give_report(case: "OpenCase", report: Report | None) -> None:
    """Take a report that is to be checked; None: one is written."""
    with case.lock:
        changed_beside(case, {"pasted": report})


def give_recording(case: "OpenCase", path: Path, still: Callable[[], None] = _always) -> None:
    """Hear a recording that was given as a file; its words go in at the cursor, its sound is kept as any other.

    It is the giver's, who may have lost the case when all is heard: then nothing is taken. `still` as for `give_files`.
    """
    with case.lock:
        refuse_final(case)
        by, holder = case.user.by, case.audience.holder or case.id  # of no page, where none works on it
        case.files_in_hearing += 1
        cancel = case.cancel_files
    journal: Journal | None = None
    try:
        case.show_bar("finishing", "hearing the recording", 0.05)
        journal = Journal.create(case.desk.captures, block_samples=BLOCK_SAMPLES, provisional=True)
        told_of_file = _as_capture(case, path, journal)
        transcript = heard_in(case, journal, cancel)
    except BaseException as error:
        if journal is not None:
            journal.drop()  # whoever gave the file still has it
        with case.lock:
            case.files_in_hearing -= 1
        if not isinstance(error, Exception):
            raise
        is_ours = not isinstance(error, DictationError)
        case.show_bar("error", told(error) if is_ours else _named(str(error), path, journal), 0)
        return
    take = uuid4().hex
    with case.lock:
        case.files_in_hearing -= 1
        if not case.audience.is_ours:
            journal.drop()
            why = f"{path.name}: this case was taken over at another computer; give the recording again there."
            case.show_bar("error", why, 0)
            return
        try:
            still()
        except DictationError:
            journal.drop()
            case.show_bar("ready", "", 0)
            raise
        warnings = [_named(warning, path, journal) for warning in (*told_of_file, *transcript.warnings)]
        final, draft, before = as_final(transcript, journal.path.name), case.draft, (case.text.copy(), case.composed)
        kept = Take(
            id=take, recording=journal.id, file=journal.kept_name, heard_s=journal.duration_s,
            told_blocks=journal.taken_blocks, by=by, page=holder,
        )  # fmt: skip
        missed = {
            "unheard": (*draft.unheard, *lost(take, final), *_missing(take, path, journal, told_of_file)),
            "left_out": (*draft.left_out, *doubtful(take, final)),
        }
        try:
            journal.keep()
            case.text.begin(journal.id, transcript.engine, is_live=False)
            rules = case.desk.rules(case.user)
            case.text.dictated(journal.id, 0.0, transcript.words, rules, in_order=False, is_live=False)
            case.text_changed({"takes": (*draft.takes, kept), **missed})
        except BaseException:
            case.draft, (case.text, case.composed) = draft, before
            if not _is_on_disk(case, take):
                journal.drop()
            case.show_bar("ready", "", 0)
            raise
        case.desk.records.add_recording(case.id, take, journal.id, kept.file, datetime.now(UTC), by)
        for sentence in warnings:
            case.audience.notice(sentence, about="file")
        review(case)


def _is_dictated(case: "OpenCase") -> bool:
    return bool(case.text.pad.text.strip() or case.draft.takes)


def _named(text: str, path: Path, journal: Journal | None) -> str:
    """A sentence about a file or its capture, as the giver of the file calls it."""
    for place in (path, journal.path) if journal else (path,):
        text = text.replace(str(place), path.name).replace(place.name, path.name)
    return text


def _missing(take: str, path: Path, journal: Journal, warnings: Sequence[str]) -> list[Unheard]:
    """What a file lacks stands in the way of the signature, at its end: nothing tells where, and nobody can hear it."""
    lacks = [warning.removeprefix(f"{path.name}: ") for warning in warnings if warning.endswith(IN_PART)]
    end_s = journal.duration_s
    return [Unheard(take=take, start_s=end_s, end_s=end_s, why=why.rstrip(".")) for why in lacks]


def _is_on_disk(case: "OpenCase", take: str) -> bool:
    """Whether the case has a take in the records, or they cannot be asked: then its sound must stay."""
    try:
        return any(one.id == take for one in case.desk.records.load(case.id).draft.takes)
    except UsageError:  # it was never kept
        return False
    except Exception:
        return True


def _as_capture(case: "OpenCase", path: Path, journal: Journal) -> tuple[str, ...]:
    """Write the sound of a file as a capture; return what its decoder warns of, by the file's own name.

    Raises InputError for a file that lasts too long, as soon as it does, and where the disk has no room.
    """
    recording = RecordingApart(path)
    number = 0
    for count, block in enumerate(recording.blocks(10.0)):
        if count % LOOK_BLOCKS == 0:
            _refuse_on_a_full_disk(case, path)
        for start in range(0, len(block), BLOCK_SAMPLES):
            journal.append(number, block[start : start + BLOCK_SAMPLES])
            number += 1
    journal.finish()
    return tuple(_named(warning, path, journal) for warning in recording.warnings)


def _refuse_on_a_full_disk(case: "OpenCase", path: Path, size: int = 0) -> None:
    """Raise InputError where less than the last room of the disk would be left to what is dictated."""
    settings = case.desk.settings
    if free_bytes(settings.home) - size < settings.least_free_mb * MB:
        least = f"{settings.least_free_mb} MB (DICTATION_LEAST_FREE_MB)"
        raise InputError(
            f"{path.name}: the disk has no room for it: {least} stay free for what is dictated; free some space, "
            "then give it again."
        )


def heard_in(case: "OpenCase", journal: Journal, cancel: Event) -> Transcript:
    """Return what is heard in a recording that was given, with the words that its case expects."""
    sound = Recording(journal.path)
    order = case.draft.orders[0] if case.draft.orders else None
    vocabulary = expected(case.desk.vocabulary(case.user), order, case.template)

    def progress(_job: str, heard_s: float) -> None:
        case.show_bar("finishing", "hearing the recording", 0.05 + 0.9 * heard_s / max(0.1, journal.duration_s))

    (_, found), *_ = case.desk.engines.ear.transcribe([Job("1", sound, vocabulary)], cancel, progress)
    if isinstance(found, DictationError):
        raise found
    return found.model_copy(update={"recording": journal.id})


def _name(path: Path) -> str:
    """The name of an image here, after its bytes: its own may tell whose it is."""
    with path.open("rb") as file:
        return f"{GIVEN}{hashlib.file_digest(file, 'sha256').hexdigest()}{path.suffix.lower()}"


def _names_of(images: list[Path]) -> dict[Path, str]:
    named = {}
    for path in images:
        try:
            named[path] = _name(path)
        except OSError as error:
            why = error.strerror or str(error)
            raise InputError(f"{path.name}: the image cannot be read ({why}); give it again.") from error
    return named


def _with_held(case: "OpenCase", held: tuple[str, ...], given: Study | None, images: list[Path]) -> Study:
    """Read new images together with those of the case. Raises UsageError where they are not of one exam."""
    folder = case.desk.images(case.id)
    try:
        return load_study_apart([*(folder / name for name in held), *images], folder)
    except DictationError as error:
        why = _apart_from(case, given)
        raise UsageError(f"{', '.join(path.name for path in images)}: {why}; nothing of it was used.") from error


def _apart_from(case: "OpenCase", given: Study | None) -> str:
    """Why new images cannot stand beside those of the case."""
    patient = given.facts.patient if given is not None else None
    orders, study = case.draft.orders, case.study
    if patient and any(differing_between(order.patient, patient) for order in orders[:1]):
        return "the image is of another patient than the order"
    if patient and study is not None and differing_between(study.facts.patient, patient):
        return "the image is of another patient than the images of this case"
    return "the image cannot be shown as one exam with the images of this case"


def _as_kept(study: Study, names: dict[Path, str], folder: Path) -> Study:
    """The study, with its values where they are kept: what was uploaded is deleted some day."""
    images = [
        image
        if image.stored is None or image.stored.path not in names
        else replace(image, stored=replace(image.stored, path=folder / names[image.stored.path]))
        for image in study.images
    ]
    return replace(study, images=tuple(images))


def _keep_image(case: "OpenCase", path: Path, place: Path) -> None:
    """Copy an image to the case's folder."""
    if place.exists():
        return
    try:
        _refuse_on_a_full_disk(case, path, path.stat().st_size)
        with replacing(place) as part:
            shutil.copyfile(path, part)
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError(f"{path.name}: the image cannot be kept ({why}); free space, then give it again.") from error
