"""Work that takes a while, told step by step: the page shows each step as it comes and can stop it."""

from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Event, Thread
from typing import NamedTuple


class Step(NamedTuple):
    """How far the work is: `fraction` 0 to 1, and what it is doing, in words."""

    fraction: float
    words: str


Progress = Callable[[float, str], None]


def steps_of(work: Callable[[Progress, Event], object], cancel: Event) -> Iterator[Step]:
    """Run `work(progress, cancel)` in a thread and yield its steps until it has ended.

    What it raises is raised here. Whoever stops listening stops the work: `cancel` is set when the generator closes.
    """
    steps: SimpleQueue[Step | BaseException | None] = SimpleQueue()

    def run() -> None:
        try:
            work(lambda fraction, words: steps.put(Step(fraction, words)), cancel)
        except BaseException as error:  # handed over, not swallowed
            steps.put(error)
        else:
            steps.put(None)

    Thread(target=run, name="case", daemon=True).start()
    ended = False
    try:
        while (step := steps.get()) is not None:
            if isinstance(step, BaseException):
                ended = True
                raise step
            yield step
        ended = True
    finally:
        if not ended:
            cancel.set()
