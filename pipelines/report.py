"""Recordings or texts → reviewed reports, as text, page or JSON."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dictation.case import Case, review_dictation
from dictation.discrepancy import SEVERITIES, claims_of_report
from dictation.errors import DictationError, InputError, UsageError
from dictation.exam import Order
from dictation.findings import claims_of_dictation
from dictation.imaging import Study
from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
from dictation.reading import Reading
from dictation.report import Report, ReportWriter, Template
from dictation.settings import Settings
from dictation.speech.recognizer import Recognizer
from dictation.wording import Dictation, typed, write
from pipelines.columns import read_text
from pipelines.exits import note
from pipelines.inputs import AUDIO_ENDINGS, TEXT_ENDINGS, Input, expand
from pipelines.outputs import write_atomic
from pipelines.transcribe import hear

FORMATS = ("text", "html", "json", "jsonl")


@dataclass(frozen=True)
class Beside:
    """What lies beside a dictation: the exam, and an existing report or the template for a new one."""

    order: Order | None = None
    study: Study | None = None
    readings: tuple[Reading, ...] = ()
    written: Report | None = None
    template: Template | None = None
    vocabulary: Vocabulary = EMPTY_VOCABULARY


def report(
    paths: list[Path], recognizer: Recognizer | None, writer: ReportWriter, beside: Beside, settings: Settings,
    form: str, out: Path | None,
) -> bool:  # fmt: skip
    """Report everything behind `paths`; True where every input gave a report. Failures are noted by name.

    `recognizer` may be None where all inputs are texts.
    """
    inputs = expand(paths, AUDIO_ENDINGS | TEXT_ENDINGS)
    if len(inputs) > 1:
        if form in ("json", "html") and out is None:
            raise UsageError(f"--format {form} gives one document; for several inputs add --out DIR, or use jsonl.")
        if beside.order or beside.study or beside.readings or beside.written:
            raise UsageError("--order, --image, --seen and --written belong to one case; give one recording with them.")
    failed = 0
    for item, case in _cases(inputs, recognizer, writer, beside, settings):
        if isinstance(case, DictationError):
            failed += 1
            note(f"dictation: {case}")
            continue
        for warning in case.warnings:
            note(f"warning: {warning}")
        text = rendered(form, item, case, beside.study)
        if out is None:
            sys.stdout.write((f"== {item.shown}\n" if form == "text" and len(inputs) > 1 else "") + text)
            sys.stdout.flush()
        else:
            ending = "txt" if form == "text" else form
            write_atomic(out / item.mirrored.parent / f"{item.mirrored.name}.{ending}", text)
    if failed:
        note(f"{failed} of {len(inputs)} inputs failed.")
    return failed == 0


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


def _cases(
    inputs: list[Input], recognizer: Recognizer | None, writer: ReportWriter, beside: Beside, settings: Settings
) -> Iterator[tuple[Input, Case | DictationError]]:
    def reviewed(dictation: Dictation) -> Case:
        return review_dictation(
            dictation,
            writer=writer,
            order=beside.order,
            study=beside.study,
            readings=beside.readings,
            written=beside.written,
            template=beside.template,
        )

    for item in inputs:
        if item.is_text and not item.failure:
            try:
                text = read_text(item.path, "the dictation")
                if not text.strip():
                    raise InputError(f"{item.shown}: is empty; give the text of a dictation.")
                case = reviewed(typed(text))
            except DictationError as error:
                yield item, error
            else:
                yield item, case
    recordings = [item for item in inputs if item.failure or not item.is_text]
    if not recordings:
        return
    if recognizer is None:
        raise UsageError("a recording needs a recognizer.")
    for item, heard in hear(recordings, recognizer, beside.vocabulary):
        if isinstance(heard, DictationError):
            yield item, heard
            continue
        try:
            case = reviewed(write([heard], beside.vocabulary, spelling=settings.spelling))
        except DictationError as error:
            yield item, error
        else:
            yield item, case


def _page(item: Input, case: Case, study: Study | None) -> str:
    from dictation.audio import Recording
    from dictation.exchange import CaseView, html_page

    samples = None if item.is_text else Recording(item.path).samples()
    images = study.images if study is not None else ()
    return html_page([CaseView(item.path.stem, case, images, samples)], item.path.stem)


def _differences(case: Case) -> str:
    counts = Counter[str](discrepancy.severity for discrepancy in case.discrepancies)
    if not counts:
        return "\nHeard, written and seen: no differences found.\n"
    summary = ", ".join(f"{counts[severity]} {severity}" for severity in SEVERITIES if counts[severity])
    lines = [f"  {d.severity:<8} {d.kind:<12} {d.explanation}" for d in case.discrepancies]
    return "\n".join([f"\nDifferences: {summary}", *lines]) + "\n"
