"""Seconds of a recording as people find them in a player."""

import re

_CLOCK = re.compile(r"(\d+):(\d\d)-(\d+):(\d\d)")


def clock(start_s: float, end_s: float) -> str:
    """Return "1:02-1:12", at least a second."""
    first = int(start_s)
    return "-".join(f"{at_s // 60}:{at_s % 60:02d}" for at_s in (first, max(int(end_s), first + 1)))


def begins_at_s(text: str) -> float | None:
    """Return the first second of the clock that a text begins with, rounded down; None where it begins with none."""
    found = _CLOCK.match(text)
    return int(found[1]) * 60 + int(found[2]) if found else None


def span_s(text: str) -> tuple[float, float] | None:
    """Return the [start, end) of the whole seconds in which lies what a text is about; None where it names none."""
    found = _CLOCK.match(text)
    if found is None:
        return None
    minutes, seconds, last_minutes, last_seconds = (int(part) for part in found.groups())
    return minutes * 60.0 + seconds, last_minutes * 60.0 + last_seconds + 1


def without_clock(text: str) -> str:
    """Return a text without the seconds that it begins with."""
    return _CLOCK.sub("", text, count=1).removeprefix(": ")
