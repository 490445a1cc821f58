from threading import Event

import pytest

from dictation.errors import Cancelled, InputError
from dictation.review.work import Step, steps_of


def test_steps_come_in_order_and_then_it_ends():
    def work(progress, cancel):
        progress(0.1, "listening")
        progress(0.9, "comparing")

    assert list(steps_of(work, Event())) == [Step(0.1, "listening"), Step(0.9, "comparing")]


def test_what_goes_wrong_is_raised_where_somebody_listens():
    def work(progress, cancel):
        progress(0.1, "listening")
        raise InputError("a.wav: broken")

    steps = steps_of(work, Event())
    assert next(steps).words == "listening"
    with pytest.raises(InputError, match=r"a\.wav"):
        next(steps)


def test_whoever_stops_listening_stops_the_work():
    ended = Event()

    def work(progress, cancel):
        progress(0.1, "listening")
        assert cancel.wait(30)
        ended.set()
        raise Cancelled("stopped")

    steps = steps_of(work, Event())
    next(steps)
    steps.close()
    assert ended.wait(30)


def test_work_that_ended_is_not_cancelled():
    cancel = Event()
    assert list(steps_of(lambda progress, cancel: None, cancel)) == []
    assert not cancel.is_set()
