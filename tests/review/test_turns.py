"""However long the texts of one user are, and however many of their cases are open, nobody else waits for them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from uuid import uuid4

import pytest

from dictation.errors import UsageError
from dictation.review import open_cases
from dictation.review.open_case import opened
from dictation.review.reviewing import Reviewing
from dictation.review.wire import Wire
from dictation.wording.typed import LONGEST_TEXT
from tests.review.department import Visitor, department
from tests.review.test_crowding import Signed
from tests.review.wire_page import WAIT_S
from tests.waiting import until

PAGES = 33  # more than a pool of threads has by default


class Held:
    """Work of some, which waits to be let go on. `peak` is how many of them were at it at once, `began` how many."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.began = self.peak = self._now = 0
        self._lock = threading.Lock()

    def wait(self) -> None:
        with self._lock:
            self._now, self.began = self._now + 1, self.began + 1
            self.peak = max(self.peak, self._now)
        self.go_on.wait()
        with self._lock:
            self._now -= 1


@pytest.fixture
def held():
    held = Held()
    yield held
    held.go_on.set()


@pytest.mark.parametrize("work", ["_obeyed", "_state", "_sound"])
def test_a_user_has_one_thread_of_each_kind_whatever_is_asked(monkeypatch, small_ear, own, held, work):
    honest = getattr(Wire, work)
    is_held = threading.Event()

    def hold(wire, page, *others):
        if page.user.name == "eve" and is_held.is_set():
            held.wait()
        return honest(wire, page, *others)

    with department(small_ear, own) as served, ExitStack() as stack:
        monkeypatch.setattr(Wire, work, hold)
        eve, ann = Visitor(served).signs_in("eve"), Visitor(served).signs_in("ann")
        pages = [stack.enter_context(eve.page()) for _ in range(PAGES)]
        hers = stack.enter_context(ann.page())
        for page in (hers, *pages):
            page.until(lambda page=page: page.is_connected)
        hers.new()
        case = pages[0].new()
        for page in pages[1:]:
            page.open(case)
        stack.callback(held.go_on.set)
        is_held.set()
        if work == "_sound":
            for page in pages:
                with page._lock:
                    page._socket.send(b"no sound")
            asked = []
        else:
            asked = [page.send("prefer", name="hidden", value=[]) for page in pages]
        until(lambda: held.began == 1, "the first of them is at work")
        assert hers.type("Lungs clear.")["ok"]
        hers.until(lambda: hers.text == "Lungs clear.")
        held.go_on.set()
        for one in asked:
            one.result(WAIT_S)
        until(lambda: held.began >= PAGES, "each of them is done at last")
        assert held.peak == 1


def test_cases_of_a_user_are_compared_one_at_a_time_and_another_users_meanwhile(monkeypatch, cases, held):
    honest = Reviewing._case

    def compare(reviewing, draft, dictation, *others):
        if "Cyst" in dictation.text:
            held.wait()
        return honest(reviewing, draft, dictation, *others)

    monkeypatch.setattr(Reviewing, "_case", compare)
    hers = [Signed(cases, "eve") for _ in range(3)]
    for number, reader in enumerate(hers):
        reader.type(f"Cyst of {number + 2} mm.")
        reader.do(do="compare", case=reader.case.id)
    until(lambda: held.began == 1, "the first of them is compared")
    other = Signed(cases, "ann")
    other.type("Lungs clear.")
    other.do(do="compare", case=other.case.id)
    until(lambda: other.case.is_reviewed, "the case of somebody else is compared")
    hers[1].do(do="stop", case=hers[1].case.id)
    held.go_on.set()
    for reader in (hers[0], hers[2]):
        until(lambda reader=reader: reader.case.is_reviewed, "each of them is compared at last")
    assert held.peak == 1
    assert hers[1].case.composed is None, "what was stopped while it waited"


def test_a_case_that_takes_long_to_open_keeps_no_other_waiting(monkeypatch, cases, held):
    slow = uuid4().hex

    def open_it(desk, case_id, **given):
        if case_id == slow:
            held.wait()
        return opened(desk, case_id, **given)

    monkeypatch.setattr(open_cases, "opened", open_it)
    first, second, other = Signed(cases, "eve"), Signed(cases, "eve"), Signed(cases, "ann")
    with ThreadPoolExecutor(3) as pool:
        both = [pool.submit(one.do, do="new", id=slow) for one in (first, second)]
        try:
            until(lambda: held.began == 1, "it is being opened")
            pool.submit(other.new).result(WAIT_S)
            other.type("Lungs clear.")
        finally:
            held.go_on.set()
        assert [one.result()["case"] for one in both] == [slow, slow]
    assert first.case is second.case
    assert held.began == 1, "it is opened once"


def test_a_case_that_cannot_be_opened_is_tried_again_by_the_next_who_asks(monkeypatch, cases):
    id = uuid4().hex

    def fail(*_, **__):
        raise UsageError("The records are away.")

    reader = Signed(cases, "eve")
    with monkeypatch.context() as away:
        away.setattr(open_cases, "opened", fail)
        reader.refused("records are away", do="new", id=id)
    assert reader.do(do="new", id=id)["case"] == id


def test_what_is_typed_into_a_full_text_is_refused_and_the_text_stays(reader):
    sentence = "No effusion. "
    reader.type(sentence * (LONGEST_TEXT // len(sentence)))
    room = LONGEST_TEXT - len(reader.text)
    before = reader.text
    with pytest.raises(UsageError, match=r"at most 40,000 characters; this was not put in\. What is spoken"):
        reader.type("a" * (room + 1))
    assert reader.text == before == reader.stored.pad.text
    reader.type("a" * room)
    assert len(reader.text) == LONGEST_TEXT
    reader.refused("at most 40,000", do="type", version=reader.case.text.version, start=0, stop=2, text="Yes")
    reader.type("So", 0, 2)
    assert len(reader.text) == LONGEST_TEXT


def test_what_is_spoken_into_a_full_text_is_taken_and_the_text_may_get_shorter(reader):
    sentence = "No effusion. "
    reader.type(sentence * (LONGEST_TEXT // len(sentence)))
    said = "There is a nodule in the left upper lobe of the lung."
    reader.say(said)
    assert len(reader.text) > LONGEST_TEXT
    assert said in reader.text
    reader.type("", 0, len(sentence))
    assert said in reader.stored.pad.text
