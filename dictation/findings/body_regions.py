"""Parts of the body as exams divide it: which an exam shows, and which a text speaks of.

An exam shows its neighbours, too: a CT of the abdomen the lung bases, one of the head the upper neck. What only looks
like a region does not name one: a word counts where it is said of that region alone.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from dictation.lexicon import rows

_WHOLE, _ANYWHERE = "whole", "anywhere"  # rows of the table that are no region


@lru_cache(maxsize=256)
def named_by(exam: str) -> frozenset[str]:
    """The regions that the words of an exam name ("CT HEAD W/O" → head); "whole" among them where it shows all."""
    words = exam.lower().replace("_", " ")
    return frozenset(
        row["region"] for row in rows("exam_regions") if row["exams"] and _words(row["exams"]).search(words)
    )


@lru_cache(maxsize=256)
def shown_by(exam: str) -> frozenset[str]:
    """The regions that an exam shows, neighbours as well; empty where its words name none, or the whole body."""
    named = named_by(exam)
    return frozenset() if _WHOLE in named else neighbours(named)


def neighbours(regions: Iterable[str]) -> frozenset[str]:
    """These regions, and those that an exam of them shows as well."""
    shown = {
        row["region"]: {one.strip() for one in row["shows"].split("|") if one.strip()} for row in rows("exam_regions")
    }
    return frozenset(name for region in regions for name in (region, *shown.get(region, ())))


@cache
def region_of_word() -> dict[str, str]:
    """Word, in small letters → the region that alone it is said of."""
    return {
        word.strip(): row["region"]
        for row in rows("exam_regions")
        if row["region"] != _ANYWHERE
        for word in row["own"].split("|")
        if word.strip()
    }


def regions_in(sentence: str) -> frozenset[str]:
    """The regions of which the words of a sentence speak."""
    words = re.findall(r"[a-z]+", sentence.lower())
    return frozenset(region for word in words if (region := region_of_word().get(word)))


def may_be_named_anywhere(text: str, start: int = 0, end: int | None = None) -> bool:
    """Whether words stand there that name a far part of the body by right: a primary tumor, a disease, a protocol."""
    return bool(_anywhere().search(text, start, len(text) if end is None else end))


@cache
def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(word.strip() for word in pattern.split("|")) + r")\b")


@cache
def _anywhere() -> re.Pattern[str]:
    named = next(row["own"] for row in rows("exam_regions") if row["region"] == _ANYWHERE)
    return re.compile(r"\b(?:" + "|".join(word.strip() for word in named.split("|")) + ")", re.IGNORECASE)
