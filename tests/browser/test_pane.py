"""The pane's modules in a real Chromium: keys, sound of any word, wording in its place, the image, every screen."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from urllib.parse import urlsplit

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from dictation.case.doubtful import DoubtfulWord
from dictation.case.draft import ReportEdit
from dictation.case.wordings import Wordings
from dictation.exchange import banner_html
from dictation.imaging import load_study
from tests.browser.asking import drawn, gives, serious
from tests.browser.pane_page import pane, tell, with_case, with_report
from tests.browser.room import press
from tests.exchange.chest import chest_view
from tests.imaging.dicom_maker import make

pytestmark = pytest.mark.browser
AT = datetime(2026, 11, 25, 14, 5, tzinfo=UTC)
SIZES = {"laptop": (1280, 800), "desk": (1920, 1080), "wall": (3840, 2160), "portrait": (800, 1200)}
FIELD, R6, R7 = ".wording-field", ".statement[data-statement=r6]", ".statement[data-statement=r7]"
BEGUN, BEHIND = "No pneumothorax. At all.", "Small right pleural effusion. Or not."
WAITS = "The wording that you began is not kept yet: Enter keeps it, Esc leaves it."


@pytest.fixture
def view():
    return chest_view()


@pytest.fixture
def opened(browser, watch, view, tmp_path):
    """The page in review, 1280 x 800."""
    with pane(watch(browser), view, tmp_path) as watched:
        yield watched


def has_sent(page, *commands: dict) -> None:
    gives(page, "window.sent", list(commands))


def prefers(page, name: str, value: object) -> None:
    gives(page, "window.sent.at(-1)", {"do": "prefer", "name": name, "value": value})


def has_told(page, *texts: str) -> None:
    gives(page, "window.told", list(texts))


def asked_for(opened, kind: str) -> list[str]:
    return [path for path in opened.asked if path.startswith(f"/{kind}/")]


def begin(page, statement: str = R7, words: str = " At all.") -> None:
    """Write a wording that is not kept yet."""
    page.dblclick(f"{statement} .wording")
    expect(page.locator(FIELD)).to_be_focused()
    page.keyboard.type(words)


def boxes(page, *selectors: str) -> list[dict]:
    """Where parts of the page are, once it is drawn."""
    drawn(page)
    return [page.locator(one).bounding_box() for one in selectors]


def resize(page, width: int, height: int) -> None:
    """Give the window a size, of which the page hears a moment later."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("(width) => innerWidth === width", arg=width)
    drawn(page)


# ----- cards


def test_one_key_each_decides_on_the_chosen_card(opened, view):
    page, (side, size, _) = opened.page, view.case.discrepancies
    expect(page.locator(".card.now")).to_have_attribute("data-d", side.id)
    press(page, "h", "n", "d")
    page.click(f'.card[data-d="{size.id}"] [data-action=take_written]')
    decided = ((side, "take_heard"), (size, "dismiss"), (size, "take_written"))
    has_sent(page, *({"do": "decide", "id": one.id, "action": action} for one, action in decided))


def asked_word(view, sentence: int = 4, statement: str = "r7") -> DoubtfulWord:
    """The last word of a sentence, which the ear is not sure of."""
    dictation = view.case.dictation
    link = dictation.sentences[sentence].alignment[-1]
    word = dictation.words[link.words[0]]
    return DoubtfulWord(
        id="a" * 16, why="unsure", text="pneumothorax", words=("a" * 16,),
        span=(dictation.spans[dictation.sentences[sentence].id][0] + link.span[0],
              dictation.spans[dictation.sentences[sentence].id][1]), statement=statement,
        recording=dictation.transcripts[0].recording, start_s=word.start_s, end_s=word.end_s,
    )  # fmt: skip


def test_a_word_to_check_is_counted_chosen_played_kept_and_corrected_by_the_keys_of_the_alerts(opened, view):
    page, word = opened.page, asked_word(view)
    tell(page, replace(view, asked=(word,)))
    expect(page.locator("#cards .count")).to_contain_text("2 to resolve, 1 word to check")
    press(page, "n", "n")
    card = page.locator(".card.now")
    expect(card).to_contain_text("“pneumothorax”: check this word.")
    expect(page.locator(".columns .w.lit")).to_have_text(["pneumothorax."] * 2)
    opened.shoot("word-to-check")
    press(page, "Space", "h")
    gives(page, "told.at(-1)", "That was not done: R keeps this word as it stands, E edits it, Space plays it.")
    assert len(asked_for(opened, "sound")) == 1
    has_sent(page)
    press(page, "r")
    has_sent(page, {"do": "accept_word", "word": word.id})
    press(page, "e")
    expect(page.locator(FIELD)).to_be_focused()
    gives(page, "document.getSelection().toString()", "pneumothorax")
    tell(page, replace(view, case=view.case.model_copy(update={"discrepancies": ()}), asked=(word,)))
    expect(page.locator("#cards .count")).to_have_text("No difference found, 1 word to check")


