"""What is one user's own: words, preferences, and what was corrected by hand, in a folder of their own."""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from dictation.errors import InputError, UsageError
from dictation.lexicon import EMPTY_VOCABULARY, Phrase, Vocabulary
from dictation.private import replacing
from dictation.review.correcting import Corrected
from dictation.review.preferences import Preferences, keep_preferences, preferred, read_preferences

VOCABULARY = "vocabulary.txt"
USERS = "users"


@dataclass
class Personal:
    """The own things of whoever works from `home`. `warnings` are sentences for when they open the page.

    `is_needed`: InputError is raised where the words are damaged; else it is a warning, and there are none.
    """

    home: Path
    vocabulary: Vocabulary = EMPTY_VOCABULARY
    preferences: Preferences = field(default_factory=Preferences)
    warnings: tuple[str, ...] = ()
    is_needed: bool = True
    corrected: Corrected = field(init=False)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Read the user's words and preferences."""
        path = self.home / VOCABULARY
        self.preferences, damage = read_preferences(self.home)
        self.warnings = (damage,) if damage else ()
        try:
            if path.exists():
                self.vocabulary = Vocabulary.from_file(path)
        except InputError as error:
            if self.is_needed:
                raise
            self.warnings = (*self.warnings, str(error))
        self.corrected = Corrected(self.home)

    def prefer(self, name: str, value: object) -> None:
        """Keep a preference. Raises UsageError for one that does not exist, and where the disk refuses it."""
        with self._lock:
            preferences = preferred(self.preferences, name, value)
            keep_preferences(self.home, preferences)
            self.preferences = preferences

    def learn(self, written: str, spoken: str = "") -> None:
        """Add a phrase to the user's words; it is expected from the next phrase on. One that is there stays one.

        Raises UsageError without words, InputError for one that would rewrite a critical word; the file then stays as
        it was.
        """
        if not written.strip():
            raise UsageError("No words were chosen; select those that are to be learned.")
        phrase = Phrase(written=written.strip(), spoken=spoken.strip() or None)
        with self._lock:
            if phrase in self.vocabulary.phrases:
                return
            path = self.home / VOCABULARY
            line = phrase.written if phrase.spoken is None else f"{phrase.written}\t{phrase.spoken}"
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            with replacing(path) as trial:
                trial.write_text(f"{before.rstrip()}\n{line}\n".lstrip(), encoding="utf-8")
                vocabulary = Vocabulary.from_file(trial)
            self.vocabulary = vocabulary
