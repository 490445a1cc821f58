"""What all cases on one server share: engines, settings, records; and what is each user's own."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from dictation.lexicon import Vocabulary
from dictation.lexicon.vocabulary import united
from dictation.records import Records
from dictation.records.retention import Rule
from dictation.records.rights import EVERYBODY, User
from dictation.report.macros import macro_faults
from dictation.report.template_files import template_faults
from dictation.review.counting import Counts
from dictation.review.department import Department
from dictation.review.engines import Engines
from dictation.review.final_lag import FinalLag
from dictation.review.forgetting import Forgetting
from dictation.review.personal import USERS, Personal
from dictation.review.viewing import REFUSED, SOUND_REFUSED, Views
from dictation.review.watched_ear import WatchedEar
from dictation.settings import Settings
from dictation.turns import Turns
from dictation.wording.editing import phrases
from dictation.wording.pad import Rules
from dictation.wording.said import commands

CAPTURES = "captures"
IMAGES = "images"


@dataclass
class Desk:
    """The desk of one run of the program."""

    engines: Engines
    settings: Settings
    records: Records
    department: Department = field(init=False)
    views: Views = field(init=False)
    refusals: Views = field(init=False)
    sound_refusals: Views = field(init=False)
    counts: Counts = field(default_factory=Counts)
    lag: FinalLag = field(init=False)
    ear: WatchedEar = field(init=False)
    forgetting: Forgetting = field(init=False)
    growing: Turns = field(default_factory=Turns)
    """Whose report is made by rules: of each user one at a time, whatever is open."""
    comparing: Turns = field(default_factory=Turns)
    """Whose report is written and compared, the same."""
    _own: dict[str, Personal] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Read what is everybody's. Raises InputError where its words are damaged."""
        self.department = Department(self.settings.shared)
        self.department.look()
        self.own(EVERYBODY)
        self.views, self.refusals = Views(self.records), Views(self.records, what=REFUSED)
        self.sound_refusals = Views(self.records, what=SOUND_REFUSED)
        self.lag = FinalLag(self.counts.lag.observe)
        self.ear = WatchedEar(self.engines.ear, lambda: self.counts.add("engine_failures"))
        self.engines = replace(self.engines, ear=self.ear)
        self.forgetting = Forgetting(self.records, Rule.of(self.settings.keep_audio), self.captures)

    @property
    def nobody(self) -> User:
        """Who works here, as long as nobody signs in."""
        return User(display=self.settings.signer, role=self.settings.role)

    def known(self, user: User) -> User:
        """Return who a page's user is, also where nobody signs in."""
        return user if user.name else self.nobody

    def own(self, user: User) -> Personal:
        """Return what is a user's own; without sign-in it lies in HOME itself."""
        with self._lock:
            if user.name not in self._own:
                self._own[user.name] = Personal(self._folder(user), is_needed=not user.name)
            return self._own[user.name]

    def vocabulary(self, user: User) -> Vocabulary:
        """Return a user's own words, what was learned of them, and the department's words beside them."""
        own = self.own(user)
        return self.beside(own.vocabulary, own.learned.vocabulary)

    def beside(self, own: Vocabulary, learned: Vocabulary) -> Vocabulary:
        """Return words that somebody put down, those that were learned beside them, and the department's."""
        return self.department.beside(united(own, learned))

    def _folder(self, user: User) -> Path:
        return self.settings.home / USERS / user.name if user.name else self.settings.home

    def shelves(self, user: User) -> tuple[Path | None, Path | None]:
        """Where a user's templates and macros are, and the department's.

        Where users sign in, HOME itself is nobody's: what lies there from a laptop's time would be everybody's.
        """
        is_nobodys = self.settings.sign_in != "none" and not user.name
        return None if is_nobodys else self._folder(user), self.settings.shared

    @property
    def captures(self) -> Path:
        """Where sound is while it is dictated."""
        return self.settings.home / CAPTURES

    def rules(self, user: User) -> Rules:
        """How a user's words are written here."""
        return Rules(
            vocabulary=self.vocabulary(user),
            spelling=self.settings.spelling,
            guessed_punctuation=self.settings.guessed_punctuation,
        )

    def images(self, case_id: str) -> Path:
        """Where the images of a case are."""
        return self.settings.home / IMAGES / case_id

    def faults(self, user: User) -> tuple[str, ...]:
        """Return a sentence for each own file that cannot be used, and for one of the department's that is new.

        The department's words are read again where they changed.
        """
        own, (folder, _) = self.own(user), self.shelves(user)
        with self._lock:
            self.department.look()
            return (*own.faults, *template_faults(folder), *macro_faults(folder), *self.department.untold())

    def next_case(self, after: str, user: User) -> str | None:
        """Return the case that the user is to read next; None where no other one waits."""
        return self.records.waiting(after, user)

    def spoken_commands(self) -> list[dict[str, str]]:
        """Return what can be said: the words, what they do, an example."""
        said = [{"say": " · ".join(one.spoken), "does": one.help, "example": one.example} for one in commands()]
        sentence = " · ".join(sorted(phrase for phrase in phrases() if phrase.endswith("sentence")))
        return [*said, {"say": sentence, "does": "Take back the last sentence", "example": "delete the last sentence"}]

    def stated_settings(self, template: str) -> dict[str, str]:
        """What shaped a report beside its engines, for the version that is signed."""
        return {
            "spelling": self.settings.spelling,
            "guessed_punctuation": self.settings.guessed_punctuation,
            "style": self.engines.style,
            "inferences": self.settings.inferences,
            "template": template,
        }
