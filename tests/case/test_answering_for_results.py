"""A critical result that nobody was told of, and an empty impression, stand in the way until somebody answers."""

import pytest

from dictation.case.case import Decision
from dictation.case.communicating import communicated, communication_edit
from dictation.case.composing import composed
from dictation.case.draft import ReportEdit
from dictation.case.editing import edit_of
from dictation.case.signing import blockers
from dictation.case.version import Override, PlannedCommunication
from dictation.discrepancy.inference import DEFAULT_KINDS
from dictation.errors import UsageError
from dictation.findings.lexicon import cell
from dictation.lexicon import rows
from dictation.report import Report, parse_report
from tests.case.signed_case import DOCTOR, NOW, ORDER, RESIDENT, card, case_of, draft, sign, with_edits, with_report

HEAD = ORDER.model_copy(update={"procedure": "CT head", "modality": "CT", "body_part": "HEAD"})
SUBDURAL = "Findings: Left subdural hematoma of 6 mm. Impression: Left subdural hematoma."
WITH_SHIFT = (
    "Findings: Left subdural hematoma with 6 mm midline shift. Impression: Left subdural hematoma with midline shift."
)
CASES = [
    (WITH_SHIFT, HEAD),
    (SUBDURAL, HEAD),
    ("Findings: Acute pulmonary embolism on the right. Impression: Acute pulmonary embolism.", ORDER),
    ("Findings: Large right pneumothorax. Impression: Large right pneumothorax.", ORDER),
    ("Findings: Free air below the diaphragm. Impression: Perforation with free air.", ORDER),
]


def told_of(case):
    told = communicated("Dr. M. Example", NOW, "telephone", True, NOW)
    return with_edits(case, communication_edit(told, DOCTOR, NOW)), told


def stops(case, role="attending", **more):
    return blockers(case, draft(**more.pop("of", {})), role, **more)


def answer(case, **given):
    return {"discrepancy_id": card(case, "critical_result").id, **given}


@pytest.mark.parametrize(("said", "order"), CASES)
@pytest.mark.parametrize("role", ["resident", "attending"])
def test_a_result_that_nobody_was_told_of_stands_first_and_is_not_signed_without_an_answer(said, order, role):
    case = case_of(said, order=order)
    first = stops(case, role, unheard_s=2.0)[0]
    assert (first.kind, first.may_override) == ("critical", True) and "Critical result" in first.text
    for given in ([], [Override(**answer(case, reason="x"))], [Override(discrepancy_id="another", reason="Known")]):
        with pytest.raises(UsageError, match="Not signed"):
            sign(case, role=role, overrides=given)


def test_the_refusal_holds_no_word_of_the_report():
    with pytest.raises(UsageError) as refused:
        sign(case_of(SUBDURAL, order=HEAD))
    assert "say to whom it was" in str(refused.value) and "subdural" not in str(refused.value).lower()


def test_told_is_in_the_report_and_in_the_version():
    case, told = told_of(case_of(SUBDURAL, order=HEAD))
    assert stops(case, of={"communications": (told,)}) == ()
    version = sign(case, communications=(told,))
    assert version.communications == (told,) and "Dr. M. Example" in version.text
    assert version.planned == version.overrides == ()


def test_who_is_to_tell_it_and_how_is_in_the_version():
    case = case_of(SUBDURAL, order=HEAD)
    plan = PlannedCommunication(**answer(case, person=" Dr. R.  Example ", method="telephone"))
    version = sign(case, planned=[plan])
    [kept] = version.planned
    assert (kept.person, kept.method) == ("Dr. R. Example", "telephone") and "intracranial hemorrhage" in kept.what
    assert version.overrides == ()


@pytest.mark.parametrize("wrong", [{"person": " "}, {"person": "12"}, {"method": "pigeon"}, {"method": ""}])
def test_a_plan_that_names_nobody_or_no_way_is_refused(wrong):
    case = case_of(SUBDURAL, order=HEAD)
    plan = PlannedCommunication(**answer(case, **{"person": "Dr. R. Example", "method": "telephone", **wrong}))
    with pytest.raises(UsageError):
        sign(case, planned=[plan])


def test_a_plan_answers_for_no_difference():
    case = case_of(written="Findings: Small right pleural effusion. Impression: Small right effusion.")
    plan = PlannedCommunication(discrepancy_id=case.discrepancies[0].id, person=DOCTOR, method="telephone")
    with pytest.raises(UsageError, match="critical difference is open"):
        sign(case, planned=[plan])


