"""What a user corrected by hand, case by case: HOME/corrections.json. From what was corrected twice there is learned.

The file holds the last cases that were compared, those without a correction as well: the user's own dictations, on
which is tried what might be learned.
"""

import json
from contextlib import suppress
from pathlib import Path
from threading import Lock

from pydantic import TypeAdapter, ValidationError

from dictation.private import replace_file
from dictation.wording.pad_corrections import Correction

NAME = "corrections.json"
MOST_CASES = 500
_ADAPTER = TypeAdapter(dict[str, tuple[Correction, ...]])


class Corrected:
    """The corrections of one home. A disk that refuses them does not stop the reader."""

    def __init__(self, home: Path) -> None:
        self._path = home / NAME
        self._lock = Lock()
        self._by_case: dict[str, tuple[Correction, ...]] = {}
        with suppress(OSError, ValidationError):
            self._by_case = _ADAPTER.validate_json(self._path.read_bytes())

    def note(self, case_id: str, corrections: tuple[Correction, ...]) -> dict[str, tuple[Correction, ...]]:
        """Take in the corrections of a case as they are now; return those of all cases, the oldest first."""
        with self._lock:
            if self._by_case.get(case_id) != corrections:
                self._by_case.pop(case_id, None)
                self._by_case[case_id] = corrections
                for oldest in list(self._by_case)[:-MOST_CASES]:
                    del self._by_case[oldest]
                with suppress(OSError):
                    replace_file(self._path, json.dumps(_ADAPTER.dump_python(self._by_case, mode="json")))
            return dict(self._by_case)
