"""When somebody was told: "discussed with Dr. Miller at 10-30" → "10:30", as recognizers hear "ten thirty" there.

Elsewhere two numbers with a hyphen may be anything ("levels 10-30"), and stay as heard.
"""

from dictation.wording.cues import cue_words
from dictation.wording.pieces import Figure, Pieces

_TELLING = cue_words("tells_somebody")
_BEHIND = cue_words("follows_a_time")
_HOURS, _MINUTES = 24, 60


def read_clock(pieces: Pieces, start: int) -> Figure | None:
    """Read hours and minutes in figures behind "at", at the end of a clause in which somebody was told something."""
    hour, minute = pieces[start], pieces[start + 1]
    is_time = (
        hour.kind == minute.kind == "digits"
        and minute.glue == "-"
        and minute.last
        and len(hour.text) <= 2 == len(minute.text)
        and (hour.text + minute.text).isdecimal()
        and int(hour.text) < _HOURS
        and int(minute.text) < _MINUTES
    )
    if not is_time or pieces.word(start - 1) != "at" or not _ends(pieces, start + 2):
        return None
    at = start - 1
    while pieces[at].kind == "word":
        if pieces.word(at) in _TELLING:
            return Figure(f"{hour.text}:{minute.text}", start + 2)
        at -= 1
    return None


def _ends(pieces: Pieces, at: int) -> bool:
    return pieces[at].kind in ("mark", "wall") or pieces.word(at) in _BEHIND
