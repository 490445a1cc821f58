"""What suspicion makes of the alerts of the rules: on a sentence that is not suspect, one is less grave.

A critical alert is major on a sentence that is hardly suspect, and any is minor on one that is not suspect at all; one
of a turned denial, side, level or number that was critical, and of two sides in the two quotations, stays major. Two
numbers or two units, what an order, a patient or a prior says, and what a text says against itself are not touched. No
alert is deleted, and each says what it was.
"""

from collections.abc import Sequence

from dictation.discrepancy.discrepancy import Discrepancy, Judgement, Severity
from dictation.discrepancy.judge.judging import GUARDED, KINDS, differs_by_side_alone, may_be_judged
from dictation.discrepancy.suspicion.trees import Suspicions, highest

LEAST, CRITICAL = 0.1, 0.5  # probabilities below which an alert is minor, at most major; set on `benchmarks/pairs`
ALONE = 0.82  # above which a sentence of which no rule speaks is told
_WEIGHED = KINDS | {"follow_up", "device_position"}


def with_suspicion(found: Sequence[Discrepancy], suspicions: Suspicions) -> list[Discrepancy]:
    """Return the alerts, each as grave as the most suspect sentence allows that it quotes."""
    return [_weighed(one, suspicions) for one in found]


def _weighed(alert: Discrepancy, suspicions: Suspicions) -> Discrepancy:
    is_of_sides = differs_by_side_alone(alert)
    if not is_of_sides and not may_be_judged(alert, _WEIGHED) and not _asks_of_a_correction(alert):
        return alert
    quoted = (("heard", alert.heard), ("written", alert.written))
    known = [
        likely
        for name, side in quoted
        if side is not None and side.span is not None
        if (likely := highest(suspicions[name], *side.span)) is not None
    ]
    if not known:
        return alert
    was_grave = alert.severity == "critical" and alert.kind in GUARDED
    severity = _severity(alert.severity, max(known), stays_major=is_of_sides or was_grave)
    if severity == alert.severity:
        return alert
    was = alert.judged.severity if alert.judged else alert.severity
    likely = round(max(known), 3)
    judgement = Judgement(by="sentences", probability=likely, severity=was)
    return alert.model_copy(update={"severity": severity, "probability": likely, "judged": judgement})


def _severity(was: Severity, likely: float, *, stays_major: bool) -> Severity:
    if likely < LEAST and not stays_major:
        return "minor"
    return "major" if was == "critical" and likely < CRITICAL else was


def _asks_of_a_correction(alert: Discrepancy) -> bool:
    """Whether it asks which of two dictated wordings holds; not a doubt of the recognizer's."""
    return alert.probability is None and may_be_judged(alert, {"critical_word"})
