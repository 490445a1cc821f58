"""The department's words, templates and macros in one folder that everybody reads: SHARED/vocabulary.txt, learned.json
(what `dictation learned export` gave), templates, macros. A fault in it is told once, and stops nobody.
"""

import sys
from pathlib import Path

from dictation.errors import InputError
from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
from dictation.lexicon.learned import Learned
from dictation.lexicon.vocabulary import united
from dictation.report.macros import macro_faults
from dictation.report.template_files import template_faults

VOCABULARY = "vocabulary.txt"


class Department:
    """What the folder holds; None: there is none. Words that become unusable stay as they were."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._words, self._stamp, self._fault = EMPTY_VOCABULARY, "", ""
        self._learned = Learned(folder) if folder is not None else None
        self._told: set[str] = set()

    def look(self) -> bool:
        """Read the words again where their file changed; tell whether they are others now."""
        if self._folder is None or not self._folder.is_dir():
            return False
        path, before = self._folder / VOCABULARY, self._words
        try:
            state = path.stat()
            stamp = f"{state.st_size} {state.st_mtime_ns} {state.st_ino}"
        except OSError:  # none
            stamp = ""
        if stamp != self._stamp:
            self._stamp, self._fault = stamp, ""
            try:
                self._words = Vocabulary.from_file(path) if stamp else EMPTY_VOCABULARY
            except InputError as error:
                self._fault = f"{error} Until then the department's words stay as they were."
        return self._words != before

    def beside(self, own: Vocabulary) -> Vocabulary:
        """Return a user's own words and those of the department that say nothing else of the same words."""
        words = united(own, self._words)
        return united(words, self._learned.vocabulary) if self._learned is not None else words

    @property
    def _learned_fault(self) -> str:
        return self._learned.fault if self._learned is not None else ""

    def untold(self) -> tuple[str, ...]:
        """Return a sentence for each fault of which nobody was told yet; it is also said on stderr."""
        if self._folder is None:
            return ()
        if self._folder.is_dir():
            found = (*template_faults(self._folder), *macro_faults(self._folder), self._fault, self._learned_fault)
        else:
            found = (f"{self._folder}: is no folder; make or mount it, or change DICTATION_SHARED.",)
        new = tuple(fault for fault in found if fault and fault not in self._told)
        self._told = set(found)  # one that was mended and comes back is told again
        for fault in new:
            sys.stderr.write(f"{fault}\n")
        return new
