"""What was learned from one user's corrections, as HOME/learned.json keeps it: each entry with where it came from.

    {"schema_version": 1, "entries": [{"kind": "pronunciation", "heard": "zorbax", "meant": "Zorvax", …}]}

An entry is used while it is `active`. One that a person forgot stays in the file, so that it is not learned again.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Literal

from pydantic import Field, ValidationError

from dictation.errors import DictationError, InputError, UsageError
from dictation.frozen import SCHEMA_VERSION, Frozen
from dictation.lexicon.vocabulary import EMPTY_VOCABULARY, Misheard, Phrase, Vocabulary, is_safe
from dictation.private import replace_file

NAME = "learned.json"
State = Literal["active", "refused", "forgotten"]


class Trial(Frozen):
    """What an entry would have done to the user's own earlier dictations: words that it puts right, and makes wrong.

    `right` and `wrong` are of what was heard then, written again. `heard_s` seconds of sound were heard again with it,
    0 where nothing was; `heard_right` and `heard_wrong` are of those.
    """

    dictations: int = Field(default=0, ge=0)
    right: int = Field(default=0, ge=0)
    wrong: int = Field(default=0, ge=0)
    heard_s: float = Field(default=0, ge=0)
    heard_right: int = Field(default=0, ge=0)
    heard_wrong: int = Field(default=0, ge=0)

    @property
    def helps(self) -> bool:
        """Whether it makes nothing wrong that was heard, and puts more right than wrong where it is heard again.

        A recognizer that is turned hears other words otherwise, too, by chance, so that some of these are allowed.
        """
        return not self.wrong and self.right + self.heard_right > self.heard_wrong


class Entry(Frozen):
    """One thing learned. `heard` is "" for a phrase; `corrected` is how often, in the cases `cases`, oldest first.

    `refused`: the trial says that it does not help; it is tried again once it was corrected more often.
    """

    kind: Literal["phrase", "pronunciation", "misheard"]
    heard: str = ""
    meant: str = Field(min_length=1)
    before: str = ""
    after: str = ""
    state: State = "active"
    corrected: int = Field(default=0, ge=0)
    cases: tuple[str, ...] = ()
    at: datetime | None = None
    trial: Trial = Trial()

    @property
    def id(self) -> str:
        """Equal for the same thing, whenever it is learned; eight hexadecimal digits."""
        said = "\x1f".join((self.kind, self.heard, self.meant, self.before, self.after))
        return hashlib.sha256(said.encode()).hexdigest()[:8]

    @property
    def says(self) -> str:
        """The entry for people: "“zorbax” is “Zorvax”"."""
        if self.kind == "phrase":
            return f"“{self.meant}” is a word of yours"
        beside = f" before “{self.after}”" if self.after else f" after “{self.before}”" if self.before else ""
        return f"“{self.heard}”{beside} is “{self.meant}”"

    @property
    def learned(self) -> Phrase | Misheard:
        """The same for a Vocabulary. Raises ValueError where it would touch a critical word."""
        if self.kind == "misheard":
            return Misheard(heard=self.heard, meant=self.meant, before=self.before, after=self.after)
        if not is_safe(self.heard or self.meant, self.meant):
            raise ValueError("a phrase may not rewrite a side, a negation, a number or a unit")
        return Phrase(written=self.meant, spoken=self.heard or None)

    @classmethod
    def of(cls, learned: Phrase | Misheard) -> "Entry":
        """An entry without anything known of it yet."""
        if isinstance(learned, Misheard):
            return cls(kind="misheard", **learned.model_dump())
        return cls(
            kind="pronunciation" if learned.spoken else "phrase", heard=learned.spoken or "", meant=learned.written
        )


class _File(Frozen):
    schema_version: int = SCHEMA_VERSION
    entries: tuple[Entry, ...] = ()


class Learned:
    """The entries of one folder. Another program may change its file, so it is read again where it changed."""

    def __init__(self, folder: Path) -> None:
        self.path, self._fault = folder / NAME, ""
        self._lock = Lock()
        self._entries: tuple[Entry, ...] = ()
        self._vocabulary, self._stamp = EMPTY_VOCABULARY, ""

    @property
    def fault(self) -> str:
        """A sentence where the file cannot be used, "" where it can: until then nothing counts as learned."""
        with self._lock:
            self._look()
            return self._fault

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in the order in which they were learned."""
        with self._lock:
            self._look()
            return self._entries

    @property
    def vocabulary(self) -> Vocabulary:
        """The active entries, the newest first: a recognizer that heeds only some heeds those."""
        with self._lock:
            self._look()
            return self._vocabulary

    def put(self, entries: Sequence[Entry]) -> None:
        """Add entries, or replace those of the same id. Raises DictationError where the disk refuses them."""
        with self._lock:
            self._look()
            if self._fault:
                raise DictationError(self._fault)
            kept = tuple(({one.id: one for one in self._entries} | {one.id: one for one in entries}).values())
            try:
                replace_file(self.path, _File(entries=kept).model_dump_json(indent=1) + "\n")
            except OSError as error:
                why = error.strerror or str(error)
                raise DictationError(
                    f"{self.path}: cannot be written ({why}); free space, or check its rights."
                ) from error
            self._take(kept)
            self._stamp = _stamp(self.path)

    def forget(self, id: str) -> Entry:
        """Use an entry no more, and learn it no more; return it. Raises UsageError where there is none of this id."""
        found = next((one for one in self.entries if one.id == id), None)
        if found is None:
            raise UsageError(f"Nothing that was learned is called {id}; dictation learned list names what there is.")
        forgotten = found.model_copy(update={"state": "forgotten"})
        self.put([forgotten])
        return forgotten

    def _look(self) -> None:
        """Read the file where it is another one."""
        if (stamp := _stamp(self.path)) == self._stamp:
            return
        self._stamp, self._fault = stamp, ""
        try:
            self._take(read_learned(self.path) if stamp else ())
        except InputError as error:
            self._fault = str(error)
            self._take(())

    def _take(self, entries: tuple[Entry, ...]) -> None:
        self._entries, self._vocabulary = entries, vocabulary_of(entries)


def read_learned(path: Path) -> tuple[Entry, ...]:
    """Read a file of entries. Raises InputError where it is none, or would change a critical word."""
    try:
        entries = _File.model_validate_json(path.read_bytes()).entries
        vocabulary_of(entries)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check its rights.") from error
    except (ValidationError, ValueError) as error:
        raise InputError(f"{path}: is no file of learned words, or is damaged; restore it, or delete it.") from error
    return entries


def vocabulary_of(entries: Sequence[Entry]) -> Vocabulary:
    """The active entries as a vocabulary, the newest first. Raises ValueError where one would touch a critical word."""
    learned = [one.learned for one in reversed(entries) if one.state == "active"]
    return Vocabulary(
        phrases=tuple(one for one in learned if isinstance(one, Phrase)),
        misheard=tuple(one for one in learned if isinstance(one, Misheard)),
    )


def shared(entries: Sequence[Entry]) -> str:
    """The active entries as the text of a file for others: without the cases that they came from."""
    kept = tuple(one.model_copy(update={"cases": ()}) for one in entries if one.state == "active")
    return _File(entries=kept).model_dump_json(indent=1) + "\n"


def _stamp(path: Path) -> str:
    try:
        state = path.stat()
    except OSError:  # none
        return ""
    return f"{state.st_size} {state.st_mtime_ns} {state.st_ino}"
