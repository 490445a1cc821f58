"""The command `dictation`. Results go to stdout, everything else to stderr; heavy packages load only when needed."""

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

import dictation
from dictation.errors import MissingError, UsageError
from pipelines.cli_backup import add_backup_commands
from pipelines.cli_learned import learned
from pipelines.cli_outbox import outbox
from pipelines.cli_recheck import recheck
from pipelines.cli_records import add_records_commands
from pipelines.cli_speech import (
    ColumnOption,
    ModelOption,
    ReaderOption,
    RecognizerOption,
    SpeechOption,
    VocabularyOption,
    add_speech_commands,
    column_names,
    settings_of,
)
from pipelines.cli_user import user
from pipelines.cli_viewer import viewer_token
from pipelines.exits import exits, note
from pipelines.help import Commands, examples, template_names

if TYPE_CHECKING:
    from dictation.speech.recognizer import Recognizer
    from pipelines.batch import Asked

app = typer.Typer(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},  # those of every command below it, too
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Radiology dictation: what was heard, written and seen, compared before sign-off. Not a medical device.",
    epilog="Exit codes: 0 done, 1 inputs failed, 2 wrong usage, 3 something named is missing, 70 our bug, 130 stopped."
    "\n\nThe notebooks, in the project's folder: notebooks/quickstart.ipynb, from a dictation and an image to a report;"
    " notebooks/wer_evaluation.ipynb, recognizers measured side by side.",
)

OutOption = Annotated[Path | None, typer.Option(help="folder for one result a recording, mirroring the input")]
ResumeOption = Annotated[bool, typer.Option("--resume", help="skip what --out already holds")]
WriterOption = Annotated[str, typer.Option(help="auto, extractive, medgemma or endpoint (these two =MODEL)")]
StyleOption = Annotated[Literal["keep", "polish"], typer.Option(help="keep my wording, or polish it")]
Paths = Annotated[
    list[str] | None,
    typer.Argument(help="files, folders, quoted patterns ('2026/**/*.wav'), manifests (CSV, JSON Lines; column audio)"),
]
RayOption = Annotated[
    str | None,
    typer.Option("--ray", help="work on a Ray cluster: local (starts one here), auto, or its address HOST:PORT"),
]
WatchOption = Annotated[
    Path | None, typer.Option(help="folder whose new files are taken as they are finished, until Ctrl-C; needs --out")
]
ShardOption = Annotated[
    str, typer.Option(help="this machine's part of the job, the second of four: 2/4; all share one --out")
]


def _version(is_asked: bool) -> None:
    if is_asked:
        sys.stdout.write(f"dictation {dictation.__version__}\n")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take what stands before a command's name."""


@app.command(epilog=examples("dictation demo", "dictation demo --page example.html"))
def demo(
    page: Annotated[Path, typer.Option(help="the page to write")] = Path("dictation_demo.html"),
) -> None:
    """Run the main job on the example dictations, with the embedded engines and no network."""
    with exits():
        from dictation.settings import Settings
        from pipelines.demo import demo as run

        _end(run(Settings(), page))


@app.command(
    epilog=examples(
        "dictation transcribe a.wav",
        "dictation transcribe 2026/ --out texts/ --format json --resume",
        "dictation transcribe a.wav --recognizer medasr --model my_medasr/ --vocabulary words.txt",
    )
)
def transcribe(
    paths: Paths = None,
    recognizer: RecognizerOption = "auto",
    model: ModelOption = None,
    speech: SpeechOption = None,
    format: Annotated[
        Literal["text", "json", "jsonl", "srt", "vtt", "tsv", "csv"],
        typer.Option(
            help="csv: a line a word with its seconds and confidence, as in RTTM. Warnings (damage, another language,"
            " no words) are in json, jsonl, vtt (NOTE) and csv (last column); beside text, srt and tsv in NAME.warnings"
        ),
    ] = "text",
    out: OutOption = None,
    resume: ResumeOption = False,
    vocabulary: VocabularyOption = None,
    shard: ShardOption = "1/1",
    watch: WatchOption = None,
    column: ColumnOption = None,
    ray: RayOption = None,
) -> None:
    """Turn recordings into written dictations. They may lie elsewhere, too: s3://bucket/folder, https://…"""
    with exits():
        from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
        from pipelines.batch import kept
        from pipelines.transcribe import Transcribing

        asked = _asked(paths, format, out, resume, shard, watch, column)
        settings = settings_of(speech=speech)
        words = Vocabulary.from_file(vocabulary) if vocabulary else EMPTY_VOCABULARY
        command = Transcribing(format, recognizer, model, words)
        if ray is not None:
            from pipelines.batch_ray import run_on

            _end(run_on(ray, asked, command, settings))
        _end(kept(asked, command.maker(settings)))


