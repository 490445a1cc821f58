"""Numbers that belong to no size: a heart rate, weeks and days, a weight, a dose, an index. They must be copied, too.

A card needs both: a dictated number that the report has nowhere, and a written one that nobody dictated, with the same
unit or behind the same words. A number that is only missing is left to the cards about its finding.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from dictation.discrepancy.columns import Column
from dictation.discrepancy.corrections import of_words
from dictation.discrepancy.discrepancy import Discrepancy, Kind, Severity, Side, discrepancy_id, touches
from dictation.discrepancy.scores import scores_in
from dictation.discrepancy.sentence_edits import written_form
from dictation.findings import SentenceSpan
from dictation.findings.lexicon import cell, plain_words
from dictation.findings.measurement import EARLIER_WORDS, figures_of, measurements_in, read_number
from dictation.findings.phrases import Match, Phrases
from dictation.findings.tokens import Token, normal_form, tokens_of
from dictation.lexicon import rows
from dictation.wording.dates import MONTHS, ORDINAL_WORDS

_BODY = (None, "findings", "impression")
_REACH = 8  # words before a number that may name it
_BEHIND = 3  # words behind it
_LEAST = 10  # from which a whole number without unit or name is no count and no grade
_ALIKE = 2  # words that two counts of one thing share, what is counted among them
_TEN = 10.0
_PART = frozenset(
    {"/", "-", "–", ":", "+", "x", "by", "×", "#"}
)  # beside a number that is part of a date, size or range
_JOINTS = frozenset({"and", "or", "to", ","})  # "8 and 6 cm": the unit of the last holds for both
_MINUS = frozenset({"minus", "-", "–", "−"})
_ORDINAL = frozenset({"st", "nd", "rd", "th"})
_ENDS = frozenset({".", ";", "(", ")"})
_TOLD = frozenset({"measurement", "unit", "scoring", "level", "follow_up"})
_PLACE = "position"  # a position on the clock is read as a place
_YEARS = range(1900, 2101)
_HUNDREDS = (range(1, 10), range(10, 100))  # "one" and "forty five"
NAUGHT = frozenset({"oh", "o", "zero"})  # "one oh five"
_MM = 10.0  # in a centimetre
_SAME = 1e-6
_LENGTH, _TIME = "length", "time"  # what a unit measures
Known = tuple[float, str | None, str | None]  # a value, its unit, what that measures


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: its value in its unit, what it measures (None without a unit), its names, and the words beside it."""

    value: float
    unit: str | None
    quantity: str | None
    span: tuple[int, int]
    names: frozenset[str]
    words: frozenset[str]
    last: str | None  # the word of weight just before it
    of: str | None  # the word of weight just behind it


@cache
def _units() -> Phrases[tuple[str, str]]:
    """Unit → its symbol, and what it measures; one unit and many are the same."""
    return Phrases(
        (form, (row["symbol"].removesuffix("s") if len(row["symbol"]) > 2 else row["symbol"], row["quantity"]))
        for row in rows("units")
        for column in ("plural", "singular")
        for form in cell(row[column])
        if form != "-"
    )


@cache
def figure_names() -> Phrases[str]:
    """Words that name what a number without unit is: "ankle brachial index"."""
    return Phrases((term, row["figure"]) for row in rows("figure_labels") for term in cell(row["terms"]))


@cache
def _labels() -> frozenset[str]:
    """Words before a number that is a name and no amount: "series 4"."""
    return frozenset(normal_form(row["label"]) for row in rows("number_labels"))


@cache
def _plain_words() -> frozenset[str]:
    """Words that name nothing."""
    return plain_words("stop") | frozenset(row["word"] for row in rows("grammar_words"))


