"""A worker of a Ray cluster: the engines of one device, and the inputs that come to them, as rows of JSON."""

import json
import os
import socket
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Protocol

from dictation.errors import DictationError, InputError, MissingError
from dictation.settings import Settings
from pipelines.batch import Asked, Made
from pipelines.batch_decoding import Decoders
from pipelines.beside import ROW_COLUMNS
from pipelines.exits import BUG
from pipelines.inputs import Input
from pipelines.remote_inputs import Address

SHARE = "put the recordings on a disk that all machines share, or name them by an address such as s3://bucket/folder."


class Loaded(Protocol):
    """A command with its engines loaded, on a worker."""

    def shared_key(self, is_text: bool) -> str:
        """Everything that results depend on besides a file and its row."""

    def made(self, todo: list[Input], *, decoders: Decoders) -> Iterator[tuple[Input, Made | DictationError]]:
        """Yield each input once with its result. Raises MissingError where an engine is not here."""


class Command(Protocol):
    """What a command is told, by names, so that it can go to other machines."""

    @property
    def command(self) -> str:
        """What it is called."""

    @property
    def endings(self) -> frozenset[str]:
        """The endings of the files that it takes."""

    @property
    def columns(self) -> frozenset[str]:
        """The columns of a manifest that its results depend on."""

    def check(self, asked: Asked, inputs: list[Input]) -> None:
        """Refuse what makes no sense of a round of inputs. Raises UsageError."""

    def maker(self, settings: Settings) -> Loaded:
        """Load the engines where this runs. Raises MissingError or UsageError."""

    def key(self, shared: str, item: Input) -> str:
        """Everything that the result of an input depends on besides its file, of that which all share."""


@dataclass(frozen=True)
class Work:
    """What every worker is told once. `is_shared` says that the worker may be on another machine than the user."""

    command: Command
    settings: Mapping[str, Any]
    folder: str
    is_shared: bool

    def here(self) -> Settings:
        """The settings of this machine with those that were shipped."""
        return Settings().model_copy(update=dict(self.settings))


class Worker:
    """The engines of one device, and the inputs that come to them. Nothing that it does is written to Ray's logs."""

    def __init__(self, work: Work) -> None:
        sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115
        self._work, self._unable = work, None
        with suppress(OSError):
            os.chdir(work.folder)  # where the user is, if it is there on this machine
        self._decoders = Decoders()
        try:
            self._maker = work.command.maker(work.here())
        except DictationError as error:
            self._unable = _of_here(error)

    def __call__(self, batch: dict[str, Any]) -> Iterator[dict[str, list[str]]]:
        """Yield a result for each input of the share in `batch`, as it is done."""
        try:
            for said in self._made([(row[0], input_of(*row[1:])) for row in json.loads(batch["share"][0])]):
                yield {"said": [json.dumps(said)]}
        except Exception as error:  # whatever it is, this process is not to be trusted with the next one
            where = traceback.extract_tb(error.__traceback__)[-1]
            os.write(2, f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}\n".encode())
            os._exit(BUG)

    def __del__(self) -> None:
        """End the decoders, or this process waits for them when it should end."""
        self._decoders.close()

    def shared_key(self, is_text: bool) -> tuple[str, str, str]:
        """Everything that results depend on besides a file and its row, and as an error what is lacking for it."""
        try:
            return ("", *self._unable) if self._unable else (self._maker.shared_key(is_text), "", "")
        except DictationError as error:
            return ("", *_of_here(error))

    def _made(self, inputs: list[tuple[int, Input]]) -> Iterator[dict[str, Any]]:
        if self._unable:
            yield {"unable": self._unable}
            return
        numbers, here = {id(item): number for number, item in inputs}, []
        for number, item in inputs:
            if self._work.is_shared and not item.address and not item.path.exists():
                why = InputError(f"{item.shown}: {socket.gethostname()} has no such file; {SHARE}")
                yield {"number": number, "error": _said(why)}
            else:
                here.append(item)
        try:
            for item, made in self._maker.made(here, decoders=self._decoders):
                said: dict[str, Any] = {"number": numbers[id(item)]}
                if isinstance(made, DictationError):
                    yield said | {"error": _said(made)}
                else:
                    lacks = _said(made.lacks) if made.lacks else None
                    shared = self._maker.shared_key(item.is_text)
                    yield said | {"made": vars(made) | {"lacks": lacks}, "shared": shared, "is_text": item.is_text}
        except MissingError as error:
            yield {"unable": _of_here(error)}


def row_of(item: Input) -> tuple[Any, ...]:
    """What a worker must know of an input, for `input_of`."""
    there = item.address or Address("")
    beside = {name: cell for name, cell in item.columns.items() if name in ROW_COLUMNS}
    manifest = str(item.manifest) if item.manifest else ""
    return str(item.path), item.shown, there.url, there.size, beside, manifest, item.line, dict(item.called)


def input_of(
    path: str, shown: str, url: str, size: int, beside: dict[str, str], manifest: str, line: int, called: dict[str, str]
) -> Input:
    """The input of a row of `row_of`."""
    place = Path(path)
    address, listed = Address(url, size) if url else None, Path(manifest) if manifest else None
    return Input(place, shown, PurePath(place.name), Path(), None, beside, listed, line, address, called)


def _said(error: DictationError) -> tuple[str, str]:
    return type(error).__name__, str(error)


def _of_here(error: DictationError) -> tuple[str, str]:
    """An error that says which machine it is of."""
    return type(error).__name__, f"{socket.gethostname()}: {error}"


def shared_key_of(work: Work, is_text: bool) -> tuple[str, str, str]:
    """What `Worker.shared_key` says of a worker that is begun for this alone."""
    return Worker(work).shared_key(is_text)
