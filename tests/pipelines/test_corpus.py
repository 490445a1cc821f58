"""Rows of what commands read: heard words beside the right text, and the lines of a manifest."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from dictation.errors import InputError
from pipelines.manifest import read_manifest
from tests.corpus import Row, corpus
from tests.pipelines.test_right_words import judged


@corpus(__file__)
def test_a_row_holds(row: Row):
    row.holds({"judged": judged, "manifest": manifest})


def manifest(text: str, columns: str) -> str:
    """What is read of a manifest beside sounds/a.wav and sounds/b.wav, then each error or why all of it is refused."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "sounds").mkdir()
        for name in ("a.wav", "b.wav"):
            (folder / "sounds" / name).write_bytes(b"RIFF")
        path = folder / "m.csv"
        path.write_text(text, encoding="utf-8")
        try:
            rows, errors = read_manifest(path, json.loads(columns or "{}"))
        except InputError as error:
            rows, errors = [], [error]
        read = [f"{row.line} {row.audio.name} {json.dumps(row.text)} {json.dumps(row.fields)}" for row in rows]
        return " | ".join([*read, *(str(error).replace(f"{folder}/", "") for error in errors)])
