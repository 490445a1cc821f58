"""A day at the served page in a real Chromium, with a microphone that speaks: from the first word to the addendum."""

import json
import ssl
import time
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, expect

from dictation.case.communicating import open_results
from tests.browser.conftest import ATTENDING
from tests.browser.room import READY, Room

pytestmark = pytest.mark.browser

SAMPLES = Path(__file__).parents[2] / "audio_samples"
OWN_KNEE = """
extends = "xray_knee"
title = "Knee as I like it"
source = "this test"
default_normals = true
default = true
"""
PART_S = 3.9  # the first of the two parts, and a little of the silence after it
CHEST = {"procedure": "Chest X-ray, PA", "modality": "DX", "body_part": "CHEST"}
ORDERS = (
    {"accession": "A1", "patient_id": "1", "name": "EXAMPLE, Ada", "birth_date": "1958-03-14", "sex": "F", **CHEST},
    {"accession": "A2", "patient_id": "2", "name": "EXAMPLE, Bea", "procedure": "Knee X-ray, three views",
     "modality": "DX", "body_part": "KNEE", "laterality": "right"},
    {"accession": "A3", "patient_id": "3", "name": "EXAMPLE, Cleo", **CHEST},
    {"accession": "A4", "patient_id": "4", "name": "EXAMPLE, Dora", **CHEST},
    {"accession": "A5", "patient_id": "5", "name": "EXAMPLE, Emil", **CHEST},
    # a page that was closed keeps its case for two minutes; there is always another one to go on with
    *({"accession": f"B{n}", "patient_id": f"9{n}", "name": f"EXAMPLE, Waiting {n}", **CHEST} for n in range(9)),
)  # fmt: skip


@pytest.fixture(scope="module")
def browser(start, microphone):
    return start(*microphone.switches)


@pytest.fixture(scope="module")
def home(department):
    (department.home / "templates").mkdir()
    (department.home / "templates" / "own_knee.toml").write_text(OWN_KNEE, encoding="utf-8")
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


@pytest.mark.realtime
def test_a_pause_and_a_held_key_keep_one_case_with_every_word_once(enter, microphone):
    length_s = microphone.says("two_parts")
    room = enter()
    case = room.case
    room.dictate(PART_S)  # tapped: a pause
    room.until("desk.capture.state === 'off'")
    room.page.keyboard.down("F9")  # held, until the end
    room.until_heard(length_s - 2)
    room.page.keyboard.up("F9")
    room.until("desk.capture.state === 'off'")
    room.until_review()
    assert room.case == case
    assert room.draft.pad.text == "There is a small left pleural effusion. Heart size is normal."
    assert len(room.draft.takes) == 1


@pytest.mark.realtime
def test_spoken_commands_are_obeyed_and_a_spoken_sign_only_asks(enter, microphone):
    length_s = microphone.says("commands")
    room = enter()
    room.press("F9")
    room.until_heard(length_s)
    room.until_shown("#notices", "Press Ctrl+Enter to sign; a spoken word signs nothing.")
    room.press("F9")
    room.until_review()
    pad = room.draft.pad
    assert [one.name for one in pad.commands] == [
        "scratch", "undo", "replace", "insert", "go to", "sign",
    ]  # fmt: skip
    findings, macro, impression = pad.text.replace("Small, ", "Small ").split("\n\n")  # a comma that the ear guesses
    assert findings == "Findings: Small right pleural effusion."
    assert macro == "[Amount: Trace|Small|Moderate|Large] [side: left|right|bilateral] pleural effusion."
    assert impression == "Impression: No acute disease."
    assert room.records.versions(room.case) == ()


@pytest.mark.realtime
def test_a_field_is_picked_by_key_and_by_voice_and_blocks_the_signature_until_then(enter, microphone):
    room = enter()
    room.find("Bea")
    room.until_shown("#report .template", "Knee as I like it")
    room.type("Findings: No fracture.")
    room.until_shown("#report .text", "No fracture.")
    room.press("g")
    room.until("document.activeElement.matches('[data-field]')")
    room.press("Tab", "2")  # the second field, of two
    room.until_shown("#report .text", "views of the right knee.")
    room.press("Escape", "Escape")
    room.compare()
    room.press("Control+Enter")
    room.until_shown("dialog[open] .blockers", "Views")
    expect(room.page.locator("dialog[open] .confirm")).to_be_disabled()
    room.press("Enter", "Escape")
    assert room.records.versions(room.case) == ()
    length_s = microphone.says("knee")
    room.press("b")
    room.until_text()
    room.dictate(length_s)
    room.until_review()
    signed = room.sign()
    assert "Three views of the right knee." in signed.text


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


