"""Words and voice brought together: where in the voice a word was said, and where a voice has no word.

A recognizer that aligns by attention gives the pause before or behind a word to the word, and lets a word that it heard
span others that it did not. Voice activity tells both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from dictation.audio import Hearing
from dictation.speech.lost_speech import MAX_WORD_S
from dictation.speech.transcript import Word

Span = tuple[float, float]  # [start, end) in seconds

SPOKEN = Hearing(start_probability=0.5, stay_probability=0.35, gap_s=0.2, before_s=0.0, after_s=0.0)
"""Voice without padding, of which the model is sure: breath and hum stay out of it."""
MIN_VOICE_S = 0.4  # of voice without a word beside a pause; attention places a word's ends better than that
MIN_INNER_S = (
    0.8  # of voice without a word between two words: attention parts two long words up to half of that wrongly
)
WORD_S, LETTER_S, DIGIT_LETTERS = 0.2, 0.08, 4  # what a word takes: its letters, and each digit said as a word of four
PAUSE_S = 0.25  # of silence: the closure of a stop consonant is shorter


@dataclass(frozen=True)
class Region:
    """A stretch, [start_s, end_s), with `voice_s` seconds of voice that words [first, last) do not account for.

    `first` equals `last` where no word lies in it; else it is one word, with more voice than it can take itself.
    """

    first: int
    last: int
    start_s: float
    end_s: float
    voice_s: float


def within(voice: Sequence[Span], start_s: float, end_s: float) -> list[Span]:
    """Return the parts of the voice that lie between two seconds."""
    cut = ((max(start_s, begin_s), min(end_s, stop_s)) for begin_s, stop_s in voice)
    return [(begin_s, stop_s) for begin_s, stop_s in cut if stop_s > begin_s]


def length_s(voice: Sequence[Span]) -> float:
    """Return the seconds of voice."""
    return sum(end_s - start_s for start_s, end_s in voice)


def pauses(voice: Sequence[Span], start_s: float, end_s: float) -> bool:
    """Return whether between two seconds the voice pauses for PAUSE_S or longer."""
    inside = within(voice, start_s, end_s)
    edges = [(start_s, start_s), *inside, (end_s, end_s)]
    return any(after[0] - before[1] >= PAUSE_S for before, after in pairwise(edges))


def placed(words: Sequence[Word], voice: Sequence[Span]) -> list[Word]:
    """Return timed words with the silence taken off both their ends, the first of each stretch from its voice on.

    `voice` and `words` are in order, in seconds of the same clock. A word that no voice lies under takes no more of
    the pause than its letters do, beside the voice that is nearer. Neither text nor order changes, and no word begins
    before the one in front of it.

    >>> placed([Word(text="effusion", start_s=0.0, end_s=2.0)], [(1.5, 2.1)])[0].start_s
    1.5
    """
    found: list[Word] = []
    before_s = 0.0  # the end of the word before
    for word in words:
        start_s, end_s = _seconds(word)
        parts = within(voice, start_s, end_s)
        if parts:
            widest = max(parts, key=lambda part: part[1] - part[0])
            is_one_place = length_s(parts) - (widest[1] - widest[0]) < MIN_VOICE_S
            start_s, end_s = widest if is_one_place else (parts[0][0], parts[-1][1])
            onset_s = next(begin_s for begin_s, stop_s in voice if begin_s <= start_s < stop_s)
            if before_s <= onset_s and start_s - onset_s < MIN_VOICE_S:
                start_s = onset_s
        elif end_s - start_s > _own_s(word):
            behind_s = min((begin_s - end_s for begin_s, _ in voice if begin_s >= end_s), default=inf)
            ahead_s = min((start_s - stop_s for _, stop_s in voice if stop_s <= start_s), default=inf)
            start_s, end_s = (end_s - _own_s(word), end_s) if behind_s < ahead_s else (start_s, start_s + _own_s(word))
        start_s = max(start_s, found[-1].start_s or 0.0) if found else start_s
        end_s = max(start_s, end_s)
        before_s = max(before_s, end_s)
        found.append(word.model_copy(update={"start_s": round(start_s, 2), "end_s": round(end_s, 2)}))
    return found


def unaccounted(words: Sequence[Word], voice: Sequence[Span]) -> list[Region]:
    """Return where `placed` words leave voice without a word, or where one word covers too much voice.

    Voice without a word counts from MIN_VOICE_S on where it begins or ends in a pause, or from MIN_INNER_S on. A word
    covers too much where it has MIN_VOICE_S more than its letters take, or goes on behind a pause.
    """
    regions: list[Region] = []
    covered_s = 0.0
    for index, word in enumerate(words):
        start_s, end_s = _seconds(word)
        regions += _gap(index, within(voice, covered_s, start_s), covered_s if index else None, start_s)
        parts = within(voice, start_s, end_s)
        beyond_s = _beyond_s(word, parts)
        if beyond_s >= MIN_VOICE_S:
            regions.append(Region(index, index + 1, parts[0][0], parts[-1][1], beyond_s))
        covered_s = max(covered_s, end_s)
    last_s = max(covered_s, voice[-1][1]) if voice else covered_s
    regions += _gap(len(words), within(voice, covered_s, last_s), covered_s if words else None, None)
    return _joined(regions)


def _beyond_s(word: Word, parts: Sequence[Span]) -> float:
    """Seconds of the voice under a word that cannot be the word itself."""
    own_s = _own_s(word)
    if parts and pauses(parts, parts[0][0], parts[-1][1]):
        own_s = min(own_s, max(end_s - start_s for start_s, end_s in parts))
    return length_s(parts) - own_s


def _own_s(word: Word) -> float:
    """Seconds that a word takes by its letters."""
    letters = sum(DIGIT_LETTERS if one.isdigit() else 1 for one in word.text if one.isalnum())
    return min(WORD_S + LETTER_S * letters, MAX_WORD_S - MIN_VOICE_S)


def _gap(index: int, parts: Sequence[Span], after_s: float | None, before_s: float | None) -> list[Region]:
    """The voice between the words in front of and behind `index`, which end and begin at these seconds, if enough."""
    is_enough = length_s(parts) >= MIN_INNER_S or any(
        end_s - start_s >= MIN_VOICE_S and not (start_s == after_s and end_s == before_s) for start_s, end_s in parts
    )
    return [Region(index, index, parts[0][0], parts[-1][1], length_s(parts))] if is_enough else []


def _joined(regions: Sequence[Region]) -> list[Region]:
    """Regions that meet at a word are one: what the word leaves over may lie on either side."""
    joined: list[Region] = []
    for region in regions:
        if (
            joined
            and joined[-1].last == region.first
            and (region.last > region.first or joined[-1].last > joined[-1].first)
        ):
            before = joined.pop()
            region = Region(before.first, region.last, before.start_s, region.end_s, before.voice_s + region.voice_s)
        joined.append(region)
    return joined


def _seconds(word: Word) -> Span:
    assert word.start_s is not None and word.end_s is not None
    return word.start_s, word.end_s
