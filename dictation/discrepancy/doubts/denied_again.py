"""A self-correction of a denial, or by one, that stands in the text: "no fracture, correction, fracture of the radius".

Only one of the two denies, and a finding hangs on which was meant. Nothing is decided in silence.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from dictation.discrepancy.doubts.doubt import Doubt, Stretch
from dictation.lexicon import rows
from dictation.wording.corrections import unclear_denials
from dictation.wording.tokens import Token

_PIECE = re.compile(r"(?P<word>[^\W_]+(?:['\u2019./-][^\W_]+)*)|(?P<mark>[^\w\s])|(?P<break>\n)")
_SHOWN = 8  # words of a quotation


def standing_doubts(sentences: Sequence[Stretch]) -> Iterator[Doubt]:
    """A doubt for each cue of a correction with a denial on one side of it, and the same thing not denied on the other.

    `sentences` are those that are asked about, all of one text.
    """
    text = sentences[0].text if sentences else ""
    if not _cue().search(text):
        return
    pieces = list(_PIECE.finditer(text))
    for start, cue, stop in unclear_denials([_token(piece) for piece in pieces]):
        at, end = pieces[cue].start(), pieces[stop - 1].end()
        if not any(sentence.start <= at < sentence.end for sentence in sentences):
            continue
        before, after = _last(text[pieces[start].start() : at]), _first(text[at:end])
        question = (
            f"\u201c{before}\u201d, then \u201c{after}\u201d: does the denial or doubt hold? Write what was meant."
        )
        yield Doubt(at, end, None, question, "critical", around=f"{before} | {after}".lower())


def _token(piece: re.Match[str]) -> Token:
    if piece["word"]:
        return Token(piece.group())
    return Token(piece.group(), kind="mark") if piece["mark"] else Token("line", kind="break")


def _last(said: str) -> str:
    return " ".join(said.rstrip(" .,:;?!\n").split()[-_SHOWN:])


def _first(said: str) -> str:
    return " ".join(said.split()[:_SHOWN])


@cache
def _cue() -> re.Pattern[str]:
    cues = "|".join(re.escape(row["cue"]) for row in rows("corrections"))
    return re.compile(rf"\b(?:{cues})\b", re.IGNORECASE)
