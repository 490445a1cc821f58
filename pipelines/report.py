"""Recordings or texts → reviewed reports, as text, page or JSON."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from dictation.audio.endings import AUDIO_ENDINGS
from dictation.case import Case, expected, review_dictation
from dictation.case.doubtful import DoubtfulWord, doubtful_words
from dictation.discrepancy import SEVERITIES, claims_of_report
from dictation.discrepancy.discrepancy import told_judged
from dictation.discrepancy.inference import switched
from dictation.errors import DictationError, InputError, ModelError, UsageError
from dictation.findings import claims_of_dictation
from dictation.imaging import Study
from dictation.lexicon import Vocabulary
from dictation.reading.looking import look
from dictation.report import ExtractiveWriter, ReportWriter
from dictation.settings import Settings
from dictation.speech.recognizer import Recognizer
from dictation.speech.transcript import Engine
from dictation.wording import Dictation, typed
from pipelines.batch import Asked, Made, kept
from pipelines.batch_pace import Pace
from pipelines.beside import ROW_COLUMNS, Beside, all_of_row, listened_for, row_key
from pipelines.columns import read_text
from pipelines.exits import note
from pipelines.inputs import TEXT_ENDINGS, Input
from pipelines.ledger import content, settings_key
from pipelines.outputs import WARNINGS
from pipelines.program import REPORTING, program
from pipelines.remote_inputs import recording_at
from pipelines.transcribe import hear, written_form

if TYPE_CHECKING:
    from pipelines.batch_decoding import Decoders

PROGRESS_S = 2.0  # between two notes on texts, which rules write in no time and a model does not
LONGEST_SOUND_S = 1800  # half an hour, 115 MB in the page: beyond that it plays nothing


def report(
    asked: Asked, choose_ear: Callable[[], Recognizer], writer: ReportWriter, beside: Beside, settings: Settings
) -> bool:
    """Report all that was asked; True where every input gave a report. Failures are noted by name.

    `choose_ear` loads the recognizer; it is called only where there is a recording.
    """
    return kept(asked, Reporter(asked.form, choose_ear, writer, beside, settings))


class Reporter:
    """Dictations → reviewed reports in one format. `choose_ear` is called once, where there is a recording."""

    command, endings, columns = "report", AUDIO_ENDINGS | TEXT_ENDINGS, frozenset(ROW_COLUMNS)

    def __init__(
        self,
        form: str,
        choose_ear: Callable[[], Recognizer],
        writer: ReportWriter,
        beside: Beside,
        settings: Settings,
    ) -> None:
        if beside.style == "polish" and isinstance(writer, ExtractiveWriter):
            raise UsageError(
                "the extractive writer keeps every word; leave --style out, or name a --writer with a model."
            )
        self._form, self._writer, self._beside, self._settings = form, writer, beside, settings
        self._ear = cache(choose_ear)
        self._keys: dict[bool, str] = {}

    def check(self, asked: Asked, inputs: list[Input]) -> None:
        """Refuse what makes no sense of a round of inputs. Raises UsageError."""
        check(asked, inputs, self._beside)
        if any(not item.failure and not item.is_text for item in inputs):
            self._ear()  # what is missing is said before anything is done

    def shared_key(self, is_text: bool) -> str:
        """Everything that reports depend on besides a dictation and its row; nobody hears a text."""
        if is_text not in self._keys:
            ear = None if is_text else self._ear().engine
            self._keys[is_text] = report_key(ear, self._writer.engine, self._beside, self._settings)
        return self._keys[is_text]

    def key(self, item: Input) -> str:
        """Everything that the report of `item` depends on besides its dictation."""
        return settings_key(self.shared_key(item.is_text), *row_key(item))

    def made(
        self, todo: list[Input], *, in_order: bool = False, decoders: "Decoders | None" = None
    ) -> Iterator[tuple[Input, Made | DictationError]]:
        """Yield the texts and whose row is bad, then the recordings, each with its report or error.

        `decoders` are those of `hear`.
        """
        texts, told_s = Pace([item for item in todo if item.is_text]), time.monotonic()
        for item, dictated in self._dictations(todo, in_order, decoders):
            try:
                if isinstance(dictated, DictationError):
                    raise dictated
                result: Made | DictationError = self._reported(item, dictated)
            except DictationError as error:
                result = error
            if item.is_text:  # of a recording the ear has told
                line = texts.done(item, 0.0)
                if time.monotonic() - told_s > PROGRESS_S:
                    told_s = time.monotonic()
                    note(line)
            yield item, result

    def _reported(self, item: Input, dictated: "_Dictated") -> Made:
        made_of = self.key(item)  # before it is read: what changes meanwhile is done again by --resume
        here = all_of_row(self._beside, item)
        case, unable = _reviewed(dictated.dictation, self._writer, here, self._settings)
        used = case.engines.get("writer", self._writer.engine).name
        broken = next((heard.broken for heard in case.dictation.transcripts if heard.broken), "")
        heard_s = sum(heard.duration_s for heard in case.dictation.transcripts)
        warnings = (*dictated.warnings, *case.warnings, *unplayed(self._form, case))
        case = case.model_copy(update={"warnings": warnings})
        asked = doubtful_words(case, vocabulary=here.vocabulary)
        text = rendered(self._form, item, case, here.study, asked)
        lacks: DictationError | None = None
        if broken:
            lacks = DictationError(broken)
        elif unable or used != self._writer.engine.name:  # what could be given is given all the same
            lacks = unable or ModelError(f"{item.shown}: the writer gave no valid report; this is a draft.")
        return Made(
            text, dictated.sha256, made_of, warnings, to_check(asked), heard_s=heard_s, lacks=lacks, holds_warnings=True
        )

    def _dictations(
        self, inputs: list[Input], in_order: bool, decoders: "Decoders | None"
    ) -> "Iterator[tuple[Input, _Dictated | DictationError]]":
        heeded: dict[int, Vocabulary] = {}
        recordings = []
        for item in inputs:
            try:
                if item.is_text:
                    yield item, _typed(item)
                    continue
                here = listened_for(self._beside, item)
                heeded[id(item)] = expected(here.vocabulary, here.order, here.template)
                recordings.append(item)
            except DictationError as error:
                yield item, error
        if not recordings:
            return
        for item, heard in hear(
            recordings, self._ear(), lambda item: heeded[id(item)], in_order=in_order, decoders=decoders
        ):
            if isinstance(heard, DictationError):
                yield item, heard
            else:
                yield item, _Dictated(written_form(heard, self._beside.vocabulary, self._settings), heard.recording)


@dataclass(frozen=True)
class Reporting:
    """What `report` is told of many dictations, by names: it goes to other machines, which load the engines."""

    form: str
    recognizer: str
    model: str | None
    writer: str
    reader: str
    beside: Beside  # without a reader
    command, endings, columns = Reporter.command, Reporter.endings, Reporter.columns

    def check(self, asked: Asked, inputs: list[Input]) -> None:
        """Refuse what makes no sense of a round of inputs. Raises UsageError."""
        check(asked, inputs, self.beside)

    def maker(self, settings: Settings) -> Reporter:
        """Load who writes and who reads here; who hears comes with the first recording.

        Raises MissingError or UsageError.
        """
        from dictation.case import Models, choose_reader, choose_recognizer, choose_writer

        models = Models(settings)
        beside = replace(self.beside, reader=choose_reader(self.reader, settings, models))
        writer = choose_writer(self.writer, settings, models)

        def choose_ear() -> Recognizer:
            return choose_recognizer(self.recognizer, settings, self.model, for_files=True)

        return Reporter(self.form, choose_ear, writer, beside, settings)

    def key(self, shared: str, item: Input) -> str:
        """The key of an input, of that which all share and of what its row names."""
        return settings_key(shared, *row_key(item))


def check(asked: Asked, inputs: list[Input], beside: Beside) -> None:
    """Refuse what makes no sense of a round of inputs with what lies beside all of them. Raises UsageError."""
    if len(inputs) < 2 and asked.watch is None and asked.shard.count == 1:
        return
    if asked.form in ("json", "html") and asked.out is None:
        raise UsageError(f"--format {asked.form} gives one document; for several inputs add --out DIR, or use jsonl.")
    if beside.order or beside.study or beside.readings or beside.written or beside.prior:
        raise UsageError(
            "--order, --image, --seen, --written and --prior belong to one case; give one recording with them, or a "
            "manifest with the columns order, image, seen, written."
        )


def unplayed(form: str, case: Case) -> tuple[str, ...]:
    """A warning where the recording is too long to lie in its page."""
    heard_s = sum(transcript.duration_s for transcript in case.dictation.transcripts)
    if form != "html" or heard_s <= LONGEST_SOUND_S:
        return ()
    return (f"is longer than {LONGEST_SOUND_S // 60} minutes, so its page plays no sound.",)


def to_check(asked: Sequence[DoubtfulWord]) -> str:
    """Say how much is to be checked before the report is signed, and none of the words; "" for nothing."""
    broken_off = sum(one.why == "cut off" for one in asked)
    words = len(asked) - broken_off
    counts = (
        f"{words} word{'s' * (words != 1)}" if words else "",
        f"{broken_off} sentence{'s' * (broken_off != 1)} that break{'s' * (broken_off == 1)} off" if broken_off else "",
    )
    said = " and ".join(filter(None, counts))
    return f"{said} to check before signing." if said else ""


def rendered(form: str, item: Input, case: Case, study: Study | None, asked: Sequence[DoubtfulWord] = ()) -> str:
    """One case as text, html, json or jsonl; ends with a newline. `asked` are its words that are to be checked."""
    if form == "text":
        return case.report.text + "\n" + _differences(case) + _asked(asked) + _warnings(case)
    if form == "html":
        return _page(item, case, study, asked)
    from dictation.exchange import report_json

    claims = [*claims_of_dictation(case.dictation), *claims_of_report(case.report)]
    value = report_json(item.shown, case, claims, asked)
    return json.dumps(value, ensure_ascii=False, indent=2 if form == "json" else None) + "\n"


@dataclass(frozen=True)
class _Dictated:
    """A dictation and the SHA-256 of the file that it was made of.

    `warnings` are those that `transcribe` laid beside a text.
    """

    dictation: Dictation
    sha256: str
    warnings: tuple[str, ...] = ()


def _typed(item: Input) -> _Dictated:
    with item.address.fetched() if item.address else nullcontext(item.path) as path:
        try:
            sha256 = content(path)  # before it is read: a file that changes meanwhile is done again by --resume
        except OSError as error:
            raise InputError(
                f"{item.shown}: cannot be read ({error.strerror}); check the path and its permissions."
            ) from error
        text = read_text(path, "the dictation", item.shown)
    if not text.strip():
        raise InputError(f"{item.shown}: is empty; give the text of a dictation.")
    return _Dictated(typed(text), sha256, () if item.address else _beside(item.path))


def _beside(path: Path) -> tuple[str, ...]:
    warnings = path.with_name(f"{path.name}.{WARNINGS}")
    try:
        is_there = warnings.is_file()
    except OSError:  # a longer name than the disk takes
        is_there = False
    return tuple(read_text(warnings, "the warnings").splitlines()) if is_there else ()


def _reviewed(
    dictation: Dictation, writer: ReportWriter, beside: Beside, settings: Settings
) -> tuple[Case, DictationError | None]:
    """Return the case, and what kept the reader from reading the study."""
    readings, unable = beside.readings, None
    if beside.reader is not None and beside.study is not None:
        reading, unable = look(beside.reader, beside.study, beside.prior, beside.order)
        readings = (*readings, reading)
    case = review_dictation(
        dictation,
        writer=writer,
        order=beside.order,
        study=beside.study,
        readings=readings,
        written=beside.written,
        template=beside.template,
        style=beside.style,
        kinds=switched(settings.inferences),
    )
    return case, unable


def report_key(ear: Engine | None, writer: Engine, beside: Beside, settings: Settings) -> str:
    """Everything that a report depends on besides its dictation and its row: also who hears, writes and sees."""
    eye = beside.reader.engine if beside.reader is not None else None
    values = (writer, eye, beside.order, *beside.readings, beside.written, beside.template, beside.vocabulary)
    shared = [
        "report",
        program(REPORTING),
        beside.style,
        settings.spelling,
        settings.guessed_punctuation,
        settings.inferences,
    ]
    shared += beside.unable or ()
    shared += ["" if value is None else value.model_dump_json() for value in values]
    for study in (beside.study, beside.prior):
        if study is not None:
            shared += [study.id, study.facts.model_dump_json()]
            shared += [hashlib.sha256(image.pixels.tobytes()).hexdigest() for image in study.images]
    return settings_key(*shared) if ear is None else settings_key(*shared, "ear", ear.model_dump_json())


def _page(item: Input, case: Case, study: Study | None, asked: Sequence[DoubtfulWord]) -> str:
    from dictation.exchange import CaseView, html_page

    samples = None
    if not item.is_text and not unplayed("html", case):
        with recording_at(item.place) as recording:
            samples = recording.samples()
    images = study.images if study is not None else ()
    title = Path(item.shown).stem
    return html_page([CaseView(title, case, images, samples, asked=tuple(asked))], title)


def _differences(case: Case) -> str:
    counts = Counter[str](discrepancy.severity for discrepancy in case.discrepancies)
    if not counts and not case.dictation.sentences:
        return "\nNo dictation, so nothing was compared.\n"
    if not counts:
        from dictation.exchange.page import TITLE

        return f"\n{TITLE}: no differences found.\n"
    summary = ", ".join(f"{counts[severity]} {severity}" for severity in SEVERITIES if counts[severity])
    lines = [f"  {d.severity:<8} {d.kind:<12} {d.explanation} {told_judged(d)}".rstrip() for d in case.discrepancies]
    return "\n".join([f"\nDifferences: {summary}", *lines]) + "\n"


def _asked(asked: Sequence[DoubtfulWord]) -> str:
    """Each doubtful word or broken off sentence in a line of its own, with the second at which it was said."""
    lines = [
        f"  “{one.text}”"
        + (" (the sentence breaks off)" if one.why == "cut off" else "")
        + (f", said at {one.start_s:.1f} s" if one.start_s is not None else "")
        for one in asked
    ]
    return "\n".join(["\nCheck these words before signing:", *lines]) + "\n" if lines else ""


def _warnings(case: Case) -> str:
    return "\n".join(["\nWarnings:", *(f"  {warning}" for warning in case.warnings)]) + "\n" if case.warnings else ""
