"""Follow-up that a text recommends: which exam, when, what for.

"Recommend CT chest in 3 months to reassess the nodule" → CT, 90 days, "reassess the nodule".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from dictation.discrepancy.inference.evidence import BODY, Hit, Span, Words
from dictation.findings import SentenceSpan
from dictation.findings.exam_words import exam_of
from dictation.findings.lexicon import cell
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import Token
from dictation.lexicon import rows

_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twelve": 12, "eighteen": 18, "twenty four": 24,
}  # fmt: skip
_DAYS = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30, "year": 360}  # 12 months are a year, 4 weeks nearly a month
_NUMBER = rf"(?:\d{{1,2}}|{'|'.join(name.replace(' ', '[ -]') for name in sorted(_NUMBERS, key=len, reverse=True))})"
_INTERVAL = re.compile(
    rf"""(?<!for[ ])(?<!over[ ])(?<!past[ ])(?<!last[ ])(?<!than[ ])(?<!previous[ ])
    \b(?:(?P<also>{_NUMBER}),?[ ]and[ ])?(?P<low>{_NUMBER})(?:[ ]?(?:-|–|to|or)[ ]?(?P<high>{_NUMBER}))?
    [ -]?(?P<unit>hour|day|week|month|year)s?\b
    (?![ -](?:old|ago))
    |\b(?P<yearly>annual|annually|yearly)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_CLOSE = 0.1  # 12 weeks and 3 months are the same interval


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high` days, said in the characters `span`."""

    low: float
    high: float
    span: Span

    def agrees(self, other: "Interval") -> bool:
        """Whether they are the same time, weeks counted as months or not."""
        pairs = ((self.low, other.low), (self.high, other.high))
        return all(abs(one - two) <= _CLOSE * max(one, two) for one, two in pairs)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One sentence that recommends imaging; `reason` is what it is for, "" where not said."""

    span: Span
    modality: frozenset[str]
    intervals: tuple[Interval, ...]
    reason: str
    is_dictated: bool


def intervals_in(text: str, start: int, end: int) -> tuple[Interval, ...]:
    """The times named in text[start:end]."""
    found = []
    for match in _INTERVAL.finditer(text, start, end):
        if match["yearly"]:
            found.append(Interval(360, 360, match.span()))
            continue
        days = _DAYS[match["unit"].lower()]
        if match["also"]:
            found.append(Interval(_number(match["also"]) * days, _number(match["also"]) * days, match.span()))
        low = _number(match["low"]) * days
        found.append(Interval(low, _number(match["high"]) * days if match["high"] else low, match.span()))
    return tuple(found)


def _number(words: str) -> int:
    return int(words) if words.isdigit() else _NUMBERS[words.lower().replace("-", " ")]


@cache
def _phrases(*roles: str) -> Phrases[str]:
    return Phrases(
        (term, row["role"]) for row in rows("follow_up") if row["role"] in roles for term in cell(row["terms"])
    )


@cache
def _traces() -> re.Pattern[str]:
    """What every recommendation holds in small letters: the first letters of the longest word of one of the phrases."""
    terms = [term for row in rows("follow_up") if row["role"] in ("strong", "weak") for term in cell(row["terms"])]
    stems = {max(term.split(), key=len)[:5] for term in terms}
    return re.compile("|".join(sorted(stem.lower() for stem in stems)))


def mentions_follow_up(words: Words) -> bool:
    """Whether any word of recommendation stands in the text, in whatever sense."""
    return bool(words.hits(_phrases("strong", "weak", "loose")))


def names_score(words: Words) -> bool:
    """Whether the text gives a score of which the management follows."""
    return bool(words.hits(_phrases("score")))


def recommendations_in(words: Words) -> list[Recommendation]:
    """The recommendations of findings, impression and unheaded text."""
    if not _traces().search(words.column.text.lower()):
        return []
    cues: dict[SentenceSpan, list[Hit[str]]] = {}
    for hit in words.hits(_phrases("strong", "weak", "not"), BODY):
        cues.setdefault(hit.sentence, []).append(hit)
    return [
        found
        for sentence, tokens in words.sentences
        if sentence in cues
        for found in _recommendation(words, sentence, tokens, cues[sentence])
    ]


def _recommendation(
    words: Words, sentence: SentenceSpan, tokens: Sequence[Token], cues: list[Hit[str]]
) -> Iterator[Recommendation]:
    if any(cue.is_denied for cue in cues if cue.meaning != "not"):
        return
    roles = {cue.meaning for cue in cues}
    column = words.column
    modality = exam_of(tokens).modality
    intervals = intervals_in(column.text, sentence.start, sentence.end)
    is_both = {"strong", "weak"} <= roles  # "recommend follow-up after treatment"
    if not modality and not intervals and not is_both:
        return
    if "strong" in roles or ("weak" in roles and "not" not in roles):
        origin = column.origins.get(sentence.id or "", "dictated")
        reason = _reason(words.column.text[sentence.start : sentence.end], tokens)
        yield Recommendation((sentence.start, sentence.end), modality, intervals, reason, origin == "dictated")


def _reason(sentence: str, tokens: Sequence[Token]) -> str:
    for match in _phrases("reason").find(tokens):
        if match.end < len(tokens):
            return sentence[tokens[match.end].start :].rstrip(" .")
    return ""
