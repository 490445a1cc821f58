"""The results in an output folder, and what each was made of, so that an interrupted batch can go on."""

import hashlib
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from dictation.audio.held import try_hold
from dictation.errors import DictationError, InputError, UsageError
from dictation.private import private_file
from pipelines.exits import note
from pipelines.inputs import Input
from pipelines.outputs import WARNINGS, append_line, result_name, write_atomic

UNFINISHED = "unfinished"  # the settings of a result that --resume makes again


class _Made(NamedTuple):
    """What a result was made of, when and by which command. `input` is `Input.whole`, `etag` that of its address.

    `warnings` are those of the result, `are_beside` says that it does not hold them itself.
    """

    at: float = 0.0
    sha256: str = ""
    settings: str = ""
    input: str = ""
    command: str = ""
    etag: str = ""
    warnings: tuple[str, ...] = ()
    are_beside: bool = False


class Ledger:
    """The output folder of one command. Each result is noted in `.done.jsonl`, with what it was made of.

    A result is noted as unfinished before it is written, so that a file without a note is somebody else's. Of several
    notes on one result the newest counts. `form` is the format of the results, made by `command`. Machines
    that share a folder each write notes of their own, told apart by `shard` (".done.2of4.jsonl"), and read all.
    """

    def __init__(self, out: Path, form: str, shard: str = "", command: str = "") -> None:
        self._out, self._ending, self._command = out, "txt" if form == "text" else form, command
        self._file = out / f".done{shard}.jsonl"
        self._held: IO[bytes] | None = None
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
                whose = (str(entry.get(name, "")) for name in ("input", "command", "etag"))
                warned = tuple(map(str, entry.get("warnings", ()))), bool(entry.get("are_beside", False))
                found = _Made(float(entry.get("at", 0)), entry["sha256"], entry["settings"], *whose, *warned)
                if found.at >= self._done.get(entry["result"], found).at:
                    self._done[entry["result"]] = found
            except (ValueError, KeyError, TypeError, AttributeError):
                continue  # half a line of an interrupted run: that input is done again

    def hold(self) -> None:
        """Keep others from writing into the folder until `close`, or the end of the program. Raises UsageError.

        Nobody is kept off a disk that knows no locks.
        """
        if self._held is not None:
            return
        with suppress(OSError):
            self._out.mkdir(parents=True, exist_ok=True)
            private_file(self._file)
            self._held = self._file.open("ab")
            if not try_hold(self._held.fileno()):
                self.close()
                raise UsageError(f"{self._out}: another run writes there; wait for its end, or give another --out.")

    def close(self) -> None:
        """Let others write into the folder."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def target(self, item: Input) -> Path:
        """Where the result of `item` goes: its mirrored path with the format's ending ("a.wav.json")."""
        return self._out / item.mirrored.parent / result_name(item.mirrored.name, self._ending)

    def beside(self, item: Input) -> Path:
        """Where the warnings of a result go that cannot hold them ("a.wav.txt.warnings")."""
        return self._out / item.mirrored.parent / result_name(item.mirrored.name, f"{self._ending}.{WARNINGS}")

    def warnings(self, item: Input) -> tuple[str, ...]:
        """What is noted of the result of `item` as its warnings."""
        return self._done.get(self._name(item), _Made()).warnings

    def holds(self, item: Input, settings: str) -> bool:
        """True where result and warnings are there, made of the bytes that `item` has now with the same `settings`."""
        made = self._done.get(self._name(item), _Made())
        try:
            is_there = self.target(item).is_file() and (not made.are_beside or self.beside(item).is_file())
            return made.settings == settings and is_there and _is_of(made, item)
        except OSError:
            return False

    def owns(self, item: Input) -> bool:
        """True where the place of `item` holds the result that this command made of it, whatever its bytes were."""
        made = self._done.get(self._name(item), _Made())
        try:
            return made.command == self._command and (made.input == item.whole or _is_of(made, item))
        except OSError:
            return False

    def other(self, item: Input) -> str:
        """Whose result lies in the place of `item`, where it is not its own; empty where nothing lies there."""
        if not (self.target(item).is_file() or self.beside(item).is_file()) or self.owns(item):
            return ""
        made = self._done.get(self._name(item), _Made())
        return f"that of {made.input} by '{made.command}'" if made.command else "a file that no run noted"

    def settled(self, item: Input) -> Input:
        """The input with the place that an earlier run gave its result, beside one that is no longer named."""
        if not self.other(item):
            return item
        moved = item.deeper()
        return moved if self.owns(moved) else item

    def keep(
        self, item: Input, text: str, sha256: str, settings: str, warnings: tuple[str, ...] = (), beside: bool = False
    ) -> None:
        """Write a result and note it. `sha256` is that of the bytes which it was made of.

        `warnings` are those of the result; with `beside` they are written beside it first, one a line.
        The result of other bytes in the same place is kept beside it: a recorder begins its names anew.
        Raises DictationError where the result cannot be written. Where only the note cannot, the person is told.
        """
        target, before = self.target(item), self._done.get(self._name(item), _Made())
        if before.sha256 and before.sha256 != sha256 and target.is_file():
            self._put_aside(item, before.sha256[:8])
        are_beside = beside and bool(warnings)
        self._note(item, sha256, UNFINISHED, warnings, are_beside)
        if are_beside:
            write_atomic(self.beside(item), "".join(f"{' '.join(one.split())}\n" for one in warnings))
        write_atomic(target, text)
        if not are_beside:
            with suppress(OSError):  # those of an earlier result
                self.beside(item).unlink(missing_ok=True)
        self._note(item, sha256, settings, warnings, are_beside)

    def _put_aside(self, item: Input, sha256: str) -> None:
        """Keep a result under a name of its own, its warnings first."""
        name = f"{item.mirrored.name}~{sha256}"
        for path, ending in ((self.beside(item), f"{self._ending}.{WARNINGS}"), (self.target(item), self._ending)):
            kept = path.with_name(result_name(name, ending))
            with suppress(OSError):
                path.replace(kept)
                if path == self.target(item):
                    note(f"{item.shown}: is another recording or text than before; that result is now {kept.name}.")

    def _note(self, item: Input, sha256: str, settings: str, warnings: tuple[str, ...], are_beside: bool) -> None:
        name, etag = self._name(item), item.address.etag if item.address else ""
        made = self._done[name] = _Made(
            time.time(), sha256, settings, item.whole, self._command, etag, warnings, are_beside
        )
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


def _is_of(made: _Made, item: Input) -> bool:
    """True where a result was made of the bytes that `item` has now. Raises OSError."""
    if item.address and made.etag and made.etag == item.address.etag:
        return True
    return bool(made.sha256) and made.sha256 == _content(item)


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
