"""What a person corrected by hand, and what of it may be learned: a mishearing that was corrected twice alike.

Only words that sound alike are taken for a mishearing, and never one of which one wrong can harm a patient (sides,
negations, numbers, units). Whether what may be learned helps is tried elsewhere, on what the user dictated before.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dictation.frozen import Frozen
from dictation.lexicon import Misheard, Phrase, Vocabulary
from dictation.lexicon.english import is_ordinary
from dictation.lexicon.terms import terms
from dictation.lexicon.vocabulary import is_critical_part, is_safe
from dictation.wording.pad_pieces import Piece, Tie
from dictation.wording.pad_reading import is_changed
from dictation.wording.sound import sound, unlikeness
from dictation.wording.soundalikes import SMALL_WORDS, is_odd
from dictation.wording.typed_over import run_over

if TYPE_CHECKING:
    from dictation.wording.pad import Pad

MOST_WORDS = 4
"""Words on either side of a correction; longer ones say something else."""
TIMES = 2
"""How often the same correction is made before anything is learned from it."""
MOST_UNLIKE = 0.5
"""Share of the sound that a mishearing may differ in; what differs more is another word, not the same one."""
MARKS = ".,:;?!()\"'"


class Correction(Frozen):
    """Words as they were heard, in small letters, and what a person typed for them.

    `before` and `after` are the words that were heard next to them in the same sentence, "" where none was.
    """

    heard: str
    typed: str
    before: str = ""
    after: str = ""


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


def learnable(corrections: Sequence[Correction], vocabulary: Vocabulary) -> tuple[Phrase | Misheard, ...]:
    """What may be learned of corrections that were made twice and that `vocabulary` does not hold, as they were made.

    - `Phrase(written=word)`: a name, or a word that reports and English do not know, typed twice for what sounds alike
    - `Phrase(written=typed, spoken=heard)`: what was heard is no word of reports ("zorbax" for "Zorvax")
    - `Misheard`: it is one, so that it is another word only beside the word that stood there each time
    """
    known = {(phrase.spoken or phrase.written).lower() for phrase in vocabulary.phrases}
    pairs = defaultdict[tuple[str, str], list[Correction]](list)
    for one in corrections:
        if _is_mishearing(one.heard, one.typed):
            pairs[one.heard, one.typed.lower()].append(one)
    rivals = Counter(heard for (heard, _), made in pairs.items() if len(made) >= TIMES)
    found: dict[Phrase | Misheard, None] = dict.fromkeys(_new_words(corrections, vocabulary))
    for (heard, _), made in pairs.items():
        if len(made) >= TIMES and rivals[heard] == 1 and heard not in known:
            found |= dict.fromkeys(_read(made, vocabulary))
    return tuple(found)


def new_words(correction: Correction) -> tuple[str, ...]:
    """The words of a correction that a recognizer can hardly know, and that sound like what was heard.

    Names, which are typed with a capital inside a sentence, and words that neither reports nor English know.

    new_words(Correction(heard="pertorn be", typed="per Tarnby")) → ("Tarnby",)
    """
    found = []
    before = correction.before
    for typed in correction.typed.split():
        word, is_inside, before = typed.strip(MARKS), bool(before) and before[-1] not in ".:?!", typed
        is_own = (is_inside and word[:1].isupper()) or (is_odd(word) and not is_ordinary(word.lower()))
        if is_own and not is_critical_part(word) and _is_heard(word, correction):
            found.append(word)
    return tuple(found)


def _is_heard(word: str, correction: Correction) -> bool:
    """Whether all that was typed, or the word alone, sounds like what was heard; not where that has the word."""
    heard = correction.heard.split()
    if word.lower() in heard:
        return False
    windows = (heard[at : at + size] for size in range(1, MOST_WORDS + 1) for at in range(len(heard) - size + 1))
    alike = [(correction.heard, correction.typed), *((" ".join(window), word) for window in windows)]
    return any(unlikeness(sound(one), sound(other)) <= MOST_UNLIKE for one, other in alike)


def _new_words(corrections: Sequence[Correction], vocabulary: Vocabulary) -> Iterator[Phrase]:
    typed = Counter(word for one in corrections for word in new_words(one))
    written = {phrase.written.lower() for phrase in vocabulary.phrases}
    return (Phrase(written=word) for word, times in typed.items() if times >= TIMES and word.lower() not in written)


def _read(made: Sequence[Correction], vocabulary: Vocabulary) -> Iterator[Phrase | Misheard]:
    """What one heard form that was corrected alike each time may be learned as."""
    heard, meant = made[0].heard, made[0].typed.lower()
    if any(is_odd(word) for word in heard.split()):
        if is_safe(heard, meant):
            yield Phrase(written=_as_typed(made), spoken=heard)
        return
    changed = [word for word in heard.split() if word not in meant.split()]
    if any(name in terms() for name in (heard, *changed)):
        return  # one finding or structure is never taken for another one
    beside = [{one.before for one in made}, {one.after for one in made}]
    for place, words in zip(("before", "after"), beside, strict=True):
        word = next(iter(words))
        if len(words) == 1 and word and word not in SMALL_WORDS and not is_critical_part(word):
            pair = Misheard(heard=heard, meant=meant, **{place: word})
            if pair not in vocabulary.misheard:
                yield pair


def _as_typed(made: Sequence[Correction]) -> str:
    """As it was typed: in small letters where it once was, so that a sentence's first word is no name."""
    forms = [one.typed for one in made]
    return next((form for form in forms if form.islower()), forms[0])


def _is_mishearing(heard: str, typed: str) -> bool:
    words = (*heard.split(), *typed.split())
    if not heard.strip() or not typed.strip() or any(is_critical_part(word) for word in words):
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
            last = pad.heard(before.tie.words[-1:]) if before else ""
            first = pad.heard(after.tie.words[:1]) if after else ""
            beside = {"before": last.lower().strip(MARKS), "after": first.lower().strip(MARKS)}
            found.append(Correction(heard=heard, typed=text, **beside))
    return found
