"""One take: what its journal holds → the live session over it, stretch by stretch."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from threading import Lock

from dictation.audio import Journal
from dictation.audio.resample import SAMPLE_RATE
from dictation.case.draft import Unheard
from dictation.errors import DictationError
from dictation.lexicon import Vocabulary
from dictation.speech.ear import Ear
from dictation.speech.live import Event, Final, LiveSession, Notice

_TRIES = 2  # of a session that fails by a mistake of ours


class Taking:
    """The capture of one take, and how far it was heard. `hear` and `finish` are called by one thread at a time."""

    def __init__(self, take: str, journal: Journal, told_s: float) -> None:
        self.take, self.journal = take, journal
        self._told_s = told_s
        self._session: LiveSession | None = None
        self._lock = Lock()
        self._is_on = False
        self._ends: set[int] = set()  # of stretches: the first block that does not belong to it
        self._announced = 0
        self._told_blocks = 0  # all words of the sound before were told
        self._passed = 0  # the last end that the session has passed
        self._warnings = 0  # of the journal, told
        self._failures = 0
        self._is_ear_told = False

    @property
    def missing(self) -> int:
        """Blocks that were announced and are not here yet."""
        return max(0, self._announced - self.journal.taken_blocks)

    @property
    def is_waiting(self) -> bool:
        """Whether the ear was asked for something."""
        return self._session is not None and not self._session.is_idle

    @property
    def is_settled(self) -> bool:
        """Whether the microphone is off and all words of its sound were told, as far as they can be."""
        return not self._is_on and not self.missing and self.is_heard

    @property
    def is_heard(self) -> bool:
        """Whether all words of the sound that is here were told, as far as they can be."""
        if self._is_ear_told or self._failures >= _TRIES:
            return True
        return self._told_blocks >= self.journal.taken_blocks and not self._due()

    @property
    def given_up(self) -> Unheard | None:
        """The sound that is not listened to any more, and was not heard; None where there is none."""
        is_over = self._is_ear_told or self._failures >= _TRIES
        if not is_over or self._told_blocks >= self.journal.taken_blocks:
            return None
        block_s = self.journal.block_samples / SAMPLE_RATE
        start_s = max(self._told_s, self._told_blocks * block_s)
        return Unheard(take=self.take, start_s=start_s, end_s=max(start_s, self.journal.taken_blocks * block_s))

    def try_again(self) -> None:
        """Listen anew to what was given up."""
        self._failures, self._is_ear_told = 0, False

    def was_told(self) -> None:
        """Note that all that `hear` gave was told."""
        if not self.is_waiting:
            self._told_blocks = self._heard // self.journal.block_samples

    def switch(self, on: bool, block: int) -> None:
        """Note where a stretch begins or ends."""
        with self._lock:
            self._is_on = on
            self._announced = max(self._announced, block)
            is_new = block > 0 and block not in self._ends
            if is_new:
                self._ends.add(block)
            is_late = block * self.journal.block_samples < self._heard
        if is_new and not is_late:  # what is cut too late to be heard so must not be cut after a restart either
            self.journal.note_end(block)

    def hear(self, ear: "Future[Ear]", vocabulary: Callable[[], Vocabulary]) -> list[Event]:
        """Listen to what has come, up to the first block that is missing; return what happened."""
        events = self._disk()
        if not ear.done() or self._failures >= _TRIES:
            return events
        if (missing := ear.exception()) is not None:
            return events + self._no_ear(missing)
        try:
            session = self._open(ear.result(), vocabulary())
            for end in self._due():
                if self._heard <= end * self.journal.block_samples:  # told late, it must not cut what is said now
                    events += session.catch_up(end * self.journal.block_samples)
                    events += session.pause()
                    session.resume()
                self._passed = end
            events += session.catch_up(self._here) if self._here > self._heard else session.poll()
        except Exception as error:  # the sound of the other takes must still be heard, and this one's be kept
            events.append(self._failed(error))
        return self._noted(events)

    def finish(self, ear: "Future[Ear]", vocabulary: Callable[[], Vocabulary], timeout_s: float | None) -> list[Event]:
        """Hear the rest, and what lies behind a block that never came; return what was left to tell."""
        if self.journal.samples == 0:
            return []
        with suppress(TimeoutError):
            ear.exception(timeout_s)  # waits until it is loaded
        events = self.hear(ear, vocabulary)
        if self._session is None:
            return events
        try:
            if self._here < self.journal.samples:
                events += self._session.catch_up()
            events += self._session.finish(timeout_s)
        except DictationError as error:
            events.append(self._notice(f"The end of the dictation was not heard ({error}); its sound is kept."))
        return self._noted(events)

    @property
    def _here(self) -> int:
        """Everything before this sample is in the journal; behind a short block there is silence."""
        return self.journal.taken_blocks * self.journal.block_samples

    @property
    def _heard(self) -> int:
        return 0 if self._session is None else round(self._session.heard_s * SAMPLE_RATE)

    def _open(self, ear: Ear, vocabulary: Vocabulary) -> LiveSession:
        if self._session is None:
            self._session = LiveSession(ear, self.journal, vocabulary=vocabulary, told_s=self._told_s)
            self._passed = 0
        self._session.vocabulary = vocabulary
        return self._session

    def _due(self) -> list[int]:
        """Ends of stretches that are here and were not passed; a short block is the last one of its stretch."""
        with self._lock:
            ends = self._ends | self.journal.ends
        return sorted(end for end in ends if self._passed < end <= self.journal.taken_blocks)

    def _noted(self, events: Sequence[Event]) -> list[Event]:
        for event in events:
            if isinstance(event, (Final, Notice)) and event.end_s is not None:  # words, or that there are none
                self._told_s = max(self._told_s, event.end_s)
        return list(events)

    def _disk(self) -> list[Event]:
        new, self._warnings = self.journal.warnings[self._warnings :], len(self.journal.warnings)
        return [self._notice(text) for text in new]

    def _no_ear(self, error: BaseException) -> list[Event]:
        if self._is_ear_told:
            return []
        self._is_ear_told = True
        why = str(error).rstrip(".") if isinstance(error, DictationError) else type(error).__name__
        return [self._notice(f"The recognizer could not be loaded ({why}); all sound is kept and can be heard later.")]

    def _failed(self, error: Exception) -> Notice:
        """Begin anew behind what was told; where that fails too, keep the sound and say so."""
        self._session = None
        self._failures += 1
        why = str(error).rstrip(".") if isinstance(error, DictationError) else type(error).__name__
        fix = (
            "it is tried once more" if self._failures < _TRIES else "the sound is kept, so press Alt+H to hear it again"
        )
        return self._notice(f"The dictation could not be followed ({why}); {fix}.")

    def _notice(self, text: str) -> Notice:
        return Notice(kind="engine", text=text, start_s=self.journal.duration_s)
