"""What is asked of the ear for a phrase, and when: its final words once, provisional ones where there is time.

What is asked for the sake of final words depends on the sound alone, never on how fast the ear answers: so a session
that is finished from its journal asks the same. Sound is read from the journal when it is asked for, and not kept.
"""

from collections.abc import Callable
from concurrent.futures import Future

from dictation.audio import SAMPLE_RATE
from dictation.audio.journal import Journal
from dictation.audio.marks import DICTATED
from dictation.errors import DictationError
from dictation.lexicon import Vocabulary
from dictation.speech.ear import Ear, Heard, Stretch, Urgency
from dictation.speech.live.phrase import Asked, Phrase
from dictation.speech.live.timing import Timing

CUT_SLACK_S = 0.15  # around a cut, where two hearings may place a word on either side
GRID = 640  # samples of one frame of the clinical ear
_BETWEEN_HEARINGS = SAMPLE_RATE  # the two that a cut is to agree on
_PAUSE = SAMPLE_RATE // 10
_BUSY_S = 2.0  # of waiting, from which on nothing provisional is asked for
_HOPS_A_TURN = 1.5  # a slow ear is asked less often than it answers


class Asking:
    """The questions of one session; lengths are in samples."""

    def __init__(self, ear: Ear, journal: Journal, timing: Timing, clock_s: Callable[[], float]) -> None:
        self._ear, self._journal, self._timing, self._clock_s = ear, journal, timing, clock_s
        self.context = round(min(timing.context_s, ear.max_stretch_s / 4) * SAMPLE_RATE)
        """The most that is heard again before a cut."""
        self.right = round(timing.right_context_s * SAMPLE_RATE)
        """The least behind a place where a phrase is cut."""
        room = round((ear.max_stretch_s - timing.tail_s) * SAMPLE_RATE) - self.context - self.right - GRID
        self.cut_after = min(round(timing.cut_after_s * SAMPLE_RATE), room)
        """How long a phrase grows before it is cut."""
        self._turn_s = 0.0  # how long the ear took for the last provisional text
        self._key = object()

    def final(self, phrase: Phrase, position: int, vocabulary: Vocabulary) -> None:
        """Ask for words to commit where the phrase has ended, or has grown long, at sample `position`."""
        limit = phrase.first + self.cut_after
        if phrase.until is not None and phrase.ended_at <= limit:
            early = phrase.early
            if early is not None and (early.first, early.until) == (phrase.first, phrase.until) and not phrase.failures:
                phrase.asked, phrase.early = (early,), None
            else:
                phrase.asked = (self._asked(phrase, phrase.until, phrase.voice_stop, vocabulary, Urgency.FINAL),)
        elif position >= limit:
            phrase.due_s = phrase.due_s or self._clock_s()
            stops = (limit - _BETWEEN_HEARINGS, limit)
            phrase.asked = tuple(self._asked(phrase, stop, stop, vocabulary, Urgency.FINAL) for stop in stops)

    def provisional(self, phrase: Phrase, position: int, vocabulary: Vocabulary) -> None:
        """Ask for provisional words of the open phrase, and in a pause for those that become final if it is its end."""
        tail = phrase.voice_stop + round(self._timing.tail_s * SAMPLE_RATE)
        if position >= tail and (phrase.early is None or phrase.early.until < tail):
            if phrase.early is not None:
                phrase.early.future.cancel()
            phrase.early = self._asked(phrase, tail, phrase.voice_stop, vocabulary, Urgency.FINAL)
            phrase.partial_until = tail
            return
        hop_s = min(max(self._timing.hop_s, _HOPS_A_TURN * self._turn_s), self._timing.max_hop_s)
        since = max(phrase.partial_until, phrase.voice_start)
        if position - phrase.voice_stop > _PAUSE:  # soon it is known whether this is the end, and the ear is to be free
            return
        if phrase.partial is None and position - since >= hop_s * SAMPLE_RATE and self._ear.waiting_s < _BUSY_S:
            phrase.partial = self._asked(phrase, position, phrase.voice_stop, vocabulary, Urgency.PARTIAL)
            phrase.partial_until = position

    def answered(self, asked: Asked) -> None:
        """Note how long the ear took for provisional words."""
        self._turn_s = self._clock_s() - asked.at_s

    def _asked(self, phrase: Phrase, until: int, voice_stop: int, vocabulary: Vocabulary, urgency: Urgency) -> Asked:
        start = phrase.context_from
        slack_s = CUT_SLACK_S if phrase.last is not None else 0.0
        stretch = Stretch(
            samples=self._journal.read(start, until),
            start_s=start / SAMPLE_RATE,
            speech=_speech(phrase, start, until, voice_stop),
            vocabulary=vocabulary,
            context_s=max(0.0, (phrase.first - start) / SAMPLE_RATE - slack_s),
        )
        return Asked(phrase.first, until, self._clock_s(), self._future(stretch, urgency))

    def _future(self, stretch: Stretch, urgency: Urgency) -> "Future[Heard]":
        try:
            return self._ear.hear(stretch, urgency, self._key)
        except DictationError as error:  # as an ear that was closed raises it
            failed: Future[Heard] = Future()
            failed.set_exception(error)
            return failed


def _speech(phrase: Phrase, start: int, until: int, voice_stop: int) -> tuple[tuple[float, float], ...]:
    """The seconds of voice in [start, until), padded as in recordings."""
    before, after = (round(seconds * SAMPLE_RATE) for seconds in (DICTATED.before_s, DICTATED.after_s))
    first, last = max(start, phrase.voice_start - before), min(until, voice_stop + after)
    return ((first / SAMPLE_RATE, last / SAMPLE_RATE),) if first < last else ()
