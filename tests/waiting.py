"""Waiting for something to become so: the one `until` of all tests that have no page to ask."""

import time
from collections.abc import Callable
from typing import TypeVar

WAIT_S = 60  # on a machine that does much else; a test's own time limit is longer

Found = TypeVar("Found")


def until(is_so: Callable[[], Found], what: str = "it", wait_s: float = WAIT_S) -> Found:
    """Ask until the answer is true, and return it; AssertionError names `what` was waited for in vain."""
    ends_at_s = time.monotonic() + wait_s
    while not (found := is_so()):
        assert time.monotonic() < ends_at_s, f"waited {wait_s:g} s in vain: {what}"
        time.sleep(0.02)
    return found
