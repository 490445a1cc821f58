"""MedASR's int8 weights in the cache, with the verdict of this machine's self-check beside them.

Made once for each checkpoint, converter, torch, transformers and machine. A file is written beside its name and then
renamed, one process at a time; a damaged one is made anew.
"""

import errno
import hashlib
import json
import os
import platform
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock

from dictation.errors import DictationError
from dictation.speech.medasr.self_check import Verdict
from dictation.weights import sha256_of

_CONVERTER = 2  # changes with what int8.quantised makes, and with what the self-check asks
Converted = tuple[dict[str, Any], Verdict]


def verdict(weights_sha256: str, cache: Path) -> Verdict | None:
    """What this machine's self-check said of a checkpoint's int8 weights, or None before the first. Loads no torch."""
    found = _record(_path(weights_sha256, cache))
    return found[0] if found else None


def converted(weights_sha256: str, cache: Path, convert: Callable[[], Converted]) -> Converted:
    """Return the int8 weights and their verdict from the cache, made with `convert` where it does not hold them whole.

    Where the verdict is no, the weights are empty. Raises DictationError where the cache cannot be written.
    """
    path = _path(weights_sha256, cache)
    try:
        if kept := _kept(path):
            return kept
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            if kept := _kept(path):
                return kept
            for stale in path.parent.glob(f".{path.stem}.*.part"):  # of a process that was killed
                stale.unlink(missing_ok=True)
            weights, found = convert()
            _write(path, weights if found.agrees else {}, found)
    except OSError as error:
        cause = "the disk is full (200 MB are needed)" if error.errno == errno.ENOSPC else str(error.strerror or error)
        raise DictationError(
            f"{path.parent}: MedASR's int8 weights could not be written, {cause}; free some space or set "
            "DICTATION_CACHE to another folder."
        ) from error
    return (weights if found.agrees else {}), found


def _path(weights_sha256: str, cache: Path) -> Path:
    made_by = (weights_sha256, _CONVERTER, version("torch"), version("transformers"), _machine())
    key = hashlib.sha256(repr(made_by).encode()).hexdigest()
    return cache / "medasr_int8" / f"{weights_sha256[:12]}-{key[:12]}.safetensors"


def _machine() -> tuple[str, ...]:
    """The host and its processor: a verdict holds for no other."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    described = sorted({line for line in lines if line.startswith(("model name", "flags", "Features"))})
    return (platform.node(), platform.machine(), platform.processor(), *described)


def _kept(path: Path) -> Converted | None:
    """What the cache holds, where it is whole."""
    from safetensors.torch import load_file

    record = _record(path)
    if record is None:
        return None
    found, sha256 = record
    if not found.agrees:
        return {}, found
    if not path.is_file() or sha256_of(path) != sha256:
        return None
    return load_file(path), found


def _record(path: Path) -> tuple[Verdict, str] | None:
    """The verdict, and the SHA-256 of the weights that it is on."""
    try:
        record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        return Verdict(**record["verdict"]), str(record["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(path: Path, weights: dict[str, Any], found: Verdict) -> None:
    """The weights first, then the record that makes them count."""
    from safetensors.torch import save

    content = save(weights) if weights else b""
    path.with_suffix(".json").unlink(missing_ok=True)
    if content:
        _write_atomic(path, content)
    record = {"sha256": hashlib.sha256(content).hexdigest(), "verdict": asdict(found)}
    _write_atomic(path.with_suffix(".json"), json.dumps(record, indent=1).encode())


def _write_atomic(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        temporary.chmod(0o644)  # weights are no secret, and a cache may be shared
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
