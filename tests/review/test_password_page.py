"""Users change their own password: who knows the old one, from this page alone, and no faster than they sign in."""

import pytest

from dictation.records.users import Users
from dictation.review.signed_in import SIGN_IN_AGAIN
from tests.review.department import PAGE, PASSWORD, Visitor, department, has_password
from tests.review.test_signed_in import records, served

__all__ = ["records", "served"]

OLD, NEW = PASSWORD.format(name="eve"), "a new and long one <&>"


@pytest.fixture
def eve(served, records):
    has_password(records, "eve", OLD)
    return Visitor(served).signs_in("eve")


def asks(visitor: Visitor, old: str = OLD, new: str = NEW, again: str = "", **headers: str):
    return visitor.post("/password", {"old": old, "new": new, "again": again or new}, **headers)


def test_a_user_changes_their_password_and_is_signed_out_elsewhere(served, records, eve, capfd):
    elsewhere = Visitor(served).signs_in("eve")
    page = eve.get("/password", **PAGE)
    assert page.status_code == 200 and "<script" not in page.text and "://" not in page.text
    assert (
        page.headers["cache-control"] == "no-store" and "default-src 'none'" in page.headers["content-security-policy"]
    )
    answer = asks(eve)
    assert answer.status_code == 200 and "Your password is changed" in answer.text
    assert eve.get("/who").json()["user"] == "eve" and elsewhere.get("/who").status_code == 401
    assert Visitor(served).tries("eve", OLD).status_code == 401
    assert Visitor(served).tries("eve", NEW).status_code == 303
    changed = [entry for entry in records.audit() if entry.what == "own password changed"]
    assert changed[-1].by == "eve" and changed[-1].detail["address"] == "127.0.0.1"
    written = str(records.audit()) + "".join(capfd.readouterr())
    assert OLD not in written and NEW not in written


def test_a_change_that_cannot_be_says_why_and_changes_nothing(served, eve):
    refused = {
        "The current password is wrong.": (403, asks(eve, old="wrong")),
        "The two new passwords are not the same": (409, asks(eve, again="another long one")),
        "A password has 15 to 256 characters": (409, asks(eve, new="short")),
        "The new password is one of the 6 that this user had last": (409, asks(eve, new=OLD)),
        "guessed quickly": (409, asks(eve, new="Password-2026-12!")),
    }
    for why, (status, answer) in refused.items():
        assert answer.status_code == status and why in answer.text
        assert NEW not in answer.text and "a new" not in answer.text and "another" not in answer.text.split("<form")[1]
    assert eve.post("/password", {"old": "x" * 20_000}).status_code == 413
    assert Visitor(served).signs_in("eve").get("/who").status_code == 200


def test_a_password_that_somebody_else_set_is_changed_before_anything_else(served, records):
    Users(records).add("fay", "", "attending", OLD, "test")
    fay = Visitor(served)
    answer = fay.post("/sign-in?open=abc-1", {"name": "fay", "password": OLD})
    assert answer.status_code == 303 and answer.headers["location"] == "/?open=abc-1"
    led = fay.get("/?open=abc-1", **PAGE)
    assert led.status_code == 303 and led.headers["location"] == "/password?open=abc-1"
    assert "Somebody else set your password" in fay.get("/password", **PAGE).text
    for path in ("/worklist", "/config", "/scripts/desk.js", "/sound/x/y"):
        assert (fay.get(path).status_code, fay.get(path).text) == (
            403,
            "Somebody else set your password; change it first.\n",
        )
    assert fay.close_code() == SIGN_IN_AGAIN
    within = Visitor(served).tries("fay", OLD, accept="application/json")  # the dialog of a page that is open
    assert within.status_code == 403 and "change it there" in within.json()["message"]
    assert "set-cookie" not in within.headers
    assert asks(fay, new=OLD).status_code == 409, "nor is the same one a change"
    changed = fay.post("/password?open=abc-1", {"old": OLD, "new": NEW, "again": NEW})
    assert changed.status_code == 303 and changed.headers["location"] == "/?open=abc-1"
    assert fay.get("/worklist").status_code == 200 and fay.close_code() == 0
    Users(records).set_password("fay", "a third long one", "test")
    again = Visitor(served)
    assert again.tries("fay", "a third long one").status_code == 303
    assert again.get("/", **PAGE).headers["location"] == "/password"
    assert records.verify() == ()


def test_no_other_site_and_no_stranger_changes_a_password(served, eve):
    for elsewhere in (
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "null", "sec-fetch-site": ""},
    ):
        assert asks(eve, **elsewhere).status_code == 403
    assert asks(Visitor(served)).status_code == 401
    page = Visitor(served).get("/password", **PAGE)
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in")
    assert Visitor(served).signs_in("eve").get("/who").status_code == 200


def test_where_nobody_signs_in_by_password_there_is_no_such_page(small_ear, own):
    with department(small_ear, own, sign_in="none") as served:
        assert Visitor(served).get("/password", **PAGE).status_code == 404
