"""A folder that is watched → its new files, each once it is finished: nothing is taken half written or half copied."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from dictation.audio import whole
from dictation.errors import UsageError
from pipelines.exits import note
from pipelines.inputs import Input, expand

POLL_S = 2.0
_REST = 9.0  # times as long as the look at a large folder took
SETTLED_S = 4.0  # without a change of size and time, for a file that says that it is whole
UNSAID_S = 30.0  # for one whose format does not say: MP3, WebM, a text
GIVEN_UP_S = 600.0  # for one that says that it is not: nobody will finish it, and what is there is heard

Stamp = tuple[int, int]  # size in bytes, time of the last change in ns


def finished(
    folder: Path,
    endings: frozenset[str],
    without: Path | None = None,
    pause: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[list[Input]]:
    """Yield the files below `folder`, and from then on those that are new or changed, each once it is finished.

    It ends only from outside. Raises UsageError where there is no such folder.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder to watch; check the path.")
    note(f"watching {folder}; Ctrl-C ends it.")
    given: dict[Path, Stamp] = {}
    waiting: dict[Path, tuple[Stamp, float]] = {}
    while True:
        began_s = clock()
        ready, still = [], {}
        for item in expand([folder], endings, without=without):
            stamp = _stamp(item.path) if not item.failure else None
            if stamp is None or given.get(item.path) == stamp:
                continue
            before, since_s = waiting.get(item.path, (None, 0.0))
            since_s = since_s if before == stamp else clock()
            if _is_finished(item, clock() - since_s):
                given[item.path] = stamp
                ready.append(item)
            else:
                still[item.path] = stamp, since_s
        waiting = still
        took_s = clock() - began_s
        if ready:
            yield ready
        pause(max(POLL_S, _REST * took_s))


def is_whole(path: Path) -> bool | None:
    """Tell whether a recording is there up to its end; None where its container does not say. Raises OSError."""
    with path.open("rb") as file:
        return whole.is_whole(file)


def _is_finished(item: Input, settled_s: float) -> bool:
    if settled_s < SETTLED_S:
        return False
    try:
        is_there = None if item.is_text else is_whole(item.path)
    except OSError:
        is_there = False
    return is_there or settled_s >= (GIVEN_UP_S if is_there is False else UNSAID_S)


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:  # gone again
        return None
    return status.st_size, status.st_mtime_ns
