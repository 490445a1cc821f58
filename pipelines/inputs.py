"""What the user named on the command line → the files to work on, each with the place its result goes to."""

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any

from dictation.audio.endings import APPLE_DOUBLE
from dictation.errors import InputError, UsageError
from pipelines.exits import note
from pipelines.manifest import AUDIO, MANIFEST_ENDINGS, called, entries, listed
from pipelines.remote_inputs import WILD, Address, looked_up, place

_BESIDE = "._"
_NAMED = 3
_ELSEWHERE = "is a link to a folder elsewhere, which is not followed; name that folder itself."
_LEADS_NOWHERE = "is a link to something that is not there; mend it, or name the file itself."
TEXT_ENDINGS = frozenset((".txt", ".text", ".md"))


@dataclass(frozen=True)
class Input:
    """One file. `shown` is the path as the user gave it, `mirrored` its place below an output folder.

    `folder` is the folder that was named, or that holds the file named. `columns` are what a manifest says beside it,
    by name, and `manifest` is the one that does, in its line `line`; `called` is what it calls some of them. `failure`
    says why there is nothing to work on (no such file, an empty folder, a bad row). `address` is where it lies if not
    on this machine; `path` then tells no more than its name.
    """

    path: Path
    shown: str
    mirrored: PurePath
    folder: Path
    failure: InputError | None = None
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    manifest: Path | None = None
    line: int = 0
    address: Address | None = None
    called: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def is_text(self) -> bool:
        """True for a text that stands for a dictation."""
        return self.path.suffix.lower() in TEXT_ENDINGS

    @property
    def place(self) -> Path | Address:
        """Where it can be read."""
        return self.address or self.path

    @property
    def whole(self) -> str:
        """Its path from the root, or its address without a login; a signature or a query as a hash."""
        return self.address.told_apart if self.address else _printable(_whole(self.path))

    def warning(self, said: str) -> str:
        """A warning about the input as the user named it: in a batch two folders may hold files of one name."""
        return f"{self.shown}: {said.removeprefix(f'{self.path.name}: ').removeprefix(f'{self.shown}: ')}"

    def deeper(self) -> "Input":
        """The same file with another place: one folder deeper, below the name of its `folder`.

        What a query tells apart gets a name with its hash instead.
        """
        if self.address and self.address.query_hash:
            return replace(self, mirrored=self.mirrored.with_name(f"{self.mirrored.name}~{self.address.query_hash}"))
        return replace(self, mirrored=PurePath(_folder_name(self.folder)) / self.mirrored)


def expand(
    paths: Sequence[Path | Address],
    endings: frozenset[str],
    columns: Mapping[str, str] | None = None,
    without: Path | None = None,
    told: set[Path] | None = None,
) -> list[Input]:
    """The files behind `paths` in order.

    A folder gives the files below it with one of `endings`, sorted, but none below `without` (the folder of the
    results); a pattern with `*`, `?` or `**` the files that it fits; a manifest (CSV or JSON Lines) those in its column
    `audio`, where `columns` says what its columns are called; an address what lies there. What is not there gives an
    Input with a `failure`, and the rest goes on; so does a link in a folder that leads nowhere. A file that was named
    itself is taken whatever its ending. What macOS lays beside files is passed by and told, but not what is in `told`.
    """
    inputs: list[Input] = []
    passed_by: list[Path] = []
    for path in paths:
        try:
            if isinstance(path, Address):
                inputs += _behind_address(path, endings, passed_by)
            else:
                inputs += _behind(path, endings, columns or {}, without, passed_by)
        except OSError as error:
            inputs.append(
                _failed(_named(path), f"cannot be read ({error.strerror}); check the path and its permissions.")
            )
        except InputError as error:
            inputs.append(replace(_failed(_named(path), ""), shown=_shown(path), failure=error))
    _tell(passed_by, set() if told is None else told)
    if told is None:
        _tell_texts([path for path in paths if isinstance(path, Path) and path.is_dir()], inputs)
    return inputs


def _tell_texts(folders: list[Path], inputs: list[Input]) -> None:
    """Say that the texts among the recordings of a folder are taken for dictations, too."""
    for folder in folders:
        its = [item for item in inputs if item.folder == folder and not item.failure]
        texts = sum(item.is_text for item in its)
        if 0 < texts < len(its):
            note(
                f"{_printable(folder)}: recordings ({len(its) - texts}) and texts ({texts}); each text is taken for a"
                f" dictation. To leave texts out, give a pattern such as '{_printable(folder)}/**/*.wav'."
            )


def _tell(passed_by: list[Path], told: set[Path]) -> None:
    new = [path for path in dict.fromkeys(passed_by) if path not in told]
    told.update(new)
    if new:
        named = ", ".join(map(_printable, new[:_NAMED])) + (
            f" and {len(new) - _NAMED} more" if len(new) > _NAMED else ""
        )
        note(f"passed by, because macOS lays them beside files and they hold no sound or text: {named}")


