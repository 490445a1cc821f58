"""What lies beside signed reports: recordings, images, orders and readings in folders, each found by the report's name.

A file whose name fits no report is used for nothing, so it is named; a folder that fits none at all is wrong usage.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from dictation.audio.endings import AUDIO_ENDINGS
from dictation.errors import InputError, UsageError
from dictation.unseen import printable
from pipelines.recheck_inputs import Signed

JSON = frozenset({".json"})
NAMED = 3  # files that fit no report; of the others, how many they are


@dataclass(frozen=True)
class Folders:
    """Where what belongs to a report lies, by the report's name."""

    audio: Path | None = None
    images: Path | None = None
    orders: Path | None = None
    seen: Path | None = None


class Beside:
    """The folder of an option, in which each report has a file of its name (with one of `endings`) or a folder."""

    def __init__(
        self, option: str, folder: Path, reports: Sequence[Signed], endings: frozenset[str] | None = None
    ) -> None:
        if not folder.is_dir():
            raise UsageError(f"{folder}: there is no such folder; check the path.")
        self._folder, self._endings = folder, endings
        self._names = Counter(PurePosixPath(one.id).name for one in reports)
        self._listing: Callable[[Path], dict[str, list[Path]]] = cache(_listing)
        used = {path for report in reports for path in self.of(report)}
        strangers = list(self._strangers(used))
        if reports and not used:
            wrong = f"no file has the name of a report ({_some(strangers)})" if strangers else "no file is there"
            raise UsageError(f"{folder}: for {option}, {wrong}; name each after its report, whatever its ending.")
        fit = "file fits" if len(strangers) == 1 else "files fit"
        self.unused = f"{option}: {len(strangers)} {fit} no report by name: {_some(strangers)}." if strangers else ""

    def of(self, report: Signed) -> list[Path]:
        """The files or the folder of a report; those of a report in a folder below may lie in this one."""
        name = PurePosixPath(report.id)
        if name.is_absolute() or ".." in name.parts:
            return []
        places = [self._folder / name.parent]
        if len(name.parts) > 1 and self._names[name.name] == 1:
            places.append(self._folder)
        for place in places:
            found = [path for path in self._listing(place).get(name.name, []) if self._is_one(path.name)]
            if found:
                return found
        return []

    def one_of(self, report: Signed) -> Path | None:
        """The only such file. Raises InputError where there are several."""
        found = self.of(report)
        if len(found) > 1:
            raise InputError(f"{found[0]} and {found[1].name}: belong to one report; keep one of them.")
        return found[0] if found else None

    def _is_one(self, name: str) -> bool:
        return self._endings is None or PurePosixPath(name).suffix.lower() in self._endings

    def _strangers(self, used: set[Path]) -> Iterator[str]:
        """The files that belong to no report; of images, a folder with nothing of any report counts as one."""
        around = {parent for path in used for parent in path.parents}
        for place, folders, files in os.walk(self._folder):
            below = [Path(place, name) for name in sorted(folders) if not name.startswith(".")]
            below = [path for path in below if path not in used]
            entered = [path for path in below if self._endings or path in around]
            folders[:] = [path.name for path in entered]
            found = [Path(place, name) for name in sorted(files) if not name.startswith(".") and self._is_one(name)]
            for path in found + [path for path in below if path not in entered]:
                if path not in used:
                    yield path.relative_to(self._folder).as_posix()


@dataclass(frozen=True)
class Material:
    """What there is for the reports, by option; None where no folder was named."""

    audio: Beside | None
    images: Beside | None
    orders: Beside | None
    seen: Beside | None

    @property
    def unused(self) -> list[str]:
        """A line for each folder that holds what fits no report."""
        return [one.unused for one in (self.audio, self.images, self.orders, self.seen) if one and one.unused]


def material(folders: Folders, reports: Sequence[Signed]) -> Material:
    """Look through the folders that were named. Raises UsageError where one is not there or fits no report at all."""
    return Material(
        Beside("--audio", folders.audio, reports, AUDIO_ENDINGS) if folders.audio else None,
        Beside("--images", folders.images, reports) if folders.images else None,
        Beside("--orders", folders.orders, reports, JSON) if folders.orders else None,
        Beside("--seen", folders.seen, reports, JSON) if folders.seen else None,
    )


def _some(names: Sequence[str]) -> str:
    """The first of them, without what cannot be written or would break a line."""
    shown = [*map(printable, names[:NAMED])]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(shown) + more


def _listing(folder: Path) -> dict[str, list[Path]]:
    """The files of a folder by name without ending, its folders by name."""
    found: dict[str, list[Path]] = {}
    try:
        for path in sorted(folder.iterdir()):
            if not path.name.startswith("."):
                found.setdefault(path.name if path.is_dir() else path.stem, []).append(path)
    except (OSError, ValueError):  # an id may be no name of a file
        return {}
    return found
