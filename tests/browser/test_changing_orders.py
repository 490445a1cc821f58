"""An order that changes beneath the open page: another patient, an exam that was cancelled."""

import pytest

from tests.browser.room import Room

pytestmark = pytest.mark.browser

ORDER = {
    "accession": "K1",
    "patient_id": "K-1",
    "name": "EXAMPLE, Agnes",
    "procedure": "Chest X-ray, PA",
    "modality": "DX",
}
CLOSED = "document.querySelector('dialog.signing[open] .confirm:disabled')"


def test_another_patient_and_a_cancelled_exam_stop_an_open_sign_dialog_until_a_person_has_said_why(
    start, watch, department
):
    department.has_orders(ORDER)
    records = department.records
    room = Room(watch(start()), department.url, records)
    room.find("Agnes")
    case = room.case
    room.type("Findings: Small left pleural effusion. No pneumothorax. Impression: Small left pleural effusion.")
    room.press("Control+Enter")
    room.until("document.querySelector('dialog.signing[open] .confirm:not(:disabled)')")
    other = {"name": "OTHER, Bo", "patient_id": "K-2"}
    department.has_orders(ORDER | other)
    another = (
        "The order now names another patient: OTHER, Bo · ID K-2. This case was begun for: EXAMPLE, Agnes · ID K-1."
    )
    for place in ("dialog.signing .blockers", "#banner"):
        room.until_shown(place, another)
    room.until(CLOSED)
    room.press("Enter")
    department.has_orders(ORDER | other | {"status": "cancelled"})
    for place in ("dialog.signing .blockers", "#banner"):
        room.until_shown(place, another, "The order of this exam was cancelled.")
    assert records.versions(case) == ()
    room.until(CLOSED)
    shown = "e => e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight"
    for width, height in ((600, 1280), (1280, 800)):
        room.page.set_viewport_size({"width": width, "height": height})
        assert room.page.locator("#banner").evaluate(shown), "nothing of it is cut"
        cut = "e => [...e.children].filter((one) => one.getBoundingClientRect().right > innerWidth).length"
        assert room.page.locator("#banner .asked").evaluate(cut) == 0
    room.until_shown("#banner", "OTHER, Bo", "Chest X-ray, PA", "Draft")
    room.press("8", "9")
    room.until("document.querySelector('dialog.signing[open] .confirm:not(:disabled)')")
    room.press("Enter")
    room.until("!document.querySelector('dialog[open]')")
    (version,) = records.versions(case)
    assert {one.reason for one in version.overrides} == {
        "Same patient, the order was corrected", "The exam was done all the same",
    }  # fmt: skip
    assert (room.watched.complaints, records.verify()) == ([], ())
