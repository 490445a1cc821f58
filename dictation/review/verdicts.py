"""What this site's readers decided on cards, kept as counts of right and wrong cards: no word of any report is in it.

One line of JSON a decision in HOME/verdicts.jsonl; a later line about the same card replaces an earlier one.
"""

import json
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from dictation.case import Case
from dictation.discrepancy import Discrepancy
from dictation.discrepancy.ranking import Verdict
from dictation.private import private_file, private_folder

_NAME = "verdicts.jsonl"


def note_verdict(home: Path, case: Case, discrepancy: Discrepancy, is_real: bool | None) -> None:
    """Keep a verdict on a card of a case, which may be compared again; None takes it back.

    A disk that refuses it does not stop the reader.
    """
    line = {
        "card": "/".join((*case.recordings, discrepancy.id)),
        "kind": discrepancy.kind,
        "severity": discrepancy.severity,
        "is_real": is_real,
    }
    with suppress(OSError):
        private_folder(home)
        private_file(home / _NAME)
        with (home / _NAME).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def verdicts(home: Path) -> list[Verdict]:
    """Return the verdicts that stand, oldest first; lines that are damaged are passed over."""
    try:
        state = (home / _NAME).stat()
    except OSError:
        return []
    return list(_read(home / _NAME, state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=4)
def _read(path: Path, _changed_ns: int, _size: int) -> tuple[Verdict, ...]:
    """The verdicts of a file in one state of it: they are asked for at every look at a case."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    found: dict[str, Verdict] = {}
    for line in lines:
        with suppress(ValueError, TypeError, KeyError, ValidationError):
            row = json.loads(line)
            card = str(row.pop("card"))
            found.pop(card, None)
            if row["is_real"] is not None:
                found[card] = Verdict.model_validate(row)
    return tuple(found.values())
