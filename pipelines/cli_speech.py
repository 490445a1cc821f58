"""The commands of `dictation` about the ear itself: live dictation, and what fits it to its speakers."""

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from dictation.errors import MissingError, UsageError
from pipelines.exits import exits
from pipelines.help import examples, template_names

if TYPE_CHECKING:
    from dictation.settings import Settings

ReaderOption = Annotated[
    str, typer.Option(help="none, medgemma, endpoint, medsiglip (each =MODEL) or xrv (=FILE): reads the image")
]
RecognizerOption = Annotated[str, typer.Option(help="auto, medasr or whisper (these two =FOLDER)")]
SpeechOption = Annotated[
    Literal["auto", "dictation", "general"] | None,
    typer.Option(help="what Whisper is to expect: reports, other talk, or (auto) both"),
]
ModelOption = Annotated[str | None, typer.Option(help="model id or folder of the recognizer")]
VocabularyOption = Annotated[
    Path | None, typer.Option(help="your words: one phrase a line, <tab>spoken form<tab>weight 0-5")
]

ColumnOption = Annotated[
    list[str] | None, typer.Option(help="what a manifest calls a column: audio=FILE_NAME; may be repeated")
]


def column_names(given: list[str] | None) -> dict[str, str]:
    """What a manifest calls our columns, of "ours=theirs". Raises UsageError."""
    named = dict(column.partition("=")[::2] for column in given or ())
    if not all(named) or not all(named.values()):
        raise UsageError("--column takes a name of ours and one of the manifest's: --column audio=FILE_NAME.")
    return named


def settings_of(**given: object) -> "Settings":
    """The settings of this run, with those that the command line gave in place of the environment's."""
    from dictation.settings import Settings

    said: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return Settings(**said)


def live(
    source: Annotated[
        str, typer.Argument(help="a sound file, or a .capture to finish; - or nothing: 16-bit mono samples on stdin")
    ] = "-",
    rate: Annotated[int, typer.Option(min=8_000, max=192_000, help="of the samples on stdin, in Hz")] = 16_000,
    real_time: Annotated[bool, typer.Option("--real-time", help="give a file no faster than it was spoken")] = False,
    recognizer: RecognizerOption = "auto",
    model: ModelOption = None,
    speech: SpeechOption = None,
    format: Annotated[Literal["text", "jsonl"], typer.Option(help="jsonl: every event as it comes")] = "text",
    out: Annotated[Path | None, typer.Option(help="file for the transcript as JSON")] = None,
    vocabulary: VocabularyOption = None,
    order: Annotated[Path | None, typer.Option(help="the order, JSON: its terms are listened for")] = None,
    template: Annotated[str | None, typer.Option(help=f"whose terms are listened for: {template_names()}")] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="keep the sound, though its text is out and has no warning")
    ] = False,
) -> None:
    """Turn sound into text while it is spoken, as a microphone's samples on stdin or as a file."""
    with exits():
        from dictation.case import choose_recognizer, expected
        from dictation.exam import Order
        from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
        from dictation.report import load_template
        from pipelines.live import live as run

        settings = settings_of(speech=speech)
        words = Vocabulary.from_file(vocabulary) if vocabulary else EMPTY_VOCABULARY
        asked = Order.from_file(order) if order else None
        heeded = expected(words, asked, load_template(template) if template else None)
        whole = run(
            source, lambda: choose_recognizer(recognizer, settings, model), words, settings, format, out,
            expected=heeded, rate_hz=rate, real_time=real_time, keep=keep,
        )  # fmt: skip
        raise typer.Exit(0 if whole else 1)


def finetune(
    engine: Annotated[Literal["medasr"], typer.Argument(help="what is taught")],
    manifest: Annotated[
        Path,
        typer.Argument(
            help="CSV or JSON Lines: audio, text as MedASR writes it ({period}, [FINDINGS]); optional split (train,"
            " dev, test), speaker, start_s, end_s"
        ),
    ],
    out: Annotated[Path, typer.Option(help="new folder for the model and its card")],
    model: Annotated[str | None, typer.Option(help="model id or folder to begin with; none: google/medasr")] = None,
    epochs: Annotated[int, typer.Option(min=1)] = 35,
    batch: Annotated[int, typer.Option(min=1, help="utterances at once; lower it where memory is short")] = 8,
    accumulation: Annotated[int, typer.Option(min=1, help="batches a step")] = 4,
    rate: Annotated[float, typer.Option(min=1e-9, max=1.0, help="peak learning rate")] = 3e-5,
    warm_up_steps: Annotated[int, typer.Option(min=1)] = 300,
    patience: Annotated[int, typer.Option(min=0, help="epochs without a better dev set until it ends; 0: never")] = 5,
    min_s: Annotated[float, typer.Option(min=0.15, help="shorter utterances are left out")] = 0.6,
    seed: Annotated[int, typer.Option(min=0)] = 42,
    resume: Annotated[bool, typer.Option("--resume", help="go on with an interrupted training in --out")] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="train though some lines cannot be used")] = False,
) -> None:
    """Teach MedASR by recordings of your own, and measure it before and after."""
    with exits():
        from dictation.settings import Settings
        from dictation.speech.medasr.finetuning.recipe import Recipe
        from pipelines.finetune import finetune_medasr

        recipe = Recipe(epochs, batch, accumulation, rate, warm_up_steps, patience, min_s, seed)
        whole = finetune_medasr(manifest, out, model, recipe, Settings(), resume, skip_bad)
        raise typer.Exit(0 if whole else 1)


