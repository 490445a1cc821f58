"""Image or words of another part of the body, on the page: the banner says so, the alert is open, nobody just signs."""

import pytest
from playwright.sync_api import expect

from tests.browser.room import Room
from tests.review.hostile import dicom

pytestmark = pytest.mark.browser

ORDERS = (
    {"accession": "A-1", "patient_id": "S-1", "name": "EXAMPLE, Wanda", "procedure": "XR WRIST LEFT", "modality": "CR"},
    {"accession": "A-2", "patient_id": "S-2", "name": "EXAMPLE, Hedda", "procedure": "CT HEAD", "modality": "CT"},
)


def test_an_image_or_words_of_another_body_keep_the_report_from_being_signed(start, watch, department, tmp_path):
    department.has_orders(*ORDERS)
    room = Room(watch(start()), department.url, department.records)
    image = tmp_path / "image.dcm"
    header = {"PatientName": "EXAMPLE^Wanda", "PatientID": "S-1", "StudyDescription": "CHEST PA", "Modality": "CR"}
    image.write_bytes(dicom(**header, BodyPartExamined="CHEST", ViewPosition="PA", PatientAge="080Y"))
    room.find("Wanda")
    room.give(image)
    room.until_kept(lambda draft: bool(draft.images))
    room.press("Escape")
    room.until_shown("#banner", "the image is of another exam than the order")
    assert "80 y" not in room.shown("#banner")
    assert "chest" not in room.draft.template
    room.type("Fracture of the left distal radius.")
    room.compare()
    room.until_shown("#cards", "The order is for the wrist; the image is of the chest.")
    assert "PA view" not in room.shown("#columns")
    room.press("Control+Enter")
    room.until_shown("dialog.signing", "the image is of the chest")
    room.press("Escape")
    room.find("Hedda")
    room.type("The lungs are clear. No pneumothorax. The heart is normal in size.")
    room.compare()
    room.until_shown("#cards", "The order is for the head, and 3 sentences are of another part of the body")
    room.press("Control+Enter")
    room.until_shown("dialog.signing", "another part of the body")
    expect(room.page.locator("dialog.signing .confirm:not(:disabled)")).to_have_count(0)
    room.page.screenshot(path=tmp_path / "another_body.png")
