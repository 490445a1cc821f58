"""Phrases to expect, as a trie over characters that pieces walk: what a piece adds to the score of a hypothesis.

A phrase counts from the start of a word to the end of one, however it is spelled from pieces, in capitals or not, with
hyphens or spaces. Its gain is given little by little while it is being said and taken back when something else follows.
Sides, negations and "new" gain nothing: a phrase that holds one counts as the words before it and those after it.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from dictation.lexicon import Phrase, Vocabulary
from dictation.lexicon.critical import critical_words
from dictation.speech.ctc.pieces import Pieces

GAIN, GAIN_A_LETTER = 0.5, 0.3  # natural log of how much likelier a phrase of weight 1 becomes
MAX_GAIN = 4.0  # of weight 1: 55 times
MAX_WEIGHTED_GAIN = 8.0  # of any weight
NEVER_TURNED = frozenset({"side", "negation", "newness"})  # classes of critical words
OUTSIDE = 0  # the state before the first word and between words
_INSIDE = 1  # the state within a word that began no phrase


class PhraseTrie:
    """The phrases as states: `step` and `end` say where a hypothesis stands and what it gained."""

    def __init__(self, phrases: Iterable[tuple[str, float]], pieces: Pieces) -> None:
        self._pieces = pieces
        self._children: list[dict[str, int]] = [{}, {}]
        self._text = ["", ""]
        self._gain = [0.0, 0.0]  # of all that was said on the way to a state
        self._whole = [False, False]  # a phrase ends here, if the word does
        self._steps: dict[tuple[int, int], tuple[int, float]] = {}
        for text, gain in phrases:
            self._add(text, gain)
        self._kept = self._kept_gains()
        self._other = [self._restart(text) for text in self._text]

    def __bool__(self) -> bool:
        """False where there is nothing to expect."""
        return len(self._text) > 2

    def step(self, state: int, piece: int) -> tuple[int, float]:
        """Return the state after a piece, and the gain or loss of it."""
        known = self._steps.get((state, piece))
        if known is None:
            after, gained = state, 0.0
            for character in _plain(self._pieces.written[piece]):
                after, gain = self._character(after, character)
                gained += gain
            known = self._steps[state, piece] = (after, gained)
        return known

    def end(self, state: int) -> float:
        """Return what is taken back where the text ends in this state."""
        return 0.0 if self._whole[state] else self._kept[state] - self._gain[state]

    def said_in(self, words: Sequence[str]) -> set[int]:
        """Return which words belong to a phrase that was said whole: their places in `words`."""
        text, owners = "", list[int]()
        for number, word in enumerate(words):
            text += _plain(word) + " "
            owners += [number] * (len(word) + 1)
        found: set[int] = set()
        for start in range(len(text)):
            if start and text[start - 1].isalnum():
                continue
            state = OUTSIDE
            for position in range(start, len(text)):
                child = self._children[state].get(text[position])
                if child is None:
                    break
                state = child
                if self._whole[state] and not text[position + 1].isalnum():
                    found.update(owners[start : position + 1])
        return found

    def _character(self, state: int, character: str) -> tuple[int, float]:
        gained = 0.0
        while True:
            child = self._children[state].get(character)
            if child is not None:
                return child, gained + self._gain[child] - self._gain[state]
            if state in (OUTSIDE, _INSIDE):
                return (_INSIDE if character.isalnum() else OUTSIDE), gained
            is_said = self._whole[state] and not character.isalnum()
            gained -= 0.0 if is_said else self._gain[state] - self._kept[state]
            state = self._other[state]
            gained += self._gain[state]

    def _add(self, text: str, gain: float) -> None:
        state = OUTSIDE
        for position, character in enumerate(text, 1):
            child = self._children[state].get(character)
            if child is None:
                child = self._children[state][character] = len(self._text)
                self._children.append({})
                self._text.append(text[:position])
                self._gain.append(0.0)
                self._whole.append(False)
            self._gain[child] = max(self._gain[child], gain * position / len(text))
            state = child
        self._whole[state] = True

    def _kept_gains(self) -> list[float]:
        """For each state the gain that stays when the phrase breaks off: that of a shorter phrase inside it."""
        kept = [0.0] * len(self._text)
        for state, children in enumerate(self._children):  # a child comes after its parent
            for character, child in children.items():
                is_said = self._whole[state] and not character.isalnum()
                kept[child] = self._gain[state] if is_said else kept[state]
        return kept

    def _restart(self, text: str) -> int:
        """The state of the longest phrase that begins at a later word of `text`, else between or inside words."""
        for start in range(1, len(text)):
            if not text[start - 1].isalnum():
                state: int | None = OUTSIDE
                for character in text[start:]:
                    state = self._children[state].get(character) if state is not None else None
                if state is not None:
                    return state
        return _INSIDE if text[-1:].isalnum() else OUTSIDE


def phrase_trie(vocabulary: Vocabulary, pieces: Pieces) -> PhraseTrie | None:
    """Return the phrases of a vocabulary as they are spoken, or None where nothing is to be turned."""
    return _trie(vocabulary.phrases, pieces)


@lru_cache(maxsize=32)
def _trie(phrases: tuple[Phrase, ...], pieces: Pieces) -> PhraseTrie | None:
    trie = PhraseTrie((found for phrase in phrases for found in _gains(phrase)), pieces)
    return trie or None


def _gains(phrase: Phrase) -> Iterable[tuple[str, float]]:
    """The runs of words of a phrase that may gain, each with its gain."""
    run: list[str] = []
    classes = critical_words()
    for word in [*_plain(phrase.spoken or phrase.written).split(), ""]:
        if word and classes.get(word.strip(".,;:()")) not in NEVER_TURNED:
            run.append(word)
        elif run:
            text = " ".join(run)
            letters = sum(map(str.isalnum, text))
            gain = phrase.weight * min(MAX_GAIN, GAIN + GAIN_A_LETTER * letters)
            if gain and letters > 1:
                yield text, min(MAX_WEIGHTED_GAIN, gain)
            run = []


def _plain(text: str) -> str:
    return text.lower().replace("-", " ")