def test_what_is_critical_is_dismissed_with_a_reason_by_its_key_or_not_at_all(opened, view):
    page, (side, *_) = opened.page, view.case.discrepancies
    page.evaluate("""(id) => {
      desk.reasonsFor = (asked) => (asked === id ? [{ key: "3", reason: "Checked on the images" }] : []);
    }""", side.id)  # fmt: skip
    dialog = page.locator("dialog.dismissal")
    press(page, "d")
    expect(dialog).to_contain_text(side.explanation)
    opened.shoot("dismissal")
    press(page, "d")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    has_sent(page)
    press(page, "d", "3")
    has_sent(page, {"do": "decide", "id": side.id, "action": "dismiss", "reason": "Checked on the images"})


def wordings_of(view, after: str = "Small left effusion.") -> Wordings:
    edit = ReportEdit(section="findings", before="Gone.", after=after, by="Dr. A.", at=AT)
    return Wordings(edit=edit, other=next(one for one in view.case.report.statements if one.section == "findings"))


@pytest.mark.parametrize(("key", "chosen"), [("p", "mine"), ("r", "report"), ("b", "both")])
def test_two_wordings_are_chosen_between_by_letter_or_button_where_their_card_has_the_focus(opened, view, key, chosen):
    page, two = opened.page, wordings_of(view)
    tell(page, replace(view, wordings=(two,)))
    card = page.locator(".card.wordings")
    for words in ("Small left effusion.", two.other.text, key.upper()):
        expect(card).to_contain_text(words)
    page.evaluate("document.activeElement.blur()")
    press(page, key)
    gives(page, "sent.filter((one) => one.do !== 'text')", [])  # no card has the focus: B is that of the page
    page.keyboard.press("Escape")  # nobody types a word
    page.evaluate("window.sent.length = 0")
    card.focus()
    press(page, key)
    card.locator(f"[data-action=wording_{chosen}]").click()
    has_sent(page, *[{"do": "wording", "edit": two.id, "says": two.other.text, "chosen": chosen}] * 2)


def test_the_letters_of_two_wordings_mean_the_page_on_another_card(opened, view):
    page = opened.page
    tell(page, replace(view, wordings=(wordings_of(view),)))
    page.locator("#cards > .card:not(.wordings)").nth(1).focus()
    press(page, "p")
    expect(page.locator("#cards > .card").nth(1)).to_have_class(re.compile(r"\bnow$"))
    has_sent(page)
    press(page, "r")
    gives(page, "sent.map((one) => one.do)", ["decide"])


def test_a_choice_that_is_not_offered_has_no_letter_and_a_key_before_the_answer_decides_nothing_more(opened, view):
    page = opened.page
    page.evaluate("() => { desk.send = (command) => { window.sent.push(command); return new Promise(() => {}); }; }")
    press(page, "r", "r")
    gives(page, "sent.map((one) => one.do)", ["decide"])
    expect(page.locator(".card.now")).to_have_attribute("aria-busy", "true")
    tell(page, replace(view, wordings=(wordings_of(view, after=""),)))
    page.locator(".card.wordings").focus()
    press(page, "b")
    gives(page, "sent.filter(({ do: what }) => what === 'wording')", [])


# ----- sound


def test_space_plays_the_stretch_of_the_card_and_a_click_any_word_with_half_a_second_around(opened, view):
    page, (start_s, end_s) = opened.page, view.case.discrepancies[0].audio_span_s
    press(page, "Space")
    expect(page.locator(".card.now .play.playing")).to_be_visible()
    expect(page.locator(".card.now .play:not(.playing)")).to_be_visible()
    sound = f"/sound/c1/{'r' * 64}?page={'0' * 32}&from="
    assert asked_for(opened, "sound")[0] == f"{sound}{start_s - 0.5:.2f}&to={end_s + 0.5:.2f}"
    word = next(word for word in view.case.dictation.words if word.text == "granuloma")
    with page.expect_request(f"**{sound}{word.start_s - 0.5:.2f}&to={word.end_s + 0.5:.2f}"):
        page.click("td.heard .w >> text=granuloma")
    expect(page.locator("td.heard .w.playing")).to_be_visible()
    expect(page.locator(".card.now")).to_contain_text("Size")  # the card of these words is chosen too


def test_sound_that_cannot_be_had_is_told_in_the_words_of_the_server(opened, view, tmp_path):
    (tmp_path / "a.flac").unlink()
    press(opened.page, "Space")
    gone = "The recording of these words is not on this machine any more; the text stays."
    has_told(opened.page, gone)
    opened.page.evaluate("desk.emit('pad', { takes: ['r'] }); desk.play(0, 1, 2)")
    has_told(opened.page, gone, gone)
    expect(opened.page.locator(".playing")).to_have_count(0)
    opened.complaints.clear()  # the browser's own line about the 404


def test_what_could_not_be_heard_is_heard_again_by_a_button_and_a_key(opened, view):
    page = opened.page
    expect(page.locator("#bar .again")).to_be_hidden()
    page.keyboard.press("Alt+h")
    has_sent(page)
    tell(page, view, unheard=True)
    page.click("#bar .again")
    page.keyboard.press("Alt+h")
    has_sent(page, *[{"do": "hear"}] * 2)


