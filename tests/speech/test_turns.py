"""The queue of one engine: who goes first, what is dropped, what happens when work fails."""

import random
import threading
from collections.abc import Sequence
from concurrent.futures import Future, wait

import pytest

from dictation.errors import Cancelled, InputError, ModelError
from dictation.speech.ear import Urgency
from dictation.speech.turns import PATIENCE_S, Turns
from tests.waiting import WAIT_S, until

FINAL, PARTIAL, FILE = Urgency.FINAL, Urgency.PARTIAL, Urgency.FILE


class Clock:
    """Stands in for the module `time`: its seconds pass only where a test says so."""

    def __init__(self) -> None:
        self._now_s = 0.0

    def monotonic(self) -> float:
        return self._now_s

    def go_on(self, seconds: float) -> None:
        self._now_s += seconds


class Engine:
    """Gives back what it is asked, in capitals, and notes each batch. It stands still until it is `let_go`."""

    def __init__(self, batch: int = 1, bound: int = 100, cost_s=len, running: bool = True, at_once: int = 1) -> None:
        self.batches: list[list[str]] = []
        self._gate = threading.Event()
        self._begun = threading.Event()
        self.turns: Turns[str, str] = Turns(self.work, batch=batch, bound=bound, cost_s=cost_s, at_once=at_once)
        if running:
            self._gate.set()
        else:
            self.first = self.turns.submit("first", FILE)  # occupies the engine, so that what follows has to wait
            assert self._begun.wait(WAIT_S)

    def work(self, tasks: Sequence[str]) -> list:
        self._begun.set()
        assert self._gate.wait(WAIT_S)
        self.pass_time()
        self.batches.append(list(tasks))
        if "memory" in tasks:
            raise MemoryError
        return [InputError("bad: it is bad.") if task == "bad" else task.upper() for task in tasks]

    def pass_time(self) -> None:
        """What else happens while a batch runs; a test may set it."""

    def let_go(self, *futures: Future) -> list[list[str]]:
        """Let it run until the futures are done; return the batches after the first."""
        self._gate.set()
        assert not wait(futures, WAIT_S).not_done
        self.turns.close()
        return self.batches[1:]


def test_the_result_of_a_task_is_its_own():
    engine = Engine()
    futures = {word: engine.turns.submit(word, FILE) for word in ("lung", "heart", "liver")}
    assert {word: future.result(WAIT_S) for word, future in futures.items()} == {word: word.upper() for word in futures}
    engine.turns.close()


def test_finals_go_before_partials_and_partials_before_files():
    engine = Engine(running=False)
    order = [FILE, PARTIAL, FINAL, FILE, PARTIAL, FINAL]
    futures = [engine.turns.submit(f"{urgency.name} {n}", urgency) for n, urgency in enumerate(order)]
    ran = [task for [task] in engine.let_go(*futures)]
    assert ran == ["FINAL 2", "FINAL 5", "PARTIAL 1", "PARTIAL 4", "FILE 0", "FILE 3"]


def test_a_batch_holds_tasks_of_one_urgency_and_of_like_cost():
    engine = Engine(batch=3, running=False)
    words = ["aaaa", "bbbbbbbbbbbbbbbb", "ccccc", "dddd", "eeee", "ffffffffffffffff"]
    futures = [engine.turns.submit(word, FILE) for word in words]
    futures.append(engine.turns.submit("gggg", FINAL))
    batches = engine.let_go(*futures)
    assert batches == [["gggg"], ["aaaa", "dddd", "eeee"], ["bbbbbbbbbbbbbbbb", "ffffffffffffffff"], ["ccccc"]]


def test_a_later_partial_of_the_same_key_takes_the_place_of_the_one_that_waits():
    engine = Engine(running=False)
    old = engine.turns.submit("old", PARTIAL, key="a")
    other = engine.turns.submit("other", PARTIAL, key="b")
    new = engine.turns.submit("new", PARTIAL, key="a")
    assert old.cancelled()
    assert engine.let_go(new, other) == [["new"], ["other"]]  # a replaced one does not lose its place


def test_a_final_drops_the_partial_of_its_key_only():
    engine = Engine(running=False)
    mine = engine.turns.submit("mine", PARTIAL, key="a")
    other = engine.turns.submit("other", PARTIAL, key="b")
    keyless = engine.turns.submit("keyless", PARTIAL)
    final = engine.turns.submit("final", FINAL, key="a")
    assert mine.cancelled()
    assert engine.let_go(final, other, keyless) == [["final"], ["other"], ["keyless"]]


def test_live_work_never_waits_to_be_queued_and_files_do():
    engine = Engine(bound=2, running=False)
    files = [engine.turns.submit(f"file {n}", FILE) for n in range(2)]
    live = [engine.turns.submit(f"live {n}", FINAL) for n in range(50)]
    late: list[Future] = []
    blocked = threading.Thread(target=lambda: late.append(engine.turns.submit("third", FILE)))
    blocked.start()
    blocked.join(0.3)
    assert blocked.is_alive() and not late
    engine._gate.set()
    blocked.join(WAIT_S)
    assert late[0].result(WAIT_S) == "THIRD"
    assert engine.let_go(*files, *live)[:50] == [[f"live {n}"] for n in range(50)]


