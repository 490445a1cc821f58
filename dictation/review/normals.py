"""What an open case tells of the normals of its template: which gave way, and of which organs its report says nothing.

Which gave way is told until it is confirmed; confirmed is what gave way to just these words.
"""

from typing import TYPE_CHECKING

from dictation.case import Case
from dictation.errors import UsageError
from dictation.report import Template
from dictation.report.extractive import template_for
from dictation.report.normals import GaveWay, gave_way, told_of, unmentioned
from dictation.report.statements import prepared
from dictation.report.template import GENERIC
from dictation.review import commands as c
from dictation.review.comparing import lay_over, review
from dictation.review.page import Message

if TYPE_CHECKING:
    from dictation.review.open_case import OpenCase


def unconfirmed(case: "OpenCase") -> tuple[GaveWay, ...]:
    """Return the normals that gave way and that nobody confirmed since."""
    return tuple(one for one in _given(case) if one.id not in case.draft.confirmed)


def _given(case: "OpenCase") -> tuple[GaveWay, ...]:
    if case.draft.pasted is not None or case.draft.addendum or (template := case.template) is None:
        return ()
    if case.is_reviewed and case.composed is not None and case.draft.written is not None:
        return gave_way(case.composed.case.dictation, template, case.draft.written)
    said = prepared(case.text.pad.dictation, template, case.draft.organs)
    return gave_way(said, template, case.reviewing.growing)


def without_told(case: "OpenCase", shown: Case) -> Case:
    """The case without the warnings of normals that gave way: the page lists these apart, until they are confirmed."""
    told = told_of(_given(case), shown.dictation)
    return shown.model_copy(update={"warnings": tuple(one for one in shown.warnings if one not in told)})


def told_before_signing(case: "OpenCase") -> Message:
    """Return what the sign dialog tells: organs of which the report says nothing, and ids of normals to confirm."""
    report = case.composed.case.report if case.composed is not None and case.is_reviewed else case.growing_report()
    template = None if case.draft.addendum else _template(case)
    return {
        "unmentioned": list(unmentioned(report, template)),
        "gave_way": [one.id for one in unconfirmed(case)],
    }


def confirm(case: "OpenCase", command: c.Confirm) -> None:
    """Take up that a person knows which normals gave way."""
    known = {one.id for one in unconfirmed(case)}
    lay_over(case, {"confirmed": (*case.draft.confirmed, *(id for id in command.normals if id in known))})


def place(case: "OpenCase", command: c.Put) -> None:
    """Put what a question asks about under the organ that a person chose, and write and compare anew."""
    made = case.composed.case if case.composed else None
    asked = next((one for one in made.discrepancies if one.id == command.id and one.choices), None) if made else None
    if made is None or asked is None or asked.written is None or command.organ not in asked.choices:
        raise UsageError("The page placed something that this case does not ask about; look at it again.")
    spans = made.report.spans
    statement = next(one for one in made.report.statements if spans.get(one.id) == asked.written.span)
    texts = {sentence.id: sentence.text for sentence in made.dictation.sentences}
    chosen = {texts[id]: command.organ for id in statement.evidence if id in texts}
    if not chosen:
        raise UsageError("These words were typed into the report; name their organ there (E), or take them out.")
    case.text_changed({"organs": {**case.draft.organs, **chosen}})
    review(case)


def _template(case: "OpenCase") -> Template | None:
    if case.template is not None or not case.text.pad.dictation.sentences:
        return case.template
    fits = template_for(case.text.pad.dictation, case.draft.orders[0] if case.draft.orders else None, case.study)
    return None if fits.name == GENERIC else fits
