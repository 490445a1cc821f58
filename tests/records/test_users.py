"""Users, their sessions, slow sign-in after failures, and whose a case is: on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from unicodedata import normalize

import pytest
from argon2 import extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import text

from dictation.errors import UsageError
from dictation.records import Records
from dictation.records.rights import EVERYBODY, Owned, User, may
from dictation.records.sessions import Lasting, Sessions
from dictation.records.signing_in import (
    FREE_TRIES,
    FREE_TRIES_ANYWHERE,
    FREE_TRIES_THERE,
    LONGEST_WAIT_ANYWHERE_S,
    WRONG,
    Refused,
    SigningIn,
    unlock,
)
from dictation.records.users import Users, checked_name, hasher
from tests.records.cases import PAGE, Place, draft, opened, version
from tests.records.quick_hashes import QUICK

WORDS = "correct horse battery"
HERE = "192.0.2.7"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def goes_on(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asserted of names, waits and sessions rests on no cost of a hash."""
    monkeypatch.setattr("argon2.PasswordHasher", QUICK)


def test_a_hash_costs_what_rfc_9106_asks_for():
    assert extract_parameters(hasher().hash(WORDS)) == RFC_9106_LOW_MEMORY


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def users(records: Records, quick) -> Users:
    users = Users(records)
    users.add("Ann", "Dr. Ann Example", "attending", WORDS, "test")
    return users


def door(records: Records, clock: Clock) -> tuple[Sessions, SigningIn]:
    sessions = Sessions(records, Lasting(timedelta(minutes=30), timedelta(hours=8)), clock)
    return sessions, SigningIn(records, sessions, clock)


def refused(signing_in: SigningIn, name: str, password: str, address: str = HERE) -> Refused:
    with pytest.raises(Refused) as error:
        signing_in.sign_in(name, password, address)
    return error.value


def test_the_right_password_begins_a_session_and_neither_is_in_the_database(records: Records, users, clock):
    sessions, signing_in = door(records, clock)
    token = signing_in.sign_in("ANN ", WORDS, HERE)
    assert sessions.user(token) == User(name="ann", display="Dr. Ann Example", role="attending", must_change=True)
    with records.reading() as connection:
        kept = str([connection.execute(text(f"SELECT * FROM {table}")).all() for table in ("users", "sessions")])
    assert token not in kept and WORDS not in kept and "$argon2id$" in kept
    told = [(entry.what, entry.by) for entry in records.audit()]
    assert told == [("user added", "test"), ("signed in", "ann")] and WORDS not in str(records.audit())


def test_what_was_wrong_is_not_told_and_the_trail_names_only_who_is_known(records: Records, users, clock):
    _, signing_in = door(records, clock)
    users.add("bob", "", "resident", None, "test")
    users.add("old", "", "resident", WORDS, "test")
    users.disable("old", "test")
    tried = [("ann", "wrong"), ("nobody", WORDS), ("bob", ""), ("old", WORDS), ("", "")]
    assert {str(refused(signing_in, *one)) for one in tried} == {WRONG}
    assert [e.by for e in records.audit() if e.what == "sign-in failed"] == ["ann", "", "bob", "old", ""]


def test_who_changes_their_own_password_keeps_this_session_alone_and_the_trail_says_who(records: Records, users, clock):
    sessions, signing_in = door(records, clock)
    here, elsewhere = (signing_in.sign_in("ann", WORDS, HERE) for _ in range(2))
    with pytest.raises(UsageError, match="15 to 256"):
        signing_in.change_password("ann", WORDS, "short", HERE, here)
    with pytest.raises(Refused, match="current password"):
        signing_in.change_password("ann", "wrong", "another horse battery", HERE, here)
    assert sessions.user(elsewhere) is not None
    signing_in.change_password("ann", WORDS, "another horse battery", HERE, here)
    assert sessions.user(here) is not None and sessions.user(elsewhere) is None
    assert str(refused(signing_in, "ann", WORDS)) == WRONG
    assert signing_in.sign_in("ann", "another horse battery", HERE)
    told = [(entry.what, entry.by) for entry in records.audit()]
    assert ("own password changed", "ann") in told and told.count(("sign-in failed", "ann")) == 2
    assert not any(one in str(records.audit()) for one in (WORDS, "another horse", "wrong"))


