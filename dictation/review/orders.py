"""All orders of a case are of one patient: what is asked of the first one is asked of the others too."""

from collections.abc import Collection, Iterator, Sequence

from dictation.case import Case
from dictation.case.composing import Composed, composed
from dictation.case.draft import Draft
from dictation.case.version import Version
from dictation.discrepancy import Discrepancy
from dictation.discrepancy.discrepancy import discrepancy_id
from dictation.discrepancy.identity import disagreeing_orders
from dictation.errors import UsageError
from dictation.exam import ExamFacts, Order
from dictation.persons import same_name, same_number
from dictation.report import Template


def composed_of_all(
    base: Case, draft: Draft, kinds: Collection[str], signed: Sequence[Version] = (), template: Template | None = None
) -> Composed:
    """Return the case as `composed` does, with a critical `patient` card for each further order that does not agree."""
    if len(draft.orders) < 2:
        return composed(base, draft, kinds, signed, template)
    sex = next((order.sex for order in draft.orders if order.sex), None)
    first = draft.orders[0].model_copy(update={"sex": sex})  # else only the first could contradict what was said
    made = composed(base, draft.model_copy(update={"orders": (first, *draft.orders[1:])}), kinds, signed, template)
    found = (*_disagreeing(draft.orders, base.facts), *made.case.discrepancies)
    return made.model_copy(
        update={"case": made.case.model_copy(update={"orders": draft.orders, "discrepancies": found})}
    )


def refuse_another_patient(draft: Draft, order: Order, *, is_dictated: bool) -> None:
    """Raise UsageError where an order that is to be the first of a case is of another patient.

    The others stay beside it; of another patient than the first one it may only be as long as nothing was dictated.
    """
    if any(_are_two(one, order) for one in draft.orders[0 if is_dictated else 1 :]):
        raise UsageError("This case has another patient's order; begin a new case (W) for this one.")


def _disagreeing(orders: Sequence[Order], facts: ExamFacts | None) -> Iterator[Discrepancy]:
    for number, other, differing in disagreeing_orders(orders, facts):
        text = f"Order {number} and {other} may be of different patients: {', '.join(differing)}."
        id = discrepancy_id("patient", f"order {number}", other, *differing)
        yield Discrepancy(id=id, kind="patient", severity="critical", explanation=text)


def _are_two(one: Order, other: Order) -> bool:
    """Tell whether two orders name two patients, and not one whose name or birth date was corrected."""
    if one.patient_id and other.patient_id:
        return not same_number(one.patient_id, other.patient_id)
    are_stated = all((one.name, other.name, one.birth_date, other.birth_date))
    return are_stated and not same_name(one.name, other.name) and one.birth_date != other.birth_date
