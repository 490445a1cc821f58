"""The pane's modules in a real Chromium: keys, sound of any word, wording in its place, the image, every screen."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from urllib.parse import urlsplit

import numpy as np
import pytest
import soundfile
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from dictation.case.draft import ReportEdit
from dictation.case.wordings import Wordings
from dictation.exchange import banner_html
from dictation.imaging import load_study
from tests.browser.pane_page import PaneServer, tell
from tests.browser.room import press
from tests.exchange.chest import chest_view
from tests.imaging.dicom_maker import make

pytestmark = pytest.mark.browser
AT = datetime(2026, 11, 25, 14, 5, tzinfo=UTC)
SIZES = {"laptop": (1280, 800), "desk": (1920, 1080), "wall": (3840, 2160), "portrait": (800, 1200)}


@pytest.fixture(scope="module")
def browser(start):
    return start()


@pytest.fixture
def view():
    return chest_view()


@pytest.fixture
def opened(browser, watch, view, tmp_path):
    """The page in review, 1280 x 800."""
    recording = tmp_path / "a.flac"
    soundfile.write(recording, view.samples, 16_000)
    server = PaneServer(view, recording)
    watched = watch(browser)
    watched.server = server
    watched.page.set_default_timeout(60_000)
    watched.page.goto(server.url)
    tell(watched.page, view)
    yield watched
    watched.page.close()
    server.close()
    assert watched.strangers == []
    assert watched.complaints == []


def sent(page) -> list[dict]:
    return page.evaluate("window.sent")


def asked_for(opened, kind: str) -> list[str]:
    return [path for path in opened.server.asked if path.startswith(f"/{kind}/")]


def test_one_key_each_decides_on_the_chosen_card(opened, view):
    page, (side, size, _) = opened.page, view.case.discrepancies
    assert page.get_attribute(".card.now", "data-d") == side.id
    for key in ("h", "n", "d"):
        press(page, key)
    page.click(f'.card[data-d="{size.id}"] [data-action=take_written]')
    assert sent(page) == [
        {"do": "decide", "id": side.id, "action": "take_heard"},
        {"do": "decide", "id": size.id, "action": "dismiss"},
        {"do": "decide", "id": size.id, "action": "take_written"},
    ]


def test_what_is_critical_is_dismissed_with_a_reason_by_its_key_or_not_at_all(opened, view):
    page, (side, *_) = opened.page, view.case.discrepancies
    page.evaluate("""(id) => {
      desk.reasonsFor = (asked) => (asked === id ? [{ key: "3", reason: "Checked on the images" }] : []);
    }""", side.id)  # fmt: skip
    assert page.get_attribute(".card.now", "data-d") == side.id
    press(page, "d")
    assert side.explanation in page.inner_text("dialog.dismissal") and sent(page) == []
    opened.shoot("dismissal")
    press(page, "d")
    page.keyboard.press("Escape")
    assert not page.is_visible("dialog.dismissal") and sent(page) == []
    press(page, "d")
    press(page, "3")
    assert sent(page) == [{"do": "decide", "id": side.id, "action": "dismiss", "reason": "Checked on the images"}]


def test_two_wordings_are_a_card_and_are_chosen_between_there(opened, view):
    page = opened.page
    edit = ReportEdit(section="findings", before="Gone.", after="Small left effusion.", by="Dr. A.", at=AT)
    other = next(one for one in view.case.report.statements if one.section == "findings")
    tell(page, replace(view, wordings=(Wordings(edit=edit, other=other),)))
    card = page.locator(".card.wordings")
    assert "Small left effusion." in card.inner_text() and other.text in card.inner_text()
    opened.shoot("wordings")
    card.locator("[data-action=wording_both]").click()
    [command] = sent(page)
    assert command["do"] == "wording" and (command["says"], command["chosen"]) == (other.text, "both")


def wordings_of(view):
    edit = ReportEdit(section="findings", before="Gone.", after="Small left effusion.", by="Dr. A.", at=AT)
    other = next(one for one in view.case.report.statements if one.section == "findings")
    return Wordings(edit=edit, other=other)


@pytest.mark.parametrize(("key", "chosen"), [("p", "mine"), ("r", "report"), ("b", "both")])
def test_two_wordings_are_chosen_between_by_letter_where_their_card_has_the_focus(opened, view, key, chosen):
    page, two = opened.page, wordings_of(view)
    tell(page, replace(view, wordings=(two,)))
    card = page.locator(".card.wordings")
    assert key.upper() in card.locator("kbd").all_inner_texts()
    page.evaluate("document.activeElement.blur()")
    press(page, key)
    assert [one for one in sent(page) if one["do"] != "text"] == [], "no card has the focus: B is that of the page"
    page.keyboard.press("Escape")  # nobody types a word
    page.evaluate("window.sent.length = 0")
    card.focus()
    press(page, key)
    [command] = sent(page)
    assert command == {"do": "wording", "edit": two.id, "says": two.other.text, "chosen": chosen}


def test_the_letters_of_two_wordings_mean_the_page_on_another_card(opened, view):
    page = opened.page
    tell(page, replace(view, wordings=(wordings_of(view),)))
    cards = page.locator("#cards > .card:not(.wordings)")
    cards.nth(1).focus()
    press(page, "p")
    assert sent(page) == []
    assert page.locator("#cards > .card").nth(1).get_attribute("class").split()[-1] == "now"
    press(page, "r")
    assert [one["do"] for one in sent(page)] == ["decide"]


def test_a_choice_that_is_not_offered_has_no_letter(opened, view):
    page, two = opened.page, wordings_of(view)
    gone = Wordings(edit=two.edit.model_copy(update={"after": ""}), other=two.other)
    tell(page, replace(view, wordings=(gone,)))
    page.locator(".card.wordings").focus()
    press(page, "b")
    assert [one for one in sent(page) if one["do"] == "wording"] == []


def test_a_key_pressed_again_before_the_answer_decides_nothing_more(opened):
    page = opened.page
    page.evaluate("() => { desk.send = (command) => { window.sent.push(command); return new Promise(() => {}); }; }")
    press(page, "r")
    press(page, "r")
    assert len(sent(page)) == 1
    assert page.get_attribute(".card.now", "aria-busy") == "true"


def test_space_plays_the_stretch_of_the_card_from_the_server(opened, view):
    start_s, end_s = view.case.discrepancies[0].audio_span_s
    press(opened.page, "Space")
    opened.page.wait_for_selector(".card.now .play.playing")
    opened.page.wait_for_selector(".card.now .play:not(.playing)")
    assert (
        asked_for(opened, "sound")[0]
        == f"/sound/c1/{'r' * 64}?page={'0' * 32}&from={start_s - 0.5:.2f}&to={end_s + 0.5:.2f}"
    )


def test_sound_that_cannot_be_had_is_told_in_the_words_of_the_server(opened, view, tmp_path):
    (tmp_path / "a.flac").unlink()
    press(opened.page, "Space")
    opened.page.wait_for_function("() => window.told.length > 0")
    gone = "The recording of these words is not on this machine any more; the text stays."
    assert opened.page.evaluate("window.told") == [gone]
    opened.page.evaluate("desk.emit('pad', { takes: ['r'] }); desk.play(0, 1, 2)")
    opened.page.wait_for_function("() => window.told.length > 1")
    assert opened.page.evaluate("window.told") == [gone, gone]
    assert opened.page.locator(".playing").count() == 0
    opened.complaints.clear()  # the browser's own line about the 404


def test_a_click_on_any_word_plays_it_with_half_a_second_around(opened, view):
    page = opened.page
    with page.expect_request("**/sound/**") as asked:
        page.click("td.heard .w >> text=granuloma")
    page.wait_for_selector("td.heard .w.playing")
    word = next(word for word in view.case.dictation.words if word.text == "granuloma")
    assert asked.value.url.endswith(f"from={word.start_s - 0.5:.2f}&to={word.end_s + 0.5:.2f}")
    assert "Size" in page.inner_text(".card.now")  # the card of these words is chosen too


def test_the_wording_is_edited_in_its_place_and_moves_nothing(opened, view):
    page = opened.page
    places = "[...document.querySelectorAll('#columns tbody')].map((row) => row.getBoundingClientRect().top)"
    before = page.evaluate(places)
    statement = page.locator(".statement[data-statement=r6]").bounding_box()
    press(page, "e")
    field = page.locator(".wording-field")
    assert field.input_value() == "Small right pleural effusion."
    assert abs(field.bounding_box()["height"] - statement["height"]) <= 16  # its frame
    assert abs(field.bounding_box()["y"] - statement["y"]) <= 8
    assert page.evaluate(places) == before
    opened.shoot("edit")
    page.keyboard.press("Escape")
    assert field.count() == 0 and sent(page) == []
    assert page.evaluate("document.activeElement.matches('.card.now')"), "E was pressed there"
    press(page, "e")
    page.keyboard.press("Control+a")
    page.keyboard.type("Small left pleural effusion.")
    page.keyboard.press("Enter")
    assert sent(page) == [
        {
            "do": "edit",
            "case": "c1",
            "statement": "r6",
            "before": "Small right pleural effusion.",
            "text": "Small left pleural effusion.",
            "discrepancy": view.case.discrepancies[0].id,
        }
    ]
    assert page.inner_text(".statement[data-statement=r6]") == "Small left pleural effusion."


def test_a_double_click_edits_and_a_refused_edit_shows_the_words_before(opened):
    page = opened.page
    page.evaluate("() => { window.answer = { ok: false, message: 'no' }; }")
    page.dblclick(".statement[data-statement=r7] .wording")
    page.keyboard.type(" At all.")
    page.keyboard.press("Enter")
    page.wait_for_function("() => !document.querySelector('.wording.sent')")
    assert page.inner_text(".statement[data-statement=r7]") == "No pneumothorax."
    assert sent(page)[0]["discrepancy"] == ""
    assert page.input_value(".wording-field") == "No pneumothorax. At all.", "what was typed is not lost by it"


def test_a_pane_drawn_anew_keeps_the_card_the_folds_and_the_open_field(opened, view):
    page = opened.page
    press(page, "f")
    press(page, "n")
    chosen = page.get_attribute(".card.now", "data-d")
    press(page, "e")
    page.keyboard.type(" Probably.")
    warned = view.case.model_copy(update={"warnings": ()})
    tell(page, replace(view, case=warned))
    assert page.get_attribute(".card.now", "data-d") == chosen
    assert page.locator("details.folded[open]").count() == 1
    assert page.locator(".wording-field").input_value().endswith(" Probably.")
    field, statement = (page.locator(one).bounding_box()["y"] for one in (".wording-field", "[data-statement=r5]"))
    assert abs(field - statement) <= 8


def test_words_that_were_begun_are_not_lost_to_the_editor_of_another_sentence(opened):
    page = opened.page
    page.dblclick(".statement[data-statement=r7] .wording")
    page.keyboard.type(" At all.")
    page.dblclick(".statement[data-statement=r6] .wording")
    assert page.locator(".wording-field").count() == 1
    assert page.input_value(".wording-field") == "No pneumothorax. At all."
    assert "Another sentence is being edited" in page.evaluate("window.told.at(-1)")
    page.keyboard.press("Escape")
    page.dblclick(".statement[data-statement=r6] .wording")
    assert page.input_value(".wording-field") == "Small right pleural effusion."


def test_errors_that_come_while_a_wording_is_written_do_not_lie_over_it(opened):
    page = opened.page
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.dblclick(".statement[data-statement=r7] .wording")
    for number in range(5):
        page.evaluate(f"desk.emit('notice', {{ text: 'Not saved, {number}.', error: {str(number < 3).lower()} }})")
    page.wait_for_function(
        "document.querySelector('.wording-field').getBoundingClientRect().bottom"
        " <= document.querySelector('#notices').getBoundingClientRect().top"
    )


def test_words_that_were_begun_stay_with_their_case_and_never_go_into_the_next(opened, view):
    page = opened.page
    page.dblclick(".statement[data-statement=r7] .wording")
    page.keyboard.type(" At all.")
    tell(page, replace(view, case=view.case.model_copy(update={"id": "c2"})))  # which has the same sentences
    assert page.locator(".wording-field").count() == 0
    assert page.evaluate("window.told") == [
        "The wording that you began was not sent; it is there again when you open this case."
    ]
    page.keyboard.press("Enter")
    assert page.inner_text(".statement[data-statement=r7]") == "No pneumothorax." and sent(page) == []
    tell(page, view)
    assert page.input_value(".wording-field") == "No pneumothorax. At all."
    page.keyboard.press("Enter")
    assert [(one["case"], one["text"]) for one in sent(page)] == [("c1", "No pneumothorax. At all.")]


def test_words_that_were_begun_come_with_a_review_that_is_shown_after_its_columns_were_drawn(opened, view):
    """The stage waits for whoever types. Without a field, what waits would keep the report from being signed."""
    page = opened.page
    page.dblclick(".statement[data-statement=r7] .wording")
    page.keyboard.type(" At all.")
    tell(page, replace(view, case=view.case.model_copy(update={"id": "c2"})))
    page.evaluate("() => { desk.on('case', () => { document.body.dataset.stage = 'dictating'; }); }")
    tell(page, view)
    assert page.locator(".wording-field").count() == 0
    page.evaluate("document.body.dataset.stage = 'review'; desk.emit('stage')")
    assert page.input_value(".wording-field") == "No pneumothorax. At all."


def test_words_that_were_begun_for_a_sentence_that_changed_meanwhile_are_told(opened, view):
    page = opened.page
    page.dblclick(".statement[data-statement=r7] .wording")
    page.keyboard.type(" At all.")
    tell(page, replace(view, case=view.case.model_copy(update={"id": "c2"})))
    findings = tuple(
        one.model_copy(update={"text": "Small pneumothorax."}) if one.id == "r7" else one
        for one in view.case.report.findings
    )
    report = view.case.report.model_copy(update={"findings": findings})
    tell(page, replace(view, case=view.case.model_copy(update={"report": report})))
    assert page.locator(".wording-field").count() == 0
    assert "“No pneumothorax. At all.”" in page.evaluate("window.told.at(-1)")


def test_words_that_are_refused_once_another_case_is_open_are_there_again_with_their_own(opened, view):
    page = opened.page
    page.evaluate("() => { desk.send = () => new Promise((answer) => { window.answered = answer; }); }")
    page.dblclick(".statement[data-statement=r7] .wording")
    page.keyboard.type(" At all.")
    page.keyboard.press("Enter")
    tell(page, replace(view, case=view.case.model_copy(update={"id": "c2", "warnings": ()})))
    page.evaluate("window.answered({ ok: false })")
    assert page.inner_text(".statement[data-statement=r7]") == "No pneumothorax."
    tell(page, view)
    assert page.input_value(".wording-field") == "No pneumothorax. At all."


KEPT = """async () => { // whatever this browser keeps of begun words
  const found = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => done(asked.result);
    });
    found.push(...await new Promise((done) => {
      const all = database.transaction("commands").objectStore("commands").getAll();
      all.onsuccess = () => done(all.result.map(({ command }) => [name, JSON.stringify(command)]));
    }));
    database.close();
  }
  return found;
}"""


def until_begun(page, *texts: str) -> None:
    """Wait until the browser's database has these begun words of the case c1, and no others."""
    for _ in range(200):
        begun = [one["text"] for one in page.evaluate("desk.outbox.begun('c1')")]
        if sorted(begun) == sorted(texts):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{begun} is kept, not {texts}")