def apart(inputs: list[Input], owns: Callable[[Input], bool] = lambda item: False) -> list[Input]:
    """The inputs, each with a place of its own below an output folder: no result overwrites that of another.

    Of files that would share a place, the one that `owns` it since an earlier run keeps it, else the first, and the
    place of each other one begins with the name of its `folder`: what is named beside a file that was done before moves
    nothing. Raises UsageError where that does not keep them apart.
    """
    owners: dict[PurePath, Input] = {}
    there = [item for item in inputs if not item.failure]
    for item in (*filter(owns, _sharing(there)), *there):
        owners.setdefault(item.mirrored, item)
    return [item if item.failure else _placed(item, owners) for item in inputs]


def _sharing(inputs: list[Input]) -> list[Input]:
    """Those that share a place with another one."""
    counts = Counter(item.mirrored for item in inputs)
    return [item for item in inputs if counts[item.mirrored] > 1]


def _placed(item: Input, owners: dict[PurePath, Input]) -> Input:
    """The input with a place that is its own among those of the `owners`."""
    if owners[item.mirrored] is item:
        return item
    placed = item.deeper()
    other = owners.setdefault(placed.mirrored, item)
    if other is not item:
        both = f"{other.shown} and {item.shown}"
        raise UsageError(f"{both} would get the same result in --out; give each its own run and --out folder.")
    return placed


def _behind(
    path: Path, endings: frozenset[str], columns: Mapping[str, str], without: Path | None, passed_by: list[Path]
) -> list[Input]:
    if path.is_dir():
        if without is not None and without.resolve() == path.resolve():
            raise UsageError(f"{_printable(path)}: --out names the folder of the inputs; give the results their own.")
        found = _inputs(_outside(_below(path, endings), path, without), path, passed_by)
        return found or [_failed(path, "the folder holds no file of a known kind; name the files themselves.")]
    if path.is_file() and path.suffix.lower() in MANIFEST_ENDINGS:
        return _rows(path, columns)
    if path.exists():
        return [Input(path, _printable(path), PurePath(path.name), path.parent)]
    if path.is_symlink():
        return [_failed(path, _LEADS_NOWHERE)]
    if WILD & set(str(path)):
        try:
            base, files = _fitting(path, endings)
        except (ValueError, RuntimeError):  # "**.wav" before Python 3.13, "~nobody/*.wav"
            return [_failed(path, "is no usable pattern; check it, and write ** as a folder of its own.")]
        return _inputs(_outside(files, base, without), base, passed_by) or [
            _failed(path, "no file fits this pattern; check it.")
        ]
    return [_failed(path, "there is no such file or folder; check the path.")]


def _behind_address(address: Address, endings: frozenset[str], passed_by: list[Path]) -> list[Input]:
    if address.path.suffix.lower() in MANIFEST_ENDINGS:
        raise InputError(f"{address.shown}: a manifest is read on this machine; copy it here.")
    folder, found = address.below(endings)
    if not found:
        raise InputError(f"{address.shown}: it holds no file of a known kind; check it, or name the files themselves.")
    beside = {one for one in found if one.path.name.startswith(_BESIDE) and one.begins_with(APPLE_DOUBLE)}
    passed_by += (Path(one.path) for one in found if one in beside)
    return [_remote(one, Path(folder.name), one.path.relative_to(folder)) for one in found if one not in beside]


def _remote(address: Address, folder: Path, place: PurePath, **row: Any) -> Input:
    """An input that lies elsewhere; a name that would lead out of the output folder is refused."""
    failure = None
    place = place.relative_to(place.anchor)
    if ".." in place.parts:
        failure = InputError(f"{address.shown}: its name holds '..', which is no place below --out; rename it there.")
    return Input(Path(address.path), address.shown, PurePath(place), folder, failure, address=address, **row)


def _named(path: Path | Address) -> Path:
    return path if isinstance(path, Path) else Path(path.path)


def _shown(path: Path | Address) -> str:
    return _printable(path) if isinstance(path, Path) else path.shown


def _inputs(files: Iterable[Path], base: Path, passed_by: list[Path]) -> list[Input]:
    inputs = []
    for file in files:
        if _leads_nowhere(file):
            inputs.append(replace(_failed(file, _LEADS_NOWHERE), mirrored=file.relative_to(base), folder=base))
        elif file.is_dir():
            inputs.append(replace(_failed(file, _ELSEWHERE), mirrored=file.relative_to(base), folder=base))
        elif _is_beside(file):
            passed_by.append(file)
        else:
            inputs.append(Input(file, _printable(file), file.relative_to(base), base))
    return inputs


def _leads_nowhere(path: Path) -> bool:
    """True for a link to what is not there, or to itself."""
    return path.is_symlink() and not path.exists()


def _is_beside(path: Path) -> bool:
    """True for a file in which macOS keeps what another disk cannot keep of the file that it is called after."""
    if not path.name.startswith(_BESIDE):
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(APPLE_DOUBLE)) == APPLE_DOUBLE
    except OSError:  # said when it is read
        return False


