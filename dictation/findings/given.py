"""A text that a caller of the Python API gave: not the path of one. What people say or type is never looked up."""

from collections.abc import Sequence
from pathlib import Path

from dictation.errors import UsageError
from dictation.findings import claims
from dictation.findings.claim import Claim, Source
from dictation.findings.sentences import SentenceSpan

_LONGEST = 1000  # characters of a path
_ENDINGS = (".txt", ".text", ".md", ".json", ".html")


def given_text(value: object) -> str:
    """Return the text. Raises UsageError where it is none, or the path of a file whose text somebody meant.

    >>> given_text("No effusion.")
    'No effusion.'
    """
    if not isinstance(value, str):
        raise UsageError(f"a text is wanted here, not {type(value).__name__}.")
    if len(value) < _LONGEST and value.rstrip().lower().endswith(_ENDINGS) and "\n" not in value.strip():
        try:
            is_there = Path(value.strip()).is_file()
        except (OSError, ValueError):
            is_there = False
        if is_there:
            raise UsageError("this is the path of a file, not a text; give Path(…).read_text(encoding='utf-8').")
    return value


def extract(text: str, source: Source = "written", *, sentences: Sequence[SentenceSpan] | None = None) -> list[Claim]:
    """Return the claims of `text` in reading order; spans are characters [start, end) of exactly this text.

    `sentences` gives the sentences where they are known (with their ids and sections); else headings and sentences are
    found in the text. Raises UsageError where the text is none, or the path of one.
    """
    return claims.extract(given_text(text), source, sentences=sentences)
