"""One phrase of a live dictation, in positions of the journal: what is committed, and what is asked of the ear."""

from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field

from dictation.speech.ear import Heard
from dictation.speech.live.events import Final
from dictation.speech.transcript import Word


@dataclass(frozen=True)
class Asked:
    """A stretch of a phrase that the ear was asked for: words from sample `first` on, sound up to sample `until`."""

    first: int
    until: int
    at_s: float
    future: "Future[Heard]"

    @property
    def is_done(self) -> bool:
        """True once there is an answer, or a reason why there is none."""
        return self.future.done()


@dataclass
class Phrase:
    """Samples of the dictation. Words before sample `first` are committed; `until` is None while it is open.

    `context_from` is where the sound begins that is heard: before `first` where a long phrase was cut. The sound up to
    `ended_at` told that it has ended. `asked` holds what will be committed: the end of the phrase, or two hearings that
    a cut is to agree on. `before` are the words as heard last, up to sample `heard_until`, the `stable` ones first; so
    many of them as `alike` says were heard the same before. `last` is the word in front of a cut, `rest` what the same
    hearing has behind it.
    """

    number: int
    voice_start: int
    voice_stop: int
    first: int
    context_from: int
    until: int | None = None
    ended_at: int = 0
    asked: tuple[Asked, ...] = ()
    early: Asked | None = None
    partial: Asked | None = None
    partial_until: int = 0
    due_s: float | None = None
    failures: int = 0
    is_done: bool = False
    is_told: bool = False
    last: Word | None = None
    rest: tuple[Word, ...] = ()
    before: tuple[Word, ...] = ()
    alike: int = 0
    stable: tuple[Word, ...] = ()
    heard_until: int = 0
    finals: deque[Final] = field(default_factory=deque)

    def cancel(self) -> None:
        """Ask for nothing more."""
        for asked in (*self.asked, self.early, self.partial):
            if asked is not None:
                asked.future.cancel()
        self.asked, self.early, self.partial = (), None, None
