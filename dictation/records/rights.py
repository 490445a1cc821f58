"""Who may do what with a case: one rule, asked at every door by which the id of a case comes in.

A case belongs to whoever dictates it first; until then everybody sees it. Beside its owner those see it who worked on
it or were granted it, and every attending while it waits for a final signature. Where its owner can no longer work,
every attending sees a draft, too, and a signed report while its order changed since or a critical result was told
nobody. A reader looks on, an administrator sees no case: users are looked after by commands on the server. Where
nobody signs in there is one user, who may do everything.
"""

from typing import Literal

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from dictation.frozen import Frozen
from dictation.records.schema import case_readers, cases, users

Role = Literal["reader", "resident", "attending", "administrator"]
What = Literal["see", "work"]
SIGNING: tuple[Role, ...] = ("resident", "attending")
SOMEBODY = "reader at this workstation"


class User(Frozen):
    """Whose page it is. `name` is what they sign in with, "" where nobody does; `display` stands under reports.

    `must_change`: their password is one that somebody else set, and until they change it they do nothing else.
    """

    name: str = ""
    display: str = ""
    role: Role = "attending"
    must_change: bool = False

    @property
    def by(self) -> str:
        """Who did it, for the audit trail, decisions and locks."""
        return self.name or self.display or SOMEBODY

    @property
    def signs(self) -> bool:
        """Whether this role dictates and signs, as far as a case allows it."""
        return self.role in SIGNING


class Owned(Frozen):
    """Whose a case is: its owner, "" for nobody yet, who else was let in, and the state that it is in.

    `is_left`: its owner is disabled, or has a role that does not sign, and it waits for something.
    """

    owner: str
    readers: frozenset[str]
    state: str
    is_left: bool = False


EVERYBODY = User()


def may(user: User, case: Owned | None, what: What) -> bool:
    """Return whether a user may see a case, or work on it. None: one that the records do not have."""
    if not user.name:
        return True
    if user.role == "administrator" or (what == "work" and not user.signs):
        return False
    if case is None or case.owner in ("", user.name) or user.name in case.readers:
        return True
    return user.role == "attending" and (case.state == "preliminary" or case.is_left)


def seen_by(user: User) -> ColumnElement[bool]:
    """Return `may(user, case, "see")` as a condition on the cases of the records."""
    if not user.name:
        return true()
    if user.role == "administrator":
        return false()
    granted = select(case_readers.c.case_id).where(case_readers.c.name == user.name)
    seen = or_(cases.c.owner.in_(("", user.name)), cases.c.id.in_(granted))
    if user.role != "attending":
        return seen
    return or_(seen, cases.c.state == "preliminary", and_(is_left(), waits()))


def is_left() -> ColumnElement[bool]:
    """Whether the owner of a case can no longer work on it, as a condition on the cases of the records."""
    working = select(users.c.name).where(~users.c.is_disabled, users.c.role.in_(SIGNING))
    return and_(cases.c.owner != "", cases.c.owner.not_in(working))


def waits() -> ColumnElement[bool]:
    """Whether a case has no final signature, a changed order, or a critical result told nobody, as a condition."""
    return or_(
        cases.c.state.in_(("draft", "preliminary")),
        cases.c.order_status == "changed",
        cases.c.is_critical & ~cases.c.is_communicated,
    )