@app.command(epilog=examples("dictation claims report.txt", "dictation claims --jsonl < texts.jsonl > claims.jsonl"))
def claims(
    file: Annotated[Path | None, typer.Argument(help="a text; - or nothing reads stdin")] = None,
    format: Annotated[Literal["json"], typer.Option()] = "json",
    jsonl: Annotated[bool, typer.Option("--jsonl", help='{"id","text"} a line in, {"id","claims"} a line out')] = False,
) -> None:
    """List what a text says: findings with presence, side, size, level."""
    with exits():
        from pipelines import columns

        if jsonl:
            if file is not None:
                raise UsageError("--jsonl reads stdin; leave the file out.")
            _end(columns.json_lines(columns.claims_line))
        name = "-" if file is None else str(file)
        _print(columns.claims_object(name, columns.read_text(file, "the text")))


@app.command(
    epilog=examples(
        "dictation compare --heard said.txt --written report.txt",
        "dictation compare --heard said.txt --written report.txt --seen reading.json --order order.json",
        "dictation compare --jsonl < pairs.jsonl > differences.jsonl",
    )
)
def compare(
    heard: Annotated[Path | None, typer.Option(help="the text of the dictation")] = None,
    written: Annotated[Path | None, typer.Option(help="the text of the report")] = None,
    seen: Annotated[list[Path] | None, typer.Option(help="a reading of the image, JSON; may be repeated")] = None,
    order: Annotated[Path | None, typer.Option(help="the order, JSON")] = None,
    format: Annotated[Literal["json"], typer.Option()] = "json",
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='{"id","heard","written","seen","order"} a line in, on stdin')
    ] = False,
) -> None:
    """Compare a dictation with a report, and with readings of the image and the order."""
    with exits():
        from dictation.discrepancy.inference import switched
        from dictation.exam import Order
        from dictation.settings import Settings
        from pipelines import columns

        kinds = switched(Settings().inferences)
        if jsonl:
            if heard or written or seen or order:
                raise UsageError("--jsonl reads everything from stdin; leave the other options out.")
            _end(columns.json_lines(partial(columns.compare_line, kinds=kinds)))
        if heard is None or written is None:
            raise UsageError("give both --heard FILE and --written FILE, or --jsonl.")
        texts = [columns.read_text(path, "the text") for path in (heard, written)]
        asked = Order.from_file(order) if order else None
        _print(columns.compare_object(str(heard), texts[0], texts[1], columns.readings_of(seen or []), asked, kinds))