def _failed(path: Path, why: str) -> Input:
    shown = _printable(path)
    return Input(path, shown, PurePath(path.name), path.parent, InputError(f"{shown}: {why}"))


def _below(folder: Path, endings: frozenset[str]) -> list[Path]:
    def is_meant(path: Path) -> bool:
        if path.suffix.lower() in endings:
            return path.is_file() or _leads_nowhere(path)
        return _leads_to_another_folder(path, folder) or (not path.suffix and _leads_nowhere(path))  # a share is away

    return sorted(filter(is_meant, folder.rglob("*")))


def _leads_to_another_folder(path: Path, folder: Path) -> bool:
    """True for a link to a folder that does not lie below `folder`: no link to a folder is followed."""
    return path.is_symlink() and path.is_dir() and not path.resolve().is_relative_to(folder.resolve())


def _fitting(pattern: Path, endings: frozenset[str]) -> tuple[Path, list[Path]]:
    """The folder before the first wildcard, and the files that fit; of a folder that fits, the files below it.

    A pattern that says how names end ("*.dat") takes them as they are, another one ("2026/**") the known `endings`.
    """
    parts = pattern.expanduser().parts
    first = next(number for number, part in enumerate(parts) if WILD & set(part))
    base, wanted = Path(*parts[:first]), list(parts[first:])
    if wanted[-1] == "**":
        wanted.append("*")
    taken = frozenset() if WILD & set(PurePath(wanted[-1]).suffix) else {PurePath(wanted[-1]).suffix.lower()} - {""}
    found: dict[Path, None] = {}
    for path in base.glob("/".join(wanted)):
        if path.is_dir():
            found |= dict.fromkeys(_below(path, endings))
        elif path.suffix.lower() in (taken or endings) and (path.is_file() or _leads_nowhere(path)):
            found[path] = None
    return base, sorted(found)


def _outside(files: list[Path], base: Path, folder: Path | None) -> list[Path]:
    """The files that do not lie below `folder`."""
    if folder is None or not folder.resolve().is_relative_to(base.resolve()):
        return files
    inside = folder.resolve()
    return [file for file in files if not file.resolve().is_relative_to(inside)]


def _rows(manifest: Path, columns: Mapping[str, str]) -> list[Input]:
    """The files that a manifest lists, mirrored from its folder; one that lies elsewhere has its whole path as place.

    So rows that are added later move nothing.
    """
    inputs: list[Input] = []
    for line, cells in entries(manifest, (AUDIO,), columns):
        where = f"{_printable(manifest)}, line {line}"
        try:
            if isinstance(cells, str):
                raise InputError(f"{cells}.")
            found = {name: cell for name, cell in cells.items() if cell}
            column = called(AUDIO, found, columns)
            audio = next((found.pop(name) for name in AUDIO if name in found), "")
            if not audio:
                raise InputError(f"its '{called(AUDIO, cells, columns)}' is empty; fill it in or delete the line.")
            row: dict[str, Any] = {"columns": found, "manifest": manifest, "line": line, "called": columns}
            if isinstance(elsewhere := place(audio), Address):
                inputs.append(_remote(elsewhere, manifest.parent, elsewhere.path, **row))
                continue
            path = listed(manifest, audio, column)
        except InputError as error:
            failure = InputError(f"{where}: {error}")
            inputs.append(Input(manifest, where, PurePath(f"line {line}"), manifest.parent, failure))
            continue
        whole, base = _whole(path), _whole(manifest.parent)
        mirrored = whole.relative_to(base if whole.is_relative_to(base) else whole.anchor)
        inputs.append(Input(path, _printable(path), mirrored, manifest.parent, **row))
    return _with_sizes(inputs)


def _with_sizes(inputs: list[Input]) -> list[Input]:
    """The inputs, with what is told of those that lie elsewhere: the long ones come first, and ETags spare reading."""
    there = [item.address for item in inputs if item.address and not item.failure]
    known = dict(zip(there, looked_up(there), strict=True))
    return [replace(item, address=known[item.address]) if item.address in known else item for item in inputs]


def _whole(path: Path) -> Path:
    """The path from the root, without "..", links left as they are."""
    return Path(os.path.normpath(path.absolute()))


def once(inputs: list[Input], columns: Collection[str] = ()) -> list[Input]:
    """The inputs without those that were named before: the same file with the same in the `columns` that count."""
    kept: dict[object, Input] = {}
    for number, item in enumerate(inputs):
        beside = sorted((name, cell) for name, cell in item.columns.items() if name in columns)
        kept.setdefault(number if item.failure else (item.address or _whole(item.path), *beside), item)
    return list(kept.values())


def _folder_name(folder: Path) -> str:
    return folder.name if folder.name not in ("", "..") else folder.resolve().name


def _printable(path: Path) -> str:
    """The path as text that can be written everywhere: bytes of a name that are no text become question marks."""
    return str(path).encode("utf-8", "replace").decode("utf-8")