def test_a_reason_overrides_it_and_is_in_the_version_with_what_it_was():
    case = case_of(SUBDURAL, order=HEAD)
    version = sign(case, overrides=[Override(**answer(case, reason="The treating team knows of it already"))])
    [over] = version.overrides
    assert over.kind == "critical" and "intracranial hemorrhage" in over.what


@pytest.mark.parametrize("action", ["take_written", "take_heard", "edit", "dismiss"])
def test_no_decision_without_a_reason_answers_for_it(action):
    case = case_of(SUBDURAL, order=HEAD)
    decision = Decision(**answer(case, action=action, by=DOCTOR, at=NOW))
    decided = case.model_copy(update={"decisions": (decision,)})
    assert [one.kind for one in stops(decided)] == ["critical"]


def test_a_dismissal_with_a_reason_answers_for_it_but_not_for_another_who_signs():
    case = case_of(SUBDURAL, order=HEAD)
    decision = Decision(**answer(case, action="dismiss", reason="Known from the CT of yesterday", by=RESIDENT, at=NOW))
    decided = case.model_copy(update={"decisions": (decision,)})
    assert stops(decided, "resident", by=RESIDENT) == ()
    [asked] = stops(decided, by=DOCTOR)
    assert asked.kind == "critical" and RESIDENT in asked.text
    with pytest.raises(UsageError):
        sign(decided, by=DOCTOR)
    assert sign(decided, by=RESIDENT).state == "final"


def test_what_a_preliminary_signature_answered_is_asked_of_the_final_one():
    case = case_of(SUBDURAL, order=HEAD)
    plan = PlannedCommunication(**answer(case, person=RESIDENT, method="telephone"))
    first = sign(case, role="resident", author=RESIDENT, planned=[plan])
    with pytest.raises(UsageError, match="critical result"):
        sign(case, first)


@pytest.mark.parametrize(
    ("said", "written", "kinds"),
    [
        ("No pneumothorax.", "Large right pneumothorax.", {"pneumothorax"}),
        ("No pneumothorax. Free air.", "Large right pneumothorax. Free air.", {"pneumothorax", "free air"}),
    ],
)
def test_a_result_that_the_dictation_denies_is_asked_for_as_long_as_the_report_states_it(said, written, kinds):
    base = case_of(f"Findings: {said} Impression: {said}")
    report = parse_report(f"FINDINGS: {written} IMPRESSION: {written}")
    made = composed(base.model_copy(update={"report": report}), draft(), DEFAULT_KINDS)
    found = stops(made.case)
    assert {one.kind for one in found} == {"critical", "difference"}
    asked = [one.text for one in found if one.kind == "critical"]
    assert len(asked) == len(kinds) and all(any(name in text for text in asked) for name in kinds)
    reasons = [
        Override(discrepancy_id=one.discrepancy_id, reason="Report is right, dictation was a slip")
        for one in found
        if one.kind == "difference"
    ]
    with pytest.raises(UsageError, match="critical result"):
        sign(made.case, overrides=reasons)
    off = composed(base.model_copy(update={"report": report}), draft(), DEFAULT_KINDS - {"communication"})
    assert [one.kind for one in stops(off.case)].count("critical") == len(kinds), "only the alert is switched off"
    assert {one.severity for one in off.case.discrepancies if one.kind == "critical_result"} == {"info"}


def results_of(case):
    return [one.id for one in case.discrepancies if one.kind == "critical_result"]


@pytest.mark.parametrize("answered", [0, 1])
@pytest.mark.parametrize("answer", ["plan", "override", "dismissal"])
def test_an_answer_to_one_critical_result_is_none_to_another(answered, answer):
    case = case_of(WITH_SHIFT, order=HEAD)
    ids = results_of(case)
    assert len(ids) == 2
    given = {"discrepancy_id": ids[answered]}
    plans = [PlannedCommunication(**given, person=DOCTOR, method="telephone")] if answer == "plan" else []
    reasons = [Override(**given, reason="Not critical in this patient")] if answer == "override" else []
    if answer == "dismissal":
        decision = Decision(**given, action="dismiss", reason="Known from yesterday", by=DOCTOR, at=NOW)
        case = case.model_copy(update={"decisions": (decision,)})
        first = stops(case, by=DOCTOR)[0]
        assert (first.kind, first.discrepancy_id) == ("critical", ids[1 - answered])
    with pytest.raises(UsageError, match="critical result"):
        sign(case, planned=plans, overrides=reasons)
    plans.append(PlannedCommunication(discrepancy_id=ids[1 - answered], person=DOCTOR, method="telephone"))
    assert sign(case, planned=plans, overrides=reasons).state == "final"


