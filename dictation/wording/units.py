"""Units of measurement: every spoken or written form in `units.tsv`, and the symbol that is written for it.

A unit is never converted into another: twelve millimeters stay millimetres.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from dictation.lexicon.tables import rows
from dictation.wording.pieces import Pieces, cut


@dataclass(frozen=True, slots=True)
class Unit:
    """`quantity` ("length", "time", …) says what may be compared; `size_mm` is one unit in mm."""

    symbol: str
    quantity: str
    size_mm: Decimal | None
    singular: tuple[str, ...]
    plural: tuple[str, ...]

    def after(self, number: str) -> str:
        """The number with its unit: "5 mm", but "45%"."""
        return f"{number}{self.symbol}" if self.symbol in ("%", "°") else f"{number} {self.symbol}"


@dataclass(frozen=True, slots=True)
class ReadUnit:
    """A unit as it was heard; `is_singular` says that a singular form was spoken ("millimeter")."""

    unit: Unit
    end: int
    is_singular: bool


def _forms(cell: str) -> tuple[str, ...]:
    return tuple(form.strip() for form in cell.split("|") if form.strip() != "-")


@cache
def units() -> tuple[Unit, ...]:
    """All units, in file order."""
    return tuple(
        Unit(
            symbol=row["symbol"],
            quantity=row["quantity"],
            size_mm=None if row["mm"] == "-" else Decimal(row["mm"]),
            singular=_forms(row["singular"]),
            plural=_forms(row["plural"]),
        )
        for row in rows("units")
    )


@cache
def _by_first_word() -> dict[str, list[tuple[tuple[str, ...], Unit, bool]]]:
    """First piece of a form → forms, longest first."""
    found: dict[str, list[tuple[tuple[str, ...], Unit, bool]]] = {}
    for unit in units():
        for forms, is_singular in ((unit.singular, True), (unit.plural, False)):
            for form in forms:
                words = tuple(piece.text for part in form.split() for piece in cut(part, 0))
                found.setdefault(words[0], []).append((words, unit, is_singular))
    for entries in found.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return found


@cache
def last_words() -> frozenset[str]:
    """The last piece of every spoken form: what stands before a word that follows a unit."""
    return frozenset(words[-1] for entries in _by_first_word().values() for words, _, _ in entries)


def read_unit(pieces: Pieces, start: int) -> ReadUnit | None:
    """Read the longest unit that stands at `start` and ends where its token ends."""
    for words, unit, is_singular in _by_first_word().get(pieces.word(start), ()):
        end = start + len(words)
        if pieces.follows(start, words) and pieces[end - 1].last:
            return ReadUnit(unit, end, is_singular)
    return None
