"""The phrases of a live session that are not final yet: what is asked of the ear, and what its answers become.

Nothing here holds sound: a phrase is a pair of positions in the journal until its turn comes. What is committed, and
where a long phrase is cut, depends on the sound alone, never on how fast the ear answers: so a session that is finished
from its journal gives the same text. Provisional text is asked for where there is time.
"""

import re
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, wait

import numpy as np

from dictation.audio import SAMPLE_RATE
from dictation.audio.journal import Journal
from dictation.audio.marks import DICTATED
from dictation.errors import DictationError
from dictation.lexicon import Vocabulary
from dictation.speech.clock import clock
from dictation.speech.ear import Ear, Heard, Stretch, Urgency
from dictation.speech.live.agreement import agreed, ends_s, following, middle_s, widest_gap, without_echo
from dictation.speech.live.events import Event, Final, Notice, Partial
from dictation.speech.live.phrase import Asked, Phrase
from dictation.speech.live.timing import Timing
from dictation.speech.transcript import Word

_AT_ONCE = 2  # phrases of one session that the ear is asked for; the others wait as positions
_TRIES = 2
_BETWEEN_HEARINGS = SAMPLE_RATE  # the two that a cut is to agree on
_CUT_SLACK_S = 0.15  # around a cut, where two hearings may place a word on either side
_LULL = SAMPLE_RATE // 5
_GRID = 640  # samples of one frame of the clinical ear
_BEFORE = round(DICTATED.before_s * SAMPLE_RATE)
_PAUSE = SAMPLE_RATE // 10
_BUSY_S = 2.0  # of waiting, from which on nothing provisional is asked for
_HOPS_A_TURN = 1.5  # a slow ear is asked less often than it answers
_LATE = "Words come later than usual, because the computer is busy; nothing is lost, go on speaking."
_IN_TIME = "Words come in time again."
_CLOCK = re.compile(r"(\d+):(\d\d)-")


