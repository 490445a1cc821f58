"""The user's own words: phrases to expect, how each is spoken where that differs, how strongly it is expected.

A line of the file is `phrase<tab>spoken form<tab>weight`; the last two cells may be left out or empty. A line or a cell
that begins with "#" is a note.
"""

import re
from itertools import takewhile
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from dictation.errors import InputError
from dictation.frozen import Frozen
from dictation.lexicon.critical import critical_words, is_critical
from dictation.unseen import seen

ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ROUND = frozenset(str(value) for value in range(20, 100, 10))


class Phrase(Frozen):
    """One entry. `written` is what the report shows ("Gd-EOB-DTPA"), `spoken` what is said ("primovist").

    `weight` is how strongly the recognizer is turned towards it: 1 as usual, 0 not at all.
    """

    written: str
    spoken: str | None = None
    weight: float = Field(default=1.0, ge=0, le=5)


class Misheard(Frozen):
    """Words that a recognizer writes for other words of this user: `heard` is read as `meant`, all in small letters.

    Where `before` or `after` is given, that word must stand there. Neither side holds a critical word, so that no side,
    negation, number or unit can be changed by it: anything else raises ValueError.
    """

    heard: str
    meant: str
    before: str = ""
    after: str = ""

    @model_validator(mode="after")
    def _changes_nothing_critical(self) -> Self:
        if not self.heard.split() or not self.meant.split() or (self.before and self.after):
            raise ValueError("a misheard pair needs words on both sides, and a word before or after it, not both")
        if any(is_critical_part(word) for word in f"{self.heard} {self.meant}".split()):
            raise ValueError("a side, a negation, a number or a unit is never taken for a misheard word")
        return self


class Vocabulary(Frozen):
    """Phrases in the order of the file, for biasing the recognizer and for writing; `misheard` for writing alone."""

    phrases: tuple[Phrase, ...] = ()
    misheard: tuple[Misheard, ...] = ()

    @classmethod
    def from_file(cls, path: Path) -> "Vocabulary":
        """Read a UTF-8 text file as described above; the weight is a number from 0 to 5, usually 1.

        Raises InputError where there is no such file, it cannot be read as text, a line has more than three cells or a
        weight that is none, an entry is only critical words (sides, negations, numbers, units) as it is spoken, or its
        phrase loses one of them.
        """
        if not path.exists():
            raise InputError(f"{path}: there is no such vocabulary file; check its name.")
        try:
            lines = seen(path.read_text(encoding="utf-8-sig")).splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: cannot be read as a UTF-8 vocabulary file; save it as plain text.") from error
        phrases = []
        for number, line in enumerate(lines, 1):
            cells = list(takewhile(lambda cell: not cell.startswith("#"), (cell.strip() for cell in line.split("\t"))))
            if not any(cells):
                continue
            phrases.append(_phrase(cells, f"{path}, line {number}"))
        return cls(phrases=tuple(phrases))


def _phrase(cells: list[str], where: str) -> Phrase:
    """One line as an entry. `where` names the line in messages."""
    if len(cells) > 3:
        raise InputError(f"{where}: more than three cells; write phrase<tab>spoken form<tab>weight.")
    written, spoken, weight = (*cells, "", "")[:3]
    if not written:
        raise InputError(f"{where}: the phrase is missing; write phrase<tab>spoken form<tab>weight.")
    if not spoken and not is_safe(written, written):
        by = ' ("×" stands for a spoken "by", which is known)' if "×" in written else ""
        raise InputError(
            f"{where}: a side, a negation, a number or a unit alone cannot be a phrase{by}; add the words that are"
            " spoken with it, or delete the line."
        )
    if spoken and not is_safe(spoken, written):
        raise InputError(
            f"{where}: would rewrite a critical word (side, negation, number, unit …); give the"
            " spoken form other words too, and keep every critical word of it in the phrase."
        )
    try:
        return Phrase(written=written, spoken=spoken or None, weight=float(weight) if weight else 1.0)
    except ValueError as error:
        raise InputError(
            f"{where}: the weight is no number from 0 to 5; write for example 1, 2 or 0.5, or leave it out."
        ) from error


def united(first: Vocabulary, second: Vocabulary) -> Vocabulary:
    """Two vocabularies as one. Of what is spoken alike, or heard alike, the first one says what it means."""
    known = {form.casefold() for one in first.phrases for form in (one.written, one.spoken or one.written)}
    phrases = (one for one in second.phrases if (one.spoken or one.written).casefold() not in known)
    heard = {one.heard for one in first.misheard}
    misheard = (one for one in second.misheard if one.heard not in heard)
    return Vocabulary(phrases=(*first.phrases, *phrases), misheard=(*first.misheard, *misheard))


def is_safe(spoken: str, written: str) -> bool:
    """True where `spoken` says more than critical words, and `written` keeps all of these in their order."""
    words = _words(spoken)
    said = [word for word in words if _is_bound(word)]
    rest = iter(_words(written))
    return len(said) < len(words) and all(word in rest for word in said)


def is_critical_part(word: str) -> bool:
    """True for a word, or a part of one with a hyphen, that is critical, or a number in words or digits."""
    parts = word.lower().replace("-", " ").split()
    return any(is_critical(part) or part in (*ONES, *TENS) for part in (*parts, word))


def _words(text: str) -> list[str]:
    """The words in small letters, numbers below a hundred as digits: "C A nineteen nine" → c, a, 19, 9."""
    found: list[str] = []
    for word in re.findall(r"[0-9]+|[^\W\d_]+(?:'\w+)?", text.lower()):
        is_unit = word in ONES[1:10] and bool(found) and found[-1] in ROUND
        if is_unit:
            found[-1] = str(int(found[-1]) + ONES.index(word))
        elif word in TENS:
            found.append(str(20 + 10 * TENS.index(word)))
        else:
            found.append(str(ONES.index(word)) if word in ONES else word)
    return found


def _is_bound(word: str) -> bool:
    """True for a critical word or a number; a level's letter alone may be part of a spelled name."""
    return word.isdecimal() or critical_words().get(word, "level") != "level"


EMPTY_VOCABULARY = Vocabulary()
