"""Work in processes apart: what breaks, hangs, lies or takes too much memory ends there, and is said."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from dictation import apart
from dictation.apart import BrokeOffError, Pool, Process, TooManyError, asking
from tests.waiting import until

MB = 2**20


def obeyed(request: bytes) -> Iterator[bytes]:
    """Do what the request says."""
    what, _, amount = request.decode().partition(" ")
    if what == "say":
        yield from (str(number).encode() for number in range(int(amount)))
    elif what == "crash":
        yield b"first"
        os.abort()
    elif what == "hang":
        yield b"first"
        time.sleep(600)
    elif what == "take":
        try:
            yield str(len(bytearray(int(amount)))).encode()
        except MemoryError:
            yield b"no memory"
    elif what == "print":
        os.write(1, b"\xff" * 64)
        yield b"said"
    elif what == "shout":
        yield bytes(apart.LONGEST_BYTES + 1)
    elif what == "pid":
        yield str(os.getpid()).encode()


@pytest.fixture
def process():
    this = Process(obeyed, 300 * MB)
    yield this
    this.end()


def said(process: Process, request: str, patience_s: float = 30.0) -> list[bytes]:
    return list(process.answers(request.encode(), patience_s))


def test_answers_come_in_order_request_after_request(process):
    for count in (0, 1, 100):
        assert said(process, f"say {count}") == [str(number).encode() for number in range(count)]


@pytest.mark.parametrize(
    ("request_", "patience_s", "how"),
    [("crash", 30.0, "broke off"), ("hang", 1.0, "stopped for 1 s"), ("shout", 30.0, "broke off")],
)
def test_what_goes_wrong_is_said_and_ends_the_process(process, request_, patience_s, how):
    assert said(process, "say 1") == [b"0"]
    with pytest.raises(BrokeOffError, match=how):
        said(process, request_, patience_s)
    assert not process.is_alive


def test_what_a_library_prints_is_no_answer(process):
    assert said(process, "print") == [b"said"]


@pytest.mark.skipif(not Path("/proc/self/oom_score_adj").exists(), reason="Linux alone limits memory so")
def test_memory_has_a_limit_which_is_no_crash_where_the_work_can_say_so(process):
    assert said(process, f"take {100 * MB}") == [str(100 * MB).encode()]
    assert said(process, f"take {400 * MB}") == [b"no memory"]
    assert said(process, "say 1") == [b"0"]


def test_what_is_not_read_to_its_end_gives_nothing_to_the_next(process):
    answers = process.answers(b"say 1000", 30.0)
    assert next(answers) == b"0"
    answers.close()
    assert not process.is_alive


def test_a_pool_goes_on_with_another_process_and_ends_those_that_are_idle():
    pool = Pool(obeyed)
    [first] = pool.answers(b"pid", 30.0)
    assert list(pool.answers(b"pid", 30.0)) == [first]
    with pytest.raises(BrokeOffError):
        list(pool.answers(b"crash", 30.0))
    [second] = pool.answers(b"pid", 30.0)
    assert second != first
    pool.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(second), 0)


def test_a_user_has_one_process_at_a_time_and_others_are_served_meanwhile():
    pool, order = Pool(obeyed), list[str]()

    def asks(user: str, request: bytes) -> None:
        try:
            with asking(user):
                list(pool.answers(request, 30.0))
            order.append(user)
        except TooManyError as error:
            order.append(str(error))

    with asking("ann"):
        first = pool.answers(b"say 2", 30.0)
        assert next(first) == b"0"  # of a long file, and the process is hers until it is read
    hers = [Thread(target=asks, args=("ann", b"say 1")) for _ in range(apart.MOST_ASKED + 2)]
    for one in hers:
        one.start()
    until(lambda: len(order) == 3)  # each that waits holds a thread: those that are too many do not wait
    assert set(order) == {"other files of yours are still being read; give it once they are there"}
    other = Thread(target=asks, args=("bob", b"say 1"))
    other.start()
    other.join(60)
    assert order[3:] == ["bob"]
    assert list(first) == [b"1"]
    for one in hers:
        one.join(60)
    assert order[4:] == ["ann"] * (apart.MOST_ASKED - 1)
    asks("ann", b"say 1")
    assert order[-1] == "ann"
    pool.close()
