"""Times of day, of a puncture or a call: "recanalization at eleven thirteen" must not become "at 11:31".

A card needs a time that was said and is not written, one that is written and was not said, and a word beside both that
tells what they are of: an exam, a signature and a position on the clock have times of their own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dictation.discrepancy.columns import Column
from dictation.discrepancy.corrections import of_words
from dictation.discrepancy.discrepancy import Discrepancy, Side, discrepancy_id
from dictation.discrepancy.exchanged_sides import clauses
from dictation.discrepancy.figures import NAUGHT
from dictation.findings.lexicon import plain_words
from dictation.findings.measurement import may_be_number, read_number
from dictation.findings.tokens import Token, tokens_of

_BODY = (None, "technique", "findings", "impression")
_TIME = re.compile(r"\b([01]?\d|2[0-3])[:h]([0-5]\d)\b")
_LEADING = frozenset({"at", "time", "by", "around", "until"})  # before a time in words
_HOURS, _MINUTES, _HALF_DAY = range(24), range(10, 60), 12
_STEM = 5  # letters by which two forms of a word are one


@dataclass(frozen=True, slots=True)
class _Time:
    """Hour (of half a day) and minute, characters [start, end), words beside it. `is_sure`: it is no other number."""

    value: tuple[int, int]
    span: tuple[int, int]
    words: frozenset[str]
    is_sure: bool


def time_differences(heard: Column, written: Column) -> list[Discrepancy]:
    """A major card for each time of day that is written as another one."""
    said, wrote = list(_times(heard)), list(_times(written))
    values = [{time.value for time in times} for times in (said, wrote)]
    lost = [time for time in said if time.is_sure and time.value not in values[1]]
    added = [time for time in wrote if time.is_sure and time.value not in values[0]]
    found = []
    for one in lost:
        two = max(added, key=lambda time: len(time.words & one.words), default=None)
        if two is not None and two.words & one.words:
            added.remove(two)
            found.append(_card(one, two, heard, written))
    return found


def _times(column: Column) -> Iterator[_Time]:
    for sentence in column.sentences:
        if sentence.section not in _BODY:
            continue
        text = column.text[sentence.start : sentence.end]
        tokens = tokens_of(text)
        for (start, end), value, is_sure in _in_sentence(text, tokens):
            beside = next(
                (
                    tokens[low:high]
                    for low, high in clauses(tokens)
                    if tokens[low].start <= start < tokens[high - 1].end
                ),
                tokens,
            )
            words = frozenset(
                one.norm[:_STEM] for one in beside if one.norm.isalpha() and one.norm not in plain_words("stop")
            )
            yield _Time(value, (sentence.start + start, sentence.start + end), words, is_sure)


def _in_sentence(text: str, tokens: tuple[Token, ...]) -> Iterator[tuple[tuple[int, int], tuple[int, int], bool]]:
    for match in _TIME.finditer(text):
        yield match.span(), (int(match[1]) % _HALF_DAY, int(match[2])), match[2] != "00"  # "3:00" may be of a clock
    for at, token in enumerate(tokens[:-1]):
        hour = read_number(tokens[: at + 1], at) if may_be_number(token) and not token.is_number else None
        if hour is None or hour[0] not in _HOURS:
            continue
        is_naught = tokens[at + 1].norm in NAUGHT and at + 2 < len(tokens)
        following = at + 1 + is_naught
        minute = read_number(tokens, following) if may_be_number(tokens[following]) else None
        limits = range(1, 10) if is_naught else _MINUTES
        if minute is None or minute[0] not in limits or tokens[following].is_number:
            continue
        behind = tokens[minute[1]].norm if minute[1] < len(tokens) else ""
        is_sure = at > 0 and tokens[at - 1].norm in _LEADING and behind not in ("gauge", "french")
        yield (token.start, tokens[minute[1] - 1].end), (int(hour[0]) % _HALF_DAY, int(minute[0])), is_sure


def _card(one: _Time, two: _Time, heard: Column, written: Column) -> Discrepancy:
    left, right = (
        Side(text=column.text[slice(*time.span)], span=time.span) for column, time in ((heard, one), (written, two))
    )
    is_digital = _TIME.fullmatch(left.text) is not None
    correction = of_words(left.text, two.span, written) if is_digital else None  # words do not tell the half of the day
    return Discrepancy(
        id=discrepancy_id("measurement", left.text.lower(), right.text.lower(), *sorted(two.words)),
        kind="measurement",
        severity="major",
        heard=left,
        written=right,
        explanation=f"You said {left.text}; the report says {right.text} (time).",
        audio_span_s=heard.seconds(*one.span),
        suggestion=correction.suggestion if correction else None,
        edits=correction.edits if correction else (),
    )
