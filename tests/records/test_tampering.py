"""Whatever is changed behind the program's back is named, a deleted end of the audit trail among it."""

import hashlib
import json
import re

import pytest

from tests.records.cases import PAGE, Place, draft, opened, version
from tests.records.spoken import dictated, signed


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


@pytest.mark.parametrize(
    ("statements", "named"),
    [
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
    ],
)
def test_every_change_is_named(place: Place, statements: list[str], named: list[str]):
    filled(place)
    for statement in statements:
        place.tamper(statement.replace("SET by", 'SET "by"'))
    records = place.open()
    faults = records.verify()
    records.close()
    assert faults and all(any(words in fault for fault in faults) for words in named), faults
    assert all(fault.endswith(".") and "\n" not in fault for fault in faults)
    assert not re.search("lungs|doe|jane", " ".join(faults), re.IGNORECASE)


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (["DELETE FROM recordings"], "is missing: the audit trail knows that it was made"),
        (["UPDATE recordings SET sha256 = 'x'"], "knows another hash of its sound"),
        (["UPDATE recordings SET sha256 = '', flac = ''"], "knows another hash of its sound"),
        (
            ["DELETE FROM recordings", "DELETE FROM drafts", "DELETE FROM versions", "DELETE FROM cases"],
            "The case {} is missing",
        ),
        (["DELETE FROM drafts"], "The case {} is missing"),
    ],
)
def test_sound_and_cases_that_were_taken_out_are_named(place: Place, statements: list[str], named: str):
    records = place.open()
    case = signed(records, dictated(records))
    assert records.verify() == ()
    for statement in statements:
        place.tamper(statement)
    assert any(named.format(case.id) in fault for fault in records.verify())
    records.close()


def test_a_version_that_was_changed_with_its_hash_is_named(place: Place):
    case_id = filled(place)
    records = place.open()
    content = records.versions(case_id)[1].model_copy(update={"text": "Left effusion."}).model_dump_json()
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    place.tamper(
        "UPDATE versions SET content = :content, sha256 = :sha256 WHERE number = 2", content=content, sha256=sha256
    )
    assert records.verify() == (f"Version 2 of the case {case_id} was changed: the audit trail knows another one.",)
    records.close()


def test_an_entry_that_was_changed_with_its_hash_breaks_the_chain(place: Place):
    filled(place)
    records = place.open()
    entry = records.audit()[3]
    with records.reading() as connection:
        previous = connection.exec_driver_sql("SELECT previous FROM audit WHERE number = 4").scalar_one()
    fields = [4, entry.case, entry.what, "Dr X", entry.at, json.dumps(entry.detail, sort_keys=True), previous]
    hash_ = hashlib.sha256(json.dumps(fields).encode()).hexdigest()
    place.tamper("UPDATE audit SET \"by\" = 'Dr X', hash = :hash WHERE number = 4", hash=hash_)
    assert records.verify() == ("The audit trail was changed: entry 5 does not follow entry 4.",)
    records.close()


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
    records = place.open()
    records.note("", "started", "")
    assert "knows 900 entries" in records.verify()[0]
    records.close()
