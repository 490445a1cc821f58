"""What a second look has found so far, on disk: an interrupted run goes on, a later one looks only at what is new."""

import json
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from dictation.errors import DictationError
from dictation.exchange.flags import Flag
from dictation.private import private_file

NAME = ".recheck.jsonl"
_FLAGS = TypeAdapter(list[Flag])


class Journal:
    """One line of JSON a report: its id, a key of all that its flags rest on, and the flags. A later line counts."""

    def __init__(self, out: Path) -> None:
        self._path = out / NAME
        self._kept: dict[str, tuple[str, list[Flag]]] = {}
        try:
            out.mkdir(parents=True, exist_ok=True)
            private_file(self._path)
            with self._path.open(encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    with suppress(ValueError, KeyError, TypeError, ValidationError):  # cut off when the run was
                        row = json.loads(line)
                        self._kept[row["report"]] = row["key"], _FLAGS.validate_python(row["flags"])
            self._file = self._path.open("a", encoding="utf-8")
            if self._path.stat().st_size:
                self._file.write("\n")  # behind a line that was cut off
        except OSError as error:
            raise self._unwritable(error) from error

    def known(self, report: str, key: str) -> list[Flag] | None:
        """The flags of a report that was looked at with the same key; else None."""
        kept = self._kept.get(report)
        return kept[1] if kept and kept[0] == key else None

    def keep(self, report: str, key: str, flags: list[Flag]) -> None:
        """Note the flags of a report. Raises DictationError where the disk refuses it."""
        row = {"report": report, "key": key, "flags": [flag.model_dump(mode="json") for flag in flags]}
        try:
            self._file.write(json.dumps(row, ensure_ascii=False) + "\n")
            self._file.flush()
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> DictationError:
        return DictationError(
            f"{self._path}: could not be written ({error.strerror}); choose another place with --out."
        )