def test_words_that_were_begun_are_there_again_after_a_reload_until_they_are_kept_or_left(opened, view):
    page = opened.page
    page.dblclick(".statement[data-statement=r7] .wording")
    page.keyboard.type(" At all.")
    until_begun(page, "No pneumothorax. At all.")
    page.reload()
    tell(page, replace(view, case=view.case.model_copy(update={"id": "c2"})))  # which has the same sentences
    tell(page, view)
    assert page.input_value(".wording-field.unkept") == "No pneumothorax. At all."
    assert page.inner_text(".statement[data-statement=r7]") == "No pneumothorax." and sent(page) == []
    assert page.evaluate("window.told") == [
        "The wording that you began is not kept yet: Enter keeps it, Esc leaves it."
    ]
    page.keyboard.press("Enter")
    assert [(one["case"], one["text"]) for one in sent(page)] == [("c1", "No pneumothorax. At all.")]
    until_begun(page)
    page.dblclick(".statement[data-statement=r6] .wording")
    page.keyboard.type(" Or not.")
    until_begun(page, "Small right pleural effusion. Or not.")
    page.keyboard.press("Escape")
    until_begun(page)
    page.reload()
    tell(page, view)
    page.evaluate("desk.outbox.begun('c1')")  # what the page asked for before has been answered then
    assert page.locator(".wording-field").count() == 0 and page.evaluate("window.told") == []


