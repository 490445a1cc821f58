"""A final report gets addenda: each with author, time and reason, behind the original as it was signed."""

from datetime import timedelta, timezone

import pytest

from dictation.case.addendum import addended_text, words_of
from dictation.case.signing import blockers
from dictation.errors import UsageError
from dictation.exam import Order
from tests.case.signed_case import DOCTOR, NOW, RESIDENT, case_of, draft, of_another_patient, sign

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
    assert added.case.state == "addended" and final.text == case_of().report.text


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
