"""What stands in the way of a signature, what one freezes, and what follows it: who was told, and addenda."""

import re
from datetime import timedelta, timezone

import pytest

from dictation.case.addendum import addended_text, words_of
from dictation.case.case import Decision
from dictation.case.changes import difference
from dictation.case.communicating import (
    communicated,
    communication_edit,
    communication_statement,
    methods,
    open_results,
)
from dictation.case.draft import ReportEdit, Unheard
from dictation.case.editing import edit_id, edit_of
from dictation.case.signing import blockers
from dictation.case.version import Override, Version
from dictation.discrepancy import compare
from dictation.discrepancy.inference import INFERENCE_KINDS
from dictation.errors import UsageError
from dictation.exam import Order
from dictation.report import Report, Statement
from tests.case.signed_case import (
    DOCTOR,
    NOW,
    ORDER,
    RESIDENT,
    SAID,
    WRITTEN,
    card,
    case_of,
    draft,
    of_another_patient,
    sign,
    with_edits,
    with_report,
)


def stops(case, role="attending", **more):
    asked = {name: more.pop(name) for name in ("report", "unfit", "unheard_s", "is_final") if name in more}
    return blockers(case, draft(**more), role, **asked)


def kinds(found):
    return [one.kind for one in found]


def answers(version):
    return [Override(discrepancy_id=one.discrepancy_id, reason=one.reason) for one in version.overrides]


def decided(case, action, reason=""):
    decisions = tuple(
        Decision(discrepancy_id=one.id, action=action, reason=reason, by=DOCTOR, at=NOW) for one in case.discrepancies
    )  # fmt: skip
    return case.model_copy(update={"decisions": decisions})


def critical_case():
    case = case_of(written=WRITTEN)
    assert card(case, "laterality").severity == "critical"
    return case


def overrides(case, reason="Checked on the images"):
    return [Override(discrepancy_id=one.discrepancy_id, reason=reason) for one in stops(case) if one.may_override]


def test_another_patient_blocks_whatever_is_decided_and_whatever_reason_is_given():
    case = decided(case_of(facts=of_another_patient()), "dismiss")
    [one] = stops(case)
    assert (one.kind, one.may_override) == ("patient", False)
    assert "Eve" not in one.text and "Ada" not in one.text
    with pytest.raises(UsageError):
        sign(case, overrides=[Override(discrepancy_id=one.discrepancy_id, reason="It is the same patient")])


def test_a_critical_difference_blocks_until_it_is_decided_or_overridden():
    case = critical_case()
    found = stops(case)
    assert set(kinds(found)) == {"difference"} and all(one.may_override for one in found)
    with pytest.raises(UsageError, match="Not signed"):
        sign(case)
    for settled in (decided(case, "take_written"), decided(case, "dismiss", "Checked on the images")):
        assert stops(settled) == ()
    version = sign(case, overrides=overrides(case))
    assert answers(version) == overrides(case) and version.state == "final"
    assert [(one.kind, one.what) for one in version.overrides] == [(one.kind, one.text) for one in stops(case)]


@pytest.mark.parametrize("reason", ["", "x", "..."])
def test_a_critical_difference_that_was_dismissed_without_a_reason_still_blocks(reason):
    found = stops(decided(critical_case(), "dismiss", reason))
    assert found and all("dismissed without a reason" in one.text and one.may_override for one in found)


@pytest.mark.parametrize("action", ["take_heard", "edit"])
def test_a_difference_that_was_held_right_as_heard_blocks_as_long_as_the_report_says_otherwise(action):
    found = stops(decided(critical_case(), action))
    assert found and all("still says so" in one.text for one in found)


def test_lesser_differences_and_the_images_do_not_block():
    case = critical_case()
    lesser = tuple(one.model_copy(update={"severity": "major"}) for one in case.discrepancies)
    assert stops(case.model_copy(update={"discrepancies": lesser})) == ()


@pytest.mark.parametrize("reason", ["", "   ", "x", "...", "12345", "ok", "误", "확 1"])
def test_an_override_needs_its_reason_and_each_difference_its_own(reason):
    case = critical_case()
    with pytest.raises(UsageError):
        sign(case, overrides=overrides(case, reason))
    with pytest.raises(UsageError):
        sign(case, overrides=[Override(discrepancy_id="another", reason="Checked on the images")])


