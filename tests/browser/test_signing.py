"""Signing, copying, telling of a critical result and adding, with the keyboard alone, in a real Chromium."""

import re
from typing import get_args

import pytest
from playwright.sync_api import expect

from dictation.case import review_dictation
from dictation.case.draft import LeftOut, ReportEdit, Unheard
from dictation.case.ordered import Resent
from dictation.case.signing import BlockerKind
from dictation.exam import Order
from dictation.report import ExtractiveWriter, Report
from dictation.review.sign_off import sign_message
from dictation.speech import Engine, Transcript, Word
from dictation.wording import write
from tests.browser.asking import drawn, gives
from tests.browser.desk_page import DATA, desk_page
from tests.browser.room import press
from tests.case.signed_case import (
    NOW,
    ORDER,
    SAID,
    WRITTEN,
    case_of,
    draft,
    of_another_patient,
    sign,
    with_report,
)

pytestmark = pytest.mark.browser

CASE = "a" * 32  # the case that the desk of the test opens
READY = """async (told) => {
  const { install } = await import("/signing.js"), dialogs = await import("/dialogs.js");
  const send = desk.send;
  window.answers = {};
  desk.send = async (command) => ({ ...(await send.call(desk, command)), ...window.answers[command.do] });
  dialogs.install(desk);
  install(desk);
  desk.state = { ...desk.state, stage: "review" };
  document.body.dataset.stage = "review";
  document.activeElement.blur(); // the text, where the caret stands while somebody dictates
  await new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)));
  window.tell = (kind, message) => server.emit(kind, message);
  tell("sign", told);
}"""


def told(case=None, *versions, signer="Dr. A. Example", role="attending", **more):
    case = case or case_of(order=ORDER.model_copy(update={"laterality": "left", "sex": "F"}))
    asked = {name: more.pop(name) for name in ("unfit", "unheard_s", "resent", "gave_way") if name in more}
    own = draft(orders=case.orders, **more).model_copy(update={"id": CASE})
    return sign_message(own, case, case.report, signer=signer, role=role, versions=versions, **asked)


@pytest.fixture(scope="module")
def address():
    with desk_page() as url:
        yield url


@pytest.fixture
def at_desk(address, browser, watch):
    watched = watch(browser)
    watched.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    watched.page.goto(address)
    watched.page.wait_for_function("window.ready")
    watched.page.add_style_tag(path=str(DATA / "signing.css"))

    def open(message=None):
        watched.page.evaluate(READY, message or told())
        return watched.page

    open.watched = watched
    yield open
    watched.was_quiet()


def asks(page) -> None:
    """Ask to sign, and wait for the dialog."""
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog.signing")).to_be_visible()


def signs(page) -> None:
    asks(page)
    page.keyboard.press("Enter")


def is_closed(page, dialog: str = "signing") -> None:
    expect(page.locator(f"dialog.{dialog}")).to_be_hidden()


def is_open(page, dialog: str) -> None:
    expect(page.locator(f"dialog.{dialog}")).to_be_visible()


def tells(page, part: str, *words: str) -> None:
    """Wait until a part of the page says this."""
    for one in words:
        expect(page.locator(part)).to_contain_text(one, use_inner_text=True)


def never(page, do: str = "sign") -> None:
    """What was done before was obeyed, and no such command was sent."""
    drawn(page)
    gives(page, f"server.sent.filter((one) => one.do === '{do}').length", 0)


def once(page, do: str) -> dict:
    """Wait for the one command of this kind."""
    gives(page, f"server.sent.filter((one) => one.do === '{do}').length", 1)
    return page.evaluate(f"server.sent.find((one) => one.do === '{do}')")


def answers(page, overrides: dict[str, str], **planned: dict) -> None:
    """Wait for the one signature, with these answers."""
    signature = once(page, "sign")
    assert (signature["overrides"], signature["planned"]) == (overrides, planned)


def untold():
    order = ORDER.model_copy(update={"procedure": "CT head", "modality": "CT", "body_part": "HEAD"})
    return case_of("Findings: Left subdural hematoma. Impression: Left subdural hematoma.", order=order)


def untold_two():
    said = "Findings: Large right pneumothorax. Free air below the diaphragm. Impression: Pneumothorax and free air."
    return case_of(said, order=ORDER)


