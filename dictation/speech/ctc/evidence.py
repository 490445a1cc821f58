"""How likely a text was said in some frames: CTC's forward sum over all alignments and all spellings from pieces.

Capitals make no difference, and marks that the recognizer guesses may stand after a word or not: doubt about them is no
doubt about the words.
"""

import math

import numpy as np

from dictation.speech.ctc.pieces import Pieces

FAINT = 1e-5  # a piece that is nowhere likelier in the frames was not said
_LEAST = 1e-10  # of a posterior, so that long texts can be compared

_Arc = tuple[int, int, int]  # from one place in a text to another, with a piece


class Evidence:
    """Some frames. `posteriors` has the shape (frames, pieces), each row summing to 1.

    Pieces that are nowhere likelier than `faint` are taken as not said: the more, the quicker and the rougher.
    """

    def __init__(self, posteriors: np.ndarray, pieces: Pieces, faint: float = FAINT) -> None:
        self._posteriors, self._blank = posteriors, pieces.blank
        self._within = np.maximum(posteriors[:, pieces.quiet].sum(axis=1, dtype=np.float64), _LEAST)
        self._between = self._within + posteriors[:, pieces.marks].sum(axis=1, dtype=np.float64)
        self._saying, self._lengths = pieces.saying, sorted(set(map(len, pieces.saying)))
        self._may_be_in: list[bool] = (posteriors.max(axis=0, initial=0.0) > faint).tolist()

    def logp(self, text: str) -> float:
        """Return the natural log of the probability that exactly `text` was said in the frames.

        `text` holds words with single spaces, or "" for silence; the space before its first word need not be in the
        frames. Minus infinity where the sound does not hold it.
        """
        if not text:
            return float(np.log(self._between).sum())
        spoken = f" {text.lower()}"
        arcs = self._arcs(spoken)
        if not arcs:
            return -math.inf
        places = sorted({place for arc in arcs for place in arc[:2]})
        columns = np.array([arc[2] for arc in arcs] + [self._blank] * len(places))
        begins = np.array([arc[0] for arc in arcs] + places)
        ends = np.array([arc[1] for arc in arcs] + places)
        is_quiet = np.arange(len(columns)) >= len(arcs)
        follows = (ends[:, None] == begins) & ((columns[:, None] != columns) | is_quiet[:, None])
        np.fill_diagonal(follows, True)
        to, before = np.nonzero(follows.T)
        first = np.searchsorted(to, np.arange(len(columns)))
        heard = np.maximum(self._posteriors[:, columns], _LEAST, dtype=np.float64)
        for state, place in enumerate(places, len(arcs)):
            is_between = place in (0, 1, len(spoken)) or spoken[place] == " "
            heard[:, state] = self._between if is_between else self._within
        return forward(heard, before, first, begins <= 1, ends == len(spoken))

    def _arcs(self, spoken: str) -> list[_Arc]:
        """The arcs on all ways through a text; its first space may be left out."""
        arcs = [
            (start, start + length, piece)
            for start in range(len(spoken))
            for length in self._lengths
            for piece in self._saying.get(spoken[start : start + length], ())
            if self._may_be_in[piece] and start + length <= len(spoken)
        ]
        forward, backward = {0, 1}, {len(spoken)}
        for start, end, _ in arcs:
            if start in forward:
                forward.add(end)
        for start, end, _ in reversed(arcs):
            if end in backward:
                backward.add(start)
        return [arc for arc in arcs if arc[0] in forward and arc[1] in backward] if len(spoken) in forward else []


def forward(heard: np.ndarray, before: np.ndarray, first: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> float:
    """CTC's forward sum. `heard` (frames, states); `starts` and `ends` (states): whether a text does so there.

    `before` are the states that each state may follow, those of one behind those of the other, from `first` (states)
    on. They are few: a product with a matrix of all pairs takes a hundred times as long where noise has become one word
    of hundreds of letters.
    """
    reached = starts * heard[0]
    logp = 0.0
    for row in heard[1:]:
        reached = np.add.reduceat(reached[before], first) * row
        total = float(reached.sum())
        if total <= 0.0:
            return -math.inf
        logp += math.log(total)
        reached /= total
    likelihood = float(reached[ends].sum())
    return logp + math.log(likelihood) if likelihood > 0.0 else -math.inf
