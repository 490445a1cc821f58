"""Seconds of a recording as people find them in a player."""


def clock(start_s: float, end_s: float) -> str:
    """Return "1:02-1:12"."""
    return "-".join(f"{int(at_s) // 60}:{int(at_s) % 60:02d}" for at_s in (start_s, end_s))
