"""The results in an output folder, and what each was made of, so that an interrupted batch can go on."""

import hashlib
import json
import time
from pathlib import Path
from typing import NamedTuple

from dictation.errors import DictationError, InputError
from pipelines.exits import note
from pipelines.inputs import Input
from pipelines.outputs import append_line, result_name, write_atomic

UNFINISHED = "unfinished"  # the settings of a result that --resume makes again


class _Made(NamedTuple):
    """What a result was made of, when and by which command."""

    at: float = 0.0
    sha256: str = ""
    settings: str = ""
    input: str = ""
    command: str = ""


class Ledger:
    """The output folder of one command. Each result is noted in `.done.jsonl`, with what it was made of.

    Of several notes on one result the newest counts. `form` is the format of the results, made by `command`. Machines
    that share a folder each write notes of their own, told apart by `shard` (".done.2of4.jsonl"), and read all.
    """

    def __init__(self, out: Path, form: str, shard: str = "", command: str = "") -> None:
        self._out, self._ending, self._command = out, "txt" if form == "text" else form, command
        self._file = out / f".done{shard}.jsonl"
        self._done: dict[str, _Made] = {}
        for file in sorted(out.glob(".done*.jsonl")):
            self._read(file)

    def _read(self, file: Path) -> None:
        try:
            lines = file.read_bytes().splitlines()
        except OSError as error:
            raise DictationError(
                f"{file}: cannot be read ({error.strerror}); choose another place with --out."
            ) from error
        for line in lines:
            try:
                entry = json.loads(line)
                whose = entry.get("input", ""), entry.get("command", "")
                found = _Made(float(entry.get("at", 0)), entry["sha256"], entry["settings"], *whose)
                if found.at >= self._done.get(entry["result"], found).at:
                    self._done[entry["result"]] = found
            except (ValueError, KeyError, TypeError, AttributeError):
                continue  # half a line of an interrupted run: that input is done again

    def target(self, item: Input) -> Path:
        """Where the result of `item` goes: its mirrored path with the format's ending ("a.wav.json")."""
        return self._out / item.mirrored.parent / result_name(item.mirrored.name, self._ending)

    def holds(self, item: Input, settings: str) -> bool:
        """True where the result is there, made of the bytes that `item` has now with the same `settings`."""
        made = self._done.get(self._name(item), _Made())
        try:
            return made.settings == settings and self.target(item).is_file() and made.sha256 == _content(item)
        except OSError:
            return False

    def other(self, item: Input) -> str:
        """Whose result lies in the place of `item`, where another input or command made it; empty where none did."""
        made = self._done.get(self._name(item), _Made())
        try:
            if not made.command or not self.target(item).is_file():
                return ""
            if made.command == self._command and (made.input == item.origin or made.sha256 == _content(item)):
                return ""
        except OSError:  # said when it is done
            return ""
        return f"{made.input} by '{made.command}'"

    def settled(self, item: Input) -> Input:
        """The input with the place that an earlier run gave its result, beside one that is no longer named."""
        if not self.other(item):
            return item
        moved = item.deeper()
        made = self._done.get(self._name(moved), _Made())
        return moved if (made.command, made.input) == (self._command, moved.origin) else item

    def keep(self, item: Input, text: str, sha256: str, settings: str) -> None:
        """Write a result and note it. `sha256` is that of the bytes which it was made of.

        Raises DictationError where the result cannot be written. Where only the note cannot, the person is told.
        """
        write_atomic(self.target(item), text)
        name = self._name(item)
        made = self._done[name] = _Made(time.time(), sha256, settings, item.origin, self._command)
        try:
            append_line(self._file, {"result": name, **made._asdict()})
        except OSError as error:
            note(f"warning: {self._file}: cannot be written ({error.strerror}); --resume will do {item.shown} again.")

    def _name(self, item: Input) -> str:
        return self.target(item).relative_to(self._out).as_posix()


def content(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _content(item: Input) -> str:
    """SHA-256 of an input's bytes, wherever it lies. Raises OSError."""
    if item.address is None:
        return content(item.path)
    try:
        return item.address.sha256()
    except InputError as error:
        raise OSError(str(error)) from error


def settings_key(*parts: str) -> str:
    """A short hash of everything besides the input that a result depends on."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
