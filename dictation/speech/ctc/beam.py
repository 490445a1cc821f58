"""Prefix beam search over pieces: posteriors and what is expected of the text → its likeliest sequences of pieces.

The search is that of pyctcdecode 0.5 with every piece a word of the language model, so that alpha, beta and the beam of
a published recipe mean the same here: a piece is scored once the next one begins. Unlike there, a prefix is a node of
a tree instead of a text, and frames in which only the blank is likely cost nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np

from dictation.speech.ctc.greedy import Emitted
from dictation.speech.ctc.language_model import UNKNOWN, LanguageModel
from dictation.speech.ctc.phrases import OUTSIDE, PhraseTrie
from dictation.speech.ctc.pieces import Pieces

MIN_PIECE_LOGP = -5.0  # a piece below this in a frame is not looked at, unless it is the frame's likeliest
PRUNE_LOGP = -10.0  # a hypothesis so far behind the best is given up
_LEAST = 1e-15
_NOTHING = -1  # "the frame before was blank" among pieces

_SURELY_PRUNED = PRUNE_LOGP - 2.0  # hypotheses that become one gain less than 2

_Link = tuple[Any, int, int, int]  # link of the piece before or None, piece, first and last frame
_Beam = tuple[float, "_Prefix", int, _Link | None]  # log of the posteriors' product, prefix, piece of the last frame
_Next = tuple[float, float, "_Prefix", int, _Link | None, int]  # score with bias, then as above; a piece to be added
_score = itemgetter(0)


@dataclass(frozen=True)
class Hypothesis:
    """A sequence of pieces. `score` is the natural log of its probability, plus language model and phrases."""

    pieces: list[Emitted]
    score: float


class _Prefix:
    """A sequence of pieces in the tree of all that the search has met.

    `bias` is what language model and phrases add to it: of all pieces before its last one, and of the phrase that is
    being said. `recent` are its last pieces, as far back as anything later can depend on.
    """

    __slots__ = ("bias", "children", "closed", "expected", "heard", "piece", "place", "recent", "state")

    def __init__(self, piece: int, recent: tuple[int, ...], place: int, state: Any) -> None:
        self.piece = piece  # the last that the language model has a word for
        self.recent = recent
        self.place = place  # in the trie of phrases
        self.state = state  # of the language model, before `piece`
        self.children: dict[int, _Prefix] = {}
        self.heard = 0.0  # the language model's score of all before `piece`
        self.expected = 0.0  # what phrases add
        self.bias = 0.0
        self.closed: tuple[float, Any] | None = None  # score and state with `piece`


class _Tree:
    """Grows prefixes and keeps what the language model and the phrases say of them."""

    def __init__(
        self,
        model: LanguageModel | None,
        phrases: PhraseTrie | None,
        history: Sequence[int],
    ) -> None:
        self._model, self._phrases = model, phrases
        self._order = model.order if model is not None else 2
        self.root = _Prefix(_NOTHING, (), OUTSIDE, model.state_after(history) if model is not None else None)

    def child(self, prefix: _Prefix, piece: int) -> _Prefix:
        """Return the prefix that is one piece longer."""
        found = prefix.children.get(piece)
        if found is None:
            found = prefix.children[piece] = self._grown(prefix, piece)
        return found

    def bias(self, prefix: _Prefix, piece: int) -> float:
        """The bias of the prefix that is one piece longer."""
        bias = 0.0
        if self._model is not None:
            if self._model.is_word[piece]:
                bias = self.closed(prefix)[0] + self._model.penalties[piece]
            else:  # an end or a silent piece makes the word before it one that the model does not know
                bias = prefix.heard + self._model.broken(prefix.piece)
        if self._phrases is not None:
            bias += prefix.expected + self._phrases.step(prefix.place, piece)[1]
        return bias

    def _grown(self, prefix: _Prefix, piece: int) -> _Prefix:
        grown = _Prefix(piece, (*prefix.recent, piece)[-self._order :], prefix.place, None)
        grown.bias = self.bias(prefix, piece)
        if self._model is not None:
            if self._model.is_word[piece]:
                grown.heard, grown.state = self.closed(prefix)
            else:
                grown.piece, grown.heard, grown.state = UNKNOWN, prefix.heard, prefix.state
        if self._phrases is not None:
            grown.place, gained = self._phrases.step(prefix.place, piece)
            grown.expected = prefix.expected + gained
        return grown

    def closed(self, prefix: _Prefix) -> tuple[float, Any]:
        """The language model's score and state once the last piece of the prefix is known to be over."""
        if prefix.closed is None:
            if self._model is None or prefix.piece == _NOTHING:
                prefix.closed = (prefix.heard, prefix.state)
            else:
                score, state = self._model.score(prefix.state, prefix.piece)
                prefix.closed = (prefix.heard + score, state)
        return prefix.closed

    def ended(self, prefix: _Prefix, is_end: bool) -> float:
        """What is added to a prefix after which no sound follows in these frames; `is_end`: none at all."""
        score, state = self.closed(prefix)
        if self._model is not None and is_end:
            score += self._model.end_score(state)
        if self._phrases is not None:
            score += prefix.expected + self._phrases.end(prefix.place)
        return score