def test_every_wording_that_was_begun_in_a_case_is_there_again_after_a_reload_one_after_the_other(opened, view):
    page = opened.page
    refuses = "() => { desk.send = () => new Promise((answer) => { window.answered = answer; }); }"
    page.evaluate(refuses)
    page.dblclick(".statement[data-statement=r7] .wording")
    page.keyboard.type(" At all.")
    page.keyboard.press("Enter")
    page.dblclick(".statement[data-statement=r6] .wording")  # while the first is on its way
    page.keyboard.type(" Or not.")
    page.evaluate("window.answered({ ok: false })")
    both = ["Small right pleural effusion. Or not.", "No pneumothorax. At all."]
    until_begun(page, *both)
    page.keyboard.type(" Maybe.")
    both[0] += " Maybe."
    until_begun(page, *both)
    page.reload()
    tell(page, view)
    assert page.input_value(".wording-field.unkept") == both[0]
    assert page.evaluate("window.told") == [
        "The wording that you began is not kept yet: Enter keeps it, Esc leaves it. 1 more waits behind it."
    ]
    page.keyboard.press("Escape")
    assert page.input_value(".wording-field.unkept") == both[1], "the next one is there"
    assert page.evaluate("window.told.slice(1)") == [
        f"Left, and not kept: “{both[0]}”",
        f"Another wording that you began is not kept yet: “{both[1]}”. E or a click goes to it.",
    ]
    page.keyboard.press("Escape")  # of a hand that meant the first
    page.keyboard.press("Enter")
    press(page, "f")
    assert page.input_value(".wording-field.unkept") == both[1], "nobody has read it yet"
    until_begun(page, both[1])
    press(page, "e")
    assert page.evaluate("document.activeElement.matches('.wording-field')")
    tell(page, replace(view, case=view.case.model_copy(update={"id": "c2"})))
    tell(page, view)
    assert page.input_value(".wording-field.unkept") == both[1]
    page.keyboard.press("Enter")
    assert [(one["statement"], one["text"]) for one in sent(page)] == [("r7", both[1])]
    until_begun(page)


