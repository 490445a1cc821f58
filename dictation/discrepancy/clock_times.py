"""Times of day, of a puncture or a call: "at eleven thirteen" must not become "at 11:31"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dictation.discrepancy.columns import Column
from dictation.discrepancy.corrections import of_words
from dictation.discrepancy.discrepancy import Discrepancy, Side, discrepancy_id
from dictation.findings.measurement import may_be_number, read_number
from dictation.findings.tokens import tokens_of

_TIME = re.compile(r"\b([01]?\d|2[0-3])[:h]([0-5]\d)\b")
_LEADING = frozenset({"at", "time", "by", "around", "until", "from"})  # before a time in words
_NAUGHT = frozenset({"oh", "o", "zero"})  # "eleven oh five"
_HOURS, _MINUTES, _HALF_DAY = range(24), range(10, 60), 12


@dataclass(frozen=True, slots=True)
class _Time:
    """Hour (of half a day) and minute, characters [start, end). `is_sure`: it can be nothing else."""

    value: tuple[int, int]
    span: tuple[int, int]
    is_sure: bool


def time_differences(heard: Column, written: Column) -> list[Discrepancy]:
    """A major card for each time that was said and stands nowhere, beside one that nobody said."""
    said, wrote = list(_times(heard.text)), list(_times(written.text))
    values = [{time.value for time in times} for times in (said, wrote)]
    lost = [time for time in said if time.is_sure and time.value not in values[1]]
    added = [time for time in wrote if time.is_sure and time.value not in values[0]]
    return [_card(one, two, heard, written) for one, two in zip(lost, added, strict=False)]


def _times(text: str) -> Iterator[_Time]:
    for match in _TIME.finditer(text):
        yield _Time((int(match[1]) % _HALF_DAY, int(match[2])), match.span(), is_sure=True)
    tokens = tokens_of(text)
    for at, token in enumerate(tokens[:-1]):
        hour = read_number(tokens[: at + 1], at) if may_be_number(token) and not token.is_number else None
        if hour is None or hour[0] not in _HOURS:
            continue
        is_naught = tokens[at + 1].norm in _NAUGHT and at + 2 < len(tokens)
        following = at + 1 + is_naught
        minute = read_number(tokens, following) if may_be_number(tokens[following]) else None
        limits = range(1, 10) if is_naught else _MINUTES
        if minute is None or minute[0] not in limits or tokens[following].is_number:
            continue
        is_sure = at > 0 and tokens[at - 1].norm in _LEADING
        span = token.start, tokens[minute[1] - 1].end
        yield _Time((int(hour[0]) % _HALF_DAY, int(minute[0])), span, is_sure)


def _card(one: _Time, two: _Time, heard: Column, written: Column) -> Discrepancy:
    left, right = (
        Side(text=column.text[slice(*time.span)], span=time.span) for column, time in ((heard, one), (written, two))
    )
    is_digital = _TIME.fullmatch(left.text) is not None
    correction = (
        of_words(left.text, two.span, written) if is_digital else None
    )  # which half of the day a word does not tell
    return Discrepancy(
        id=discrepancy_id("measurement", left.text.lower(), right.text.lower(), "time"),
        kind="measurement",
        severity="major",
        heard=left,
        written=right,
        explanation=f"You said {left.text}; the report says {right.text} (time).",
        audio_span_s=heard.seconds(*one.span),
        suggestion=correction.suggestion if correction else None,
        edits=correction.edits if correction else (),
    )
