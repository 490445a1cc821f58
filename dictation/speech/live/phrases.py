"""The phrases of a live session that are not final yet, in order: each is asked for, shown while open, and told.

Nothing here holds sound: a phrase is a pair of positions in the journal until its turn comes. Final words depend on
the sound alone (see asking.py and committing.py); provisional ones come where there is time.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, wait

from dictation.audio import SAMPLE_RATE
from dictation.audio.journal import Journal
from dictation.lexicon import Vocabulary
from dictation.speech.ear import Ear, Heard
from dictation.speech.live.agreement import agreed, ends_s, following, without_echo
from dictation.speech.live.asking import GRID, Asking
from dictation.speech.live.committing import Committing, uncommitted, unheard, why_failed
from dictation.speech.live.events import Event, Notice, Partial
from dictation.speech.live.phrase import Phrase
from dictation.speech.live.timing import Timing
from dictation.speech.transcript import Word

_AT_ONCE = 2  # phrases of one session that the ear is asked for; the others wait as positions
_LATE = "Words come later than usual, because the computer is busy; nothing is lost, go on speaking."
_IN_TIME = "Words come in time again."


class Phrases:
    """The open phrase and those that wait for their final words, in order."""

    def __init__(
        self, ear: Ear, journal: Journal, timing: Timing, told: int = 0, *, is_live: bool, clock_s: Callable[[], float]
    ) -> None:
        """`told`: the words up to that sample are known, and are asked for only where later ones depend on them."""
        self._told_until = told
        self._journal, self._timing, self._is_live, self._clock_s = journal, timing, is_live, clock_s
        self._asking = Asking(ear, journal, timing, clock_s)
        self._committing = Committing(journal, self._asking)
        self._queue: deque[Phrase] = deque()
        self._numbers = 0
        self._last: Word | None = None
        self._is_late = False
        self._is_heard = True  # of the last phrase there were words: else the ear is not in time again, but silent
        self._untold: list[Event] = []  # what was gathered when an error ended the gathering

    @property
    def is_idle(self) -> bool:
        """True where every phrase has its final words."""
        return not self._queue

    @property
    def open(self) -> Phrase | None:
        """The phrase that is being spoken."""
        return self._queue[-1] if self._queue and self._queue[-1].until is None else None

    def begin(self, voice_start: int, voice_stop: int, first: int) -> None:
        """Open a phrase that is heard from sample `first` on; all are samples of the dictation."""
        self._queue.append(Phrase(self._numbers, voice_start, voice_stop, first, first - first % GRID))
        self._numbers += 1

    def end(self, voice_stop: int, until: int, position: int) -> None:
        """End the open phrase, as the sound up to sample `position` tells; its own sound reaches to sample `until`."""
        phrase = self.open
        assert phrase is not None
        phrase.voice_stop, phrase.until, phrase.ended_at = voice_stop, until, position
        phrase.due_s = phrase.due_s or self._clock_s()
        if until <= self._told_until:  # the last one is heard again, for a mark at its end that the next one may echo
            self._queue = deque([phrase])

    def ask(self, position: int, vocabulary: Vocabulary) -> None:
        """Ask the ear for what is due, the sound of the dictation being there up to sample `position`."""
        for phrase in list(self._queue)[:_AT_ONCE]:
            if not phrase.asked and not phrase.is_done:
                self._asking.final(phrase, position, vocabulary)
        if self.open is not None and self.open is self._queue[0] and not self.open.asked and self._is_live:
            self._asking.provisional(self.open, position, vocabulary)

    def collect(self) -> list[Event]:
        """Return what the ear's answers give so far, finals in order of time.

        Raises what the ear failed with where that is our own mistake; the next call returns what was gathered by then.
        """
        late_s = 0.0
        for phrase in list(self._queue)[:_AT_ONCE]:
            self._untold += self._provisional(phrase)
            if phrase.asked and all(asked.is_done for asked in phrase.asked):
                failed = self._committing.committed(phrase)
                self._is_heard = not failed
                self._untold += failed
        while self._queue:
            phrase = self._queue[0]
            if phrase.finals and phrase.due_s is not None:
                late_s = max(late_s, self._clock_s() - phrase.due_s)
            self._untold += self._told(phrase)
            if not phrase.is_done:
                break
            phrase.cancel()
            self._queue.popleft()
        events, self._untold = self._untold + self._lateness(late_s), []
        return events

    def wait(self, timeout_s: float) -> None:
        """Wait until the ear has answered something, at most so long."""
        futures: list[Future[Heard]] = [asked.future for phrase in self._queue for asked in phrase.asked]
        wait([future for future in futures if not future.done()][:1], timeout_s)

    def give_up(self) -> list[Event]:
        """Stop asking; tell what was not heard."""
        events: list[Event] = []
        for phrase in self._queue:
            phrase.cancel()
            events += self._told(phrase)
            if not phrase.is_done:
                events.append(unheard(phrase.first, phrase.until or phrase.voice_stop, "there was no time"))
        self._queue.clear()
        return events

    def _told(self, phrase: Phrase) -> list[Event]:
        """Take the finals of the first phrase of the queue, without what the phrase before has said."""
        told: list[Event] = []
        while phrase.finals:
            final = phrase.finals.popleft()
            if not phrase.is_told:
                final = final.model_copy(update={"words": self._without_echo(phrase, final.words)})
                phrase.is_told = True
            if final.words:
                self._last = final.words[-1]
            told.append(final)
        return told

    def _without_echo(self, phrase: Phrase, words: tuple[Word, ...]) -> tuple[Word, ...]:
        return without_echo(words, self._last, phrase.voice_start / SAMPLE_RATE)

    def _provisional(self, phrase: Phrase) -> list[Event]:
        events: list[Event] = []
        for asked in (phrase.early, phrase.partial):
            if asked is None or not asked.is_done:
                continue
            if asked is phrase.partial:
                phrase.partial = None
                if not asked.future.cancelled():
                    self._asking.answered(asked)
            if why_failed(asked.future) is not None or phrase.is_done:
                continue
            if asked.first == phrase.first and asked.until > phrase.heard_until:
                events += self._shown(phrase, uncommitted(phrase, asked), asked.until)
        return events

    def _shown(self, phrase: Phrase, words: tuple[Word, ...], until: int) -> list[Event]:
        """Join a new hearing of the open phrase to its stable words."""
        phrase.heard_until = until
        if not phrase.is_told:
            words = self._without_echo(phrase, words)
        count = len(phrase.stable)
        words = (*phrase.stable, *following(words, phrase.stable[-1] if count else None, phrase.before[count:]))
        settled_s = until / SAMPLE_RATE - self._timing.settled_s
        alike = agreed(phrase.before, words)
        while count < min(alike, phrase.alike) and ends_s(words[count]) <= settled_s:
            count += 1
        is_new = (words, count) != (phrase.before, len(phrase.stable))
        phrase.before, phrase.alike, phrase.stable = words, alike, words[:count]
        if not is_new or phrase.until is not None:
            return []
        return [Partial(phrase=phrase.number, words=words, stable=count, heard_until_s=until / SAMPLE_RATE)]

    def _lateness(self, late_s: float) -> list[Event]:
        """A notice when words have become late, and one when they come in time again."""
        due_s = self._queue[0].due_s if self._queue else None
        if due_s is not None:
            late_s = max(late_s, self._clock_s() - due_s)
        is_late = late_s > self._timing.late_s or (self._is_late and (late_s > 0 or not self._is_heard))
        if is_late == self._is_late or not self._is_live:
            return []
        self._is_late = is_late
        return [Notice(kind="delay", text=_LATE if is_late else _IN_TIME, start_s=self._journal.samples / SAMPLE_RATE)]