def phrases(
    folder: Annotated[Path, typer.Argument(help="your own reports, as text")],
    out: Annotated[Path | None, typer.Option(help="the vocabulary file to write; else stdout")] = None,
    min_reports: Annotated[int, typer.Option(min=2, help="a phrase stands in so many reports")] = 3,
    limit: Annotated[int, typer.Option(min=1, help="the most phrases")] = 500,
) -> None:
    """Make a vocabulary file of the phrases in your own reports that a recognizer may not know."""
    with exits():
        from pipelines.phrases import phrases as run

        raise typer.Exit(0 if run(folder, out, min_reports, limit) else 1)


def calibrate(
    manifest: Annotated[
        Path,
        typer.Argument(
            help="CSV or JSON Lines with the columns audio and text; with --reader: image, one for each finding (1, 0"
            " or nothing), patient (without it each image is a patient of its own), and perhaps modality, body_part,"
            " procedure, view, age, sex"
        ),
    ],
    recognizer: RecognizerOption = "auto",
    model: ModelOption = None,
    reader: Annotated[str, typer.Option(help="measure this reader of images instead of a recognizer")] = "none",
    out: Annotated[Path | None, typer.Option(help="file for the calibration; else where the engine finds it")] = None,
) -> None:
    """Measure what an engine's confidences are worth, on recordings with texts or images with findings, and keep it."""
    with exits():
        from dictation.case import choose_reader, choose_recognizer
        from dictation.settings import Settings
        from pipelines.calibrate import calibrate as run
        from pipelines.calibrate_reader import calibrate_reader

        settings = Settings()
        if reader != "none" and (recognizer != "auto" or model is not None):
            raise UsageError("--reader measures a reader of images and --recognizer an ear; give one of them.")
        eye = choose_reader(reader, settings, calibrated=False)
        if eye is not None:
            table, whole = calibrate_reader(manifest, eye, settings, out)
        else:
            table, whole = run(manifest, choose_recognizer(recognizer, settings, model, for_files=True), settings, out)
        sys.stdout.write(table)
        raise typer.Exit(0 if whole else 1)


def evaluate(
    manifest: Annotated[
        Path,
        typer.Argument(
            help="CSV or JSON Lines: audio, text, form (spoken, written, or silent without a text), or the columns"
            " spoken and written; optional id, speaker, accent, device, body_part, kind (real or synthetic), sha256"
        ),
    ],
    out: Annotated[Path, typer.Option(help="folder for results.json, alignments.jsonl and report.html")],
    recognizer: Annotated[
        list[str] | None, typer.Option(metavar="LABEL=NAME:MODEL", help="a system, e.g. mine=medasr:FOLDER; repeatable")
    ] = None,
    hypotheses: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[LABEL=]FILE",
            help="what another system heard, CSV or JSON Lines: audio or id, and text; or what transcribe --format"
            " jsonl gave; or a folder with a.txt for a.wav; repeatable",
        ),
    ] = None,
    form: Annotated[
        Literal["spoken", "written"] | None, typer.Option(help="of every text whose line does not state it")
    ] = None,
    column: ColumnOption = None,
    judge: Annotated[
        str,
        typer.Option(
            help="none, medgemma or endpoint (each =MODEL): a language model that grades the errors which the tables"
            " call minimal"
        ),
    ] = "none",
    resume: Annotated[
        bool, typer.Option("--resume", help="go on in --out; nothing is heard and no judge is asked twice")
    ] = False,
) -> None:
    """Measure recognizers side by side: word errors and their grades, lost claims, with intervals and a page."""
    with exits():
        from dictation.extras import install_command
        from dictation.settings import Settings

        for package in ("jiwer", "scipy", "whisper_normalizer", "librosa", "PIL"):
            if find_spec(package) is None:
                raise MissingError(f"evaluating needs {package}; run: {install_command('evaluation')}")
        from dictation.case import choose_judge
        from pipelines.evaluate import evaluate as run
        from pipelines.evaluate import sources

        columns, named, settings = column_names(column), sources(recognizer or (), hypotheses or ()), Settings()
        _, whole = run(manifest, named, out, settings, resume, form, columns, choose_judge(judge, settings))
        raise typer.Exit(0 if whole else 1)


COMMANDS: dict[Callable[..., None], tuple[str, ...]] = {
    live: (
        "arecord -q -t raw -f S16_LE -r 16000 -c 1 | dictation live --out said.json",
        "dictation live a.wav --real-time --format jsonl",
    ),
    phrases: ("dictation phrases my_reports/ --out words.txt",),
    calibrate: (
        "dictation calibrate recordings.csv --recognizer medasr",
        "dictation calibrate images.csv --reader xrv",
    ),
    finetune: ("dictation finetune medasr recordings.csv --out my_medasr/",),
    evaluate: (
        "dictation evaluate recordings.csv --out figures/ --recognizer whisper --recognizer mine=medasr:my_medasr/",
        "dictation evaluate recordings.csv --out figures/ --hypotheses other.csv",
    ),
}


def add_speech_commands(app: typer.Typer) -> None:
    """Give `app` the commands of this file."""
    for command, lines in COMMANDS.items():
        app.command(epilog=examples(*lines))(command)
