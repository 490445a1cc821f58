"""`dictation purge`, `hold` and `audit` as scripts rely on them."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dictation.records import Records
from dictation.records.clock import applied_at
from dictation.settings import Settings
from pipelines.doctor import examine
from tests.pipelines import command_line
from tests.records.cases import PAGE, draft, opened
from tests.records.spoken import dictated, kept_sound, signed

OLD = datetime.now(UTC) - timedelta(days=100)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DICTATION_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def records(home: Path):
    opened = Records.open_at("", home)
    yield opened
    opened.close()


def run(*arguments: str, code: int = 0, stdin: str = ""):
    return command_line.run(*arguments, check=code, stdin=stdin)


def test_a_dry_run_changes_nothing_and_the_next_run_does_what_it_said(home, records, monkeypatch):
    old = signed(records, dictated(records, started_at=OLD), at=OLD)
    held = signed(records, dictated(records, started_at=OLD), at=OLD)
    unsigned = dictated(records)
    assert run("hold", held.id, "--reason", "File 17").stdout.split() == [held.id]
    before = records.audit()
    assert "deleted: 0 recordings" in run("purge").stdout  # nothing was set
    monkeypatch.setenv("DICTATION_KEEP_AUDIO", "90")
    trial = json.loads(run("purge", "--dry-run", "--json").stdout)
    assert records.audit() == before and kept_sound(records, old) == [True]
    assert [one["case"] for one in trial["deleted"]] == [old.id]
    assert {reason: group["cases"] for reason, group in trial["kept"].items()} == {
        "the case is on legal hold": [held.id],
        "the case is not signed final": [unsigned.id],
    }
    assert [one["reason"] for one in trial["holds"]] == ["File 17"] and trial["disk"]["days"] > 0
    text = run("purge", "--dry-run").stdout
    assert "would go: 1 recording, 0.2 s" in text and "File 17" in text and "more such days" in text
    done = json.loads(run("purge", "--json").stdout)
    assert done == {**trial, "dry_run": False, "disk": done["disk"]}
    assert (kept_sound(records, old), kept_sound(records, held)) == ([False], [True])
    assert "DOE" not in text + json.dumps(done) and "P1" not in text + json.dumps(done)
    assert run("purge").stdout.count("\ndeleted: 0 recordings") == 1
    checks = {check["name"]: check for check in examine(Settings())["checks"]}
    assert all(checks[name]["ok"] for name in ("records", "sound", "retention"))
    assert "90 days" in checks["retention"]["state"]


def test_a_file_that_stays_is_named_with_exit_code_1(home, records, monkeypatch):
    signed(records, dictated(records, started_at=OLD), at=OLD)
    monkeypatch.setenv("DICTATION_KEEP_AUDIO", "signed")
    monkeypatch.setenv("DICTATION_LOG", str(home / "log.jsonl"))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "refused")

    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.unlink", refuse)
        assert "cannot be deleted (refused)" in run("purge", code=1).stderr
    assert applied_at(records) is None, "a purge that leaves a file has not ended well"
    assert "deleted as well: 1 recording" in run("purge").stdout
    assert applied_at(records) is not None
    with monkeypatch.context() as patched:
        at_another_time(patched, timedelta(days=365))
        run("purge", code=1)
    events = [json.loads(line) for line in (home / "log.jsonl").read_text().splitlines()]
    assert [one["event"] for one in events] == ["purged", "purge failed", "purged", "purge failed"]
    assert events[1]["count"] == 1 and events[3]["error"] == "DictationError"


def at_another_time(monkeypatch, ahead: timedelta) -> None:
    """Whatever asks this program for the time gets another one."""

    class Ahead(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + ahead

    for module in ("dictation.records.text", "pipelines.purge"):
        monkeypatch.setattr(f"{module}.datetime", Ahead)


@pytest.mark.parametrize("is_used", [False, True])
def test_a_clock_that_is_a_year_ahead_deletes_nothing_until_somebody_says_that_it_is_right(
    home, records, monkeypatch, is_used
):
    case = signed(records, dictated(records), at=datetime.now(UTC))
    monkeypatch.setenv("DICTATION_KEEP_AUDIO", "90")
    run("purge")
    with monkeypatch.context() as patched:
        at_another_time(patched, timedelta(days=365))
        if is_used:  # others work under the clock before the purge runs
            records.note("", "backed up", "Operator")
        for _ in range(2):
            told = run("purge", code=1).stderr
            assert "Nothing was deleted. The clock may be wrong" in told and "--clock-is-right" in told
        assert "a purge would be refused: The clock may be wrong" in run("purge", "--dry-run").stdout
        assert kept_sound(records, case) == [True]
    if not is_used:
        run("purge")  # the clock was set right before anybody worked
        return
    assert "The clock may be wrong" in run("purge", code=1).stderr  # it went back
    run("purge", "--clock-is-right")
    assert "deleted: 0 recordings" in run("purge").stdout and kept_sound(records, case) == [True]
    assert records.verify() == ()


def test_a_server_that_was_off_for_three_weeks_waits_for_one_word_and_for_one_week_for_none(home, records, monkeypatch):
    case = signed(records, dictated(records, started_at=OLD), at=OLD + timedelta(days=85))
    monkeypatch.setenv("DICTATION_KEEP_AUDIO", "90")
    run("purge")
    at_another_time(monkeypatch, timedelta(days=7))
    assert "deleted: 0 recordings" in run("purge").stdout
    at_another_time(monkeypatch, timedelta(days=28))
    records.note("", "backed up", "Operator")
    run("purge", code=1)
    assert "would go: 0 recordings" in run("purge", "--dry-run").stdout
    at_another_time(monkeypatch, timedelta(days=100))
    run("purge", code=1)
    assert kept_sound(records, case) == [True]
    run("purge", "--clock-is-right")
    assert kept_sound(records, case) == [False]
    assert "deleted: 0 recordings" in run("purge").stdout
    assert "clock confirmed" in [entry.what for entry in records.audit()]


def test_a_rule_without_days_needs_no_clock(home, records, monkeypatch):
    case = signed(records, dictated(records), at=datetime.now(UTC))
    monkeypatch.setenv("DICTATION_KEEP_AUDIO", "none")
    at_another_time(monkeypatch, timedelta(days=365))
    run("purge")
    assert kept_sound(records, case) == [False]


def test_a_hold_of_sound_that_is_gone_says_so_with_exit_code_1(home, records, monkeypatch):
    case = signed(records, dictated(records, started_at=OLD), at=OLD)
    monkeypatch.setenv("DICTATION_KEEP_AUDIO", "90")
    run("purge")
    done = run("hold", case.id, "--reason", "File 17", code=1)
    assert done.stdout.split() == [case.id]
    assert (
        f"Case {case.id}: 1 of 1 recordings were deleted" in done.stderr
        and str(datetime.now(UTC).date()) in done.stderr
    )
    assert run("hold", case.id, "--reason", "File 17", "--release").stderr == ""


def test_what_is_no_rule_and_no_case_is_wrong_usage(home, records, monkeypatch):
    assert "no case has this" in run("hold", "nothing", "--reason", "File 17", code=2).stderr.lower()
    assert "not on legal hold" in run("hold", opened(records, draft()).id, "--reason", "x", "--release", code=2).stderr
    assert "This is no time" in run("audit", "--from", "x", code=2).stderr
    monkeypatch.setenv("DICTATION_KEEP_AUDIO", "0")
    assert "DICTATION_KEEP_AUDIO cannot be used: give always, signed, none or" in run("purge", code=2).stderr


def test_the_trail_comes_as_csv_lines_or_text_and_says_how_long_it_is(home, records, monkeypatch):
    case = opened(records, draft())
    records.note(case.id, "viewed", "=cmd();=1")
    monkeypatch.setenv("DICTATION_LOG", str(home / "log.jsonl"))
    table = list(csv.DictReader(io.StringIO(run("audit", "--format", "csv").stdout)))
    assert [row["what"] for row in table] == ["created", "opened", "viewed", "summary"]
    assert table[2]["by"] == "'=cmd();'=1"
    assert table[-1]["detail"] == "3 entries; the chain of all 3 entries verifies."
    *lines, last = map(json.loads, run("audit", "--case", case.id, "--format", "jsonl").stdout.splitlines())
    assert [line["what"] for line in lines] == ["created", "opened", "viewed"]
    assert last == {"summary": {"entries": 3, "trail": 4, "verified": True, "faults": [], "unknown": []}}
    text = run("audit", "--patient", "-", stdin="P1\n").stdout
    assert text.count("\n") == 5 and text.endswith("4 entries; the chain of all 5 entries verifies.\n")
    assert [json.loads(line)["event"] for line in (home / "log.jsonl").read_text().splitlines()] == ["exported"] * 3
    assert "P1" not in text and "P1" not in str(records.audit()) and records.verify() == ()


def test_what_somebody_typed_draws_nothing_on_the_terminal_of_whoever_reads_the_trail(home, records):
    typed = "Dr Öhm \x1b[2J \x9b2J \u202eon \u2028 \U000e0041"
    records.note(opened(records, draft()).id, "communicated", typed, {"person": typed})
    text = run("audit").stdout
    assert all(line.isprintable() for line in text.split("\n"))
    last = text.split("\n")[-3]
    assert json.loads(last[last.index("{") :]) == {"person": typed} and "Öhm" in last


def test_who_occurs_nowhere_in_the_trail_is_no_nothing_done(home, records):
    opened(records, draft())
    assert run("audit", "--user", "dr a").stdout.endswith("2 entries; the chain of all 2 entries verifies.\n")
    for form in ("text", "csv", "jsonl"):
        told = run("audit", "--user", "Dr O", "--format", form, code=2)
        assert "Nobody of this name is in the audit trail" in told.stderr and "Dr O" not in told.stderr
        assert "nobody of this name is in the audit trail" in told.stdout
    told = run("audit", "--patient", "-", stdin="P77\n", code=2)
    assert "No case here carries this patient id" in told.stderr and "P77" not in told.output
    assert records.audit()[-1].what == "audit trail exported" and records.verify() == ()


def test_a_trail_that_does_not_verify_ends_with_exit_code_1(home, records):
    records.release(opened(records, draft()).id, PAGE)
    with records.recorded() as (connection, _):
        connection.exec_driver_sql("UPDATE audit SET what = 'x' WHERE number = 2")
    assert "entry 2 is not what was written" in run("audit", code=1).stdout