@app.command(
    epilog=examples(
        "dictation report a.wav --image study/ --order order.json",
        "dictation report said.txt --template chest_xray_normal",
        "dictation report a.wav --written report.txt --seen reading.json --format html > case.html",
        "dictation report manifest.csv --out reports/ --format json --resume",
    )
)
def report(
    paths: Paths = None,
    image: Annotated[list[Path] | None, typer.Option(help="image or DICOM folder; may be repeated")] = None,
    order: Annotated[Path | None, typer.Option(help="the order, JSON")] = None,
    written: Annotated[Path | None, typer.Option(help="check this report instead of writing one")] = None,
    seen: Annotated[list[Path] | None, typer.Option(help="a reading of the image, JSON; may be repeated")] = None,
    template: Annotated[
        str | None, typer.Option(help=f"whose headings and normals are used: {template_names()}")
    ] = None,
    recognizer: RecognizerOption = "auto",
    model: ModelOption = None,
    speech: SpeechOption = None,
    writer: WriterOption = "auto",
    style: StyleOption = "keep",
    reader: ReaderOption = "none",
    prior: Annotated[list[Path] | None, typer.Option(help="an earlier study; may be repeated")] = None,
    format: Annotated[Literal["text", "html", "json", "jsonl"], typer.Option()] = "text",
    out: OutOption = None,
    resume: ResumeOption = False,
    vocabulary: VocabularyOption = None,
    shard: ShardOption = "1/1",
    watch: WatchOption = None,
    column: ColumnOption = None,
    ray: RayOption = None,
) -> None:
    """Turn dictations (sound or text) into structured reports with their discrepancies.

    A manifest may name for each dictation its order, image, written report, template and seen readings, in the columns
    order, image, written, template, seen.
    """
    with exits():
        from dictation.case import DraftWriter, Models, choose_reader, choose_recognizer, choose_writer
        from dictation.exam import Order
        from dictation.imaging import load_study
        from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
        from dictation.reading import load_reading
        from dictation.report import choose_template, load_report, load_template
        from pipelines.beside import Beside
        from pipelines.manifest import MANIFEST_ENDINGS
        from pipelines.report import report as run

        asked = _asked(paths, format, out, resume, shard, watch, column)
        has_rows = any(Path(str(path)).suffix.lower() in MANIFEST_ENDINGS for path in asked.paths)
        if template and written:
            raise UsageError("--template is for writing a report and --written is one to check; give one of them.")
        if reader != "none" and not (image or has_rows):
            raise UsageError("--reader reads an image; give it with --image, or in the column image of a manifest.")
        if prior and reader == "none":
            raise UsageError("--prior is for a reader of the image; name one with --reader.")
        settings = settings_of(speech=speech)
        words = Vocabulary.from_file(vocabulary) if vocabulary else EMPTY_VOCABULARY
        if ray is not None:
            if image or order or written or seen or prior:
                raise UsageError(
                    "--image, --order, --written, --seen and --prior belong to one case; leave --ray out, or give a "
                    "manifest with the columns order, image, seen, written."
                )
            from pipelines.batch_ray import run_on
            from pipelines.report import Reporting

            given = Beside(template=load_template(template) if template else None, style=style, vocabulary=words)
            _end(run_on(ray, asked, Reporting(format, recognizer, model, writer, reader, given), settings))
        exam = Order.from_file(order) if order else None
        study = load_study(image) if image else None
        fitting = choose_template(exam, study.facts if study else None) if exam or study else None
        models = Models(settings)
        missing: MissingError | None = None
        eye = unable = None
        try:
            eye = choose_reader(reader, settings, models)
        except MissingError as error:  # what can still be given is given, and marked
            missing = error
            unable = reader.partition("=")[0], str(error)  # the name alone, not where it lies
            note(f"dictation: {error}")
        beside = Beside(
            order=exam,
            study=study,
            readings=tuple(load_reading(path) for path in seen or ()),
            written=load_report(written, fitting) if written else None,
            template=load_template(template) if template else None,
            style=style,
            vocabulary=words,
            reader=eye,
            prior=load_study(prior) if prior else None,
            unable=unable,
        )
        try:
            write = choose_writer(writer, settings, models)
        except MissingError as error:
            missing = error
            write = DraftWriter(writer.partition("=")[0], str(error))
            note(f"dictation: {error}")

        def choose_ear() -> "Recognizer":
            return choose_recognizer(recognizer, settings, model, for_files=True)

        all_done = run(asked, choose_ear, write, beside, settings)
        if missing is not None:
            raise typer.Exit(missing.exit_code)
        _end(all_done)


