"""What two hearings of the same sound agree on, and where between two words a long phrase can be cut."""

import difflib
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from dictation.lexicon.critical import class_of, is_critical
from dictation.lexicon.tables import rows
from dictation.speech.context import middle_s
from dictation.speech.spoken import core
from dictation.speech.transcript import Word

_SAME_TIME_S = 0.4  # between two hearings of one word; engines that guess their times are off by that much
_SAME_BEGINNING_S = 0.2  # between two hearings of one word that do not overlap; nobody says a word again so soon
_ECHO_S = 0.1  # before the voice of a phrase: nobody says it again there


def begins_s(word: Word) -> float:
    """Where a word of a hearing begins; engines that hear give every word its seconds."""
    return word.start_s or 0.0


def ends_s(word: Word) -> float:
    """Where a word of a hearing ends."""
    return begins_s(word) if word.end_s is None else word.end_s


def agreed(before: Sequence[Word], now: Sequence[Word]) -> int:
    """Return how many words from the first on are the same, said at about the same time."""
    count = 0
    for one, other in zip(before, now, strict=False):
        if core(one.text) != core(other.text) or abs(begins_s(one) - begins_s(other)) > _SAME_TIME_S:
            break
        count += 1
    return count


def following(words: Sequence[Word], last: Word | None, rest: Sequence[Word] = ()) -> tuple[Word, ...]:
    """Return the words that come after `last`, which an earlier hearing gave and this one may give again.

    Where this one gives it again, all behind it is new. Where not, what was said before it is old, and a word that
    lies mostly where `last` does is another reading of it; one that can harm a patient is kept all the same. `rest` is
    what the earlier hearing has behind `last`: up to the first word that both have, it replaces words that read `last`
    otherwise or go on with it, unless a class of critical words would be lost with them.
    """
    return _compared(words, last, rest)[0]


def read_otherwise(words: Sequence[Word], last: Word | None, rest: Sequence[Word]) -> Word | None:
    """Return the critical word that this hearing has in place of `last`, and that `following` leaves out."""
    return _compared(words, last, rest)[1]


def _compared(words: Sequence[Word], last: Word | None, rest: Sequence[Word]) -> tuple[tuple[Word, ...], Word | None]:
    if last is None:
        return tuple(words), None
    again = [at for at, word in enumerate(words) if _is_again(word, last)]
    if again:
        nearest = min(again, key=lambda at: abs(begins_s(words[at]) - begins_s(last)))
        return tuple(words[nearest + 1 :]), None
    behind = [word for word in words if ends_s(word) > begins_s(last) and middle_s(word) >= begins_s(last)]
    kept = tuple(word for word in behind if is_critical(core(word.text)) or not _lies_within(word, last))
    meeting = _meeting(rest, behind)
    if meeting is None:
        return kept, None
    of_rest, of_behind = meeting
    over = [word for word in behind[:of_behind] if _lies_within(word, last) or _lies_within(last, word)]
    critical = [word for word in over if is_critical(core(word.text))]
    classes = {class_of(core(word.text)) for word in (last, *rest[:of_rest])}
    is_more = any(core(word.text).startswith(core(last.text)) for word in over)
    if not (critical or is_more) or any(class_of(core(word.text)) not in classes for word in critical):
        return kept, None
    return (*rest[:of_rest], *behind[of_behind:]), next(iter(critical), None)


def _meeting(rest: Sequence[Word], words: Sequence[Word]) -> tuple[int, int] | None:
    """The places in two hearings of the first word that they have in common; None where they have none."""
    one, other = [core(word.text) for word in rest], [core(word.text) for word in words]
    for block in difflib.SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks():
        for step in range(block.size):
            if _is_again(words[block.b + step], rest[block.a + step]):
                return block.a + step, block.b + step
    return None


def _is_again(word: Word, last: Word) -> bool:
    is_near = _overlap_s(word, last) > 0 or abs(begins_s(word) - begins_s(last)) <= _SAME_BEGINNING_S
    return core(word.text) == core(last.text) and is_near


def _lies_within(word: Word, last: Word) -> bool:
    return _overlap_s(word, last) > (ends_s(word) - begins_s(word)) / 2


def _overlap_s(one: Word, other: Word) -> float:
    return min(ends_s(one), ends_s(other)) - max(begins_s(one), begins_s(other))


def without_echo(words: Sequence[Word], last: Word | None, voice_start_s: float) -> tuple[Word, ...]:
    """Return the words of a new phrase without the mark that the phrase before ended with.

    A mark that nobody spoke has no place of its own in the pause, so two hearings may both give it. A word that is no
    mark is never taken away.
    """
    is_echo = bool(words) and last is not None and words[0].text == last.text and _is_mark(words[0])
    return tuple(words[1:] if is_echo and begins_s(words[0]) < voice_start_s - _ECHO_S else words)


def _is_mark(word: Word) -> bool:
    """True for a command or mark; where the recognizer tells no commands apart, for the name of a mark, too."""
    if word.is_command is not None:
        return word.is_command
    text = word.text.lower()
    return text in _names_of_marks() or not any(character.isalnum() for character in text)


@cache
def _names_of_marks() -> frozenset[str]:
    return frozenset(row["spoken"] for row in rows("punctuation"))


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