STRETCHES = [
    {"recording": "a" * 32, "start_s": 0.9, "end_s": 1.0, "clock": "0:00-0:01", "is_unheard": True},
    {"recording": "a" * 32, "start_s": 1.5, "end_s": 2.0, "clock": "0:01-0:02", "is_unheard": False},
]
SOFT = "Not in the text: 1 stretch (1 s) of a softer voice"


def test_what_is_not_in_the_text_is_one_quiet_line_that_is_played_and_heard_as_ones_own(opened, view):
    page, line = opened.page, opened.page.locator("#missing")
    page.keyboard.press("Alt+Shift+h")
    has_sent(page)
    expect(line).to_have_count(0)
    tell(page, view, unheard=True, softer=True, left_out=SOFT, missing=STRETCHES)
    expect(line.locator("span")).to_have_text(
        f"Not heard: 0:00-0:01 – Alt+H hears it again. {SOFT} – Alt+Shift+H hears the softer voice as yours."
    )
    for start_s, after in (("0.5", "▶ 0:01-0:02 (2 of 2)"), ("1.1", "▶ 0:00-0:01 (1 of 2)")):
        with page.expect_request(lambda asked, at=start_s: f"/sound/{view.case.id}/{'a' * 32}?from={at}" in asked.url):
            line.locator(".play").click()
        expect(line.locator(".play")).to_have_text(after)
    page.keyboard.press("Alt+Shift+h")
    has_sent(page, {"do": "hear", "softer": True})
    page.keyboard.press("Escape")  # it closes messages, and this stays as long as it is so
    expect(line).to_be_visible()
    opened.shoot("missing")
    tell(page, view, missing=[], left_out="")
    expect(line).to_have_count(0)


# ----- the wording of a statement


def test_the_wording_is_edited_in_its_place_and_moves_nothing(opened, view):
    page, field = opened.page, opened.page.locator(FIELD)
    places = "[...document.querySelectorAll('#columns tbody')].map((row) => row.getBoundingClientRect().top)"
    (statement,), before = boxes(page, R6), page.evaluate(places)
    press(page, "e")
    expect(field).to_have_value("Small right pleural effusion.")
    (box,) = boxes(page, FIELD)
    assert abs(box["height"] - statement["height"]) <= 16 and abs(box["y"] - statement["y"]) <= 8  # its frame
    assert page.evaluate(places) == before
    opened.shoot("edit")
    page.keyboard.press("Escape")
    expect(field).to_have_count(0)
    expect(page.locator(".card.now")).to_be_focused()  # where E was pressed
    has_sent(page)
    press(page, "e")
    page.keyboard.press("Control+a")
    page.keyboard.type("Small left pleural effusion.")
    page.keyboard.press("Enter")
    edit = {"statement": "r6", "before": "Small right pleural effusion.", "text": "Small left pleural effusion."}
    has_sent(page, {"do": "edit", "case": "c1", **edit, "discrepancy": view.case.discrepancies[0].id})
    expect(page.locator(R6)).to_have_text("Small left pleural effusion.")


def test_a_double_click_edits_and_a_refused_edit_shows_the_words_before(opened):
    page = opened.page
    page.evaluate("() => { window.answer = { ok: false, message: 'no' }; }")
    begin(page)
    page.keyboard.press("Enter")
    gives(page, "sent.map((one) => one.discrepancy)", [""])
    expect(page.locator(FIELD)).to_have_value(BEGUN)  # what was typed is not lost by it
    expect(page.locator(R7)).to_have_text("No pneumothorax.")
    expect(page.locator(".wording.sent")).to_have_count(0)


def test_findings_come_before_what_was_not_dictated_and_take_the_room_of_an_image_ai_that_is_not_there(opened, view):
    page = opened.page
    read = page.locator("td.seen").first.bounding_box()["width"]
    tell(page, with_case(view, readings=()))
    expect(page.locator("td.seen").first).to_be_visible()  # there is one, which has read nothing
    engines = {name: engine for name, engine in view.case.engines.items() if name != "eye"}
    tell(page, with_case(view, readings=(), engines=engines))
    expect(page.locator(".columns tbody").last).to_have_text("Not dictated: technique")
    drawn(page)
    expect(page.locator(".columns thead th:visible")).to_have_text(["Dictated", "Report"])
    expect(page.locator("td.seen:visible")).to_have_count(0)
    assert page.locator("td.heard").first.bounding_box()["width"] > read
    opened.shoot("no-image-ai")


def test_a_pane_drawn_anew_keeps_the_card_the_folds_and_the_open_field(opened, view):
    page = opened.page
    press(page, "f", "n")
    chosen = page.locator(".card.now").get_attribute("data-d")
    press(page, "e")
    page.keyboard.type(" Probably.")
    tell(page, with_case(view, warnings=()))
    expect(page.locator(".card.now")).to_have_attribute("data-d", chosen)
    expect(page.locator("details.folded[open]")).to_have_count(1)
    expect(page.locator(FIELD)).to_have_value(re.compile(" Probably.$"))
    field, statement = boxes(page, FIELD, "[data-statement=r5]")
    assert abs(field["y"] - statement["y"]) <= 8


