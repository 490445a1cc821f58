"""The main job on the example dictations, with the embedded engines and no network: a table, then one page."""

import sys
import time
from pathlib import Path

from dictation.audio import Recording
from dictation.case import Case, choose_writer, review_dictation
from dictation.case.doubtful import doubtful_words
from dictation.discrepancy.ranking import shortlist
from dictation.errors import DictationError
from dictation.exam import Order
from dictation.exchange import CaseView, html_page
from dictation.exchange.page import TITLE
from dictation.imaging import Study, load_study
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.reading import load_reading
from dictation.report import choose_template, load_report
from dictation.settings import Settings
from dictation.speech.recognizer import Job
from dictation.speech.whisper.recognizer import WhisperRecognizer
from dictation.wording import write
from pipelines.exits import note
from pipelines.outputs import write_atomic
from pipelines.samples import Sample, samples

NOTE = "The speech is synthetic, the images are drawn and the patients are invented."


def demo(settings: Settings, page: Path) -> bool:
    """Hear, write and compare every example; print a line for each and write `page`. True where all succeeded."""
    started_s = time.monotonic()
    note("loading the embedded recognizer ...")
    recognizer = WhisperRecognizer.embedded(settings)
    examples = samples()
    by_id = {sample.id: sample for sample in examples}
    engine = recognizer.engine
    ear = f"{engine.name} {engine.model} {engine.precision}"
    note(f"recognizer: {ear} · writer: rules · {len(examples)} examples of synthetic speech")
    recordings = {sample.id: Recording(sample.audio) for sample in examples}
    jobs = (Job(sample.id, recordings[sample.id], EMPTY_VOCABULARY) for sample in examples)
    views: dict[str, CaseView] = {}
    failed = 0
    sound_s = 0.0
    for job_id, heard in recognizer.transcribe(jobs):
        sample = by_id[job_id]
        if isinstance(heard, DictationError):
            failed += 1
            note(f"dictation: {heard}")
            continue
        order = Order.from_file(sample.order) if sample.order else None
        study = load_study([sample.image]) if sample.image else None
        case = review_dictation(
            write([heard], spelling=settings.spelling),
            writer=choose_writer("auto", settings),
            order=order,
            study=study,
            readings=[load_reading(reading) for reading in sample.readings],
            written=load_report(sample.report, choose_template(order)) if sample.report else None,
        )
        sound_s += heard.duration_s
        _print_case(sample, case)
        views[job_id] = _view(sample, case, study, recordings[sample.id])
    in_order = [views[sample.id] for sample in examples if sample.id in views]
    title = f"{TITLE}: {len(examples)} example dictations"
    write_atomic(page, html_page(in_order, title, NOTE), option="--page")
    took_s = time.monotonic() - started_s
    note(f"{sound_s:.0f} s of speech in {took_s:.0f} s.")
    sys.stdout.write(f"\nOpen this page in a browser: {page.resolve()}\n")
    return failed == 0


def _view(sample: Sample, case: Case, study: Study | None, recording: Recording) -> CaseView:
    images = study.images if study else ()
    return CaseView(sample.title, case, images, recording.samples(), asked=doubtful_words(case))


def _print_case(sample: Sample, case: Case) -> None:
    listed = shortlist(case.discrepancies)
    shown, folded = listed.shown, len(listed.folded)
    duration_s = sum(transcript.duration_s for transcript in case.dictation.transcripts)
    what = f"{len(shown)} to resolve" if shown else "nothing to resolve"
    sys.stdout.write(f"{sample.id:<28} {duration_s:3.0f} s  {what}{f', {folded} hidden' if folded else ''}\n")
    for discrepancy in shown:
        at = f" (at {discrepancy.audio_span_s[0]:.0f} s)" if discrepancy.audio_span_s else ""
        sys.stdout.write(f"    {discrepancy.severity:<9}{discrepancy.kind:<12} {discrepancy.explanation}{at}\n")
    sys.stdout.flush()
