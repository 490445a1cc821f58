"""A number for a number in a self-correction: "eight, make that 9 mm", "five by six, correction, 5 x 8 mm".

Whether the old words say a number of the same shape is decided by the parser of figures itself, with the new unit or
the old label put beside them: what it does not read as one figure of that shape is not replaced.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from dictation.lexicon import rows
from dictation.wording.figures import write_figures
from dictation.wording.kinds import LABELS, is_modifier, kind_of
from dictation.wording.tokens import Token

SIZE = re.compile(r"(?P<shape>#(?: x #)*) ?(?P<unit>[a-zµ%]+)")
LABELLED = re.compile(r"[A-Za-z][\w-]* #")
SIZE_REACH = 5  # "five by six by seven"
BETWEEN = ("by", "x")
OPEN = ("by", "x", "to", "through", "and", "or", "point", "minus", "plus")  # before a number: it is part of more
AN = re.compile(r"(?:8|11(?!\d)|18(?!\d)|eight|eleven)")


@cache
def _labels() -> frozenset[str]:
    return LABELS | {row["label"] for row in rows("number_labels")}


def size_start(old: Sequence[Token], meant: Token) -> int | None:
    """Where at the end of `old` the number begins that the size `meant` replaces; None where there is none."""
    match = SIZE.fullmatch(kind_of(meant) or "") if meant.kind == "number" else None
    if match is None or not old:
        return None
    if kind_of(old[-1]) == match["shape"] and "x" in match["shape"]:
        return len(old) - 1
    for start in range(len(old) - 1, max(-1, len(old) - 1 - SIZE_REACH), -1):
        if not _is_count(old[start]) and old[start].text.lower() not in BETWEEN:
            return None
        if _reads_as(old[start:], match["unit"], meant) and is_free(old, start):
            return start
    return None


def _is_count(token: Token) -> bool:
    return token.kind == "word" and kind_of(token) == "count"


def _reads_as(said: Sequence[Token], unit: str, meant: Token) -> bool:
    figures = write_figures([*said, Token(unit)])
    return len(figures) == 1 and kind_of(figures[0]) == kind_of(meant)


def is_free(old: Sequence[Token], start: int) -> bool:
    """True where the number stands for itself: no label, no part of a longer one, no pronoun ("the left one")."""
    if not start:
        return True
    before = old[start - 1]
    word = before.text.lower()
    if word == "of" and start > 1 and (old[start - 2].kind == "number" or _is_count(old[start - 2])):
        return False  # "ten of twelve"
    is_pronoun = old[start].text.lower() == "one" and (is_modifier(before) or word in ("the", "this", "that"))
    return not (is_pronoun or word in OPEN or word in _labels() or before.kind == "number" or _is_count(before))


def relabelled(old: Sequence[Token], new: Sequence[Token]) -> tuple[Token, Token] | None:
    """The number taken back and the label with the number meant: "BI-RADS 3, correction, four" → 3, "BI-RADS 4".

    None unless `new` is one number and nothing else, and the label may stand before it.
    """
    if len(new) != 1 or not old or old[-1].kind != "number" or not LABELLED.fullmatch(kind_of(old[-1]) or ""):
        return None
    if SIZE.fullmatch(kind_of(new[0]) or "") or len(old[-1].words) < 2:
        return None
    label, _, number = old[-1].text.rpartition(" ")
    figures = write_figures([Token(label), replace(new[0], kind="word")])
    if len(figures) != 1 or not LABELLED.fullmatch(kind_of(figures[0]) or ""):
        return None
    *label_words, number_word = old[-1].words
    meant = Token(figures[0].text, (*label_words, *new[0].words), kind="number")
    return Token(number, (number_word,), kind="number"), meant


def article_before(article: Token, removed: Token, meant: Token) -> Token:
    """The article "a" or "an" as the number now said asks for, where it fitted the number before."""
    text = article.text.lower()
    is_number = meant.kind == "number" or _is_count(meant)
    if article.kind != "word" or text not in ("a", "an") or not is_number:
        return article
    if (text == "an") != bool(AN.match(removed.text.lower())):
        return article
    fitting = "an" if AN.match(meant.text.lower()) else "a"
    return replace(article, text=fitting.capitalize() if article.text[0].isupper() else fitting)
