"""What this user corrected by hand in earlier cases: the same correction made twice is offered for the vocabulary.

HOME/corrections.json holds the last of them by case: single words, as they were heard and as they were typed.
"""

import json
from contextlib import suppress
from pathlib import Path
from threading import Lock

from pydantic import TypeAdapter, ValidationError

from dictation.lexicon import Phrase, Vocabulary
from dictation.private import replace_file
from dictation.wording.pad_corrections import Correction, offers

NAME = "corrections.json"
MOST_CASES = 500
_ADAPTER = TypeAdapter(dict[str, tuple[Correction, ...]])


class Corrected:
    """The corrections of one home. A disk that refuses them does not stop the reader."""

    def __init__(self, home: Path) -> None:
        self._path = home / NAME
        self._lock = Lock()
        self._by_case: dict[str, tuple[Correction, ...]] = {}
        self._offered: set[Phrase] = set()
        with suppress(OSError, ValidationError):
            self._by_case = _ADAPTER.validate_json(self._path.read_bytes())

    def note(self, case_id: str, corrections: tuple[Correction, ...], vocabulary: Vocabulary) -> tuple[Phrase, ...]:
        """Take in the corrections of a case as they are now; return what is to be offered, each thing once a run."""
        with self._lock:
            if self._by_case.get(case_id, ()) != corrections:
                self._by_case.pop(case_id, None)
                self._by_case[case_id] = corrections
                for oldest in list(self._by_case)[:-MOST_CASES]:
                    del self._by_case[oldest]
                self._keep()
            found = offers([one for many in self._by_case.values() for one in many], vocabulary)
            new = tuple(phrase for phrase in found if phrase not in self._offered)
            self._offered.update(new)
            return new

    def _keep(self) -> None:
        with suppress(OSError):
            replace_file(self._path, json.dumps(_ADAPTER.dump_python(self._by_case, mode="json")))
