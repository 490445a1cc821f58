"""Recordings or texts → reviewed reports, as text, page or JSON."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dictation.audio.endings import AUDIO_ENDINGS
from dictation.case import Case, expected, review_dictation
from dictation.discrepancy import SEVERITIES, claims_of_report
from dictation.discrepancy.inference import switched
from dictation.errors import DictationError, InputError, ModelError, UsageError
from dictation.findings import claims_of_dictation
from dictation.imaging import Study
from dictation.lexicon import Vocabulary
from dictation.reading.looking import look
from dictation.report import ExtractiveWriter, ReportWriter
from dictation.settings import Settings
from dictation.speech.recognizer import Recognizer
from dictation.wording import Dictation, typed
from pipelines.batch import Asked, Batch
from pipelines.beside import Beside, all_of_row, listened_for, row_key
from pipelines.columns import read_text
from pipelines.exits import note
from pipelines.inputs import TEXT_ENDINGS, Input
from pipelines.ledger import UNFINISHED, content, settings_key
from pipelines.program import REPORTING, program
from pipelines.transcribe import hear, written_form

LONGEST_SOUND_S = 1800  # half an hour, 115 MB in the page: beyond that it plays nothing


def report(
    asked: Asked, choose_ear: Callable[[], Recognizer], writer: ReportWriter, beside: Beside, settings: Settings
) -> bool:
    """Report all that was asked; True where every input gave a report. Failures are noted by name.

    `choose_ear` loads the recognizer; it is called only where there is a recording.
    """
    if beside.style == "polish" and isinstance(writer, ExtractiveWriter):
        raise UsageError("the extractive writer keeps every word; leave --style out, or name a --writer with a model.")
    batch, recognizer = Batch(asked, "report"), None
    try:
        for inputs in asked.rounds(AUDIO_ENDINGS | TEXT_ENDINGS):
            _check(asked, inputs, beside)
            if recognizer is None and any(not item.failure and not item.is_text for item in inputs):
                recognizer = choose_ear()
            shared = _settings_keys(recognizer, writer, beside, settings)

            def key(item: Input, keys: tuple[str, str] = shared) -> str:
                return settings_key(keys[0 if item.is_text else 1], *row_key(item))

            for item, dictated in _dictations(batch.todo(inputs, key), recognizer, beside, settings, asked.out is None):
                with batch.trying(item):
                    if isinstance(dictated, DictationError):
                        raise dictated
                    made_of = key(item)  # before it is read: what changes meanwhile is done again by --resume
                    here = all_of_row(beside, item)
                    case, unable = _reviewed(dictated.dictation, writer, here, settings)
                    for warning in case.warnings:
                        note(f"warning: {warning}")
                    used = case.engines.get("writer", writer.engine).name
                    text = rendered(asked.form, item, case, here.study)
                    broken = next((heard.broken for heard in case.dictation.transcripts if heard.broken), "")
                    is_draft = used != writer.engine.name or unable is not None
                    batch.keep(item, text, dictated.sha256, UNFINISHED if broken or is_draft else made_of)
                    if broken:
                        raise DictationError(broken)
                    if is_draft:  # a model gave no valid answer; what could be given is given all the same
                        raise unable or ModelError(f"{item.shown}: the writer gave no valid report; this is a draft.")
    finally:
        batch.tell()
    return batch.is_whole


def _check(asked: Asked, inputs: list[Input], beside: Beside) -> None:
    if elsewhere := next((item.shown for item in inputs if item.address), ""):
        raise UsageError(f"{elsewhere}: report takes files of this machine, transcribe addresses, too; copy it here.")
    if len(inputs) < 2 and asked.watch is None:
        return
    if asked.form in ("json", "html") and asked.out is None:
        raise UsageError(f"--format {asked.form} gives one document; for several inputs add --out DIR, or use jsonl.")
    if beside.order or beside.study or beside.readings or beside.written or beside.prior:
        raise UsageError(
            "--order, --image, --seen, --written and --prior belong to one case; give one recording with them, or a "
            "manifest with the columns order, image, seen, written."
        )


def rendered(form: str, item: Input, case: Case, study: Study | None) -> str:
    """One case as text, html, json or jsonl; ends with a newline."""
    if form == "text":
        return case.report.text + "\n" + _differences(case)
    if form == "html":
        return _page(item, case, study)
    from dictation.exchange import report_json

    claims = [*claims_of_dictation(case.dictation), *claims_of_report(case.report)]
    value = report_json(item.shown, case, claims)
    return json.dumps(value, ensure_ascii=False, indent=2 if form == "json" else None) + "\n"


@dataclass(frozen=True)
class _Dictated:
    """A dictation and the SHA-256 of the file that it was made of."""

    dictation: Dictation
    sha256: str


def _dictations(
    inputs: list[Input], recognizer: Recognizer | None, beside: Beside, settings: Settings, in_order: bool
) -> Iterator[tuple[Input, _Dictated | DictationError]]:
    """Yield the texts and whose row is bad, then the recordings, each with its dictation or error."""
    heeded: dict[int, Vocabulary] = {}
    recordings = []
    for item in inputs:
        try:
            if item.is_text:
                yield item, _typed(item)
                continue
            here = listened_for(beside, item)
            heeded[id(item)] = expected(here.vocabulary, here.order, here.template)
            recordings.append(item)
        except DictationError as error:
            yield item, error
    if recognizer is None or not recordings:
        return
    for item, heard in hear(recordings, recognizer, lambda item: heeded[id(item)], in_order=in_order):
        if isinstance(heard, DictationError):
            yield item, heard
        else:
            yield item, _Dictated(written_form(heard, beside.vocabulary, settings), heard.recording)


def _typed(item: Input) -> _Dictated:
    try:
        sha256 = content(item.path)  # before it is read: a file that changes meanwhile is done again by --resume
    except OSError as error:
        raise InputError(
            f"{item.shown}: cannot be read ({error.strerror}); check the path and its permissions."
        ) from error
    text = read_text(item.path, "the dictation")
    if not text.strip():
        raise InputError(f"{item.shown}: is empty; give the text of a dictation.")
    return _Dictated(typed(text), sha256)


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


def _settings_keys(
    recognizer: Recognizer | None, writer: ReportWriter, beside: Beside, settings: Settings
) -> tuple[str, str]:
    """Everything that a report depends on besides its dictation: of a text, and of a recording."""
    eye = beside.reader.engine if beside.reader is not None else None
    values = (writer.engine, eye, beside.order, *beside.readings, beside.written, beside.template, beside.vocabulary)
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
    ear = recognizer.engine.model_dump_json() if recognizer is not None else ""
    return settings_key(*shared), settings_key(*shared, "ear", ear)


def _page(item: Input, case: Case, study: Study | None) -> str:
    from dictation.audio import Recording
    from dictation.exchange import CaseView, html_page

    heard_s = sum(transcript.duration_s for transcript in case.dictation.transcripts)
    samples = None
    if heard_s > LONGEST_SOUND_S:
        note(f"warning: {item.shown}: is longer than {LONGEST_SOUND_S // 60} minutes, so its page plays no sound.")
    elif not item.is_text:
        samples = Recording(item.path).samples()
    images = study.images if study is not None else ()
    title = Path(item.shown).stem
    return html_page([CaseView(title, case, images, samples)], title)


def _differences(case: Case) -> str:
    counts = Counter[str](discrepancy.severity for discrepancy in case.discrepancies)
    if not counts:
        return "\nHeard, written and seen: no differences found.\n"
    summary = ", ".join(f"{counts[severity]} {severity}" for severity in SEVERITIES if counts[severity])
    lines = [f"  {d.severity:<8} {d.kind:<12} {d.explanation}" for d in case.discrepancies]
    return "\n".join([f"\nDifferences: {summary}", *lines]) + "\n"
