"""How likely an alert of the rules is right, and what becomes of one that hardly is: it is less grave, and says so.

Boosted trees weigh what `alert_evidence` gives; `benchmarks.pairs.fit_suspicion` grew them on alerts of fresh authors'
pairs. What hardly is right is minor; what is less likely right than a threshold is at most major. No alert is deleted.
What a patient, an order, a unit or an image says is not touched, nor a number that the other text has nowhere. A
critical one of a side or a level stays major.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Discrepancy, Judgement, Severity, Side
from dictation.discrepancy.suspicion.alert_evidence import GRAVE, NAMES, numbers_of, of_alert, of_suspicion
from dictation.discrepancy.suspicion.trees import Suspicions, weighed

ALERTS = Path(__file__).with_name("alert_trees.npz")
LEAST, CRITICAL = 0.18, 0.4  # probabilities below which an alert is minor, at most major; set on `benchmarks/pairs`
LEAST_CRITICAL = 0.13  # below which a critical one is minor
LEAST_CURT = 0.1  # below which one of a sentence of a word or two is minor
GUARDED = ("laterality", "level")  # a critical alert of these stays major
_FEWEST = 3  # words of a sentence
KINDS = frozenset({
    "addition", "omission", "negation", "laterality", "measurement", "level", "site", "severity", "certainty", "change",
    "device_position", "contradiction", "critical_word", "follow_up", "scoring", "prior",
})  # fmt: skip


def with_suspicion(
    found: Sequence[Discrepancy], heard: Column, written: Column, suspected: Suspicions
) -> list[Discrepancy]:
    """Return the alerts, each as grave as it is likely right."""
    asked = [one for one in found if may_be_weighed(one)]
    if not asked:
        return list(found)
    rows = [
        [*of_suspicion(one, heard, written, suspected), *of_alert(one, found, heard, written, suspected.rows)]
        for one in asked
    ]
    likely = dict(zip((one.id for one in asked), weighed(np.array(rows, np.float32), ALERTS, NAMES), strict=True))
    return [_told(one, heard, written, float(likely[one.id])) if one.id in likely else one for one in found]


def severity_of(alert: Discrepancy, heard: Column, written: Column, likely: float, least: float = LEAST) -> Severity:
    """How grave an alert is that is right with this probability."""
    if not may_be_weighed(alert) or differs_in_writing(alert, heard, written):
        return alert.severity
    is_guarded = alert.severity == "critical" and alert.kind in GUARDED
    least = min(least, LEAST_CRITICAL) if alert.severity == "critical" else least
    least = min(least, LEAST_CURT) if _is_of_a_curt_sentence(alert, heard, written) else least
    if likely < least and not is_guarded:
        return "minor"
    return "major" if alert.severity == "critical" and likely < CRITICAL else alert.severity


def may_be_weighed(alert: Discrepancy) -> bool:
    """Whether an alert is grave, of a kind that wording bears on, and quotes a text."""
    quotes = any(side is not None and side.span is not None for side in (alert.heard, alert.written))
    return alert.severity in GRAVE and alert.kind in KINDS and quotes and alert.seen is None


def _is_of_a_curt_sentence(alert: Discrepancy, heard: Column, written: Column) -> bool:
    """Whether the only side that is quoted is of a sentence such as "Cardiomegaly."."""
    [(side, column), *more] = [
        (side, column)
        for side, column in ((alert.heard, heard), (alert.written, written))
        if side is not None and side.span is not None
    ]
    sentence = column.sentence_at(side.span) if side.span is not None and not more else None
    return sentence is not None and len(column.text[sentence.start : sentence.end].split()) < _FEWEST


def differs_in_writing(alert: Discrepancy, heard: Column, written: Column) -> bool:
    """Whether both sides quote numbers, and one of them stands nowhere in the other text."""
    if alert.heard is None or alert.written is None or alert.against is not None:
        return False
    said, wrote = _numbers(alert.heard), _numbers(alert.written)
    return bool(said and wrote and (said - numbers_of(written.text) or wrote - numbers_of(heard.text)))


def _numbers(side: Side) -> frozenset[float]:
    """What the claim of a side measures; without one, all numbers that are quoted."""
    sizes = side.claim.measurements if side.claim else ()
    return frozenset(round(value, 2) for size in sizes for value in size.values_mm) or numbers_of(side.text)


def _told(alert: Discrepancy, heard: Column, written: Column, likely: float) -> Discrepancy:
    severity, rounded = severity_of(alert, heard, written, likely), round(likely, 3)
    judged = (
        None if severity == alert.severity else Judgement(by="sentences", probability=rounded, severity=alert.severity)
    )
    return alert.model_copy(update={"severity": severity, "probability": rounded, "judged": judged})
