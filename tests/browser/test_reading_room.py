"""A day at the served page in a real Chromium, with a microphone that speaks: from the first word to the addendum."""

import json
import ssl
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import ATTENDING
from tests.browser.room import READY, Room

pytestmark = pytest.mark.browser

SAMPLES = Path(__file__).parents[2] / "audio_samples"
CHEST = {"procedure": "Chest X-ray, PA", "modality": "DX", "body_part": "CHEST"}
ORDERS = (
    {"accession": "A1", "patient_id": "1", "name": "EXAMPLE, Ada", "birth_date": "1958-03-14", "sex": "F", **CHEST},
    # a page that was closed keeps its case for two minutes; there is always another one to go on with
    *({"accession": f"B{n}", "patient_id": f"9{n}", "name": f"EXAMPLE, Waiting {n}", **CHEST} for n in range(9)),
)  # fmt: skip


@pytest.fixture(scope="module")
def browser(start, microphone):
    return start(*microphone.switches)


@pytest.fixture(scope="module")
def home(department):
    department.has_orders(*ORDERS)
    return department.home


@pytest.fixture(scope="module")
def url(department, home):
    return department.url


@pytest.fixture(scope="module")
def records(department):
    return department.records


@pytest.fixture
def enter(watch, browser, url, records, microphone):
    """Opens pages; at the end none has complained, asked a stranger, or left records that do not hold together."""
    rooms = []

    def one(address: str = url, browser: Browser = browser, script: str = "") -> Room:
        rooms.append(Room(watch(browser), address, records, script))
        return rooms[-1]

    yield one
    for room in rooms:
        room.watched.close()
    microphone.says()
    assert [word for room in rooms for word in room.watched.complaints] == []
    assert [word for room in rooms for word in room.watched.strangers] == []
    assert records.verify() == ()


CARDS = "#cards > .card"
REPORT = "FINDINGS: Small right pleural effusion. Small pneumothorax. Heart size is normal."


@pytest.mark.realtime
def test_a_case_from_the_first_word_to_the_addendum(enter, microphone, records):
    length_s = microphone.says("findings")
    room = enter()
    room.find("Ada")
    case = room.case
    room.paste(REPORT)
    room.press("F9")
    room.until_shown("#pad .text", "left pleural effusion")
    room.until_shown("#report .text", "left pleural effusion")  # while somebody still speaks
    room.until_heard(length_s)
    room.press("F9")
    room.until_review()
    expect(room.page.locator(CARDS)).to_have_count(2)
    room.press("n", " ")
    room.until("window.played.length && window.played.at(-1).currentTime > 0.2")
    room.until_shown("#cards .card.now", "Small pneumothorax")
    room.press("r")
    expect(room.page.locator(CARDS)).to_have_count(1)
    room.until_shown("#cards .card.now", "You said left")
    room.press("h")
    expect(room.page.locator(CARDS)).to_have_count(0)
    room.until_kept(lambda draft: [one.action for one in draft.decisions] == ["take_written", "take_heard"])
    first = room.sign("b", "Enter")  # whoever signs will tell the pneumothorax, which only the report states
    assert (first.state, first.author) == ("final", ATTENDING)
    assert [one.person for one in first.planned] == [ATTENDING] and "pneumothorax" in first.planned[0].what
    assert "left pleural effusion" in first.text and "Small pneumothorax" in first.text and "right" not in first.text
    room.until(f"desk.state.case !== '{case}'")
    room.until_text()
    # again, from the worklist: the addendum, first typed, then spoken
    length_s = microphone.says("rib")
    room.until("document.querySelector('#pasted textarea').value === ''")  # a reload would cut off gradio's answer
    room.again()
    room.find("Ada")
    assert room.case == case
    room.until_shown("#banner", "Final")
    room.press("a")
    room.until("document.activeElement.matches('.addendum input')")
    room.page.keyboard.type("a rib was overlooked")
    room.press("Enter")
    room.until_kept(lambda draft: draft.addendum == "a rib was overlooked")
    room.until("!document.querySelector('dialog[open]')")
    room.until_text()
    room.type("No pneumonia. ")
    room.dictate(length_s)
    room.until_review()
    second = room.sign()
    assert records.versions(case)[0] == first
    assert second.state == "addended" and second.text.startswith(first.text)
    for words in ("a rib was overlooked", "No pneumonia.", "fracture of the left", "rib", ATTENDING):
        assert words in second.text