def test_a_begun_wording_of_before_each_statement_had_a_row_is_there_again_until_it_is_left(opened, view):
    page = opened.page
    words = {"id": "r7", "says": "No pneumothorax.", "text": "No pneumothorax. At all.", "difference": ""}
    page.evaluate(
        """async (words) => {
            const command = await desk.outbox.packed(words);
            await desk.outbox.put("commands", { page: "begun:c1", number: 0, command }); }""",
        words,
    )
    page.reload()
    tell(page, view)
    assert page.input_value(".wording-field.unkept") == words["text"]
    until_begun(page, words["text"])
    page.keyboard.press("Escape")
    until_begun(page)
    assert page.evaluate(KEPT) == []


SIGNING = """async () => {
  const { install } = await import("./assets/signing.js");
  install(desk);
  desk.emit("sign", { case: "c1", blockers: [], said_sides: [], reasons: [], patient: "EXAMPLE, Ada",
    exam: "Chest X-ray", as: "final", side: "", signer: "Dr. A. Example", is_known: true });
}"""


def test_no_report_is_signed_without_a_wording_that_was_begun(opened):
    page = opened.page
    page.evaluate(SIGNING)
    page.evaluate("() => { desk.send = () => new Promise((answer) => { window.answered = answer; }); }")
    page.dblclick(".statement[data-statement=r7] .wording")
    page.keyboard.type(" At all.")
    page.keyboard.press("Enter")
    page.dblclick(".statement[data-statement=r6] .wording")
    page.keyboard.type(" Or not.")
    page.evaluate("window.answered({ ok: false })")
    behind = "No pneumothorax. At all."
    page.click("#bar .sign")
    assert "“Small right pleural effusion. Or not.”, “No pneumothorax. At all.”" in page.evaluate("window.told.at(-1)")
    page.keyboard.press("Control+a")
    page.keyboard.type("Small right pleural effusion.")
    page.click("#banner")
    assert page.input_value(".wording-field.unkept") == behind, "what waited is in sight"
    for _ in range(2):
        page.keyboard.press("Control+Enter")
        assert f"Not signed, as words that you began are not kept yet: “{behind}”." in page.evaluate(
            "window.told.at(-1)"
        )
    assert not page.is_visible("dialog.signing")
    press(page, "e")
    page.wait_for_function("document.activeElement.matches('.wording-field')")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    assert page.is_visible("dialog.signing")


def test_a_key_that_is_held_sends_no_wording_that_opens_under_it(opened):
    page = opened.page
    page.dblclick(".statement[data-statement=r7] .wording")
    page.keyboard.type(" At all.")
    for key in ("Enter", "Escape"):
        page.evaluate(
            "(key) => document.activeElement.dispatchEvent("
            "new KeyboardEvent('keydown', { key, repeat: true, bubbles: true, cancelable: true }))",
            key,
        )
    assert page.input_value(".wording-field.unkept") == "No pneumothorax. At all." and sent(page) == []


@pytest.mark.parametrize("key", ["Enter", "Escape"])
def test_a_page_that_lost_its_case_leaves_what_the_other_page_began_there(opened, view, key):
    page = opened.page
    page.dblclick(".statement[data-statement=r7] .wording")
    page.keyboard.type(" At all.")
    until_begun(page, "No pneumothorax. At all.")
    tell(page, view, lock={"mine": False, "by": "another page"})
    other = {"id": "r7", "says": "No pneumothorax.", "text": "No pneumothorax now.", "difference": ""}
    page.evaluate("(words) => desk.outbox.putBegun('c1', words)", other)
    page.focus(".wording-field")
    press(page, key)
    page.wait_for_timeout(500)  # it is written behind the answer
    until_begun(page, "No pneumothorax now.")


def test_words_that_were_begun_before_a_reload_wait_until_the_case_may_be_edited(opened, view):
    page = opened.page
    page.dblclick(".statement[data-statement=r7] .wording")
    page.keyboard.type(" At all.")
    until_begun(page, "No pneumothorax. At all.")
    page.reload()
    tell(page, view, lock={"mine": False, "by": "another page"})
    page.evaluate("desk.outbox.begun('c1')")
    assert page.locator(".wording-field").count() == 0
    page.evaluate("window.hear({ ...desk.state, lock: { mine: true, by: '' } })")
    assert page.input_value(".wording-field") == "No pneumothorax. At all."


TELL_AGAIN = """async () => {
  desk.outbox.otherPages = async () => [];
  const { tellLeftOvers } = await import("./assets/leftovers.js");
  await tellLeftOvers(desk);
}"""


