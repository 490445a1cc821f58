"""What the page is told about signing: state, so that nothing must be asked before a clean case is signed."""

import json

from dictation.case.draft import Unheard
from dictation.case.editing import edit_of
from dictation.exam import Order
from dictation.report import Report
from dictation.review.sign_off import clean_message, sign_message
from tests.case.signed_case import (
    DOCTOR,
    NOW,
    ORDER,
    RESIDENT,
    WRITTEN,
    case_of,
    draft,
    of_another_patient,
    sign,
    with_edits,
)


def message(case, *versions, role="attending", report=None, **fields):
    asked = {name: fields.pop(name) for name in ("unfit", "unheard_s") if name in fields}
    fields = {"orders": case.orders, **fields}
    return sign_message(
        draft(**fields), case, report or case.report, signer=DOCTOR, role=role, versions=versions, **asked
    )  # fmt: skip


def test_a_clean_case_is_told_with_its_patient_exam_and_sides():
    told = message(case_of(order=Order(**{**ORDER.model_dump(), "laterality": "left", "sex": "F"})))
    assert (told["kind"], told["blockers"], told["as"], told["state"]) == ("sign", [], "final", "draft")
    assert (told["patient"], told["exam"]) == ("EXAMPLE, Ada · F · ID P-17", "Chest X-ray")
    assert (told["side"], told["said_sides"]) == ("left", ["left"])
    assert told["signer"] == DOCTOR and not told["needs_communication"]
    assert json.loads(json.dumps(told)) == told


def test_blockers_reasons_and_methods_come_along():
    told = message(case_of(written=WRITTEN, facts=None), unheard_s=4)
    assert [one["kind"] for one in told["blockers"]] == ["hearing", "difference"] or len(told["blockers"]) > 1
    assert all(one["discrepancy"] for one in told["blockers"] if one["may_override"])
    assert [one["key"] for one in told["reasons"]] == list("123456") and told["methods"][0]["method"] == "telephone"
    assert [one["kind"] for one in message(case_of(facts=of_another_patient()))["blockers"]] == ["patient"]


def test_that_sound_was_played_is_a_reason_for_sound_that_nobody_heard_only():
    missed = (Unheard(take="t", start_s=3, end_s=5),)
    both = message(case_of(written=WRITTEN), unheard=missed)
    reasons = {one["kind"]: "".join(one["reasons"]) for one in both["blockers"]}
    assert reasons == {"difference": "123456", "unheard": "1234567"}
    assert "".join(one["key"] for one in both["reasons"]) == "1234567"
    of_another = message(case_of(facts=of_another_patient()))
    assert of_another["blockers"][0]["reasons"] == [] and of_another["reasons"] == []


def test_a_report_that_is_newer_than_its_comparison_waits():
    case = case_of()
    edit = edit_of(case.report, case.report.findings[0].id, "No effusion.", DOCTOR, NOW)
    told = message(case, report=with_edits(case, edit).report)
    assert [one["kind"] for one in told["blockers"]] == ["comparing"] and "No effusion." in told["clean"]["text"]


def test_without_a_comparison_there_is_a_text_to_copy_and_a_blocker():
    told = sign_message(draft(orders=()), None, Report(), signer="", role="resident")
    assert [one["kind"] for one in told["blockers"]] == ["identity", "comparing"]
    assert told["as"] == "preliminary" and told["patient"] == "No patient selected" and told["clean"]["sections"] == {}


def test_a_critical_result_offers_its_communication():
    assert message(case_of("Findings: Large right pneumothorax."))["needs_communication"]


def test_the_text_to_copy_says_what_it_is():
    case = case_of()
    assert message(case)["clean"]["text"].startswith("UNSIGNED DRAFT\r\n")
    first = sign(case, role="resident", author=RESIDENT)
    assert message(case, first)["clean"]["text"].startswith("PRELIMINARY REPORT\r\n")
    other = case_of("Findings: Large left pleural effusion.")
    assert message(other, first)["clean"]["text"].startswith("UNSIGNED DRAFT\r\n")  # it was changed since
    final = sign(case)
    assert message(case, final)["clean"]["text"].startswith("EXAM:")
    assert message(case, final)["blockers"][0]["kind"] == "final"


def test_while_an_addendum_is_made_it_is_copied_behind_the_signed_text_and_says_that_nobody_signed_it():
    final = sign(case_of())
    told = message(case_of("The effusion is new."), final, addendum="Prior came")
    assert told["as"] == "addendum" and told["blockers"] == [] and told["addendum"] == "Prior came"
    signed, text = message(case_of(), final)["clean"]["text"], told["clean"]["text"]
    head = "UNSIGNED DRAFT OF AN ADDENDUM, BEHIND THE SIGNED REPORT\r\n\r\n"
    behind = "\r\nADDENDUM 1, NOT SIGNED:\r\nReason: Prior came\r\nThe effusion is new.\r\n"
    assert signed.startswith("EXAM:") and text == head + signed + behind
    part = told["clean"]["sections"]["impression and the addenda"]
    assert part == f"{head}Small left effusion.\r\n{behind}"
    begun = message(case_of(""), final, addendum="Prior came", report=Report())
    assert begun["clean"]["text"] == signed  # nothing is said in it yet


def test_a_section_of_an_addended_report_is_copied_with_the_addenda_and_named_so():
    final = sign(case_of())
    added = sign(case_of("Small right rib fracture."), final, addendum="Overlooked")
    clean = message(case_of(), final, added)["clean"]
    assert list(clean["sections"]) == [f"{name} and the addenda" for name in ("exam", "findings", "impression")]
    assert all("Small right rib fracture." in text for text in clean["sections"].values())
    assert "No pneumothorax." in clean["sections"]["findings and the addenda"]


def test_each_section_that_says_something_can_be_copied():
    clean = clean_message(case_of().report)
    assert list(clean["sections"]) == ["exam", "findings", "impression"]
    assert clean["sections"]["impression"] == "UNSIGNED DRAFT\r\n\r\nSmall left effusion.\r\n"
    assert clean["warning"] == ""
