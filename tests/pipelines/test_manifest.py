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


def manifest(folder, text: str, name: str = "m.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "audio,text,speaker\nsounds/a.wav,No effusion.,s1\n",
        '\ufeffAudio;Text;Speaker\nsounds/a.wav;"No effusion.";s1\n',
        "audio\ttext\tspeaker\nsounds/a.wav\tNo effusion.\ts1\n\n",
        '{"audio": "sounds/a.wav", "text": " No effusion. ", "speaker": "s1", "split": null}\n\n',
        '{"path": "sounds/a.wav", "spoken": "No effusion.", "speaker": "s1"}',
    ],
)
def test_csv_and_json_lines_give_the_same_row(folder, text):
    [row], errors = read_manifest(manifest(folder, text))
    assert errors == []
    assert (row.audio, row.text, row.fields) == (folder / "sounds" / "a.wav", "No effusion.", {"speaker": "s1"})


def test_a_text_may_run_over_lines_and_hold_commas_and_numbers_are_kept_as_text(folder):
    rows, _ = read_manifest(manifest(folder, 'audio,text\nsounds/a.wav,"Heart, lungs.\nNormal."\nsounds/b.wav,x\n'))
    assert [(row.line, row.text) for row in rows] == [(2, "Heart, lungs.\nNormal."), (4, "x")]
    line = {"audio": str(folder / "sounds" / "a.wav"), "text": "x", "start_s": 1.5}
    [row], _ = read_manifest(manifest(folder, json.dumps(line)))
    assert row.fields == {"start_s": "1.5"}


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (
            "audio,text\nsounds/b.wav,x\nsounds/no.wav,secret words\n",
            3,
            "the column 'audio' names no file ('sounds/no.wav')",
        ),
        ("audio,text\nsounds/b.wav,x\nNo effusion.Secret,secret words\n", 3, "the column 'audio' names no file; give"),
        ("audio,text\nsounds/b.wav,x\nsounds,secret words\n", 3, "the column 'audio' names no file"),
        ("audio,text\nsounds/b.wav,x\nsounds/a.wav,\n", 3, "its 'text' is empty"),
        ("audio,text\nsounds/b.wav,x\nsounds/a.wav\n", 3, "its 'text' is empty"),
        ("audio,text\n,secret words\nsounds/b.wav,x\n", 2, "its 'audio' is empty"),
        ("audio,text\nsounds/b.wav,x\nsounds/a.wav,secret, words\n", 3, "it has 3 cells for 2 columns"),
        ('audio,text\nsounds/b.wav,x\nsounds/a.wav,"secret\n', 3, "its quotes do not close"),
        ('{"audio": "sounds/b.wav", "text": "x"}\nsecret\n', 2, "it is no JSON object"),
        ('{"audio": "sounds/b.wav", "text": "x"}\n["secret"]\n', 2, "it is no JSON object"),
        ('{"audio": "sounds/b.wav", "text": "x"}\n{"audio": "a\\u0000b", "text": "secret"}', 2, ""),
        ('{"audio": "sounds/b.wav", "text": "x"}\n{"audio": "%s", "text": "secret"}' % ("a" * 5000), 2, ""),
    ],
)
def test_a_bad_row_is_named_without_its_words_and_the_rest_goes_on(folder, text, line, why):
    rows, [error] = read_manifest(manifest(folder, text))
    assert [row.text for row in rows] == ["x"]
    assert str(error).startswith(f"{folder / 'm.csv'}, line {line}: {why}")
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("sounds/no.wav,x", "the column 'FILE_NAME' names no file ('sounds/no.wav')"),
        (",x", "its 'FILE_NAME' is empty"),
        ("sounds/a.wav,", "its 'Report' is empty"),
    ],
)
def test_an_error_names_the_column_as_the_table_does(folder, row, why):
    columns = {"audio": "FILE_NAME", "text": "Report"}
    rows, [error] = read_manifest(manifest(folder, f"file_name,report\nsounds/b.wav,x\n{row}\n"), columns)
    assert [row.text for row in rows] == ["x"] and why in str(error)
    _, [error] = read_manifest(manifest(folder, "file,spoken\nsounds/b.wav,\n"))
    assert "its 'spoken' is empty" in str(error)
    with pytest.raises(InputError, match="it has no column 'FILE_NAME'"):
        read_manifest(manifest(folder, "audio,report\nsounds/b.wav,x\n"), columns)


def test_a_stray_quote_costs_its_own_row_and_a_hundred_of_them_end_the_reading(folder):
    good, bad = "sounds/a.wav,x\n", 'sounds/b.wav,"secret\n'
    rows, errors = read_manifest(manifest(folder, "audio,text\n" + good + bad + good * 3))
    assert [row.line for row in rows] == [2, 4, 5, 6]
    assert [str(error) for error in errors] == [f"{folder / 'm.csv'}, line 3: its quotes do not close; check it."]
    rows, errors = read_manifest(manifest(folder, "audio,text\n" + good + bad * 150 + good))
    assert len(rows) == 1 and len(errors) == 100
    assert "line 102: its quotes do not close, and 51 lines behind it are not read" in str(errors[-1])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "holds no row"),
        (b"audio,text\n", "holds no row"),
        (b"file,words\na.wav,x\n", "it has no column 'text'"),
        (b"no manifest at all", "it has no column 'audio'"),
        (b"\xff\xfe\x00", "cannot be read as UTF-8; save it as CSV UTF-8"),
    ],
)
def test_what_is_no_manifest_is_refused(folder, content, why):
    path = folder / "m.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=why):
        read_manifest(path)


def test_a_manifest_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        read_manifest(tmp_path / "none.csv")