def test_words_that_were_begun_before_a_reload_are_told_once_where_the_sentence_reads_otherwise(opened, view):
    page = opened.page
    page.dblclick(".statement[data-statement=r7] .wording")
    page.keyboard.type(" At all.")
    until_begun(page, "No pneumothorax. At all.")

    def reads(text: str) -> None:
        page.reload()
        findings = tuple(
            one.model_copy(update={"text": text}) if one.id == "r7" else one for one in view.case.report.findings
        )
        report = view.case.report.model_copy(update={"findings": findings})
        tell(page, replace(view, case=view.case.model_copy(update={"report": report})))
        until_begun(page)

    reads("Small pneumothorax.")
    [told] = page.evaluate("window.told")
    assert told.split("“")[1] == "No pneumothorax. At all.”"
    kept = "desk.outbox.told().then((all) => all.map(({ text, of }) => [text, of]))"
    page.reload()  # nobody has closed it: it may not have been read
    page.wait_for_function("window.isReady")
    assert page.evaluate(kept) == [[told, "c1"]]
    page.evaluate(TELL_AGAIN)
    assert page.evaluate("window.told") == [told]
    page.evaluate("desk.closed()")
    assert page.evaluate(kept) == []
    tell(page, view)
    page.dblclick(".statement[data-statement=r7] .wording")
    page.keyboard.type(" At all.")
    until_begun(page, "No pneumothorax. At all.")
    reads("No pneumothorax. At all.")  # it was kept after all
    assert page.evaluate("window.told") == [] and page.locator(".wording-field").count() == 0


def test_the_next_user_of_a_browser_neither_sees_nor_reads_words_that_were_begun(opened, view):
    page, url = opened.page, opened.server.url
    bob, eve = (f"{url}?user={name}&key={name[0].encode().hex() * 32}" for name in ("bob", "eve"))
    page.goto(bob)
    tell(page, view)
    page.dblclick(".statement[data-statement=r7] .wording")
    page.keyboard.type(" At all.")
    until_begun(page, "No pneumothorax. At all.")
    page.goto(eve)
    tell(page, view)
    ((name, kept),) = page.evaluate(KEPT)
    assert name == "dictation:bob" and "pneumothorax" not in kept
    assert page.evaluate("desk.outbox.begun('c1')") == []
    assert page.locator(".wording-field").count() == 0
    page.goto(bob)
    tell(page, view)
    assert page.input_value(".wording-field") == "No pneumothorax. At all."


def test_an_editor_in_which_nothing_was_typed_goes_with_its_case(opened, view):
    page = opened.page
    press(page, "e")
    tell(page, replace(view, case=view.case.model_copy(update={"id": "c2"})))
    assert page.locator(".wording-field").count() == 0 and page.evaluate("window.told") == []


def test_kinds_are_switched_off_in_the_list_of_kinds(opened, view):
    page = opened.page
    page.click("details.kinds summary")
    page.uncheck("input[name=unit]")
    assert sent(page)[-1] == {"do": "prefer", "name": "hidden", "value": ["unit"]}


def test_space_on_a_kind_switches_it_and_plays_nothing(opened):
    page = opened.page
    page.click("details.kinds summary")
    page.focus("input[name=unit]")
    press(page, "Space")
    assert sent(page)[-1] == {"do": "prefer", "name": "hidden", "value": ["unit"]}
    assert asked_for(opened, "sound") == []


def pixel(page, x: float, y: float) -> list[int]:
    """The colour of the canvas at a share of its width and height."""
    return page.evaluate(
        "([x, y]) => { const c = document.querySelector('canvas'); "
        "return [...c.getContext('2d').getImageData(x * c.width, y * c.height, 1, 1).data].slice(0, 3); }",
        [x, y],
    )


def says(page, words: str) -> None:
    page.wait_for_function(f"() => /{words}/.test(document.querySelector('.viewing .state').textContent)")


def settled(page) -> None:
    page.wait_for_function("() => /centre/.test(document.querySelector('.viewing .state').textContent)")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_what_could_not_be_heard_is_heard_again_by_a_button_and_a_key(opened, view):
    page = opened.page
    assert page.locator("#bar .again").is_hidden()
    page.keyboard.press("Alt+h")
    assert {"do": "hear"} not in sent(page)
    tell(page, view, unheard=True)
    page.click("#bar .again")
    page.keyboard.press("Alt+h")
    assert sent(page)[-2:] == [{"do": "hear"}] * 2


STRETCHES = [
    {"recording": "a" * 32, "start_s": 0.9, "end_s": 1.0, "clock": "0:00-0:01", "is_unheard": True},
    {"recording": "a" * 32, "start_s": 1.5, "end_s": 2.0, "clock": "0:01-0:02", "is_unheard": False},
]
SOFT = "Not in the text: 1 stretch (1 s) of a softer voice"


def test_what_is_not_in_the_text_is_one_quiet_line_that_is_played_and_heard_as_ones_own(opened, view):
    page, line = opened.page, opened.page.locator("#missing")
    page.keyboard.press("Alt+Shift+h")
    assert line.count() == 0 and sent(page) == []
    tell(page, view, unheard=True, softer=True, left_out=SOFT, missing=STRETCHES)
    assert line.locator("span").inner_text() == (
        f"Not heard: 0:00-0:01 – Alt+H hears it again. {SOFT} – Alt+Shift+H hears the softer voice as yours."
    )
    for start_s, after in (("0.5", "▶ 0:01-0:02 (2 of 2)"), ("1.1", "▶ 0:00-0:01 (1 of 2)")):
        with page.expect_request(lambda asked, at=start_s: f"/sound/{view.case.id}/{'a' * 32}?from={at}" in asked.url):
            line.locator(".play").click()
        assert line.locator(".play").inner_text() == after
    page.keyboard.press("Alt+Shift+h")
    assert sent(page)[-1] == {"do": "hear", "softer": True}
    page.keyboard.press("Escape")  # it closes messages, and this stays as long as it is so
    assert line.is_visible()
    opened.shoot("missing")
    tell(page, view, missing=[], left_out="")
    assert line.count() == 0