def test_the_old_password_is_guessed_no_faster_where_it_is_changed(records: Records, users, clock):
    sessions, signing_in = door(records, clock)
    token = signing_in.sign_in("ann", WORDS, HERE)
    for _ in range(FREE_TRIES):
        with pytest.raises(Refused):
            signing_in.change_password("ann", "wrong", "another horse battery", HERE, token)
    with pytest.raises(Refused, match=r"current password is wrong\. Try again in") as error:
        signing_in.change_password("ann", WORDS, "another horse battery", HERE, token)
    assert error.value.wait_s >= 1 and refused(signing_in, "ann", WORDS).wait_s >= 1
    clock.goes_on(minutes=1)
    signing_in.change_password("ann", WORDS, "another horse battery", HERE, token)
    assert sessions.user(token) is not None


GUESSED = (
    "passwordpassword1",
    "Dr.Ann_Example!",
    "ann-example-ann-1",
    "elpmaxe.nna.2024",
    "Radiology-2026-12",
    "abcdefghijklmnop",
)
OWN = ("correct horse battery staple", "seven wet otters sing", "X7!kq-29vT#plaQ", "gr\u00fcne Birne fliegt")


def is_refused(change: Callable[..., object], *given: str) -> bool:
    """Whether a change is refused as one to a password that is guessed quickly."""
    try:
        change(*given)
    except UsageError as error:
        return "guessed quickly" in str(error)
    return False


def test_a_password_that_is_guessed_quickly_is_none_and_one_that_nobody_else_has_is_taken(
    records: Records, users, clock
):
    _, signing_in = door(records, clock)
    changes = (
        lambda password: users.set_password("ann", password, "test"),
        lambda password: users.add("ada", "Dr. Ann Example", "reader", password, "test"),
        lambda password: signing_in.change_password("ann", WORDS, password, HERE, ""),
    )
    assert [one for one, change in product(GUESSED, changes) if not is_refused(change, one)] == []
    assert {account.name for account in users.all()} == {"ann"}
    assert [one for one in OWN if is_refused(changes[0], one)] == []


def test_the_password_that_is_there_is_no_new_one(records: Records, users, clock):
    _, signing_in = door(records, clock)
    for change in (
        lambda: users.set_password("ann", WORDS, "test"),
        lambda: signing_in.change_password("ann", WORDS, WORDS, HERE, ""),
    ):
        with pytest.raises(UsageError, match="this user had last"):
            change()


def test_a_password_that_was_there_does_not_come_back(records: Records, users, clock):
    _, signing_in = door(records, clock)
    mine = [WORDS, *(f"{word} otters sing in rain" for word in ("seven", "eight", "nine", "eleven", "twelve"))]
    for old, new in pairwise(mine):
        signing_in.change_password("ann", old, new, HERE, "")
    for again in mine:
        for change in (
            lambda again=again: users.set_password("ann", again, "test"),
            lambda again=again: signing_in.change_password("ann", mine[-1], again, HERE, ""),
        ):
            with pytest.raises(UsageError, match="this user had last"):
                change()
    with pytest.raises(Refused):
        signing_in.change_password("ann", "wrong", mine[0], HERE, "")  # who does not know it is not told
    users.set_password("ann", "a horse that otters ride", "test")
    signing_in.change_password("ann", "a horse that otters ride", WORDS, HERE, "")  # seven changes later
    assert records.verify() == ()


