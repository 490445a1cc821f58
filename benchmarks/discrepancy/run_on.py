"""A report → the dictation that a recognizer without punctuation makes of it, and whether that can be understood.

Full stops carry sense: "No pneumothorax. Pleural effusion." becomes "no pneumothorax pleural effusion", which is
something else. Such a text is *ambiguous* by a rule on the words at each boundary, and no error is planted in it:

- a denial or a doubt hangs open (no verb behind it) before a statement that begins with its finding,
- a side ends a sentence before one that does not begin with an article, a grade or the like,
- a number ends a sentence before one that begins with a number.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.discrepancy.case import Span
from benchmarks.discrepancy.report import HEADINGS, Report
from benchmarks.discrepancy.spoken import Spoken, spoken
from benchmarks.discrepancy.vocabulary import families

_HANGS_OPEN = re.compile(
    r"\b(?:no|without|negative for|absence of|possibl[ey]|probabl[ey]|likely|suspected|questionable|"
    r"(?:may|could|might) (?:represent|reflect|be)|(?:suspicious|concerning|worrisome) for|versus|rule out)\b"
    r"(?!.*\b(?:is|are|was|were|has|have|seen|identified|present|noted|demonstrated|evident|excluded)\b)",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"^(?:the|an?|there|this|these|it|no|not|without|status|stable|unchanged|old|healed|prior|chronic|again|"
    r"trace|tiny|minimal\w*|mild\w*|slight\w*|small|moderate\w*|severe\w*|large|marked\w*)\b",
    re.IGNORECASE,
)
_HEAD_ENDS = re.compile(
    r"\b(?:is|are|was|were|has|have|in|of|at|on|to|with|without|which|involving|measur\w+|appears?|remains?)\b",
    re.IGNORECASE,
)
_SIDE_ENDS = re.compile(r"\b(?:left|right|bilateral|bilaterally)[.?!]*$", re.IGNORECASE)
_NUMBER_ENDS, _NUMBER_OPENS = re.compile(r"\d[.?!]*$"), re.compile(r"^[CTLS]?\d")
_INNER_END = re.compile(r"; |\. ")


@dataclass(frozen=True)
class RunOn:
    """The dictation, and the [start, end) of each sentence in it."""

    text: str
    spans: tuple[Span, ...]
    sentences: tuple[Spoken, ...]

    def span(self, index: int, start: int, end: int) -> Span:
        """Where the characters [start, end) of written sentence `index` are said."""
        first, last = self.sentences[index].span(start, end)
        return self.spans[index][0] + first, self.spans[index][0] + last


def says_headings(report: Report) -> bool:
    """Whether the dictation of a report says "findings" and "impression": every other one does."""
    return zlib.crc32(report.id.encode()) % 2 == 0


def run_on(report: Report, sentences: Sequence[str]) -> RunOn:
    """The dictation of `sentences`, which are those of the report or have an error in them."""
    said = tuple(map(spoken, sentences))
    text, spans = "", []
    for index, sentence in enumerate(said):
        heading = HEADINGS[index >= report.cut] if says_headings(report) and index in (0, report.cut) else ""
        text = " ".join(filter(None, (text, heading.strip(": ").lower())))
        text += " " if text and sentence.text else ""
        spans.append((len(text), len(text) + len(sentence.text)))
        text += sentence.text
    return RunOn(text, tuple(spans), said)


def is_ambiguous(report: Report, sentences: Sequence[str]) -> bool:
    """Whether the sense of the run-on dictation hangs on a mark that it has lost."""
    sections = (sentences[: report.cut], sentences[report.cut :]) if says_headings(report) else (sentences,)
    parts = ([part for sentence in section for part in _INNER_END.split(sentence)] for section in sections)
    return any(_runs_into(one, other) for said in parts for one, other in pairwise(said))


def _runs_into(one: str, other: str) -> bool:
    if _NUMBER_ENDS.search(one) and _NUMBER_OPENS.search(other):
        return True
    if _OPENS.search(other):
        return False
    head = _HEAD_ENDS.split(other, maxsplit=1)[0]
    return bool(_SIDE_ENDS.search(one) or (_HANGS_OPEN.search(one) and families(head, abnormal_only=True)))
