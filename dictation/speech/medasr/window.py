"""The posteriors of a stretch of sound → its words in seconds of the recording, and what a person should listen to."""

from collections.abc import Callable, Sequence

import numpy as np

from dictation.speech.clock import clock
from dictation.speech.ctc.greedy import greedy
from dictation.speech.ear import Heard
from dictation.speech.lost_speech import wordless
from dictation.speech.medasr.letters import spelled, words
from dictation.speech.medasr.tokens import with_words_for_tokens
from dictation.speech.transcript import Word


def heard(shares: np.ndarray, start_s: float, blank: int, piece_text: Callable[[int], str]) -> Heard:
    """Decode `shares`, shape (frames, vocabulary), of sound that begins at `start_s`; tokens become words."""
    letters, removed = with_words_for_tokens(spelled(greedy(shares, blank), piece_text, start_s))
    warnings = (
        f"{clock(tag.start_s, tag.end_s)}: the recognizer wrote the placeholder [{tag.name}], which was removed; "
        "listen there."
        for tag in removed
    )
    return Heard(tuple(words(letters)), tuple(warnings))


def unheard(speech: Sequence[tuple[float, float]], words: Sequence[Word]) -> tuple[str, ...]:
    """Return a warning for each stretch of voice, [start, end) seconds in order, that no word covers."""
    return tuple(
        f"{clock(start_s, end_s)}: a voice was heard but no words could be made out; listen there."
        for start_s, end_s in wordless(speech, words)
    )