def test_who_was_given_a_password_has_to_change_it_until_they_have(records: Records, users, clock):
    sessions, signing_in = door(records, clock)
    token = signing_in.sign_in("ann", WORDS, HERE)
    assert sessions.user(token).must_change
    signing_in.change_password("ann", WORDS, "another horse battery", HERE, token)
    assert not sessions.user(token).must_change
    users.set_password("ann", "a third horse battery", "test")
    assert users.named("ann").must_change
    users.add("bob", "", "reader", None, "test")
    assert not users.named("bob").must_change, "who signs in elsewhere"


ACCENTED = "M\u00fcller isst Cr\u00e8me"


@pytest.mark.parametrize(("stored", "typed"), [("NFC", "NFD"), ("NFD", "NFC"), ("NFD", "NFD"), ("NFC", "NFC")])
def test_an_accented_password_is_right_however_a_keyboard_sends_it(records: Records, users, clock, stored, typed):
    sessions, signing_in = door(records, clock)
    users.set_password("ann", normalize(stored, ACCENTED), "test")
    assert sessions.user(signing_in.sign_in("ann", normalize(typed, ACCENTED), HERE))
    assert str(refused(signing_in, "ann", "Muller isst Creme")) == WRONG
    users.set_password("ann", normalize(stored, ("\u00fcber gr\u00f6\u00dfer " * 22)[:256]), "test")
    longest = "\u00fcber gr\u00f6\u00dfer " * 22
    assert signing_in.sign_in("ann", normalize(typed, longest[:256]), HERE), "the longest one"
    refused(signing_in, "ann", normalize(typed, longest[:257]))


def test_a_password_that_was_hashed_as_it_was_typed_is_still_right(records: Records, users, clock):
    sessions, signing_in = door(records, clock)
    before = hasher().hash(normalize("NFD", ACCENTED))
    with records.recorded() as (connection, _):
        connection.execute(text("UPDATE users SET hash = :hash WHERE name = 'ann'"), {"hash": before})
    assert sessions.user(signing_in.sign_in("ann", normalize("NFD", ACCENTED), HERE))


def test_after_five_failures_each_try_waits_longer_even_with_the_right_password_and_after_a_restart(
    place: Place, clock, quick
):
    records = place.open()
    Users(records).add("ann", "", "attending", WORDS, "test")
    waits = [refused(door(records, clock)[1], "ann", "wrong").wait_s for _ in range(FREE_TRIES)]
    assert waits == [0, 0, 0, 0, 2]
    records.close()
    records = place.open()
    sessions, signing_in = door(records, clock)
    assert refused(signing_in, "ann", WORDS).wait_s == 2
    clock.goes_on(seconds=2)
    assert refused(signing_in, "ann", "wrong").wait_s == 4
    assert signing_in.sign_in("ann", WORDS, "192.0.2.8"), "another machine is not kept out"
    clock.goes_on(seconds=4)
    assert sessions.user(signing_in.sign_in("ann", WORDS, HERE))
    assert refused(signing_in, "ann", "wrong").wait_s == 0, "a success begins the count anew"
    records.close()


def quick_door(records: Records, clock: Clock) -> SigningIn:
    """One whose hashes are cheap: what counts is how often."""
    _, signing_in = door(records, clock)
    signing_in._hasher = signing_in._hasher.__class__(1, 8, 1)
    signing_in._nobodys = signing_in._hasher.hash("")
    return signing_in


def counted(records: Records) -> list:
    with records.reading() as connection:
        return connection.execute(text("SELECT key, failures, last_at FROM sign_in_failures ORDER BY key")).all()


