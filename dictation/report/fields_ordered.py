"""Fields of a template that the order answers: whether contrast is given, "CT abdomen and pelvis with contrast".

Taken is what the order states plainly and nobody contradicts: one of with, without, or both, of which exactly one
choice of the field says the same. Else the field stays open and asks. It stays a field that a person can fill
otherwise, as what was ordered is not always what was done; its statement says that it is from the order.
"""

from collections.abc import Mapping, Sequence

from dictation.exam import Order
from dictation.findings.exam_words import exam_of_text
from dictation.report.fields import Field, filled_report
from dictation.report.report import SECTIONS, Report


def filled_with_order(
    report: Report, values: Mapping[str, str], orders: Sequence[Order]
) -> tuple[Report, tuple[Field, ...]]:
    """Return what `filled_report` does, with what the order answers of the fields that `values` leaves open."""
    ordered = {name: value for name, value in ordered_fields(report, orders).items() if name not in values}
    filled, fields = filled_report(report, {**ordered, **values})
    answered = {one.statement for one in fields if one.id in ordered}
    if not answered:
        return filled, fields
    statements = {
        name: tuple(
            one.model_copy(update={"origin": "order"}) if one.id in answered else one for one in getattr(filled, name)
        )
        for name in SECTIONS
    }
    return filled.model_copy(update=statements), fields


def ordered_fields(report: Report, orders: Sequence[Order]) -> dict[str, str]:
    """Return the choices that the one order's procedure states, by the ids of their fields; of several orders none.

    >>> ordered_fields(report, [Order(procedure="CT abdomen and pelvis without IV contrast")])
    {'technique/intravenous contrast': 'without'}
    """
    ordered = exam_of_text(orders[0].procedure).contrast if len(orders) == 1 else frozenset()
    said = frozenset().union(*(exam_of_text(one.text).contrast for one in report.statements if one.evidence))
    if len(ordered) != 1 or said - ordered:
        return {}
    technique = {one.id for one in report.technique if one.origin == "template"}
    found = {}
    for field in filled_report(report, {})[1]:
        same = [one for one in field.choices if exam_of_text(f"{one} {field.label}").contrast == ordered]
        if field.statement in technique and len(same) == 1:
            found[field.id] = same[0]
    return found
