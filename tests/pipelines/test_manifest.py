"""Manifests that no row of `corpus/manifest.tsv` can hold."""

import json

import pytest

from dictation.errors import InputError
from pipelines.manifest import read_manifest


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sounds").mkdir()
    for name in ("a.wav", "b.wav"):
        (tmp_path / "sounds" / name).write_bytes(b"RIFF")
    return tmp_path


def manifest(folder, text: str):
    path = folder / "m.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_mark_before_the_first_name_and_a_whole_path_are_read(folder):
    [row], errors = read_manifest(manifest(folder, f"\ufeffaudio,text\n{folder / 'sounds/a.wav'},x\n"))
    assert (row.audio, row.text, errors) == (folder / "sounds/a.wav", "x", [])


def test_a_stray_quote_costs_its_own_row_and_a_hundred_of_them_end_the_reading(folder):
    good, bad = "sounds/a.wav,x\n", 'sounds/b.wav,"secret\n'
    rows, errors = read_manifest(manifest(folder, "audio,text\n" + good + bad + good * 3))
    assert [row.line for row in rows] == [2, 4, 5, 6]
    assert [str(error) for error in errors] == [f"{folder / 'm.csv'}, line 3: its quotes do not close; check it."]
    rows, errors = read_manifest(manifest(folder, "audio,text\n" + good + bad * 150 + good))
    assert len(rows) == 1 and len(errors) == 100
    assert "line 102: its quotes do not close, and 51 lines behind it are not read" in str(errors[-1])


def test_a_path_longer_than_any_system_takes_costs_its_own_row(folder):
    line = json.dumps({"audio": "a" * 5000, "text": "secret"})
    rows, [error] = read_manifest(manifest(folder, '{"audio": "sounds/b.wav", "text": "x"}\n' + line))
    assert len(rows) == 1 and "line 2" in str(error) and "secret" not in str(error)


def test_what_cannot_be_read_is_refused(folder):
    (folder / "m.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read as UTF-8; save it as CSV UTF-8"):
        read_manifest(folder / "m.csv")
    with pytest.raises(InputError, match="there is no such file"):
        read_manifest(folder / "none.csv")
