"""The posteriors of one window → its words in seconds of the recording, and what a person should listen to again."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dictation.audio import Window
from dictation.speech.clock import clock
from dictation.speech.ctc.greedy import greedy
from dictation.speech.lost_speech import wordless
from dictation.speech.medasr.letters import spelled, words
from dictation.speech.medasr.tokens import with_words_for_tokens
from dictation.speech.transcript import Word


@dataclass(frozen=True)
class Heard:
    """What one window gave. Each warning begins with the seconds that it is about."""

    words: tuple[Word, ...]
    warnings: tuple[str, ...] = ()


def heard(window: Window, shares: np.ndarray, blank: int, piece_text: Callable[[int], str]) -> Heard:
    """Decode `shares`, shape (frames, vocabulary), greedily; tokens become words, placeholders and gaps warnings."""
    letters, removed = with_words_for_tokens(spelled(greedy(shares, blank), piece_text, window.start_s))
    found = words(letters)
    warnings = [
        f"{clock(tag.start_s, tag.end_s)}: the recognizer wrote the placeholder [{tag.name}], which was removed; "
        "listen there."
        for tag in removed
    ]
    warnings.extend(
        f"{clock(start_s, end_s)}: a voice was heard but no words could be made out; listen there."
        for start_s, end_s in wordless(window.speech, found)
    )
    return Heard(tuple(found), tuple(warnings))
