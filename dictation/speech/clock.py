"""Seconds of a recording as people find them in a player."""

import re

_CLOCK = re.compile(r"(\d+):(\d\d)-")


def clock(start_s: float, end_s: float) -> str:
    """Return "1:02-1:12", at least a second."""
    first = int(start_s)
    return "-".join(f"{at_s // 60}:{at_s % 60:02d}" for at_s in (first, max(int(end_s), first + 1)))


def begins_at_s(text: str) -> float | None:
    """Return the first second of the clock that a text begins with, rounded down; None where it begins with none."""
    found = _CLOCK.match(text)
    return int(found[1]) * 60 + int(found[2]) if found else None
