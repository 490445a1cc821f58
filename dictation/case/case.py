"""One case: everything that belongs to one report, and the decisions taken on its discrepancies."""

from datetime import datetime
from typing import Literal

from dictation.discrepancy import Discrepancy
from dictation.exam import ExamFacts, Order
from dictation.frozen import SCHEMA_VERSION, Frozen
from dictation.reading import Reading
from dictation.report import Report
from dictation.speech import Engine
from dictation.wording import Dictation


class Decision(Frozen):
    """What somebody decided on one discrepancy."""

    discrepancy_id: str
    action: Literal["take_heard", "take_written", "edit", "dismiss"]
    reason: str = ""
    by: str
    at: datetime


class Case(Frozen):
    """A case. `recordings` and `studies` are ids (SHA-256); `engines` names what heard, wrote and saw."""

    schema_version: int = SCHEMA_VERSION
    id: str
    orders: tuple[Order, ...] = ()
    recordings: tuple[str, ...] = ()
    studies: tuple[str, ...] = ()
    facts: ExamFacts | None = None
    dictation: Dictation
    report: Report
    readings: tuple[Reading, ...] = ()
    discrepancies: tuple[Discrepancy, ...] = ()
    decisions: tuple[Decision, ...] = ()
    engines: dict[str, Engine] = {}  # ear, writer, eye
    warnings: tuple[str, ...] = ()
    state: Literal["draft", "preliminary", "final", "addended"] = "draft"