def test_the_image_is_windowed_inverted_zoomed_and_reset(opened):
    page = opened.page
    settled(page)
    lung = pixel(page, 0.32, 0.5)
    assert lung[0] == 70
    press(page, "v")
    settled(page)
    assert pixel(page, 0.32, 0.5)[0] == 255 - 70
    box = page.locator("canvas").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down(button="right")
    page.mouse.move(middle[0] - 40, middle[1] + 20)
    page.mouse.up(button="right")
    page.mouse.wheel(0, -100)
    says(page, "1.3 times")
    told = page.inner_text(".viewing .state")
    assert "width 214" in told and "1.3 times" in told and "inverted" in told
    press(page, "0")
    settled(page)
    assert pixel(page, 0.32, 0.5) == lung
    assert "centre 128 width 255" in page.inner_text(".viewing .state")


def test_boxes_of_opinions_are_drawn_in_review_only(opened, view):
    page = opened.page
    settled(page)
    assert "pleural effusion" in page.inner_text(".viewing .state")
    drawn = pixel(page, 108 / 190, 0.9 * 144 / 200 + 0.05)
    assert drawn[2] > drawn[0] + 60  # the blue of a box
    tell(page, view, "dictating")
    settled(page)
    plain = pixel(page, 108 / 190, 0.9 * 144 / 200 + 0.05)
    assert plain[0] == plain[1] == plain[2]


def test_a_hidden_image_gives_its_room_to_the_text_and_is_remembered(opened):
    page = opened.page
    before = page.locator("#columns").bounding_box()["width"]
    press(page, "i")
    assert page.locator("#image").is_hidden()
    assert page.locator("#columns").bounding_box()["width"] > before + 200
    assert sent(page)[-1] == {"do": "prefer", "name": "image_hidden", "value": True}
    press(page, "i")
    assert page.locator("#columns").bounding_box()["width"] == before


def test_preferences_that_were_kept_hold_from_the_start_and_a_late_message_changes_nothing_back(opened, view):
    page, kept = opened.page, {"image_hidden": True, "layout": "narrow"}
    tell(page, view, preferences=kept)
    assert page.locator("#image").is_hidden()
    assert page.locator("#cards").bounding_box()["y"] < page.locator("#columns").bounding_box()["y"]
    press(page, "l")
    press(page, "i")
    assert page.locator("#image").is_visible()
    tell(page, view, preferences=kept)  # told before the keys were heard of
    assert page.locator("#image").is_visible()
    assert page.locator("#cards").bounding_box()["x"] > page.locator("#columns").bounding_box()["x"]


@pytest.fixture
def series(browser, watch, view, tmp_path):
    """A CT of 40 slices; each is as bright as its number."""
    for number in range(40):
        stored = np.full((64, 64), 1000 + number, np.uint16)
        make(
            tmp_path / f"{number:03}.dcm", stored, Modality="CT", RescaleSlope=1, RescaleIntercept=-1024,
            WindowCenter=0, WindowWidth=100, InstanceNumber=number + 1,
        )  # fmt: skip
    view = replace(view, images=load_study(sorted(tmp_path.glob("*.dcm"))).images)
    server = PaneServer(view, tmp_path / "none")
    watched = watch(browser)
    watched.server = server
    watched.page.set_default_timeout(60_000)
    watched.page.goto(server.url)
    tell(watched.page, view)
    yield watched
    watched.page.close()
    server.close()
    assert watched.complaints == []


def test_a_series_is_scrolled_by_keys_and_only_what_is_near_is_fetched(series):
    page = series.page
    page.focus("canvas")
    settled(page)
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').filter((r) => /image/.test(r.name)).length >= 4"
    )
    assert {urlsplit(path).path[-2:] for path in asked_for(series, "image")} == {"/0", "/1", "/2", "/3"}
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    says(page, "image 6 of 40")
    page.keyboard.press("End")
    says(page, "image 40 of 40")
    settled(page)
    assert pixel(page, 0.5, 0.5)[0] == round((1039 - 1024 + 50) / 100 * 255)
    assert len(asked_for(series, "image")) < 20
    press(page, "4")
    settled(page)
    assert "centre 400 width 1800 HU" in page.inner_text(".viewing .state")
    page.keyboard.press("ArrowUp")  # the window stays for the series
    page.wait_for_function(
        "() => /image 39 of 40.*centre 400/.test(document.querySelector('.viewing .state').textContent)"
    )


def test_after_w_arrows_change_the_window(series):
    page = series.page
    page.focus("canvas")
    settled(page)
    press(page, "w")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    settled(page)
    assert "image 1 of 40" in page.inner_text(".viewing .state")
    assert "centre -8 width 108" in page.inner_text(".viewing .state")


def test_the_shelf_lets_go_of_what_was_not_used_for_longest(series):
    held = series.page.evaluate("""async () => {
        const { Shelf } = await import(new URL("assets/window.js", location.href));
        const shelf = new Shelf((number) => desk.url(`image/c1/${number}`), 40, 5 * 9000);
        for (let number = 0; number < 20; number++) await shelf.get(number);
        await shelf.get(16);
        return [...shelf.held.keys()];
    }""")
    assert len(held) <= 5 and held[-1] == 16 and min(held) >= 15


