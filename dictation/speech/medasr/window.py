"""The posteriors of a stretch of sound → its words in seconds of the recording, and what a person should listen to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dictation.speech.clock import clock
from dictation.speech.ctc.decoder import Decoder, decode
from dictation.speech.ctc.rivals import doubts
from dictation.speech.lost_speech import NO_WORDS, NOT_BELIEVED, wordless
from dictation.speech.medasr.letters import FRAME_S, spelled, with_rivals, words
from dictation.speech.medasr.tokens import with_words_for_tokens
from dictation.speech.transcript import Word

HISTORY_PIECES = 10  # more than any n-gram model looks back


@dataclass(frozen=True)
class Read:
    """What posteriors say: words, warnings that begin with the seconds they are about, and the pieces of the text."""

    words: tuple[Word, ...]
    warnings: tuple[str, ...]
    history: tuple[int, ...]


def read(
    posteriors: np.ndarray,
    start_s: float,
    decoder: Decoder,
    history: Sequence[int] = (),
    *,
    is_end: bool = True,
    is_final: bool = True,
) -> Read:
    """Decode posteriors, shape (frames, pieces), of sound that begins at `start_s`; tokens become words.

    `history`: the last pieces of the text before; `is_end`: the speaker pauses behind it. Words of a text that is not
    final know no rivals. Raises ModelError where the posteriors are no probabilities.
    """
    decoded = decode(posteriors, decoder, history, is_end)
    letters, removed = with_words_for_tokens(spelled(decoded.pieces, decoder.pieces.texts.__getitem__, start_s))
    found = words(letters)
    if is_final:
        found = with_rivals(found, doubts(posteriors, decoded, decoder), start_s)
    warnings = [
        f"{clock(tag.start_s, tag.end_s)}: the recognizer wrote the placeholder [{tag.name}], which was removed; "
        "listen there."
        for tag in removed
    ]
    if decoded.is_flat and found:
        warnings.append(f"{clock(start_s, start_s + len(posteriors) * FRAME_S)}: {NOT_BELIEVED}")
    return Read(tuple(found), tuple(warnings), (*history, *decoded.history)[-HISTORY_PIECES:])


def unheard(speech: Sequence[tuple[float, float]], words: Sequence[Word]) -> tuple[str, ...]:
    """Return a warning for each stretch of voice, [start, end) seconds in order, that no word covers."""
    return tuple(f"{clock(start_s, end_s)}: {NO_WORDS}" for start_s, end_s in wordless(speech, words))
