"""What a person corrected by hand, and what of it the vocabulary should learn: a mishearing put right twice alike.

An offer is made for words that sound alike, where what was heard is no word that reports use; never for a word of which
one wrong can harm a patient (sides, negations, numbers, units).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dictation.frozen import Frozen
from dictation.lexicon import Phrase, Vocabulary
from dictation.lexicon.critical import is_critical
from dictation.lexicon.vocabulary import ONES, TENS, is_safe
from dictation.wording.pad_pieces import Piece, Tie
from dictation.wording.pad_reading import is_changed
from dictation.wording.sound import sound, unlikeness
from dictation.wording.soundalikes import is_odd
from dictation.wording.typed_over import run_over

if TYPE_CHECKING:
    from dictation.wording.pad import Pad

MOST_WORDS = 4
"""Words on either side of a correction; longer ones say something else."""
TIMES = 2
"""How often the same correction is made before it is offered."""
MOST_UNLIKE = 0.5
"""Share of the sound that a mishearing may differ in; what differs more is another word, not the same one."""
MARKS = ".,:;?!()\"'"


class Correction(Frozen):
    """Words as they were heard, in small letters, and what a person typed for them."""

    heard: str
    typed: str


@dataclass(frozen=True)
class _Place:
    """A tie, where it stands in the text, and whether a person changed what it stood for."""

    start: int
    stop: int
    tie: Tie
    is_changed: bool


def corrections(pad: "Pad") -> tuple[Correction, ...]:
    """The words of a pad that a person typed over, in order of the text, each with what stands there now."""
    found: list[Correction] = []
    for start, stop, ties in _sentences(pad):
        found += _corrected(pad, start, stop, ties)
    return tuple(found)


def offers(corrections: Sequence[Correction], vocabulary: Vocabulary) -> tuple[Phrase, ...]:
    """What the vocabulary does not hold yet of the corrections that were made twice, in the order of their making.

    Each phrase is a line for the vocabulary: `spoken` as heard, `written` as typed.
    """
    known = {(phrase.spoken or phrase.written).lower() for phrase in vocabulary.phrases}
    counts = Counter((item.heard.lower(), item.typed.lower()) for item in corrections)
    rivals = Counter(heard for heard, typed in counts if counts[heard, typed] >= TIMES)
    found: dict[str, Phrase] = {}
    for item in corrections:
        heard, typed = item.heard.lower(), item.typed.lower()
        if counts[heard, typed] < TIMES or rivals[heard] > 1 or heard in known or not _is_mishearing(heard, typed):
            continue
        forms = {other.typed for other in corrections if (other.heard.lower(), other.typed.lower()) == (heard, typed)}
        found.setdefault(heard, Phrase(written=typed if typed in forms else item.typed, spoken=heard))
    return tuple(found.values())


def _is_mishearing(heard: str, typed: str) -> bool:
    words = heard.split()
    if any(is_critical(word) or word in (*ONES, *TENS) for word in (*words, *typed.replace("-", " ").split())):
        return False
    if not any(is_odd(word) for word in words) or not is_safe(heard, typed):
        return False
    return unlikeness(sound(heard), sound(typed)) <= MOST_UNLIKE


def _sentences(pad: "Pad") -> list[tuple[int, int, list[_Place]]]:
    """Start and stop of each sentence, with its ties in order."""
    found: list[tuple[int, int, list[_Place]]] = []
    offset = 0
    last: Piece | None = None
    for piece in pad.pieces:
        end = offset + len(piece.text)
        if piece.sentence:
            ties = [
                _Place(offset + tie.span[0], offset + tie.span[1], tie, is_changed(pad.text, offset, tie))
                for tie in piece.ties
                if tie.words
            ]
            if last is not None and last.sentence == piece.sentence:
                found[-1] = (found[-1][0], end, [*found[-1][2], *ties])
            else:
                found.append((offset, end, ties))
        last, offset = piece, end
    return found


def _corrected(pad: "Pad", start: int, stop: int, ties: Sequence[_Place]) -> list[Correction]:
    """The corrections of a sentence: in each gap between ties that are as they were written."""
    over = {word for retraction in pad.retracted if retraction.command == "typed over" for word in retraction.words}
    over |= {word for place in ties if place.is_changed for word in place.tie.words}
    kept = [place for place in ties if not place.is_changed]
    if not over or not kept:
        return []
    found: list[Correction] = []
    for before, after in zip([None, *kept], [*kept, None], strict=True):
        text = pad.text[before.stop if before else start : after.start if after else stop].strip().strip(MARKS).strip()
        words = run_over(before.tie.words if before else (), after.tie.words if after else (), over, pad.count)
        heard = pad.heard(words).lower().strip(MARKS)
        lengths = (len(text.split()), len(words))
        if all(0 < length <= MOST_WORDS for length in lengths) and heard and heard != text.lower():
            found.append(Correction(heard=heard, typed=text))
    return found