@pytest.mark.parametrize("width", [1024, 1280, 1920])
def test_who_looks_on_reads_the_whole_banner(opened, view, width):
    page = opened.page
    page.set_viewport_size({"width": width, "height": 800})
    exam = {"procedure": "Chest X-ray, PA and lateral", "accession": "A-2001-77"}
    order = view.case.orders[0].model_copy(update=exam)
    case = view.case.model_copy(update={"orders": (order,)})
    told = banner_html(replace(view, case=case, served=True), locked_by="Dr. A. Example of the night shift")
    tell(page, view, banner=told)
    page.wait_for_selector("#banner .lock")
    assert "Chest X-ray, PA and lateral" in page.inner_text("#banner") and "A-2001-77" in page.inner_text("#banner")
    cut = (
        "all => all.filter((one) => one.scrollWidth > one.clientWidth && one.clientWidth).map((one) => one.textContent)"
    )
    assert page.eval_on_selector_all("#banner, #banner .identity > span", cut) == []
    banner, work = (page.locator(one).bounding_box() for one in ("#banner", "#columns"))
    inner = page.locator("#banner .banner").bounding_box()
    assert inner["y"] + inner["height"] <= banner["y"] + banner["height"] <= work["y"]


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("stage", ["dictating", "review"])
def test_every_size_of_screen_is_readable(opened, view, name, stage):
    page, (width, height) = opened.page, SIZES[name]
    page.set_viewport_size({"width": width, "height": height})
    tell(page, view, stage)
    if name != "portrait":  # there the image is away
        settled(page)
    opened.shoot(f"{stage}-{name}")
    least = {1920: 19, 3840: 28}.get(width, 16)
    sizes = page.evaluate(
        "() => [...document.querySelectorAll('.statement, td.heard p:not(.note), .card p:not(.origin), .card dd, "
        ".identity b, .growing p:not(.note)')].filter((one) => one.checkVisibility())"
        ".map((one) => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert len(sizes) > 5
    assert min(sizes) >= least
    ratios = opened.contrasts()
    assert {text: ratio for text, ratio in ratios.items() if ratio < 7} == {}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if name not in ("laptop", "portrait"):  # the same elements, only larger
        return
    found = Axe().run(page, context=["#image", "#columns", "#cards", "#banner", "#report"])
    serious = [v["id"] for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
    assert serious == []


def test_the_portrait_column_has_the_cards_above_stacked_rows(opened, view):
    page = opened.page
    page.set_viewport_size({"width": 800, "height": 1200})
    tell(page, view)
    tops = [page.locator(one).bounding_box()["y"] for one in ("#banner", "#cards", "#columns", "#bar")]
    assert tops == sorted(tops)
    row = page.locator("#columns tbody:has(th:text-is('Pleura'))")
    cells = [row.locator(f"td.{one}").bounding_box() for one in ("heard", "written", "seen")]
    assert [cell["y"] for cell in cells] == sorted(cell["y"] for cell in cells)
    assert len({cell["x"] for cell in cells}) == 1
    assert page.locator("#image").is_hidden()
    assert "whisper" in page.inner_text("#banner") and page.locator("#banner .engines").is_visible()


BAR = """() => {
  const find = (selector) => document.querySelector(`#bar ${selector}`);
  find(".microphone").replaceChildren(new Option("System microphone"));
  find(".sign-out").hidden = false;
  find(".user").textContent = "Dr. Ann Example";
  find(".open").textContent = " 12 open";
  find(".message").textContent = "Finished: 12 differences to settle before you sign.";
}"""


@pytest.mark.parametrize("stage", ["review", "dictating"])
def test_a_column_of_600_pixels_cuts_nothing_off_and_has_every_button(opened, view, stage):
    page = opened.page
    page.set_viewport_size({"width": 600, "height": 1280})
    page.evaluate(BAR)
    tell(page, view, stage)
    assert opened.clipped() == []
    shown = page.locator("#bar :is(button, select):visible")
    assert [one.split()[-1] for one in page.locator("#bar .hints button:visible").all_inner_texts()] == [
        "next", "copy", "worklist", "keys", "out", "open",
    ]  # fmt: skip
    assert page.locator("#bar .microphone").is_visible()
    boxes = [one.bounding_box() for one in (*shown.all(), page.locator("#bar .message"))]
    inner = page.locator("#bar").bounding_box()
    assert all(box["y"] >= inner["y"] and box["y"] + box["height"] <= 1280 for box in boxes)
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 600 for box in boxes)


@pytest.mark.parametrize("stage", ["review", "dictating"])
def test_in_a_narrow_column_the_key_of_the_image_shows_it_above_the_text(opened, view, stage):
    page = opened.page
    page.set_viewport_size({"width": 600, "height": 1280})
    tell(page, view, stage)
    texts = ("#cards", "#columns") if stage == "review" else ("#pad", "#report")
    assert page.locator("#image").is_hidden()
    press(page, "i")
    expect(page.locator("#image")).to_be_visible()
    settled(page)
    assert sent(page)[-1] == {"do": "prefer", "name": "image_above", "value": True}
    image, *below = (page.locator(one).bounding_box() for one in ("#image", *texts, "#bar"))
    assert (image["x"], image["width"]) == (0, 600) and 300 <= image["height"] <= 0.4 * 1280
    assert all(upper["y"] + upper["height"] <= lower["y"] for upper, lower in pairwise((image, *below)))
    assert all(box["height"] >= 100 for box in below)
    canvas = page.locator("canvas").bounding_box()
    assert canvas["width"] > 560 and canvas["height"] > 200 and pixel(page, 0.5, 0.02) == [0, 0, 0]
    assert opened.clipped() == []
    tools = [one.bounding_box() for one in page.locator(".viewing .tools > *").all()]
    assert all(box["y"] + box["height"] <= image["y"] + image["height"] for box in tools), "each is in sight"
    page.keyboard.press("Alt+i")
    assert page.locator("canvas").bounding_box()["height"] > canvas["height"] + 200
    page.keyboard.press("Alt+i")
    page.click(".viewing [data-key=i]")
    assert page.locator("#image").is_hidden()
    assert sent(page)[-1] == {"do": "prefer", "name": "image_above", "value": False}


@pytest.mark.parametrize("stage", ["review", "dictating"])
def test_at_twice_the_size_the_image_above_leaves_the_text_its_room(opened, view, stage):
    page = opened.page
    page.set_viewport_size({"width": 640, "height": 400})
    tell(page, view, stage)
    texts = ("#cards", "#columns") if stage == "review" else ("#pad", "#report")
    press(page, "i")
    expect(page.locator("#image")).to_be_visible()
    image, *below = (page.locator(one).bounding_box() for one in ("#image", *texts))
    assert image["height"] > 40 and all(box["height"] >= 25 for box in below)
    page.keyboard.press("Alt+i")
    large, *below = (page.locator(one).bounding_box() for one in ("#image", *texts))
    assert large["height"] > image["height"] and all(box["height"] >= 10 for box in below)


def test_the_image_of_a_narrow_column_and_that_of_a_wide_page_are_hidden_each_by_itself(opened, view):
    page = opened.page
    tell(page, view, preferences={"image_hidden": True, "image_above": True, "layout": "auto"})
    assert page.locator("#image").is_hidden()
    page.set_viewport_size({"width": 600, "height": 1280})
    expect(page.locator("#image")).to_be_visible()  # once the page has heard of its width
    press(page, "l")  # columns, though there is no room beside them
    assert page.locator("#image").is_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.locator("#image")).to_be_hidden()
    press(page, "i")
    image, columns = (page.locator(one).bounding_box() for one in ("#image", "#columns"))
    assert image["y"] == columns["y"] and image["x"] + image["width"] <= columns["x"]


