"""What two hearings of the same sound agree on, and where between two words a long phrase can be cut."""

from collections.abc import Sequence
from itertools import pairwise

from dictation.speech.transcript import Word

_SAME_TIME_S = 0.4  # between two hearings of one word; engines that guess their times are off by that much
_REPEATED_S = 0.25  # behind a word, in which the same word again is still that word
_ECHO_S = 0.1  # before the voice of a phrase: nobody says it again there
_TOUCHING_S = 0.04  # one frame


def begins_s(word: Word) -> float:
    """Where a word of a hearing begins; engines that hear give every word its seconds."""
    return word.start_s or 0.0


def ends_s(word: Word) -> float:
    """Where a word of a hearing ends."""
    return begins_s(word) if word.end_s is None else word.end_s


def middle_s(word: Word) -> float:
    """The middle of a word."""
    return (begins_s(word) + ends_s(word)) / 2


def agreed(before: Sequence[Word], now: Sequence[Word]) -> int:
    """Return how many words from the first on are the same, said at about the same time."""
    count = 0
    for one, other in zip(before, now, strict=False):
        if one.text != other.text or abs(begins_s(one) - begins_s(other)) > _SAME_TIME_S:
            break
        count += 1
    return count


def following(words: Sequence[Word], last: Word | None) -> tuple[Word, ...]:
    """Return the words that come after `last`, which an earlier hearing gave and this one may give again."""
    if last is None:
        return tuple(words)
    kept = [word for word in words if middle_s(word) > ends_s(last) + _TOUCHING_S]
    if kept and kept[0].text == last.text and begins_s(kept[0]) < ends_s(last) + _REPEATED_S:
        kept = kept[1:]
    return tuple(kept)


def without_echo(words: Sequence[Word], last: Word | None, voice_start_s: float) -> tuple[Word, ...]:
    """Return the words of a new phrase without the mark that the phrase before ended with.

    A mark that nobody spoke has no place of its own in the pause, so two hearings may both give it.
    """
    is_echo = bool(words) and last is not None and words[0].text == last.text
    return tuple(words[1:] if is_echo and begins_s(words[0]) < voice_start_s - _ECHO_S else words)


def widest_gap(words: Sequence[Word], from_s: float, to_s: float) -> tuple[int, float] | None:
    """Return (words before it, its middle in seconds) of the widest gap between words that lies in [from_s, to_s].

    None where no two words have their gap there.
    """
    gaps = [
        (begins_s(after) - ends_s(before), count, (ends_s(before) + begins_s(after)) / 2)
        for count, (before, after) in enumerate(pairwise(words), 1)
    ]
    inside = [gap for gap in gaps if from_s <= gap[2] <= to_s]
    if not inside:
        return None
    _, count, at_s = max(inside)
    return count, at_s