def test_words_that_were_begun_are_not_lost_to_the_editor_of_another_sentence(opened):
    page, field = opened.page, opened.page.locator(FIELD)
    begin(page)
    page.dblclick(f"{R6} .wording")
    gives(page, "told.length", 1)
    assert "Another sentence is being edited" in page.evaluate("told[0]")
    expect(field).to_have_count(1)
    expect(field).to_have_value(BEGUN)
    page.keyboard.press("Escape")
    page.dblclick(f"{R6} .wording")
    expect(field).to_have_value("Small right pleural effusion.")


def test_errors_that_come_while_a_wording_is_written_do_not_lie_over_it(opened):
    page = opened.page
    resize(page, 1920, 1080)
    begin(page, words="")
    for number in range(5):
        page.evaluate(f"desk.emit('notice', {{ text: 'Not saved, {number}.', error: {str(number < 3).lower()} }})")
    page.wait_for_function(
        "document.querySelector('.wording-field').getBoundingClientRect().bottom"
        " <= document.querySelector('#notices').getBoundingClientRect().top"
    )


def test_words_that_were_begun_stay_with_their_case_and_never_go_into_the_next(opened, view):
    page = opened.page
    begin(page)
    tell(page, with_case(view, id="c2"))  # which has the same sentences
    has_told(page, "The wording that you began was not sent; it is there again when you open this case.")
    expect(page.locator(FIELD)).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(R7)).to_have_text("No pneumothorax.")
    has_sent(page)
    tell(page, view)
    expect(page.locator(FIELD)).to_have_value(BEGUN)
    page.keyboard.press("Enter")
    gives(page, "sent.map((one) => [one.case, one.text])", [["c1", BEGUN]])


def test_words_that_were_begun_come_with_a_review_that_is_shown_after_its_columns_were_drawn(opened, view):
    """The stage waits for whoever types. Without a field, what waits would keep the report from being signed."""
    page = opened.page
    begin(page)
    tell(page, with_case(view, id="c2"))
    page.evaluate("() => { desk.on('case', () => { document.body.dataset.stage = 'dictating'; }); }")
    tell(page, view)
    drawn(page)
    expect(page.locator(FIELD)).to_have_count(0)
    page.evaluate("document.body.dataset.stage = 'review'; desk.emit('stage')")
    expect(page.locator(FIELD)).to_have_value(BEGUN)


def reading(view, text: str):
    """The view with another sentence for r7."""
    findings = view.case.report.findings
    return with_report(
        view, findings=tuple(one.model_copy(update={"text": text}) if one.id == "r7" else one for one in findings)
    )


def test_words_that_were_begun_for_a_sentence_that_changed_meanwhile_are_told(opened, view):
    page = opened.page
    begin(page)
    tell(page, with_case(view, id="c2"))
    tell(page, reading(view, "Small pneumothorax."))
    page.wait_for_function("(words) => told.at(-1).includes(words)", arg=f"“{BEGUN}”")
    expect(page.locator(FIELD)).to_have_count(0)


LATE = "() => { desk.send = () => new Promise((answer) => { window.answered = answer; }); }"


def test_words_that_are_refused_once_another_case_is_open_are_there_again_with_their_own(opened, view):
    page = opened.page
    page.evaluate(LATE)
    begin(page)
    page.keyboard.press("Enter")
    tell(page, with_case(view, id="c2", warnings=()))
    page.evaluate("window.answered({ ok: false })")
    drawn(page)
    expect(page.locator(R7)).to_have_text("No pneumothorax.")
    tell(page, view)
    expect(page.locator(FIELD)).to_have_value(BEGUN)


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
    gives(page, "desk.outbox.begun('c1').then((all) => all.map((one) => one.text).sort())", sorted(texts))


def test_words_that_were_begun_are_there_again_after_a_reload_until_they_are_kept_or_left(opened, view):
    page = opened.page
    begin(page)
    until_begun(page, BEGUN)
    page.reload()
    tell(page, with_case(view, id="c2"))  # which has the same sentences
    tell(page, view)
    expect(page.locator(f"{FIELD}.unkept")).to_have_value(BEGUN)
    expect(page.locator(R7)).to_have_text("No pneumothorax.")
    has_sent(page)
    has_told(page, WAITS)
    page.keyboard.press("Enter")
    gives(page, "sent.map((one) => [one.case, one.text])", [["c1", BEGUN]])
    until_begun(page)
    begin(page, R6, " Or not.")
    until_begun(page, BEHIND)
    page.keyboard.press("Escape")
    until_begun(page)
    page.reload()
    tell(page, view)
    page.evaluate("desk.outbox.begun('c1')")  # what the page asked for before has been answered then
    drawn(page)
    expect(page.locator(FIELD)).to_have_count(0)
    has_told(page)