def test_a_name_that_is_guessed_from_everywhere_is_slowed_down_but_not_where_its_user_was(
    records: Records, users, clock
):
    signing_in = quick_door(records, clock)
    assert signing_in.sign_in("ann", WORDS, HERE)
    for name in ("ann", "nobody"):
        for number in range(FREE_TRIES_ANYWHERE):
            assert refused(signing_in, name, "guess", f"198.51.100.{number}").wait_s == 0
        assert refused(signing_in, name, "guess", "198.51.100.200").wait_s == 2, "whether there is such a user or not"
    for number in range(20):  # it goes on for long
        clock.goes_on(seconds=LONGEST_WAIT_ANYWHERE_S)
        refused(signing_in, "ann", "guess", f"203.0.113.{number}")
        assert signing_in.sign_in("ann", WORDS, HERE), "their user is not kept out"
    assert 0 < refused(signing_in, "ann", WORDS, "192.0.2.99").wait_s <= LONGEST_WAIT_ANYWHERE_S
    clock.goes_on(seconds=LONGEST_WAIT_ANYWHERE_S)
    assert signing_in.sign_in("ann", WORDS, "192.0.2.99"), "nor, after a minute, at a place that is new"


def test_all_addresses_of_one_ipv6_customer_count_as_one(records: Records, users, clock):
    signing_in = quick_door(records, clock)
    waits = [refused(signing_in, "ann", "guess", f"2001:db8:1:2:{number:x}::1").wait_s for number in range(FREE_TRIES)]
    assert waits == [0, 0, 0, 0, 2]
    assert refused(signing_in, "ann", WORDS, "2001:db8:1:2:ffff:ffff:ffff:ffff").wait_s == 2
    assert signing_in.sign_in("ann", WORDS, "2001:db8:1:3::1"), "another customer"
    for number in range(FREE_TRIES):
        refused(signing_in, "ann", "guess", "::ffff:" * (number % 2) + "192.0.2.50")
    assert refused(signing_in, "ann", WORDS, "192.0.2.50").wait_s == 2, "one machine, however it is written"
    assert signing_in.sign_in("ann", WORDS, "::ffff:192.0.2.51")


def test_failures_and_places_are_forgotten(records: Records, users, clock):
    signing_in = quick_door(records, clock)
    signing_in.sign_in("ann", WORDS, HERE)
    for number in range(10):
        refused(signing_in, f"name{number}", "guess", f"198.51.100.{number}")
    many = len(counted(records))
    clock.goes_on(hours=25)
    refused(signing_in, "zoe", "guess", "192.0.2.60")
    assert len(counted(records)) < many / 2
    clock.goes_on(days=31)
    refused(signing_in, "zoe", "guess", "192.0.2.60")
    assert len(counted(records)) == 3, "of this last try alone"


def test_an_address_that_tries_many_names_is_slowed_down(records: Records, users, clock):
    signing_in = quick_door(records, clock)
    for number in range(FREE_TRIES_THERE):
        assert refused(signing_in, f"name{number}", "guess").wait_s == 0
    assert refused(signing_in, "another", "guess").wait_s > 0
    before = counted(records)
    assert all(refused(signing_in, "ann", WORDS).wait_s > 0 for _ in range(2 * FREE_TRIES))
    assert counted(records) == before, "who was not listened to has not failed, and waits no longer than the address"
    clock.goes_on(seconds=2)
    assert signing_in.sign_in("ann", WORDS, HERE)


def test_a_clock_that_was_ahead_keeps_nobody_out(records: Records, users, clock):
    _, signing_in = door(records, clock)
    clock.goes_on(days=200)
    assert signing_in.sign_in("ann", WORDS, HERE)
    clock.goes_on(days=-200)
    assert refused(signing_in, "zoe", "guess").wait_s == 0
    assert signing_in.sign_in("ann", WORDS, HERE), "who signed in then"


def test_failures_while_the_clock_was_ahead_wait_no_longer_than_others(records: Records, users, clock):
    signing_in = quick_door(records, clock)
    clock.goes_on(days=200)
    for _ in range(FREE_TRIES + 1):
        refused(signing_in, "ann", "guess")
        clock.goes_on(seconds=2)
    clock.goes_on(days=-200)
    waits = [refused(signing_in, "ann", WORDS).wait_s]
    clock.goes_on(seconds=3)
    waits.append(refused(signing_in, "ann", WORDS).wait_s)
    assert waits == [4, 1], "it passes, too"
    clock.goes_on(seconds=1)
    assert signing_in.sign_in("ann", WORDS, HERE)