@pytest.mark.realtime
def test_dictation_goes_in_at_the_cursor_while_somebody_types_elsewhere(enter, microphone):
    length_s = microphone.says("inside")
    room = enter()
    room.type("Heart normal. Bones normal.")
    room.press("t", "Home", *["ArrowRight"] * len("Heart normal."))
    room.press("F9")
    room.until_heard(length_s)
    room.press("End")
    room.page.keyboard.type(" Soft tissues normal.")
    room.until_kept(lambda draft: "effusion" in draft.pad.text)
    room.press("F9")
    room.until_review()
    written = "Heart normal. No pleural effusion. Bones normal. Soft tissues normal."
    room.until_kept(lambda draft: draft.pad.text == written)


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


def test_a_second_page_looks_on_takes_over_and_nothing_is_lost(enter):
    first = enter()
    first.find("Dora")
    first.type("Lungs are clear.")
    second = enter()
    second.search("Dora")
    second.until_shown("#worklist tbody", "open by")
    second.press("Enter")
    second.until_shown("#worklist .question", "take it over")
    second.press("Alt+l")
    second.until("document.querySelector('#worklist').hidden")
    assert second.case == first.case
    second.until_shown("#banner", "read only")
    second.until_shown("#pad .text", "Lungs are clear.")
    expect(second.page.locator("#pad .text")).to_have_attribute("aria-readonly", "true")
    second.press("t")
    first.until_shown("#banner", "read only")
    first.until("document.querySelector('#pad .text').getAttribute('aria-readonly') === 'true'")
    second.until("document.querySelector('#pad .text').getAttribute('aria-readonly') === 'false'")
    second.type(" Heart normal.")
    first.until_shown("#pad .text", "Lungs are clear. Heart normal.")
    second.until_kept(lambda draft: draft.pad.text == "Lungs are clear. Heart normal.")


def test_a_refusal_says_of_which_case_it_is(enter):
    room = enter()
    room.new_case()
    before = room.case
    room.new_case()
    room.page.evaluate(f"desk.send({{ do: 'decide', case: '{before}', id: 'x', action: 'dismiss' }})")
    room.until_shown("#notices", "Of another case, No patient selected: ")
    room.press("Alt+x")
    expect(room.page.locator("#notices .error")).to_have_count(0)
    room.page.evaluate("desk.send({ do: 'decide', id: 'x', action: 'dismiss' })")
    room.until("document.querySelector('#notices .error')")
    assert "another case" not in room.shown("#notices")


NOT_TELLING = "!document.querySelector('dialog.communication').open"


def test_a_critical_result_is_told_by_keys_and_leaves_the_list_of_those_to_tell(enter):
    room = enter()
    room.find("Emil")
    room.type("Findings: Large left pneumothorax.")
    room.compare()
    room.until_kept(lambda draft: bool(open_results(draft.compared)))
    room.press("w", "Alt+2")
    room.until_shown("#worklist tbody", "open here")
    room.press("Escape", "k")
    room.page.keyboard.type("Dr. B. Example")
    room.press("Alt+b", "Enter")
    (told,) = room.until_kept(lambda draft: bool(draft.communications)).communications
    assert (told.person, told.method, told.read_back) == ("Dr. B. Example", "telephone", True)
    room.until_shown("#columns", "Left pneumothorax: discussed with Dr. B. Example by telephone")
    room.until_kept(lambda draft: not open_results(draft.compared))
    room.until(NOT_TELLING)  # by the answer, which may be later than the state
    room.press("w", "Alt+2")
    room.until("!document.querySelector('#worklist tbody').innerText.includes('Emil')")  # once it was read anew
    # a second result, put into the findings afterwards, is one that nobody was told of
    room.press("Escape", "b")
    room.until_text()
    room.press("t", "Control+Home", *["ArrowRight"] * len("Findings: "))
    room.page.keyboard.type("Acute pulmonary embolism. ")
    room.until_kept(lambda draft: "embolism. Large" in draft.pad.text)
    room.compare()
    room.press("Control+Enter")
    room.until_shown("dialog.signing .blockers li:first-child", "Critical result (pulmonary embolism)")
    room.watched.shoot("second-result-first")
    assert "pneumothorax" not in room.shown("dialog.signing .blockers")
    room.press("k")
    room.page.keyboard.type("Dr. C. Example")
    room.press("Enter")
    room.until_shown("#columns", "Pulmonary embolism: discussed with Dr. C. Example by telephone")
    room.until("!document.querySelector('dialog.signing .blockers').innerText.includes('Critical result')")
    room.until(NOT_TELLING)
    room.press("Escape")


@pytest.mark.realtime
def test_a_clean_case_takes_three_keys(enter, microphone):
    length_s = microphone.says("findings")
    room = enter()
    room.find("Cleo")
    case = room.case
    room.press("F9")
    room.until_heard(length_s - 0.9)  # the last word was said
    begun_s = time.monotonic()
    room.press("F9")
    room.until_review()
    reviewed_s = time.monotonic()
    signed = room.sign()
    room.until(f"desk.state.case !== '{case}'")
    print(
        f"last word to next case: {time.monotonic() - begun_s:.1f} s, of it {reviewed_s - begun_s:.1f} s to the review"
    )
    assert signed.state == "final" and not signed.overrides


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