def test_files_are_given_and_an_image_is_shown_and_taken_away_after_a_reload_too(enter):
    room = enter()
    room.give(*(SAMPLES / "01_left_effusion" / name for name in ("image.png", "order.json")))
    room.until_kept(lambda draft: len(draft.images) == 1 and bool(draft.orders))
    room.until("document.querySelector('#image canvas')?.width > 100")
    room.until_shown("#files", "image", "order")
    expect(room.page.locator("#files a:visible")).to_have_count(0)  # what was uploaded is given to nobody
    room.again()
    room.until("document.querySelector('#image canvas')?.width > 100")
    for says in ("", "This case has no images."):
        room.press("o")
        room.page.locator("#images-away").click()
        room.until_kept(lambda draft: not draft.images)
        room.until(f"document.querySelector('#notices').textContent.includes('{says}')")
        room.press("Escape")
    room.until("!document.querySelector('#image canvas')")


def test_a_review_does_not_come_under_the_fingers_of_somebody_who_types(enter):
    room = enter()
    room.write("Le")
    room.page.evaluate("desk.heard({ ...desk.state, stage: 'review' })")
    room.page.keyboard.type("ft pleural effusion.")
    room.until_kept(lambda draft: draft.pad.text == "Left pleural effusion.")
    again = "desk.state.stage === 'review' || desk.heard({ ...desk.state, stage: 'review' })"
    room.until(f"({again}, document.body.dataset.stage === 'review')")  # once the fingers rest


def test_a_review_that_was_asked_for_comes_at_once(enter):
    """Whoever presses Alt+R right after the last letter has said to be done: nothing waits for more of them."""
    room = enter()
    room.write()
    shown = """() => { desk.typed_ms = desk.wrote_ms = performance.now(); desk.isDoneWriting();
      desk.heard({ ...desk.state, stage: 'review' }); return document.body.dataset.stage; }"""
    assert room.page.evaluate(shown) == "review"


def test_a_review_is_of_all_that_was_typed_also_where_the_server_answers_late(enter):
    room = enter()
    late = "{ const { heard } = desk; desk.heard = (told) => setTimeout(() => heard.call(desk, told), 600); } 0"
    room.page.evaluate(late)
    room.write("Heart normal.")
    room.until("desk.waiting.size > 0")  # it is on its way
    room.page.keyboard.type(" Left pleural effusion.")
    room.press("Alt+r")
    room.until_review()
    room.until_shown("#columns", "Heart normal.", "Left pleural effusion.")
    assert room.page.evaluate("desk.state.stage") == "review"


def test_a_viewer_opens_a_case_by_an_address_that_works_once(enter, url, home):
    token = (home / "viewer_token").read_text().strip()
    trusting = ssl._create_unverified_context()  # of a proxy, where there is one
    # a case that no other test of this file opens
    asked = Request(f"{url}open", b"accession=B8", {"Authorization": f"Bearer {token}"})
    with urlopen(asked, context=trusting) as answer:
        address = json.load(answer)["url"]
    assert answer.status == 201 and address.startswith(f"{url}?open=")
    room = enter()
    room.type("Findings: No fracture.")
    before = room.case
    room.page.goto(address)  # in the page that is open, as a viewer does that has its window
    room.until(READY)
    room.until_shown("#banner", "Waiting 8")
    room.watched.complaints.clear()  # Gradio's, that its page was left
    assert room.page.url == url
    assert room.draft.pad.text == "" and room.records.load(before).draft.pad.text == "Findings: No fracture."
    another = enter(address)
    another.until_shown("#notices", "has opened its case already")
    another.until("!document.querySelector('#worklist').hidden")
    assert another.case not in (room.case, before) and another.page.url == url


def test_a_file_that_is_refused_does_not_stand_among_what_belongs_to_the_case(enter, tmp_path):
    room = enter()
    report, image = tmp_path / "kept.txt", tmp_path / "refused.dcm"
    report.write_text("FINDINGS: Small left pleural effusion.", encoding="utf-8")
    image.write_text("no image", encoding="utf-8")
    room.give(image, report)  # in one drop
    room.until_shown("#files", "kept")
    room.until_kept(lambda draft: draft.pasted is not None)
    room.until_shown("#notices", "refused.dcm")
    room.until("!document.querySelector('#files').innerText.includes('refused')")
    room.until_shown("#files", "kept")
    assert room.draft.pasted is not None
