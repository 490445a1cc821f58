"""One take: what its journal holds → the live session over it, stretch by stretch."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from threading import Lock

from dictation.audio import Journal
from dictation.audio.resample import SAMPLE_RATE
from dictation.case.draft import Unheard
from dictation.errors import DictationError, UsageError
from dictation.lexicon import Vocabulary
from dictation.speech.clock import clock
from dictation.speech.ear import Ear
from dictation.speech.live import Event, Final, LiveSession, Notice
from dictation.speech.spoken import core

GRACE_S = 10.0  # for the end of a stretch: a reloaded page is back in two seconds, a lost one asks every five
LONGEST_TAKE_S = 4 * 3600.0
PATIENCE_S = 60.0  # for sound that was announced
_CUT_S = 0.3  # a phrase that ends so shortly before a stretch was ended may be half of one
_AGAIN_S = 1.0  # is told again where an earlier run ended in a phrase: a word twice is seen, one that is lost is not
_TRIES = 2  # of a session that fails by a mistake of ours


class Taking:
    """The capture of one take, and how far it was heard. `hear` and `finish` are called by one thread at a time."""

    def __init__(self, take: str, journal: Journal, told_s: float, told_blocks: int = 0) -> None:
        self.take, self.journal = take, journal
        self._told_s = told_s
        self._session: LiveSession | None = None
        self._lock = Lock()
        self._is_on = False
        self._ends: set[int] = set()  # of stretches: the first block that does not belong to it
        self._stopped_at = journal.taken_blocks if journal.is_finished else 0
        """Where a stretch was ended whose end nobody told, 0 for none: what comes later belongs to it."""
        self._last: Final | None = None  # that was told
        self._half: Final | None = None  # it may be half of a phrase that is heard whole by now
        self._announced = max(journal.ends, default=0)
        self._came, self._came_s = -1, 0.0  # how many blocks were here when it was looked at, and since when
        self._told_blocks = min(told_blocks, journal.taken_blocks)  # all words of the sound before were told
        self._passed = self._told_blocks  # the last end that the session has passed
        self._warnings = 0  # of the journal, told
        self._failures = 0
        self._is_ear_told = False

    @property
    def missing(self) -> int:
        """Blocks that were announced and are not here yet."""
        return max(0, self._announced - self.journal.taken_blocks)

    @property
    def told_blocks(self) -> int:
        """All words of the sound in as many blocks were told."""
        return self._told_blocks

    @property
    def end_s(self) -> float:
        """Where its sound ends so far, that which was announced too, in seconds."""
        return max(self._announced, self.journal.taken_blocks) * self.journal.block_samples / SAMPLE_RATE

    @property
    def kept_s(self) -> float:
        """Seconds of sound that is here and was not told yet, as far as is known: a pause counts until it is over."""
        block_s, taken = self.journal.block_samples / SAMPLE_RATE, self.journal.taken_blocks
        return max(0.0, taken * block_s - max(self._told_s, self._told_blocks * block_s))

    @property
    def is_waiting(self) -> bool:
        """Whether the ear was asked for something."""
        return self._session is not None and not self._session.is_idle

    @property
    def is_settled(self) -> bool:
        """Whether the microphone is off and all words of its sound were told, as far as they can be."""
        return not self._is_on and (not self.missing or self._is_overdue) and self.is_heard

    @property
    def is_heard(self) -> bool:
        """Whether all words of the sound that is here were told, as far as they can be."""
        if self._is_given_up:
            return True
        return self._told_blocks >= self.journal.taken_blocks and not self._due() and not self._has_no_end

    @property
    def given_up(self) -> tuple[Unheard, ...]:
        """The sound that is not listened to, or waited for, any more, and was not heard."""
        block_s, taken = self.journal.block_samples / SAMPLE_RATE, self.journal.taken_blocks
        found = []
        if self._is_given_up and self._told_blocks < taken:
            found.append((max(self._told_s, self._told_blocks * block_s), taken * block_s))
        if self._is_overdue:
            found.append((taken * block_s, self._announced * block_s))
        return tuple(Unheard(take=self.take, start_s=start, end_s=max(start, end)) for start, end in found)

    def try_again(self) -> None:
        """Listen anew to what was given up."""
        self._failures, self._is_ear_told, self._came = 0, False, -1

    def was_told(self) -> None:
        """Note that all that `hear` gave was told."""
        if self._session is not None and not self.is_waiting:
            self._told_blocks = self._heard // self.journal.block_samples

    def rest(self) -> bool:
        """Let the file go once its end mark is on the disk, which is put where all is heard, until more is spoken.

        Returns whether nothing is to be done until then.
        """
        journal, is_settled = self.journal, self.is_settled
        if journal.is_at_rest:
            return is_settled
        if journal.saved_blocks < journal.taken_blocks:
            return False
        try:
            if not journal.is_finished and journal.samples:
                if not is_settled:
                    return False
                journal.finish()
            return journal.rest() and is_settled
        except DictationError:  # the disk is full: it stays as it is, and all is there
            return False

    def is_past(self, number: int) -> bool:
        """Whether a block lies behind the last end that was told, and the microphone is off."""
        return not self._is_on and 0 < self._announced <= number

    def switch(self, on: bool, block: int) -> None:
        """Note where a stretch begins or ends. Raises UsageError where no take can reach so far."""
        if block * self.journal.block_samples > LONGEST_TAKE_S * SAMPLE_RATE:
            raise UsageError("The page told an end that no dictation has; reload it.")
        with self._lock:
            self._is_on = on
            self._announced = max(self._announced, block)
            is_new = block > 0 and block not in self._ends
            if is_new:
                self._ends.add(block)
            is_late = block * self.journal.block_samples < self._heard
        if is_new and not is_late:  # what is cut too late to be heard so must not be cut after a restart either
            self.journal.note_end(block)

    def set_off(self) -> None:
        """The microphone is off, and nobody told where: what is still on its way belongs to the stretch."""
        with self._lock:
            self._is_on = False

    def hear(self, ear: "Future[Ear]", vocabulary: Callable[[], Vocabulary]) -> list[Event]:
        """Listen to what has come, up to the first block that is missing; return what happened."""
        events = [*self._disk(), *self._watch()]
        if not ear.done() or self._failures >= _TRIES:
            return events
        if (missing := ear.exception()) is not None:
            return events + self._no_ear(missing)
        if self._session is None and self.is_heard:
            return events  # of an earlier run
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

    @property
    def _is_given_up(self) -> bool:
        return self._is_ear_told or self._failures >= _TRIES

    @property
    def _is_overdue(self) -> bool:
        """Whether sound was announced that does not come."""
        return self.missing > 0 and self._came >= 0 and time.monotonic() - self._came_s >= PATIENCE_S

    @property
    def _has_no_end(self) -> bool:
        """Whether the microphone is off, and nobody told where."""
        return not self._is_on and max(self._known_ends(), default=0) < self.journal.taken_blocks

    def _watch(self) -> list[Event]:
        """End a stretch whose end nobody tells where it is; where more of it comes after all, hear it as a whole."""
        events: list[Event] = []
        taken = self.journal.taken_blocks
        if taken != self._came:
            self._came, self._came_s = taken, time.monotonic()
            if 0 < self._stopped_at < taken:
                if self._stopped_at not in self._told_ends():
                    events += self._hear_whole(self._stopped_at * self.journal.block_samples / SAMPLE_RATE)
                self._stopped_at = 0
        elif self._has_no_end and time.monotonic() - self._came_s >= GRACE_S:
            self._stopped_at = taken
        return events

    def _hear_whole(self, stopped_s: float) -> list[Event]:
        """More of a stretch came that was ended: the next session tells what lies behind the words that were told."""
        self._session, last = None, self._last
        if last is None and self._told_s > stopped_s - _CUT_S:  # told by an earlier run: a word may have been cut
            self._told_s = max(0.0, stopped_s - _AGAIN_S)
            text = f"{clock(self._told_s, stopped_s)}: the rest of this came late; check the words around it."
            return [Notice(kind="gap", text=text, start_s=self._told_s)]
        if last is not None and last.end_s > stopped_s - _CUT_S:
            self._told_s, self._half = last.start_s, last
        return []

    def _told_ends(self) -> set[int]:
        with self._lock:
            return self._ends | self.journal.ends  # a short block is the last one of its stretch

    def _known_ends(self) -> set[int]:
        return self._told_ends() | ({self._stopped_at} if self._stopped_at else set())

    def _due(self) -> list[int]:
        """Ends of stretches that are here and were not passed."""
        return sorted(end for end in self._known_ends() if self._passed < end <= self.journal.taken_blocks)

    def _noted(self, events: Sequence[Event]) -> list[Event]:
        found: list[Event] = []
        for event in events:
            if isinstance(event, Final):
                self._told_s = max(self._told_s, event.end_s)
                found += self._without_half(event)
                self._last = event
                continue
            if isinstance(event, Notice) and event.kind == "engine" and event.end_s is not None:  # no words for this
                self._told_s = max(self._told_s, event.end_s)
            found.append(event)
        return found

    def _without_half(self, event: Final) -> list[Event]:
        """What a phrase says beyond its first half, whose words were told; where it changed them, all from there on."""
        half, self._half = self._half, None
        if half is None:
            return [event]
        pairs = zip(half.words, event.words, strict=False)
        same = next((n for n, (told, now) in enumerate(pairs) if core(told.text) != core(now.text)), len(half.words))
        rest: Event = event.model_copy(update={"words": event.words[same:]})
        if same >= len(half.words):
            return [rest]
        text = f"{clock(half.start_s, half.end_s)}: the rest of this came late and changed its words; check them."
        return [Notice(kind="gap", text=text, start_s=half.start_s), rest]

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
