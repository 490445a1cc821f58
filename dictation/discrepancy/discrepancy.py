"""A place where what was heard, written and seen do not agree."""

import hashlib
from typing import Literal, get_args

from pydantic import Field

from dictation.findings import Claim
from dictation.frozen import Frozen

Kind = Literal[
    "laterality", "negation", "omission", "addition", "measurement", "unit", "level", "site", "severity", "certainty",
    "change", "device_position", "contradiction", "sex", "age", "patient", "exam", "prior", "critical_word",
    "critical_result", "follow_up", "scoring", "guidance", "quality", "amendment",
]  # fmt: skip
KINDS: tuple[str, ...] = get_args(Kind)
Severity = Literal["critical", "major", "minor", "info"]
SEVERITIES: tuple[str, ...] = get_args(Severity)


class Side(Frozen):
    """One side of a discrepancy: words, their [start, end) in that column's text, and the claim behind them.

    `differing` are the characters of the words that differ, where the kind and the claim do not tell which they are.
    """

    text: str
    span: tuple[int, int] | None = None
    claim: Claim | None = None
    differing: tuple[int, int] | None = None


def touches(side: Side | None, start: int, end: int) -> bool:
    """Whether a side has a character of [start, end); one that is not there, or has no place, has none."""
    return bool(side and side.span and side.span[0] < end and start < side.span[1])


class Edit(Frozen):
    """Characters [start, end) of the report's text become `text`; equal start and end insert it there."""

    span: tuple[int, int]
    text: str


class Judgement(Frozen):
    """Why an alert is less grave: `by` this judge it is right with this `probability`; `severity` is what it was.

    `counting`: by how much of its words stands in the other text; `sentences`: by a model that reads both as well.
    """

    by: Literal["counting", "sentences"]
    probability: float = Field(ge=0, le=1)
    severity: Severity


class Discrepancy(Frozen):
    """Two columns that disagree. `explanation` is one plain sentence; `suggestion` the wording that would settle it.

    `edits` bring that wording into the report's text, all of them together; none where only a person can. `choices` are
    the answers to a question: headings of the findings to one of which the written words belong.

    `heard` spans index the dictation's text, `written` spans the report's text. `against` are the other
    words of a `contradiction`, in the column of `written`, or of `heard` where that speaks alone; or what an addendum
    changes (`amendment`), where its span indexes the signed report's own text. `audio_span_s` is where it was said.
    `probability` that it is right: an image reader's own, or that of the alert judge, None for what neither judges.
    `judged` says that the judge made it less grave.
    """

    id: str
    kind: Kind
    severity: Severity
    heard: Side | None = None
    written: Side | None = None
    seen: Side | None = None
    against: Side | None = None
    explanation: str
    probability: float | None = Field(default=None, ge=0, le=1)
    audio_span_s: tuple[float, float] | None = None
    suggestion: str | None = None
    edits: tuple[Edit, ...] = ()
    choices: tuple[str, ...] = ()
    judged: Judgement | None = None


def told_judged(alert: Discrepancy) -> str:
    """Return why an alert is less grave than it was, and what it was before; "" where it is not."""
    judged = alert.judged
    if judged is None:
        return ""
    same = "Probably" if alert.severity == "minor" else "Perhaps"
    return f"{same} the same in other words; was {judged.severity}."


def discrepancy_id(kind: str, *claims: str) -> str:
    """The id of a discrepancy: equal whenever the same kind is found between the same claims again."""
    return "d" + hashlib.sha256("\x1f".join((kind, *claims)).encode()).hexdigest()[:12]
