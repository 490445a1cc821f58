"""Posteriors that say next to nothing: noise that the network never learnt, weights that were never trained.

Whatever is searched for in them, something is found: a language model and phrases then write fluent words that nobody
said, and every word has rivals. So they are read greedily, which shows them for what they are, and a warning says so.
"""

import numpy as np

MAJORITY = 0.5  # a piece's share of a frame that leaves no other above it
MIN_FRAMES = 50  # 2 s: a hesitation or a single word that is mumbled is shorter
# Frames without a majority in an utterance: the small trained MedASR 0–.12, in the worst noise .28; untrained .99–1
FLAT_SHARE = 0.5


def is_flat(posteriors: np.ndarray) -> bool:
    """True where most frames of `posteriors`, shape (frames, pieces), have no piece that is likelier than all others.

    A trained network gives most frames to the blank, and the others to one piece.
    """
    if len(posteriors) < MIN_FRAMES:
        return False
    return bool(np.mean(posteriors.max(axis=1) < MAJORITY) > FLAT_SHARE)
