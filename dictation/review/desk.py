"""What all cases on one server share: engines, settings, records, the user's words and preferences."""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from dictation.errors import UsageError
from dictation.lexicon import EMPTY_VOCABULARY, Phrase, Vocabulary
from dictation.private import replacing
from dictation.records import Records
from dictation.report.macros import macro_faults
from dictation.report.template_files import template_faults
from dictation.review.correcting import Corrected
from dictation.review.engines import Engines
from dictation.review.preferences import Preferences, keep_preferences, preferred, read_preferences
from dictation.settings import Settings
from dictation.wording.pad import Rules
from dictation.wording.said import commands

CAPTURES = "captures"
IMAGES = "images"
VOCABULARY = "vocabulary.txt"
SOMEBODY = "reader at this workstation"


@dataclass
class Desk:
    """The desk of one run of the program. `warnings` are sentences for whoever opens the page."""

    engines: Engines
    settings: Settings
    records: Records
    vocabulary: Vocabulary = EMPTY_VOCABULARY
    preferences: Preferences = field(default_factory=Preferences)
    warnings: tuple[str, ...] = ()
    corrected: Corrected = field(init=False)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Read the user's words and preferences. Raises InputError where the words are damaged."""
        path = self.settings.home / VOCABULARY
        if path.exists():
            self.vocabulary = Vocabulary.from_file(path)
        self.preferences, damage = read_preferences(self.settings.home)
        self.warnings = (damage,) if damage else ()
        self.corrected = Corrected(self.settings.home)

    @property
    def user(self) -> str:
        """Whose decisions these are, as long as nobody signs in."""
        return self.settings.signer or SOMEBODY

    @property
    def captures(self) -> Path:
        """Where sound is while it is dictated."""
        return self.settings.home / CAPTURES

    @property
    def rules(self) -> Rules:
        """How words are written here."""
        return Rules(
            vocabulary=self.vocabulary,
            spelling=self.settings.spelling,
            guessed_punctuation=self.settings.guessed_punctuation,
        )

    def images(self, case_id: str) -> Path:
        """Where the images of a case are."""
        return self.settings.home / IMAGES / case_id

    def prefer(self, name: str, value: object) -> None:
        """Keep a preference. Raises UsageError for one that does not exist, and where the disk refuses it."""
        with self._lock:
            preferences = preferred(self.preferences, name, value)
            keep_preferences(self.settings.home, preferences)
            self.preferences = preferences

    def faults(self) -> tuple[str, ...]:
        """Return a sentence for each file of the user's own that cannot be used."""
        home = self.settings.home
        return (*self.warnings, *template_faults(home), *macro_faults(home))

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
            path = self.settings.home / VOCABULARY
            line = phrase.written if phrase.spoken is None else f"{phrase.written}\t{phrase.spoken}"
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            with replacing(path) as trial:
                trial.write_text(f"{before.rstrip()}\n{line}\n".lstrip(), encoding="utf-8")
                vocabulary = Vocabulary.from_file(trial)
            self.vocabulary = vocabulary

    def next_case(self, after: str) -> str | None:
        """Return the case that is to be read next; None where no other one waits."""
        waiting = self.records.worklist(state="draft", limit=20).rows
        return next((row.id for row in waiting if row.id != after and not row.locked_by), None)

    def spoken_commands(self) -> list[dict[str, str]]:
        """Return what can be said: the words, what they do, an example."""
        return [{"say": " · ".join(one.spoken), "does": one.help, "example": one.example} for one in commands()]

    def stated_settings(self, template: str) -> dict[str, str]:
        """What shaped a report beside its engines, for the version that is signed."""
        return {
            "spelling": self.settings.spelling,
            "guessed_punctuation": self.settings.guessed_punctuation,
            "style": self.engines.style,
            "inferences": self.settings.inferences,
            "template": template,
        }
