"""Every concept by a sentence, names that mean the same or another thing, and lines of a vocabulary: `corpus/*.tsv`."""

import tempfile
from pathlib import Path

from dictation.discrepancy import SEVERITIES, compare
from dictation.errors import InputError
from dictation.findings import extract
from dictation.lexicon import Vocabulary
from tests.corpus import Row, corpus

WEIGHTY = SEVERITIES[:2]  # those that interrupt


@corpus(__file__)
def test_a_row_of_the_corpus(row: Row) -> None:
    row.holds(globals())


def place(sentence: str, finding: str) -> str:
    """Side and sites of a finding that the sentence names."""
    found = [claim for claim in extract(sentence) if claim.finding == finding]
    assert found, [claim.finding for claim in extract(sentence)]
    return " | ".join(" ".join([claim.laterality or "-", *(f"@{site}" for site in claim.site)]) for claim in found)


def interrupts(heard: str, written: str) -> str:
    """The kinds of difference between two texts that interrupt."""
    return " ".join(one.kind for one in compare(heard, written) if one.severity in WEIGHTY)


def phrases(file: str) -> str:
    """What a vocabulary file gives: each phrase with its spoken form and its weight, or why it is refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "words.txt"
        path.write_text(file, encoding="utf-8")
        try:
            found = Vocabulary.from_file(path).phrases
        except InputError as error:
            return str(error).replace(str(path), "words.txt")
    return " | ".join(
        one.written + (f"={one.spoken}" if one.spoken else "") + (f" x{one.weight:g}" if one.weight != 1 else "")
        for one in found
    )