@pytest.mark.parametrize("reason", ["seen", "误诊", "확인", "x見", "تم"])
def test_a_letter_of_a_script_without_capitals_says_as_much_as_two(reason):
    case = critical_case()
    assert {one.reason for one in sign(case, overrides=overrides(case, reason)).overrides} == {reason}


def with_statement(text, **fields):
    case = case_of()
    new = Statement(id="x1", text=text, section=fields.pop("section", "impression"), **fields)
    return with_report(case, case.report.model_copy(update={new.section: (*getattr(case.report, new.section), new)}))


def test_an_unfilled_field_blocks_and_other_brackets_do_not():
    case = with_statement("The nodule measures [size: mm] in the [side: left|right] lung.", origin="macro")
    found = stops(case)
    assert [one.text for one in found] == ["The field “size” is not filled.", "The field “side” is not filled."]
    assert kinds(found) == ["field", "field"] and not any(one.may_override for one in found)
    with pytest.raises(UsageError, match="field of the report is not filled"):
        sign(case)
    assert stops(with_statement("Follow-up of [name].", section="indication", origin="order")) == ()


def test_a_suggestion_that_nobody_accepted_does_not_block():
    case = with_statement("Rib fracture [side: left|right].", origin="suggested")
    assert stops(case) == () and "Rib fracture" not in sign(case).text


@pytest.mark.parametrize(
    "report", [Report(), Report(exam=(Statement(id="r1", text="CT.", section="exam", origin="order"),))]
)
def test_a_report_of_which_nobody_said_a_word_is_not_signed(report):
    assert "empty" in kinds(stops(with_report(case_of(), report)))


def test_what_is_not_heard_or_not_compared_yet_blocks():
    case = case_of()
    [waiting] = stops(case, unheard_s=3.2)
    assert (waiting.kind, waiting.text) == ("hearing", "3 s are still being heard.")
    newer = with_edits(case, edit_of(case.report, case.report.findings[0].id, "No effusion.", DOCTOR, NOW)).report
    assert kinds(stops(case, report=newer)) == ["comparing"] == kinds(stops(None))
    assert stops(case, report=case.report) == ()
    with pytest.raises(UsageError):
        sign(case, report=newer)


def test_a_wording_that_fits_no_more_blocks_until_it_is_looked_at():
    edit = ReportEdit(section="findings", organ="Pleura", before="Gone.", after="Other.", by=DOCTOR, at=NOW)
    case = case_of()
    [one] = stops(case, unfit=[edit])
    assert (one.kind, one.discrepancy_id, one.may_override) == ("edit", edit_id(edit), False)
    for given in ([], [Override(discrepancy_id=edit_id(edit), reason="Report is right, dictation was a slip")]):
        with pytest.raises(UsageError, match="two wordings"):  # a choice is recorded; a reason would be an untrue one
            sign(case, unfit=[edit], overrides=given)


def test_a_resident_signs_a_preliminary_and_an_attending_a_final_report_verbatim():
    case = case_of()
    first = sign(case, role="resident", author=RESIDENT)
    assert (first.number, first.state, first.author, first.role) == (1, "preliminary", RESIDENT, "resident")
    final = sign(case, first)
    assert (final.number, final.state, final.text) == (2, "final", case.report.signed_text)
    assert final.case.state == "final" and final.changes == ()
    assert final.settings == {"style": "keep"} and final.recordings == {"r": "5" * 64}
    assert final.case.engines == case.engines
    assert Version.model_validate_json(final.model_dump_json()) == final


def test_a_preliminary_report_is_changed_and_signed_again_by_either():
    case = case_of()
    first = sign(case, role="resident", author=RESIDENT)
    again = sign(case, first, role="resident", author=RESIDENT)
    assert (again.number, again.state) == (2, "preliminary")


def test_what_the_attending_changed_is_kept_sentence_by_sentence():
    first = sign(case_of(), role="resident", author=RESIDENT)
    case = case_of(
        SAID.replace("Small left pleural", "Large left pleural").replace("No pneumothorax. ", "") + " Urgent."
    )
    final = sign(case, first)
    assert [(one.kind, one.before, one.after) for one in final.changes] == [
        ("reworded", "Small left pleural effusion.", "Large left pleural effusion."),
        ("taken_out", "No pneumothorax.", ""),
        ("added", "", "Urgent."),
    ]
    assert first.text == case_of().report.signed_text
    assert (final.changes[0].section, final.changes[0].organ) == ("findings", "Pleura")