def test_an_image_that_is_hidden_beside_the_columns_stays_so_when_it_was_large_above_them(opened, view):
    page = opened.page
    tell(page, view, preferences={"image_hidden": True, "image_above": False, "layout": "auto"})
    page.set_viewport_size({"width": 600, "height": 1280})
    page.keyboard.press("Alt+i")
    assert page.locator("#image").is_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.locator("#image")).to_be_hidden()  # once the page has heard of its width
    assert page.locator("#columns").bounding_box()["x"] == 0
    page.keyboard.press("Alt+i")
    assert page.locator("#image").bounding_box()["width"] > 400, "beside them the key shows it, large"


def test_a_key_stacks_the_columns_on_a_wide_screen_and_is_remembered(opened):
    page = opened.page
    press(page, "l")
    assert sent(page)[-1] == {"do": "prefer", "name": "layout", "value": "narrow"}
    assert page.locator("#cards").bounding_box()["y"] < page.locator("#columns").bounding_box()["y"]
    press(page, "l")
    assert sent(page)[-1]["value"] == "columns"
    assert page.locator("#cards").bounding_box()["x"] > page.locator("#columns").bounding_box()["x"]


@pytest.mark.parametrize("size", [(1280, 800), (600, 1280)])
def test_nothing_jumps_while_the_report_grows(opened, view, size):
    page, (width, height) = opened.page, size
    page.set_viewport_size({"width": width, "height": height})
    tell(page, view, "dictating", preferences={"image_hidden": False, "image_above": True, "layout": "auto"})
    assert page.locator("#image").is_visible()
    places = (
        "['#banner', '#image', '#pad', '#report', '#bar']"
        ".map((one) => JSON.stringify(document.querySelector(one).getBoundingClientRect()))"
    )
    before = page.evaluate(places)
    report = view.case.report
    for count in range(1, 12):
        growing = report.model_copy(
            update={"findings": report.findings[: min(count, 6)], "impression": report.impression * (count > 6)}
        )
        tell(page, replace(view, case=view.case.model_copy(update={"report": growing})), "dictating")
        assert page.evaluate(places) == before
    headings = page.locator("#report .growing h3").all_inner_texts()
    assert headings == ["Exam", "Indication", "Technique", "Comparison", "Findings", "Impression"]


def test_what_just_came_is_marked_and_in_sight(opened, view):
    page = opened.page
    page.set_viewport_size({"width": 1280, "height": 400})
    report = view.case.report
    tell(
        page,
        replace(view, case=view.case.model_copy(update={"report": report.model_copy(update={"impression": ()})})),
        "dictating",
    )
    tell(page, view, "dictating")
    fresh = page.locator("#report p.fresh")
    assert fresh.all_inner_texts() == ["Small left pleural effusion, new since the prior."]
    box, region = fresh.bounding_box(), page.locator("#report .text").bounding_box()
    assert region["y"] <= box["y"] and box["y"] + box["height"] <= region["y"] + region["height"] + 1


def test_hostile_header_text_stays_text(browser, watch, view, tmp_path):
    image = replace(view.images[0], caption="</script><img src=x onerror=alert(1)>\"'", series="<b>")
    hostile = replace(view, images=(image,))
    server = PaneServer(hostile, tmp_path / "none")
    watched = watch(browser)
    watched.page.goto(server.url)
    tell(watched.page, hostile)
    settled(watched.page)
    assert "<img src=x" in watched.page.inner_text(".viewing .state")
    assert watched.page.locator("#image img").count() == 0
    assert watched.complaints == []
    server.close()


def test_letters_for_the_worklist_go_into_no_wording_behind_it(opened, view):
    page = opened.page
    page.dblclick(".statement[data-statement=r7] .wording")
    page.keyboard.type(" At all.")
    tell(page, replace(view, case=view.case.model_copy(update={"id": "c2"})))
    page.evaluate(
        """async () => {
            const { install } = await import("./assets/worklist.js");
            window.fetch = async () => ({ ok: true, json: async () => ({ rows: [], next: null, counts: {} }) });
            desk.isOpen = true; desk.newId = () => "f".repeat(32); install(desk); document.activeElement.blur(); }"""
    )
    press(page, "w")
    expect(page.locator("#worklist")).to_be_visible()
    assert page.evaluate("document.activeElement.type") == "search"
    tell(page, view)  # the case with the wording opens by itself, or its comparing has ended
    page.keyboard.type("MUSTER")
    page.keyboard.press("Enter")
    assert [one for one in sent(page) if one["do"] == "edit"] == []
    assert page.input_value("#worklist input") == "MUSTER"
