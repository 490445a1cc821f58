"""A "no" before a full stop: it may deny what follows, answer what came before, or put that right."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

from dictation.discrepancy.doubts.doubt import Doubt, Stretch
from dictation.lexicon import rows


def lone_no_doubts(sentences: Sequence[Stretch]) -> Iterator[Doubt]:
    """A doubt for each "no" that stands alone, or behind a comma, before words that are no sentence of their own."""
    for index, (one, two) in enumerate(pairwise(sentences)):
        between = one.text[one.end : two.start]
        is_apart = between.strip() == "." and "\n\n" not in between
        if is_apart and two.words and _is_lone(one, sentences[:index]) and not _is_sentence(two):
            word, next_word = one.words[-1], two.words[0]
            question = (
                f"\u201c{word[0]}\u201d stands alone before \u201c{_words(two)}\u201d: does it deny that, answer what "
                "came before, or put that right? Write which."
            )
            yield Doubt(word.start(), next_word.end(), None, question, "critical")


def _is_lone(one: Stretch, before: Sequence[Stretch]) -> bool:
    if not one.words or one.words[-1][0].lower() != "no":
        return False
    if len(one.words) > 1:
        return one.text[one.start : one.words[-1].start()].rstrip().endswith(",")
    asked = one.text[before[-1].end : one.start].strip() if before else ""
    return not asked.startswith(("?", ":"))


def _is_sentence(two: Stretch) -> bool:
    """Whether it has a verb, other than in "is seen", which may follow a denied finding."""
    words = [word[0].lower() for word in two.words]
    verbs = [index for index, word in enumerate(words) if _verb().fullmatch(word)]
    rest = " ".join(words[verbs[0] + 1 :]).removeprefix("been ") if verbs else ""
    return bool(verbs) and not (len(verbs) == 1 and rest in _sights())


def _words(two: Stretch) -> str:
    return " ".join(word[0] for word in two.words[:4])


@cache
def _verb() -> re.Pattern[str]:
    return re.compile(next(row["pattern"] for row in rows("clauses") if row["rule"] == "verb"))


@cache
def _sights() -> frozenset[str]:
    return frozenset({"present", *(row["word"] for row in rows("grammar_words") if row["role"] == "sight")})