TELLS = "Discussed with Dr. M. Example by telephone on 2026-11-25 at 14:05."
PNEUMOTHORAX = "Findings: Large right pneumothorax. Impression: Large right pneumothorax."


def as_drafted(said, report="", order=ORDER, **fields):
    """The case of a draft, compared with what people wrote laid over it, as the app does."""
    base = case_of(said, order=order)
    if report:
        base = base.model_copy(update={"report": parse_report(report)})
    return composed(base, draft(orders=(order,), **fields), DEFAULT_KINDS)


def asked_of(made):
    return [one.text for one in stops(made.case) if one.kind == "critical"]


def edit(text, section="impression", before="", organ=None):
    return ReportEdit(section=section, organ=organ, before=before, after=text, by=DOCTOR, at=NOW)


def test_who_was_told_by_a_form_was_told_of_what_stood_there():
    untold = as_drafted(PNEUMOTHORAX)
    told = communicated("Dr. M. Example", NOW, "telephone", True, NOW, untold.results.values())
    by_form = communication_edit(told, DOCTOR, NOW)
    assert by_form.after.startswith("Right pneumothorax: discussed with Dr. M. Example by telephone on 2026-11-25")
    given = {"communications": (told,), "edits": (by_form,)}
    made = as_drafted(PNEUMOTHORAX, **given)
    assert asked_of(made) == []
    for added in ("Acute pulmonary embolism.", "Small left pneumothorax.", "Tension pneumothorax."):
        for section in ("findings", "impression"):
            later = as_drafted(
                PNEUMOTHORAX, told_of=made.told_of, **{**given, "edits": (by_form, edit(added, section))}
            )
            (asked,) = asked_of(later)
            assert added.split()[-1].strip(".") in asked


RESULTS = sorted({word for row in rows("critical_results") for word in (*cell(row["finding"]), *cell(row["terms"]))})


@pytest.mark.parametrize("result", RESULTS)
def test_each_critical_result_of_the_table_is_answered_by_a_form_that_is_about_it(result):
    words = result.replace("_", " ").removeprefix("acute ")
    said = f"Findings: Acute {words} on the left. Free air below the diaphragm. Impression: Acute {words}."
    untold = as_drafted(said, order=HEAD)
    own = [one for one in untold.results.values() if one.finding != "free_air"] or [*untold.results.values()]
    told = communicated("Dr. M. Example", NOW, "telephone", True, NOW, own)
    by_form = {"communications": (told,), "edits": (communication_edit(told, DOCTOR, NOW),)}
    left = as_drafted(said, order=HEAD, **by_form).results.values()
    assert {one.finding for one in left} == {one.finding for one in untold.results.values()} - {o.finding for o in own}


@pytest.mark.parametrize("typed", [False, True])
def test_a_sentence_that_names_no_result_answers_for_none_that_came_after_it(typed):
    said = PNEUMOTHORAX if typed else f"{PNEUMOTHORAX} {TELLS}"
    edits = (edit(TELLS),) if typed else ()
    made = as_drafted(said, edits=edits)
    assert asked_of(made) == []
    added = edit("Acute pulmonary embolism.", "findings")
    later = as_drafted(said, edits=(*edits, added), told_of=made.told_of)
    assert len(asked_of(later)) == 1 and "embolism" in asked_of(later)[0]
    before = as_drafted(
        said.replace("Findings:", "Findings: Acute pulmonary embolism."), edits=edits, told_of=made.told_of
    )
    assert len(asked_of(before)) == 1, "dictated where the cursor stood, before the sentence that was there already"


def test_a_sentence_that_tells_and_is_put_right_answers_for_no_more_than_before():
    made = as_drafted(f"{PNEUMOTHORAX} {TELLS}")
    told = next(one for one in made.case.report.impression if one.text == TELLS)
    mended = edit_of(made.case.report, told.id, TELLS.replace("14:05", "14:15"), DOCTOR, NOW)
    assert asked_of(as_drafted(f"{PNEUMOTHORAX} {TELLS}", edits=(mended,), told_of=made.told_of)) == []
    both = (edit("Acute pulmonary embolism.", "findings"), mended)
    assert len(asked_of(as_drafted(f"{PNEUMOTHORAX} {TELLS}", edits=both, told_of=made.told_of))) == 1


