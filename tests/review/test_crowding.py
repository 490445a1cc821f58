"""Somebody who begins dictations and opens cases without end takes no room from anybody else, and loses no sound."""

import threading
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest

from dictation.audio import Recording
from dictation.errors import UsageError
from dictation.records.rights import User
from dictation.review.commands import command_of
from dictation.review.listening import BLOCK_SAMPLES
from dictation.review.open_cases import OpenCases
from dictation.review.page import Page
from tests.review.desks import Reader
from tests.waiting import until

MANY = 40
BLOCK = b"\x10\x20" * BLOCK_SAMPLES
SHARED = ("journal", "listening", "closing")  # threads that end by themselves


class Signed(Reader):
    """Somebody who signed in."""

    def __init__(self, cases: OpenCases, name: str) -> None:
        self.cases, self.number = cases, 0
        self.page = Page(uuid4().hex, lambda: None, User(name=name, role="attending"))
        self.do(do="hello", page=self.page.id, case=None)
        self.new()


@pytest.fixture
def few(monkeypatch, cases):
    """A server on which one user has little room."""
    monkeypatch.setattr("dictation.review.open_cases.CASES_OF_USER", 4)
    monkeypatch.setattr("dictation.review.open_cases.TAKES_OF_USER", 6)
    cases.desk.settings = cases.desk.settings.model_copy(update={"pages_per_address": 1})
    return cases


def open_files() -> list[str]:
    """The captures that this process has open."""
    found = []
    for one in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(one.readlink()))
        except OSError:
            continue
    return [one for one in found if "/captures/" in one]


def take_of(reader: Reader, case: str | None = None, take: str | None = None) -> str:
    take = take or uuid4().hex
    reader.do(do="take", case=case or reader.case.id, take=take)
    return take


def speaks(cases: OpenCases, page: Page, take: str, number: int = 0) -> dict:
    return cases.sound(page, bytes.fromhex(take) + number.to_bytes(4, "little") + BLOCK)


def names_of_threads() -> Counter:
    return Counter(one.name for one in threading.enumerate() if one.name not in SHARED)


def test_a_take_opens_its_file_with_its_first_block_and_lets_it_go_once_all_is_heard(cases, reader):
    take = take_of(reader)
    assert open_files() == []
    reader.do(do="listen", take=take, on=True, block=0)
    assert speaks(cases, reader.page, take)["taken"] == 1
    assert set(open_files()) == {str(next(cases.desk.captures.glob("*.capture")))}
    reader.do(do="listen", take=take, on=False, block=1)
    until(lambda: not open_files(), "nothing more is spoken")
    reader.do(do="listen", take=take, on=True, block=1)
    assert speaks(cases, reader.page, take, 1)["taken"] == 2, "it goes on"
    reader.do(do="listen", take=take, on=False, block=2)
    until(lambda: not open_files(), "nothing more is spoken")
    assert len(Recording(next(cases.desk.captures.glob("*.capture"))).samples()) == 2 * BLOCK_SAMPLES


def test_takes_that_are_only_begun_cost_neither_a_file_nor_a_thread(cases, reader):
    take_of(reader)
    before = names_of_threads()
    for _ in range(MANY):
        take_of(reader)
    assert open_files() == []
    until(lambda: not names_of_threads() - before, "they leave no thread")


def test_cases_without_end_are_closed_again_and_another_users_take_begins(few):
    crowd, other = Signed(few, "eve"), Signed(few, "ann")
    for _ in range(MANY):
        take_of(crowd, case=uuid4().hex)
        assert len(few.present()) <= 5, "four of one, one of the other"
    take = take_of(other)
    assert speaks(few, other.page, take)["taken"] == 1
    assert few.known(other.case.id) is not None and few.known(crowd.case.id) is not None, "what is shown stays open"


def test_takes_without_end_in_one_case_are_refused_in_a_sentence_and_another_user_has_room(few):
    crowd, other = Signed(few, "eve"), Signed(few, "ann")
    takes = [take_of(crowd) for _ in range(6)]
    crowd.refused("have 6 recordings open at once.*sign", do="take", take=uuid4().hex)
    assert len(crowd.case.draft.takes) == 6 and len(list(few.desk.captures.iterdir())) == 6
    assert speaks(few, other.page, take_of(other))["taken"] == 1
    for take in takes:
        assert take_of(crowd, take=take) == take, "what has begun goes on"
        assert speaks(few, crowd.page, take)["taken"] == 1


def test_takes_that_somebody_begins_in_a_colleagues_case_count_as_their_own(few):
    crowd, other = Signed(few, "eve"), Signed(few, "ann")
    other.type("Clear.")
    crowd.do(do="open", id=other.case.id)
    crowd.do(do="takeover")
    for _ in range(6):
        take_of(crowd)
    crowd.refused("have 6 recordings open at once", do="take", take=uuid4().hex)
    other.new()
    assert speaks(few, other.page, take_of(other))["taken"] == 1


def test_as_many_cases_as_are_shown_are_open_and_the_next_one_is_refused_in_a_sentence(few):
    pages = [Signed(few, "eve") for _ in range(4)]
    with pytest.raises(UsageError, match=r"have 4 cases open at once.*close pages"):
        Signed(few, "eve")
    assert Signed(few, "ann").case is not None
    few.left(pages[0].page)
    assert Signed(few, "eve").case is not None, "what nobody shows makes room"


def test_sound_that_was_begun_is_taken_however_many_cases_are_open(few, monkeypatch):
    """A page that was away brings what its take has unsaved, while its user's room is taken."""
    monkeypatch.setattr("dictation.review.open_cases.BUSY_S", 0.05)
    few._linger_s = 0.05
    away = Signed(few, "eve")
    take, case = take_of(away), away.case.id
    away.do(do="listen", take=take, on=True, block=0)
    assert speaks(few, away.page, take)["taken"] == 1
    few.left(away.page, is_closed=True)
    until(lambda: few.known(case) is None, "its last words are heard")
    pages = [Signed(few, "eve") for _ in range(4)]
    assert all(few.known(one.case.id) for one in pages)
    back = Page(away.page.id, lambda: None, away.page.user)
    few.obey(back, command_of(f'{{"do": "hello", "number": 1, "page": "{back.id}", "case": null}}'))
    assert speaks(few, back, take, 1)["taken"] == 2
    begun = few.obey(back, command_of(f'{{"do": "take", "number": 9, "case": "{case}", "take": "{take}"}}'))
    assert begun["taken"] == 2 and not begun["closed"]
