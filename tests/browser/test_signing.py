"""Signing, copying, telling of a critical result and adding, with the keyboard alone, in a real Chromium."""

import re
from typing import get_args

import pytest
from axe_playwright_python.sync_playwright import Axe

from dictation.case.draft import LeftOut, ReportEdit, Unheard
from dictation.case.ordered import Resent
from dictation.case.signing import BlockerKind
from dictation.report import Report
from dictation.review.sign_off import sign_message
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
    with desk_page(lambda asked: {"rows": []}) as url:
        yield url


@pytest.fixture(scope="module")
def browser(start):
    return start()


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
    assert watched.strangers == []
    assert watched.complaints == []


def untold():
    order = ORDER.model_copy(update={"procedure": "CT head", "modality": "CT", "body_part": "HEAD"})
    return case_of("Findings: Left subdural hematoma. Impression: Left subdural hematoma.", order=order)


def untold_two():
    said = "Findings: Large right pneumothorax. Free air below the diaphragm. Impression: Pneumothorax and free air."
    return case_of(said, order=ORDER)


def not_compared():
    return sign_message(draft(), None, Report(), signer="", role="attending")


def sent(page, do):
    return [one for one in page.evaluate("server.sent") if one["do"] == do]


def said(page):
    return page.evaluate("desk.notices.at(-1)?.text ?? ''")


def wait_sent(page, do):
    page.wait_for_function(f"server.sent.some((one) => one.do === '{do}')")
    return sent(page, do)[-1]


def test_a_clean_case_takes_two_keys_after_the_last_word_and_the_next_case_opens(at_desk):
    page = at_desk()
    page.evaluate("window.answers.sign = { state: 'final', next: 'b'.repeat(32), clean: 'EXAM: x\\r\\n' }")
    page.keyboard.press("Control+Enter")
    shown = page.inner_text("dialog.signing")
    for words in ("Sign as final", "EXAMPLE, Ada", "Chest X-ray", "ORDERED: LEFT", "REPORT: LEFT"):
        assert words in shown
    assert page.input_value("[name=author]") == "Dr. A. Example"
    at_desk.watched.shoot("clean")
    page.keyboard.press("Enter")
    assert wait_sent(page, "open")["id"] == "b" * 32
    [signature] = sent(page, "sign")
    assert (signature["author"], signature["overrides"]) == ("Dr. A. Example", {})
    assert page.evaluate("desk.left") == ["", "b" * 32], "no sound from the signature until the next case is open"
    assert not page.is_visible("dialog.signing")
    assert page.evaluate("navigator.clipboard.readText()") == "EXAM: x\r\n" and "Signed as final and copied" in said(
        page
    )


def test_what_was_left_out_of_the_text_is_said_and_played_and_needs_no_reason(at_desk):
    soft = [LeftOut(take="t", start_s=start, end_s=start + 2.0, why="voice") for start in (3.0, 12.0, 40.0)]
    page = at_desk(told(left_out=soft))
    stretches = [{"recording": "r" * 32, "start_s": 3.0, "end_s": 5.0, "clock": "0:03-0:05", "is_unheard": False}]
    page.evaluate("""(missing) => {
      desk.state = { ...desk.state, missing };
      desk.playOf = (...what) => { window.played = what; };
    }""", stretches)  # fmt: skip
    page.keyboard.press("Control+Enter")
    assert "Not in the text: 3 stretches (6 s) of a softer voice." in page.inner_text("dialog.signing")
    page.click("dialog.signing .play")
    assert page.evaluate("window.played") == ["r" * 32, 3.0, 5.0] and sent(page, "sign") == []
    at_desk.watched.shoot("left-out")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Enter")
    assert wait_sent(page, "sign")["overrides"] == {}, "a clean case still takes its keys"


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
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Enter")
    page.wait_for_function("desk.notices.length === 2")
    signed, told = page.evaluate("desk.notices")
    assert signed["text"].startswith("Signed as final") and not signed["error"]
    assert why in told["text"] and "no other case was opened" in told["text"] and told["error"]
    page.evaluate("desk.isOpen = true; server.emit('connected')")
    assert sent(page, "open") == [] and page.evaluate("desk.state.case") == CASE


def test_a_signature_that_waits_for_the_server_leaves_the_dictation_key_free(at_desk):
    page = at_desk()
    page.evaluate("desk.isOpen = false; desk.capture.stop = async () => {}; server.held = []; 0")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Enter")
    wait_sent(page, "sign")
    assert page.evaluate("desk.left") == [] and sent(page, "sign")[0]["case"] == CASE


