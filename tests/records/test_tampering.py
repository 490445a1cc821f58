"""Whatever is changed behind the program's back is named, a deleted end of the audit trail among it."""

import hashlib
import json
import re
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from dictation.errors import DictationError
from dictation.exam import Order
from dictation.records import Records, ordering, recordings, sound, trail
from dictation.records.holds import hold, release
from dictation.records.schema import sessions
from dictation.records.sessions import Sessions
from dictation.records.signing_in import SigningIn
from dictation.records.text import at, draft_hash
from dictation.records.users import Users
from tests.records.cases import AT, PAGE, Place, draft, opened, version
from tests.records.quick_hashes import QUICK
from tests.records.spoken import add_sound, dictated, signed
from tests.records.store_schema import load


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("argon2.PasswordHasher", QUICK)


def both(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Each row on SQLite, and each fourth on PostgreSQL: what is found there is found by the same Python."""
    return [("sqlite", *row) for row in rows] + [("postgresql", *row) for row in rows[::4]]


def filled(place: Place) -> str:
    """Records with one signed case and seven audit entries; return the case's id."""
    records = place.open()
    case = opened(records, draft("Lungs clear."))
    records.sign(case, version(case, state="preliminary", role="resident"), PAGE)
    records.sign(case, version(case), PAGE)
    for number in range(3):
        records.note(case.id, "played", "Dr A", {"number": number})
    assert len(records.audit()) == 7 and records.verify() == ()
    records.close()
    return case.id


def faults_of(place: Place) -> tuple[str, ...]:
    """What a program that is started now says of it."""
    with closing(place.open()) as records:
        return records.verify()


CHANGES = [
    (["UPDATE audit SET by = 'Dr X' WHERE number = 3"], ["entry 3 is not what was written"]),
    (["UPDATE audit SET detail = '{' WHERE number = 3"], ["entry 3 is not what was written", "Version 1"]),
    (["DELETE FROM audit WHERE number = 2"], ["entry 2 is missing"]),
    (["DELETE FROM audit WHERE number IN (5, 6)"], ["entries 5 to 6 are missing"]),
    (
        ["DELETE FROM audit WHERE number > 5"],
        ["7 entries were written, it ends with entry 5", "records.head knows"],
    ),
    (
        [
            "DELETE FROM audit WHERE number > 6",
            "UPDATE audit_head SET entries = 6, hash = (SELECT hash FROM audit WHERE number = 6)",
        ],
        ["records.head knows 7 entries, it ends with entry 6"],
    ),
    (["DELETE FROM audit", "UPDATE audit_head SET entries = 0, hash = ''"], ["records.head knows 7 entries"]),
    (["DELETE FROM audit_head"], ["length is missing"]),
    (["UPDATE audit SET number = 70 WHERE number = 7"], ["entries 7 to 69 are missing", "entry 70 is not what"]),
    (["UPDATE versions SET content = replace(content, 'Lungs', 'lungs') WHERE number = 1"], ["Version 1 of the"]),
    (["UPDATE versions SET author = 'Dr X' WHERE number = 2"], ["Version 2 of the case"]),
    (["UPDATE versions SET reason = 'x' WHERE number = 2"], ["Version 2 of the case"]),
    (["DELETE FROM versions WHERE number = 2"], ["Version 2 of the case", "is called final, which nobody signed"]),
    (["UPDATE cases SET state = 'draft'"], ["is called draft, which nobody signed"]),
    (["UPDATE cases SET sent_at = changed_at"], ["knows otherwise whether and when it was sent"]),
    (["INSERT INTO audit_head VALUES (2, 900, 'x')"], ["length stands there more than once"]),
    (["INSERT INTO audit_head VALUES (0, 900, 'x')"], ["length stands there more than once"]),
]


@pytest.mark.parametrize(("place", "statements", "named"), both(CHANGES), indirect=["place"])
def test_every_change_is_named(place: Place, statements: list[str], named: list[str]):
    filled(place)
    for statement in statements:
        place.tamper(statement.replace("SET by", 'SET "by"'))
    faults = faults_of(place)
    assert faults and all(any(words in fault for fault in faults) for words in named), faults
    assert all(fault.endswith(".") and "\n" not in fault for fault in faults)
    assert not re.search("lungs|doe|jane", " ".join(faults), re.IGNORECASE)


TAKEN_OUT = [
    (["DELETE FROM recordings"], "is missing: the audit trail knows that it was made"),
    (["UPDATE recordings SET sha256 = 'x'"], "knows another hash of its sound"),
    (["UPDATE recordings SET sha256 = '', flac = ''"], "knows another hash of its sound"),
    (
        ["DELETE FROM recordings", "DELETE FROM drafts", "DELETE FROM versions", "DELETE FROM cases"],
        "The case {} is missing",
    ),
    (["DELETE FROM drafts"], "The case {} is missing"),
    (["UPDATE recordings SET case_id = (SELECT MAX(id) FROM cases)"], "knows another case, file or beginning of it"),
    (["UPDATE recordings SET file = 'another.capture'"], "knows another case, file or beginning of it"),
    (
        [
            "INSERT INTO recordings (take, recording, case_id, file, started_at, duration_s, sha256, flac) "
            "SELECT 'x', 'y', MAX(id), MAX(file), '2026', 0, '', '' FROM cases, recordings"
        ],
        "The recording y was put there",
    ),
    (["UPDATE drafts SET images = '[\"../one.png\"]'"], "The draft of the case {} cannot be opened"),
    (["UPDATE drafts SET content = '[[[['"], "The draft of the case {} cannot be opened"),
]


@pytest.mark.parametrize(("place", "statements", "named"), both(TAKEN_OUT), indirect=["place"])
def test_sound_and_cases_that_were_taken_out_are_named(
    records: Records, place: Place, statements: list[str], named: str
):
    case = signed(records, dictated(records))
    opened(records, draft("Lungs clear.", id="f" * 32))  # another case, of no recording
    assert records.verify() == ()
    for statement in statements:
        place.tamper(statement)
    assert any(named.format(case.id) in fault for fault in records.verify())


@pytest.mark.parametrize("sent_at", ["", "2026-03-01T09:30:00.000000+00:00"])
def test_when_a_report_was_sent_is_what_the_trail_knows(tmp_path: Path, sent_at: str):
    place = Place("", tmp_path)
    case_id = filled(place)
    with closing(place.open()) as records:
        records.mark_sent(case_id, "Dr A")
        assert records.verify() == ()
        place.tamper("UPDATE cases SET sent_at = :at", at=sent_at)
        (fault,) = records.verify()
        assert "knows otherwise whether and when it was sent" in fault


def test_a_length_that_stands_there_twice_lets_nothing_be_written(tmp_path: Path):
    place = Place("", tmp_path)
    filled(place)
    place.tamper("INSERT INTO audit_head VALUES (2, 900, 'x')")
    with closing(place.open()) as records, pytest.raises(DictationError, match=r"stands there 2 times.*backup\.$"):
        records.note("", "started", "")


def test_a_version_that_was_changed_with_its_hash_is_named(records: Records, place: Place):
    case_id = filled(place)
    content = records.versions(case_id)[1].model_copy(update={"text": "Left effusion."}).model_dump_json()
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    place.tamper(
        "UPDATE versions SET content = :content, sha256 = :sha256 WHERE number = 2", content=content, sha256=sha256
    )
    assert records.verify() == (f"Version 2 of the case {case_id} was changed: the audit trail knows another one.",)


def test_an_entry_that_was_changed_with_its_hash_breaks_the_chain(records: Records, place: Place):
    filled(place)
    entry = records.audit()[3]
    with records.reading() as connection:
        previous = connection.exec_driver_sql("SELECT previous FROM audit WHERE number = 4").scalar_one()
    fields = [4, entry.case, entry.what, "Dr X", entry.at, json.dumps(entry.detail, sort_keys=True), previous]
    hash_ = hashlib.sha256(json.dumps(fields).encode()).hexdigest()
    place.tamper("UPDATE audit SET \"by\" = 'Dr X', hash = :hash WHERE number = 4", hash=hash_)
    assert records.verify() == ("The audit trail was changed: entry 5 does not follow entry 4.",)


def test_the_file_beside_the_database_is_missed_and_never_shortened(place: Place):
    filled(place)
    head = place.home / "records.head"
    records = place.open()
    head.unlink()
    assert "is missing" in records.verify()[0]
    head.write_bytes(b"nonsense")
    assert "is damaged" in records.verify()[0]
    records.close()

    head.unlink()
    records = place.open()
    assert records.audit()[-1].what == "head file missing"
    assert records.verify() == ()
    records.close()


def test_a_backup_that_is_older_than_the_file_is_named(place: Place):
    filled(place)
    (place.home / "records.head").write_text(f"{900:012d} {'0' * 64}\n")
    with closing(place.open()) as records:
        records.note("", "started", "")
        assert "knows 900 entries" in records.verify()[0]


def departmental(place: Place) -> str:
    """Records with users, a case of one of them that another was let in to, and that nobody has open; return its id."""
    records = place.open()
    users = Users(records)
    users.add("ann", "Dr. Ann Example", "attending", "correct horse battery", "test")
    users.add("bob", "", "resident", None, "test")
    users.add("eve", "", "reader", None, "test")
    users.set_role("eve", "resident", "test")
    users.set_display("bob", "Dr. Bob Example", "test")
    users.disable("bob", "test")
    users.enable("bob", "test")
    case = opened(records, draft("Lungs clear."))
    records.assign(case.id, "ann")
    records.grant(case.id, "bob", "test")
    records.grant(case.id, "eve", "test")
    records.revoke(case.id, "eve", "test")
    records.save(case.model_copy(update={"template": "x"}), PAGE)
    hold(records, case.id, "a claim", "test")
    assert records.verify() == ()
    records.release(case.id, PAGE)
    assert records.verify() == ()
    records.close()
    return case.id


def test_a_hold_that_somebody_planted_is_named_and_one_that_was_released_is_none(records: Records, place: Place):
    case_id = departmental(place)
    release(records, case_id, "settled", "test")
    assert records.verify() == ()
    place.tamper(f"INSERT INTO holds VALUES ('{case_id}', 'x', 'y', '2026')")
    (fault,) = faults_of(place)
    assert f"legal hold of the case {case_id} was put there" in fault


OF_THE_DEPARTMENT = [
    ("UPDATE users SET role = 'administrator' WHERE name = 'eve'", "user eve was changed: .* another role"),
    ("UPDATE users SET role = 'attending' WHERE name = 'bob'", "user bob was changed: .* another role"),
    ("UPDATE users SET is_disabled = true WHERE name = 'ann'", "user ann was changed: .* another state"),
    ("UPDATE users SET display = 'Dr. Eve' WHERE name = 'bob'", "user bob was changed: .* another name on reports"),
    ("UPDATE users SET hash = 'x' WHERE name = 'ann'", "user ann was changed: .* another password"),
    ("UPDATE users SET hash = 'x' WHERE name = 'bob'", "user bob was changed: .* another password"),
    ("UPDATE users SET must_change = false WHERE name = 'ann'", "user ann was changed: .* has to be changed"),
    ("DELETE FROM users WHERE name = 'eve'", "user eve is missing"),
    (
        "INSERT INTO users VALUES ('zoe', 'Z', 'attending', '', '', false, '2026', false, '')",
        "user zoe was put there",
    ),
    ("UPDATE cases SET owner = 'eve'", "case {} was changed: .* another owner"),
    ("UPDATE cases SET owner = ''", "case {} was changed: .* another owner"),
    ("INSERT INTO case_readers VALUES ('{}', 'eve')", "case {} was changed: .* others who were let in"),
    ("DELETE FROM case_readers", "case {} was changed: .* others who were let in"),
    (
        "UPDATE drafts SET content = replace(content, 'Lungs clear', 'Lungs  dull')",
        "draft of the case {} .* not what was kept",
    ),
    ("DELETE FROM holds", "legal hold of the case {} is missing"),
    ("UPDATE drafts SET given = '[[], []] '", "draft of the case {} .* not what was kept"),
    ("UPDATE drafts SET orders = '[] '", "draft of the case {} .* not what was kept"),
    ("UPDATE drafts SET images = '[] '", "draft of the case {} .* not what was kept"),
    ("UPDATE cases SET is_critical = true", "case {} was changed: .* dictated or critical"),
    ("UPDATE cases SET is_communicated = true", "case {} was changed: .* dictated or critical"),
    ("UPDATE cases SET is_dictated = false", "case {} was changed: .* dictated or critical"),
    ("UPDATE cases SET urgency = 0", "case {} was changed: .* another urgency"),
    ("UPDATE cases SET urgency = 4, priority = 'stat'", "case {} was changed: .* another urgency"),
    (
        "INSERT INTO orders VALUES ('A9', '{}', '{{}}', 'active', 'stat', '2026')",
        "order of the case {} was put there: .* no such order",
    ),
    ("INSERT INTO inbox VALUES ('x', '1 2')", "1 files of the orders folder are passed over"),
    ("INSERT INTO studies VALUES ('{}', '1.2.3', 'A9', '{{}}', '2026')", "studies of the case {} were changed"),
]


@pytest.mark.parametrize(("place", "statement", "named"), both(OF_THE_DEPARTMENT), indirect=["place"])
def test_users_owners_and_drafts_that_were_changed_behind_the_program_are_named(
    place: Place, statement: str, named: str
):
    case_id = departmental(place)
    place.tamper(statement.format(case_id))
    faults = faults_of(place)
    assert len(faults) == 1 and re.search(named.format(case_id), faults[0]), faults
    assert not re.search("lungs|doe|jane", faults[0], re.IGNORECASE)


OF_EACH_COLUMN = [
    ("UPDATE cases SET order_status = 'cancelled' WHERE id = '{ordered}'", "whether it is still ordered"),
    ("UPDATE cases SET order_status = '' WHERE id = '{ordered}'", "whether it is still ordered"),
    ("UPDATE cases SET order_status = 'active' WHERE id = '{resent}'", "whether it is still ordered"),
    ("UPDATE cases SET created_at = '2026-01-01T00:00:00.000000+00:00' WHERE id = '{ordered}'", "time at which it was"),
    ("UPDATE cases SET procedure = 'Skull' WHERE id = '{ordered}'", "names another patient or exam"),
    ("UPDATE cases SET modality = 'MR' WHERE id = '{ordered}'", "names another patient or exam"),
    ("UPDATE cases SET body_part = 'HEAD' WHERE id = '{ordered}'", "names another patient or exam"),
    ("UPDATE cases SET search = 'nothing' WHERE id = '{ordered}'", "finds the case {ordered} by other words"),
    ("UPDATE cases SET lock_page = 'x' WHERE id = '{open}'", "otherwise who has it open"),
    ("UPDATE cases SET lock_page = '' WHERE id = '{open}'", "otherwise who has it open"),
    ("UPDATE cases SET lock_name = 'Dr X' WHERE id = '{open}'", "otherwise who has it open"),
    ("UPDATE cases SET lock_at = '2026' WHERE id = '{open}'", "otherwise who has it open"),
    ("UPDATE cases SET lock_name = 'Dr X' WHERE id = '{ordered}'", "otherwise who has it open"),
    ("UPDATE recordings SET take = 'x' WHERE recording = '{archived}'", "another case, file or beginning"),
    ("UPDATE recordings SET started_at = '2026' WHERE recording = '{archived}'", "another case, file or beginning"),
    ("UPDATE recordings SET flac = 'x.flac' WHERE recording = '{archived}'", "a file of another name"),
    ("UPDATE recordings SET flac = '' WHERE recording = '{archived}'", "a file of another name"),
    ("UPDATE recordings SET flac = 'x.flac' WHERE recording = '{captured}'", "a file of another name"),
    ("UPDATE recordings SET duration_s = 9 WHERE recording = '{captured}'", "its length is another one"),
    ("UPDATE recordings SET duration_s = 9 WHERE recording = '{deleted}'", "its length is another one"),
    ("UPDATE recordings SET purged_bytes = 9 WHERE recording = '{captured}'", "freed another number of bytes"),
    ("UPDATE recordings SET purged_bytes = 9 WHERE recording = '{deleted}'", "freed another number of bytes"),
    ("UPDATE orders SET received_at = '2026' WHERE case_id = '{ordered}'", "order of case {ordered} was changed"),
    ("UPDATE holds SET reason = 'x'", "hold of the case {open} was changed"),
    ("UPDATE holds SET \"by\" = 'x'", "hold of the case {open} was changed"),
    ("UPDATE holds SET at = '2026'", "hold of the case {open} was changed"),
    ("UPDATE users SET browser_key = 'x'", "user ann was changed: .* another key of their browser"),
    ("UPDATE users SET former = ''", "user ann was changed: .* another password before"),
    ("UPDATE sessions SET used_at = '2099'", "session of the user ann was put there or changed"),
    ("UPDATE sessions SET used_at = '2000'", "session of the user ann was put there or changed"),
]


@pytest.mark.parametrize("column", ["cases.name", "cases.revision", "audit.by", "drafts.content", "versions.content"])
def test_what_sqlite_keeps_as_bytes_is_told_and_nothing_fails_on_it(tmp_path: Path, column: str):
    place, (table, _, name) = Place("", tmp_path / "home"), column.partition(".")
    with closing(place.open()) as records:
        case = opened(records, draft("Lungs clear."))
        records.sign(case, version(case), PAGE)
        place.tamper(f"UPDATE {table} SET \"{name}\" = CAST('X' AS BLOB)")
        (fault,) = records.verify()
        assert f"The table {table} of the database holds what is no text" in fault and f"({name})" in fault
        assert records.verify_trail()[0] == (fault,)


def worked_in(records: Records) -> dict[str, str]:
    """Records in which orders came, were cancelled and came again, and what the rows of the table name."""
    received = Order(accession="R1", name="DOE^Jane", procedure="Chest", modality="CR", body_part="CHEST")
    again = Order(accession="R2", patient_id="P2")
    ids = [take_order(records, one) for one in (received, again)]
    for status in ("cancelled", "active"):
        take_order(records, received, status)
    assert records.lock(ids[1], PAGE, "Dr A").page == PAGE
    records.sign(case := records.load(ids[1]).draft, version(case), PAGE)
    take_order(records, again.model_copy(update={"patient_id": "P3"}))
    records.release(ids[1], PAGE)
    other = dictated(records, id="d" * 32)
    signed(records, add_sound(records, other), is_closed=True)
    with records.recorded() as (connection, trail):  # as a purge does it
        deleted, archived = recordings.in_order(connection, other.id)
        recordings.purged(connection, deleted.recording, AT, 1)
        detail = {"recording": deleted.recording, "sha256": deleted.sha256, "seconds": deleted.duration_s, "bytes": 1}
        trail.add(other.id, recordings.PURGED, "test", detail)
    open_case = dictated(records, id="e" * 32)
    hold(records, open_case.id, "a claim", "test")
    users = Users(records)
    users.add("ann", "Dr. Ann Example", "attending", "correct horse battery", "test")
    users.set_password("ann", "another horse battery", "test")
    Sessions(records).begin("ann")
    (captured,) = records.recordings(open_case.id)
    named = {"deleted": deleted.recording, "archived": archived.recording, "captured": captured.recording}
    return {"ordered": ids[0], "resent": ids[1], "open": open_case.id, **named}


def take_order(records: Records, order: Order, status: str = "active") -> str:
    with records.recorded() as (connection, trail):
        return ordering.receive(connection, trail, order, status, "routine", "test")[0].case


@pytest.mark.parametrize(("place", "statement", "named"), both(OF_EACH_COLUMN), indirect=["place"])
def test_a_column_that_was_changed_behind_the_program_is_named(place: Place, statement: str, named: str):
    with closing(place.open()) as records:
        ids = worked_in(records)
        assert records.verify() == () and sound.faults(records) == ()
        place.tamper(statement.format(**ids))
        (fault,) = records.verify()
        assert re.search(named.format(**ids), fault), fault
        assert not re.search("lungs|doe|jane", fault, re.IGNORECASE)


def test_a_length_that_is_not_that_of_its_file_is_named(tmp_path: Path):
    with closing((place := Place("", tmp_path)).open()) as records:
        signed(records, dictated(records))
        assert sound.faults(records) == ()
        place.tamper("UPDATE recordings SET duration_s = duration_s + 1")
        (fault,) = sound.faults(records)
        assert "its sound is of another length" in fault


def test_a_recording_that_was_put_before_another_comes_back_to_its_time_in_a_restore(records: Records, place: Place):
    case = add_sound(records, dictated(records), started_at=AT + timedelta(minutes=1))
    before = records.recordings(case.id)
    place.tamper("UPDATE recordings SET started_at = '2020' WHERE take = :take", take=before[1].take)
    assert records.recordings(case.id) != before
    with records.recorded() as (connection, _):
        recordings.keep_known(connection)
    assert records.recordings(case.id) == before


def test_a_case_that_came_back_open_from_a_backup_is_no_fault(records: Records, place: Place):
    case = opened(records, draft("Lungs clear."))
    records.save(case.model_copy(update={"template": "x"}), PAGE)
    place.tamper("UPDATE cases SET lock_page = '', lock_name = '', lock_at = ''")
    assert any("who has it open" in fault for fault in records.verify())
    records.note("", trail.CAME_BACK, "test", {"locks": 1})
    assert records.verify() == ()


def test_passwords_of_an_older_program_and_those_hashed_again_are_no_change_behind_it(
    records: Records, place: Place, monkeypatch
):
    departmental(place)
    with records.recorded() as (_, trail):  # as that program wrote it
        trail.add("", "password changed", "test", {"user": "ann"})
    place.tamper("UPDATE users SET hash = 'x' WHERE name = 'ann'")
    assert records.verify() == ()
    users = Users(records)
    users.set_password("ann", "another horse battery", "test")
    assert records.verify() == ()
    monkeypatch.setattr(PasswordHasher, "check_needs_rehash", lambda self, hash_: True)
    SigningIn(records, Sessions(records)).sign_in("ann", "another horse battery", "127.0.0.1")
    assert records.verify() == () and users.named("ann").must_change
    place.tamper("UPDATE users SET hash = 'x' WHERE name = 'ann'")
    assert len(records.verify()) == 1


OF_SESSIONS = [
    f"INSERT INTO sessions VALUES ('{'0' * 64}', 'ann', '2026', '2026', '2099')",
    "UPDATE sessions SET ends_at = '2099'",
    "UPDATE sessions SET name = 'bob'",
    f"UPDATE sessions SET token = '{'0' * 64}'",
]


@pytest.mark.parametrize(("place", "statement"), both([(one,) for one in OF_SESSIONS]), indirect=["place"])
def test_a_session_that_nobody_began_is_named(place: Place, statement: str):
    departmental(place)
    with closing(place.open()) as records:
        Sessions(records).begin("ann")
        assert records.verify() == ()
        place.tamper(statement)
        (fault,) = records.verify()
        assert "was put there or changed: the audit trail knows no such sign-in" in fault


def test_a_session_that_ended_is_named_where_somebody_puts_it_back(tmp_path: Path):
    place = Place("", tmp_path)
    departmental(place)
    with closing(place.open()) as records:
        for end in (Sessions(records).end, lambda _: Users(records).set_display("ann", "Dr. A", "test")):
            token = Sessions(records).begin("ann")
            with records.reading() as connection:
                (row,) = connection.execute(select(sessions)).mappings()
            end(token)
            assert records.verify() == ()
            place.tamper("INSERT INTO sessions VALUES (:token, :name, :created_at, :used_at, :ends_at)", **row)
            (fault,) = records.verify()
            assert "session of the user ann was put there" in fault
            place.tamper("DELETE FROM sessions")


def test_a_session_that_an_older_program_began_is_no_fault_until_it_has_ended(records: Records, place: Place):
    departmental(place)
    with records.recorded() as (_, trail):  # as that program wrote it
        trail.add("", "signed in", "ann", {"address": ""})
    place.tamper("INSERT INTO sessions VALUES ('x', 'ann', '', '', :ends)", ends=at(datetime.now(UTC)))
    assert records.verify() == ()
    place.tamper("UPDATE sessions SET ends_at = :ends", ends=at(datetime.now(UTC) + timedelta(days=8)))
    assert len(records.verify()) == 1


def test_a_draft_that_was_changed_with_its_hash_is_named_unless_a_page_is_at_it(records: Records, place: Place):
    case_id = departmental(place)
    with records.reading() as connection:
        row = connection.exec_driver_sql("SELECT content, given, orders, images FROM drafts").one()
    content = row.content.replace("Lungs clear", "Lungs  dull")
    hash_ = draft_hash(content, row.given, row.orders, row.images)
    place.tamper("UPDATE drafts SET content = :content, sha256 = :hash", content=content, hash=hash_)
    sentence = f"The draft of the case {case_id} was changed: the audit trail knows another one."
    assert records.verify() == (sentence,)


def test_a_draft_is_what_the_trail_knows_after_all_that_the_program_does_to_it(records: Records):
    case = opened(records, draft("Lungs clear."))
    for template in ("a", "b"):
        records.save(case.model_copy(update={"template": template}), PAGE)
    records.take_over(case.id, "another page", "Dr B")
    records.save(case.model_copy(update={"orders": ()}), "another page")
    records.sign(case, version(case), "another page")
    records.release(case.id, "another page")
    records.mark_sent(case.id, "Dr B")
    assert records.verify() == ()
    other = draft("Heart normal.")
    records.create(other, "Dr A")
    assert records.verify() == ()


def test_files_and_orders_that_an_older_program_took_in_are_no_fault_and_a_planted_file_is_one(tmp_path: Path):
    place = Place("", tmp_path / "home")
    load("0005", place)
    with closing(place.open()) as records:
        with records.recorded() as (connection, trail):
            ordering.remember_file(connection, trail, "a" * 64, "1 5")
            ordering.remember_file(connection, trail, "b" * 64, f"1 {time.time_ns()} unreadable 7")
        assert records.verify() == ()
        place.tamper(f"INSERT INTO inbox VALUES ('{'c' * 64}', '1 {time.time_ns()}')")
        (fault,) = records.verify()
        assert "1 files of the orders folder are passed over" in fault


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
def test_a_trigger_that_somebody_planted_is_named(place: Place):
    case_id = departmental(place)
    if place.url:
        place.tamper("CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
        place.tamper("CREATE TRIGGER sly BEFORE UPDATE ON drafts FOR EACH ROW EXECUTE FUNCTION planted()")
        place.tamper("CREATE RULE slyer AS ON DELETE TO versions DO INSTEAD NOTHING")
    else:
        place.tamper("CREATE TRIGGER sly BEFORE UPDATE ON drafts BEGIN DELETE FROM holds; END")
        place.tamper("CREATE VIEW slyer AS SELECT * FROM drafts")
    faults = faults_of(place)
    assert len(faults) == 2 and case_id
    assert "has a trigger sly, which this program did not make" in "".join(faults) and "slyer" in "".join(faults)


def test_a_text_that_is_no_text_is_told_as_damage_and_not_as_a_server_that_does_not_answer(tmp_path):
    place = Place("", tmp_path)
    records = place.open()
    opened(records, draft("Lungs clear."))
    records.close()
    place.tamper("UPDATE cases SET name = CAST(x'ff' AS TEXT)")
    records = place.open()
    with pytest.raises(DictationError, match="is damaged; restore it from a backup"):
        records.worklist()
    records.close()
