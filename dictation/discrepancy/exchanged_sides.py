"""Two numbers that changed sides: "right kidney 10.2 cm, left 9.8", written as "right 9.8 cm, left 10.2".

Both numbers stand in both columns, so that neither is lost; only the side beside each of them tells the slip.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from dictation.discrepancy.columns import Column
from dictation.discrepancy.corrections import Correction
from dictation.discrepancy.discrepancy import Discrepancy, Kind, Side, discrepancy_id, touches
from dictation.discrepancy.figures import figure_names, numbers_in, unit_at
from dictation.findings.lexicon import word_phrases
from dictation.findings.measurement import figures_of, measurements_in
from dictation.findings.tokens import Token, tokens_of

_BODY = (None, "findings", "impression")
_CUTS = frozenset({",", ";", ".", "and", "while", "whereas", "versus", "vs", "but", "compared"})
_BEHIND_BARE = _CUTS | {"left", "right", "on", "in", "to", "versus"}  # a number that has the unit of the next
_QUANTITIES = frozenset({"proportion", "angle"})  # beside lengths: percents, degrees
_NEXT = 1  # sentences between the two numbers
Values = tuple[float, ...]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Sided:
    values: Values
    side: str
    sentence: int
    span: tuple[int, int]


def exchanged_sides(heard: Column, written: Column, told: Iterable[Discrepancy]) -> list[Discrepancy]:
    """One critical card for each two numbers whose sides are the other way round. `told` are the cards made already."""
    said, wrote = _sided(heard), _sided(written)
    cards = [card for card in told if card.kind in ("laterality", "measurement")]
    found: list[Discrepancy] = []
    for one, two in combinations(sorted(said.keys() & wrote.keys()), 2):
        places = said[one], said[two], wrote[one], wrote[two]
        if any(len({place.side for place in sided}) > 1 for sided in places):
            continue
        left, right, wrote_left, wrote_right = (sided[0] for sided in places)
        if left.side == right.side or left.side == wrote_left.side or right.side == wrote_right.side:
            continue
        if any(abs(a.sentence - b.sentence) > _NEXT for a, b in ((left, right), (wrote_left, wrote_right))):
            continue
        said_span, wrote_span = _span(left, right), _span(wrote_left, wrote_right)
        if not any(touches(card.heard, *said_span) or touches(card.written, *wrote_span) for card in cards):
            found.append(pair_alert("laterality", heard, said_span, written, wrote_span, ": sides exchanged"))
    return found


def _sided(column: Column) -> dict[Values, list[_Sided]]:
    """The numbers of a column that stand beside one side."""
    found: dict[Values, list[_Sided]] = {}
    for number, sentence in enumerate(column.sentences):
        if sentence.section in _BODY:
            text = column.text[sentence.start : sentence.end]
            for values, side, (start, end) in _in_sentence(text):
                span = sentence.start + start, sentence.start + end
                found.setdefault(values, []).append(_Sided(values, side, number, span))
    return found


def _in_sentence(text: str) -> Iterator[tuple[Values, str, tuple[int, int]]]:
    tokens = tokens_of(text)
    told = [*_lengths(text, tokens), *_indices(tokens)]
    if not told:
        return
    sides = [match for match in word_phrases("laterality", "side").find(tokens) if match.meaning in ("left", "right")]
    before = None
    for start, end in _told_apart(tokens, [match.start for match in sides], [at for at, _ in told]):
        own = {match.meaning for match in sides if start <= match.start < end}
        here = [values for at, values in told if start <= at < end]
        side = next(iter(own)) if len(own) == 1 else before if not own else None
        if side:
            for values in here:
                yield values, side, (tokens[start].start, tokens[end - 1].end)
        before = side if own and not here else None


def _lengths(text: str, tokens: Sequence[Token]) -> list[tuple[int, Values]]:
    """Where lengths stand, and their millimetres; a number before one shares its unit: "right 11.2, left 8.1 cm"."""
    sizes = measurements_in(text, tokens)
    found = [(size.start, tuple(sorted(round(value, 3) for value in size.measurement.values_mm))) for size in sizes]
    for start, end, value in numbers_in(tokens):
        size = next((size for size in sizes if size.start >= end), None)
        if size is None or any(one.start <= start < one.end for one in sizes):
            continue
        if tokens[end].norm not in _BEHIND_BARE:
            continue  # "2 nodules on the right, 8 mm"
        told = figures_of(size.measurement.raw)
        if len(told) == 1:
            found.append((start, (round(value * size.measurement.values_mm[0] / told[0], 3),)))
    return found


def _indices(tokens: Sequence[Token]) -> list[tuple[int, Values]]:
    """Percents and angles, and numbers without a unit of a sentence that names them: "ABI 0.92 right, 0.61 left"."""
    is_named = bool(figure_names().find(tokens))
    found: list[tuple[int, Values]] = []
    for start, end, value in numbers_in(tokens):
        unit = unit_at(tokens, end)
        if (unit is None and is_named) or (unit is not None and unit.meaning[1] in _QUANTITIES):
            found.append((start, (value,)))
    return found


def _told_apart(tokens: Sequence[Token], sides: Sequence[int], numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The clauses, those with several sides parted at each: before it where its number follows, else behind it."""
    for start, end in clauses(tokens):
        own = [at for at in sides if start <= at < end]
        told = [at for at in numbers if start <= at < end]
        if len(own) > 1 and told:
            cuts = own[1:] if own[0] < told[0] else [at + 1 for at in own[:-1]]
            for cut in cuts:
                yield start, cut
                start = cut
        yield start, end


def clauses(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """The tokens [start, end) between marks and the words that join two statements."""
    start = 0
    for at, token in enumerate(tokens):
        if token.norm in _CUTS:
            if start < at:
                yield start, at
            start = at + 1
    if start < len(tokens):
        yield start, len(tokens)


def _span(one: _Sided, two: _Sided) -> tuple[int, int]:
    return min(one.span[0], two.span[0]), max(one.span[1], two.span[1])


def pair_alert(
    kind: Kind,
    heard: Column,
    said: Span,
    written: Column,
    wrote: Span,
    more: str = "",
    correction: Correction | None = None,
) -> Discrepancy:
    """A critical alert on the words [start, end) of both texts; `more` is told behind them."""
    left, right = (
        Side(text=column.text[slice(*span)], span=span) for column, span in ((heard, said), (written, wrote))
    )
    return Discrepancy(
        id=discrepancy_id(kind, left.text.lower(), right.text.lower()),
        kind=kind,
        severity="critical",
        heard=left,
        written=right,
        explanation=f"You said \u201c{left.text}\u201d; the report says \u201c{right.text}\u201d{more}.",
        audio_span_s=heard.seconds(*said),
        suggestion=correction.suggestion if correction else None,
        edits=correction.edits if correction else (),
    )
