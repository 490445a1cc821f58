"""A report by itself → what it says against itself, the image, its header and the order. Nothing was dictated.

The cards are those that `compare` makes of one column; nothing is missing from a dictation that there is not.
"""

from collections.abc import Collection, Sequence

from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.consistency import contradictions
from dictation.discrepancy.discrepancy import Discrepancy
from dictation.discrepancy.doubts import asked, with_doubts
from dictation.discrepancy.identity import identity
from dictation.discrepancy.inference import DEFAULT_KINDS, inferences
from dictation.discrepancy.named_patient import other_patient
from dictation.discrepancy.ranking import ranked
from dictation.discrepancy.seen import seen_differences, with_seen
from dictation.exam import ExamFacts, Order
from dictation.findings.exam_match import facts_of_exam
from dictation.reading import Reading
from dictation.report import Report
from dictation.report.fields import without_fields


def within(
    written: Report | str,
    seen: Sequence[Reading] = (),
    *,
    order: Order | None = None,
    facts: ExamFacts | None = None,
    kinds: Collection[str] = DEFAULT_KINDS,
) -> list[Discrepancy]:
    """Return what differs, ranked as `compare` ranks; `kinds` names the inferences that are asked."""
    written = without_fields(written)
    nothing, wrote = heard_column(""), written_column(written)
    found = contradictions(nothing, wrote, ())
    found, seen_alone = with_seen(found, seen_differences(seen, nothing, wrote))
    used = facts_of_exam(order, facts)
    found += inferences(nothing, wrote, order, used, kinds=kinds)
    found += seen_alone
    if order is not None and facts is not None:
        found += identity(order, facts)
    found += other_patient(wrote.text, "report", order, facts)
    found = with_doubts(found, asked("", written, order=order, facts=used))
    return ranked(found)
