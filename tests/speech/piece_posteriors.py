"""Posteriors over pieces as a trained network gives them, made from texts, and a language model over the same pieces.

Peaky like MedASR's: most frames are blank, a piece is one or two frames long, and here and there another piece or
another frame has a share, so that a beam has something to choose from.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.small_lasr.grammar import utterances
from benchmarks.small_lasr.network import PIECES
from dictation.speech.ctc.pieces import Pieces
from dictation.speech.medasr.letters import pieces_of

TEXTS = list(islice(utterances(seed=3), 400))


def small_pieces(size: int = len(PIECES)) -> Pieces:
    """The small MedASR's pieces, filled up to `size` columns with pieces that nobody says."""
    return pieces_of([*PIECES, *(f"▁unsaid{number}" for number in range(size - len(PIECES)))], blank=0)


def segmented(text: str, pieces: Pieces, random: np.random.Generator) -> list[int]:
    """A way to spell a text from pieces: long ones mostly, sometimes short ones."""
    spoken = "▁" + text.replace(" ", "▁")
    columns = {piece: number for number, piece in reversed(list(enumerate(pieces.texts)))}
    found, at = [], 0
    while at < len(spoken):
        fitting = [spoken[at:stop] for stop in range(at + 1, len(spoken) + 1) if spoken[at:stop] in columns]
        chosen = fitting[-1] if random.random() < 0.8 else fitting[random.integers(len(fitting))]
        found.append(columns[chosen])
        at += len(chosen)
    return found


def posteriors_of(
    labels: Sequence[int], pieces: Pieces, random: np.random.Generator, doubt: float = 0.2, pause_frames: int = 0
) -> np.ndarray:
    """Posteriors, float32, shape (frames, pieces), in which `labels` are said; a share `doubt` of them is unclear."""
    rows: list[np.ndarray] = [_row(pieces, {pieces.blank: 1.0}) for _ in range(5)]
    before = None
    for label in labels:
        rows += [_row(pieces, {pieces.blank: 1.0}) for _ in range(int(random.integers(0, 4)) + (label == before))]
        if random.random() < doubt:
            other = int(random.integers(len(pieces)))
            share = random.uniform(0.02, 0.6)
            late = random.uniform(0.0, 0.5)
            rows.append(_row(pieces, {label: 1 - share - late * (1 - share), other: share, pieces.blank: late}))
            if late > 0.3:
                rows.append(_row(pieces, {label: late, pieces.blank: 1 - late}))
        else:
            rows += [_row(pieces, {label: 1.0}) for _ in range(int(random.integers(1, 3)))]
        before = label
    rows += [_row(pieces, {pieces.blank: 1.0}) for _ in range(5 + pause_frames)]
    return np.array(rows, np.float32)


def spelled(text: str, pieces: Pieces) -> list[int]:
    """The columns of pieces written one after the other, as "▁nod ule": what is no piece is spelled by its letters."""
    columns = {piece: number for number, piece in reversed(list(enumerate(pieces.texts)))}
    return [columns[piece] for part in text.split() for piece in ([part] if part in columns else part)]


def frames(pieces: Pieces, *said: str | dict[str, float]) -> np.ndarray:
    """Posteriors of what is said, a blank frame after each piece: "▁no", "▁n o", or shares of pieces {"▁no": 0.6, …}.

    What the shares leave is blank.
    """
    columns = {text: number for number, text in reversed(list(enumerate(pieces.texts)))}
    rows = []
    for one in said:
        known = {columns[text]: share for text, share in one.items()} if isinstance(one, dict) else {}
        for shares in [known] if known else [{piece: 0.998} for piece in spelled(one, pieces)]:
            rows.append(_row(pieces, shares | {pieces.blank: 1 - sum(shares.values())}))
            rows.append(_row(pieces, {pieces.blank: 1.0}))
    return np.array(rows, np.float32)


def _row(pieces: Pieces, shares: dict[int, float]) -> np.ndarray:
    row = np.full(len(pieces), 1e-7)
    for piece, share in shares.items():
        row[piece] += max(share, 0.0)
    return row / row.sum()


def write_language_model(path: Path, spelled: Iterable[Sequence[int]], pieces: Pieces, order: int = 3) -> Path:
    """Write an ARPA model over pieces, counted in `spelled`, with absolute discounting: small, but a proper one."""
    words = [text.replace("▁", "#") for text in pieces.texts]
    sentences = [["<s>", *(words[piece] for piece in one), "</s>"] for one in spelled]
    counts = [Counter(_grams(sentences, size)) for size in range(1, order + 1)]
    total, discount = sum(counts[0].values()), 0.5
    followers = [Counter(gram[:-1] for gram in longer) for longer in counts[1:]]
    sums = [Counter[tuple[str, ...]]() for _ in counts]
    for size, grams in enumerate(counts):
        for gram, count in grams.items():
            sums[size][gram[:-1]] += count

    def probability(gram: tuple[str, ...]) -> float:
        if len(gram) == 1:
            return (counts[0][gram] + 0.1) / (total + 0.1 * (len(words) + 1))
        whole, seen = sums[len(gram) - 1][gram[:-1]], followers[len(gram) - 2][gram[:-1]]
        if not whole:
            return probability(gram[1:])
        share = max(counts[len(gram) - 1][gram] - discount, 0.0) / whole
        return share + discount * seen / whole * probability(gram[1:])

    def backoff(gram: tuple[str, ...]) -> float:
        if not sums[len(gram)][gram]:
            return 1.0
        return discount * followers[len(gram) - 1][gram] / sums[len(gram)][gram]

    known = {("<unk>",): 1e-7, ("<s>",): 0.0, ("</s>",): probability(("</s>",))}
    known |= {gram: probability(gram) for gram in counts[0]} | {(word,): probability((word,)) for word in words}
    lines = ["\\data\\"]
    levels = [known, *({gram: probability(gram) for gram in grams} for grams in counts[1:])]
    lines += [f"ngram {size}={len(level)}" for size, level in enumerate(levels, 1)]
    for size, level in enumerate(levels, 1):
        lines += ["", f"\\{size}-grams:"]
        for gram, share in level.items():
            logp = -99.0 if share == 0 or gram == ("<s>",) else math.log10(share)
            rest = f"\t{math.log10(backoff(gram)):.6f}" if size < order and gram[-1] != "</s>" else ""
            lines.append(f"{logp:.6f}\t{' '.join(gram)}{rest}")
    path.write_text("\n".join([*lines, "", "\\end\\", ""]), encoding="utf-8")
    return path


def _grams(sentences: list[list[str]], size: int) -> Iterable[tuple[str, ...]]:
    for sentence in sentences:
        for start in range(len(sentence) - size + 1):
            yield tuple(sentence[start : start + size])
