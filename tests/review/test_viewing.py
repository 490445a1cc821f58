"""A case whose sound was deleted works as any other; whoever looks on or listens is in the trail, once an hour."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dictation.errors import DictationError
from dictation.records import Records
from dictation.records.purging import purge
from dictation.records.retention import Rule
from dictation.records.rights import User
from dictation.records.sound import faults
from dictation.review.audience import KINDS
from dictation.review.engines import Engines
from dictation.review.giving import give_files
from dictation.review.identity import SIGNED, Signed
from dictation.review.inputs import read_files
from dictation.review.open_cases import OpenCases
from dictation.review.page import Page
from dictation.review.routes import Routes
from dictation.review.viewing import VIEWED, Views
from tests.imaging.dicom_maker import make
from tests.records.cases import PAGE
from tests.records.spoken import dictated, signed
from tests.review.desks import Reader, desk_of
from tests.waiting import until


@pytest.fixture
def cases(small_ear, own) -> Iterator[OpenCases]:
    with desk_of(Engines(small_ear), own.model_copy(update={"signer": "Dr A"})) as cases:
        cases.desk.views = Views(cases.desk.records, lambda: 0.0)  # all of a test is in one hour
        yield cases


def views(records: Records, case: str) -> int:
    return [entry.what for entry in records.audit(case)].count(VIEWED)


def asked(cases: OpenCases, address: str, page: str = ""):
    return TestClient(Starlette(routes=Routes(cases).all())).get(address + (f"&page={page}" if page else ""))


def test_deleted_sound_is_told_in_one_sentence_and_all_else_goes_on(cases):
    records = cases.desk.records
    case = signed(records, dictated(records))
    (kept,) = records.recordings(case.id)
    address = f"/sound/{case.id}/{kept.recording}?from=0&to=0.1"
    assert asked(cases, address).status_code == 200
    assert [one.goes for one in purge(records, Rule.of("none"), "Operator", datetime.now(UTC), is_trial=False)] == [
        True
    ]
    reader = Reader(cases, case.id)
    answer = asked(cases, address, reader.page.id)
    today = datetime.now(UTC).date()
    assert (answer.status_code, answer.text) == (
        410, f"The sound of this recording was deleted on {today} under the retention rule."
    )  # fmt: skip
    assert all(reader.state(kind) is not None for kind in KINDS) and reader.told("notice") == []
    reader.adds("Prior came.")
    reader.writes("The effusion is new.")
    reader.sign("Dr A")
    assert records.versions(case.id)[-1].recordings == {kept.recording: kept.sha256}
    until(lambda: records.load(case.id).state == "addended")
    assert records.verify() == () == faults(records)


def test_a_page_that_only_looks_on_is_noted_once(cases):
    first = Reader(cases)
    first.type("Clear.")
    records, case = cases.desk.records, first.case.id
    assert views(records, case) == 0
    second = Reader(cases, case)
    for kind in KINDS:
        second.state(kind)
    assert views(records, case) == 1
    second.leave()
    second.do(do="hello", page=second.page.id, case=case)
    assert views(records, case) == 1
    Reader(cases, case)
    assert views(records, case) == 2 and records.audit(case)[-1].by == "Dr A"


def test_a_page_that_looked_on_before_there_was_anything_is_noted_as_soon_as_there_is(cases):
    first = Reader(cases)
    Reader(cases, first.case.id)
    first.type("Clear.")
    first.type(" Heart normal.")
    assert views(cases.desk.records, first.case.id) == 1


def test_who_listens_without_having_the_case_is_noted_once(cases):
    records = cases.desk.records
    case = signed(records, dictated(records))
    (kept,) = records.recordings(case.id)
    address = f"/sound/{case.id}/{kept.recording}?from=0&to=0.1"
    reader = Reader(cases, case.id)
    for _ in range(2):
        assert asked(cases, address, reader.page.id).status_code == 200
    assert views(records, case.id) == 0  # it has opened the case
    for page in ("", PAGE, "x" * 5000):  # a page that is none is somebody
        assert asked(cases, address, page).status_code == 200
    assert views(records, case.id) == 1
    elsewhere = Reader(cases)
    for _ in range(2):
        assert asked(cases, address, elsewhere.page.id).status_code == 200
    assert views(records, case.id) == 2


def test_who_listens_again_in_another_session_or_hour_is_noted_again(cases):
    records, now_s = cases.desk.records, [7200.0]
    cases.desk.views = Views(records, lambda: now_s[0])
    case = signed(records, dictated(records))
    (kept,) = records.recordings(case.id)
    ann, routes = User(name="ann", display="Dr Ann", role="attending"), Starlette(routes=Routes(cases).all())

    def listen(token: str) -> int:
        async def within(scope, receive, send) -> None:
            await routes({**scope, SIGNED: Signed(ann, token)}, receive, send)

        answer = TestClient(within).get(f"/sound/{case.id}/{kept.recording}?from=0&to=0.1")
        assert answer.status_code == 200
        return views(records, case.id)

    assert [listen(token) for token in ("one", "one", "two", "one", "two")] == [1, 1, 2, 2, 2]
    now_s[0] += 3599
    assert listen("one") == 2
    now_s[0] += 1
    assert [listen("one"), listen("one"), listen("two")] == [3, 3, 4]
    assert {entry.by for entry in records.audit(case.id) if entry.what == VIEWED} == {"ann"}


def test_a_page_that_comes_back_in_another_session_is_noted_again(cases):
    first = Reader(cases)
    first.type("Clear.")
    records, case, second = cases.desk.records, first.case.id, Reader(cases, first.case.id)
    assert views(records, case) == 1
    second.leave()
    second.page = Page(second.page.id, lambda: None, session="another")
    second.do(do="hello", page=second.page.id, case=case)
    assert views(records, case) == 2


def test_who_reads_an_image_without_having_the_case_is_noted(cases, tmp_path):
    reader = Reader(cases)
    records, case = cases.desk.records, reader.case.id
    image = make(tmp_path / "a.dcm", np.zeros((8, 8), np.uint16))
    give_files(reader.case, read_files([str(image)]), [image])
    until(lambda: reader.case.study is not None)
    assert asked(cases, f"/image/{case}/0?x=1", reader.page.id).status_code == 200
    assert views(records, case) == 0
    assert asked(cases, f"/image/{case}/0?x=1", PAGE).status_code == 200
    assert views(records, case) == 1


def test_what_cannot_be_noted_is_not_shown_and_is_tried_again(cases, monkeypatch):
    first = Reader(cases)
    first.type("Clear.")
    records, case = cases.desk.records, first.case.id
    with monkeypatch.context() as patched:
        patched.setattr(Records, "note", full)
        second = Reader(cases, case)
        assert second.notices() == ["The disk is full."]
        assert second.state("pad") is None
    second.do(do="open", id=case)
    assert second.state("pad") is not None and views(records, case) == 1


def full(*_: object) -> None:
    raise DictationError("The disk is full.")


def test_views_that_are_forgotten_are_noted_once_more(cases, monkeypatch):
    monkeypatch.setattr("dictation.review.viewing.REMEMBERED", 2)
    first = Reader(cases)
    first.type("Clear.")
    seen = Views(cases.desk.records)
    for page in ("a", "b", "a", "c", "a"):
        seen.note(first.case.id, page, "Dr B")
    assert views(cases.desk.records, first.case.id) == 4
