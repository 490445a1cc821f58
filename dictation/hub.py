"""Models of the Hugging Face hub, for every engine that runs them with transformers: find, fetch, say what is missing.

A folder of the user's own is taken as it is. For a name, the hub's cache comes first, and the network is not touched
where it holds the model. Importing this file loads neither transformers nor the hub's client.
"""

import errno
import importlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dictation.errors import DictationError, MissingError
from dictation.extras import install_command
from dictation.weights import sha256_of

BROKEN_TRANSFORMERS = "5.2.0"  # its features of speech refuse their own `center` argument
CONFIG = "config.json"
WEIGHTS, WEIGHTS_INDEX = "model.safetensors", "model.safetensors.index.json"  # in one file, or the list of several
_DOWNLOADED = ["*.json", "*.safetensors", "spiece.model"]  # nothing else that lies beside them is used here
_HUB_BLOB = re.compile(r"[0-9a-f]{64}")  # the hub's cache names large files by their SHA-256
_NAME = re.compile(r"[A-Za-z0-9](?!.*(--|\.\.))[\w.-]*/[A-Za-z0-9][\w.-]*(?<![.-])")
_DISK_FULL = "No space left on device"  # what the hub's faster downloader says in an error without a number


@dataclass(frozen=True)
class Checkpoint:
    """A model on disk. `revision` is the commit of the hub, "" for a folder of the user's own."""

    folder: Path
    model: str
    revision: str


@dataclass(frozen=True)
class ModelKind:
    """The models that one engine can run.

    `engine` is its name in messages, `extra` what installs it, `packages` what it imports. `default` is the hub's name
    of the model that it takes unasked, and `default_gb` the room that this one needs on the disk. `needed` gives the
    files that a folder must hold, each with the names that will do; it is asked for the next one only where the one
    before is there, so that it may read that.
    """

    engine: str
    extra: str
    packages: tuple[str, ...]
    default: str
    default_gb: int
    needed: Callable[[Path], Iterable[tuple[str, ...]]]

    def check_packages(self) -> None:
        """Raise MissingError, with the command that helps, where a package is not installed or is unusable."""
        try:
            for package in self.packages:
                importlib.import_module(package)
        except ImportError as error:
            raise MissingError(
                f"{self.engine} needs {error.name}, which is not installed; run: {install_command(self.extra)}"
            ) from error
        self.check_transformers(version("transformers"))

    def check_transformers(self, installed: str) -> None:
        """Raise MissingError for a version of transformers that cannot run the engine."""
        if installed == BROKEN_TRANSFORMERS or int(installed.split(".")[0]) < 5:
            raise MissingError(
                f"transformers {installed} cannot run {self.engine}; "
                f'run: pip install "transformers>=5,!={BROKEN_TRANSFORMERS},<6"'
            )

    def find(self, model: str | Path | None) -> Checkpoint:
        """Return where a model lies, downloading it where it is named by its hub name and not cached yet.

        None is the default. Raises MissingError, with the fix, where it cannot be had, DictationError where the disk
        is full.
        """
        model = model or self.default
        folder = Path(model).expanduser()
        if folder.is_dir():
            if lacking := self._lacking(folder):
                raise MissingError(
                    f"{model}: {lacking} is missing; give a folder with a {self.engine} model as transformers saves it."
                )
            return _checkpoint(folder, str(model))
        if isinstance(model, Path) or not _NAME.fullmatch(model):
            raise MissingError(
                f"{model}: there is no such folder; give a folder or a model's name like {self.default}."
            )
        return self.cached(model) or self._downloaded(model)

    def cached(self, name: str | None = None) -> Checkpoint | None:
        """Return the hub's local copy of a model, of the default without a name, where it is complete.

        Touches neither the network nor torch. Raises MissingError where a file that tells what is needed is damaged.
        """
        try:
            from huggingface_hub import try_to_load_from_cache
        except ImportError:  # nothing that could have brought the model is installed
            return None
        name = name or self.default
        if not _NAME.fullmatch(name):
            return None
        config = try_to_load_from_cache(name, CONFIG)
        if not isinstance(config, str) or self._lacking(Path(config).parent):
            return None
        return _checkpoint(Path(config).parent, name)

    def _downloaded(self, name: str) -> Checkpoint:
        from huggingface_hub import snapshot_download

        try:
            folder = Path(snapshot_download(name, allow_patterns=_DOWNLOADED))
        except Exception as error:  # the hub's client lets its HTTP library's errors through, and changed that library
            raise self.failure(name, error) from error
        if lacking := self._lacking(folder):
            raise MissingError(
                f"{name}: it holds no {lacking}, so it is no {self.engine} model; check the model's name."
            )
        return _checkpoint(folder, name)

    def _lacking(self, folder: Path) -> str:
        """The first file that a model needs and the folder lacks, or ""."""
        for names in self.needed(folder):
            if not any((folder / name).is_file() for name in names):
                return names[0]
        return ""

    def failure(self, name: str, error: BaseException) -> DictationError:
        """Return what to tell the user about a download that failed: one sentence with the fix."""
        from huggingface_hub.errors import GatedRepoError, OfflineModeIsEnabled

        chain = list(_causes(error))
        if any(map(_is_disk_full, chain)):
            room = f"{self.default_gb} GB" if name == self.default else "some space"
            return DictationError(f"{name}: the disk is full; free {room} or set HF_HOME to a folder on another disk.")
        status = next((found for found in map(_http_status, chain) if found), 0)
        if status == 401:
            return MissingError(
                f"{name}: the hub gives it only to those who signed in; check the name, accept the model's terms on "
                "its page on the hub, then run: hf auth login"
            )
        if status == 403 or any(isinstance(cause, GatedRepoError) for cause in chain):
            return MissingError(
                f"{name}: your account has not accepted the model's terms; accept them on the model's page on the "
                "hub, or check that your token may read gated models."
            )
        if status == 404:
            return MissingError(f"{name}: the hub has no such model; check its name.")
        if status:
            return MissingError(f"{name}: the hub answered with error {status}; try again later or give a folder.")
        if any(isinstance(cause, OfflineModeIsEnabled) for cause in chain):
            return MissingError(
                f"{name}: it is not on this machine and HF_HUB_OFFLINE is set; unset it or give a folder."
            )
        return MissingError(
            f"{name}: it is not on this machine and the hub cannot be reached; connect to the network once, or copy "
            "the model here and give its folder."
        )


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file of a model. Raises MissingError where it is damaged."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise MissingError(f"{path}: it is damaged; get the file again.") from error
    if not isinstance(value, dict):
        raise MissingError(f"{path}: it is damaged; get the file again.")
    return value


