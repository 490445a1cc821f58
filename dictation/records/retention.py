"""How long dictated sound is kept, and what keeps it longer: the rule of a site against one recording.

    always   for ever: nothing is deleted. The default.
    signed   until 3 days after the case was signed final: what was signed on Friday can still be heard on Monday.
    none     until the case is signed final and closed.
    90       so many days after that signature.

The signature that counts is the newest one, so that an addendum keeps all sound of its case anew. Whether the report
was sent does not count: many sites never note that, and its text is kept whatever becomes of its sound.

A radiologist would reject a rule that deletes what no word was made of, what a resident signed and nobody
countersigned, a draft's sound however old, or sound that somebody is just hearing; so none of that is ever deleted. A
data-protection officer would reject sound that stays and nobody knows why; so all that stays is listed with its reason,
also where a killed server left a lock.

Only sound is deleted, whatever else a case has: text, versions, images, orders and the audit trail stay, and in it the
sound's hash and length. What left HOME is out of reach: backups keep the sound until they are deleted themselves, and
so do pages that were exported with clips.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from dictation.records.recordings import KeptRecording
from dictation.records.schema import drafts, holds, versions
from dictation.records.text import from_json

GRACE = timedelta(days=3)

ALWAYS = "the rule keeps all sound"
ON_HOLD = "the case is on legal hold"
UNSIGNED = "the case is not signed final"
OPEN = "the case is open on a page"
YOUNG = "the time that the rule gives is not over"
ADDENDUM = "an addendum is not signed yet"
UNARCHIVED = "the sound is not archived yet"
UNHEARD = "no word was made of some of the sound"
NOT_SIGNED_OVER = "no signed version holds this recording"
UNREADABLE = "the case is damaged; run dictation doctor"
OTHER_SOUND = "the sound is not the one that was signed"


@dataclass(frozen=True)
class Rule:
    """What DICTATION_KEEP_AUDIO says: sound goes `after` the newest final signature; None: never."""

    name: str
    after: timedelta | None

    @classmethod
    def of(cls, setting: str) -> "Rule":
        """The rule of a setting that was checked: "always", "signed", "none" or a number of days."""
        named = {"always": None, "signed": GRACE, "none": timedelta()}
        return cls(setting, named[setting] if setting in named else timedelta(days=int(setting)))

    @property
    def words(self) -> str:
        """The rule as a person says it."""
        if self.after is None:
            return "all sound is kept"
        if not self.after:
            return "sound is kept until its case is signed final and closed"
        days = f"{self.after.days} day{'s' if self.after.days != 1 else ''}"
        return f"sound is kept {days} after its case is signed final"


def reasons(
    connection: Connection, rule: Rule, case: Row[Any], recordings: Iterable[KeptRecording], time: datetime
) -> dict[str, str]:
    """Return for each recording of a case, by its id, why it stays at `time`; "" for one that may go.

    `case` is its row. What is only known by its file (it is elsewhere, or being written) is for others to see.
    """
    try:
        all_of = _of_case(connection, rule, case, time)
        signed, has_unheard = ({}, False) if all_of else _signed(connection, case.id)
    except (ValueError, AttributeError, TypeError):  # `dictation doctor` names it
        all_of = UNREADABLE
    if all_of:
        return {one.recording: all_of for one in recordings}
    return {one.recording: _of_recording(one, signed, has_unheard=has_unheard) for one in recordings}


def signed_at(connection: Connection, case_id: str) -> str:
    """When the newest version of a case was signed (UTC), "" for never."""
    query = select(versions.c.at).where(versions.c.case_id == case_id).order_by(versions.c.number.desc())
    return str(connection.execute(query).scalar() or "")


def _of_case(connection: Connection, rule: Rule, case: Row[Any], time: datetime) -> str:
    """Why all sound of a case stays."""
    if connection.execute(select(holds.c.case_id).where(holds.c.case_id == case.id)).first() is not None:
        return ON_HOLD
    if rule.after is None:
        return ALWAYS
    if case.state not in ("final", "addended"):
        return UNSIGNED
    if case.lock_page:
        return OPEN
    signed = signed_at(connection, case.id)
    if not signed or datetime.fromisoformat(signed) + rule.after > time:
        return YOUNG
    draft = from_json(connection.execute(select(drafts.c.content).where(drafts.c.case_id == case.id)).scalar_one())
    return ADDENDUM if draft.get("addendum") else UNHEARD if draft.get("unheard") else ""


def _signed(connection: Connection, case_id: str) -> tuple[dict[str, str], bool]:
    """The hashes of the recordings of the newest version, and whether any was signed over sound without words."""
    query = select(versions.c.content).where(versions.c.case_id == case_id).order_by(versions.c.number)
    recordings: dict[str, str] = {}
    has_unheard = False
    for row in connection.execute(query):
        version = from_json(row.content)
        recordings = version.get("recordings", {})
        has_unheard |= any(one.get("discrepancy_id") == "unheard" for one in version.get("overrides", ()))
    return recordings, has_unheard


def _of_recording(one: KeptRecording, signed: dict[str, str], *, has_unheard: bool) -> str:
    if one.recording not in signed:
        return NOT_SIGNED_OVER
    if has_unheard or not signed[one.recording]:  # whoever signed had not got it
        return UNHEARD
    if not one.flac:
        return UNARCHIVED
    return "" if signed[one.recording] == one.sha256 else OTHER_SOUND
