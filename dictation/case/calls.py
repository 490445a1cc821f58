"""The calls that a notebook makes: one recording in, its text or its report out; engines and files by plain strings.

Each is a short way through `hear` and `review_dictation`, with the settings of this machine (`Settings`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dictation.audio import Recording
from dictation.case.case import Case
from dictation.case.engines import Models, choose_reader, choose_recognizer, choose_writer
from dictation.case.heard import told_empty, told_unsettled
from dictation.case.opening import hear, review_dictation
from dictation.discrepancy.inference import switched
from dictation.errors import UsageError
from dictation.exam import Order
from dictation.imaging import load_study
from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
from dictation.reading import Reading, load_reading
from dictation.reading.looking import look
from dictation.report import Report, ReportWriter, Style, choose_template, load_report, load_template
from dictation.settings import Settings
from dictation.speech.recognizer import Recognizer
from dictation.wording import Dictation

if TYPE_CHECKING:
    from dictation.reading import ImageReader

Place = str | Path


def transcribe(
    recording: Place | Recording,
    *,
    recognizer: str | Recognizer = "auto",
    vocabulary: Place | Vocabulary = EMPTY_VOCABULARY,
    order: Place | Order | None = None,
    settings: Settings | None = None,
) -> Dictation:
    """Hear a recording and return what was dictated: `.text` is the written form.

    `recording` is the path of a sound or video file, or a `Recording` (`Recording.from_samples` takes an array of
    shape (n,) or (n, channels)). `recognizer` is "auto", "medasr", "whisper", one with its model ("medasr=FOLDER"), or
    what `choose_recognizer` returned: load it once for many recordings. `vocabulary` are words of your own, or the path
    of their file; `order` (or the path of its JSON) says which further words are to be expected.

    Of the result, `.words` have `start_s` and `end_s` in seconds from the start of the recording and a `confidence` of
    0 to 1, `.seconds(start, end)` gives the seconds of characters of `.text`, and `.transcripts[0].warnings` are
    sentences on what a person must listen to; so are corrections that were not plain.

    Raises UsageError for a recognizer of another name, MissingError where what it needs is not here, InputError where
    a file cannot be read; each says in one sentence how to mend it.

        >>> dictation.transcribe("a.wav", recognizer="whisper").text
    """
    settings = settings or Settings()
    return told_unsettled(_heard(recording, recognizer, vocabulary, _order(order), settings))


def write_report(
    dictated: Place | Recording | Dictation,
    *,
    recognizer: str | Recognizer = "auto",
    writer: str | ReportWriter = "auto",
    reader: "str | ImageReader" = "none",
    order: Place | Order | None = None,
    images: Sequence[Place] = (),
    seen: Sequence[Place | Reading] = (),
    written: Place | Report | None = None,
    template: str | None = None,
    style: Style = "keep",
    vocabulary: Place | Vocabulary = EMPTY_VOCABULARY,
    settings: Settings | None = None,
) -> Case:
    """Write the report of a dictation, or take one that is `written`, and compare what was heard, written and seen.

    `dictated` is the path of a sound file, a `Recording`, what `transcribe` returned, or a text:
    `dictation.typed("No effusion.")`. `recognizer` is as in `transcribe`; `writer` is "auto", "extractive", "medgemma"
    or "endpoint" (these two "=MODEL"), `reader`, which looks at `images`, "none", "medgemma", "endpoint", "medsiglip"
    (each "=MODEL") or "xrv" ("=FILE"); or what `choose_writer` and `choose_reader` returned. `images` are files (DICOM,
    PNG, JPEG, TIFF) or folders of one exam, `seen` readings of them, or paths of their JSON. `template` is a name or
    the path of a TOML file; without one nothing is filled in that was not dictated.

    Of the result, `.report.text` is the report and `.report.findings` its statements, each with the dictated sentences
    that it rests on; `.discrepancies` are ranked, the gravest first; `.warnings` are sentences for a person.

    Raises as `transcribe` does. An engine that was loaded and fails later does not lose the dictation: a draft by rules
    takes its place, and `.warnings` begins with that; of a reader that fails, the reading says why.

        >>> case = dictation.write_report("a.wav", order="order.json", written="report.txt")
        >>> [one.explanation for one in case.discrepancies]
    """
    settings = settings or Settings()
    asked = _order(order)
    if reader != "none" and not images:
        raise UsageError("a reader reads images; give them with images=[…].")
    study = load_study([Path(path) for path in images]) if images else None
    models = Models(settings)
    report_writer = choose_writer(writer, settings, models) if isinstance(writer, str) else writer
    image_reader = choose_reader(reader, settings, models) if isinstance(reader, str) else reader
    chosen = load_template(template) if template else None
    if isinstance(written, Place):
        fitting = choose_template(asked, study.facts if study else None) if asked or study else None
        written = load_report(Path(written), fitting)
    readings = [load_reading(Path(one)) if isinstance(one, Place) else one for one in seen]
    if not isinstance(dictated, Dictation):
        dictated = _heard(dictated, recognizer, vocabulary, asked, settings)
    if image_reader is not None and study is not None:
        readings.append(look(image_reader, study, None, asked)[0])
    return review_dictation(
        dictated, writer=report_writer, order=asked, study=study, readings=readings, written=written, template=chosen,
        style=style, kinds=switched(settings.inferences),
    )  # fmt: skip


def _heard(
    recording: Place | Recording,
    recognizer: str | Recognizer,
    vocabulary: Place | Vocabulary,
    order: Order | None,
    settings: Settings,
) -> Dictation:
    if not isinstance(recording, Place | Recording):
        raise UsageError(
            f"a recording is a path or a Recording, not {type(recording).__name__}; samples become one with"
            " dictation.audio.Recording.from_samples(samples, rate_hz, name)."
        )
    sound = Recording(Path(recording)) if isinstance(recording, Place) else recording
    words = Vocabulary.from_file(Path(vocabulary)) if isinstance(vocabulary, Place) else vocabulary
    engine = choose_recognizer(recognizer, settings, for_files=True) if isinstance(recognizer, str) else recognizer
    return told_empty(
        hear(
            sound, recognizer=engine, order=order, vocabulary=words, spelling=settings.spelling,
            guessed_punctuation=settings.guessed_punctuation,
        )
    )  # fmt: skip


def _order(order: Place | Order | None) -> Order | None:
    return Order.from_file(Path(order)) if isinstance(order, Place) else order
