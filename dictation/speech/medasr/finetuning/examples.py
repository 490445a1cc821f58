"""One line of the list that a model is taught by: a recording, or a part of one, and what MedASR should write of it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

from dictation.errors import InputError

Split = Literal["train", "dev", "test"]
SPLITS: tuple[Split, ...] = ("train", "dev", "test")
COLUMNS = ("split", "speaker", "start_s", "end_s")  # beside audio and text; all may be left out
MAX_RANGES = 12  # of line numbers in one message


@dataclass(frozen=True)
class Example:
    """A line. `text` in MedASR's written form, commands as tokens ("{period}", "[FINDINGS]").

    `line` is its number in the list; `split` is None and `speaker` "" where the list does not say; [start_s, end_s) is
    the part of the recording that is meant, `end_s` None for its end.
    """

    line: int
    audio: Path
    text: str
    split: Split | None = None
    speaker: str = ""
    start_s: float = 0.0
    end_s: float | None = None


@dataclass(frozen=True)
class Problem:
    """A line that cannot be used. `why` is the cause and the fix, without the text and without a name.

    `is_fault`: something is wrong with it, rather than being left out by rule.
    """

    line: int
    why: str
    is_fault: bool = True


def example(line: int, audio: Path, text: str, fields: Mapping[str, str]) -> Example:
    """Make an example of the cells of a line. Raises InputError, a sentence without the line, for a bad cell."""
    split = fields.get("split", "").strip().lower()
    if split not in ("", *SPLITS):
        raise InputError("the split is unknown; write train, dev or test.")
    start_s, end_s = (_seconds(fields.get(name, ""), name) for name in ("start_s", "end_s"))
    if end_s is not None and end_s <= (start_s or 0.0):
        raise InputError("end_s does not lie after start_s; give both in seconds of the recording.")
    return Example(
        line=line,
        audio=audio,
        text=" ".join(text.split()),
        split=next((known for known in SPLITS if known == split), None),
        speaker=fields.get("speaker", "").strip(),
        start_s=start_s or 0.0,
        end_s=end_s,
    )


def lines_named(lines: Iterable[int]) -> str:
    """Name lines for people: "line 3", "lines 2-5, 9"; the first of them where there are very many."""
    ordered = sorted(set(lines))
    runs = [[line for _, line in run] for _, run in groupby(enumerate(ordered), key=lambda pair: pair[1] - pair[0])]
    shown = [f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs[:MAX_RANGES]]
    left = sum(map(len, runs[MAX_RANGES:]))
    return ("line " if len(ordered) == 1 else "lines ") + ", ".join(shown) + (f" and {left} more" if left else "")


def _seconds(cell: str, name: str) -> float | None:
    if not cell.strip():
        return None
    try:
        seconds = float(cell)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds >= 0):
        raise InputError(f"{name} is no number of seconds; write for example 12.5.")
    return seconds