def weight_files(folder: Path) -> list[Path]:
    """Return the files that hold a model's weights. Raises MissingError where the list of several is damaged."""
    if not (folder / WEIGHTS_INDEX).is_file():
        return [folder / WEIGHTS]
    shards = read_json(folder / WEIGHTS_INDEX).get("weight_map")
    if not isinstance(shards, dict) or not shards or not all(isinstance(name, str) for name in shards.values()):
        raise MissingError(f"{folder / WEIGHTS_INDEX}: it is damaged; get the file again.")
    return [folder / name for name in sorted(set(shards.values()))]


def weights_digest(folder: Path) -> str:
    """The SHA-256 of the one file, or of the SHA-256s of several. Those that the hub's cache is named by are taken."""
    digests = []
    for file in weight_files(folder):
        blob = file.resolve().name
        digests.append(blob if _HUB_BLOB.fullmatch(blob) else sha256_of(file))
    return digests[0] if len(digests) == 1 else sha256("\n".join(digests).encode()).hexdigest()


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an error is the want of memory, on a GPU or on the CPU (for which torch has no type of its own)."""
    import torch

    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "can't allocate memory" in str(error)


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Keep transformers' bar and report off the terminal: what matters of them becomes an error of ours."""
    from transformers.utils import logging

    bar, verbosity = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bar:
            logging.enable_progress_bar()


def _checkpoint(folder: Path, name: str) -> Checkpoint:
    resolved = folder.resolve()
    of_hub = resolved.parent.name == "snapshots"
    return Checkpoint(folder, name if of_hub else resolved.name, resolved.name if of_hub else "")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_disk_full(error: BaseException) -> bool:
    return _DISK_FULL in str(error) or (isinstance(error, OSError) and error.errno == errno.ENOSPC)


def _http_status(error: BaseException) -> int:
    return int(getattr(getattr(error, "response", None), "status_code", 0) or 0)