def test_a_cancelled_job_stops_waiting_for_room():
    engine = Engine(bound=1, running=False)
    waiting = engine.turns.submit("file", FILE)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        engine.turns.submit("more", FILE, cancel=cancel)
    assert engine.let_go(waiting) == [["file"]]


def test_cancelling_what_waits_makes_room_at_once():
    engine = Engine(bound=1, running=False)
    dropped = engine.turns.submit("dropped", FILE)
    assert dropped.cancel()
    kept = engine.turns.submit("kept", FILE)  # would block for ever if the dropped one still held its place
    assert engine.let_go(kept) == [["kept"]]


def test_a_failure_reaches_its_own_future_and_the_engine_goes_on():
    engine = Engine(batch=4, running=False)
    good, bad, crash, last = (engine.turns.submit(word, FILE) for word in ("good", "bad", "memory", "last"))
    batches = engine.let_go(good, bad, crash, last)
    assert (good.result(), last.result()) == ("GOOD", "LAST")
    with pytest.raises(InputError, match="it is bad"):
        bad.result()
    with pytest.raises(ModelError, match="MemoryError"):
        crash.result()
    assert sorted(map(sorted, batches[1:])) == [["bad"], ["good"], ["last"], ["memory"]]  # each tried alone


def test_a_final_goes_between_the_tries_of_a_batch_that_failed():
    engine = Engine(batch=2, running=False)
    futures = [engine.turns.submit(word, FILE) for word in ("memory", "innocent")]
    finals: list[Future] = []
    crash = futures[0]
    crash.add_done_callback(lambda _: finals.append(engine.turns.submit("final", FINAL)))
    batches = engine.let_go(*futures)
    assert batches == [["memory", "innocent"], ["memory"], ["final"], ["innocent"]]


def test_partials_do_not_starve_a_recording(monkeypatch):
    """Live sessions that ask for provisional text without end: now and then one batch of the recording is heard."""
    clock = Clock()
    monkeypatch.setattr("dictation.speech.turns.time", clock)
    engine = Engine(running=False)
    engine.pass_time = lambda: clock.go_on(PATIENCE_S / 2)  # that each batch takes
    partials = [engine.turns.submit(f"partial {n}", PARTIAL) for n in range(6)]
    files = [engine.turns.submit(f"file {n}", FILE) for n in range(2)]
    ran = [task for [task] in engine.let_go(*partials, *files)]
    assert ran == [
        "partial 0", "partial 1", "file 0", "partial 2", "partial 3", "file 1", "partial 4", "partial 5",
    ]  # fmt: skip


def test_the_expected_wait_grows_with_the_finals_before_and_not_with_files():
    engine = Engine(cost_s=lambda task: 2.0, running=False)
    idle_s = engine.turns.waiting_s
    files = [engine.turns.submit("file", FILE) for _ in range(10)]
    assert engine.turns.waiting_s <= idle_s
    finals = [engine.turns.submit("final", FINAL) for _ in range(3)]
    assert engine.turns.waiting_s >= 6.0
    engine.let_go(*files, *finals)
    assert engine.turns.waiting_s == 0.0


def test_closing_cancels_what_waits_and_refuses_what_comes():
    engine = Engine(running=False)
    waiting = [engine.turns.submit("waits", urgency) for urgency in Urgency]
    threading.Timer(0.1, engine._gate.set).start()
    engine.turns.close()
    assert engine.first.result(0) == "FIRST"
    assert all(future.cancelled() for future in waiting)
    with pytest.raises(Cancelled):
        engine.turns.submit("late", FINAL)


def test_nothing_is_lost_or_done_twice_when_many_ask_at_once():
    engine = Engine(batch=4, bound=8)
    done: list[tuple[str, Future]] = []

    def ask(name: int) -> None:
        choice = random.Random(name)
        for n in range(40):
            word = f"{name}-{n}-" + "x" * choice.randrange(30)
            urgency = choice.choice([FINAL, FILE])
            done.append((word, engine.turns.submit(word, urgency, key=name)))

    threads = [threading.Thread(target=ask, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert [future.result(WAIT_S) for word, future in done] == [word.upper() for word, _ in done]
    engine.turns.close()
    ran = [task for batch in engine.batches for task in batch]
    assert sorted(ran) == sorted(word for word, _ in done)
    assert all(len(batch) <= 4 for batch in engine.batches)


def test_an_engine_that_does_several_things_at_once_is_given_so_many_and_each_its_own():
    engine = Engine(at_once=2)
    both, seen = threading.Barrier(2), []

    def meet() -> None:
        seen.append(both.wait(WAIT_S))  # breaks unless two are at work

    engine.pass_time = meet
    futures = {word: engine.turns.submit(word, FILE) for word in ("a", "b", "c", "d")}
    assert {word: future.result(WAIT_S) for word, future in futures.items()} == {word: word.upper() for word in "abcd"}
    assert sorted(seen) == [0, 0, 1, 1]
    engine.turns.close()
    assert not engine.turns._workers


def test_the_thread_ends_when_nothing_is_left_to_do(monkeypatch):
    monkeypatch.setattr("dictation.speech.turns.IDLE_S", 0.05)
    engine = Engine()
    assert engine.turns.submit("once", FINAL).result(WAIT_S) == "ONCE"
    until(lambda: not engine.turns._workers)
    assert engine.turns.submit("again", FINAL).result(WAIT_S) == "AGAIN"  # and begins anew
    engine.turns.close()