def figure_differences(heard: Column, written: Column, told: Iterable[Discrepancy]) -> list[Discrepancy]:
    """One card for each number that was said and is written as another one. `told` are the cards made already."""
    cards = [card for card in told if card.kind in _TOLD]
    said, wrote = list(_figures(heard)), list(_figures(written))
    if not said or not wrote:
        return []
    known_said, known_wrote = _known(heard), _known(written)
    lost = [figure for figure in said if not _stands(figure, known_wrote)]
    added = [figure for figure in wrote if not _stands(figure, known_said)]
    first_said, first_written = _told_first(said, heard), _told_first(wrote, written)
    again = list(_once_more(first_written, first_said))
    found = []
    for one in lost:
        ranked = sorted((two for two in added if _are_one(one, two)), key=lambda two: -len(one.words & two.words))
        if one in first_said:
            ranked += [two for two in again if one.names & two.names and _are_one(one, two)]
        if not ranked:
            continue
        two = ranked[0]
        (added if two in added else again).remove(two)
        if not any(touches(card.heard, *one.span) or touches(card.written, *two.span) for card in cards):
            found.append(_card(one, two, heard, written))
    return found


def _figures(column: Column) -> Iterator[Figure]:
    measured = [size.span for claim in column.claims for size in claim.measurements if size.span]
    for sentence in column.sentences:
        if sentence.section in _BODY and column.was_dictated(sentence.id):
            yield from _in_sentence(column.text, sentence, measured)


def _in_sentence(text: str, sentence: SentenceSpan, measured: Sequence[tuple[int, int]]) -> Iterator[Figure]:
    tokens = tokens_of(text[sentence.start : sentence.end])
    scored = [(score.start, score.end) for score in scores_in(text, sentence.start, sentence.end)]
    for start, end, value in numbers_in(tokens):
        unit = unit_at(tokens, end)
        if _is_second(tokens, start) or (unit and unit.meaning[1] == _PLACE):
            continue
        if unit is None and (_is_part(tokens, start, end, value) or value in _YEARS):
            continue
        last = unit.end if unit else end
        span = sentence.start + tokens[start].start, sentence.start + tokens[last - 1].end
        if any(low < span[1] and span[0] < high for low, high in (*measured, *scored)):
            continue
        before, after = _before(tokens, max(0, start - _REACH), start), _after(tokens, last)
        near = [*before, *after]
        symbol, quantity = unit.meaning if unit else (None, None)
        yield Figure(
            value,
            symbol,
            quantity,
            span,
            frozenset(match.meaning for match in figure_names().find(near)),
            frozenset(_weighty(near)),
            next(iter(reversed(_weighty(before))), None),
            next(iter(_weighty(after[:1])), None),
        )


def unit_at(tokens: Sequence[Token], at: int) -> Match[tuple[str, str]] | None:
    """The unit behind a number, which a dash may lead to: "3-month"."""
    return _units().longest_at(tokens, at + 1 if at < len(tokens) and tokens[at].norm == "-" else at)


def _is_second(tokens: Sequence[Token], at: int) -> bool:
    """Whether a number is the second part of another: "12+2 weeks", "14:35 hours"."""
    return at > 1 and tokens[at - 1].norm in ("+", ":", "/") and tokens[at - 2].is_number


def numbers_in(tokens: Sequence[Token]) -> Iterator[tuple[int, int, float]]:
    """Tokens [start, end) and value of each number; of a row of numbers only "one forty five" has a sure value."""
    at = 0
    while at < len(tokens):
        parts: list[tuple[int, int, float]] = []
        while at < len(tokens) and (number := read_number(tokens, at)):
            parts.append((at, number[1], float(number[0])))
            at = number[1]
            if (digit := _behind_naught(tokens, parts)) is not None:
                parts[-1] = (parts[-1][0], at + 2, 100 * parts[-1][2] + digit)
                at += 2
        at += not parts
        if not parts or (at < len(tokens) and tokens[at].norm in ORDINAL_WORDS):
            continue  # "thirty fourth" is no thirty
        if len(parts) == 1:
            yield _signed(tokens, *parts[0])
        elif _is_told_in_hundreds(tokens, parts):
            yield parts[0][0], parts[1][1], 100 * parts[0][2] + parts[1][2]


