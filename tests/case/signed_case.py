"""A chest film that was dictated, written by the rules and compared: what is edited and signed here."""

from datetime import UTC, datetime

from dictation.case import Case, review_dictation
from dictation.case.draft import Draft
from dictation.case.editing import laid_over
from dictation.case.signing import signed
from dictation.discrepancy import compare
from dictation.exam import ExamFacts, Order, Patient
from dictation.imaging import Study
from dictation.report import ExtractiveWriter, Report
from dictation.wording import Dictation, typed

NOW = datetime(2026, 11, 25, 14, 5, tzinfo=UTC)
DOCTOR, RESIDENT = "Dr. A. Example", "Dr. R. Example"
ORDER = Order(name="EXAMPLE, Ada", patient_id="P-17", procedure="Chest X-ray", modality="DX", body_part="CHEST")
ADDED_SAID = "Comparison: CT of yesterday. Findings: A 2.5 cm cyst in the left kidney at L4-L5."
SAID = "Findings: Small left pleural effusion. No pneumothorax. Heart size is normal. Impression: Small left effusion."
WRITTEN = SAID.replace("Small left", "Small right")


def spoken(text: str) -> Dictation:
    """The text as if it had been dictated."""
    sentences = typed(text).sentences
    return Dictation(sentences=tuple(one.model_copy(update={"origin": "dictated"}) for one in sentences))


def case_of(said: str = SAID, written: str | None = None, order: Order = ORDER, facts: ExamFacts | None = None) -> Case:
    """The dictation's own report, or one in which a writer went wrong: `written` in place of `said`."""
    study = Study("1", (), facts) if facts else None
    dictation = spoken(said)
    case = review_dictation(dictation, writer=ExtractiveWriter(), order=order, study=study)
    if written is None:
        return case
    own = review_dictation(spoken(written), writer=ExtractiveWriter(), order=order, study=study).report
    evidence = {s.text.replace("right", "left"): s.evidence for s in case.report.statements}
    report = Report(
        **{
            name: tuple(
                s.model_copy(update={"evidence": evidence.get(s.text.replace("right", "left"), ())})
                for s in getattr(own, name)
            )
            for name in Report.model_fields
        }
    )
    return with_report(case, report)


def with_report(case: Case, report: Report) -> Case:
    """The case with another report, compared anew."""
    order = case.orders[0] if case.orders else None
    found = tuple(compare(case.dictation, report, order=order, facts=case.facts))
    return case.model_copy(update={"report": report, "discrepancies": found})


def with_edits(case: Case, *edits) -> Case:
    """The case with edits in its report, compared anew; all of them fit."""
    report, unfit = laid_over(case.report, edits)
    assert unfit == ()
    return with_report(case, report)


def card(case: Case, kind: str):
    """The first difference of a kind."""
    return next(one for one in case.discrepancies if one.kind == kind)


def of_another_patient() -> ExamFacts:
    """An image header that names somebody else."""
    return ExamFacts(modality="DX", body_part="CHEST", patient=Patient(patient_id="P-99", name="OTHER^Eve"))


def draft(**fields) -> Draft:
    """A draft of the case, with its order."""
    return Draft(id="0" * 32, **{"orders": (ORDER,), **fields})


def sign(case: Case, *earlier, role="attending", author=DOCTOR, overrides=(), at=NOW, **more):
    """The next version; `more` are fields of the draft and what `signed` asks besides."""
    asked = {name: more.pop(name) for name in ("report", "unfit", "unheard_s", "planned", "by") if name in more}
    return signed(
        draft(**more), case, author=author, role=role, at=at, overrides=overrides, settings={"style": "keep"},
        recordings={"r": "5" * 64}, earlier=earlier, **asked,
    )  # fmt: skip
