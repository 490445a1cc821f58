"""How likely a text was said in some frames: CTC's forward sum over all alignments and all spellings from pieces.

Capitals make no difference, and marks that the recognizer guesses may stand at the end or not: doubt about them is no
doubt about the words.
"""

from functools import lru_cache

import numpy as np

from dictation.speech.ctc.pieces import Pieces
from dictation.speech.ctc.said import GUESSED_MARKS

_LEAST = 1e-10  # of a posterior: no text is impossible, so that any two can be compared


def said_logp(posteriors: np.ndarray, text: str, pieces: Pieces) -> float:
    """Return the natural log of the probability that exactly `text` was said in the frames.

    `posteriors` has the shape (frames, pieces). `text` holds words with single spaces, or "" for silence. Minus
    infinity where it cannot be spelled or there are too few frames for it.
    """
    quiet = _quiet(pieces)
    silence = posteriors[:, quiet].sum(axis=1, dtype=np.float64)
    if not text:
        return float(np.log(np.maximum(silence, _LEAST)).sum())
    spelling = _spelling(text.lower(), pieces)
    if spelling is None or not len(posteriors):
        return -np.inf
    columns, follows, starts, ends = spelling
    heard = np.empty((len(posteriors), len(columns)))
    heard[:] = posteriors[:, columns]
    heard[:, columns == pieces.blank] = silence[:, None]
    np.maximum(heard, _LEAST, out=heard)
    reached, logp = starts * heard[0], 0.0
    for row in heard[1:]:
        reached = (reached @ follows) * row
        total = reached.sum()
        if total <= 0.0:
            return -np.inf
        logp += np.log(total)
        reached /= total
    likelihood = (reached * ends).sum()
    return float(logp + np.log(likelihood)) if likelihood > 0.0 else -np.inf


_Spelling = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@lru_cache(maxsize=8192)
def _spelling(text: str, pieces: Pieces) -> _Spelling | None:
    """The states of a text: their columns, which follows which (from row to column), where it starts and may end."""
    letters = _letters(pieces)
    spoken = f" {text}"
    size = len(spoken)
    arcs = [
        (start, start + len(written), piece)
        for start in range(size)
        for piece, written in letters.get(spoken[start], ())
        if spoken.startswith(written, start)
    ]
    arcs += [
        (size, size + 1, piece) for mark in GUESSED_MARKS for piece, written in letters.get(mark, ()) if written == mark
    ]
    useful = _useful(arcs, size)
    arcs = [arc for arc in arcs if arc[0] in useful and arc[1] in useful]
    if not arcs:
        return None
    places = sorted(useful)
    columns = np.array([arc[2] for arc in arcs] + [pieces.blank] * len(places))
    begins = np.array([arc[0] for arc in arcs] + places)
    ends = np.array([arc[1] for arc in arcs] + places)
    is_blank = np.arange(len(columns)) >= len(arcs)
    follows = (ends[:, None] == begins[None, :]) & ((columns[:, None] != columns[None, :]) | is_blank[:, None])
    follows &= ~(is_blank[:, None] & is_blank[None, :])
    np.fill_diagonal(follows, True)
    return columns, follows.astype(np.float64), (begins == 0).astype(np.float64), (ends >= size).astype(np.float64)


def _useful(arcs: list[tuple[int, int, int]], size: int) -> set[int]:
    """The places in the text that lie on a way from its start to its end."""
    forward = {0}
    for start, end, _ in sorted(arcs):
        if start in forward:
            forward.add(end)
    backward = {size, size + 1}
    for start, end, _ in sorted(arcs, reverse=True):
        if end in backward:
            backward.add(start)
    return forward & backward if size in forward else set()


@lru_cache(maxsize=8)
def _letters(pieces: Pieces) -> dict[str, list[tuple[int, str]]]:
    """The pieces that are heard, in small letters, by their first character."""
    found: dict[str, list[tuple[int, str]]] = {}
    for piece, written in enumerate(pieces.written):
        if written and piece not in pieces.ends:
            found.setdefault(written[0].lower(), []).append((piece, written.lower()))
    return found


@lru_cache(maxsize=8)
def _quiet(pieces: Pieces) -> list[int]:
    """The columns of frames in which no word goes on: blank, silent pieces, ends."""
    return sorted(pieces.silent | pieces.ends)