def test_every_wording_that_was_begun_in_a_case_is_there_again_after_a_reload_one_after_the_other(opened, view):
    page, field = opened.page, opened.page.locator(f"{FIELD}.unkept")
    page.evaluate(LATE)
    begin(page)
    page.keyboard.press("Enter")
    begin(page, R6, " Or not.")  # while the first is on its way
    page.evaluate("window.answered({ ok: false })")
    until_begun(page, BEHIND, BEGUN)
    page.keyboard.type(" Maybe.")
    until_begun(page, f"{BEHIND} Maybe.", BEGUN)
    page.reload()
    tell(page, view)
    expect(field).to_have_value(f"{BEHIND} Maybe.")
    told = [f"{WAITS} 1 more waits behind it."]
    has_told(page, *told)
    page.keyboard.press("Escape")
    expect(field).to_have_value(BEGUN)  # the next one is there
    told += [
        f"Left, and not kept: “{BEHIND} Maybe.”",
        f"Another wording that you began is not kept yet: “{BEGUN}”. E or a click goes to it.",
    ]
    has_told(page, *told)
    page.keyboard.press("Escape")  # of a hand that meant the first
    page.keyboard.press("Enter")
    press(page, "f")
    expect(field).to_have_value(BEGUN)  # nobody has read it yet
    until_begun(page, BEGUN)
    press(page, "e")
    expect(field).to_be_focused()
    tell(page, with_case(view, id="c2"))
    tell(page, view)
    expect(field).to_have_value(BEGUN)
    expect(field).to_be_focused()
    page.keyboard.press("Enter")
    gives(page, "sent.map((one) => [one.statement, one.text])", [["r7", BEGUN]])
    until_begun(page)


def test_a_begun_wording_of_before_each_statement_had_a_row_is_there_again_until_it_is_left(opened, view):
    page = opened.page
    words = {"id": "r7", "says": "No pneumothorax.", "text": BEGUN, "difference": ""}
    page.evaluate(
        """async (words) => {
            const command = await desk.outbox.packed(words);
            await desk.outbox.put("commands", { page: "begun:c1", number: 0, command }); }""",
        words,
    )
    page.reload()
    tell(page, view)
    expect(page.locator(f"{FIELD}.unkept")).to_have_value(BEGUN)
    until_begun(page, BEGUN)
    page.keyboard.press("Escape")
    until_begun(page)
    gives(page, KEPT, [])


SIGNING = """async () => {
  const { install } = await import("./assets/signing.js");
  install(desk);
  desk.emit("sign", { case: "c1", blockers: [], said_sides: [], reasons: [], patient: "EXAMPLE, Ada",
    exam: "Chest X-ray", as: "final", side: "", signer: "Dr. A. Example", is_known: true });
}"""


def test_no_report_is_signed_without_a_wording_that_was_begun(opened):
    page, field, dialog = opened.page, opened.page.locator(FIELD), opened.page.locator("dialog.signing")
    page.evaluate(SIGNING)
    page.evaluate(LATE)
    begin(page)
    page.keyboard.press("Enter")
    begin(page, R6, " Or not.")
    page.evaluate("window.answered({ ok: false })")
    until_begun(page, BEHIND, BEGUN)
    page.click("#bar .sign")
    page.wait_for_function("(words) => told.at(-1).includes(words)", arg=f"“{BEHIND}”, “{BEGUN}”")
    expect(field).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("Small right pleural effusion.")
    page.click("#banner")
    expect(field).to_have_value(BEGUN)  # what waited is in sight
    for _ in range(2):
        page.evaluate("told.length = 0; 0")
        page.keyboard.press("Control+Enter")
        has_told(
            page,
            f"Not signed, as words that you began are not kept yet: “{BEGUN}”. "
            "E goes to them; Enter keeps them, Esc leaves them.",
        )
    expect(dialog).to_be_hidden()
    press(page, "e")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    expect(dialog).to_be_visible()


def test_a_key_that_is_held_sends_no_wording_that_opens_under_it(opened):
    page = opened.page
    begin(page)
    for key in ("Enter", "Escape"):
        page.evaluate(
            "(key) => document.activeElement.dispatchEvent("
            "new KeyboardEvent('keydown', { key, repeat: true, bubbles: true, cancelable: true }))",
            key,
        )
    drawn(page)
    expect(page.locator(f"{FIELD}.unkept")).to_have_value(BEGUN)
    has_sent(page)


@pytest.mark.parametrize("key", ["Enter", "Escape"])
def test_a_page_that_lost_its_case_leaves_what_the_other_page_began_there(opened, view, key):
    page = opened.page
    begin(page)
    until_begun(page, BEGUN)
    tell(page, view, lock={"mine": False, "by": "another page"})
    other = {"id": "r7", "says": "No pneumothorax.", "text": "No pneumothorax now.", "difference": ""}
    page.evaluate("(words) => desk.outbox.putBegun('c1', words)", other)
    page.focus(FIELD)
    press(page, key)
    drawn(page)  # what it writes is asked of the database by then, before the next question
    until_begun(page, "No pneumothorax now.")


def test_words_that_were_begun_before_a_reload_wait_until_the_case_may_be_edited(opened, view):
    page = opened.page
    begin(page)
    until_begun(page, BEGUN)
    page.reload()
    tell(page, view, lock={"mine": False, "by": "another page"})
    until_begun(page, BEGUN)  # what the page asked for before has been answered then
    drawn(page)
    expect(page.locator(FIELD)).to_have_count(0)
    page.evaluate("window.hear({ ...desk.state, lock: { mine: true, by: '' } })")
    expect(page.locator(FIELD)).to_have_value(BEGUN)


