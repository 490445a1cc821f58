"""Weights on disk: join those that ship in parts, verify them, keep them in the cache.

Joining is atomic and safe when several processes start at once: the parts are written beside the target under a file
lock, verified, then renamed. A damaged cache is joined anew; damaged parts are an error that names the package.
"""

import errno
import hashlib
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from dictation.errors import DictationError, MissingError

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class PackagedWeights:
    """Weights that ship inside installed packages.

    `parts` are (import package, path inside it) in the order of joining, `companions` (import package, path inside it,
    SHA-256) files that lie beside the joined file under their own names, `sha256` that of the joined file, `install`
    the command that brings the packages.
    """

    name: str
    file_name: str
    sha256: str
    parts: tuple[tuple[str, str], ...]
    companions: tuple[tuple[str, str, str], ...]
    install: str


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file as lower-case hex, read in bounded memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def package_file(package: str, inner: str) -> Path | None:
    """Where a file of an installed package lies, or None. The package is not imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(next(iter(spec.submodule_search_locations)), inner)
    return path if path.is_file() else None


def joined(weights: PackagedWeights, cache: Path) -> Path:
    """The folder with the joined weights and their companions, joined now where the cache does not hold them yet.

    A cache that holds them whole is only read. Raises MissingError where a package is absent or damaged,
    DictationError where the cache cannot be written (a full disk names the space needed).
    """
    folder = cache / "weights" / f"{weights.name}-{weights.sha256[:12]}"
    try:
        if _whole(weights, folder):
            return folder
        sources = _sources(weights)
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            for stale in folder.glob(".*.part"):  # of a process that was killed: nobody else holds the lock
                stale.unlink(missing_ok=True)
            if not _whole(weights, folder):
                for (_, inner, sha256), source in zip(weights.companions, sources[len(weights.parts) :], strict=True):
                    _copy_atomic([source], folder / Path(inner).name, sha256, weights)
                _copy_atomic(sources[: len(weights.parts)], folder / weights.file_name, weights.sha256, weights)
    except OSError as error:
        cause = "the disk is full (300 MB are needed)" if error.errno == errno.ENOSPC else str(error.strerror or error)
        raise DictationError(
            f"{folder}: the {weights.name} weights could not be written, {cause}; free some space or set "
            "DICTATION_CACHE to another folder."
        ) from error
    return folder


def _whole(weights: PackagedWeights, folder: Path) -> bool:
    """True where the folder holds every file with its SHA-256."""
    wanted = [(Path(inner).name, sha256) for _, inner, sha256 in weights.companions]
    wanted.append((weights.file_name, weights.sha256))
    return all((folder / name).is_file() and sha256_of(folder / name) == sha256 for name, sha256 in wanted)


def _sources(weights: PackagedWeights) -> list[Path]:
    """The installed parts, then the companions. Raises MissingError that names what is not installed."""
    named = [*weights.parts, *((package, inner) for package, inner, _ in weights.companions)]
    found = [(package_file(package, inner), package) for package, inner in named]
    absent = sorted({package.replace("_", "-") for path, package in found if path is None})
    if absent:
        are = "is" if len(absent) == 1 else "are"
        raise MissingError(f"{weights.name}: {' and '.join(absent)} {are} not installed; run: {weights.install}")
    return [path for path, _ in found if path is not None]


def _copy_atomic(parts: Sequence[Path], target: Path, sha256: str, weights: PackagedWeights) -> None:
    """Write the parts one after another beside `target`, verify, then rename: a reader never sees half a file."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    temporary = Path(name)
    try:
        digest = hashlib.sha256()
        with os.fdopen(handle, "wb") as out:
            for part in parts:
                with part.open("rb") as source:
                    while chunk := source.read(_CHUNK_BYTES):
                        digest.update(chunk)
                        out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != sha256:
            raise MissingError(
                f"{weights.name}: the installed {target.name} is damaged (SHA-256 {digest.hexdigest()[:12]}…, expected "
                f"{sha256[:12]}…); run: {weights.install} --force-reinstall"
            )
        temporary.chmod(0o644)  # weights are no secret, and a cache may be shared
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def free_bytes(folder: Path) -> int:
    """Free space on the disk that would hold `folder`."""
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    return shutil.disk_usage(existing).free


def free_mb(folder: Path) -> int:
    """The same in MB."""
    return free_bytes(folder) // 1_000_000