def test_nobody_signs_what_the_worklist_covers(at_desk):
    page = at_desk()
    page.evaluate("document.querySelector('#worklist').hidden = false")
    page.keyboard.press("Control+Enter")
    assert not page.is_visible("dialog.signing")
    page.evaluate("document.querySelector('#worklist').hidden = true")
    page.keyboard.press("Control+Enter")
    assert page.is_visible("dialog.signing")


def test_what_is_not_heard_yet_goes_away_by_itself_and_then_enter_signs(at_desk):
    page = at_desk(told(unheard_s=3))
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Enter")
    assert "3 s are still being heard" in page.inner_text("dialog.signing") and sent(page, "sign") == []
    page.evaluate("(message) => tell('sign', message)", told())
    page.keyboard.press("Enter")
    assert wait_sent(page, "sign")["overrides"] == {}


def test_critical_differences_are_signed_over_by_a_digit_each(at_desk):
    message = told(case_of(written=WRITTEN))
    page = at_desk(message)
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Enter")
    assert sent(page, "sign") == []
    ids = [one["discrepancy"] for one in message["blockers"]]
    for _ in ids:
        press(page, "3")
    page.keyboard.press("Enter")
    assert wait_sent(page, "sign")["overrides"] == dict.fromkeys(ids, "Checked on the images")


def test_each_blocker_offers_its_own_reasons_with_digits_that_stay(at_desk):
    page = at_desk(told(case_of(written=WRITTEN), unheard=(Unheard(take="t", start_s=3, end_s=5),)))
    page.keyboard.press("Control+Enter")
    played = page.locator(".reasons button", has_text="Sound was played")
    assert "Dictated sound" not in page.inner_text(".blockers .current") and played.count() == 0
    press(page, "7")
    assert "Signed over" not in page.inner_text("dialog.signing")
    while "Dictated sound" not in page.inner_text(".blockers .current"):
        press(page, "3")
    assert played.inner_text().split()[0] == "7"
    press(page, "7")
    page.keyboard.press("Enter")
    given = wait_sent(page, "sign")["overrides"]
    assert given["unheard"] == "Sound was played, nothing is missing" and len(given) > 1


def test_a_critical_result_that_nobody_was_told_of_stands_first_and_two_keys_sign_nothing(at_desk):
    page = at_desk(told(untold(), unheard=(Unheard(take="t", start_s=3, end_s=5),)))
    page.keyboard.press("Control+Enter")
    lines = page.locator(".signing .blockers li").all_inner_texts()
    assert "Critical result (intracranial hemorrhage" in lines[0] and len(lines) == 2
    assert page.inner_text(".signing .blockers .current") == lines[0]
    at_desk.watched.shoot("untold")
    for key in ("Enter", "3", "7", "Enter"):  # no digit of another kind answers for it
        press(page, key)
    assert page.is_disabled(".signing .confirm") and sent(page, "sign") == []


def test_told_by_k_in_the_dialog_and_then_enter_signs(at_desk):
    page = at_desk(told(untold()))
    page.keyboard.press("Control+Enter")
    press(page, "k")
    page.keyboard.type("Dr. M. Example")
    page.keyboard.press("Enter")
    given = wait_sent(page, "communicate")
    assert (given["person"], given["method"]) == ("Dr. M. Example", "telephone")
    page.wait_for_selector("dialog.communication", state="hidden")
    page.evaluate("(message) => tell('sign', message)", told())
    assert page.is_visible("dialog.signing") and not page.is_disabled(".signing .confirm")
    page.keyboard.press("Enter")
    assert wait_sent(page, "sign")["overrides"] == {}


def test_to_be_told_by_whom_and_how_takes_b_a_name_and_enter(at_desk):
    message = told(untold())
    page = at_desk(message)
    page.keyboard.press("Control+Enter")
    press(page, "b")
    assert page.input_value("dialog.plan [name=person]") == "Dr. A. Example", "whoever signs, as offered"
    page.keyboard.type("Dr. R. Example")
    page.focus("dialog.plan [name=method]")
    press(page, "4")
    at_desk.watched.shoot("plan")
    page.click("dialog.plan .confirm")
    assert "To be told by Dr. R. Example, secure message" in page.inner_text("dialog.signing .blockers")
    page.keyboard.press("Enter")
    signature = wait_sent(page, "sign")
    plan = {"person": "Dr. R. Example", "method": "secure message"}
    assert signature["planned"] == {message["blockers"][0]["discrepancy"]: plan} and signature["overrides"] == {}


