"""`dictation phrases FOLDER`: a folder of reports becomes a vocabulary file that can be read again."""

import pytest

from dictation.errors import InputError
from dictation.lexicon import Phrase, Vocabulary
from dictation.report import Report, Statement
from pipelines.phrases import phrases

SENTENCES = ["Sacral zygopexis is seen.", "Stable sacral zygopexis.", "The sacral zygopexis is new."]


@pytest.fixture
def folder(tmp_path):
    for number, sentence in enumerate(SENTENCES * 2):
        path = tmp_path / "reports" / f"ward {number % 2}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Study {number}. {sentence} Dexatrol staining is noted.\n", encoding="utf-8")
    statement = Statement(id="r1", text="An old sacral zygopexis.", section="findings", organ="Bones")
    (tmp_path / "reports" / "ours.json").write_text(Report(findings=(statement,)).model_dump_json())
    return tmp_path / "reports"


def test_the_list_is_a_vocabulary_whose_possible_names_are_notes(folder, tmp_path, capsys):
    assert phrases(folder, tmp_path / "words.txt")
    text = (tmp_path / "words.txt").read_text(encoding="utf-8")
    [phrase] = Vocabulary.from_file(tmp_path / "words.txt").phrases
    assert phrase == Phrase(written="sacral zygopexis", weight=phrase.weight)
    assert "sacral zygopexis\t\t2\t# in 7 reports" in text
    assert "# Dexatrol staining\t\t" in text
    err = capsys.readouterr().err
    assert "1 phrases and 1 possible names from 7 reports" in err
    assert "The possible names stand in the list as comments" in err
    assert "Look the list over" in err


def test_a_note_without_its_mark_is_an_entry(folder, tmp_path):
    phrases(folder, tmp_path / "words.txt")
    text = (tmp_path / "words.txt").read_text(encoding="utf-8").replace("# Dexatrol", "Dexatrol")
    (tmp_path / "words.txt").write_text(text, encoding="utf-8")
    assert [one.written for one in Vocabulary.from_file(tmp_path / "words.txt").phrases][-1] == "Dexatrol staining"


def test_files_that_are_no_reports_are_named_and_the_rest_goes_on(folder, tmp_path, capsys):
    (folder / "latin.txt").write_bytes("Gef\xe4\xdf".encode("latin-1"))
    (folder / "order.json").write_text('{"accession": "A1"}')
    (folder / "archive.txt").write_text("word " * 1_100_000)
    assert not phrases(folder, None)
    out, err = capsys.readouterr()
    assert "sacral zygopexis" in out
    for name, why in (("latin.txt", "is not UTF-8"), ("order.json", "not known"), ("archive.txt", "too long for one")):
        [line] = [line for line in err.splitlines() if name in line]
        assert why in line


def test_a_folder_without_reports_is_an_error(tmp_path):
    (tmp_path / "image.png").write_bytes(b"")
    with pytest.raises(InputError, match=r"holds no report; give a folder with reports as text \(\.json, "):
        phrases(tmp_path, None)
    (tmp_path / "latin.txt").write_bytes(b"Gef\xe4\xdf")
    with pytest.raises(InputError, match="none of its files could be read as a report"):
        phrases(tmp_path, None)
