import pytest

from dictation.errors import InputError
from dictation.lexicon import Phrase, Vocabulary


def read(tmp_path, text):
    path = tmp_path / "words.txt"
    path.write_text(text, encoding="utf-8")
    return Vocabulary.from_file(path)


def test_phrases_are_read_in_order(tmp_path):
    found = read(tmp_path, "# contrast media\nGd-EOB-DTPA\tprimovist\n\nSpyGlass DS\n")
    assert found.phrases == (Phrase(written="Gd-EOB-DTPA", spoken="primovist"), Phrase(written="SpyGlass DS"))


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(InputError, match="no such vocabulary file"):
        Vocabulary.from_file(tmp_path / "missing.txt")


@pytest.mark.parametrize(
    "line",
    [
        "yes\tno",
        "right\tleft",
        "right lower lobe\tleft lower lobe",
        "effusion\tno effusion",
        "6 mm\tfive millimeters",
        "protocol 6\tprotocol five",
        "protocol 25\tprotocol twenty six",
        "LLL\tleft lower lobe",
        "NO",
        "left right\tright left",
    ],
)
def test_an_entry_that_would_rewrite_a_critical_word_is_refused_by_line(tmp_path, line):
    with pytest.raises(InputError, match="line 2: would rewrite a critical word"):
        read(tmp_path, f"Omnipaque\n{line}\n")


@pytest.mark.parametrize(
    "line",
    [
        "CA 19-9\tc a nineteen nine",
        "18F-FDG\tfdg",
        "Tc-99m\ttechnetium ninety nine m",
        "No acute disease, no effusion.\tno acute findings macro",
        "T-tube\tt tube",
    ],
)
def test_an_entry_that_keeps_them_is_taken(tmp_path, line):
    assert read(tmp_path, line).phrases
