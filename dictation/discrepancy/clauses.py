"""Which words of a dictation make a sentence of their own.

Enter: a column and characters of it. A dictation without marks may run on through several statements; of those no
sentence can be made for certain.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from dictation.discrepancy.columns import Column
from dictation.discrepancy.quoting import core_of, joining_words, phrase_of
from dictation.findings import Claim, SentenceSpan

_LONGEST = 40  # words of a sentence
_UNMARKED = 9  # words of one in a dictation without marks
_MARK = re.compile(r"[.,;:\n]")
_JOINED = re.compile(
    r"\b(?:and|or|with|without|of|to|for|from|due|which|may|likely|possibly|consistent|compatible|suspicious|is|are)\b|,",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"(?:^|[.;:,\n]|\b(?:and|with|but|or|the|a|an|there (?:is|are)))\s*$", re.IGNORECASE)
_AFTER = re.compile(r"\s*(?:$|[.;,\n]|(?:and|with|but|which)\b)", re.IGNORECASE)


def claims_in(column: Column, sentence: SentenceSpan) -> list[Claim]:
    """The claims that stand in a sentence."""
    return [claim for claim in column.claims if sentence.start <= claim.span[0] < sentence.end]


def is_marked(column: Column) -> bool:
    """Whether the text has marks between its sentences."""
    return bool(_MARK.search(column.text.rstrip(" .")))


def is_one_sentence(column: Column, words: str, claims: Sequence[Claim]) -> bool:
    """Whether words of the column that hold these claims are one sentence."""
    if is_marked(column):
        return len(words.split()) <= _LONGEST
    ends = sorted(claim.parts.get("finding", claim.span) for claim in claims)
    gaps = [column.text[one[1] : two[0]] for one, two in pairwise(ends)]
    return len(words.split()) <= _UNMARKED and all(_JOINED.search(gap) for gap in gaps)


def core_phrase(column: Column, claims: Sequence[Claim]) -> str | None:
    """The words that say the claims and nothing else, for a dictation without marks; None where others are among them.

    "mild left hydronephrosis" of "heart normal mild left hydronephrosis bladder normal".
    """
    start, end = min(claim.span[0] for claim in claims), max(claim.span[1] for claim in claims)
    phrase = phrase_of(core_of(column.text[start:end], claims))
    low = column.text.find(phrase, start)
    if not phrase or low < 0 or not is_one_sentence(column, phrase, claims):
        return None
    if phrase.split()[0].lower().endswith(("without", "ly")):
        return None  # no sentence begins so
    if any(claim.finding_class == "normal_anatomy" for claim in claims):
        return None  # "stable the aorta": of a state nobody knows whether it stands before or behind its structure
    parts = [part for claim in claims for part in claim.parts.values()]
    parts += [size.span for claim in claims for size in claim.measurements if size.span]
    words = (match for match in re.finditer(r"\S+", phrase))
    own = all(
        match.group() in joining_words() or any(a <= low + match.start() < b for a, b in parts) for match in words
    )
    return phrase if own else None


def is_clause(text: str, sentence: SentenceSpan, start: int, end: int) -> bool:
    """Whether these characters begin and end where a clause of the sentence may."""
    before, after = text[sentence.start : start], text[end : sentence.end]
    is_phrase = phrase_of(text[start:end]) == " ".join(text[start:end].split())
    return is_phrase and bool(_BEFORE.search(before)) and bool(_AFTER.match(after))
