"""A report is of a patient and an exam, and an exam has one case: the page asks where it is not so."""

import pytest
from playwright.sync_api import expect

from tests.browser.room import Room

pytestmark = pytest.mark.browser

SAID = "Findings: Small left pleural effusion. Impression: Small left pleural effusion."


@pytest.fixture
def room(department, browser, watch):
    opened = Room(watch(browser), department.url, department.records)
    yield opened
    opened.watched.was_quiet()


def test_a_report_without_patient_and_exam_is_signed_with_a_reason_only_and_says_so(room):
    room.new_case()
    room.type(SAID)
    room.compare()
    case = room.case
    room.press("Control+Enter")
    room.until_shown("dialog.signing .blockers", "No patient selected, no exam.")
    room.watched.shoot("no-patient-no-exam")
    expect(room.page.locator(".signing .confirm")).to_be_disabled()
    room.press("Enter", "1", "Enter")
    expect(room.page.locator(".signing .confirm")).to_be_disabled()
    assert room.records.versions(case) == ()
    room.press("x")
    room.until("document.querySelector('dialog.signing[open] .confirm:not(:disabled)')")
    room.press("Enter")
    room.until("!document.querySelector('dialog[open]')")
    (version,) = room.records.versions(case)
    assert [(one.kind, one.reason) for one in version.overrides] == [("identity", "Phantom or test")]
    room.page.evaluate(f"desk.worklist.openCase('{case}')")
    room.until(f"desk.state.case === '{case}'")
    room.until_shown("#columns .unidentified", "No patient selected, no exam: Phantom or test")
    room.watched.shoot("signed-without-an-order")