TELL_AGAIN = """async () => {
  desk.outbox.otherPages = async () => [];
  const { tellLeftOvers } = await import("./assets/leftovers.js");
  await tellLeftOvers(desk);
}"""


def test_words_that_were_begun_before_a_reload_are_told_once_where_the_sentence_reads_otherwise(opened, view):
    page = opened.page

    def reads(text: str) -> None:
        until_begun(page, BEGUN)
        page.reload()
        tell(page, reading(view, text))
        until_begun(page)

    begin(page)
    reads("Small pneumothorax.")
    [told] = page.evaluate("window.told")
    assert told.split("“")[1] == f"{BEGUN}”"
    kept = "desk.outbox.told().then((all) => all.map(({ text, of }) => [text, of]))"
    page.reload()  # nobody has closed it: it may not have been read
    page.wait_for_function("window.isReady")
    gives(page, kept, [[told, "c1"]])
    page.evaluate(TELL_AGAIN)
    has_told(page, told)
    page.evaluate("desk.closed()")
    gives(page, kept, [])
    tell(page, view)
    begin(page)
    reads(BEGUN)  # it was kept after all
    has_told(page)
    expect(page.locator(FIELD)).to_have_count(0)


def test_the_next_user_of_a_browser_neither_sees_nor_reads_words_that_were_begun(opened, view):
    page, url = opened.page, opened.url

    def enters(name: str) -> None:
        page.goto(f"{url}?user={name}&key={name[0].encode().hex() * 32}")
        tell(page, view)

    enters("bob")
    begin(page)
    until_begun(page, BEGUN)
    enters("eve")
    ((name, kept),) = page.evaluate(KEPT)
    assert name == "dictation:bob" and "pneumothorax" not in kept
    until_begun(page)
    expect(page.locator(FIELD)).to_have_count(0)
    enters("bob")
    expect(page.locator(FIELD)).to_have_value(BEGUN)


def test_an_editor_in_which_nothing_was_typed_goes_with_its_case(opened, view):
    page = opened.page
    press(page, "e")
    expect(page.locator(FIELD)).to_be_visible()
    tell(page, with_case(view, id="c2"))
    expect(page.locator(FIELD)).to_have_count(0)
    has_told(page)


def test_letters_for_the_worklist_go_into_no_wording_behind_it(opened, view):
    page, search = opened.page, opened.page.locator("#worklist input")
    begin(page)
    tell(page, with_case(view, id="c2"))
    page.evaluate(
        """async () => {
            const { install } = await import("./assets/worklist.js");
            window.fetch = async () => ({ ok: true, json: async () => ({ rows: [], next: null, counts: {} }) });
            desk.isOpen = true; desk.newId = () => "f".repeat(32); install(desk); document.activeElement.blur(); }"""
    )
    press(page, "w")
    expect(search).to_be_focused()
    tell(page, view)  # the case with the wording opens by itself, or its comparing has ended
    page.keyboard.type("MUSTER")
    page.keyboard.press("Enter")
    expect(search).to_have_value("MUSTER")
    gives(page, "sent.filter((one) => one.do === 'edit')", [])


def test_kinds_are_switched_off_in_the_list_of_kinds_and_space_there_plays_nothing(opened):
    page = opened.page
    page.click("details.kinds summary")
    page.uncheck("input[name=unit]")
    prefers(page, "hidden", ["unit"])
    page.focus("input[name=unit]")
    press(page, "Space")
    prefers(page, "hidden", [])
    assert asked_for(opened, "sound") == []


# ----- the image


def pixel(page, x: float, y: float) -> list[int]:
    """The colour of the canvas at a share of its width and height."""
    drawn(page)
    return page.evaluate(
        "([x, y]) => { const c = document.querySelector('canvas'); "
        "return [...c.getContext('2d').getImageData(x * c.width, y * c.height, 1, 1).data].slice(0, 3); }",
        [x, y],
    )


def says(page, *words: str) -> None:
    """Wait until the line under the image says this, and the image is drawn so."""
    for one in words or ("centre",):
        expect(page.locator(".viewing .state")).to_contain_text(one, timeout=60_000)
    drawn(page)


def test_the_image_is_windowed_inverted_zoomed_and_reset(opened):
    page = opened.page
    says(page)
    lung = pixel(page, 0.32, 0.5)
    assert lung[0] == 70
    press(page, "v")
    says(page, "inverted")
    assert pixel(page, 0.32, 0.5)[0] == 255 - 70
    (box,) = boxes(page, "canvas")
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down(button="right")
    page.mouse.move(middle[0] - 40, middle[1] + 20)
    page.mouse.up(button="right")
    page.mouse.wheel(0, -100)
    says(page, "1.3 times", "width 214", "inverted")
    press(page, "0")
    says(page, "centre 128 width 255")
    assert pixel(page, 0.32, 0.5) == lung


def test_a_hidden_image_gives_its_room_to_the_text_and_is_remembered(opened):
    page, image = opened.page, opened.page.locator("#image")
    (before,) = boxes(page, "#columns")
    press(page, "i")
    expect(image).to_be_hidden()
    assert boxes(page, "#columns")[0]["width"] > before["width"] + 200
    prefers(page, "image_hidden", True)
    press(page, "i")
    expect(image).to_be_visible()
    assert boxes(page, "#columns") == [before]


