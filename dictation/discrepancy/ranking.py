"""Discrepancies → the few that are shown at once, the weightiest first, and the rest folded.

A card's worth is how grave it is times how likely such a card is right: measured on pairs written by hand and on
planted errors (the table measured_precision, written by benchmarks/discrepancy), or told by this site's own verdicts
once there are enough. What is critical is always shown, and first.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from dictation.discrepancy.discrepancy import SEVERITIES, Discrepancy
from dictation.frozen import Frozen
from dictation.lexicon import rows

BUDGET = 3  # cards shown at once beside the critical ones
MISTRUSTED_BELOW = 0.3  # of ten cards of such a kind seven were wrong: it folds itself
ENOUGH_VERDICTS = 30  # of one kind and severity, before a site's own count
MEASURED_CARDS = 20  # what was measured counts for as many verdicts
UNMEASURED = 0.5
_GRAVITY = {"major": 9.0, "minor": 3.0, "info": 1.0}
_FOLDED = ("minor", "info")
# What was said must not get lost, however often its card is wrong: these are shown within the budget, never folded.
_GUARDED = frozenset({"laterality", "negation", "measurement", "unit", "level", "sex", "omission"})
_ALWAYS = ("critical_result",)  # somebody waits for a call: shown whatever the budget
# First among critical cards, and where worth is equal: what concerns the whole report, then the rarest false alarm.
_FIRST = ("patient", "sex", "exam", "laterality", "negation", "unit", "measurement", "level", "omission", "addition")


class Verdict(Frozen):
    """What a reader found of one card: `is_real` where the columns did disagree, whichever of them was right."""

    kind: str
    severity: str
    is_real: bool


Precisions = Mapping[tuple[str, str], float]  # kind and severity → the share of such alerts that are right, 0–1


@cache
def measured() -> Precisions:
    """Return the precisions that were measured on planted errors."""
    return {(row["kind"], row["severity"]): float(row["precision"]) for row in rows("measured_precision")}


def learned(verdicts: Iterable[Verdict]) -> Precisions:
    """Return the measured precisions, moved by a site's own verdicts where there are enough of a kind."""
    right, given = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for verdict in verdicts:
        given[verdict.kind, verdict.severity] += 1
        right[verdict.kind, verdict.severity] += verdict.is_real
    known = dict(measured())
    for name, count in given.items():
        if count >= ENOUGH_VERDICTS:
            prior = MEASURED_CARDS * known.get(name, UNMEASURED)
            known[name] = (prior + right[name]) / (MEASURED_CARDS + count)
    return known


def ranked(discrepancies: Sequence[Discrepancy], precisions: Precisions | None = None) -> list[Discrepancy]:
    """Return them in the order in which a reader should see them: critical ones by kind, then others by worth.

    Each id is there once. Where two are worth the same, kind and place in the text decide.
    """
    known = measured() if precisions is None else precisions
    unique = {discrepancy.id: discrepancy for discrepancy in reversed(discrepancies)}

    def rank(one: Discrepancy) -> tuple[bool, bool, float, int, int, int, str]:
        places = [side.span[0] for side in (one.heard, one.written) if side and side.span]
        return (
            one.severity != "critical",
            not _is_call(one),
            0.0 if one.severity == "critical" else -_GRAVITY[one.severity] * chance(one, known),
            SEVERITIES.index(one.severity),
            _FIRST.index(one.kind) if one.kind in _FIRST else len(_FIRST),
            places[0] if places else 0,
            one.id,
        )

    return sorted(unique.values(), key=rank)


def chance(discrepancy: Discrepancy, precisions: Precisions) -> float:
    """Return how likely a card is right, 0–1: what its own source says, else how often its like were."""
    name = discrepancy.kind, discrepancy.severity
    of_text = discrepancy.seen is None and discrepancy.kind != "critical_word"
    is_of_site = of_text and precisions.get(name) != measured().get(name)  # its own verdicts, once there are enough
    if discrepancy.probability is not None and not is_of_site:
        return discrepancy.probability
    return precisions.get(name, UNMEASURED)


@dataclass(frozen=True)
class Shortlist:
    """What is shown at once and what is folded, each in rank. `notes` tell which kinds are folded for being wrong."""

    shown: tuple[Discrepancy, ...]
    folded: tuple[Discrepancy, ...]
    notes: tuple[str, ...] = ()


def shortlist(
    discrepancies: Sequence[Discrepancy],
    decided: Collection[str] = (),
    precisions: Precisions | None = None,
    budget: int = BUDGET,
) -> Shortlist:
    """Return what to show of the discrepancies that are not decided yet (`decided`: ids)."""
    known = measured() if precisions is None else precisions
    shown: list[Discrepancy] = []
    folded: list[Discrepancy] = []
    notes: dict[str, None] = {}
    left = budget
    for one in ranked(discrepancies, known):
        if one.id in decided:
            continue
        if one.severity == "critical" or _is_call(one):
            shown.append(one)
        elif one.severity in _FOLDED:
            folded.append(one)
        elif _is_mistrusted(one, known):
            folded.append(one)
            notes[f"{one.severity} {one.kind.replace('_', ' ')}: hidden, as it is probably no error."] = None
        elif left:
            left -= 1
            shown.append(one)
        else:
            folded.append(one)
    return Shortlist(tuple(shown), tuple(folded), tuple(notes))


def _is_call(one: Discrepancy) -> bool:
    """Whether somebody waits for a call: such an alert comes next to the critical ones."""
    return one.kind in _ALWAYS and one.severity != "info"


def _is_mistrusted(one: Discrepancy, precisions: Precisions) -> bool:
    """Whether it is more likely wrong, by the judge or by its kind; a reader and an ear have numbers of their own."""
    is_anothers = one.seen is not None or (one.kind == "critical_word" and one.probability is not None)
    return one.kind not in _GUARDED and not is_anothers and chance(one, precisions) < MISTRUSTED_BELOW
