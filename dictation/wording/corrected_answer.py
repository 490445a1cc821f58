"""An utterance that puts right the answer before it: "correction, right", "no, right", or only "no, correction".

It is told apart from dictation by where it stands, right behind an answer: there "no" alone is no negation.
"""

from collections.abc import Sequence
from typing import NamedTuple

from dictation.speech.transcript import Word
from dictation.wording.correction_cues import announcement, cue_at
from dictation.wording.hearing import heard
from dictation.wording.punctuation import punctuate
from dictation.wording.tokens import Token


class CorrectedAnswer(NamedTuple):
    """The words behind the announcement, "" for none; `is_sure`: they put something right whatever they are."""

    said: str
    is_sure: bool


def corrected_answer(words: Sequence[Word]) -> CorrectedAnswer | None:
    """Return what an utterance behind an answer puts in its place, None where it announces no correction.

    >>> corrected_answer([Word(text="no"), Word(text="right")])
    CorrectedAnswer(said='right', is_sure=False)
    """
    return _behind(punctuate(heard(words))[0])


def two_answers(words: Sequence[Word]) -> tuple[str, str] | None:
    """Return an answer and the one that takes its place within an utterance, None where nothing announces that.

    >>> two_answers([Word(text=word) for word in "left correction right".split()])
    ('left', 'right')
    """
    tokens = punctuate(heard(words))[0]
    for start in range(1, len(tokens)):
        found = _behind(tokens[start:])
        if found is not None and found.said:
            return _said(tokens[:start]), found.said
    return None


def _behind(tokens: Sequence[Token]) -> CorrectedAnswer | None:
    stop = announcement(tokens)
    if not stop:
        return None
    cue, said = cue_at(tokens, 0), _said(tokens[stop:])
    return CorrectedAnswer(said, is_sure=not said or (cue is not None and cue.is_sure))


def _said(tokens: Sequence[Token]) -> str:
    return " ".join(token.text for token in tokens if token.kind != "break").rstrip(" .,;:!?")
