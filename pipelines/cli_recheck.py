"""The command of `dictation` that looks at signed reports again."""

from pathlib import Path
from typing import Annotated

import typer

from dictation.errors import UsageError
from pipelines.cli_speech import ModelOption, ReaderOption, RecognizerOption, VocabularyOption
from pipelines.exits import exits


def recheck(
    reports: Annotated[
        Path,
        typer.Argument(
            help="signed reports: a folder of texts, or CSV or JSON Lines: id, text (or findings, impression)"
        ),
    ],
    out: Annotated[Path, typer.Option(help="folder for worklist.csv and worklist.html; a stopped run goes on in it")],
    audio: Annotated[Path | None, typer.Option(help="folder of dictations, each named after its report")] = None,
    images: Annotated[Path | None, typer.Option(help="folder of images, or of folders of them, named likewise")] = None,
    orders: Annotated[Path | None, typer.Option(help="folder of orders, JSON, named likewise")] = None,
    seen: Annotated[
        Path | None, typer.Option(help="folder of readings of the image, JSON as for report --seen, named likewise")
    ] = None,
    reader: ReaderOption = "none",
    verdicts: Annotated[
        Path | None, typer.Option(help="CSV: id, verdict (real or false); gives precision.tsv and moves the ranking")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="let this site's later rankings use the precisions of --verdicts")
    ] = False,
    recognizer: RecognizerOption = "auto",
    model: ModelOption = None,
    vocabulary: VocabularyOption = None,
) -> None:
    """Look at signed reports again: a worklist of likely slips, the weightiest first."""
    with exits():
        from dictation.case import choose_reader, choose_recognizer
        from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
        from dictation.settings import Settings
        from pipelines.recheck import Ear
        from pipelines.recheck import recheck as run
        from pipelines.recheck_beside import Folders
        from pipelines.recheck_seeing import NOBODY, Eye

        if keep and verdicts is None:
            raise UsageError("--keep keeps what --verdicts measures; give the verdicts with it.")
        if reader != "none" and images is None:
            raise UsageError("--reader reads images; give them with --images.")
        settings = Settings()
        ear = Ear(
            lambda: choose_recognizer(recognizer, settings, model, for_files=True),
            Vocabulary.from_file(vocabulary) if vocabulary else EMPTY_VOCABULARY,
        )
        eye = NOBODY if reader == "none" else Eye(lambda: choose_reader(reader, settings))
        whole = run(reports, Folders(audio, images, orders, seen), ear, settings, out, verdicts, keep, eye)
        raise typer.Exit(0 if whole else 1)
