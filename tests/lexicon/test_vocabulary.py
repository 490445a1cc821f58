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
        "left right\tright left",
    ],
)
def test_an_entry_that_would_rewrite_a_critical_word_is_refused_by_line(tmp_path, line):
    with pytest.raises(InputError, match="line 2: would rewrite a critical word"):
        read(tmp_path, f"Omnipaque\n{line}\n")


@pytest.mark.parametrize("line", ["NO", "left", "3 × 4 cm", "left\t\t2"])
def test_a_critical_word_alone_is_refused_with_advice_that_fits(tmp_path, line):
    with pytest.raises(InputError, match=r"line 2: a side, .* alone cannot be a phrase.*; add the words") as caught:
        read(tmp_path, f"Omnipaque\n{line}\n")
    assert ("×" in str(caught.value)) == ("×" in line)


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


def test_a_line_may_give_its_weight_with_or_without_a_spoken_form(tmp_path):
    found = read(
        tmp_path, "Gd-EOB-DTPA\tprimovist\t2.5\nSpyGlass DS\t\t0\nLipiodol\t\t\nTACE\t\t1.5\t# in 31 reports\n"
    )
    assert found.phrases == (
        Phrase(written="Gd-EOB-DTPA", spoken="primovist", weight=2.5),
        Phrase(written="SpyGlass DS", weight=0),
        Phrase(written="Lipiodol"),
        Phrase(written="TACE", weight=1.5),
    )


@pytest.mark.parametrize("weight", ["6", "-1", "strong", "nan", "inf", "1,5"])
def test_a_weight_that_is_none_is_refused_by_line(tmp_path, weight):
    with pytest.raises(InputError, match="line 2: the weight is no number from 0 to 5"):
        read(tmp_path, f"Omnipaque\nLipiodol\t\t{weight}\n")


@pytest.mark.parametrize(
    ("line", "why"), [("a\tb\t1\tc", "more than three cells"), ("\tprimovist", "the phrase is missing")]
)
def test_a_line_of_another_shape_is_refused(tmp_path, line, why):
    with pytest.raises(InputError, match=f"line 1: {why}"):
        read(tmp_path, line + "\n")
