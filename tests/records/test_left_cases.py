"""Cases whose owner can no longer work: every attending sees them, and whoever goes on with a draft has it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, insert, update

from dictation.case.draft import Draft
from dictation.errors import UsageError
from dictation.records import Records, leaving
from dictation.records import users as users_room
from dictation.records.leaving import ADDENDUM, CHANGED, UNSENT, UNTOLD, Waiting
from dictation.records.rights import Owned, User, may
from dictation.records.schema import case_readers, drafts
from dictation.records.schema import cases as table
from dictation.records.trail import Trail
from dictation.records.users import Users
from tests.records.cases import PAGE, draft, opened, version

NAMES = {"ann": "attending", "zoe": "attending", "eve": "resident", "rea": "reader", "bob": "resident"}


@pytest.fixture
def users(records: Records) -> Users:
    users = Users(records)
    for name, role in NAMES.items():
        users.add(name, "", role, None, "test")
    return users


def seeing(records: Records, case: str) -> set[str]:
    """Who sees a case, in the list and by its id alike."""
    by_list = {name for name, role in NAMES.items() if case in listed(records, User(name=name, role=role))}
    owned = records.owned(case)
    assert by_list == {name for name, role in NAMES.items() if may(User(name=name, role=role), owned, "see")}
    for name, role in NAMES.items():
        user = User(name=name, role=role)
        assert may(user, owned, "work") == (name in by_list and user.signs)
    return by_list


def listed(records: Records, user: User) -> set[str]:
    rows = {row.id for row in records.worklist(limit=500, user=user).rows}
    assert records.counts(user)[""] == len(rows)
    return rows


def signed_by(records: Records, name: str) -> Draft:
    """A case with a final report of somebody."""
    case = opened(records, draft())
    records.assign(case.id, name)
    records.sign(case, version(case), PAGE)
    return case


def change(records: Records, case: str, **values) -> None:
    with records.recorded() as (connection, _):
        connection.execute(update(table).where(table.c.id == case).values(**values))


@pytest.mark.parametrize(
    "leave",
    [
        lambda users: users.disable("bob", "t"),
        lambda users: users.set_role("bob", "reader", "t"),
        lambda users: users.set_role("bob", "administrator", "t"),
    ],
    ids=["disabled", "reader", "administrator"],
)
def test_a_case_whose_owner_can_no_longer_work_is_every_attendings(records: Records, users, leave):
    case = opened(records, draft()).id
    records.assign(case, "bob")
    done, changed, untold, told = (signed_by(records, "bob") for _ in range(4))
    change(records, changed.id, order_status="changed")
    change(records, untold.id, is_critical=True)
    change(records, told.id, is_critical=True, is_communicated=True)
    everything = [case, *(one.id for one in (done, changed, untold, told))]
    assert [seeing(records, one) for one in everything] == [{"bob"}] * 5
    leave(users)
    for one in (case, changed.id, untold.id):
        assert seeing(records, one) == {"bob", "ann", "zoe"}, "somebody may have to add to it"
    assert seeing(records, done.id) == seeing(records, told.id) == {"bob"}, "nobody needs them"
    records.grant(done.id, "zoe", "test")
    assert seeing(records, done.id) == {"bob", "zoe"}
    records.revoke(done.id, "zoe", "test")
    users.set_role("bob", "resident", "t")
    users.enable("bob", "t")
    assert [seeing(records, one) for one in everything] == [{"bob"}] * 5, "as before, once they are back"


def test_who_adds_to_a_report_of_somebody_who_left_is_in_the_trail_and_does_not_own_it(records: Records, users):
    case, there = (signed_by(records, "bob") for _ in range(2))
    change(records, case.id, order_status="changed")
    records.assign(there.id, "ann")
    assert records.audit(there.id)[-1].detail == {"owner": "bob"}, "they are still here"
    users.disable("bob", "test")
    records.assign(case.id, "ann")
    assert records.owned(case.id).owner == "bob"
    last = records.audit(case.id)[-1]
    assert (last.what, last.by, last.detail) == ("worked on by another", "ann", {"owner": "bob", "owner_left": True})
    change(records, case.id, order_status="")
    assert seeing(records, case.id) == {"bob", "ann"}, "who worked on it sees it further on"
    users.enable("bob", "test")
    assert seeing(records, case.id) == {"bob", "ann"}
    assert records.verify() == ()


def test_who_goes_on_with_it_has_it_and_the_trail_says_from_whom(records: Records, users):
    case = opened(records, draft()).id
    records.assign(case, "bob")
    records.grant(case, "ann", "test")
    users.disable("bob", "test")
    records.assign(case, "ann")
    assert records.owned(case) == Owned(owner="ann", readers=frozenset(("bob",)), state="draft")
    last = records.audit(case)[-1]
    assert (last.what, last.by, last.detail) == ("assigned", "ann", {"from": "bob"})
    assert seeing(records, case) == {"ann", "bob"}
    records.assign(case, "zoe")
    assert records.audit(case)[-1].what == "worked on by another", "ann can work"
    users.disable("ann", "test")
    users.enable("bob", "test")
    records.assign(case, "bob")
    assert records.owned(case).owner == "bob" and records.owned(case).readers == {"ann", "zoe"}
    assert records.verify() == ()


def test_a_draft_is_gone_on_with_whose_owner_had_been_granted_it_before_it_was_theirs(records: Records, users):
    case = opened(records, draft()).id
    records.grant(case, "bob", "test")
    records.assign(case, "bob")
    assert records.owned(case) == Owned(owner="bob", readers=frozenset(), state="draft")
    older = opened(records, draft()).id
    records.assign(older, "bob")
    with records.recorded() as (connection, _):  # as an earlier version left it
        connection.execute(insert(case_readers).values(case_id=older, name="bob"))
    users.disable("bob", "test")
    for one in (case, older):
        records.assign(one, "ann")
        assert records.owned(one) == Owned(owner="ann", readers=frozenset(("bob",)), state="draft")


def test_what_waits_for_a_final_signature_keeps_its_owner(records: Records, users):
    waiting = opened(records, draft())
    records.assign(waiting.id, "bob")
    records.sign(waiting, version(waiting, state="preliminary", role="resident"), PAGE)
    users.disable("bob", "test")
    records.assign(waiting.id, "ann")
    assert records.owned(waiting.id).owner == "bob" and "ann" in records.owned(waiting.id).readers


def test_what_waits_for_something_is_listed_with_what_it_waits_for(records: Records, users):
    drafted, waiting, done, added, changed, untold, nobodys = (opened(records, draft()) for _ in range(7))
    for one in (drafted, waiting, done, added, changed, untold):
        records.assign(one.id, "bob")
    records.sign(waiting, version(waiting, state="preliminary", role="resident"), PAGE)
    for one in (done, added, changed, untold):
        records.sign(one, version(one), PAGE)
    records.save(added.model_copy(update={"addendum": 'a "rib"'}), PAGE)
    change(records, changed.id, order_status="changed")
    change(records, untold.id, is_critical=True)
    found = {one.case: (one.owner, one.state, one.needs) for one in users.waiting("BOB")}
    assert found == {
        drafted.id: ("bob", "draft", ()),
        waiting.id: ("bob", "preliminary", ()),
        added.id: ("bob", "final", (ADDENDUM,)),
        changed.id: ("bob", "final", (CHANGED,)),
        untold.id: ("bob", "final", (UNTOLD,)),
    }
    everything = users.waiting("bob", with_unsent=True)
    assert {one.case: one.needs for one in everything}[done.id] == (UNSENT,)
    assert {one.case: one.needs for one in everything}[added.id] == (ADDENDUM, UNSENT)
    records.mark_sent(done.id, "ann")
    assert done.id not in str(users.waiting("bob", with_unsent=True))
    assert users.waiting("ann") == () and nobodys.id not in str(everything)
    with pytest.raises(UsageError, match="no user"):
        users.waiting("nobody")
    assert users.left() == ()
    users.disable("bob", "test")
    assert users.left() == users.waiting("bob")
    assert records.audit()[-1].detail == {"user": "bob", "leaves": 5}


def test_a_draft_that_cannot_be_read_is_not_left_out(records: Records, users):
    case = opened(records, draft())
    records.assign(case.id, "bob")
    records.sign(case, version(case), PAGE)
    assert users.waiting("bob") == ()
    with records.recorded() as (connection, _):
        connection.execute(update(drafts).where(drafts.c.case_id == case.id).values(content="{"))
    assert [one.needs for one in users.waiting("bob")] == [(ADDENDUM,)]


def test_the_trail_says_how_many_cases_a_role_that_does_not_sign_leaves(records: Records, users):
    records.assign(opened(records, draft()).id, "bob")
    for role, leaves in (("attending", {}), ("reader", {"leaves": 1}), ("administrator", {"leaves": 1})):
        before = next(one.role for one in users.all() if one.name == "bob")
        users.set_role("bob", role, "test")
        assert records.audit()[-1].detail == {"user": "bob", "from": before, "to": role, **leaves}
    users.set_role("ann", "reader", "test")
    assert "leaves" not in records.audit()[-1].detail


def test_what_somebody_leaves_is_counted_before_others_have_to_wait(records: Records, users, monkeypatch):
    records.assign(opened(records, draft()).id, "bob")
    recorded, writing, counted = records.recorded, [], []

    @contextmanager
    def watched() -> Iterator[tuple[Connection, Trail]]:
        with recorded() as both:
            writing.append(both)
            yield both
        writing.clear()

    def waiting(*args, **more) -> Iterator[Waiting]:
        counted.append(not writing)
        return leaving.waiting(*args, **more)

    monkeypatch.setattr(records, "recorded", watched)
    monkeypatch.setattr(users_room, "waiting", waiting)
    users.set_role("bob", "reader", "test")
    users.disable("bob", "test")
    assert counted == [True, True]
    assert [entry.detail["leaves"] for entry in records.audit()[-2:]] == [1, 1]
