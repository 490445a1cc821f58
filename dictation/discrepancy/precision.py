"""Verdicts on flags → how often each kind is real, with an interval; and what that makes a flag worth.

A contradiction within one text is told apart by what differs ("contradiction.side"), because a side is mistaken more
rarely than a presence; whoever knows nothing of the finer kind takes the plain one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from math import sqrt
from pathlib import Path

from dictation.discrepancy.ranking import MEASURED_CARDS, UNMEASURED, Precisions, Verdict, measured
from dictation.errors import InputError
from dictation.frozen import Frozen
from dictation.lexicon import rows

# In DICTATION_HOME. Signed reports hold a tenth of the slips of drafts, so the cards of drafts are ranked apart.
SITE_FILE = "recheck_precision.tsv"
_COLUMNS = ("kind", "severity", "precision", "low", "high", "cards", "source")
_NEEDED = frozenset({"kind", "severity", "precision", "cards"})
_Z95 = 1.959964  # two-sided 95 % of the normal distribution
_GRAVITY = {"critical": 27.0, "major": 9.0, "minor": 3.0, "info": 1.0}  # ranking's, and one step further


class Measured(Frozen):
    """Of `cards` flags of one kind and severity, the share `precision` was real; [low, high] its 95 % interval."""

    kind: str
    severity: str
    precision: float
    cards: int
    low: float = 0.0
    high: float = 1.0


def wilson(real: int, cards: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share: it stays within 0 and 1, and is no point where all or none were real."""
    if not cards:
        return 0.0, 1.0
    share, z2 = real / cards, _Z95**2
    middle = (share + z2 / (2 * cards)) / (1 + z2 / cards)
    half = _Z95 * sqrt(share * (1 - share) / cards + z2 / (4 * cards**2)) / (1 + z2 / cards)
    return max(0.0, middle - half), min(1.0, middle + half)


def tallied(verdicts: Iterable[Verdict]) -> tuple[Measured, ...]:
    """What the verdicts say of each kind and severity, by name; a kind with finer ones also as a whole.

    What an image reader alone objects to ("negation.seen") says nothing of a kind as the texts show it.
    """
    real, given = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for verdict in verdicts:
        for kind in {verdict.kind, verdict.kind if verdict.kind.endswith(".seen") else plain(verdict.kind)}:
            given[kind, verdict.severity] += 1
            real[kind, verdict.severity] += verdict.is_real
    found = []
    for (kind, severity), cards in sorted(given.items()):
        right = real[kind, severity]
        low, high = wilson(right, cards)
        found.append(Measured(kind=kind, severity=severity, precision=right / cards, cards=cards, low=low, high=high))
    return tuple(found)


def plain(kind: str) -> str:
    """The kind of `Discrepancy.kind` behind a finer one: "contradiction.side" → "contradiction"."""
    return kind.partition(".")[0]


def table(measurements: Iterable[Measured], source: str) -> str:
    """The measurements as a tab-separated table, as `SITE_FILE` holds it."""
    lines = ["# How often a flag was real, by this site's own verdicts; low and high: 95 % interval (Wilson)."]
    lines.append("\t".join(_COLUMNS))
    for one in measurements:
        shares = [f"{share:.3f}" for share in (one.precision, one.low, one.high)]
        lines.append("\t".join((one.kind, one.severity, *shares, str(one.cards), source)))
    return "\n".join(lines) + "\n"


def merged(site: Iterable[Measured], measured: Iterable[Measured]) -> list[Measured]:
    """The site's table, and what was measured now.

    Of the same kind and severity the one that rests on more cards counts, of two alike the newer.
    """
    found: dict[tuple[str, str], Measured] = {}
    for one in (*site, *measured):
        kept = found.get((one.kind, one.severity))
        if kept is None or one.cards >= kept.cards:
            found[one.kind, one.severity] = one
    return [found[name] for name in sorted(found)]


def site_measurements(home: Path) -> tuple[Measured, ...]:
    """What this site keeps in its home; nothing where there is no such file. Raises InputError where it is damaged."""
    path = home / SITE_FILE
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read; repair it or take it away.") from error
    lines = [line.split("\t") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not lines or not set(lines[0]) >= _NEEDED:
        raise InputError(f"{path}: its first line must name {', '.join(sorted(_NEEDED))}; repair it or take it away.")
    return tuple(_measured(path, dict(zip(lines[0], cells, strict=False))) for cells in lines[1:])


def _measured(path: Path, cells: Mapping[str, str]) -> Measured:
    try:
        share, cards = float(cells["precision"]), int(cells["cards"])
        low, high = float(cells.get("low", 0)), float(cells.get("high", 1))
    except (KeyError, ValueError):
        share, cards, low, high = -1.0, 0, 0.0, 1.0
    if not 0 <= share <= 1 or cards < 1:
        raise InputError(f"{path}: each line needs a precision of 0 to 1 and a number of cards; repair that line.")
    return Measured(kind=cells["kind"], severity=cells["severity"], precision=share, cards=cards, low=low, high=high)


@cache
def of_reports() -> Precisions:
    """The precisions of the package: of cards between columns, moved by those of flags within signed reports."""
    return informed(
        measured(),
        (
            Measured(
                kind=row["kind"], severity=row["severity"], precision=float(row["precision"]), cards=int(row["cards"])
            )
            for row in rows("recheck_precision")
        ),
    )


def informed(known: Precisions, measurements: Iterable[Measured]) -> Precisions:
    """`known`, moved by a site's own measurements: what was known counts for 20 cards, so that the site's soon wins."""
    moved = dict(known)
    for one in measurements:
        before = chance(one.kind, one.severity, known)
        moved[one.kind, one.severity] = (MEASURED_CARDS * before + one.precision * one.cards) / (
            MEASURED_CARDS + one.cards
        )
    return moved


def chance(kind: str, severity: str, precisions: Precisions) -> float:
    """How likely a flag of this kind and severity is real, 0–1."""
    return precisions.get((kind, severity), precisions.get((plain(kind), severity), UNMEASURED))


def worth(kind: str, severity: str, precisions: Precisions) -> float:
    """What a look at such a flag is worth: how grave it is, times how likely it is real."""
    return _GRAVITY[severity] * chance(kind, severity, precisions)
