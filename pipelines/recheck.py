"""Signed reports, looked at again: with what exists of sound, order and image → a ranked worklist of likely slips.

A report without sound is held against itself, its order, its image header and what was seen; one with sound is heard
as well.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

from dictation.discrepancy.inference import switched
from dictation.discrepancy.precision import informed, merged, of_reports, site_measurements, tallied, worth
from dictation.discrepancy.ranking import Precisions
from dictation.errors import InputError, MissingError
from dictation.exam import ExamFacts, Order
from dictation.exchange.flags import Flag
from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
from dictation.reading import Reading, load_reading
from dictation.settings import Settings
from dictation.speech.recognizer import Recognizer
from pipelines.exits import note
from pipelines.ledger import content, settings_key
from pipelines.program import EVERYTHING, program
from pipelines.recheck_beside import Beside, Folders, Material, material
from pipelines.recheck_inputs import Signed, read_reports
from pipelines.recheck_journal import Journal
from pipelines.recheck_looking import Looked, Task, listened, safely, told
from pipelines.recheck_looks import Looks
from pipelines.recheck_seeing import NOBODY, Eye, Look
from pipelines.recheck_verdicts import all_verdicts, as_verdicts, keep_gone
from pipelines.recheck_worklist import keep_precisions, write_worklist

Found = TypeVar("Found")


@dataclass(frozen=True)
class Ear:
    """Who hears the recordings: `choose` loads it, once and where there are any."""

    choose: Callable[[], Recognizer]
    vocabulary: Vocabulary = EMPTY_VOCABULARY

    @cached_property
    def loaded(self) -> Recognizer | MissingError:
        """The recognizer, or that it is not on this machine."""
        try:
            return self.choose()
        except MissingError as error:
            return error

    @cached_property
    def record(self) -> str:
        """What its words rest on: the same for the same words of a recording."""
        if isinstance(self.loaded, MissingError):
            return ""
        heeded = self.loaded.heeded(self.vocabulary)
        return self.loaded.engine.model_dump_json() + heeded.model_dump_json()


def recheck(
    reports: Path, folders: Folders, ear: Ear, settings: Settings, out: Path, verdicts: Path | None, keep: bool,
    eye: Eye = NOBODY,
) -> bool:  # fmt: skip
    """Look at every report again and write worklist.csv, worklist.html and, with verdicts, precision.tsv to `out`.

    True where everything could be used. Raises MissingError at the end where who hears or reads is not here.
    """
    site = site_measurements(settings.home)
    given, errors = all_verdicts(out, verdicts)
    signed, unusable = read_reports(reports)
    failed = _named([*errors, *unusable])
    beside = material(folders, signed)
    for line in beside.unused:
        note(line)
    looks = _looks(signed, beside, ear, eye, settings, Journal(out))
    everything = [flag for report in signed for flag in looks.found.get(report.id, ())]
    judged, strange = as_verdicts(verdicts or out, given, everything)
    failed += looks.failed + _named(strange)
    measured = tallied(judged)
    precisions = informed(of_reports(), merged(site, measured))
    said = {id: one.is_real for id, one in given.items()}
    keep_gone(given, everything, out)
    used = [*looks.told(len(signed), folders, eye is not NOBODY), *beside.unused]
    write_worklist(in_rank(everything, precisions, said), len(looks.found), used, measured, precisions, said, out)
    if keep:
        keep_precisions(merged(site, measured), settings.home)
    if looks.missing is not None:
        raise looks.missing
    if failed:
        note(f"{failed} reports, files or lines could not be used.")
    return failed == 0


def _looks(
    signed: Sequence[Signed], beside: Material, ear: Ear, eye: Eye, settings: Settings, journal: Journal
) -> Looks:
    """Look at every report that was not looked at before with the same beside it."""
    looks = Looks()
    todo: list[Task] = []
    for task in _tasks(signed, beside, ear, eye, settings):
        if isinstance(task, InputError):
            looks.failed += _named([task])
        elif (known := journal.known(task.report.id, task.key)) is not None:
            looks.known(task, known)
        else:
            todo.append(task)
    if looks.found:
        note(f"{len(looks.found)} of {len(signed)} reports were looked at before and have not changed.")
    if isinstance(eye.loaded, MissingError):
        looks.missing = eye.loaded
    for one in _looked_at(todo, ear, settings):
        if isinstance(one, MissingError):
            looks.failed += _named([looks.missing] if looks.missing else [])  # one of two is told at the end
            looks.missing = one
        elif one.failure:
            looks.failed += _named([InputError(one.failure)])
        else:
            looks.failed += _named([InputError(one.unseen)] if one.unseen else [])
            looks.add(one)
            if one.is_whole:
                journal.keep(one.task.report.id, one.task.key, one.flags)
    return looks


def _named(errors: Sequence[Exception]) -> int:
    """Name each on stderr; returns how many they are."""
    for error in errors:
        note(f"dictation: {error}")
    return len(errors)


def _looked_at(todo: Sequence[Task], ear: Ear, settings: Settings) -> Iterator[Looked | MissingError]:
    """The reports without sound, then those with it; where the recognizer is missing, that, and the others by text."""
    kinds = switched(settings.inferences)
    silent, spoken = ([task for task in todo if bool(task.audio) is has_sound] for has_sound in (False, True))
    yield from told((safely(task, kinds) for task in silent), len(silent))
    if not spoken:
        return
    if isinstance(ear.loaded, MissingError):
        yield ear.loaded
        yield from (safely(task, kinds) for task in spoken)
    else:
        yield from listened(spoken, ear.loaded, ear.vocabulary, settings, kinds)


def in_rank(everything: Iterable[Flag], precisions: Precisions, judged: Mapping[str, bool]) -> list[Flag]:
    """The flags by worth, those with a verdict last; the order of the reports decides between equals."""
    return sorted(everything, key=lambda flag: (flag.id in judged, -worth(flag.kind, flag.severity, precisions)))


def _tasks(
    signed: Sequence[Signed], beside: Material, ear: Ear, eye: Eye, settings: Settings
) -> Iterator[Task | InputError]:
    """Each report with what lies beside it; what cannot be used is told, and the report comes without it."""
    shared = (program(EVERYTHING), settings.inferences, settings.spelling, settings.guessed_punctuation)
    for report in signed:
        errors: list[InputError] = []
        order = _of(report, beside.orders, _order, errors)
        facts = _of(report, beside.images, _facts, errors)
        seen = _of(report, beside.seen, _reading, errors)
        looked, read = (_of(report, beside.images, partial(_look, eye, order), errors) if facts else None) or (None, "")
        sound, sha256 = _of(report, beside.audio, _sound, errors) or (None, "")
        yield from errors
        parts = [value.model_dump_json() if value else "" for value in (order, facts, seen)]
        heard = (sha256, ear.record) if sound else ()
        key = settings_key(*shared, report.text, *parts, read, *heard)
        yield Task(report, order, facts, sound, key, (seen,) if seen else (), looked)


def _of(
    report: Signed, folder: Beside | None, read: Callable[[Signed, Beside], Found | None], errors: list[InputError]
) -> Found | None:
    try:
        return read(report, folder) if folder else None
    except InputError as error:
        errors.append(error)
        return None


def _order(report: Signed, folder: Beside) -> Order | None:
    path = folder.one_of(report)
    return Order.from_file(path) if path else None


def _facts(report: Signed, folder: Beside) -> ExamFacts | None:
    paths = folder.of(report)
    if not paths:
        return None
    from dictation.imaging import load_facts

    return load_facts(paths)


def _reading(report: Signed, folder: Beside) -> Reading | None:
    path = folder.one_of(report)
    return load_reading(path) if path else None


def _look(eye: Eye, order: Order | None, report: Signed, folder: Beside) -> tuple[Look, str] | None:
    """How the images are to be read, and what that rests on."""
    look = eye.on(folder.of(report), order)
    return (look, look.record) if look else None


def _sound(report: Signed, folder: Beside) -> tuple[Path, str] | None:
    """The recording, and its SHA-256."""
    path = folder.one_of(report)
    try:
        return (path, content(path)) if path else None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check its permissions.") from error