class Phrases:
    """The open phrase and those that wait for their final words, in order."""

    def __init__(
        self, ear: Ear, journal: Journal, timing: Timing, *, is_live: bool, clock_s: Callable[[], float]
    ) -> None:
        self._ear, self._journal, self._timing, self._is_live = ear, journal, timing, is_live
        self._clock_s = clock_s
        self.context = round(min(timing.context_s, ear.max_stretch_s / 4) * SAMPLE_RATE)
        self._right = round(timing.right_context_s * SAMPLE_RATE)
        room = round((ear.max_stretch_s - timing.tail_s) * SAMPLE_RATE) - self.context - self._right - _GRID
        self._cut_after = min(round(timing.cut_after_s * SAMPLE_RATE), room)
        self._queue: deque[Phrase] = deque()
        self._voices: deque[tuple[int, int]] = deque(maxlen=8)  # of phrases that ended, for what is heard as context
        self._numbers = 0
        self._last: Word | None = None
        self._turn_s = 0.0  # how long the ear took for the last provisional text
        self._is_late = False
        self._key = object()

    @property
    def is_idle(self) -> bool:
        """True where every phrase has its final words."""
        return not self._queue

    @property
    def open(self) -> Phrase | None:
        """The phrase that is being spoken."""
        return self._queue[-1] if self._queue and self._queue[-1].until is None else None

    def begin(self, voice_start: int, voice_stop: int, first: int, context_from: int) -> None:
        """Open a phrase; all are samples of the dictation."""
        before = self._whole_phrases(first, context_from)
        start = min([first, *(voice[0] - _BEFORE for voice in before)])
        phrase = Phrase(self._numbers, voice_start, voice_stop, first, start - start % _GRID, before)
        self._queue.append(phrase)
        self._numbers += 1

    def _whole_phrases(self, first: int, context_from: int) -> tuple[tuple[int, int], ...]:
        """The voice of the phrases just before sample `first` that fit into the context; half a word would mislead."""
        earliest = max(context_from, first - self.context) + _BEFORE
        return tuple(voice for voice in self._voices if voice[0] >= earliest)

    def end(self, voice_stop: int, until: int, position: int) -> None:
        """End the open phrase, as the sound up to sample `position` tells; its own sound reaches to sample `until`."""
        phrase = self.open
        assert phrase is not None
        phrase.voice_stop, phrase.until, phrase.ended_at = voice_stop, until, position
        phrase.due_s = phrase.due_s or self._clock_s()
        self._voices.append((phrase.voice_start, voice_stop))

    def ask(self, position: int, vocabulary: Vocabulary) -> None:
        """Ask the ear for what is due, the sound of the dictation being there up to sample `position`."""
        for phrase in list(self._queue)[:_AT_ONCE]:
            if not phrase.asked and not phrase.is_done:
                self._ask_final(phrase, position, vocabulary)
        if self.open is not None and self.open is self._queue[0] and not self.open.asked and self._is_live:
            self._ask_early(self.open, position, vocabulary)

    def collect(self) -> list[Event]:
        """Return what the ear's answers give so far, finals in order of time."""
        events: list[Event] = []
        late_s = 0.0
        for phrase in list(self._queue)[:_AT_ONCE]:
            events += self._provisional(phrase)
            if phrase.asked and all(asked.is_done for asked in phrase.asked):
                events += self._committed(phrase)
        while self._queue:
            phrase = self._queue[0]
            if phrase.finals and phrase.due_s is not None:
                late_s = max(late_s, self._clock_s() - phrase.due_s)
            events += self._told(phrase)
            if not phrase.is_done:
                break
            phrase.cancel()
            self._queue.popleft()
        return events + self._lateness(late_s)

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
                events.append(self._unheard(phrase.first, phrase.until or phrase.voice_stop, "there was no time"))
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

    def _ask_final(self, phrase: Phrase, position: int, vocabulary: Vocabulary) -> None:
        limit = phrase.first + self._cut_after
        if phrase.until is not None and phrase.ended_at <= limit:
            early = phrase.early
            if early is not None and (early.first, early.until) == (phrase.first, phrase.until) and not phrase.failures:
                phrase.asked, phrase.early = (early,), None
            else:
                phrase.asked = (self._asked(phrase, phrase.until, vocabulary, Urgency.FINAL),)
        elif position >= limit:
            phrase.due_s = phrase.due_s or self._clock_s()
            stops = (limit - _BETWEEN_HEARINGS, limit)
            phrase.asked = tuple(self._asked(phrase, stop, vocabulary, Urgency.FINAL) for stop in stops)

    def _ask_early(self, phrase: Phrase, position: int, vocabulary: Vocabulary) -> None:
        """Ask for provisional words of the open phrase, and in a pause for those that become final if it is its end."""
        tail = phrase.voice_stop + round(self._timing.tail_s * SAMPLE_RATE)
        if position >= tail and (phrase.early is None or phrase.early.until < tail):
            if phrase.early is not None:
                phrase.early.future.cancel()
            phrase.early = self._asked(phrase, tail, vocabulary, Urgency.FINAL)
            phrase.partial_until = tail
            return
        hop_s = min(max(self._timing.hop_s, _HOPS_A_TURN * self._turn_s), self._timing.max_hop_s)
        since = max(phrase.partial_until, phrase.voice_start)
        if position - phrase.voice_stop > _PAUSE:  # soon it is known whether this is the end, and the ear is to be free
            return
        if phrase.partial is None and position - since >= hop_s * SAMPLE_RATE and self._ear.waiting_s < _BUSY_S:
            phrase.partial = self._asked(phrase, position, vocabulary, Urgency.PARTIAL)
            phrase.partial_until = position

    def _asked(self, phrase: Phrase, until: int, vocabulary: Vocabulary, urgency: Urgency) -> Asked:
        start = phrase.context_from
        slack_s = _CUT_SLACK_S if phrase.last is not None else 0.0
        stretch = Stretch(
            samples=self._journal.read(start, until),
            start_s=start / SAMPLE_RATE,
            speech=self._speech(phrase, start, until),
            vocabulary=vocabulary,
            context_s=max(0.0, (phrase.first - start) / SAMPLE_RATE - slack_s),
        )
        return Asked(phrase.first, until, self._clock_s(), self._ear.hear(stretch, urgency, self._key))

    def _speech(self, phrase: Phrase, start: int, until: int) -> tuple[tuple[float, float], ...]:
        """The seconds of voice in [start, until), padded as in recordings, in order and apart from each other."""
        before, after = (round(seconds * SAMPLE_RATE) for seconds in (DICTATED.before_s, DICTATED.after_s))
        spans: list[tuple[int, int]] = []
        for voice_start, voice_stop in (*phrase.voices_before, (phrase.voice_start, phrase.voice_stop)):
            span = (max(start, voice_start - before), min(until, voice_stop + after))
            if spans and span[0] <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(span[1], spans[-1][1]))
            elif span[0] < span[1]:
                spans.append(span)
        return tuple((first / SAMPLE_RATE, last / SAMPLE_RATE) for first, last in spans)

    def _provisional(self, phrase: Phrase) -> list[Event]:
        events: list[Event] = []
        for asked in (phrase.early, phrase.partial):
            if asked is None or not asked.is_done:
                continue
            if asked is phrase.partial:
                phrase.partial = None
                if not asked.future.cancelled():
                    self._turn_s = self._clock_s() - asked.at_s
            if asked.future.cancelled() or asked.future.exception() is not None or phrase.is_done:
                continue
            if asked.first == phrase.first and asked.until > phrase.heard_until:
                events += self._shown(phrase, self._new_words(phrase, asked), asked.until)
        return events

    def _shown(self, phrase: Phrase, words: tuple[Word, ...], until: int) -> list[Event]:
        """Join a new hearing of the open phrase to its stable words."""
        phrase.heard_until = until
        if not phrase.is_told:
            words = self._without_echo(phrase, words)
        words = (*phrase.stable, *following(words, phrase.stable[-1] if phrase.stable else None))
        settled_s = until / SAMPLE_RATE - self._timing.settled_s
        count = len(phrase.stable)
        while count < agreed(phrase.before, words) and ends_s(words[count]) <= settled_s:
            count += 1
        is_new = (words, count) != (phrase.before, len(phrase.stable))
        phrase.before, phrase.stable = words, words[:count]
        if not is_new or phrase.until is not None:
            return []
        return [Partial(phrase=phrase.number, words=words, stable=count, heard_until_s=until / SAMPLE_RATE)]

    def _committed(self, phrase: Phrase) -> list[Event]:
        """Turn the answers that a phrase waited for into final words."""
        asked, phrase.asked = phrase.asked, ()
        *_, last = asked
        errors = [error for one in asked if (error := one.future.exception()) is not None]
        if errors:
            phrase.failures += 1
            if phrase.failures < _TRIES:
                return []
            return self._failed(phrase, len(asked) > 1, last.until, errors[0])
        phrase.failures = 0
        if len(asked) == 1:
            self._finalised(phrase, self._new_words(phrase, last), last.until, last)
            phrase.is_done = True
            return []
        first_words, words = (self._new_words(phrase, one) for one in asked)
        earliest = phrase.first + self._cut_after // 3
        latest = last.until - self._right
        found = widest_gap(words[: agreed(first_words, words)], earliest / SAMPLE_RATE, latest / SAMPLE_RATE)
        if found is not None:
            count, cut = found[0], round(found[1] * SAMPLE_RATE)
        else:
            cut = self._lull(earliest, latest)
            count = sum(middle_s(word) < cut / SAMPLE_RATE for word in words)
        self._finalised(phrase, words[:count], cut, last)
        return []

    def _finalised(self, phrase: Phrase, words: tuple[Word, ...], until: int, asked: Asked) -> None:
        """Commit words; the phrase goes on at sample `until`."""
        start_s, end_s = phrase.first / SAMPLE_RATE, until / SAMPLE_RATE
        phrase.finals.append(
            Final(
                phrase=phrase.number,
                words=words,
                start_s=start_s,
                end_s=end_s,
                warnings=tuple(
                    text for text in asked.future.result().warnings if start_s - 1 <= _about_s(text) < end_s
                ),
            )
        )
        self._go_on(phrase, until, words[-1] if words else None)

    def _go_on(self, phrase: Phrase, first: int, last: Word | None) -> None:
        phrase.first, phrase.last, phrase.due_s = first, last, None if phrase.until is None else phrase.due_s
        start = max(phrase.context_from, first - self.context)
        phrase.context_from = start - start % _GRID
        phrase.before, phrase.stable = following(phrase.before, last), following(phrase.stable, last)

    def _failed(self, phrase: Phrase, is_cut: bool, until: int, error: BaseException) -> list[Event]:
        """The ear could not hear a stretch, twice: tell it, and go on behind it."""
        phrase.failures = 0
        first = phrase.first
        if is_cut:
            until -= self._right
            self._go_on(phrase, until, None)
        else:
            phrase.is_done = True
        if not isinstance(error, DictationError):
            raise error
        return [self._unheard(first, until, str(error).rstrip("."))]

    def _unheard(self, first: int, until: int, why: str) -> Notice:
        start_s, end_s = first / SAMPLE_RATE, until / SAMPLE_RATE
        text = f"{clock(start_s, end_s)}: this could not be heard ({why}); its sound is kept, so listen to it."
        return Notice(kind="engine", text=text, start_s=start_s, end_s=end_s)

    def _new_words(self, phrase: Phrase, asked: Asked) -> tuple[Word, ...]:
        words = asked.future.result().words
        if phrase.last is None:
            return words
        from_s = phrase.first / SAMPLE_RATE - _CUT_SLACK_S
        return following([word for word in words if middle_s(word) >= from_s], phrase.last)

    def _lull(self, start: int, stop: int) -> int:
        """The middle of the quietest 0.2 s between two samples, for a phrase whose words give no place to cut."""
        power = np.square(self._journal.read(start, stop), dtype=np.float64)
        around = np.convolve(power, np.ones(_LULL), mode="valid")[::_GRID]
        return start + int(np.argmin(around)) * _GRID + _LULL // 2

    def _lateness(self, late_s: float) -> list[Event]:
        """A notice when words have become late, and one when they come in time again."""
        due_s = self._queue[0].due_s if self._queue else None
        if due_s is not None:
            late_s = max(late_s, self._clock_s() - due_s)
        is_late = late_s > self._timing.late_s or (self._is_late and late_s > 0)
        if is_late == self._is_late or not self._is_live:
            return []
        self._is_late = is_late
        return [Notice(kind="delay", text=_LATE if is_late else _IN_TIME, start_s=self._journal.samples / SAMPLE_RATE)]


def _about_s(warning: str) -> float:
    """The second that a warning is about, which it begins with."""
    found = _CLOCK.match(warning)
    return int(found[1]) * 60 + int(found[2]) if found else 0.0