def search(
    posteriors: np.ndarray,
    pieces: Pieces,
    beam: int,
    model: LanguageModel | None = None,
    phrases: PhraseTrie | None = None,
    history: Sequence[int] = (),
    is_end: bool = True,
) -> list[Hypothesis]:
    """Return the likeliest sequences of pieces, best first, at most `beam`, at least one.

    `posteriors` has the shape (frames, pieces), each row summing to 1. `history`: the pieces of the text before.
    `is_end`: the text ends with the frames, for the language model.
    """
    tree = _Tree(model, phrases, history)
    beams: list[_Beam] = [(0.0, tree.root, _NOTHING, None)]
    blank, settled = pieces.blank, True  # settled: the frame before was blank in every hypothesis
    for frame, candidates in _candidates(posteriors):
        if len(candidates) == 1 and candidates[0][0] == blank:
            if not settled:
                beams, settled = _kept(_after_blank(beams), beam, tree), True
            continue
        beams, settled = _kept(_after(beams, frame, candidates, blank, tree), beam, tree), False
    return _ended(beams, posteriors, tree, is_end)


def _candidates(posteriors: np.ndarray) -> list[tuple[int, list[tuple[int, float]]]]:
    """For each frame the pieces that may be said in it, with the logs of their posteriors."""
    if not len(posteriors):
        return []
    likely = posteriors >= math.exp(MIN_PIECE_LOGP)
    likely[np.arange(len(posteriors)), posteriors.argmax(axis=1)] = True
    rows, columns = np.nonzero(likely)
    logs = np.log(np.clip(posteriors[rows, columns].astype(np.float64), _LEAST, 1.0)).tolist()
    pairs = list(zip(columns.tolist(), logs, strict=True))
    edges = np.searchsorted(rows, np.arange(len(posteriors) + 1)).tolist()
    return [(frame, pairs[edges[frame] : edges[frame + 1]]) for frame in range(len(posteriors))]


def _after_blank(beams: list[_Beam]) -> list[_Next]:
    """All hypotheses after a frame that is surely blank: those that differed only in the frame before become one."""
    found: dict[_Prefix, _Next] = {}
    for score, prefix, _, link in beams:
        one = (score + prefix.bias, score, prefix, _NOTHING, link, _NOTHING)
        found[prefix] = _joined(found[prefix], one) if prefix in found else one
    return list(found.values())


def _after(beams: list[_Beam], frame: int, candidates: list[tuple[int, float]], blank: int, tree: _Tree) -> list[_Next]:
    """All hypotheses after one more frame. Prefixes are not grown yet: most of them will be given up at once."""
    blanks: dict[_Prefix, _Next] = {}
    voiced: dict[Any, _Next] = {}  # by prefix, or by prefix and the piece to be added
    best = -math.inf
    key: Any
    for piece, logp in candidates:
        for score, prefix, last, link in beams:
            total, known, key, added = score + logp, voiced, prefix, _NOTHING
            if piece == blank:
                known, bias, last = blanks, prefix.bias, _NOTHING
            elif piece == last and link is not None:
                bias, link = prefix.bias, (link[0], piece, link[2], frame)
            else:
                link, last = (link, piece, frame, frame), piece
                child = prefix.children.get(piece)
                if child is not None:
                    bias, key, prefix = child.bias, child, child
                else:
                    bias, key, added = tree.bias(prefix, piece), (prefix, piece), piece
            if total + bias < best + _SURELY_PRUNED:
                continue
            best = max(best, total + bias)
            one = (total + bias, total, prefix, last, link, added)
            known[key] = _joined(known[key], one) if key in known else one
    return [*blanks.values(), *voiced.values()]


def _joined(known: _Next, other: _Next) -> _Next:
    """One hypothesis reached in two ways: probabilities add up, the frames are those of the likelier way."""
    better, worse = (known, other) if known[1] >= other[1] else (other, known)
    gained = math.log1p(math.exp(worse[1] - better[1]))
    return (better[0] + gained, better[1] + gained, *better[2:])


def _kept(found: list[_Next], beam: int, tree: _Tree) -> list[_Beam]:
    """The best hypotheses, and of those that nothing later can tell apart only the best one."""
    found.sort(key=_score, reverse=True)
    least = found[0][0] + PRUNE_LOGP
    known = set()
    kept: list[_Beam] = []
    for total, score, prefix, last, link, added in found[:beam]:
        if total < least:
            break
        grown = prefix if added == _NOTHING else tree.child(prefix, added)
        sort = (grown.recent, grown.place, last == _NOTHING)
        if sort not in known:
            known.add(sort)
            kept.append((score, grown, last, link))
    return kept


def _ended(beams: list[_Beam], posteriors: np.ndarray, tree: _Tree, is_end: bool) -> list[Hypothesis]:
    ranked = [(one[1] + tree.ended(one[2], is_end), one[4]) for one in _after_blank(beams)]
    ranked.sort(key=_score, reverse=True)
    return [
        Hypothesis(_emitted(link, posteriors), score) for score, link in ranked if score >= ranked[0][0] + PRUNE_LOGP
    ]


def _emitted(link: _Link | None, posteriors: np.ndarray) -> list[Emitted]:
    found: list[Emitted] = []
    while link is not None:
        link, piece, first, last = link
        found.append(Emitted(piece, first, last, float(posteriors[first : last + 1, piece].max())))
    return found[::-1]