def not_compared():
    return sign_message(draft(), None, Report(), signer="", role="attending")


def said(page, words: str) -> None:
    """Wait until the page has told this last."""
    page.wait_for_function("(words) => desk.notices.at(-1)?.text.includes(words)", arg=words)


def test_a_clean_case_takes_two_keys_after_the_last_word_and_the_next_case_opens(at_desk):
    page = at_desk()
    page.evaluate("window.answers.sign = { state: 'final', next: 'b'.repeat(32), clean: 'EXAM: x\\r\\n' }")
    asks(page)
    tells(page, "dialog.signing", "Sign as final", "EXAMPLE, Ada", "Chest X-ray", "ORDERED: LEFT", "REPORT: LEFT")
    expect(page.locator("[name=author]")).to_have_value("Dr. A. Example")
    at_desk.watched.shoot("clean")
    page.keyboard.press("Enter")
    assert once(page, "open")["id"] == "b" * 32
    assert (once(page, "sign")["author"], once(page, "sign")["overrides"]) == ("Dr. A. Example", {})
    gives(page, "desk.left", ["", "b" * 32])  # no sound from the signature until the next case is open
    is_closed(page)
    said(page, "Signed as final and copied")
    gives(page, "navigator.clipboard.readText()", "EXAM: x\r\n")


def test_what_was_left_out_of_the_text_is_said_and_played_and_needs_no_reason(at_desk):
    soft = [LeftOut(take="t", start_s=start, end_s=start + 2.0, why="voice") for start in (3.0, 12.0, 40.0)]
    page = at_desk(told(left_out=soft))
    stretches = [{"recording": "r" * 32, "start_s": 3.0, "end_s": 5.0, "clock": "0:03-0:05", "is_unheard": False}]
    page.evaluate("""(missing) => {
      desk.state = { ...desk.state, missing };
      desk.playOf = (...what) => { window.played = what; };
    }""", stretches)  # fmt: skip
    asks(page)
    tells(page, "dialog.signing", "Not in the text: 3 stretches (6 s) of a softer voice.")
    page.click("dialog.signing .play")
    gives(page, "window.played", ["r" * 32, 3.0, 5.0])
    never(page)
    at_desk.watched.shoot("left-out")
    page.keyboard.press("Escape")
    signs(page)
    answers(page, {})  # a clean case still takes its keys


@pytest.mark.parametrize(
    ("away", "why"),
    [
        ("desk.isOpen = false", "The server does not answer"),
        ("desk.capture.leave = async () => server.emit('disconnected')", "The connection broke"),
    ],
)
def test_the_next_case_is_not_asked_for_while_the_server_is_away(at_desk, away, why):
    page = at_desk()
    page.evaluate(f"window.answers.sign = {{ state: 'final', next: 'b'.repeat(32) }}; {away}; 0")
    signs(page)
    page.wait_for_function("desk.notices.length === 2")
    signed, told = page.evaluate("desk.notices")
    assert signed["text"].startswith("Signed as final") and not signed["error"]
    assert why in told["text"] and "no other case was opened" in told["text"] and told["error"]
    page.evaluate("desk.isOpen = true; server.emit('connected')")
    never(page, "open")
    gives(page, "desk.state.case", CASE)


def test_a_signature_that_waits_for_the_server_leaves_the_dictation_key_free(at_desk):
    page = at_desk()
    page.evaluate("desk.isOpen = false; desk.capture.stop = async () => {}; server.held = []; 0")
    signs(page)
    assert once(page, "sign")["case"] == CASE
    gives(page, "desk.left", [])


def test_nobody_signs_what_the_worklist_covers(at_desk):
    page = at_desk()
    page.evaluate("document.querySelector('#worklist').hidden = false")
    page.keyboard.press("Control+Enter")
    never(page)
    is_closed(page)
    page.evaluate("document.querySelector('#worklist').hidden = true")
    asks(page)


def test_what_is_not_heard_yet_goes_away_by_itself_and_then_enter_signs(at_desk):
    page = at_desk(told(unheard_s=3))
    signs(page)
    tells(page, "dialog.signing", "3 s are still being heard")
    never(page)
    page.evaluate("(message) => tell('sign', message)", told())
    page.keyboard.press("Enter")
    answers(page, {})


