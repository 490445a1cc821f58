"""The ear's answers for a phrase → final words, and where a long phrase is cut.

A phrase that has ended is committed as a whole. One that grows long is cut between two words that two hearings, a
second apart, agree on; where there are none, in its quietest moment. Both depend on the answers alone.
"""

from concurrent.futures import Future

import numpy as np

from dictation.audio import SAMPLE_RATE
from dictation.audio.journal import Journal
from dictation.errors import DictationError, ModelError
from dictation.speech.clock import begins_at_s, clock
from dictation.speech.context import middle_s, new_words
from dictation.speech.ear import Heard
from dictation.speech.live.agreement import agreed, begins_s, ends_s, following, read_otherwise, widest_gap
from dictation.speech.live.asking import CUT_SLACK_S, GRID, Asking
from dictation.speech.live.events import Event, Final, Notice
from dictation.speech.live.phrase import Asked, Phrase
from dictation.speech.lost_speech import HEARD_IN_TWO_WAYS
from dictation.speech.transcript import Word

_TRIES = 2
_LULL = SAMPLE_RATE // 5


class Committing:
    """Turns what a phrase asked for into its finals."""

    def __init__(self, journal: Journal, asking: Asking) -> None:
        self._journal, self._asking = journal, asking

    def committed(self, phrase: Phrase) -> list[Event]:
        """Turn the answers that a phrase waited for into final words; return what could not be heard.

        Raises what the ear failed with where that is no DictationError: our own mistake.
        """
        asked, phrase.asked = phrase.asked, ()
        *_, last = asked
        errors = [error for one in asked if (error := why_failed(one.future)) is not None]
        if errors:
            phrase.failures += 1
            if phrase.failures < _TRIES:
                return []
            return self._failed(phrase, len(asked) > 1, last.until, errors[0])
        phrase.failures = 0
        if len(asked) == 1:
            self._finalised(phrase, uncommitted(phrase, last), (), last.until, last)
            phrase.is_done = True
            return []
        first_words, words = (uncommitted(phrase, one) for one in asked)
        earliest = phrase.first + self._asking.cut_after // 3
        latest = last.until - self._asking.right
        found = widest_gap(words[: agreed(first_words, words)], earliest / SAMPLE_RATE, latest / SAMPLE_RATE)
        if found is not None:
            count, cut = found[0], round(found[1] * SAMPLE_RATE)
        else:
            cut = self._lull(earliest, latest)
            count = sum(middle_s(word) < cut / SAMPLE_RATE for word in words)
        self._finalised(phrase, words[:count], words[count:], cut, last)
        return []

    def _finalised(
        self, phrase: Phrase, words: tuple[Word, ...], rest: tuple[Word, ...], until: int, asked: Asked
    ) -> None:
        """Commit words; the phrase goes on at sample `until`, behind which `rest` was heard."""
        start_s, end_s = phrase.first / SAMPLE_RATE, until / SAMPLE_RATE
        warnings = [text for text in asked.future.result().warnings if _is_about(text, start_s, end_s)]
        if (word := read_otherwise(_heard_behind(phrase, asked), phrase.last, phrase.rest)) is not None:
            warnings.append(f"{clock(begins_s(word), ends_s(word))}: {HEARD_IN_TWO_WAYS}")
        phrase.finals.append(
            Final(
                phrase=phrase.number,
                words=words,
                start_s=start_s,
                end_s=end_s,
                warnings=tuple(warnings),
            )
        )
        self._go_on(phrase, until, words[-1] if words else None, rest)

    def _go_on(self, phrase: Phrase, first: int, last: Word | None, rest: tuple[Word, ...]) -> None:
        phrase.first, phrase.last, phrase.rest = first, last, rest
        phrase.due_s = None if phrase.until is None else phrase.due_s
        start = max(phrase.context_from, first - self._asking.context)
        phrase.context_from = start - start % GRID
        phrase.alike = 0
        phrase.before, phrase.stable = following(phrase.before, last), following(phrase.stable, last)

    def _failed(self, phrase: Phrase, is_cut: bool, until: int, error: BaseException) -> list[Event]:
        """The ear could not hear a stretch, twice: tell it, and go on behind it."""
        phrase.failures = 0
        first = phrase.first
        if is_cut:
            until -= self._asking.right
            self._go_on(phrase, until, None, ())
        else:
            phrase.is_done = True
        if not isinstance(error, DictationError):
            raise error
        return [unheard(first, until, str(error).rstrip("."))]

    def _lull(self, start: int, stop: int) -> int:
        """The middle of the quietest 0.2 s between two samples, for a phrase whose words give no place to cut."""
        power = np.square(self._journal.read(start, stop), dtype=np.float64)
        around = np.convolve(power, np.ones(_LULL), mode="valid")[::GRID]
        return start + int(np.argmin(around)) * GRID + _LULL // 2


def why_failed(future: "Future[Heard]") -> BaseException | None:
    """What an answer failed with, None where there are words. An answer that was cancelled failed, too."""
    return ModelError("the recognizer was closed.") if future.cancelled() else future.exception()


def uncommitted(phrase: Phrase, asked: Asked) -> tuple[Word, ...]:
    """The words of an answer that the phrase has not committed yet."""
    return following(_heard_behind(phrase, asked), phrase.last, phrase.rest)


def _heard_behind(phrase: Phrase, asked: Asked) -> tuple[Word, ...]:
    words = asked.future.result().words
    return words if phrase.last is None else new_words(words, phrase.first / SAMPLE_RATE - CUT_SLACK_S)


def unheard(first: int, until: int, why: str) -> Notice:
    """Tell that the sound from sample `first` to `until` gave no words."""
    start_s, end_s = first / SAMPLE_RATE, until / SAMPLE_RATE
    text = f"{clock(start_s, end_s)}: this could not be heard ({why}); its sound is kept, so listen to it."
    return Notice(kind="engine", text=text, start_s=start_s, end_s=end_s)


def _is_about(warning: str, start_s: float, end_s: float) -> bool:
    """True for a warning about these seconds, or about no second that it names."""
    at_s = begins_at_s(warning)
    return at_s is None or start_s - 1 <= at_s < end_s