@pytest.mark.parametrize("key", ["n", "b", "k"])
def test_the_answer_to_one_of_two_critical_results_leaves_the_other_first_in_the_dialog(at_desk, key):
    message = told(untold_two())
    one, two = (blocker for blocker in message["blockers"] if blocker["kind"] == "critical")
    page = at_desk(message)
    page.keyboard.press("Control+Enter")
    press(page, key)
    if key != "n":
        page.keyboard.type("Dr. R. Example")
        dialog = "dialog.plan" if key == "b" else "dialog.communication"
        boxes = page.locator(f"{dialog} [name=result]")
        assert boxes.count() == 2 and all(box.is_checked() for box in boxes.all()), "what it is about is shown"
        page.keyboard.press("Alt+1")
        page.keyboard.press("Alt+2")
        assert page.is_disabled(f"{dialog} .confirm"), "a communication of nothing"
        page.keyboard.press("Alt+1")
        at_desk.watched.shoot(f"of-one-{key}")
        page.keyboard.press("Enter")
    if key == "k":
        assert wait_sent(page, "communicate")["results"] == [one["discrepancy"]]
        left = {**message, "blockers": [two], "results": message["results"][1:]}
        page.wait_for_selector("dialog.communication", state="hidden")
        page.evaluate("(message) => tell('sign', message)", left)
    assert page.inner_text("dialog.signing .blockers .current") == two["text"]
    assert page.is_disabled(".signing .confirm") and sent(page, "sign") == []
    press(page, "b")
    assert page.locator("dialog.plan [name=result]").count() == 1 and page.is_hidden("dialog.plan .of")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    signature = wait_sent(page, "sign")
    assert two["discrepancy"] in signature["planned"]
    assert set(signature["planned"]) | set(signature["overrides"]) == {two["discrepancy"]} | (
        set() if key == "k" else {one["discrepancy"]}
    )


def test_one_answer_is_given_for_all_that_is_chosen_in_it(at_desk):
    message = told(untold_two())
    page = at_desk(message)
    page.keyboard.press("Control+Enter")
    press(page, "b")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    signature = wait_sent(page, "sign")
    assert set(signature["planned"]) == {one["discrepancy"] for one in message["blockers"]}


def test_a_reason_of_its_own_overrides_a_critical_result(at_desk):
    message = told(untold())
    page = at_desk(message)
    page.keyboard.press("Control+Enter")
    press(page, "n")
    page.keyboard.press("Enter")
    given = {message["blockers"][0]["discrepancy"]: "Not critical in this patient"}
    assert wait_sent(page, "sign")["overrides"] == given


def test_a_letter_that_answers_never_falls_into_the_name(at_desk):
    message = told(untold(), signer="")
    page = at_desk(message)
    page.evaluate("localStorage.removeItem('desk.author')")
    page.keyboard.press("Control+Enter")
    press(page, "n")
    assert page.input_value("[name=author]") == ""
    assert page.evaluate("document.activeElement.name") == "author"  # what is open is answered: now the name
    page.keyboard.type("Dr. Noon")
    page.keyboard.press("Enter")
    signature = wait_sent(page, "sign")
    assert signature["author"] == "Dr. Noon"
    assert signature["overrides"] == {message["blockers"][0]["discrepancy"]: "Not critical in this patient"}


def test_an_empty_impression_is_asked_for_and_written_on_the_spot(at_desk):
    case = case_of("Findings: Small left pleural effusion.", order=ORDER)
    page = at_desk(told(case))
    page.keyboard.press("Control+Enter")
    assert "The impression is empty." in page.inner_text("dialog.signing")
    page.keyboard.press("Enter")
    press(page, "i")
    page.keyboard.type("Small left effusion.")
    page.keyboard.press("Enter")
    assert wait_sent(page, "conclude")["text"] == "Small left effusion." and sent(page, "sign") == []
    page.wait_for_selector("dialog.conclusion", state="hidden")
    press(page, "f")
    page.keyboard.press("Enter")
    assert wait_sent(page, "sign")["overrides"] == {"impression": "The findings say all, no impression is needed"}