def test_a_name_is_unlocked_wherever_it_failed(records: Records, users, clock):
    signing_in = quick_door(records, clock)
    users.add("bob", "", "resident", WORDS, "test")
    for name in ("ann", "bob"):
        for number in range(FREE_TRIES_ANYWHERE):
            address = f"2001:db8:1:{number // FREE_TRIES}::{number:x}"
            assert refused(signing_in, name, "guess", address).wait_s == (2 if number % FREE_TRIES == 4 else 0)
    assert refused(signing_in, "ann", WORDS, "2001:db8:1:3::1").wait_s > 0
    unlock(records, "Ann", "test")
    last = records.audit()[-1]
    assert (last.what, last.by, last.detail) == ("sign-in unlocked", "test", {"user": "ann"})
    for address in ("2001:db8:1:0::1", "2001:db8:1:3::1", "203.0.113.9"):
        assert signing_in.sign_in("ann", WORDS, address)
    assert refused(signing_in, "bob", WORDS, "2001:db8:1:3::1").wait_s > 0, "another's name"
    with pytest.raises(UsageError, match="no user"):
        unlock(records, "zoe", "test")


@pytest.mark.parametrize("name", ["\N{KELVIN SIGN}arl", "karl\N{NO-BREAK SPACE}"])
def test_a_name_in_other_letters_is_nobodys(name):
    with pytest.raises(UsageError, match="a to z"):
        checked_name(name)


def test_a_session_ends_unused_and_at_the_end_of_the_day_and_at_sign_out(records: Records, users, clock):
    sessions, _ = door(records, clock)
    idle, busy, left = (sessions.begin("ann") for _ in range(3))
    sessions.end(left)
    assert sessions.user(left) is None
    for number in range(23):
        clock.goes_on(minutes=20)
        assert sessions.user(busy) is not None
        assert (sessions.user(idle, is_used=False) is None) == (number > 0), "looking is no use of it"
    clock.goes_on(minutes=21)
    assert sessions.user(busy) is None, "eight hours are over"
    for forged in ("", "x", left, busy[:-1], busy + "a"):
        assert sessions.user(forged) is None


def test_signing_in_takes_no_token_that_a_browser_brings(records: Records, users, clock):
    sessions, signing_in = door(records, clock)
    planted = sessions.begin("ann")
    token = signing_in.sign_in("ann", WORDS, HERE, before=planted)
    assert token != planted and sessions.user(planted) is None and sessions.user(token)


@pytest.mark.parametrize(
    "change",
    [
        lambda users: users.disable("ann", "t"),
        lambda users: users.set_role("ann", "resident", "t"),
        lambda users: users.set_password("ann", "another horse battery", "t"),
        lambda users: users.set_display("ann", "Dr. Ann Other", "t"),
    ],
    ids=["disabled", "role", "password", "name"],
)
def test_a_change_of_the_account_ends_its_sessions(records: Records, users, clock, change):
    sessions, _ = door(records, clock)
    token = sessions.begin("ann")
    change(users)
    assert sessions.user(token) is None
    users.enable("ann", "t")
    assert sessions.user(token) is None


def test_what_no_user_can_be_is_refused(records: Records, users):
    before = users.all()
    for name, role, password in (
        ("../x", "reader", WORDS), ("", "reader", WORDS), ("ann", "reader", WORDS), ("new", "boss", WORDS),
        ("new", "reader", "short"), ("new", "reader", "x" * 300),
    ):  # fmt: skip
        with pytest.raises(UsageError):
            users.add(name, "", role, password, "test")
        assert users.all() == before, (name, role, password)