def _signed(tokens: Sequence[Token], start: int, end: int, value: float) -> tuple[int, int, float]:
    """The number with the minus before it: "minus 2.1", "is -2.1"; a dash within a word or a range is none."""
    if not start or tokens[start - 1].norm not in _MINUS:
        return start, end, value
    sign, word = tokens[start - 1], tokens[start - 2] if start > 1 else None
    is_apart = word is None or (word.norm.isalpha() and word.end < sign.start) or word.norm in (":", "=")
    is_sign = sign.norm.isalpha() or (is_apart and sign.end == tokens[start].start)
    return (start - 1, end, -value) if is_sign else (start, end, value)


def _behind_naught(tokens: Sequence[Token], parts: Sequence[tuple[int, int, float]]) -> float | None:
    """The last figure of "one oh five", where the first one is all that was read yet."""
    (start, end, value), *more = parts
    if more or value not in _HUNDREDS[0] or tokens[start].is_number or end + 1 >= len(tokens):
        return None
    number = read_number(tokens, end + 1) if tokens[end].norm in NAUGHT else None
    is_digit = number is not None and number[1] == end + 2 and float(number[0]) in _HUNDREDS[0]
    return float(number[0]) if number is not None and is_digit else None


def _is_told_in_hundreds(tokens: Sequence[Token], parts: Sequence[tuple[int, int, float]]) -> bool:
    """Whether numbers that follow each other are one, in words: "one forty five"."""
    return (
        len(parts) == len(_HUNDREDS)
        and all(part[2] in limits for part, limits in zip(parts, _HUNDREDS, strict=True))
        and not any(tokens[start].is_number for start, _, _ in parts)
    )


def _before(tokens: Sequence[Token], start: int, end: int) -> Sequence[Token]:
    stop = next((at + 1 for at in range(end - 1, start - 1, -1) if tokens[at].norm in _ENDS), start)
    return tokens[stop:end]


def _after(tokens: Sequence[Token], start: int) -> Sequence[Token]:
    near = tokens[start : start + _BEHIND]
    stop = next((at for at, token in enumerate(near) if not token.norm[0].isalpha()), len(near))
    return near[:stop]


def _weighty(tokens: Sequence[Token]) -> list[str]:
    return [token.norm for token in tokens if token.norm.isalpha() and token.norm not in _plain_words()]


def _is_part(tokens: Sequence[Token], start: int, end: int, value: float) -> bool:
    """Whether a number without a unit is part of a date, a level, a range, an ordinal or a list, or is a label."""
    before = tokens[start - 1] if start else None
    after = tokens[end] if end < len(tokens) else None
    if after and after.norm in _ORDINAL:
        return not any(token.norm in ("percentile", "centile") for token in tokens[end + 1 : end + 2])
    is_listed = end + 1 < len(tokens) and tokens[end].norm in _JOINTS and read_number(tokens, end + 1) is not None
    if after and (after.norm in _PART or is_listed):
        return True
    if before is None:
        return after is None or not after.norm.isalpha()
    if before.norm in _PART or before.norm in _labels() or before.norm in MONTHS or (after and after.norm in MONTHS):
        return True
    return before.norm.isalpha() and len(before.norm) == 1  # "L4"


def _known(column: Column) -> list[Known]:
    """Every number of a column with its unit and what it measures, sizes in both units."""
    found: list[Known] = []
    for sentence in column.sentences:
        text = column.text[sentence.start : sentence.end]
        tokens = tokens_of(text)
        numbers = list(numbers_in(tokens))
        numbers += [
            (at, number[1], float(number[0])) for at in range(len(tokens)) if (number := read_number(tokens, at))
        ]
        for start, end, value in numbers:
            if _signed(tokens, start, end, value)[2] < 0 < value:
                continue  # read without its sign
            unit = None if _is_second(tokens, start) else unit_at(tokens, end)
            found.append((value, *(unit.meaning if unit else (None, None))))
        for size in measurements_in(text, tokens):
            values = (*size.measurement.values_mm, *figures_of(size.measurement.raw))
            found += [(figure, None, _LENGTH) for value in values for figure in (value, value / _MM)]
    return found


