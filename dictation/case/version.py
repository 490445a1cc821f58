"""A signed version of a case: frozen with its text, its engines, its settings, its decisions and its sound."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from dictation.case.case import Case
from dictation.case.changes import SentenceChange
from dictation.case.draft import Communication, HeardRight, LeftOut, ReportEdit, SetAside
from dictation.errors import DictationError
from dictation.frozen import SCHEMA_VERSION, Frozen

Role = Literal["resident", "attending"]
SignedState = Literal["preliminary", "final", "addended"]


class Override(Frozen):
    """What was left open, and the reason that the signer gave; all else is the blocker's, `what` its sentence."""

    discrepancy_id: str
    reason: str
    kind: str = ""
    what: str = ""


class PlannedCommunication(Frozen):
    """A critical result that nobody was told of when it was signed: who is to tell it, and how.

    `discrepancy_id` and `what` are the blocker's; `person` and `method` as the signer gave them.
    """

    discrepancy_id: str
    person: str
    method: str
    what: str = ""


class Version(Frozen):
    """One signature. `text` is verbatim what was signed; an addendum repeats the original before its own words.

    `reason` is that of an addendum, whose `case` is the addendum's own. `settings` are those that shaped the report;
    `recordings` maps each recording's id to the SHA-256 of its sound, "" where it was not at hand. `edits` are the
    wordings that persons gave, `changes` what an attending changed of the preliminary report, sentence by sentence.
    `left_out` is sound that is not in the text, as whoever signed was told. `communications` and `planned` are who was
    and who is to be told of critical results; `set_aside` the wordings between which somebody chose. `heard_right`
    are the doubtful words that were accepted before signing, `words_asked` how many were asked of the signed report.
    `is_role_stated`: `role` is the signer's account or setting; else nobody said it, and it is shown beside no name.
    """

    schema_version: int = SCHEMA_VERSION
    number: int = Field(ge=1)
    state: SignedState
    author: str
    role: Role
    is_role_stated: bool = True
    at: datetime
    reason: str = ""
    text: str
    case: Case
    overrides: tuple[Override, ...] = ()
    settings: dict[str, str] = {}
    recordings: dict[str, str] = {}
    edits: tuple[ReportEdit, ...] = ()
    communications: tuple[Communication, ...] = ()
    planned: tuple[PlannedCommunication, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    changes: tuple[SentenceChange, ...] = ()
    heard_right: tuple[HeardRight, ...] = ()
    words_asked: int = Field(default=0, ge=0)


def identity_reason(version: Version) -> str:
    """What was not named when this was signed, patient or exam, and why it was signed so; "" where both were named."""
    return next((f"{one.what.rstrip('.')}: {one.reason}" for one in version.overrides if one.kind == "identity"), "")


def not_as_signed(case_id: str, number: int) -> DictationError:
    """Tell that a version must not go out, because nobody signed what it says now."""
    return DictationError(
        f"Version {number} of the case {case_id} is missing or not what was signed, so it was not put into the outbox; "
        "check the database, and restore a backup."
    )
