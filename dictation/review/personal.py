"""What is one user's own: words, preferences, and what was corrected by hand, in a folder of their own.

Templates and macros lie there, too (`dictation.report`), put there by people.
"""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from dictation.errors import InputError, UsageError
from dictation.lexicon import EMPTY_VOCABULARY, Phrase, Vocabulary
from dictation.lexicon.learned import Learned
from dictation.private import replacing
from dictation.report.macros import macro_files
from dictation.report.own_files import toml_files
from dictation.report.template_files import FOLDER
from dictation.review.correcting import Corrected
from dictation.review.preferences import Preferences, keep_preferences, preferred, read_preferences
from dictation.settings import Settings
from dictation.unseen import seen

VOCABULARY = "vocabulary.txt"
USERS = "users"


def nobodys_files(settings: Settings) -> tuple[str, str] | None:
    """Return which templates and macros count for nobody, as they lie in HOME itself, and the fix; None without any."""
    if settings.sign_in == "none":
        return None
    home = settings.home
    found = [path.relative_to(home).as_posix() for path in (*macro_files(home), *toml_files(home / FOLDER))]
    if not found:
        return None
    shown = ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
    fix = f"move them to {home / USERS}/NAME, for the user NAME, or to the folder of DICTATION_SHARED, for everybody"
    return f"{home}: {shown} there count for nobody, as users sign in", fix


@dataclass
class Personal:
    """The own things of whoever works from `home`. `warnings` are sentences for when they open the page.

    `may_learn` is held while something is tried that might be learned. `is_needed`:
    InputError is raised where the words are damaged; else it is a warning, and there are none.
    """

    home: Path
    vocabulary: Vocabulary = EMPTY_VOCABULARY
    preferences: Preferences = field(default_factory=Preferences)
    warnings: tuple[str, ...] = ()
    is_needed: bool = True
    corrected: Corrected = field(init=False)
    learned: Learned = field(init=False)
    may_learn: Lock = field(default_factory=Lock)
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
        self.corrected, self.learned = Corrected(self.home), Learned(self.home)

    @property
    def faults(self) -> tuple[str, ...]:
        """A sentence for each own file that cannot be used."""
        return (*self.warnings, *filter(None, [self.learned.fault]))

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
        written, spoken = seen(written).strip(), seen(spoken).strip()
        if not written:
            raise UsageError("No words were chosen; select those that are to be learned.")
        phrase = Phrase(written=written, spoken=spoken or None)
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
