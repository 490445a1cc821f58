"""What of a stretch is new: the words and the voice behind the context, which was heard before."""

from collections.abc import Iterable

from dictation.speech.ear import Stretch
from dictation.speech.transcript import Word


def new_words(words: Iterable[Word], new_s: float) -> tuple[Word, ...]:
    """Return the timed words whose middle lies at `new_s` or later.

    The middle decides: a word that was heard twice may begin or end a frame earlier the second time.
    """
    return tuple(word for word in words if middle_s(word) >= new_s)


def new_speech(stretch: Stretch) -> tuple[tuple[float, float], ...]:
    """Return the [start, end) seconds of voice behind the context of a stretch."""
    new_s = stretch.start_s + stretch.context_s
    return tuple((max(new_s, start_s), end_s) for start_s, end_s in stretch.speech if end_s > new_s)


def middle_s(word: Word) -> float:
    """Return the second in the middle of a timed word."""
    assert word.start_s is not None and word.end_s is not None
    return (word.start_s + word.end_s) / 2
