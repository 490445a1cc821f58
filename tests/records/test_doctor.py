"""`dictation doctor` says whether what was signed is as it was written."""

import sqlite3

from dictation.case.draft import Draft
from dictation.records import Records
from pipelines.doctor import examine


def check(settings):
    return next(one for one in examine(settings)["checks"] if one["name"] == "records")


def test_the_doctor_verifies_the_records(settings, tmp_path):
    own = settings.model_copy(update={"home": tmp_path / "home"})
    assert check(own) == {"name": "records", "ok": True, "state": "no cases yet", "fix": ""}
    records = Records.open(own)
    for number in range(3):
        records.create(Draft(id=f"{number:032x}"), "Dr. Example")
    records.close()
    assert check(own)["ok"]
    with sqlite3.connect(own.home / "records.sqlite3") as database:
        database.execute("DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)")
    found = check(own)
    assert not found["ok"] and "backup" in found["fix"]
