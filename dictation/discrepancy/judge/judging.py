"""How likely an alert is right, and what becomes of one that hardly is: it is less grave, and says so.

Below the threshold of its kind it is minor, of a turned side, denial, level or number major; one that is less likely
right than not is at most major.

A weighted sum, for each kind, of what `features` counts, and of what the sentence judge reads where it can be run.
Weights and the threshold of each kind are a table, fitted by `python -m benchmarks.pairs.fit` on alerts of authors who
had not seen the program; a kind that is not in it is not judged. No alert is deleted, and none is touched whose two
quotations give two numbers or two sides: they speak for themselves. Texts of a few words, and a report in nearly the
words of the dictation, are not judged either: nobody wrote such for the judge to learn from, and there the rules are
enough.
"""

import math
import re
from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Literal

from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Discrepancy, Judgement
from dictation.discrepancy.figures import numbers_in
from dictation.discrepancy.judge.entailment import is_ready
from dictation.discrepancy.judge.features import counted, kept_share, read
from dictation.findings.measurement import measurements_in
from dictation.findings.tokens import tokens_of
from dictation.lexicon import rows

Judge = Literal["counting", "sentences"]
Weigh = Callable[[Discrepancy], float]  # an alert → the probability that it is right
GRAVE = ("critical", "major")
GUARDED = ("negation", "laterality", "level", "measurement")  # a critical alert of these stays major
EVEN = 0.5  # the probability from which an alert may be critical
_COPIED = 0.75  # of the dictated words: so many are kept by 2 % of the reports in other words, and by nearly all copies
_FEWEST = 20  # words of a text that is judged
# Kinds of which an alert may be judged; not patient, order, unit, score, prior, nor what a text says against itself.
KINDS = frozenset({
    "addition", "omission", "negation", "laterality", "measurement", "level", "site", "severity", "certainty", "change",
})  # fmt: skip
_BIAS, _LEAST = "bias", "least"  # rows of the table that are no feature; below `least` an alert is folded
_SIDES = re.compile(r"\b(?:left|right)")


def with_judgement(
    found: Sequence[Discrepancy], heard: Column, written: Column, weigh: Weigh | None = None
) -> list[Discrepancy]:
    """Return the alerts, each that can be judged with the probability that it is right, the unlikely ones less grave.

    `weigh` gives the probability in place of the judge that is installed.
    """
    judge: Judge = "sentences" if is_ready() else "counting"
    weigh = weigh or (lambda alert: probability(alert, heard, written, judge))
    return [one if _is_of_impression(one, heard) else _judged(one, judge, weigh) for one in found]


def _is_of_impression(alert: Discrepancy, heard: Column) -> bool:
    """Whether what was said in the impression is missing, as it may be in that of the report alone."""
    span = alert.heard.span if alert.heard and alert.kind == "omission" else None
    return span is not None and heard.sentence_at(span).section == "impression"


def are_long_enough(heard: Column, written: Column) -> bool:
    """Whether both texts have enough words to be judged."""
    return min(len(heard.text.split()), len(written.text.split())) >= _FEWEST


def is_reworded(heard: Column, written: Column) -> bool:
    """Whether the report is in other words than the dictation, so that its alerts are judged."""
    return kept_share(heard, written) < _COPIED


def probability(alert: Discrepancy, heard: Column, written: Column, judge: Judge) -> float:
    """The probability that an alert of a kind that is judged is right, 0–1."""
    values = counted(alert, heard, written)
    if judge == "sentences":
        values |= read(alert, heard, written)
    weights = _weights(judge)[alert.kind]
    return 1 / (1 + math.exp(-weights[_BIAS] - sum(weights.get(name, 0.0) * value for name, value in values.items())))


def least(judge: Judge, kind: str) -> float:
    """The probability from which an alert of a kind is told; above 1 where nothing is known of the kind."""
    return _weights(judge).get(kind, {}).get(_LEAST, 2.0)


def told_judged(alert: Discrepancy) -> str:
    """Return why an alert is less grave than it was, and what it was before; "" where it is not."""
    judged = alert.judged
    if judged is None:
        return ""
    same = "Probably" if alert.severity == "minor" else "Perhaps"
    return f"{same} the same in other words; was {judged.severity}."


def may_be_judged(alert: Discrepancy, kinds: Collection[str] | None = None) -> bool:
    """Whether an alert is grave, of a kind that is judged (`kinds`: of these), and does not speak for itself."""
    quoted = [side for side in (alert.heard, alert.written) if side is not None and side.span is not None]
    return (
        alert.severity in GRAVE
        and alert.kind in (_weights("counting") if kinds is None else kinds)
        and bool(quoted)
        and alert.seen is None
        and alert.against is None
        and not _differs_in_writing(alert)
    )


def differs_by_side_alone(alert: Discrepancy) -> bool:
    """Whether a grave alert of both texts quotes two sides, which nothing but a reader of both may doubt."""
    if alert.kind != "laterality" or alert.severity not in GRAVE or alert.heard is None or alert.written is None:
        return False
    one, two = (_sides(side.text.casefold()) for side in (alert.heard, alert.written))
    return alert.seen is None and alert.against is None and bool(one and two) and one != two


def _differs_in_writing(alert: Discrepancy) -> bool:
    """Whether one finding is written for another, or both quotations have numbers, or sides, and not the same."""
    if alert.heard is None or alert.written is None:
        return False
    if alert.kind in ("omission", "addition"):
        return True
    texts = [side.text.casefold() for side in (alert.heard, alert.written)]
    for found in (_sides, _sizes, _numbers):
        one, two = (found(text) for text in texts)
        if one and two and one != two:
            return True
        if found is _sizes and one and two:
            return False  # of one size in two units the figures differ
    return False


def _sides(text: str) -> set[str]:
    return set(_SIDES.findall(text))


def _sizes(text: str) -> set[float]:
    """Millimetres, as they are spoken or written."""
    sizes = measurements_in(text, tokens_of(text))
    return {round(value, 2) for size in sizes for value in size.measurement.values_mm}


def _numbers(text: str) -> set[float]:
    return {value for _, _, value in numbers_in(tokens_of(text))}


def _judged(alert: Discrepancy, judge: Judge, weigh: Weigh) -> Discrepancy:
    if not may_be_judged(alert):
        return alert
    weighed = weigh(alert)
    likely = round(weighed, 3)
    severity = alert.severity
    if weighed < least(judge, alert.kind):
        severity = "major" if severity == "critical" and alert.kind in GUARDED else "minor"
    elif severity == "critical" and weighed < EVEN:
        severity = "major"
    if severity == alert.severity:
        return alert.model_copy(update={"probability": likely})
    judgement = Judgement(by=judge, probability=likely, severity=alert.severity)
    return alert.model_copy(update={"severity": severity, "probability": likely, "judged": judgement})


@cache
def _weights(judge: Judge) -> dict[str, dict[str, float]]:
    """By kind, feature → weight."""
    found: dict[str, dict[str, float]] = {}
    for row in rows("alert_weights"):
        if row["judge"] == judge:
            found.setdefault(row["kind"], {})[row["feature"]] = float(row["weight"])
    return found
