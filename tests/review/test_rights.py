"""Another user's case: by every door by which the id of a case comes in, the answer is that of a case there is not."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote
from uuid import uuid4

import numpy as np
import pytest
import typer

from dictation.case.draft import Draft
from dictation.errors import DictationError
from dictation.exam import Order
from dictation.records.rights import Owned
from dictation.records.users import Users
from dictation.review.app import Served
from dictation.review.viewing import REFUSED, Views
from pipelines.cli import app
from tests.imaging.dicom_maker import make
from tests.review.department import Visitor, department
from tests.review.wire_page import NO_IMPRESSION, WirePage

SECOND = bytes(3200)
WORDS = "Small left pleural effusion."


@pytest.fixture(scope="module")
def served(small_ear, settings, tmp_path_factory):
    own = settings.model_copy(update={"home": tmp_path_factory.mktemp("department") / "home"})
    with department(small_ear, own) as served:
        yield served


@pytest.fixture
def owned(served):
    return served.cases.desk.records.owned


class Bobs:
    """A case that bob dictates: words, a take, and the page on which it is open."""

    def __init__(self, served: Served, page: WirePage) -> None:
        self.page, self.case = page, page.new()
        assert page.type(WORDS)["ok"]
        self.take = page.begin()
        page.dictate(self.take, [SECOND] * 3, block_s=0)
        page.settle()
        self.recording = served.cases.desk.records.recordings(self.case)[0].recording


@pytest.fixture(scope="module")
def bobs(served):
    with Visitor(served).signs_in("bob").page() as page:
        yield Bobs(served, page)


@pytest.fixture
def eve(served):
    return Visitor(served).signs_in("eve")


def test_a_case_is_whose_dictated_it_first(served, bobs, owned):
    assert owned(bobs.case) == Owned(owner="bob", readers=frozenset(), state="draft")
    trail = [(entry.what, entry.by) for entry in served.cases.desk.records.audit(bobs.case)]
    assert ("created", "bob") in trail and ("assigned", "bob") in trail and ("recorded", "bob") in trail


def test_the_worklist_has_own_cases_and_those_of_nobody(served, bobs, eve):
    ids = {row["id"] for row in eve.get("/worklist").json()["rows"]}
    assert bobs.case not in ids
    bob = Visitor(served).signs_in("bob").get("/worklist").json()
    assert bobs.case in {row["id"] for row in bob["rows"]} and bob["counts"]["draft"] >= 1
    for search in ("", bobs.case, "effusion"):
        assert eve.get(f"/worklist?search={search}&state=draft").json()["counts"][""] == len(ids)


def test_words_that_are_searched_for_need_not_stand_in_an_address(served, eve):
    case = Draft(id=uuid4().hex, orders=(Order(accession="GRÜN 7"),))
    served.cases.desk.records.create(case, "test")
    for words, found in (("grün 7", {case.id}), ("grün 8", set())):
        answer = eve.get("/worklist?state=draft", **{"x-search": quote(words)})
        assert {row["id"] for row in answer.json()["rows"]} == found


@pytest.mark.parametrize("name", ["eve", "rea", "ann", "adm"])
def test_its_sound_and_images_are_those_of_no_case(served, bobs, name):
    visitor, no_case = Visitor(served).signs_in(name), "f" * 32
    for path in ("/sound/{case}/" + bobs.recording, "/image/{case}/0"):
        theirs = visitor.get(path.format(case=bobs.case))
        none = visitor.get(path.format(case=no_case))
        assert theirs.status_code == none.status_code == 404
        assert theirs.text == none.text
    assert Visitor(served).signs_in("bob").get(f"/sound/{bobs.case}/{bobs.recording}").status_code == 200


def test_no_command_reaches_it(served, bobs, eve, owned):
    before, revision = owned(bobs.case), served.cases.desk.records.load(bobs.case).revision
    with eve.page(case=bobs.case) as page:
        page.until(lambda: bool(page.notices))
        assert page.state.keys() <= {"outbox"}, "what a page says that it had open is not shown"
        page.new()
        commands = [
            {"do": "open", "id": bobs.case},
            {"do": "new", "id": bobs.case},
            {"do": "takeover"},
            {"do": "type", "version": 0, "start": 0, "stop": 0, "text": "no "},
            {"do": "take", "take": uuid4().hex},
            {"do": "take", "take": bobs.take.id},
            {"do": "listen", "take": bobs.take.id, "on": False, "block": 1},
            {"do": "compare"},
            {"do": "sign", "author": "Dr. Eve"},
            {"do": "sent"},
            {"do": "addendum", "reason": "x"},
            {"do": "hear"},
            {"do": "undo"},
        ]
        for command in commands:
            theirs = page.ask(**command, case=bobs.case)
            none = page.ask(**{**command, "id": "f" * 32} if command["do"] == "open" else command, case="f" * 32)
            assert not theirs["ok"], command
            assert theirs["message"] == "There is no such case here; open it from the worklist.", command
            assert none["ok"] or none["message"], command
        assert WORDS not in json.dumps(page.state)
    stored = served.cases.desk.records.load(bobs.case)
    assert owned(bobs.case) == before and stored.revision == revision and stored.lock.page != page.page


def refusals(served: Served, case: str) -> list[str]:
    return [entry.by for entry in served.cases.desk.records.audit(case) if entry.what == REFUSED]


def test_who_was_refused_is_in_the_trail_once_for_each_session(served, bobs, monkeypatch):
    monkeypatch.setattr(served.cases.desk, "refusals", Views(served.cases.desk.records, lambda: 0.0, REFUSED))
    before, length = refusals(served, bobs.case), len(served.cases.desk.records.audit())
    other = Visitor(served).signs_in("eve")
    with ThreadPoolExecutor(4) as threads:
        paths = [f"/image/{bobs.case}/0", f"/sound/{bobs.case}/{bobs.recording}", f"/image/{'f' * 32}/0"] * 10
        assert {answer.status_code for answer in threads.map(other.get, paths)} == {404}
    assert refusals(served, bobs.case) == [*before, "eve"]
    with other.page(case=bobs.case) as page:
        assert not page.ask("open", id=bobs.case)["ok"] and not page.ask("compare", case=bobs.case)["ok"]
    assert refusals(served, bobs.case) == [*before, "eve"], "the same session"
    assert refusals(served, "f" * 32) == [], "nobody's case was tried"
    for name in ("eve", "adm"):
        with Visitor(served).signs_in(name).page() as page:
            assert not page.ask("open", id=bobs.case)["ok"]
    assert refusals(served, bobs.case) == [*before, "eve", "eve", "adm"], "another session, and another user"
    assert len(served.cases.desk.records.audit()) == length + 3 + 3, "with three sign-ins"
    assert Visitor(served).signs_in("bob").get(f"/sound/{bobs.case}/{bobs.recording}").status_code == 200
    assert "bob" not in refusals(served, bobs.case) and served.cases.desk.records.verify() == ()


def test_what_cannot_be_noted_is_refused_all_the_same(served, bobs, eve, monkeypatch):
    def full(*_, **__) -> None:
        raise DictationError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(served.cases.desk.records, "note", full)
        answer = eve.get(f"/sound/{bobs.case}/{bobs.recording}")
    assert answer.status_code == 404 and "no such case" in answer.text
    before = refusals(served, bobs.case)
    eve.get(f"/sound/{bobs.case}/{bobs.recording}")
    assert refusals(served, bobs.case) == [*before, "eve"]


def test_the_panel_of_somebody_elses_page_takes_nothing(served, bobs, eve, tmp_path):
    path = make(tmp_path / "image.dcm", np.zeros((16, 16), "uint16"))
    before = served.cases.desk.records.load(bobs.case).draft
    with eve.page() as page, path.open("rb") as file:
        own = page.new()
        given = eve.http.post(f"{eve.url}/gradio_api/upload", files={"files": file}).json()
        for raw, of in ((bobs.page.page, bobs.case), (bobs.page.page, own), (page.page, bobs.case), (page.page, own)):
            assert eve.panel("filed", raw, of, [{"path": given[0], "meta": {"_type": "gradio.FileData"}}])["success"]
            assert eve.panel("pasted", raw, of, "FINDINGS: Clear.")["success"]
        page.until(lambda: served.cases.of_page(_own(eve, page)).draft.images != ())
    after = served.cases.desk.records.load(bobs.case).draft
    assert (after.images, after.pasted) == (before.images, before.pasted) == ((), None)


def test_who_only_looks_on_gives_nothing_through_the_panel(served, bobs, tmp_path):
    path = make(tmp_path / "image.dcm", np.zeros((16, 16), "uint16"))
    bob = Visitor(served).signs_in("bob")
    with bob.page(case=bobs.case) as looking, path.open("rb") as file:
        looking.show(bobs.case)
        assert not looking.state["case"]["lock"]["mine"]
        given = bob.http.post(f"{bob.url}/gradio_api/upload", files={"files": file}).json()
        listed = [{"path": given[0], "meta": {"_type": "gradio.FileData"}}]
        assert bob.panel("filed", looking.page, bobs.case, listed)["success"]
        looking.until(lambda: any("Another page works on this case" in text for text in looking.notices))
    assert served.cases.desk.records.load(bobs.case).draft.images == ()


def test_a_grant_opens_it_and_nothing_else_does(served, bobs):
    records = served.cases.desk.records
    visitor = Visitor(served).signs_in("rea")
    assert bobs.case not in visitor.get("/worklist").text
    records.grant(bobs.case, "rea", "test")
    assert bobs.case in visitor.get("/worklist").text
    assert visitor.get(f"/sound/{bobs.case}/{bobs.recording}").status_code == 200
    with visitor.page() as page:
        page.open(bobs.case)
        assert page.text.startswith(WORDS) and not page.state["case"]["lock"]["mine"]
        answer = page.ask("type", version=page.state["pad"]["version"], start=0, stop=0, text="no ")
        assert not answer["ok"] and "changes nothing" in answer["message"]
        assert not page.ask("takeover")["ok"] and not page.ask("sign", author="Dr. Rea")["ok"]


def test_a_case_that_becomes_somebodys_is_taken_from_who_only_looked(served, eve):
    records = served.cases.desk.records
    bob = Visitor(served).signs_in("bob")
    with bob.page() as working, eve.page() as looking:
        case = working.new()
        working.type("x")
        with records.recorded() as (connection, _):  # as an order of nobody's that both have open
            from sqlalchemy import update

            from dictation.records.schema import cases

            connection.execute(update(cases).where(cases.c.id == case).values(owner=""))
        looking.open(case)
        records.assign(case, "bob")
        looking.until(lambda: "left" in looking.state)
        assert not looking.ask("cursor", version=0, at=0)["ok"]


def test_the_role_of_who_signs_is_the_servers_and_so_is_the_name(served):
    records = served.cases.desk.records
    bob, ann = Visitor(served).signs_in("bob"), Visitor(served).signs_in("ann")
    with bob.page() as page:
        case = page.new()
        page.type(WORDS)
        page.review()
        assert page.state["sign"]["as"] == "preliminary" and page.state["sign"]["signer"] == "Dr. Bob Example"
        assert page.obeyed("sign", author="Dr. Somebody Else", overrides=NO_IMPRESSION)["state"] == "preliminary"
        page.obeyed("leave")
    with ann.page() as page:
        assert case in ann.get("/worklist").text, "it waits for an attending"
        page.open(case)
        page.type(" No pneumothorax.")
        page.review()
        assert page.obeyed("sign", author="Dr. Somebody Else", overrides=NO_IMPRESSION)["state"] == "final"
    signed = [(version.author, version.role) for version in records.versions(case)]
    assert signed == [("Dr. Bob Example", "resident"), ("Dr. Ann Example", "attending")]
    assert [e.by for e in records.audit(case) if e.what == "signed"] == ["bob", "ann"]
    assert records.owned(case) == Owned(owner="bob", readers=frozenset(("ann",)), state="final")
    assert records.verify() == ()


def test_a_draft_whose_owner_can_no_longer_work_is_in_an_attendings_list_and_taken_over(served):
    records = served.cases.desk.records
    users = Users(records)
    ann, eve = Visitor(served).signs_in("ann"), Visitor(served).signs_in("eve")
    with Visitor(served).signs_in("bob").page() as page:
        case = page.new()
        page.type(WORDS)
        assert case not in ann.get("/worklist").text
        users.disable("bob", "test")
        page.until(lambda: 4401 in page.codes)
    try:
        assert case in ann.get("/worklist").text and case not in eve.get("/worklist").text
        with ann.page() as page:
            page.open(case)
            if not page.state["case"]["lock"]["mine"]:
                page.obeyed("takeover")
            page.until(lambda: page.state["case"]["lock"]["mine"])
            page.type(" No pneumothorax.")
            page.settle()
            assert records.owned(case) == Owned(owner="ann", readers=frozenset(("bob",)), state="draft")
            page.review()
            assert page.obeyed("sign", author="Dr. Ann", overrides=NO_IMPRESSION)["state"] == "final"
    finally:
        users.enable("bob", "test")
    assigned = [(e.by, e.detail) for e in records.audit(case) if e.what == "assigned"]
    assert assigned == [("bob", {}), ("ann", {"from": "bob"})] and records.verify() == ()


def test_who_gets_another_role_signs_with_that_one_also_on_a_page_that_was_open_before(served):
    users = Users(served.cases.desk.records)
    with Visitor(served).signs_in("ann").page() as page:
        case = page.new()
        page.type(WORDS)
        page.review()
        users.set_role("ann", "resident", "test")
        try:
            page.until(lambda: 4401 in page.codes)
            page.cookie = Visitor(served).signs_in("ann").cookie
            page.until(lambda: page.connections >= 2)
            assert page.obeyed("sign", author="Dr. Ann", overrides=NO_IMPRESSION)["state"] == "preliminary"
        finally:
            users.set_role("ann", "attending", "test")
    assert [(one.role, one.state) for one in served.cases.desk.records.versions(case)] == [("resident", "preliminary")]


def test_another_name_on_reports_stands_under_the_next_one_and_not_under_the_last(served):
    records = served.cases.desk.records
    users = Users(records)
    with Visitor(served).signs_in("ann").page() as page:
        case = page.new()
        page.type(WORDS)
        page.review()
        assert page.obeyed("sign", author="", overrides=NO_IMPRESSION)["state"] == "final"
        users.set_display("ann", "Dr. Ann Married", "test")
        try:
            page.until(lambda: 4401 in page.codes)
            page.cookie = Visitor(served).signs_in("ann").cookie
            page.until(lambda: page.connections >= 2)
            later = page.new()
            page.type(WORDS)
            page.review()
            assert page.obeyed("sign", author="", overrides=NO_IMPRESSION)["state"] == "final"
        finally:
            users.set_display("ann", "Dr. Ann Example", "test")
    signed = [records.versions(one)[0].author for one in (case, later)]
    assert signed == ["Dr. Ann Example", "Dr. Ann Married"] and records.verify() == ()


def test_an_administrator_sees_no_case(served):
    with Visitor(served).signs_in("adm").page() as page:
        told = page.ask("new", id=uuid4().hex)["message"]
    assert "Administrator" in told.title()
    (named,) = re.findall(r"`dictation (\w+)`", told)
    assert {"add", "disable", "role"} <= {*typer.main.get_command(app).commands[named].commands}, (
        "what it says is there"
    )
    assert re.search(r"administrator.* shows no cases and does nothing else here", told)


def test_preferences_and_words_are_each_users_own(served, eve):
    with eve.page() as page, Visitor(served).signs_in("bob").page() as other:
        page.new(), other.new()
        page.obeyed("prefer", name="silence_s", value=5)
        page.obeyed("vocabulary", phrase="Zorvax", spoken="zorbax")
        page.until(lambda: page.state["case"]["preferences"]["silence_s"] == 5)
        other.obeyed("prefer", name="microphone", value="hold")
        other.until(lambda: other.state["case"]["preferences"]["microphone"] == "hold")
        assert other.state["case"]["preferences"]["silence_s"] == 60
    home = served.cases.desk.settings.home
    assert (home / "users" / "eve" / "vocabulary.txt").exists() and not (home / "vocabulary.txt").exists()
    assert not (home / "users" / "bob" / "vocabulary.txt").exists()


def test_a_session_that_ends_in_mid_dictation_costs_no_block(served):
    records, bob = served.cases.desk.records, Visitor(served).signs_in("bob")
    with bob.page() as page:
        case = page.new()
        take = page.begin()
        page.on(take)
        for _ in range(5):
            page.add(take, SECOND)
        page.settle()
        bob.post("/sign-out")
        page.until(lambda: 4401 in page.codes)
        for _ in range(20):
            page.add(take, SECOND)
        page.off(take)
        assert page.unsent_blocks == 20
        page.cookie = bob.signs_in("bob").cookie
        page.settle()
        assert (take.saved, take.refused, page.refused) == (25, "", [])
    assert records.owned(case).owner == "bob"


def test_what_waits_of_one_user_is_not_taken_from_the_next(served):
    bob = Visitor(served).signs_in("bob")
    page = bob.page()
    case = page.new()
    take = page.begin()
    page.on(take)
    page.add(take, SECOND)
    page.settle()
    bob.post("/sign-out")
    page.until(lambda: 4401 in page.codes)
    page.add(take, SECOND)
    page.cookie = Visitor(served).signs_in("eve").cookie
    page.until(lambda: page.connections >= 2 and bool(page.refused))
    assert {message for _, message in page.refused} == {"There is no such case here; open it from the worklist."}
    assert take.taken == 1
    page.close()
    assert served.cases.desk.records.owned(case).owner == "bob"


def _own(visitor: Visitor, page: WirePage) -> str:
    from dictation.records.rights import User
    from dictation.review.page import own_id

    return own_id(page.page, User(name=visitor.name))
