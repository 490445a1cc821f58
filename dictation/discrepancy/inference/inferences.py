"""heard × written × order × image header → Discrepancies, one inference after the other, each under its own name.

The names are finer than `Discrepancy.kind`: "complete_order" and "procedure" both make cards of kind exam. Findings
themselves are `dictation claims`; findings against impression is consistency.py.
"""

from collections.abc import Callable, Collection

from dictation.discrepancy.columns import Column, heard_column
from dictation.discrepancy.discrepancy import Discrepancy
from dictation.discrepancy.inference.billing import complete_order, limited_order, quality_measures
from dictation.discrepancy.inference.earlier import prior_date, prior_size
from dictation.discrepancy.inference.follow_up import follow_up_changed, recommendations
from dictation.discrepancy.inference.guidance import guidance
from dictation.discrepancy.inference.inquiry import Inquiry
from dictation.discrepancy.inference.person import age_mismatch, sex_mismatch
from dictation.discrepancy.inference.procedure import other_procedure
from dictation.discrepancy.inference.results import (
    Changed,
    StatedResult,
    ToldOf,
    communication_missing,
    critical_results,
    results_to_be_told,
    sentences_that_tell,
    stated_results,
    told_in,
)
from dictation.discrepancy.inference.scoring import score_contradicted, score_missing
from dictation.discrepancy.inference.sides import ordered_side, side_missing
from dictation.errors import UsageError
from dictation.exam import ExamFacts, Order

_INFERENCES: dict[str, Callable[[Inquiry], list[Discrepancy]]] = {
    "age": age_mismatch,
    "sex": sex_mismatch,
    "ordered_side": ordered_side,
    "side_missing": side_missing,
    "procedure": other_procedure,
    "prior_date": prior_date,
    "prior_size": prior_size,
    "communication": communication_missing,
    "critical_result": critical_results,
    "follow_up": follow_up_changed,
    "recommendation": recommendations,
    "score_missing": score_missing,
    "score_contradicted": score_contradicted,
    "complete_order": complete_order,
    "limited_order": limited_order,
    "guidance": guidance,
    "quality": quality_measures,
}
INFERENCE_KINDS = frozenset(_INFERENCES)
BILLING_KINDS = frozenset({"complete_order", "limited_order", "guidance", "quality"})
# A list of critical results is what the cards of their communication already say; recommendations are for tracking.
DEFAULT_KINDS = INFERENCE_KINDS - BILLING_KINDS - {"critical_result", "recommendation"}


def switched(wishes: str) -> frozenset[str]:
    """Return the inferences that a setting asks for: those on by default, with "quality,-communication" changed.

    Raises UsageError for a name that there is not.
    """
    kinds = set(DEFAULT_KINDS)
    for wish in filter(None, map(str.strip, wishes.split(","))):
        name = wish.removeprefix("-")
        if name not in INFERENCE_KINDS:
            raise UsageError(
                f"DICTATION_INFERENCES: '{name}' is no inference; there are {', '.join(sorted(INFERENCE_KINDS))}."
            )
        (kinds.discard if wish.startswith("-") else kinds.add)(name)
    return frozenset(kinds)


def to_be_told(
    heard: Column,
    written: Column,
    order: Order | None,
    facts: ExamFacts | None,
    told_of: ToldOf,
    changed: Changed = (),
) -> dict[StatedResult, Discrepancy]:
    """Return the critical results of a report for which none of its sentences answers, with their cards.

    Those that the dictation denies are among them, for information: whoever signs such a report answers for them.
    `told_of` has, by the words of a sentence that says that somebody was told, what stood in the report when it came;
    `changed` each claim of an addendum that changes a signed one, and that one.
    """
    return results_to_be_told(Inquiry(heard, written, order, facts), told_of, changed)


def when_told(
    heard: Column, written: Column, order: Order | None, facts: ExamFacts | None, changed: Changed = ()
) -> tuple[tuple[str, ...], tuple[StatedResult, ...]]:
    """Return the words of each sentence of a report that says that somebody was told, and all its critical results."""
    inquiry = Inquiry(heard, written, order, facts)
    return sentences_that_tell(inquiry), stated_results(inquiry, changed)


def told_of_in(written: Column, order: Order | None, facts: ExamFacts | None) -> tuple[StatedResult, ...]:
    """Return the critical results of a signed report for which one of its sentences answers."""
    return told_in(Inquiry(heard_column(""), written, order, facts))


def inferences(
    heard: Column,
    written: Column,
    order: Order | None,
    facts: ExamFacts | None,
    *,
    kinds: Collection[str] = DEFAULT_KINDS,
) -> list[Discrepancy]:
    """Return the cards of the inferences named in `kinds`. Raises ValueError for a name that there is not."""
    unknown = set(kinds) - INFERENCE_KINDS
    if unknown:
        raise ValueError(
            f"no such inference: {', '.join(sorted(unknown))}; there are {', '.join(sorted(INFERENCE_KINDS))}"
        )
    inquiry = Inquiry(heard, written, order, facts)
    return [found for name, infer in _INFERENCES.items() if name in kinds for found in infer(inquiry)]