@pytest.mark.parametrize(("key", "chosen"), [("p", "mine"), ("r", "report"), ("b", "both")])
def test_two_wordings_of_one_sentence_are_chosen_between_in_the_dialog(at_desk, key, chosen):
    mine = ReportEdit(
        section="findings", organ="Pleura", before="Tiny left effusion.", after="Small left pleural effusion, old.",
        by="Dr. A. Example", at=NOW,
    )  # fmt: skip
    message = told(unfit=[mine])
    page = at_desk(message)
    page.keyboard.press("Control+Enter")
    shown = page.inner_text("dialog.signing .blockers")
    assert (
        "Small left pleural effusion, old." in shown and "the report now says “Small left pleural effusion.”" in shown
    )
    at_desk.watched.shoot("two-wordings")
    press(page, "1")
    page.keyboard.press("Enter")
    assert sent(page, "sign") == []
    press(page, key)
    command = wait_sent(page, "wording")
    asked = message["blockers"][0]
    assert (command["edit"], command["says"], command["chosen"]) == (asked["discrepancy"], asked["says"], chosen)


BLOCKED = {  # kind of blocker → what the dialog is told, the letter, and what it does
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
    page.keyboard.press("Control+Enter")
    for _ in range(len(message()["blockers"])):
        if page.get_attribute(".signing .blockers .current", "data-kind") == kind:
            break
        page.keyboard.press("ArrowDown")
    assert page.get_attribute(".signing .blockers .current", "data-kind") == kind
    press(page, key)
    assert page.evaluate(did)
    assert sent(page, "sign") == []


def test_another_patient_cannot_be_signed_over(at_desk):
    page = at_desk(told(case_of(facts=of_another_patient())))
    page.keyboard.press("Control+Enter")
    assert "may be of different patients" in page.inner_text("dialog.signing")
    assert "take image or text away, mend the order (O)" in page.inner_text("dialog.signing")
    assert page.inner_text(".signing .status") == "Settle this first, by its letter."
    assert page.locator(".signing .reasons button").all_inner_texts() == [
        "O Mend the order, or take the image or text away",
        "W Leave it open, and go to the worklist",
    ]
    for key in ("1", "Enter"):
        press(page, key)
    assert page.is_disabled(".signing .confirm") and sent(page, "sign") == []
    page.keyboard.press("Escape")
    assert not page.is_visible("dialog.signing")


def test_beside_another_patient_a_reason_is_not_said_to_be_enough(at_desk):
    page = at_desk(told(case_of(written=WRITTEN, facts=of_another_patient())))
    page.keyboard.press("Control+Enter")
    assert page.locator(".signing .reasons button").count() > 1
    assert page.inner_text(".signing .status").startswith("Settle first what takes no reason, by its letter.")


def test_a_signed_out_page_has_no_patient_in_the_closed_dialog(at_desk):
    page = at_desk(told(case_of(facts=of_another_patient())))
    parts = [f".signing {one}" for one in (".who", ".side", ".over", ".blockers")]
    page.keyboard.press("Control+Enter")
    before = [page.text_content(part) for part in parts]
    assert any(before)
    page.keyboard.press("Escape")
    page.evaluate("server.emit('signed-out')")
    assert [page.text_content(part) for part in parts] == [""] * 4
    page.keyboard.press("Control+Enter")
    assert [page.text_content(part) for part in parts] == before


def test_a_name_is_asked_once_and_remembered(at_desk):
    page = at_desk(told(signer=""))
    page.evaluate("localStorage.removeItem('desk.author')")
    page.keyboard.press("Control+Enter")
    assert page.evaluate("document.activeElement.name") == "author" and page.is_disabled(".signing .confirm")
    page.keyboard.type("Dr. 1 Example")  # a digit in a name is no reason
    page.keyboard.press("Enter")
    assert wait_sent(page, "sign")["author"] == "Dr. 1 Example"
    page.evaluate("(message) => tell('sign', message)", told(signer=""))
    page.keyboard.press("Control+Enter")
    assert page.input_value("[name=author]") == "Dr. 1 Example"


def test_a_signature_that_the_server_refuses_stays_open_with_its_reason(at_desk):
    page = at_desk()
    page.evaluate("window.answers.sign = { ok: false, message: 'Not signed: the disk is full.' }")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Enter")
    wait_sent(page, "sign")
    page.wait_for_function("document.querySelector('.signing .status').textContent.includes('disk is full')")
    assert page.is_visible("dialog.signing") and sent(page, "open") == []
    assert page.evaluate("desk.stayed") == [""]


def test_a_signature_waits_for_the_microphone_that_was_switched_on_over_the_dialog(at_desk):
    page = at_desk()
    page.keyboard.press("Control+Enter")
    page.evaluate("desk.capture.isWanted = true")
    page.keyboard.press("Enter")
    assert "The microphone is on; stop with F9" in page.inner_text(".signing .status") and sent(page, "sign") == []
    page.evaluate("desk.capture.isWanted = false")
    page.keyboard.press("Enter")
    wait_sent(page, "sign")


def test_the_dialog_belongs_to_its_case_and_gives_the_focus_back(at_desk):
    page = at_desk()
    for place in ("#bar .record", "#columns"):  # Enter alone would press the button
        page.focus(place)
        page.keyboard.press("Control+Enter")
        assert page.is_visible("dialog.signing")
        page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    page.evaluate(
        "tell('case', { kind: 'case', case: 'c'.repeat(32), state: 'draft', stage: 'review', lock: { mine: true } })"
    )
    assert not page.is_visible("dialog.signing")
    assert page.evaluate("document.activeElement.id") == "columns"
    page.evaluate("desk.state = { ...desk.state, case: 'c'.repeat(32) }")
    page.keyboard.press("Control+Enter")
    assert not page.is_visible("dialog.signing") and "no report to sign" in said(page)


@pytest.mark.parametrize("answer", ["{ ok: false, message: 'The disk is full.' }", "{ state: 'final', next: 'b' }"])
def test_a_signature_that_is_answered_once_another_case_is_open_leaves_that_one_alone(at_desk, answer):
    page = at_desk()
    page.evaluate(f"window.answers.sign = {answer}; server.held = [];")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Enter")
    wait_sent(page, "sign")
    page.evaluate(
        """(told) => {
          desk.state = { ...desk.state, case: told.case };
          tell("case", desk.state);
          tell("sign", told);
        }""",
        {**told(), "case": "c" * 32},
    )
    page.keyboard.press("Control+Enter")
    page.evaluate("server.release()")
    page.wait_for_function("document.querySelector('.signing h2').textContent.startsWith('Sign as')")
    assert page.is_visible("dialog.signing") and "disk is full" not in page.inner_text("dialog.signing")
    assert sent(page, "open") == []


@pytest.mark.parametrize(
    ("change", "words"),
    [("listening: true", "microphone is on"), ("lock: { mine: false }", "take it over"), ("case: 'd'", "no report")],
)
def test_what_cannot_be_signed_now_is_said_in_a_sentence(at_desk, change, words):
    page = at_desk()
    page.evaluate(f"desk.state = {{ ...desk.state, {change} }}")
    page.keyboard.press("Control+Enter")
    assert words in said(page) and not page.is_visible("dialog.signing")


def test_a_text_that_is_not_compared_is_compared_first_and_then_signed(at_desk):
    page = at_desk()
    page.evaluate("desk.state = { ...desk.state, stage: 'dictating' }")
    page.keyboard.press("Control+Enter")
    assert len(sent(page, "compare")) == 1 and not page.is_visible("dialog.signing")
    page.evaluate("desk.state = { ...desk.state, stage: 'review' }; tell('case', desk.state)")
    assert page.is_visible("dialog.signing")


def test_a_spoken_word_signs_nothing_and_names_the_key(at_desk):
    page = at_desk()
    page.evaluate("tell('ask', { kind: 'ask', what: 'sign' })")
    assert "Ctrl+Enter" in said(page) and sent(page, "sign") == [] and not page.is_visible("dialog.signing")


def test_c_copies_the_whole_and_shift_c_a_section_also_unsigned(at_desk):
    page = at_desk()
    press(page, "c")
    page.wait_for_function("desk.notices.length")
    text = page.evaluate("navigator.clipboard.readText()")
    assert text.startswith("UNSIGNED DRAFT\r\n\r\nEXAM: ") and "nobody signed it" in said(page)
    page.keyboard.press("Shift+C")
    page.wait_for_selector("dialog.sections", state="visible")
    names = page.locator("dialog.sections li").all_inner_texts()
    number = next(n for n, name in enumerate(names, 1) if "impression" in name)
    page.keyboard.press(str(number))
    page.wait_for_function("desk.notices.at(-1).text.includes('impression')")
    assert page.evaluate("navigator.clipboard.readText()") == "UNSIGNED DRAFT\r\n\r\nSmall left effusion.\r\n"
    assert not page.is_visible("dialog.sections")


def test_without_a_clipboard_the_text_is_shown_and_marked(at_desk):
    page = at_desk()
    page.evaluate(
        "navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); document.execCommand = () => false"
    )
    press(page, "c")
    page.wait_for_selector("dialog.by-hand[open]")
    assert page.evaluate("getSelection().toString() || document.activeElement.value").startswith("UNSIGNED DRAFT")


def test_who_was_told_of_a_critical_result_is_given_by_keys(at_desk):
    page = at_desk()
    press(page, "k")
    page.keyboard.type("Dr. M. Example")
    page.keyboard.press("Alt+b")
    page.keyboard.press("Enter")
    given = wait_sent(page, "communicate")
    assert (given["person"], given["method"], given["read_back"]) == ("Dr. M. Example", "telephone", True)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00[+-]\d\d:\d\d", given["at"])
    page.wait_for_selector("dialog.communication", state="hidden")
    press(page, "k")
    page.wait_for_selector("dialog.communication", state="visible")
    assert not page.is_checked("[name=back]") and page.input_value("[name=person]") == ""
    page.focus("[name=back]")
    press(page, "4")
    assert page.is_checked("[value='secure message']")


def test_a_final_report_gets_an_addendum_and_is_noted_as_sent_and_a_draft_neither(at_desk):
    page = at_desk(told(case_of(), sign(case_of())))
    press(page, "a")
    page.wait_for_function("desk.notices.length")
    assert "Only a final report" in said(page)
    press(page, "s")
    page.wait_for_timeout(400)  # it stands alone
    page.evaluate("desk.state = { ...desk.state, state: 'final' }")
    page.keyboard.press("Control+Enter")
    assert "press A" in said(page)
    press(page, "a")
    page.wait_for_selector("dialog.addendum", state="visible")
    page.keyboard.press("Enter")
    assert sent(page, "addendum") == []
    page.keyboard.type("Prior became available")
    page.keyboard.press("Enter")
    assert wait_sent(page, "addendum")["reason"] == "Prior became available"
    page.wait_for_selector("dialog.addendum", state="hidden")
    assert sent(page, "sent") == []
    press(page, "s")
    wait_sent(page, "sent")


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080), (800, 1200)])
def test_the_dialogs_are_readable_and_within_the_window(at_desk, size):
    page = at_desk(told(case_of(written=WRITTEN)))
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    for key, name in (("Control+Enter", "signing"), ("k", "communication"), ("Shift+C", "sections"), ("a", "addendum")):
        page.evaluate("(state) => { desk.state = { ...desk.state, state }; }", "final" if key == "a" else "draft")
        press(page, key)
        page.wait_for_selector(f"dialog.{name}[open]")
        box = page.locator(f"dialog.{name}").bounding_box()
        assert box["x"] >= 0 and box["y"] >= 0
        assert box["x"] + box["width"] <= size[0] and box["y"] + box["height"] <= size[1]
        faint = {text: ratio for text, ratio in at_desk.watched.contrasts().items() if ratio < 7}
        assert faint == {}
        found = Axe().run(page, context=f"dialog.{name}").response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
        at_desk.watched.shoot(f"{name}-{size[0]}")
        page.keyboard.press("Escape")
        assert not page.is_visible(f"dialog.{name}")