def test_a_side_that_changed_after_somebody_was_told_is_asked_for():
    made = as_drafted(f"{PNEUMOTHORAX} {TELLS}")
    turned = as_drafted(f"{PNEUMOTHORAX} {TELLS}".replace("right", "left"), told_of=made.told_of)
    assert [one for one in asked_of(turned) if "left pneumothorax" in one]


def test_a_critical_result_in_an_addendum_is_asked_for():
    final = sign(case_of())
    case = case_of("There is a small right apical pneumothorax.")
    assert [one.kind for one in stops(case, is_final=True, of={"addendum": "Overlooked"})] == ["critical"]
    with pytest.raises(UsageError, match="critical result"):
        sign(case, final, addendum="Overlooked")
    plan = PlannedCommunication(**answer(case, person=DOCTOR, method="telephone"))
    assert sign(case, final, addendum="Overlooked", planned=[plan]).state == "addended"


def test_a_critical_result_that_an_addendum_puts_on_the_other_side_is_told_anew():
    case = case_of("Impression: There is an acute right subdural hematoma.", order=HEAD)
    signed = sign(case, overrides=[Override(**answer(case, reason="Known to the team"))])
    for addendum in ("The hematoma is left-sided.", "The subdural is on the left, not on the right."):
        moved = composed(case_of(addendum), draft(), (), [signed])
        assert ["left" in one.phrase for one in moved.results.values()] == [True]
        told = communicated("Dr. Example", NOW, "telephone", False, NOW, moved.results.values())
        answered = composed(case_of(addendum), draft(edits=(communication_edit(told, DOCTOR, NOW),)), (), [signed])
        assert answered.results == {}


def test_who_was_told_before_it_was_signed_is_not_asked_for_again_by_an_addendum():
    said = "Findings: Small right apical pneumothorax. Impression: Right pneumothorax."
    asked = composed(case_of(said), draft(), DEFAULT_KINDS).results.values()
    told = communicated("Dr. M. Example", NOW, "telephone", True, NOW, asked)
    stated = sign(with_edits(case_of(said), communication_edit(told, DOCTOR, NOW)), communications=(told,))
    by_text = sign(case_of(f"{said} Discussed with Dr. M. Example at 14:05."))
    case = case_of(said)
    untold = sign(case, overrides=[Override(**answer(case, reason="Known to the team"))])

    def asks(addendum: str, *signed) -> list[str]:
        return [one.phrase for one in composed(case_of(addendum), draft(), DEFAULT_KINDS, signed).results.values()]

    for signed in (stated, by_text):
        assert asks("The right apical pneumothorax measures 8 mm.", signed) == []
        assert asks("There is also a small left pneumothorax.", signed) == ["left pneumothorax"]
    assert asks("The right apical pneumothorax measures 8 mm.", untold) == ["right pneumothorax"]


@pytest.mark.parametrize(
    "said",
    [
        "Findings: Lungs are clear.",
        "Lungs are clear. Heart size is normal.",
        "Findings: Lungs are clear. Impression: None.",
        "Findings: Lungs are clear. Impression: See above.",
        "Findings: Lungs are clear. Impression: As above.",
    ],
)
def test_an_empty_impression_asks_and_a_reason_answers(said):
    case = case_of(said)
    [asked] = stops(case)
    assert (asked.kind, asked.may_override) == ("impression", True)
    with pytest.raises(UsageError, match="impression is empty"):
        sign(case)
    given = [Override(discrepancy_id=asked.discrepancy_id, reason="The findings say all, no impression is needed")]
    assert sign(case, overrides=given).overrides[0].kind == "impression"


def test_an_impression_that_only_says_who_was_told_is_empty():
    case, told = told_of(case_of("Findings: Large right pneumothorax."))
    assert [one.kind for one in stops(case, of={"communications": (told,)})] == ["impression"]


def test_neither_an_addendum_nor_a_report_without_a_word_is_asked_for_its_impression():
    addendum = case_of("The effusion is new.")
    assert stops(addendum, is_final=True, of={"addendum": "Prior came"}) == ()
    assert [one.kind for one in stops(with_report(case_of(), Report()))] == ["empty"]
