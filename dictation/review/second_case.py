"""An order whose exam has a case already waits, and the page asks: go to that case, or is a second one meant?"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dictation.imaging import Study
from dictation.records.rights import User, may
from dictation.records.same_exam import OtherCase
from dictation.review.page import Message

if TYPE_CHECKING:
    from dictation.review.open_case import OpenCase


@dataclass(frozen=True)
class Waiting:
    """What was given with an order and is not taken yet, and the case that its exam has already."""

    accession: str
    other: OtherCase
    changes: dict[str, object]
    study: Study | None


def question(case: "OpenCase", user: User) -> Message | None:
    """What the page asks, None for nothing. Of a case that the user may not see it says only whose it is."""
    if case.second is None:
        return None
    other = case.second.other
    is_seen = may(user, case.desk.records.owned(other.id), "see")
    by = other.locked_by or other.owner
    is_signed = other.state not in ("draft", "preliminary")
    if is_signed:
        text = f"This exam ({case.second.accession}) has a signed report ({other.state})."
    elif other.locked_by:
        text = f"A case of this exam ({case.second.accession}) is open: {by} has it."
    else:
        whose = f", of {by}" if by and by != user.name else ""
        text = f"A case of this exam ({case.second.accession}) is there already{whose}: {other.state}."
    if not is_seen:
        text += f" It is not shown to you; ask {by}."
    return {"text": text, "case": other.id if is_seen else "", "adds": is_signed}