def test_the_name_on_reports_is_changed_and_the_trail_has_both(records: Records, users):
    users.set_display("ANN", " Dr.  Ada\tLovelace ", "test")
    named = users.named("ann")
    assert named is not None and named.display == "Dr. Ada Lovelace"
    last = records.audit()[-1]
    assert (last.what, last.by) == ("name on reports changed", "test")
    assert last.detail == {"user": "ann", "from": "Dr. Ann Example", "to": "Dr. Ada Lovelace"}
    users.set_display("ann", "Dr. Ada Lovelace", "test")
    assert records.audit()[-1] == last, "nothing changed"
    for wrong in (("zoe", "Dr. Zoe"), ("ann", " \x00"), ("ann", "x" * 101)):
        with pytest.raises(UsageError):
            users.set_display(*wrong, "test")
    assert users.named("ann") == named and records.verify() == ()


@pytest.mark.parametrize("control", ["\x00", "\x07", "\x1b[31m", "\x7f", "\x9b", "\u202e", "\u2066"], ids=ascii)
def test_a_name_on_reports_has_no_control_characters(records: Records, users, control):
    before = users.all()
    for change in (
        lambda: users.add("new", f"Dr. {control}New", "reader", None, "test"),
        lambda: users.set_display("ann", f"Dr. {control}New", "test"),
    ):
        with pytest.raises(UsageError, match="no control characters; type it anew"):
            change()
        assert users.all() == before


def test_the_rule_is_the_same_for_a_case_and_for_the_list(records: Records, users):
    for name in ("bob", "eve"):
        users.add(name, "", "resident", None, "test")
    cases = {}
    for owner, granted, is_signed in product(("", "ann", "bob"), (False, True), (False, True)):
        case = opened(records, draft())
        if owner:
            records.assign(case.id, owner)
        if granted:
            records.grant(case.id, "eve", "test")
        if is_signed:
            records.sign(case, version(case, state="preliminary", role="resident"), PAGE)
        cases[case.id] = case
    for name, role in product(("ann", "bob", "eve", "zoe"), ("reader", "resident", "attending", "administrator")):
        user = User(name=name, role=role)
        seen = {row.id for row in records.worklist(limit=500, user=user).rows}
        assert seen == {id for id in cases if may(user, records.owned(id), "see")}
        assert records.counts(user)[""] == len(seen)
    assert len(records.worklist(limit=500, user=EVERYBODY).rows) == len(cases)


def test_who_may_do_what():
    bobs, nobodys = (
        Owned(owner="bob", readers=frozenset(("eve",)), state="draft"),
        Owned(owner="", readers=frozenset(), state="draft"),
    )
    waiting = bobs.model_copy(update={"state": "preliminary"})

    def asked(name: str, role: str) -> list[bool]:
        user = User(name=name, role=role)
        return [may(user, case, what) for case in (nobodys, bobs, waiting, None) for what in ("see", "work")]

    assert asked("bob", "resident") == [True] * 8
    assert asked("eve", "resident") == [True] * 8
    assert asked("ann", "resident") == [True, True, False, False, False, False, True, True]
    assert asked("ann", "attending") == [True, True, False, False, True, True, True, True]
    assert asked("ann", "reader") == [True, False, False, False, False, False, True, False]
    assert asked("bob", "administrator") == [False] * 8
    assert asked("", "attending") == [True] * 8


def test_a_case_is_whose_first_worked_on_it_and_who_worked_on_it_still_sees_it(records: Records, users):
    users.add("bob", "", "resident", None, "test")
    case = opened(records, draft()).id
    assert records.owned(case) == Owned(owner="", readers=frozenset(), state="draft")
    for name in ("bob", "ann", "bob"):
        records.assign(case, name)
    assert records.owned(case) == Owned(owner="bob", readers=frozenset(("ann",)), state="draft")
    told = [entry.what for entry in records.audit(case)]
    assert told[-2:] == ["assigned", "worked on by another"]
    for wrong in (("f" * 32, "ann"), (case, "nobody"), (case, "ann"), (case, "bob"), ("no accession", "ann")):
        with pytest.raises(UsageError):
            records.grant(*wrong, "test")
    assert records.verify() == ()