def test_preferences_that_were_kept_hold_from_the_start_and_a_late_message_changes_nothing_back(opened, view):
    page, kept = opened.page, {"image_hidden": True, "layout": "narrow"}
    tell(page, view, preferences=kept)
    expect(page.locator("#image")).to_be_hidden()
    cards, columns = boxes(page, "#cards", "#columns")
    assert cards["y"] < columns["y"]
    press(page, "l", "i")
    expect(page.locator("#image")).to_be_visible()
    tell(page, view, preferences=kept)  # told before the keys were heard of
    cards, columns = boxes(page, "#cards", "#columns")
    assert cards["x"] > columns["x"]
    expect(page.locator("#image")).to_be_visible()


@pytest.fixture
def series(browser, watch, view, tmp_path):
    """A CT of 40 slices; each is as bright as its number."""
    for number in range(40):
        stored = np.full((64, 64), 1000 + number, np.uint16)
        make(
            tmp_path / f"{number:03}.dcm", stored, Modality="CT", RescaleSlope=1, RescaleIntercept=-1024,
            WindowCenter=0, WindowWidth=100, InstanceNumber=number + 1,
        )  # fmt: skip
    images = load_study(sorted(tmp_path.glob("*.dcm"))).images
    with pane(watch(browser), replace(view, images=images), tmp_path) as watched:
        yield watched


def test_a_series_is_scrolled_by_keys_and_only_what_is_near_is_fetched(series):
    page = series.page
    page.focus("canvas")
    says(page)
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').filter((r) => /image/.test(r.name)).length >= 4"
    )
    assert {urlsplit(path).path[-2:] for path in asked_for(series, "image")} == {"/0", "/1", "/2", "/3"}
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    says(page, "image 6 of 40")
    page.keyboard.press("End")
    says(page, "image 40 of 40", "centre")
    assert pixel(page, 0.5, 0.5)[0] == round((1039 - 1024 + 50) / 100 * 255)
    assert len(asked_for(series, "image")) < 20
    press(page, "4")
    says(page, "centre 400 width 1800 HU")
    page.keyboard.press("ArrowUp")  # the window stays for the series
    says(page, "image 39 of 40", "centre 400")
    page.keyboard.press("Home")
    press(page, "0", "w")
    says(page, "image 1 of 40", "centre 0 width 100")
    page.keyboard.press("ArrowUp")  # after W arrows change the window
    page.keyboard.press("ArrowRight")
    says(page, "image 1 of 40", "centre -8 width 108")


def test_hostile_header_text_stays_text(browser, watch, view, tmp_path):
    image = replace(view.images[0], caption="</script><img src=x onerror=alert(1)>\"'", series="<b>")
    with pane(watch(browser), replace(view, images=(image,)), tmp_path) as watched:
        says(watched.page, "<img src=x", "centre")
        expect(watched.page.locator("#image img")).to_have_count(0)


# ----- every screen


WHOLE = "#banner, #banner .identity > *, #banner .exam > span"
LONG_EXAM = "CT chest, abdomen and pelvis with and without intravenous contrast"


@pytest.mark.parametrize("by", ["", "Dr. A. Example of the night shift"], ids=["own", "locked"])
def test_patient_exam_and_accession_are_read_whole_and_nothing_jumps_for_them(opened, view, by):
    page = opened.page
    patient = {"name": "EXAMPLE-LONGNAME, Ada Maria Theodora", "patient_id": "S-1001-2002"}
    exam = {"procedure": LONG_EXAM, "accession": "A-2001-77-998877"}
    ordered = with_case(view, orders=(view.case.orders[0].model_copy(update=patient | exam),))
    for width, height in ((1024, 768), *SIZES.values()):
        resize(page, width, height)
        places = []
        for stage in ("dictating", "review"):
            told = banner_html(replace(ordered, served=True), locked_by=by)
            tell(page, view, stage, banner=told)
            expect(page.locator("#banner .lock")).to_have_count(int(bool(by)))
            for words in (*patient.values(), *exam.values()):
                expect(page.locator("#banner")).to_contain_text(words, use_inner_text=True)
            assert page.eval_on_selector_all(WHOLE, CUT) == [], width
            banner, inner, work = boxes(page, "#banner", "#banner .banner", "#columns" if stage == "review" else "#pad")
            bottom = banner["y"] + banner["height"]
            assert inner["y"] + inner["height"] <= bottom <= work["y"] + 1, width
            assert all(
                box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] + box["height"] <= bottom
                for one in page.locator("#banner .identity > *, #banner .exam > span").all()
                if (box := one.bounding_box())
            ), width
            places.append(banner)
        assert places[0] == places[1], width


CUT = "all => all.filter((one) => one.scrollWidth > one.clientWidth && one.clientWidth).map((one) => one.textContent)"
LETTERS_PX = """() => [...document.querySelectorAll(`.statement, td.heard p:not(.note), .card p:not(.origin), .card dd,
  .identity b, .growing p:not(.note)`)].filter((one) => one.checkVisibility())
  .map((one) => parseFloat(getComputedStyle(one).fontSize))"""