def test_each_blocker_offers_its_own_reasons_with_digits_that_stay(at_desk):
    page = at_desk(told(case_of(written=WRITTEN), unheard=(Unheard(take="t", start_s=3, end_s=5),)))
    asks(page)
    played, current = page.locator(".reasons button", has_text="Sound was played"), page.locator(".blockers .current")
    expect(current).not_to_contain_text("Dictated sound")
    expect(played).to_have_count(0)
    press(page, "7")
    expect(page.locator("dialog.signing")).not_to_contain_text("Signed over")
    while "Dictated sound" not in current.inner_text():
        press(page, "3")
    expect(played).to_have_text(re.compile("^7"))
    press(page, "7")
    page.keyboard.press("Enter")
    given = once(page, "sign")["overrides"]
    assert given["unheard"] == "Sound was played, nothing is missing" and len(given) > 1


def test_a_critical_result_that_nobody_was_told_of_stands_first_and_two_keys_sign_nothing(at_desk):
    page = at_desk(told(untold(), unheard=(Unheard(take="t", start_s=3, end_s=5),)))
    asks(page)
    lines = page.locator(".signing .blockers li")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("Critical result (intracranial hemorrhage")
    expect(lines.first).to_have_class("current")
    at_desk.watched.shoot("untold")
    press(page, "Enter", "3", "7", "Enter")  # no digit of another kind answers for it
    expect(page.locator(".signing .confirm")).to_be_disabled()
    never(page)


def test_to_be_told_by_whom_and_how_takes_b_a_name_and_enter(at_desk):
    message = told(untold())
    page = at_desk(message)
    asks(page)
    press(page, "b")
    expect(page.locator("dialog.plan [name=person]")).to_have_value("Dr. A. Example")  # whoever signs, as offered
    page.keyboard.type("Dr. R. Example")
    page.focus("dialog.plan [name=method]")
    press(page, "4")
    at_desk.watched.shoot("plan")
    page.click("dialog.plan .confirm")
    tells(page, "dialog.signing .blockers", "Communication pending: Dr. R. Example, secure message")
    page.keyboard.press("Enter")
    plan = {"person": "Dr. R. Example", "method": "secure message"}
    answers(page, {}, **{message["blockers"][0]["discrepancy"]: plan})


@pytest.mark.parametrize("key", ["n", "b", "k"])
def test_the_answer_to_one_of_two_critical_results_leaves_the_other_first_in_the_dialog(at_desk, key):
    message = told(untold_two())
    one, two = (blocker for blocker in message["blockers"] if blocker["kind"] == "critical")
    page = at_desk(message)
    asks(page)
    press(page, key)
    if key != "n":
        dialog = "dialog.plan" if key == "b" else "dialog.communication"
        boxes, confirm = page.locator(f"{dialog} [name=result]"), page.locator(f"{dialog} .confirm")
        expect(boxes).to_have_count(2)
        for box in boxes.all():
            expect(box).to_be_checked()  # what it is about is shown
        page.keyboard.type("Dr. R. Example")
        page.keyboard.press("Alt+1")
        page.keyboard.press("Alt+2")
        expect(confirm).to_be_disabled()  # a communication of nothing
        page.keyboard.press("Alt+1")
        expect(confirm).to_be_enabled()
        at_desk.watched.shoot(f"of-one-{key}")
        page.keyboard.press("Enter")
    if key == "k":
        assert once(page, "communicate")["results"] == [one["discrepancy"]]
        left = {**message, "blockers": [two], "results": message["results"][1:]}
        is_closed(page, "communication")
        page.evaluate("(message) => tell('sign', message)", left)
    expect(page.locator("dialog.signing .blockers .current")).to_have_text(two["text"])
    expect(page.locator(".signing .confirm")).to_be_disabled()
    never(page)
    press(page, "b")
    expect(page.locator("dialog.plan [name=result]")).to_have_count(1)
    expect(page.locator("dialog.plan .of")).to_be_hidden()
    page.keyboard.press("Enter")
    is_closed(page, "plan")
    page.keyboard.press("Enter")
    signature = once(page, "sign")
    assert two["discrepancy"] in signature["planned"]
    assert set(signature["planned"]) | set(signature["overrides"]) == {two["discrepancy"]} | (
        set() if key == "k" else {one["discrepancy"]}
    )


