"""`dictation user` and `serve --host`: as an administrator runs them."""

import pytest
from typer.testing import CliRunner

from dictation.records import Records
from dictation.records.sessions import Sessions
from dictation.records.signing_in import FREE_TRIES, Refused, SigningIn
from dictation.settings import Settings
from pipelines.by_whom import operator
from pipelines.cli import app
from tests.records.cases import PAGE, draft, opened, version

WORDS = "correct horse battery"


@pytest.fixture
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("DICTATION_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(*arguments: str, says: str = ""):
    return CliRunner().invoke(app, list(arguments), input=says)


def test_users_are_added_changed_and_listed_and_no_password_is_an_argument(home):
    added = run("user", "add", "Ann", "attending", "--display", "Dr. Ann Example", says=f"{WORDS}\n")
    assert added.exit_code == 0 and WORDS not in added.output
    assert run("user", "add", "bob", "resident", "--no-password").exit_code == 0
    assert run("user", "add", "eve", "reader", says="short\n").exit_code == 2
    assert run("user", "add", "eve", "reader", "--password", WORDS).exit_code == 2, "there is no such option"
    assert run("user", "role", "bob", "attending").exit_code == 0
    assert run("user", "disable", "bob").exit_code == 0
    listed = run("user", "list").stdout.splitlines()
    assert listed == ["ann\tattending\tpassword\tDr. Ann Example", "bob\tattending\tdisabled\tbob"]
    assert run("user", "enable", "bob").exit_code == 0
    assert run("user", "password", "bob", says=f"{WORDS}\n").exit_code == 0
    assert run("user", "list").stdout.splitlines()[1] == "bob\tattending\tpassword\tbob"
    for unknown in ("disable", "enable", "password"):
        assert run("user", unknown, "zoe", says=f"{WORDS}\n").exit_code == 2
    records = Records.open(Settings())
    told = [entry.what for entry in records.audit()]
    assert told == ["user added", "user added", "role changed", "user disabled", "user enabled", "password changed"]
    assert records.verify() == ()
    records.close()


def test_a_name_that_has_to_wait_is_unlocked(home):
    run("user", "add", "ann", "attending", says=f"{WORDS}\n")
    records = Records.open(Settings())
    signing_in = SigningIn(records, Sessions(records))
    for _ in range(FREE_TRIES):
        with pytest.raises(Refused):
            signing_in.sign_in("ann", "wrong", "192.0.2.7")
    with pytest.raises(Refused, match="Try again in"):
        signing_in.sign_in("ann", WORDS, "192.0.2.7")
    assert run("user", "unlock", "Ann").exit_code == 0 and run("user", "unlock", "zoe").exit_code == 2
    assert signing_in.sign_in("ann", WORDS, "192.0.2.7")
    assert (records.audit()[-2].what, records.audit()[-2].by) == ("sign-in unlocked", operator())
    records.close()


def test_another_name_on_reports_is_listed(home):
    run("user", "add", "hosp-4711@corp.example", "attending", "--no-password")
    assert run("user", "display", "hosp-4711@corp.example", "Dr. Ada Lovelace").exit_code == 0
    assert run("user", "list").stdout == "hosp-4711@corp.example\tattending\tno password\tDr. Ada Lovelace\n"
    for wrong in (("zoe", "Dr. Zoe"), ("hosp-4711@corp.example", "")):
        assert run("user", "display", *wrong).exit_code == 2


def test_who_leaves_unsigned_cases_is_told_of_and_they_are_listed(home):
    for name, role in {"ann": "attending", "bob": "resident"}.items():
        run("user", "add", name, role, "--no-password")
    records = Records.open(Settings())
    cases = [opened(records, draft()).id for _ in range(2)]
    for case in cases:
        records.assign(case, "bob")
    assert run("user", "cases", "Bob").stdout == "".join(f"{case}\tdraft\n" for case in cases)
    assert run("user", "cases", "ann").stdout == "" and run("user", "cases", "zoe").exit_code == 2
    assert run("user", "role", "bob", "attending").stderr == "" == run("user", "disable", "ann").stderr
    for command in (("role", "bob", "reader"), ("disable", "bob")):
        told = run("user", *command)
        assert told.exit_code == 0 and "bob leaves 2 cases without a final signature" in told.stderr
    assert run("user", "left").stdout == "".join(f"bob\t{case}\tdraft\n" for case in cases)
    done = opened(records, draft())
    records.assign(done.id, "bob")
    records.sign(done, version(done), PAGE)
    assert done.id not in run("user", "left").stdout
    for command in (("left", "--unsent"), ("cases", "bob", "--unsent")):
        assert run("user", *command).stdout.endswith(f"{done.id}\tfinal\tnot marked as sent\n")
    records.save(done.model_copy(update={"addendum": "a rib"}), PAGE)
    assert run("user", "cases", "bob").stdout.endswith(f"{done.id}\tfinal\tan addendum is not signed\n")
    told = run("user", "disable", "bob").stderr
    assert "2 cases without a final signature and 1 case with a signed report that waits for something" in told
    run("user", "enable", "bob")
    run("user", "role", "bob", "attending")
    assert run("user", "left", "--unsent").stdout == ""
    records.close()


def test_a_case_is_granted_by_its_accession_number(home):
    run("user", "add", "ann", "attending", "--no-password")
    records = Records.open(Settings())
    case = opened(records, draft())
    records.assign(case.id, "bob")
    assert run("user", "grant", "A1", "ann").exit_code == 0
    assert records.owned(case.id).readers == {"ann"}
    assert run("user", "grant", "A2", "ann").exit_code == 2 and run("user", "grant", case.id, "zoe").exit_code == 2
    records.close()


def test_a_grant_is_revoked_and_the_trail_says_by_whom(home):
    run("user", "add", "ann", "attending", "--no-password")
    records = Records.open(Settings())
    case = opened(records, draft())
    records.assign(case.id, "bob")
    run("user", "grant", case.id, "ann")
    assert run("user", "revoke", "A1", "Ann").exit_code == 0
    assert records.owned(case.id).readers == frozenset()
    entry = records.audit(case.id)[-1]
    assert (entry.what, entry.by, entry.detail) == ("revoked", operator(), {"user": "ann"})
    for refused in (("A1", "ann"), ("A2", "ann"), ("A1", "bob")):
        assert run("user", "revoke", *refused).exit_code == 2
    assert records.owned(case.id).owner == "bob" and records.verify() == ()
    records.close()


def test_another_machine_is_not_served_without_sign_in(home):
    refused = run("serve", "--host", "0.0.0.0")
    assert refused.exit_code == 2 and "DICTATION_SIGN_IN" in refused.stderr and not home.exists()
