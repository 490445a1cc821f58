"""A user's own TOML files, read again when they change: a broken one is named in a sentence, the others work."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from dictation.errors import DictationError, InputError
from dictation.report.template import read_text

MAX_BYTES = 1_000_000  # of one file; the longest that people write by hand is a tenth of it
Value = TypeVar("Value")


def toml_files(folder: Path) -> tuple[Path, ...]:
    """Return the .toml files of a folder, by name; none where there is no such folder.

    One that cannot be listed is returned itself: `read_all` says why.
    """
    try:
        return tuple(sorted(path for path in folder.iterdir() if path.suffix.lower() == ".toml"))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError:
        return (folder,)


def read_all(
    paths: Iterable[Path], what: str, parse: Callable[[str, str, str], Value]
) -> tuple[tuple[Value, ...], tuple[str, ...]]:
    """Return what stands in each file, and a sentence for each that cannot be used.

    `parse` is given a file's text, its name without ending, and its path as shown; it is asked again only once the file
    has changed. `what` names the kind of file in messages ("a template").
    """
    found: list[Value] = []
    faults: list[str] = []
    for path in paths:
        try:
            if path.is_dir():
                next(path.iterdir(), None)
            state = path.stat()
            found.append(_read(path, what, parse, state.st_mtime_ns, state.st_size))
        except OSError as error:
            faults.append(f"{path}: cannot be read ({error.strerror}); check its permissions. It is passed over.")
        except DictationError as error:
            faults.append(f"{error} It is passed over.")
    return tuple(found), tuple(faults)


@lru_cache(maxsize=1024)
def _read(path: Path, what: str, parse: Callable[[str, str, str], Value], _changed_ns: int, size: int) -> Value:
    if size > MAX_BYTES:
        raise InputError(f"{path}: is larger than {MAX_BYTES // 1_000_000} MB; keep {what} in a smaller file.")
    return parse(read_text(path, what), path.stem, str(path))