def test_a_reason_of_its_own_overrides_a_critical_result_and_its_letter_never_falls_into_the_name(at_desk):
    message = told(untold(), signer="")
    page = at_desk(message)
    page.evaluate("localStorage.removeItem('desk.author')")
    author = page.locator("[name=author]")
    asks(page)
    press(page, "n")
    expect(author).to_have_value("")
    expect(author).to_be_focused()  # what is open is answered: now the name
    page.keyboard.type("Dr. Noon")
    page.keyboard.press("Enter")
    answers(page, {message["blockers"][0]["discrepancy"]: "Not critical in this patient"})
    assert once(page, "sign")["author"] == "Dr. Noon"


def test_an_empty_impression_is_asked_for_and_written_on_the_spot(at_desk):
    case = case_of("Findings: Small left pleural effusion.", order=ORDER)
    page = at_desk(told(case))
    signs(page)
    tells(page, "dialog.signing", "The impression is empty.")
    press(page, "i")
    page.keyboard.type("Small left effusion.")
    page.keyboard.press("Enter")
    assert once(page, "conclude")["text"] == "Small left effusion."
    never(page)
    is_closed(page, "conclusion")
    press(page, "f")
    page.keyboard.press("Enter")
    answers(page, {"impression": "The findings say all, no impression is needed"})


@pytest.mark.parametrize(("key", "chosen"), [("p", "mine"), ("r", "report"), ("b", "both")])
def test_two_wordings_of_one_sentence_are_chosen_between_in_the_dialog(at_desk, key, chosen):
    mine = ReportEdit(
        section="findings", organ="Pleura", before="Tiny left effusion.", after="Small left pleural effusion, old.",
        by="Dr. A. Example", at=NOW,
    )  # fmt: skip
    message = told(unfit=[mine])
    page = at_desk(message)
    asks(page)
    both = "Small left pleural effusion, old.", "the report now says “Small left pleural effusion.”"
    tells(page, "dialog.signing .blockers", *both)
    at_desk.watched.shoot("two-wordings")
    press(page, "1", "Enter")
    never(page)
    press(page, key)
    command = once(page, "wording")
    asked = message["blockers"][0]
    assert (command["edit"], command["says"], command["chosen"]) == (asked["discrepancy"], asked["says"], chosen)


def unsure(said: str, *doubtful: str):
    """What the dialog is told of a dictation in which the ear was not sure of some words, a second each."""
    words = tuple(
        Word(text=word, start_s=n, end_s=n + 0.5, confidence=0.05 if word in doubtful else 0.9)
        for n, word in enumerate(said.split())
    )
    heard = Transcript(recording="5" * 32, words=words, engine=Engine(name="ear"), duration_s=len(words))
    case = review_dictation(write([heard]), writer=ExtractiveWriter(), order=ORDER)
    return told(case)


BLOCKED = {  # kind of blocker → what the dialog is told, the letter, and what it does
    "identity": (lambda: told(case_of(order=Order())), "o", "pressed === 'o'"),
    "critical": (lambda: told(untold()), "k", "document.querySelector('dialog.communication').open"),
    "impression": (lambda: told(case_of("Lungs are clear.")), "i", "document.querySelector('dialog.conclusion').open"),
    "patient": (lambda: told(case_of(facts=of_another_patient())), "o", "pressed === 'o'"),
    "order": (lambda: told(resent=Resent(status="cancelled")), "w", "pressed === 'w'"),
    "second": (lambda: told(resent=Resent(signed_elsewhere=True)), "w", "pressed === 'w'"),
    "difference": (lambda: told(case_of(written=WRITTEN)), "g", "pane.chosen"),
    "field": (lambda: told(case_of(f"{SAID} Nodule of [size: mm].")), "g", "pressed === 'g'"),
    "empty": (lambda: told(with_report(case_of(), Report())), "t", "['b', 't'].includes(pressed)"),
    "hearing": (lambda: told(unheard_s=3), "w", "pressed === 'w'"),
    "comparing": (lambda: {**told(), "blockers": not_compared()["blockers"]}, "c",
        "server.sent.some((one) => one.do === 'compare')"),
    "unheard": (lambda: told(unheard=(Unheard(take="t", start_s=3, end_s=5),)), "h",
        "server.sent.some((one) => one.do === 'hear')"),
    "normals": (lambda: {**told(gave_way=["Liver"]), "gave_way": ["n1"]}, "y",
        "server.sent.some((one) => one.do === 'confirm' && one.normals[0] === 'n1')"),
    "word": (lambda: unsure(SAID, "pleural"), "y",
        "server.sent.some((one) => one.do === 'accept_word')"),
    "role": (lambda: told(case_of("It is new."), sign(case_of()), role="resident", addendum="Prior came"), "w",
        "pressed === 'w'"),
}  # fmt: skip


