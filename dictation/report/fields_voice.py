"""What an utterance fills into the field where the cursor stands: its choice, its number, its words.

    "left" · "the second" · "number two" · "two"     a pick list
    "five point two" · "two by three centimeters"    a number; its unit is the field's where none was said

The utterance must be that and nothing else; anything more is dictation and goes where it always goes.
"""

import re
from functools import cache

from dictation.lexicon import rows
from dictation.report.fields import Field, fits
from dictation.speech import Word
from dictation.wording import Rules, Sentence, written_alone
from dictation.wording.units import units

MARKS = re.compile(r"[.,;:!?]")
MAX_WORDS = 12  # of an utterance that may be a choice or a number


def fill_by_voice(words_text: str, field: Field, rules: Rules) -> str | None:
    """Return the value that an utterance gives a field, None where it is not meant for it. In spoken or written form.

    A field for any words takes any utterance of one sentence.
    """
    if field.kind == "text":
        return _words(words_text, field, rules)
    if len(words_text.split()) > MAX_WORDS:
        return None
    return _choice(words_text, field, rules) if field.kind == "pick" else _number(words_text, field, rules)


def is_choice(said: str, field: Field) -> bool:
    """Whether an utterance is one of a field's choices, word for word."""
    return any(_plain(choice) == _plain(said) for choice in field.choices)


def _words(said: str, field: Field, rules: Rules) -> str | None:
    written = [sentence.text for sentence in _written(said, rules)]
    value = written[0].removesuffix(".") if len(written) == 1 else ""
    return value if fits(field, value) else None


def _choice(said: str, field: Field, rules: Rules) -> str | None:
    """The choice that was named, else the one whose place in the list was: "first", "number two", "three"."""
    heard = _plain(said)
    as_figures = tuple(str(_places().get(word, word)) for word in heard)
    for choice in field.choices:
        if _plain(choice) in (heard, as_figures):
            return choice
    if any(_place(_plain(choice)) for choice in field.choices):
        return None  # where choices are numbers, a number is a choice and never a place
    places = [_place(heard), *(_place(_plain(sentence.text)) for sentence in _written(said, rules))]
    place = next((place for place in places if place), 0)
    return field.choices[place - 1] if 0 < place <= len(field.choices) else None


def _plain(text: str) -> tuple[str, ...]:
    """The words of an utterance without marks, and without those that only lead to a choice ("the", "number")."""
    words = MARKS.sub(" ", text).casefold().replace("-", " ").split()
    while len(words) > 1 and words[0] in _leading():
        words = words[1:]
    return tuple(words)


def _place(words: tuple[str, ...]) -> int:
    """The place in a list that one word names, from 1; 0 for none."""
    if len(words) != 1:
        return 0
    return int(words[0]) if re.fullmatch(r"[1-9]\d?", words[0]) else _places().get(words[0], 0)


@cache
def _places() -> dict[str, int]:
    return {
        word: int(row["meaning"])
        for row in rows("field_words")
        if row["role"] == "place"
        for word in row["words"].split(" | ")
    }


@cache
def _leading() -> frozenset[str]:
    return frozenset(
        word for row in rows("field_words") if row["role"] == "leading" for word in row["words"].split(" | ")
    )


def _number(said: str, field: Field, rules: Rules) -> str | None:
    """The number with its unit, as wording writes it. A number alone is read with the field's unit beside it.

    Without a unit, wording leaves a small number in words, as in prose: it is read with one, that is taken off again.
    """
    bare = MARKS.sub(" ", said) if not re.search(r"\d[.,]\d", said) else said.rstrip(" .,;:!?")
    unit = next((unit for unit in units() if unit.symbol == (field.unit or "mm")), None)
    if unit is None:
        return None
    for spoken in (bare, f"{bare} {(*unit.plural, *unit.singular)[0]}"):
        written = _written(spoken, rules)
        value = written[0].text.strip().removesuffix(".") if len(written) == 1 else ""
        if not field.unit:
            value = value.removesuffix(unit.after("")) if spoken != bare else value
        if fits(field, value):
            return value
    return None


def _written(said: str, rules: Rules) -> tuple[Sentence, ...]:
    return written_alone([Word(text=word) for word in said.split()], rules).sentences