def _stands(figure: Figure, known: Sequence[Known]) -> bool:
    return any(abs(value - figure.value) < _SAME and _may_be(figure, unit, of) for value, unit, of in known)


def _may_be(figure: Figure, unit: str | None, quantity: str | None) -> bool:
    """Whether a number of the same value may be the same: a bare index is no length and no age, nor is a heart rate."""
    if figure.unit is None:
        return quantity not in (_LENGTH, _TIME)
    if unit is None:
        return quantity in (None, figure.quantity)
    return unit == figure.unit


def _once_more(figures: Sequence[Figure], others: Sequence[Figure]) -> Iterator[Figure]:
    """Those of a name whose value is told more often than in the other text: both indices are 1.02 there."""
    for at, one in enumerate(figures):
        if one.names:
            here = sum(_is_again(one, two) for two in figures[: at + 1])
            if here > sum(_is_again(one, two) for two in others) > 0:
                yield one


def _told_first(figures: Sequence[Figure], column: Column) -> list[Figure]:
    """Those that are no repetition in the impression, and not said of an earlier exam."""
    found = []
    for figure in figures:
        sentence = column.sentence_at(figure.span)
        words = tokens_of(column.text[sentence.start : sentence.end])
        if sentence.section != "impression" and not any(token.norm in EARLIER_WORDS for token in words):
            found.append(figure)
    return found


def _is_again(one: Figure, two: Figure) -> bool:
    return one.names == two.names and one.unit == two.unit and abs(one.value - two.value) < _SAME


def _are_one(one: Figure, two: Figure) -> bool:
    """Whether two different numbers are told of the same thing, whose unit one of them may leave out."""
    if (one.unit is None) != (two.unit is None):
        return bool(one.names & two.names)
    if one.quantity != two.quantity or (one.unit != two.unit and one.value != two.value):
        return False
    if one.quantity == "time" and int(one.value) == int(two.value) and one.unit == two.unit:
        return False  # "ten years six months" are 10.5 years
    if one.names and two.names:
        return bool(one.names & two.names)
    if one.unit:
        return bool(one.words & two.words)
    if one.of is not None and one.of == two.of and len(one.words & two.words) >= _ALIKE:
        return True  # "twelve cores were obtained", "3 coils were deployed"
    is_told = (
        max(one.value, two.value) >= _LEAST
        or one.value == -two.value
        or not (one.value.is_integer() and two.value.is_integer())
    )
    return is_told and one.last is not None and one.last == two.last


def _card(one: Figure, two: Figure, heard: Column, written: Column) -> Discrepancy:
    left, right = _side(heard, one), _side(written, two)
    kind: Kind = "unit" if one.unit and two.unit and one.unit != two.unit else "measurement"
    low, high = sorted(abs(figure.value) for figure in (one, two))
    is_tenfold = low > 0 and round(high / low, 3) in (_TEN, _TEN * _TEN)
    severity: Severity = "critical" if kind == "unit" or is_tenfold else "major"
    correction = of_words(written_form(left.text), two.span, written)
    return Discrepancy(
        id=discrepancy_id(kind, left.text.lower(), right.text.lower(), *sorted(one.words)),
        kind=kind,
        severity=severity,
        heard=left,
        written=right,
        explanation=f"You said {left.text}; the report says {right.text}{_of(one, two)}.",
        audio_span_s=heard.seconds(*one.span),
        suggestion=correction.suggestion,
        edits=correction.edits,
    )


def _of(one: Figure, two: Figure) -> str:
    names = sorted(one.names & two.names)
    about = names[0].replace("_", " ") if names else one.last
    return f" ({about})" if about else ""


def _side(column: Column, figure: Figure) -> Side:
    return Side(text=column.text[slice(*figure.span)], span=figure.span)