def test_every_kind_of_blocker_is_tried_on_the_page():
    elsewhere = {"edit", "final"}  # three ways, above; a final report opens no dialog: A is told, below
    assert BLOCKED.keys() | elsewhere == set(get_args(BlockerKind))


@pytest.mark.parametrize("kind", BLOCKED)
def test_the_letter_beside_what_blocks_a_signature_does_something_about_it(at_desk, kind):
    message, key, did = BLOCKED[kind]
    page = at_desk(message())
    page.evaluate("""() => {
      const run = desk.keys.run;
      window.pressed = "";
      desk.keys.run = (key) => { window.pressed = key; return run(key); };
      window.pane = { choose: () => { window.pane.chosen = true; } };
    }""")
    asks(page)
    current = page.locator(".signing .blockers .current")
    for _ in message()["blockers"]:
        if current.get_attribute("data-kind") == kind:
            break
        page.keyboard.press("ArrowDown")
    expect(current).to_have_attribute("data-kind", kind)
    press(page, key)
    page.wait_for_function(did)
    never(page)


COLUMN = """(statements) => {
  const columns = document.querySelector("#columns") ?? document.body.appendChild(document.createElement("div"));
  columns.id = "columns";
  columns.innerHTML = `<table><tr><td class="written">${statements.map(({ id, says }) => `
    <p class="statement" tabindex="0" data-statement="${id}" data-says="${says}">
      <span class="wording">${says}</span></p>`).join("")}</td></tr></table>`;
  window.played = [];
  desk.playOf = (...what) => window.played.push(what);
}"""


def test_doubtful_words_are_one_list_with_a_key_each_are_played_and_lead_to_their_sentence(at_desk):
    message = unsure(
        "Findings: Small right pulmonary effusion. Hypodensolision in the liver. Impression: Small right effusion.",
        "pulmonary",
    )
    page = at_desk(message)
    page.evaluate(
        COLUMN,
        [{"id": one["word"]["statement"], "says": f"The {one['word']['text']} here."} for one in message["blockers"]],
    )
    signs(page)
    never(page)
    listed = page.locator(".signing .blockers li")
    expect(listed).to_have_text(["“pulmonary”: check this word.", "“Hypodensolision” is no known word."])
    expect(page.locator(".signing .reasons button")).to_have_text(
        ["Y Right as it stands", "P Play it", "G Go to it and change it"]
    )
    expect(page.locator(".signing .status")).to_contain_text("Answer by letter or digit.")
    at_desk.watched.shoot("doubtful-words")
    press(page, "p")
    gives(page, "window.played[0].slice(1)", [3, 3.5])
    press(page, "y")
    first = message["blockers"][0]
    assert once(page, "accept_word")["word"] == first["discrepancy"]
    page.evaluate("(message) => tell('sign', message)", {**message, "blockers": message["blockers"][1:]})
    expect(page.locator(".signing .blockers .current")).to_have_text("“Hypodensolision” is no known word.")
    press(page, "g")
    is_closed(page)
    gives(page, "document.getSelection().toString()", "Hypodensolision")
    never(page)


def test_another_patient_cannot_be_signed_over(at_desk):
    page, status = at_desk(told(case_of(facts=of_another_patient()))), at_desk.watched.page.locator(".signing .status")
    asks(page)
    tells(page, "dialog.signing", "may be of different patients", "take image or text away, mend the order (O)")
    expect(status).to_have_text("Resolve this first, by its letter.")
    expect(page.locator(".signing .reasons button")).to_have_text(
        ["O Mend the order, or take the image or text away", "W Leave it open, and go to the worklist"]
    )
    press(page, "1", "Enter")
    expect(page.locator(".signing .confirm")).to_be_disabled()
    never(page)
    page.evaluate("(message) => tell('sign', message)", told(case_of(written=WRITTEN, facts=of_another_patient())))
    expect(status).to_contain_text(
        "Resolve first what takes no reason, by its letter."
    )  # a reason is not said to be enough
    assert page.locator(".signing .reasons button").count() > 1
    page.keyboard.press("Escape")
    is_closed(page)