@pytest.mark.parametrize("stage", ["dictating", "review"])
def test_every_size_of_screen_is_readable(opened, view, stage):
    page = opened.page
    tell(page, view, stage)
    for name, (width, height) in SIZES.items():
        resize(page, width, height)
        if name != "portrait":  # there the image is away
            says(page)
        opened.shoot(f"{stage}-{name}")
        sizes = page.evaluate(LETTERS_PX)
        assert len(sizes) > 5 and min(sizes) >= {1920: 19, 3840: 28}.get(width, 16), name
        assert {text: ratio for text, ratio in opened.contrasts().items() if ratio < 7} == {}, name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        if name in ("laptop", "portrait"):  # elsewhere the same elements, only larger
            assert serious(Axe().run(page, context=["#image", "#columns", "#cards", "#banner", "#report"])) == [], name


BAR = """() => {
  const find = (selector) => document.querySelector(`#bar ${selector}`);
  find(".microphone").replaceChildren(new Option("System microphone"));
  find(".sign-out").hidden = false;
  find(".user").textContent = "Dr. Ann Example";
  find(".open").textContent = " 12 open";
  find(".message").textContent = "Finished: 12 differences to resolve before you sign.";
}"""
STAGES = pytest.mark.parametrize(
    ("stage", "texts"), [("review", ("#cards", "#columns")), ("dictating", ("#pad", "#report"))], ids=["review", "text"]
)


@STAGES
def test_a_column_of_600_pixels_cuts_nothing_off_and_the_key_of_the_image_shows_it_above_the_text(
    opened, view, stage, texts
):
    page, image = opened.page, opened.page.locator("#image")
    resize(page, 600, 1280)
    page.evaluate(BAR)
    tell(page, view, stage)
    drawn(page)
    assert opened.clipped() == []
    shown = page.locator("#bar :is(button, select):visible")
    assert [one.split()[-1] for one in page.locator("#bar .hints button:visible").all_inner_texts()] == [
        "next", "copy", "worklist", "keys", "out", "open",
    ]  # fmt: skip
    expect(page.locator("#bar .microphone")).to_be_visible()
    parts = [one.bounding_box() for one in (*shown.all(), page.locator("#bar .message"))]
    (inner,) = boxes(page, "#bar")
    assert all(box["y"] >= inner["y"] and box["y"] + box["height"] <= 1280 for box in parts)
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 600 for box in parts)
    expect(image).to_be_hidden()
    press(page, "i")
    expect(image).to_be_visible()
    says(page)
    prefers(page, "image_above", True)
    above, *below = boxes(page, "#image", *texts, "#bar")
    assert (above["x"], above["width"]) == (0, 600) and 300 <= above["height"] <= 0.4 * 1280
    assert all(upper["y"] + upper["height"] <= lower["y"] for upper, lower in pairwise((above, *below)))
    assert all(box["height"] >= 100 for box in below)
    (canvas,) = boxes(page, "canvas")
    assert canvas["width"] > 560 and canvas["height"] > 200 and pixel(page, 0.5, 0.02) == [0, 0, 0]
    assert opened.clipped() == []
    tools = [one.bounding_box() for one in page.locator(".viewing .tools > *").all()]
    assert all(box["y"] + box["height"] <= above["y"] + above["height"] for box in tools), "each is in sight"
    page.keyboard.press("Alt+i")
    assert boxes(page, "canvas")[0]["height"] > canvas["height"] + 200
    page.keyboard.press("Alt+i")
    page.click(".viewing [data-key=i]")
    expect(image).to_be_hidden()
    prefers(page, "image_above", False)


@pytest.mark.parametrize("size", [(1280, 800), (600, 1280)], ids=["beside", "above"])
def test_nothing_jumps_while_the_report_grows(opened, view, size):
    page, report = opened.page, view.case.report
    resize(page, *size)
    tell(page, view, "dictating", preferences={"image_hidden": False, "image_above": True, "layout": "auto"})
    expect(page.locator("#image")).to_be_visible()
    parts = ("#banner", "#image", "#pad", "#report", "#bar")
    before = boxes(page, *parts)
    for count in (1, 3, 6, 7, 11):
        growing = {"findings": report.findings[:count], "impression": report.impression * (count > 6)}
        tell(page, with_report(view, **growing), "dictating")
        assert boxes(page, *parts) == before, count
    headings = page.locator("#report .growing h3").all_inner_texts()
    assert headings == ["Exam", "Indication", "Technique", "Comparison", "Findings", "Impression"]


def test_what_just_came_is_marked_and_in_sight(opened, view):
    page, fresh = opened.page, opened.page.locator("#report p.fresh")
    resize(page, 1280, 400)
    tell(page, with_report(view, impression=()), "dictating")
    tell(page, view, "dictating")
    expect(fresh).to_have_text(["Small left pleural effusion, new since the prior."])
    box, region = boxes(page, "#report p.fresh", "#report .text")
    assert region["y"] <= box["y"] and box["y"] + box["height"] <= region["y"] + region["height"] + 1
