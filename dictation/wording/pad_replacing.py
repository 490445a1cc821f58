"""Words that a person names to have them replaced, and words as they stand alone: in the form that `write` gives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from dictation.speech.transcript import Word
from dictation.wording import pad_amounts
from dictation.wording.pad_pieces import Tie
from dictation.wording.pad_scratching import utterance
from dictation.wording.pad_written import small
from dictation.wording.writing import Rules, written_alone

if TYPE_CHECKING:
    from dictation.wording.pad import Pad


class Exchange(NamedTuple):
    """`text` that gives way to characters [start, stop), its ties counted from its start; `is_refused`: it may not."""

    start: int
    stop: int
    text: str
    ties: tuple[Tie, ...]
    is_refused: bool


def exchange(pad: Pad, at: int, old: Sequence[str], new: Sequence[Word], rules: Rules) -> Exchange | None:
    """What new words make of old ones that a person named, None where these do not stand once in what came last.

    It is refused where an amount would lose its unit, or get another.
    """
    found = one_place(pad, at, old, rules)
    if found is None:
        return None
    text, ties = written_words(new, rules)
    plain = [word.text.strip(".,:;?!") for word in new]
    is_in_words = not any(letter.isdigit() for letter in text)
    if is_in_words and pad_amounts.is_amount(pad.text[slice(*found)]) and (figures := pad_amounts.in_figures(plain)):
        text, ties = figures, (Tie(span=(0, len(figures)), words=tuple(range(len(new)))),)
    place = pad_amounts.place_of(pad.text, *found, text)
    return Exchange(*(place or found), text, ties, is_refused=place is None)


def one_place(pad: Pad, at: int, said: Sequence[str], rules: Rules) -> tuple[int, int] | None:
    """Start and stop of these whole words where they stand once in what came last before `at`.

    They stand there as said, as written, or with figures and symbols of units: "five" for the 5 of "5 mm".
    That is the last sentence, and all that its last utterance wrote: further back stand other findings.
    """
    written, _ = written_words([Word(text=word) for word in said], rules)
    text = pad.text.lower()
    found = {
        match.span()
        for form in {" ".join(said).lower(), written.lower(), pad_amounts.in_figures(said).lower()} - {""}
        for match in _whole(form).finditer(text, _last_begin(pad, at), at)
    }
    return found.pop() if len(found) == 1 else None


def _last_begin(pad: Pad, at: int) -> int:
    """Where the last sentence before the place begins, or the words of the utterance that ends it, if earlier."""
    begin = offset = 0
    sentence: str | None = None
    begins: dict[int, int] = {}
    number = -1
    for piece in pad.pieces:
        if offset >= at:
            break
        if piece.text[: at - offset].strip():
            if piece.sentence != sentence:
                begin = offset
            sentence = piece.sentence
        for tie in piece.ties:
            if tie.words and offset + tie.span[1] <= at:
                number = tie.words[-1]
                for word in tie.words:
                    begins.setdefault(word, offset + tie.span[0])
        offset += len(piece.text)
    own = utterance(pad, number) if number >= 0 else frozenset()
    return min([begin, *(begins[word] for word in own if word in begins)])


def _whole(words: str) -> re.Pattern[str]:
    """These words and no part of others: "5" is not in "5.2", "art" not in "heart"."""
    spaced = r"\s+".join(re.escape(word) for word in words.split())
    return re.compile(rf"(?<!\w)(?<!\d[.,]){spaced}(?!\w)(?![.,]\d)")


def written_words(words: Sequence[Word], rules: Rules) -> tuple[str, tuple[Tie, ...]]:
    """The written form of words inside a sentence, its ties counted from the first word.

    Where the rules would make several sentences of them, or obey them, they stay as they were heard.
    """
    dictation = written_alone(words, rules)
    if len(dictation.sentences) != 1 or dictation.commands or dictation.retracted:
        text = " ".join(word.text for word in words)
        return text, (Tie(span=(0, len(text)), words=tuple(range(len(words)))),) if text else ()
    sentence = dictation.sentences[0]
    text = small(sentence, dictation)
    ties = [
        Tie(span=link.span, words=link.words, corrected=link.corrected, heard=link.heard, doubtful=link.doubtful)
        for link in sentence.alignment
    ]
    if text[-1] in ".?!" and len(ties) > 1 and set(ties[-1].words) <= {word for tie in ties[:-1] for word in tie.words}:
        text, ties = text[:-1], ties[:-1]  # the recognizer's guess of a sentence's end
    return text, tuple(ties)
