"""The results in an output folder, and what each was made of, so that an interrupted batch can go on."""

import hashlib
import json
from pathlib import Path

from dictation.errors import DictationError
from pipelines.exits import note
from pipelines.inputs import Input
from pipelines.outputs import remove_unfinished, result_name, write_atomic


class Ledger:
    """The output folder of one command. Each result is noted in `.done.jsonl`: its name, its input's SHA-256, settings.

    Of several notes on one result the last counts. `form` is the format of the results.
    """

    def __init__(self, out: Path, form: str, inputs: list[Input]) -> None:
        self._out, self._ending, self._file = out, "txt" if form == "text" else form, out / ".done.jsonl"
        self._done: dict[str, tuple[str, str]] = {}
        remove_unfinished(self.target(item).parent for item in inputs)
        try:
            lines = self._file.read_bytes().splitlines()
        except FileNotFoundError:
            return
        except OSError as error:
            raise DictationError(
                f"{self._file}: cannot be read ({error.strerror}); choose another place with --out."
            ) from error
        for line in lines:
            try:
                entry = json.loads(line)
                self._done[entry["result"]] = entry["sha256"], entry["settings"]
            except (ValueError, KeyError, TypeError):
                continue  # half a line of an interrupted run: that input is done again

    def target(self, item: Input) -> Path:
        """Where the result of `item` goes: its mirrored path with the format's ending ("a.wav.json")."""
        return self._out / item.mirrored.parent / result_name(item.mirrored.name, self._ending)

    def holds(self, item: Input, settings: str) -> bool:
        """True where the result is there, made of the bytes that `item` has now with the same `settings`."""
        known = self._done.get(self._name(item))
        try:
            return known is not None and self.target(item).is_file() and known == (content(item.path), settings)
        except OSError:
            return False

    def keep(self, item: Input, text: str, sha256: str, settings: str) -> None:
        """Write a result and note it. `sha256` is that of the bytes which it was made of.

        Raises DictationError where the result cannot be written. Where only the note cannot, the person is told.
        """
        write_atomic(self.target(item), text)
        entry = {"result": self._name(item), "sha256": sha256, "settings": settings}
        try:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")
        except OSError as error:
            note(f"warning: {self._file}: cannot be written ({error.strerror}); --resume will do {item.shown} again.")

    def _name(self, item: Input) -> str:
        return self.target(item).relative_to(self._out).as_posix()


def content(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def settings_key(*parts: str) -> str:
    """A short hash of everything besides the input that a result depends on."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