def test_the_side_line_names_sides_of_the_body_only(at_desk):
    dictated = (
        "Findings: Leftward midline shift of 8 mm. The left ventricle is enlarged. The ventricles are dilated, left "
        "greater than right. Cyst in the left lobe of the liver. Impression: Right effusion."
    )
    page = at_desk(told(case_of(dictated, order=ORDER.model_copy(update={"laterality": "right"}))))
    page.keyboard.press("Control+Enter")
    assert page.text_content(".signing .side") == "ORDERED: RIGHT  ·  REPORT: RIGHT"


SCAN = """(burst) => [...burst].map((one) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {
  key: { "\\n": "Enter" }[one] ?? one, bubbles: true, cancelable: true })))"""


@pytest.mark.parametrize("burst", ["2045511\n", "1100\n", "11\n", "bn4711\n", "yy\n"])
def test_a_number_that_is_scanned_over_the_dialog_answers_and_signs_nothing(at_desk, burst):
    page = at_desk(told(case_of(written=WRITTEN)))
    page.keyboard.press("Control+Enter")
    before = page.inner_text("dialog.signing .blockers")
    page.evaluate(SCAN, burst)
    page.wait_for_function("desk.keys.isQuiet()")
    assert page.inner_text("dialog.signing .blockers") == before and sent(page, "sign") == []
    assert page.is_disabled(".signing .confirm")
