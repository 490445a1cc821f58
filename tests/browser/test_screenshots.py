"""Every state of the page: no violation that axe-core calls serious, and a picture of it at two sizes.

Those of the first size go into docs/pictures only where DICTATION_SCREENSHOTS is set (`make screenshots`).
"""

import json
import os
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page

from dictation.records import Records
from dictation.records.users import Users
from dictation.settings import Settings
from tests.browser.conftest import serving
from tests.browser.microphone import Microphone
from tests.browser.room import READY, Room
from tests.review.department import chose_their_own
from tests.review.hostile import dicom

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "audio_samples" / "01_left_effusion"
SIZES = ((1280, 800), (1920, 1080))
PROVISIONAL = """
document.querySelector('#pad [data-ahead]')?.dataset.ahead.trim()
|| document.querySelector('#pad').innerText.includes('eart')
"""  # words that may still change; a machine that does much else has none
PASSWORD = "a long password of ann"
GRADIOS = "icon-button svelte"  # the button in its list of files, which holds another one
SERIOUS = ("serious", "critical")
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


class Looking:
    """Looks at the states of a page; `found` are the violations that axe-core calls serious, by state."""

    def __init__(self, page: Page, otherwise: Path) -> None:
        self._page, self.found = page, {}
        self._otherwise = otherwise
        self._shown = ROOT / "docs" / "pictures" if os.environ.get("DICTATION_SCREENSHOTS") else otherwise

    def __call__(self, name: str, page: Page | None = None) -> None:
        """Test a state, and take its pictures; the page is of the first size afterwards."""
        page = page or self._page
        answer = Axe().run(page).response["violations"]
        ours = [(one["id"], node["html"]) for one in answer if one["impact"] in SERIOUS for node in one["nodes"]]
        self.found[name] = [
            (rule, html) for rule, html in ours if (rule, GRADIOS in html) != ("nested-interactive", True)
        ]
        for width, height in reversed(SIZES):
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
            picture = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(256, dither=Image.Dither.NONE)
            folder, ending = (self._shown, "") if width == SIZES[0][0] else (self._otherwise, f"-{width}")
            picture.save(folder / f"{name}{ending}.png", optimize=True)


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


def test_every_state_is_seen_and_is_open_to_everybody(start, watch, home, orders, own_folders, tmp_path):
    microphone = Microphone(tmp_path / "microphone.wav")
    length_s = microphone.says("findings")
    with serving(home, DICTATION_ORDERS=str(orders), DICTATION_SIGNER="Dr. A. Example") as url:
        records = Records.open(Settings(home=home))
        room = Room(watch(start(*microphone.switches)), url, records)
        page, look = room.page, Looking(room.page, tmp_path)
        look("empty")
        room.search("")
        look("worklist")
        room.press("Escape", "?")
        room.until("document.querySelector('dialog.help').open")
        look("help")
        room.press("Escape")
        room.find("Ada")
        room.give(*(SAMPLE / name for name in ("image.png", "reading.json", "report.txt")))
        room.until_kept(lambda draft: draft.pasted is not None and bool(draft.images))
        look("panel")
        room.press("Escape")
        room.press("F9")
        room.until_shown("#pad .text", "left pleural effusion")
        room.until(PROVISIONAL)
        look("dictating")
        room.until_heard(length_s)
        room.press("F9")
        room.until_review()
        room.until("document.querySelector('#cards .card.now')")
        look("review")
        second = watch(start(*microphone.switches)).page
        second.goto(url)
        second.wait_for_function(READY)
        second.evaluate(f"void desk.send({{ do: 'open', id: '{room.case}' }})")
        second.wait_for_function("desk.state.lock?.by && !desk.state.lock.mine && desk.state.stage === 'review'")
        look("second-opener", second)
        second.close()
        room.press("Control+Enter")
        room.until("document.querySelector('dialog.signing').open")
        look("sign-blocked")
        room.press("Escape", "k")
        room.until("document.querySelector('dialog.communication').open")
        look("critical-result")
        room.press("Escape", "e")
        room.until("document.querySelector('.wording-field')")
        look("edit")
        room.press("Escape")
        settle(room)
        look("settled")
        room.press("Control+Enter")
        room.until("document.querySelector('dialog.signing').open")
        answer_what_is_open(room)
        room.until("document.querySelector('dialog.signing .confirm:not(:disabled)')")
        look("sign")
        room.press("Enter")
        room.until("!document.querySelector('dialog[open]')")
        room.find("Ada")
        room.until_shown("#banner", "Final")
        look("signed")
        room.press("a")
        room.until("document.querySelector('dialog.addendum').open")
        look("addendum")
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
        look("patient-mismatch")
        room.press("Escape")
        room.find("Cleo")
        assert look.found == {name: [] for name in look.found}
        assert room.watched.complaints == [] and room.watched.strangers == []
        assert records.verify() == ()
        records.close()
    room.press("F9")  # the server is gone
    room.until("Number(document.querySelector('.kept').dataset.unsent) > 2")
    look("offline")
    assert look.found["offline"] == []
    page.close()


def test_the_pages_of_signing_in_and_out_are_seen_and_open_to_everybody(start, watch, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    records = Records.open(Settings(home=home))
    Users(records).add("ann", "Dr. Ann Example", "attending", PASSWORD, "test")
    chose_their_own(records, "ann")
    with serving(home, DICTATION_SIGN_IN="password") as url:
        watched = watch(start())
        page, look = watched.page, Looking(watched.page, tmp_path)
        page.route("**/sign-out", lambda route: route.abort())  # at once: what is asked just afterwards may get by it
        page.goto(url)
        page.locator("#name:focus").wait_for()
        look("sign-in")
        for password in ("wrong", PASSWORD):
            page.locator("#name").fill("ann")
            page.locator("#password").fill(password)
            page.keyboard.press("Enter")
            if password == "wrong":
                page.locator("[role=alert]").wait_for()
                look("sign-in-wrong")
        page.wait_for_function(READY)
        with page.expect_popup() as opened:
            page.keyboard.press("Alt+Shift+P")
        opened.value.locator("#old:focus").wait_for()
        look("password", opened.value)
        opened.value.close()
        page.keyboard.press("Alt+Shift+O")
        page.get_by_text("NOT signed out").first.wait_for()
        look("not-signed-out")
        page.unroute("**/sign-out")
        assert look.found == {name: [] for name in look.found}
        assert watched.strangers == []
    records.close()