def test_a_signed_out_page_has_no_patient_in_the_closed_dialog(at_desk):
    page = at_desk(told(case_of(facts=of_another_patient())))
    parts = (
        "['.who', '.side', '.over', '.blockers'].map((one) => document.querySelector(`.signing ${one}`).textContent)"
    )
    asks(page)
    before = page.evaluate(parts)
    assert any(before)
    page.keyboard.press("Escape")
    is_closed(page)
    page.evaluate("server.emit('signed-out')")
    gives(page, parts, [""] * 4)
    asks(page)
    gives(page, parts, before)


def test_a_name_is_asked_once_and_remembered(at_desk):
    page = at_desk(told(signer=""))
    page.evaluate("localStorage.removeItem('desk.author')")
    asks(page)
    author = page.locator("[name=author]")
    expect(author).to_be_focused()
    expect(page.locator(".signing .confirm")).to_be_disabled()
    page.keyboard.type("Dr. 1 Example")  # a digit in a name is no reason
    page.keyboard.press("Enter")
    assert once(page, "sign")["author"] == "Dr. 1 Example"
    is_closed(page)
    page.evaluate("(message) => tell('sign', message)", told(signer=""))
    asks(page)
    expect(author).to_have_value("Dr. 1 Example")


def test_a_signature_that_the_server_refuses_stays_open_with_its_reason(at_desk):
    page = at_desk()
    page.evaluate("window.answers.sign = { ok: false, message: 'Not signed: the disk is full.' }")
    signs(page)
    once(page, "sign")
    tells(page, ".signing .status", "disk is full")
    is_open(page, "signing")
    never(page, "open")
    gives(page, "desk.stayed", [""])


def test_a_signature_waits_for_the_microphone_that_was_switched_on_over_the_dialog(at_desk):
    page = at_desk()
    asks(page)
    page.evaluate("desk.capture.isWanted = true")
    page.keyboard.press("Enter")
    tells(page, ".signing .status", "The microphone is on; stop with F9")
    never(page)
    page.evaluate("desk.capture.isWanted = false")
    page.keyboard.press("Enter")
    once(page, "sign")


def test_the_dialog_belongs_to_its_case_and_gives_the_focus_back(at_desk):
    page = at_desk()
    for place in ("#bar .record", "#columns"):  # Enter alone would press the button
        page.focus(place)
        asks(page)
        page.keyboard.press("Escape")
        is_closed(page)
    asks(page)
    page.evaluate(
        "tell('case', { kind: 'case', case: 'c'.repeat(32), state: 'draft', stage: 'review', lock: { mine: true } })"
    )
    is_closed(page)
    expect(page.locator("#columns")).to_be_focused()
    page.evaluate("desk.state = { ...desk.state, case: 'c'.repeat(32) }")
    page.keyboard.press("Control+Enter")
    said(page, "no report to sign")
    is_closed(page)


@pytest.mark.parametrize("answer", ["{ ok: false, message: 'The disk is full.' }", "{ state: 'final', next: 'b' }"])
def test_a_signature_that_is_answered_once_another_case_is_open_leaves_that_one_alone(at_desk, answer):
    page = at_desk()
    page.evaluate(f"window.answers.sign = {answer}; server.held = [];")
    signs(page)
    once(page, "sign")
    page.evaluate(
        """(told) => {
          desk.state = { ...desk.state, case: told.case };
          tell("case", desk.state);
          tell("sign", told);
        }""",
        {**told(), "case": "c" * 32},
    )
    asks(page)
    page.evaluate("server.release()")
    tells(page, ".signing h2", "Sign as")
    is_open(page, "signing")
    never(page, "open")
    expect(page.locator("dialog.signing")).not_to_contain_text("disk is full")