def test_two_equal_reports_have_no_difference_and_suggestions_are_in_none():
    report = case_of().report
    other = with_statement("Rib fracture.", origin="suggested").report
    assert difference(report, report) == difference(report, other) == difference(other, report) == ()


@pytest.mark.parametrize("author", ["", "  \n "])
def test_nobody_signs_nothing(author):
    with pytest.raises(UsageError, match="give your name"):
        sign(case_of(), author=author)


def test_a_time_without_its_zone_is_refused():
    with pytest.raises(UsageError, match="time zone"):
        sign(case_of(), at=NOW.replace(tzinfo=None))


@pytest.mark.parametrize("role", ["resident", "attending"])
def test_what_is_final_is_not_signed_again(role):
    final = sign(case_of())
    with pytest.raises(UsageError, match="addendum"):
        sign(case_of(), final, role=role)


def test_the_edits_of_the_draft_are_frozen_with_the_version():
    case = case_of()
    edit = edit_of(case.report, case.report.findings[0].id, "Large left pleural effusion.", DOCTOR, NOW)
    version = sign(with_edits(case, edit), overrides=overrides(with_edits(case, edit)), edits=(edit,))
    assert version.edits == (edit,) and "Large left" in version.text


def test_a_message_names_no_patient():
    order = Order(**{**ORDER.model_dump(), "laterality": "left"})
    facts = of_another_patient().model_copy(update={"laterality": "right"})
    found = stops(case_of(order=order, facts=facts))
    assert "patient" in kinds(found)
    assert not re.search(r"EXAMPLE|OTHER|Ada|Eve|P-17|P-99", " ".join(one.text for one in found))


def test_sound_that_was_not_heard_is_answered_for():
    missed = tuple(Unheard(take="t", start_s=start, end_s=start + 2.0) for start in (3, 10, 20, 30))
    [stop] = stops(case_of(), unheard=missed)
    assert (stop.kind, stop.may_override) == ("unheard", True) and "0:03-0:05" in stop.text and "1 more" in stop.text
    with pytest.raises(UsageError, match="sound could not be heard"):
        sign(case_of(), unheard=missed)
    given = [Override(discrepancy_id=stop.discrepancy_id, reason="Sound was played, nothing is missing")]
    version = sign(case_of(), overrides=given, unheard=missed)
    assert answers(version) == given and "0:03-0:05" in version.overrides[0].what


LATER = NOW + timedelta(days=1)
ADDED = "Comparison with the CT of yesterday: the effusion is new."
OTHER_DOCTOR = "Dr. B. Example"


def addendum(*earlier, said=ADDED, reason="Prior became available", author=OTHER_DOCTOR, at=LATER, role="attending"):
    return sign(case_of(said), *earlier, addendum=reason, author=author, at=at, role=role)


def test_the_original_stands_verbatim_and_first():
    final = sign(case_of())
    added = addendum(final)
    assert (added.number, added.state, added.reason) == (2, "addended", "Prior became available")
    assert added.text == (
        f"{final.text}\n\nADDENDUM 1, 2026-11-26 14:05 (UTC), {OTHER_DOCTOR}:\nReason: Prior became available\n{ADDED}"
    )
    assert added.case.state == "addended" and final.text == case_of().report.signed_text
    assert "Not dictated" not in final.text


def test_several_addenda_stand_in_order():
    final = sign(case_of())
    first = addendum(final, said="The effusion is new.")
    second = addendum(final, first, said="No rib fracture.", reason="Asked by the ward", author=DOCTOR)
    assert second.number == 3
    assert second.text.startswith(first.text) and second.text.endswith("Reason: Asked by the ward\nNo rib fracture.")
    assert second.text.index("ADDENDUM 1,") < second.text.index("ADDENDUM 2,")


def test_an_addendum_says_only_what_somebody_said():
    order = Order(procedure="Chest X-ray", modality="DX", indication="Cough.")
    report = case_of("The effusion is new.", order=order).report
    assert "Cough" in report.text and words_of(report) == "The effusion is new."
    two = case_of("Findings: The effusion is new. Impression: New effusion.", order=order).report
    assert words_of(two) == "Findings: The effusion is new.\nImpression: New effusion."


