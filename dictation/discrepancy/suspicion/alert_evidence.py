"""What speaks for an alert of the rules being right: numbers, one row an alert.

How suspect the sentences are that it quotes (`of_suspicion`). Of the sentence of which each side quotes most, the part
of its `evidence` that bears on the alert's kind; what the two sentences say of each other; which of the quoted numbers
and sides the other text has at all; what else is told of the pair (`of_alert`).
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import KINDS, Discrepancy, Side
from dictation.discrepancy.figures import numbers_in
from dictation.discrepancy.judge.entailment import part_entailment
from dictation.discrepancy.suspicion.evidence import NAMES as OF_SENTENCE
from dictation.discrepancy.suspicion.evidence import logit
from dictation.discrepancy.suspicion.trees import SUSPECTED, Suspicions
from dictation.findings.measurement import measurements_in
from dictation.findings.tokens import tokens_of

GRAVE = ("critical", "major")
_FAMILY = {
    "laterality": "side", "measurement": "size", "level": "level", "severity": "severity", "change": "change",
    "negation": "polarity", "certainty": "certainty", "site": "place", "scoring": "score",
}  # fmt: skip
_OF_FAMILY = ("other", "unlike", "nowhere", "only_other", "stated")
_KEPT = (
    "holds", "contradicts", "absent", "lost", "lost_seen", "pair_alike", "pair_holds", "pair_contradicts",
    "impression", "preface", "hedged", "negated", "position",
)  # fmt: skip
_OF_SIDE = ("words", "lost_numbers", "lost_sides", *_KEPT, *_OF_FAMILY)
_OF_BOTH = (
    "heard_holds",
    "heard_contradicts",
    "written_holds",
    "written_contradicts",
    "numbers_differ",
    "sides_differ",
)
_OF_PAIR = ("critical", "against", "seen", "doubt", "grave", "alerts")
NAMES: tuple[str, ...] = (
    "heard likely", "heard more_suspect", "heard same_kind", "written likely", "written more_suspect",
    "written same_kind", "highest",
    *(f"{column} {name}" for column in ("heard", "written") for name in _OF_SIDE),
    *_OF_BOTH, *_OF_PAIR, *(f"kind {kind}" for kind in KINDS),
)  # fmt: skip
_AT = {name: at for at, name in enumerate(OF_SENTENCE)}
_NOTHING = -9.0  # of a side that quotes nothing
_SIDES = re.compile(r"\b(?:left|right)")
Array = npt.NDArray[np.float32]


def of_suspicion(alert: Discrepancy, heard: Column, written: Column, suspected: Suspicions) -> list[float]:
    """Of the most suspect sentence that each side quotes: how suspect, the share of all that are more so, and how
    likely that is for what the alert says; then how suspect any sentence is.
    """
    every = np.concatenate(suspected.likely)
    kind = SUSPECTED.index(alert.kind) if alert.kind in SUSPECTED else None
    found: list[float] = []
    for side, column in ((alert.heard, heard), (alert.written, written)):
        likely, kinds = suspected.of(column)
        most = max(quoted(side, column), key=lambda at: float(likely[at]), default=None)
        if most is None:
            found += [_NOTHING] * 3
        else:
            same = _NOTHING if kind is None else float(kinds[most, kind])
            found += [float(likely[most]), float((every > likely[most]).mean()), same]
    return [*found, float(every.max(initial=0))]


def of_alert(
    alert: Discrepancy, alerts: Sequence[Discrepancy], heard: Column, written: Column, rows: tuple[Array, Array]
) -> list[float]:
    """What is known of one of the alerts of a pair but for suspicion; `rows` are the evidence of both texts."""
    return [
        *_of_side(alert.heard, alert.kind, heard, written, rows[0]),
        *_of_side(alert.written, alert.kind, written, heard, rows[1]),
        *_of_both(alert, heard, written),
        float(alert.severity == "critical"),
        float(alert.against is not None),
        float(alert.seen is not None),
        float(alert.probability is not None),
        float(sum(one.severity in GRAVE for one in alerts)),
        float(len(alerts)),
        *(float(alert.kind == kind) for kind in KINDS),
    ]


def quoted(side: Side | None, column: Column) -> list[int]:
    """The sentences of a column that a side quotes, the one of which it quotes most first."""
    if side is None or side.span is None:
        return []
    start, end = side.span
    shared = [(min(end, one.end) - max(start, one.start), -at) for at, one in enumerate(column.sentences)]
    return [-at for length, at in sorted(shared, reverse=True) if length > 0]


def _of_side(side: Side | None, kind: str, own: Column, other: Column, rows: Array) -> list[float]:
    sentences = quoted(side, own)
    if side is None or not sentences:
        return [_NOTHING] * len(_OF_SIDE)
    family, row = _FAMILY.get(kind), rows[sentences[0]]
    return [
        float(len(side.text.split())),
        float(len(numbers_of(side.text) - numbers_of(other.text))),
        float(len(sides_of(side.text) - sides_of(other.text))),
        *(float(row[_AT[name]]) for name in _KEPT),
        *(float(row[_AT[f"{family} {name}"]]) if family else _NOTHING for name in _OF_FAMILY),
    ]


def _of_both(alert: Discrepancy, heard: Column, written: Column) -> list[float]:
    said, wrote = quoted(alert.heard, heard), quoted(alert.written, written)
    if alert.heard is None or alert.written is None or not said or not wrote:
        return [_NOTHING] * len(_OF_BOTH)
    one, two = heard.sentences[said[0]], written.sentences[wrote[0]]
    there = part_entailment(heard.text, (one.start, one.end), written.text, (two.start, two.end))
    back = part_entailment(written.text, (two.start, two.end), heard.text, (one.start, one.end))
    numbers = [numbers_of(side.text) for side in (alert.heard, alert.written)]
    sides = [sides_of(side.text) for side in (alert.heard, alert.written)]
    return [
        logit(there.holds),
        logit(there.contradicts),
        logit(back.holds),
        logit(back.contradicts),
        float(all(numbers) and numbers[0] != numbers[1]),
        float(all(sides) and sides[0] != sides[1]),
    ]


@lru_cache(maxsize=64)
def numbers_of(text: str) -> frozenset[float]:
    """The numbers of a text, sizes in millimetres."""
    tokens = tokens_of(text)
    sizes = measurements_in(text, tokens)
    found = {round(float(value), 2) for size in sizes for value in size.measurement.values_mm}
    taken = {at for size in sizes for at in range(size.start, size.end)}
    return frozenset(found | {round(value, 2) for start, _, value in numbers_in(tokens) if start not in taken})


def sides_of(text: str) -> set[str]:
    """The sides that a text names."""
    return set(_SIDES.findall(text.casefold()))