def test_what_cannot_be_signed_now_is_said_in_a_sentence_and_a_spoken_word_signs_nothing(at_desk):
    page = at_desk()
    page.evaluate("window.before = desk.state; tell('ask', { kind: 'ask', what: 'sign' })")
    said(page, "Ctrl+Enter")
    for change, words in (
        ("listening: true", "microphone is on"),
        ("lock: { mine: false }", "take it over"),
        ("case: 'd'", "no report"),
    ):
        page.evaluate(f"desk.state = {{ ...before, {change} }}")
        page.keyboard.press("Control+Enter")
        said(page, words)
        is_closed(page)
    never(page)


def test_a_text_that_is_not_compared_is_compared_first_and_then_signed(at_desk):
    page = at_desk()
    page.evaluate("desk.state = { ...desk.state, stage: 'dictating' }")
    page.keyboard.press("Control+Enter")
    once(page, "compare")
    is_closed(page)
    page.evaluate("desk.state = { ...desk.state, stage: 'review' }; tell('case', desk.state)")
    is_open(page, "signing")


def test_c_copies_the_whole_and_shift_c_a_section_also_unsigned(at_desk):
    page = at_desk()
    press(page, "c")
    said(page, "nobody signed it")
    assert page.evaluate("navigator.clipboard.readText()").startswith("UNSIGNED DRAFT\r\n\r\nEXAM: ")
    page.keyboard.press("Shift+C")
    is_open(page, "sections")
    names = page.locator("dialog.sections li").all_inner_texts()
    number = next(n for n, name in enumerate(names, 1) if "impression" in name)
    page.keyboard.press(str(number))
    said(page, "impression")
    gives(page, "navigator.clipboard.readText()", "UNSIGNED DRAFT\r\n\r\nSmall left effusion.\r\n")
    is_closed(page, "sections")


def test_without_a_clipboard_the_text_is_shown_and_marked(at_desk):
    page = at_desk()
    page.evaluate(
        "navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); document.execCommand = () => false"
    )
    press(page, "c")
    is_open(page, "by-hand")
    page.wait_for_function("(getSelection().toString() || document.activeElement.value).startsWith('UNSIGNED DRAFT')")


def test_who_was_told_of_a_critical_result_is_given_by_keys(at_desk):
    page = at_desk()
    press(page, "k")
    is_open(page, "communication")
    page.keyboard.type("Dr. M. Example")
    page.keyboard.press("Alt+b")
    page.keyboard.press("Enter")
    given = once(page, "communicate")
    assert (given["person"], given["method"], given["read_back"]) == ("Dr. M. Example", "telephone", True)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00[+-]\d\d:\d\d", given["at"])
    is_closed(page, "communication")
    press(page, "k")
    is_open(page, "communication")
    expect(page.locator("dialog.communication [name=back]")).not_to_be_checked()
    expect(page.locator("dialog.communication [name=person]")).to_have_value("")
    page.focus("[name=back]")
    press(page, "4")
    expect(page.locator("dialog.communication [value='secure message']")).to_be_checked()


def test_a_final_report_gets_an_addendum_and_is_noted_as_sent_and_a_draft_neither(at_desk):
    page = at_desk(told(case_of(), sign(case_of())))
    press(page, "a")
    said(page, "Only a final report")
    press(page, "s")
    never(page, "sent")
    page.evaluate("desk.state = { ...desk.state, state: 'final' }")
    page.keyboard.press("Control+Enter")
    said(page, "press A")
    press(page, "a")
    is_open(page, "addendum")
    page.keyboard.press("Enter")
    never(page, "addendum")
    page.keyboard.type("Prior became available")
    page.keyboard.press("Enter")
    assert once(page, "addendum")["reason"] == "Prior became available"
    is_closed(page, "addendum")
    never(page, "sent")
    press(page, "s")
    once(page, "sent")


SCAN = """(burst) => [...burst].map((one) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {
  key: { "\\n": "Enter" }[one] ?? one, bubbles: true, cancelable: true })))"""


def test_a_number_that_is_scanned_over_the_dialog_answers_and_signs_nothing(at_desk):
    page = at_desk(told(case_of(written=WRITTEN)))
    asks(page)
    blockers = page.locator("dialog.signing .blockers")
    before = blockers.inner_text()
    for burst in ("2045511\n", "1100\n", "11\n", "bn4711\n", "yy\n"):
        page.evaluate(SCAN, burst)
        page.wait_for_function("desk.keys.isQuiet()")
        never(page)
        assert blockers.inner_text() == before, burst
        expect(page.locator(".signing .confirm")).to_be_disabled()