def test_the_time_is_that_of_the_place_where_it_is_signed():
    at = LATER.astimezone(timezone(timedelta(hours=-5, minutes=-30)))
    assert "2026-11-26 08:35 (UTC-05:30), " in addendum(sign(case_of()), at=at).text


def test_an_addendum_needs_a_final_report_a_reason_and_words():
    final = sign(case_of())
    for earlier in ((), (sign(case_of(), role="resident", author=RESIDENT),)):
        with pytest.raises(UsageError, match="Only a final report"):
            addendum(*earlier)
    for reason in ("  ", "x", "...", "误"):
        with pytest.raises(UsageError, match="addendum"):
            addendum(final, reason=reason)
        with pytest.raises(UsageError, match="needs its reason"):
            addended_text("original", "y", number=1, author="x", at=NOW, reason=reason)
    assert addendum(final, reason="误诊").reason == "误诊"
    with pytest.raises(UsageError, match="nothing to sign"):
        addendum(final, said="")
    for author, reason, words in (("", "why", "y"), ("x", "", "y"), ("x", "why", " ")):
        with pytest.raises(UsageError):
            addended_text("original", words, number=1, author=author, at=NOW, reason=reason)


def test_a_resident_adds_nothing_to_a_final_report():
    with pytest.raises(UsageError, match="attending"):
        addendum(sign(case_of()), role="resident")


def test_an_addendum_is_blocked_like_a_report():
    case = case_of(ADDED, facts=of_another_patient())
    found = blockers(case, draft(addendum="Prior"), "attending", is_final=True, unheard_s=1)
    assert [one.kind for one in found] == ["hearing", "patient"]


def test_author_and_reason_are_single_lines():
    text = addended_text("original", "y", number=1, author="A\nB", at=NOW, reason="one\r\ntwo")
    assert text == "original\n\nADDENDUM 1, 2026-11-25 14:05 (UTC), A B:\nReason: one two\ny"


CRITICAL = "Findings: Large right pneumothorax. Impression: Large right pneumothorax."


def told(**fields):
    given = {"person": "Dr. M. Example", "at": NOW, "method": "telephone", "read_back": True, "now": NOW, **fields}
    return communicated(**given)


def test_the_statement_says_whom_how_when_and_that_it_was_read_back():
    assert communication_statement(told()) == (
        "Discussed with Dr. M. Example by telephone on 2026-11-25 at 14:05; read back and confirmed."
    )
    assert communication_statement(told(read_back=False)).endswith("at 14:05.")


def test_the_time_is_that_of_the_clock_on_the_wall():
    at = NOW.astimezone(timezone(timedelta(hours=2)))
    assert "on 2026-11-25 at 16:05" in communication_statement(told(at=at))


@pytest.mark.parametrize("method", [method for _, method in methods()])
@pytest.mark.parametrize("read_back", [True, False])
def test_every_method_settles_the_card(method, read_back):
    case = case_of(CRITICAL)
    assert open_results(case) and card(case, "critical_result").severity == "minor"
    edit = communication_edit(told(method=method, read_back=read_back), DOCTOR, NOW)
    after = with_edits(case, edit)
    assert not open_results(after)
    assert {one.severity for one in after.discrepancies} <= {"info"}
    statement = after.report.impression[-1]
    assert (statement.text, statement.origin, statement.evidence) == (edit.after, "typed", ())
    both = compare(after.dictation, after.report, order=ORDER, kinds=INFERENCE_KINDS)
    assert "critical_result" not in {one.kind for one in both}


def test_an_ordinary_report_and_a_dismissed_card_need_no_communication():
    assert not open_results(case_of())
    case = case_of(CRITICAL)
    decision = Decision(discrepancy_id=card(case, "critical_result").id, action="dismiss", by=DOCTOR, at=NOW)
    assert open_results(case.model_copy(update={"decisions": (decision,)})), "without a reason"
    decision = decision.model_copy(update={"reason": "Not critical in this patient"})
    assert not open_results(case.model_copy(update={"decisions": (decision,)}))


@pytest.mark.parametrize(
    "wrong",
    [{"person": " "}, {"person": "12"}, {"person": "x" * 200}, {"person": "a\x00b"}, {"method": "pigeon"},
     {"at": NOW + timedelta(hours=1)}, {"at": NOW.replace(tzinfo=None)}],
)  # fmt: skip
def test_fields_that_are_not_complete_are_refused(wrong):
    with pytest.raises(UsageError):
        told(**wrong)
