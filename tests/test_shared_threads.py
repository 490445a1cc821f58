"""A few threads for many: each piece of work is done at its time, and none that hangs keeps another waiting."""

import threading
from time import monotonic

from dictation.shared_threads import SharedThreads
from tests.waiting import until


def named(name: str) -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == name]


def test_hundreds_of_pieces_are_done_by_a_few_threads():
    shared, done, seen = SharedThreads("test few", 3), [], []
    for number in range(500):
        shared.do(lambda number=number: (done.append(number), seen.append(len(named("test few")))))
    until(lambda: len(done) == 500, "all are done")
    assert sorted(done) == list(range(500)) and max(seen) <= 3


def test_the_earlier_moment_comes_first_and_none_comes_before_its_time():
    shared, done, began_s = SharedThreads("test order", 1), [], monotonic()
    for name, in_s in (("late", 0.3), ("early", 0.1), ("now", 0.0)):
        shared.do(lambda name=name: done.append((name, monotonic() - began_s)), in_s)
    until(lambda: len(done) == 3, "all are done")
    assert [name for name, _ in done] == ["now", "early", "late"]
    assert dict(done)["early"] >= 0.1 and dict(done)["late"] >= 0.3


def test_what_hangs_keeps_nothing_else_waiting_as_long_as_there_is_a_thread():
    shared, may, done = SharedThreads("test hang", 3), threading.Event(), []
    for _ in range(2):
        shared.do(lambda: may.wait(60))
    for number in range(50):
        shared.do(lambda number=number: done.append(number), 0.001 * number)
    until(lambda: len(done) == 50, "the others are done")
    assert not may.is_set() and len(named("test hang")) == 3
    may.set()


def test_what_fails_is_told_and_the_next_is_done(monkeypatch):
    failed, done = [], threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda error: failed.append(error.exc_type))
    shared = SharedThreads("test fail", 1)
    shared.do(lambda: 1 / 0)
    shared.do(done.set)
    assert done.wait(60) and failed == [ZeroDivisionError]


def test_threads_end_where_nothing_is_to_be_done_and_come_back(monkeypatch):
    monkeypatch.setattr("dictation.shared_threads.IDLE_S", 0.01)
    shared, done = SharedThreads("test idle", 2), []
    for number in range(3):
        shared.do(lambda number=number: done.append(number))
        until(lambda number=number: done[-1:] == [number] and not named("test idle"), "it is done, and nobody waits")
