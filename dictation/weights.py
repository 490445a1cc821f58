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

    `parts` are (import package, path inside it) in the order of joining, `companions` files that lie beside the joined
    file under their own names, `sha256` that of the joined file, `install` the command that brings the packages.
    """

    name: str
    file_name: str
    sha256: str
    parts: tuple[tuple[str, str], ...]
    companions: tuple[tuple[str, str], ...]
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

    Raises MissingError where a package is absent or its parts are damaged, DictationError where the cache cannot be
    written (a full disk names the space needed).
    """
    found = [(package_file(package, inner), package) for package, inner in (*weights.parts, *weights.companions)]
    absent = sorted({package.replace("_", "-") for path, package in found if path is None})
    if absent:
        raise MissingError(f"{weights.name}: {', '.join(absent)} is not installed; run: {weights.install}")
    sources = [path for path, _ in found if path is not None]
    parts, companions = sources[: len(weights.parts)], sources[len(weights.parts) :]
    folder = cache / "weights" / f"{weights.name}-{weights.sha256[:12]}"
    target = folder / weights.file_name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            for companion in companions:
                _copy_atomic([companion], folder / companion.name)
            if not target.is_file() or sha256_of(target) != weights.sha256:
                _copy_atomic(parts, target, weights)
    except OSError as error:
        needed_mb = sum(path.stat().st_size for path in sources) // 1_000_000 + 1
        cause = f"the disk is full ({needed_mb} MB are needed)" if error.errno == errno.ENOSPC else str(error.strerror)
        raise DictationError(
            f"{folder}: the {weights.name} weights could not be written, {cause}; free some space or set "
            "DICTATION_CACHE to another folder."
        ) from error
    return folder


def _copy_atomic(parts: Sequence[Path], target: Path, weights: PackagedWeights | None = None) -> None:
    """Write the parts one after another beside `target`, verify, then rename: a reader never sees half a file."""
    if weights is None and target.is_file() and target.read_bytes() == parts[0].read_bytes():
        return
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
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
        if weights is not None and digest.hexdigest() != weights.sha256:
            raise MissingError(
                f"{weights.name}: the installed weights are damaged (SHA-256 {digest.hexdigest()[:12]}…, expected "
                f"{weights.sha256[:12]}…); run: {weights.install} --force-reinstall"
            )
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def free_mb(folder: Path) -> int:
    """Free space in MB on the disk that would hold `folder`."""
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    return shutil.disk_usage(existing).free // 1_000_000
