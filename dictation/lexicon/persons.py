"""A report → its text without headers, signatures and what else names persons, and the names that stood there.

A header is what stands above the first heading, or above and beside the labels at the top ("Patient:", "MRN:"), and is
no sentence. A name that is there is nobody's term further down, either.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from dictation.lexicon.english import is_ordinary
from dictation.lexicon.tables import rows
from dictation.lexicon.terms import is_known

FULL_LINE = 60  # letters; text that was wrapped goes on in the next line
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")


def without_persons(text: str) -> str:
    """The text without headers and signatures.

    A line goes on in the next where it is full and the next begins with a small letter; else it ends what it says.
    """
    lines = [_persons().sub(" . ", line).strip() for line in _body(text.splitlines())]
    following = [*lines, ""][1:]
    return " ".join(
        line if len(line) > FULL_LINE and after[:1].islower() else f"{line} ."
        for line, after in zip(lines, following, strict=True)
    )


def header_names(text: str) -> frozenset[str]:
    """Words with a capital in headers and behind labels that reports do not need, in small letters."""
    lines = text.splitlines()
    head = set(_head(lines))
    parts = [
        *(line for number, line in enumerate(lines) if number in head),
        *(match[0] for line in lines for match in _labelled().finditer(line)),
    ]
    found = {word.lower() for part in parts for word in _WORD.findall(part) if word[0].isupper()}
    return frozenset(word for word in found if not (is_known(word) or is_ordinary(word)))


def _any_of(words: Sequence[str]) -> str:
    """Return a pattern for these words, the longest first, in any spacing."""
    return "|".join(re.escape(word).replace(r"\ ", r"\s{1,2}") for word in sorted(words, key=len, reverse=True))


@cache
def labels(*kinds: str) -> str:
    """Return a pattern for the labels of these kinds of `identity_labels.tsv`."""
    return _any_of(
        [word for row in rows("identity_labels") if row["kind"] in kinds for word in row["words"].split(" | ")]
    )


def _body(lines: Sequence[str]) -> Iterator[str]:
    head = set(_head(lines))
    return ("" if number in head else line for number, line in enumerate(lines))


def _head(lines: Sequence[str]) -> list[int]:
    """The numbers of the lines that are a header; what the exam was is none."""
    heading = next((number for number, line in enumerate(lines) if _heading("").match(line)), None)
    if heading is None:  # down to the last label above the first sentence
        sentence = next((number for number, line in enumerate(lines) if _is_sentence(line)), len(lines))
        labelled = [number for number in range(sentence) if _labelled().search(lines[number])]
        above = list(range(labelled[-1] + 1)) if labelled else []
    else:
        above = [
            number for part in _paragraphs(lines[:heading]) if not _is_sentence(lines[part[-1]]) for number in part
        ]
    return [number for number in above if not _heading("exam").match(lines[number])]


def _is_sentence(line: str) -> bool:
    return line.rstrip().endswith(".")


def _paragraphs(lines: Sequence[str]) -> Iterator[list[int]]:
    part: list[int] = []
    for number, line in enumerate(lines):
        if line.strip():
            part.append(number)
        elif part:
            yield part
            part = []
    if part:
        yield part


@cache
def _heading(section: str) -> re.Pattern[str]:
    """A line that begins with a heading: of the exam, or of any other section."""
    names = [row["spoken"] for row in rows("section_names") if (row["section"] == "exam") == (section == "exam")]
    return re.compile(rf"\s*\[?(?:{_any_of(names)})\]?\s*(?::|$)", re.IGNORECASE)


@cache
def _persons() -> re.Pattern[str]:
    """What begins with a label of a person up to the next heading or the end of the line."""
    return _upto_heading(rf"(?:{labels('label')})\s*:|(?:{labels('signature')})\b")


@cache
def _labelled() -> re.Pattern[str]:
    return _upto_heading(rf"(?:{labels('label')})\s*:")


def _upto_heading(beginning: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{beginning}).*?(?=\b(?-i:[A-Z]{{5,}})\s*:|$)", re.IGNORECASE)
