"""Every number of a dictation in the form that radiologists write, each still tied to its words.

Dates, times, scores, levels, ages, quantities and counts are tried in this order at each word. What none of them reads
for certain stays as it was heard. One pass, linear in the number of tokens.
"""

from collections.abc import Sequence

from dictation.wording.ages import read_age
from dictation.wording.clock_times import read_clock
from dictation.wording.counts import is_label, read_count
from dictation.wording.dates import Spelling, read_date, read_year
from dictation.wording.levels import read_level, read_segment
from dictation.wording.numbers import is_number
from dictation.wording.pieces import Figure, Pieces
from dictation.wording.quantities import read_quantity
from dictation.wording.scores import read_score
from dictation.wording.tokens import Token

_LISTING = frozenset({"and", "or", "to", "through", "thru", ","})
"""What may stand between the numbers of one label: "ribs four, five and six"."""


def write_figures(tokens: Sequence[Token], *, spelling: Spelling = "american") -> list[Token]:
    """Return the tokens with each spoken or written number, quantity, level, date and score as one `number` token.

    Only word tokens are read, and hyphen or slash marks between levels; no figure crosses another mark. A number whose
    reading is uncertain keeps its word tokens unchanged. `spelling` decides the order of a date with a named month.
    """
    pieces = Pieces(tokens)
    written: list[Token] = []
    at, label_end, date_end = 0, -1, -1
    while at < len(pieces):
        figure: Figure | None = None
        if pieces[at].first and pieces[at].kind in ("word", "digits", "symbol"):
            is_labelled = is_label(pieces, at - 1) or (label_end == at - 1 and pieces[at - 1].text in _LISTING)
            figure, is_date = _read(pieces, at, spelling, is_labelled, is_dated=date_end == at - 1)
            if figure and figure.text is not None:
                label_end = figure.end if is_labelled else -1
                date_end = figure.end if is_date else -1
        end = figure.end if figure else at + 1
        while not pieces[end - 1].last:
            end += 1
        heard = tokens[pieces[at].token : pieces[end - 1].token + 1]
        if figure and figure.text is not None:
            indexes = sorted({index for token in heard for index in token.words})
            written.append(Token(text=figure.text, words=tuple(indexes), kind="number"))
        else:
            written.extend(heard)
        at = end
    return written


def _read(
    pieces: Pieces, at: int, spelling: Spelling, is_labelled: bool, *, is_dated: bool
) -> tuple[Figure | None, bool]:
    """What stands at `at`, and whether it is a date. A figure that would end inside a token is refused."""
    date = read_date(pieces, at, spelling)
    if _fits(pieces, date):
        return date, True
    if is_dated and pieces[at - 1].text == "," and (year := read_year(pieces, at)) and not is_number(pieces[year[1]]):
        return Figure(str(year[0]), year[1]), False
    if clock := read_clock(pieces, at):
        return clock, False
    for figure in (read_score(pieces, at), read_level(pieces, at), read_segment(pieces, at), read_age(pieces, at)):
        if _fits(pieces, figure):
            return figure, False
    quantity = read_quantity(pieces, at)
    if quantity and pieces[quantity.end - 1].last:
        return Figure(quantity.text, quantity.end), False
    count = read_count(pieces, at, is_labelled=is_labelled)
    return (count if _fits(pieces, count) else None), False


def _fits(pieces: Pieces, figure: Figure | None) -> bool:
    return figure is not None and (figure.text is None or pieces[figure.end - 1].last)
