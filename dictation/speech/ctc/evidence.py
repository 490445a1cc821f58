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
        self._letters: dict[str, list[tuple[int, str]]] = {}  # the pieces that may be in it, by their first character
        present = posteriors.max(axis=0) > faint if len(posteriors) else np.zeros(len(pieces), bool)
        for piece in np.flatnonzero(present).tolist():
            written = pieces.spoken[piece]
            if written:
                self._letters.setdefault(written[0], []).append((piece, written))

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
        heard = np.maximum(self._posteriors[:, columns], _LEAST, dtype=np.float64)
        for state, place in enumerate(places, len(arcs)):
            is_between = place in (0, 1, len(spoken)) or spoken[place] == " "
            heard[:, state] = self._between if is_between else self._within
        return _forward(heard, follows.astype(np.float64), begins <= 1, ends == len(spoken))

    def _arcs(self, spoken: str) -> list[_Arc]:
        """The arcs on all ways through a text; its first space may be left out."""
        arcs = [
            (start, start + len(written), piece)
            for start, letter in enumerate(spoken)
            for piece, written in self._letters.get(letter, ())
            if spoken.startswith(written, start)
        ]
        forward, backward = {0, 1}, {len(spoken)}
        for start, end, _ in arcs:
            if start in forward:
                forward.add(end)
        for start, end, _ in reversed(arcs):
            if end in backward:
                backward.add(start)
        return [arc for arc in arcs if arc[0] in forward and arc[1] in backward] if len(spoken) in forward else []


def _forward(heard: np.ndarray, follows: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> float:
    """CTC's forward sum. `heard` (frames, states), `follows` (from state, to state), `starts` and `ends` (states)."""
    reached = starts * heard[0]
    logp = 0.0
    for row in heard[1:]:
        reached = (reached @ follows) * row
        total = float(reached.sum())
        if total <= 0.0:
            return -math.inf
        logp += math.log(total)
        reached /= total
    likelihood = float(reached[ends].sum())
    return logp + math.log(likelihood) if likelihood > 0.0 else -math.inf
