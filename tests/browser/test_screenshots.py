"""Every state of the page: no violation that axe-core calls serious; `make screenshots` takes a picture of it.

Those of signing in and out are looked at in test_users.py.
"""

import json

import pytest

from dictation.records import Records
from dictation.settings import Settings
from tests.browser.conftest import ATTENDING, serving
from tests.browser.looking import look
from tests.browser.room import READY, Room
from tests.conftest import SAMPLES
from tests.review.hostile import dicom

pytestmark = [pytest.mark.browser, pytest.mark.realtime]

SAMPLE = SAMPLES / "01_left_effusion"
PROVISIONAL = """
document.querySelector('#pad [data-ahead]')?.dataset.ahead.trim()
|| document.querySelector('#pad').innerText.includes('eart')
"""  # words that may still change; a machine that does much else has none
OTHERS = (
    {"accession": "A-2002", "patient_id": "S-1002", "name": "EXAMPLE, Bea", "procedure": "CT chest", "modality": "CT",
     "priority": "stat"},
    {"accession": "A-2003", "patient_id": "S-1003", "name": "EXAMPLE, Cleo", "procedure": "Abdomen ultrasound",
     "modality": "US"},
)  # fmt: skip


@pytest.fixture(scope="module")
def orders(home):
    folder = home / "orders"
    folder.mkdir()
    (folder / "0.json").write_bytes((SAMPLE / "order.json").read_bytes())
    for number, order in enumerate(OTHERS, 1):
        (folder / f"{number}.json").write_text(json.dumps(order), encoding="utf-8")
    return folder


def settle(room: Room) -> None:
    """Take the heard wording of each card that has one; a critical result has none, and is answered in the dialog."""
    settled = "#cards > .card:has([data-action=take_heard])"
    while left := room.page.locator(settled).count():
        room.page.locator(f"{settled} h4").first.click()  # letters act where the focus is known to be on a card
        room.until(f"document.activeElement.matches('{settled}.now')")
        room.press("h")
        room.until(f"document.querySelectorAll('{settled}').length < {left}")


def answer_what_is_open(room: Room) -> None:
    """Answer what the dialog asks, as a person would: who will tell a critical result, why there is no impression."""
    keys = {"critical": ("b", "Enter"), "impression": ("f",)}
    while kind := room.page.evaluate("document.querySelector('.signing .blockers .current')?.dataset.kind"):
        assert kind in keys, f"nothing answers for what is left: {kind}"
        left = room.page.inner_text(".signing .blockers")
        room.press(*keys[kind])
        room.page.wait_for_function(
            "(left) => document.querySelector('.signing .blockers').innerText !== left", arg=left
        )


def test_every_state_is_seen_and_is_open_to_everybody(start, watch, home, orders, microphone, tmp_path):
    length_s = microphone.says("findings")
    with serving(home, DICTATION_ORDERS=str(orders), DICTATION_SIGNER=ATTENDING) as url:
        records = Records.open(Settings(home=home))
        room = Room(watch(start(*microphone.switches)), url, records)
        page = room.page
        look(page, "empty")
        room.search("")
        look(page, "worklist")
        room.press("Escape", "?")
        room.until("document.querySelector('dialog.help').open")
        look(page, "help")
        room.press("Escape")
        room.find("Ada")
        room.give(*(SAMPLE / name for name in ("image.png", "reading.json", "report.txt")))
        room.until_kept(lambda draft: draft.pasted is not None and bool(draft.images))
        look(page, "panel")
        room.press("Escape")
        room.press("F9")
        room.until_shown("#pad .text", "left pleural effusion")
        room.until(PROVISIONAL)
        look(page, "dictating")
        room.until_heard(length_s)
        room.press("F9")
        room.until_review()
        room.until("document.querySelector('#cards .card.now')")
        look(page, "review")
        second = watch(start(*microphone.switches)).page
        second.goto(url)
        second.wait_for_function(READY)
        second.evaluate(f"void desk.send({{ do: 'open', id: '{room.case}' }})")
        second.wait_for_function("desk.state.lock?.by && !desk.state.lock.mine && desk.state.stage === 'review'")
        look(second, "second-opener")
        second.close()
        room.press("Control+Enter")
        room.until("document.querySelector('dialog.signing').open")
        look(page, "sign-blocked")
        room.press("Escape", "k")
        room.until("document.querySelector('dialog.communication').open")
        look(page, "critical-result")
        room.press("Escape", "e")
        room.until("document.querySelector('.wording-field')")
        look(page, "edit")
        room.press("Escape")
        settle(room)
        look(page, "settled")
        room.press("Control+Enter")
        room.until("document.querySelector('dialog.signing').open")
        answer_what_is_open(room)
        room.until("document.querySelector('dialog.signing .confirm:not(:disabled)')")
        look(page, "sign")
        room.press("Enter")
        room.until("!document.querySelector('dialog[open]')")
        room.find("Ada")
        room.until_shown("#banner", "Final")
        look(page, "signed")
        room.press("a")
        room.until("document.querySelector('dialog.addendum').open")
        look(page, "addendum")
        room.press("Escape")
        room.find("Bea")
        other = tmp_path / "other.dcm"
        other.write_bytes(dicom(PatientName="EXAMPLE^Dora", PatientID="S-1009"))
        room.give(other)
        room.until_kept(lambda draft: bool(draft.images))
        room.press("Escape")
        room.type("Normal chest.")
        room.compare()
        room.press("Control+Enter")
        room.until("document.querySelector('dialog.signing').open")
        look(page, "patient-mismatch")
        room.press("Escape")
        room.find("Cleo")
        assert room.watched.complaints == [] and room.watched.strangers == []
        assert records.verify() == ()
        records.close()
    room.press("F9")  # the server is gone
    room.until("Number(document.querySelector('.kept').dataset.unsent) > 2")
    look(page, "offline")
