"""One case from a recording or a text to its ranked discrepancies. The same steps for the page, the batch and the demo.

recording → Transcript → Dictation → Report (written now, or given) → Discrepancies with the readings and the order
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from threading import Event
from types import MappingProxyType
from typing import Literal
from uuid import uuid4

from dictation.audio import Recording
from dictation.case.case import Case
from dictation.case.engines import DraftWriter
from dictation.case.expecting import expected
from dictation.case.sending_back import checked
from dictation.discrepancy import compare, other_study
from dictation.discrepancy.inference import DEFAULT_KINDS
from dictation.discrepancy.ranking import ranked
from dictation.discrepancy.template_normals import template_normals
from dictation.errors import DictationError, MissingError, ModelError, UsageError
from dictation.exam import Order
from dictation.imaging import Study
from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
from dictation.reading import Reading
from dictation.reading.looking import warnings_of
from dictation.report import Report, ReportWriter, Style, Template
from dictation.report.extractive import template_for
from dictation.report.normals import gave_way, told_of
from dictation.report.statements import prepared
from dictation.report.writer import Told
from dictation.speech.recognizer import Job, Recognizer
from dictation.wording import Dictation, write

Progress = Callable[[float, str], None]
Spelling = Literal["american", "british"]
Guesses = Literal["keep", "drop"]


def open_case(
    recording: Recording,
    *,
    recognizer: Recognizer,
    writer: ReportWriter,
    order: Order | None = None,
    study: Study | None = None,
    readings: Sequence[Reading] = (),
    written: Report | None = None,
    vocabulary: Vocabulary = EMPTY_VOCABULARY,
    template: Template | None = None,
    spelling: Spelling = "american",
    guessed_punctuation: Guesses = "keep",
    style: Style = "keep",
    kinds: Collection[str] = DEFAULT_KINDS,
    progress: Progress | None = None,
    cancel: Event | None = None,
    told: Told | None = None,
) -> Case:
    """Hear a recording and open its case: `hear`, then `review_dictation`."""
    dictation = hear(
        recording, recognizer=recognizer, order=order, vocabulary=vocabulary, template=template, spelling=spelling,
        guessed_punctuation=guessed_punctuation, progress=progress, cancel=cancel,
    )  # fmt: skip
    return review_dictation(
        dictation, writer=writer, order=order, study=study, readings=readings, written=written, template=template,
        style=style, cancel=cancel, told=told, kinds=kinds,
    )  # fmt: skip


def hear(
    recording: Recording,
    *,
    recognizer: Recognizer,
    order: Order | None = None,
    vocabulary: Vocabulary = EMPTY_VOCABULARY,
    template: Template | None = None,
    spelling: Spelling = "american",
    guessed_punctuation: Guesses = "keep",
    progress: Progress | None = None,
    cancel: Event | None = None,
) -> Dictation:
    """Return the dictation of a recording, in written form; order and template say which words are to be expected.

    `progress` is told a share 0–1 of the whole case and a word for what is being done. Raises DictationError where the
    recording cannot be heard, Cancelled when `cancel` is set.
    """
    shown = progress or (lambda share, what: None)
    shown(0.02, "listening")

    def heard_until(_job: str, heard_s: float) -> None:
        shown(0.05 + 0.8 * min(1.0, heard_s / recording.duration_s()), "listening")

    (_, heard), *_ = recognizer.transcribe(
        [Job("1", recording, expected(vocabulary, order, template))], cancel, heard_until
    )
    if isinstance(heard, DictationError):
        raise heard
    shown(0.9, "writing")
    return write([heard], vocabulary, spelling=spelling, guessed_punctuation=guessed_punctuation)


def review_dictation(
    dictation: Dictation,
    *,
    writer: ReportWriter,
    order: Order | None = None,
    study: Study | None = None,
    readings: Sequence[Reading] | Callable[[], Sequence[Reading]] = (),
    written: Report | None = None,
    template: Template | None = None,
    style: Style = "keep",
    cancel: Event | None = None,
    told: Told | None = None,
    kinds: Collection[str] = DEFAULT_KINDS,
    organs: Mapping[str, str] = MappingProxyType({}),
) -> Case:
    """Write (or take) the report of a dictation and compare all columns. `kinds`: the inferences that are asked for.

    `organs` are the headings of the findings that a person chose for sentences, by their text.

    `told` is given each statement as it is written; the report of the case may have others, and other ids. A function
    in place of `readings` is asked for them once the report is written, so that it is not waited for before.
    """
    if template is not None and written is not None:
        raise UsageError("a template is for writing a report; leave it out when an existing report is checked.")
    facts = study.facts if study is not None else None
    dictation = prepared(dictation, template or template_for(dictation, order, study), organs)
    engines = {"ear": dictation.transcripts[0].engine} if dictation.transcripts else {}
    kept: tuple[str, ...] = ()
    if written is not None:
        report = written
    else:
        try:
            report = writer.write(
                dictation, order=order, study=study, template=template, style=style, cancel=cancel, told=told
            )
            if writer.rewords:
                report, kept = checked(
                    report, dictation, writer, order=order, study=study, template=template, style=style, cancel=cancel
                )
        except (ModelError, MissingError) as error:  # the dictation is not lost with the model
            writer = DraftWriter(writer.engine.name, str(error))
            report = writer.write(dictation, order=order, study=study, template=template, cancel=cancel)
        chosen = {"template": template.name} if template is not None else {}
        if writer.rewords:
            chosen["style"] = style
        engines["writer"] = writer.engine.model_copy(update={"settings": {**writer.engine.settings, **chosen}})
    warnings = [warning for transcript in dictation.transcripts for warning in transcript.warnings]
    if written is None and isinstance(writer, DraftWriter):
        warnings.insert(0, writer.warning)
    warnings += kept
    if written is None:
        warnings += told_of(gave_way(dictation, template, report), dictation)
    seen = tuple(readings() if callable(readings) else readings)
    if eyes := [reading.engine for reading in seen if reading.engine is not None]:
        engines["eye"] = eyes[0]
    orders, studies = (order,) if order is not None else (), (study.id,) if study is not None else ()
    return Case(
        id=uuid4().hex,
        orders=orders,
        recordings=tuple(transcript.recording for transcript in dictation.transcripts),
        studies=studies,
        facts=facts,
        dictation=dictation,
        report=report,
        readings=seen,
        discrepancies=tuple(
            ranked(
                [
                    *compare(dictation, report, seen, order=order, facts=facts, kinds=kinds),
                    *template_normals(dictation, report, template, order),
                    *other_study(seen, orders, facts, studies),
                ]
            )
        ),
        engines=engines,
        warnings=(*warnings, *(study.warnings if study is not None else ()), *warnings_of(seen)),
    )