@app.command(epilog=examples("dictation serve", "dictation serve --port 8080 --log server.jsonl"))
def serve(
    port: Annotated[int | None, typer.Option(min=1, max=65535)] = None,
    recognizer: RecognizerOption = "auto",
    model: ModelOption = None,
    speech: SpeechOption = None,
    writer: WriterOption = "auto",
    style: StyleOption = "keep",
    reader: ReaderOption = "none",
    log: Annotated[Path | None, typer.Option(help="file for the log, JSON lines without a word of any report")] = None,
    host: Annotated[str, typer.Option(help="address to serve at; another than 127.0.0.1 needs sign-in")] = "127.0.0.1",
    tls_cert: Annotated[Path | None, typer.Option(help="certificate chain, PEM")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="its private key, PEM")] = None,
) -> None:
    """Open the app: on this machine only, unless users sign in (DICTATION_SIGN_IN)."""
    with exits():
        from dictation.review.place import Place
        from pipelines.serve import chosen
        from pipelines.serve import serve as run

        settings, place = settings_of(speech=speech, log=log), Place(host, tls_cert, tls_key)
        place.check(settings)  # before the engines are loaded
        run(chosen(recognizer, model, writer, style, reader, settings), settings, port or settings.port, place)


@app.command(epilog=examples("dictation key toggle"))
def key(name: Annotated[Literal["toggle", "next", "previous", "play", "accept", "stop"], typer.Argument()]) -> None:
    """Press a key of the open page, from pedal software or a hotkey."""
    with exits():
        from pipelines.key import press

        press(name)


@app.command(epilog=examples("dictation doctor", "dictation doctor --format json --require medasr"))
def doctor(
    format: Annotated[Literal["text", "json"], typer.Option()] = "text",
    require: Annotated[list[str] | None, typer.Option(help="exit 3 unless this engine can run; repeatable")] = None,
    model: Annotated[str | None, typer.Option(help="MedASR by another name, or a folder")] = None,
) -> None:
    """Say what is installed, gated or missing on this machine, and how to fix it; exit 1 where cases were changed."""
    with exits():
        from dictation.settings import Settings
        from pipelines.doctor import WRITTEN, as_text, examine

        found = examine(Settings(), model)
        checks = {check["name"]: check for check in found["checks"]}
        if unknown := sorted(set(require or ()) - set(checks)):
            raise UsageError(f"'{unknown[0]}' is no engine; choose among {', '.join(checks)}.")
        sys.stdout.write(json.dumps(found, indent=2) + "\n" if format == "json" else as_text(found))
        for engine in require or ():
            if not checks[engine]["ok"]:
                raise MissingError(f"{engine}: {checks[engine]['state']}; {checks[engine]['fix']}.")
        if any(not checks[name]["ok"] for name in WRITTEN if name in checks):
            raise typer.Exit(1)


@app.command(epilog=examples("dictation schema", "dictation schema report > report.schema.json"))
def schema(
    name: Annotated[
        Literal["transcribe", "report", "claims", "compare", "order", "reading", "results"] | None,
        typer.Argument(help="order and reading are read by --order and --seen, results is results.json of evaluate"),
    ] = None,
) -> None:
    """Print the JSON Schema of what a command prints or reads; without a name, list the names."""
    with exits():
        from pipelines.schema import NAMES, schema_of

        if name is None:
            sys.stdout.write("".join(f"{one}\n" for one in NAMES))
        else:
            _print(schema_of(name))


def _asked(
    paths: list[str] | None, form: str, out: Path | None, resume: bool, shard: str, watch: Path | None,
    columns: list[str] | None,
) -> "Asked":  # fmt: skip
    from pipelines.batch import Asked, Shard
    from pipelines.remote_inputs import place

    named, shared = column_names(columns), Shard.from_text(shard)
    return Asked(tuple(map(place, paths or ())), form, out, resume, shared, named, watch)


def _print(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _end(all_done: bool) -> None:
    raise typer.Exit(0 if all_done else 1)


app.command(epilog=examples("dictation outbox --retry"))(outbox)
app.command(epilog=examples("dictation viewer-token"))(viewer_token)
app.command(
    epilog=examples(
        "dictation recheck signed/ --audio sound/ --out look/",
        "dictation recheck signed.csv --out look/ --verdicts verdicts.csv --keep",
    )
)(recheck)
app.add_typer(user, name="user")
app.add_typer(learned, name="learned")
add_backup_commands(app)
add_speech_commands(app)
add_records_commands(app)


def main() -> None:
    """Run the command line."""
    if sys.stdout is None or sys.stderr is None:  # closed by the caller
        sys.exit(70)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait take no core from those that work
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy adds up alike however many cores; small work, no slower
    app()
