"""The editor of a dictation, the keys and their overlay, driven as a radiologist does."""

import random

import pytest
from playwright.sync_api import expect

from tests.browser.asking import drawn, gives, standing_still
from tests.browser.desk_page import desk_page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address():
    with desk_page() as url:
        yield url


@pytest.fixture
def opened(address, browser, watch):
    watched = watch(browser)
    watched.page.goto(address)
    is_ready(watched.page)
    yield watched
    watched.was_quiet()


def is_ready(page) -> None:
    page.wait_for_function("window.ready")


TEXT = """() => { // what the page shows, without what may still change
  const text = (node) => [...node.childNodes].map((one) => one.nodeType === 3 ? one.data
    : one.localName === "br" && one === node.lastChild ? "" : text(one)).join("");
  return text(document.querySelector("#pad .text")); }"""


def shows(page, text: str) -> None:
    """Wait until the page shows this text, without what may still change."""
    gives(page, TEXT, text)


def caret(page) -> int:
    return page.evaluate(
        """() => { const { focusNode, focusOffset } = getSelection(); const range = document.createRange();
            range.setStart(document.querySelector("#pad .text"), 0); range.setEnd(focusNode, focusOffset);
            return range.toString().length; }"""
    )


def settled(page) -> str:
    """Wait until everything typed is with the server; both then have the same text."""
    page.evaluate("desk.pad.settled()")
    page.wait_for_function("() => document.querySelector('#pad .text').textContent === server.text")
    kept = page.evaluate("server.text")
    shows(page, kept)
    return kept


def is_kept(page, words: str) -> None:
    """Wait until the browser's own database has what was typed last: a machine that is busy takes a moment for it."""
    page.wait_for_function(
        "(words) => desk.outbox.typing(desk.page).then((typed) => JSON.stringify(typed ?? '').includes(words))",
        arg=words,
    )


def focus(page) -> None:
    page.keyboard.press("t")
    expect(page.locator("#pad .text")).to_be_focused()


def write(page, words: str) -> None:
    """Write in the dictation, in one: typed letter by letter a busy machine would make two bursts of it."""
    focus(page)
    page.keyboard.insert_text(words)


def has_sent(page, what: str, *fields: list, of: str = "text") -> None:
    """Wait until just these commands of a kind were sent, by their fields."""
    script = (
        "([what, names]) => server.sent.filter((one) => one.do === what).map((one) => names.map((name) => one[name]))"
    )
    gives(page, script, list(fields), [what, of.split()])


def notices(page, *texts: str) -> None:
    """Wait until just these errors were told."""
    gives(page, "desk.notices", [{"text": text, "error": True} for text in texts])


def test_typing_is_sent_as_the_difference_and_looks_typed(opened):
    page = opened.page
    page.evaluate("server.dictate('No effusion.')")
    focus(page)
    page.keyboard.press("Home")
    with standing_still(page):
        page.keyboard.type("Clear. ")
    assert settled(page) == "Clear. No effusion."
    has_sent(page, "type", [0, 0, "Clear. "], of="start stop text")
    gives(page, "document.querySelector('#pad .typed').innerText", "Clear. ")
    expect(page.locator("#pad .typed")).to_have_attribute("title", "typed")
    for _ in range(3):
        page.keyboard.press("Backspace")
    page.keyboard.type("!")
    assert settled(page) == "Clea!No effusion."


def test_lines_come_by_enter_and_by_paste_as_plain_text(opened):
    page = opened.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    write(page, "One.")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("Two.")
    assert settled(page) == "One.\n\nTwo."
    page.evaluate(
        """async () => { await navigator.clipboard.write([new ClipboardItem({
              "text/plain": new Blob([" a\\nb"], { type: "text/plain" }),
              "text/html": new Blob(["<b>bold</b>"], { type: "text/html" }) })]); }"""
    )
    page.keyboard.press("Control+v")
    assert settled(page) == "One.\n\nTwo. a\nb"
    page.keyboard.press("Enter")
    page.keyboard.type("x")
    assert settled(page).endswith("b\nx")


def test_dictated_text_arrives_while_somebody_types_and_the_caret_stays(opened):
    page = opened.page
    page.evaluate("server.dictate('The lungs are clear. The heart is normal.')")
    focus(page)
    for _ in range(len(" The heart is normal.")):
        page.keyboard.press("ArrowLeft")
    page.evaluate("server.held = []")
    page.keyboard.type(" No")
    page.evaluate("server.anchor = 0; server.dictate('Comparison: none. ')")  # somewhere before the caret
    shows(page, "Comparison: none. The lungs are clear. No The heart is normal.")
    assert caret(page) == len("Comparison: none. The lungs are clear. No")
    page.keyboard.type(" effusion.")
    page.evaluate("server.release()")
    assert settled(page) == "Comparison: none. The lungs are clear. No effusion. The heart is normal."
    assert page.evaluate(TEXT)[caret(page) :] == " The heart is normal."


def test_a_selection_stays_while_text_arrives_before_it(opened):
    page = opened.page
    page.evaluate("server.dictate('Small left effusion.')")
    focus(page)
    page.keyboard.press("Home")
    page.keyboard.press("Control+ArrowRight")
    page.keyboard.press("Control+Shift+ArrowRight")
    page.evaluate("server.anchor = 0; server.dictate('Findings. ')")
    gives(page, "getSelection().toString().trim()", "left")
    page.keyboard.type(" right")
    assert settled(page) == "Findings. Small right effusion."


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_typed_and_dictated_at_once_page_and_server_agree(opened, seed):
    page = opened.page
    chance = random.Random(seed)
    page.evaluate("server.dictate('The lungs are clear. Heart size is normal. ')")
    page.keyboard.press("t")
    for step in range(40):
        what = chance.choice(("type", "type", "erase", "move", "select", "dictate", "hold", "release", "undo", "enter"))
        if what == "type":
            page.keyboard.type(chance.choice(("a", "bc ", "left", ".")))
        elif what == "erase":
            page.keyboard.press(chance.choice(("Backspace", "Delete", "Control+Backspace")))
        elif what == "move":
            page.keyboard.press(chance.choice(("ArrowLeft", "Home", "End", "Control+ArrowLeft", "ArrowUp")))
        elif what == "select":
            page.keyboard.press("Shift+ArrowLeft")
        elif what == "enter":
            page.keyboard.press("Enter")
        elif what == "undo":
            page.keyboard.press("Control+z")
        elif what == "dictate":
            page.evaluate("(word) => server.dictate(word)", f"D{step} ")
        elif what == "hold":
            page.evaluate("server.held ??= []")
        else:
            page.evaluate("server.held && server.release()")
    page.evaluate("server.held && server.release()")
    settled(page)


def test_what_may_still_change_is_drawn_but_is_no_text(opened):
    page = opened.page
    write(page, "Small effusion.")
    settled(page)
    page.wait_for_function("server.anchor === 15")
    page.evaluate("server.hear('mild', 'scoliosis')")
    look = page.evaluate(
        """() => { const run = document.querySelector("#pad [data-ahead]");
            const { content, fontStyle, color } = getComputedStyle(run, "::before");
            return { words: run.dataset.ahead, content, style: fontStyle, color }; }"""
    )
    assert look["words"] == " mild scoliosis"
    assert look["content"] == '" mild scoliosis" / ""'  # drawn, and nothing for a screen reader
    assert look["style"] == "italic"
    assert look["color"] == "rgb(169, 178, 189)"  # --quiet, 9:1 on the room's ground
    shows(page, "Small effusion.")
    page.keyboard.press("Control+a")
    gives(page, "getSelection().toString()", "Small effusion.")
    page.keyboard.press("End")
    page.keyboard.type("!")
    assert settled(page) == "Small effusion.!"
    opened.shoot("provisional")


def test_dictation_goes_in_where_the_caret_was_put(opened):
    page = opened.page
    page.evaluate("server.dictate('First. Last.')")
    focus(page)
    page.keyboard.press("Home")
    page.keyboard.press("Control+ArrowRight")
    page.wait_for_function("(at) => server.anchor === at", arg=caret(page))
    command = {"do": "cursor", "version": 3, "at": 0, "take": "e" * 32, "block": 7}
    assert page.evaluate("server.sent.at(-1)") | {"at": 0} == command
    at = page.evaluate("server.anchor")
    page.evaluate("server.dictate('Between. ')")
    shows(page, "First. Last."[:at] + "Between. " + "First. Last."[at:])
    assert caret(page) == at + len("Between. ")  # the next words go in behind these


def test_undo_and_redo_are_one_history_of_typed_and_dictated(opened):
    page = opened.page
    page.evaluate("server.dictate('Clear. ')")
    write(page, "Normal.")
    settled(page)
    page.keyboard.press("Control+z")
    page.wait_for_function("server.text === 'Clear. '")
    page.keyboard.press("Control+z")
    page.wait_for_function("server.text === ''")
    page.keyboard.press("Control+y")
    page.keyboard.press("Control+Shift+z")
    page.wait_for_function("server.text === 'Clear. Normal.'")
    assert settled(page) == "Clear. Normal."
    page.keyboard.type("x")
    page.keyboard.press("Control+z")  # what is typed at that moment is sent before it is undone
    page.wait_for_function("server.sent.at(-1).do === 'undo'")
    assert settled(page) == "Clear. Normal."


def of_the_text(page) -> list[str]:
    """What the server was asked to do with the text."""
    return page.evaluate("server.sent.map((one) => one.do).filter((what) => ['undo', 'redo'].includes(what))")


def test_undo_in_the_field_of_a_sentence_is_of_that_field_alone(opened):
    page = opened.page
    write(page, "Left rib fracture.")
    settled(page)
    page.evaluate(
        """() => { document.body.dataset.stage = desk.state.stage = "review";
            const field = document.createElement("textarea");
            field.value = "Clear."; document.querySelector("#shell").append(field); field.focus(); }"""
    )
    page.keyboard.type("X")
    page.keyboard.press("Control+z")
    expect(page.locator("textarea:focus")).to_have_value("Clear.")
    for key in ("Control+z", "Control+z", "Control+y", "Control+Shift+z"):
        page.keyboard.press(key)
    page.evaluate("document.querySelector('#shell > textarea').remove()")
    notices(page)
    page.keyboard.press("Control+z")  # in no field: it says why nothing happens
    gives(
        page,
        "desk.notices.map((one) => one.text)",
        ["Nothing was undone or redone: the dictation is not shown here; B brings it back."],
    )
    page.evaluate("document.body.dataset.stage = desk.state.stage = 'dictating'")
    assert settled(page) == "Left rib fracture." and of_the_text(page) == []
    page.keyboard.press("Control+z")
    page.wait_for_function("server.text === ''")


def test_undo_of_the_browser_does_not_reach_the_text_of_the_next_case(opened):
    page = opened.page
    write(page, "Left rib fracture.")
    settled(page)
    page.evaluate("server.open('b'.repeat(32)); server.dictate('Clear.')")
    page.evaluate(
        """() => { const field = document.createElement("input");
            document.querySelector("#bar").append(field); field.focus(); }"""
    )
    page.keyboard.press("Control+z")
    assert settled(page) == "Clear." and of_the_text(page) == []


def test_an_input_method_composes_while_dictation_arrives(opened):
    page = opened.page
    write(page, "Heart ")
    settled(page)
    page.wait_for_function("server.anchor === 6")
    cdp = page.context.new_cdp_session(page)
    cdp.send("Input.imeSetComposition", {"text": "ka", "selectionStart": 2, "selectionEnd": 2})
    page.evaluate("server.anchor = 0; server.dictate('Clear. ')")
    cdp.send("Input.imeSetComposition", {"text": "kan", "selectionStart": 3, "selectionEnd": 3})
    shows(page, "Heart kan")  # the server's text waits
    cdp.send("Input.insertText", {"text": "感"})
    assert settled(page) == "Clear. Heart 感"


def test_the_text_in_sight_stays_in_sight_and_its_end_is_followed(opened):
    page = opened.page
    root = page.locator("#pad .text")
    page.evaluate("server.dictate([...Array(300)].map((_, i) => `Sentence number ${i}.`).join(' '))")
    page.keyboard.press("t")
    page.keyboard.press("Control+End")
    page.wait_for_function("server.anchor === server.text.length")
    page.evaluate("server.dictate(' At the very end of it.'.repeat(20))")
    assert root.evaluate("(e) => e.scrollHeight - e.scrollTop - e.clientHeight") < 40
    page.keyboard.press("Escape")
    root.evaluate("(e) => { e.scrollTop = 300; }")
    seen = """() => { const box = document.querySelector("#pad .text").getBoundingClientRect();
        const { offsetNode, offset } = document.caretPositionFromPoint(box.left + 60, box.top + 100);
        return offsetNode.data.slice(offset, offset + 30); }"""
    before = page.evaluate(seen)
    page.evaluate("server.dictate(' Still at the end.')")
    assert root.evaluate("(e) => e.scrollTop") == 300
    page.evaluate("server.anchor = 0; server.dictate('Put in above.\\n'.repeat(9))")
    assert root.evaluate("(e) => e.scrollTop") > 400
    assert page.evaluate(seen) == before


def test_a_word_plays_from_its_own_recording(opened):
    page = opened.page
    page.evaluate("server.dictate('effusion', { take: 2, start_s: 4.5, end_s: 5.25 })")
    word = {"selector": "#pad .text", "position": {"x": 40, "y": 14}}
    page.click(**word)
    page.wait_for_function("server.sent.at(-1)?.do === 'cursor'")
    assert page.evaluate("desk.played") == []
    page.click(**word, modifiers=["Alt"])
    page.wait_for_function("desk.played.length === 1")
    page.dblclick(**word, delay=200)  # the button is down for as long as the server takes to answer
    page.wait_for_function("desk.played.length > 1")
    assert page.evaluate("desk.played") == [[2, 4.5, 5.25], [2, 4.5, 5.25]]


def test_a_screen_reader_hears_finals_only(opened):
    page = opened.page
    box = page.get_by_role("textbox", name="Dictation")
    assert box.get_attribute("aria-multiline") == "true"
    page.evaluate("server.hear('', 'smell')")
    told = page.locator("#pad .told")
    expect(told).to_have_text("")
    page.evaluate("server.dictate('Small effusion.')")
    expect(told).to_have_text("Small effusion.")
    write(page, " typed")
    settled(page)
    expect(told).to_have_text("Small effusion.")
    page.evaluate("server.emit('case', { ...desk.state, case: 'f'.repeat(32) })")
    expect(told).to_have_text("")  # of another patient


def test_typing_that_the_server_has_not_answered_survives_a_reload(opened):
    page = opened.page
    write(page, "with it")
    settled(page)
    page.evaluate("server.held = []")
    page.keyboard.insert_text(" on its way")
    page.wait_for_function("server.sent.at(-1).text === ' on its way'")
    page.keyboard.insert_text(" not sent")
    is_kept(page, " not sent")
    number = page.evaluate("desk.number")
    after = "window.after = (server) => { server.text = 'with it on its way'; server.version = 3; server.number = %d; }"
    page.add_init_script(f"{after % number}; window.number = {number};")
    page.reload()
    is_ready(page)
    assert settled(page) == "with it on its way not sent"
    page.reload()
    is_ready(page)
    assert settled(page) == "with it on its way"  # nothing is kept any more: it was answered


AFTERWARDS = "desk.outbox.typing(desk.page).then((typed) => typed?.afterwards.map(({ do: what }) => what))"


def test_an_undo_that_waits_for_what_was_typed_outlives_a_reload(opened):
    page = opened.page
    write(page, "Heart normal. ")
    settled(page)
    page.evaluate("server.held = []")  # the server does not answer
    page.keyboard.insert_text("Lungs clear.")
    page.keyboard.press("Control+z")
    gives(page, AFTERWARDS, ["undo"])
    number = page.evaluate("desk.number")
    after = "window.after = (server) => { server.text = 'Heart normal. '; server.version = 2; }"
    page.add_init_script(f"{after}; window.number = {number - 1};")
    page.reload()
    is_ready(page)
    page.wait_for_function("server.sent.some((one) => one.do === 'undo')")
    assert settled(page) == "Heart normal. "
    gives(page, "server.sent.map((one) => one.do).filter((what) => what !== 'cursor')", ["type", "undo"])


def test_an_undo_is_kept_until_it_is_stored_as_a_command_and_then_done_once(opened):
    page = opened.page
    write(page, "Heart normal. ")
    settled(page)
    page.evaluate("server.held = []; desk.sendings = new Promise(() => {}); 0")  # the disk takes no command yet
    page.keyboard.insert_text("Lungs clear.")
    page.keyboard.press("Control+z")
    page.wait_for_function("server.sent.at(-1).text === 'Lungs clear.'")
    page.evaluate("server.held.splice(0).forEach((act) => act())")
    page.wait_for_function("server.sent.at(-1).do === 'undo'")
    drawn(page)  # what is forgotten now is asked of the database by then, before the next question
    gives(page, AFTERWARDS, ["undo"])
    number = page.evaluate("desk.outbox.typing(desk.page).then((typed) => typed.afterwards[0].number)")
    after = "window.after = (server) => { server.text = 'Heart normal. '; server.version = 2; }"
    page.add_init_script(f"{after}; window.number = {number};")  # it was stored
    page.reload()
    is_ready(page)
    assert settled(page) == "Heart normal. "
    gives(page, "server.sent.map((one) => one.do).filter((what) => what !== 'cursor')", [])


TOLD = "desk.outbox.told().then((all) => all.map(({ text, of }) => [text, of]))"


def test_typing_that_was_not_sent_is_told_where_another_case_opens_after_a_reload(opened):
    page = opened.page
    page.evaluate(
        """() => { const later = [{ start: 0, stop: 0, length: 9, text: "Left rib." }];
          const typed = { case: "b".repeat(32), version: 1, text: "", sent: null, later };
          return desk.outbox.putTyping(desk.page, typed, () => true); }"""
    )
    page.reload()
    is_ready(page)
    told = "Another case was opened before this was saved, so do it again: Left rib."
    notices(page, told)
    gives(page, "desk.outbox.typing(desk.page)", None)
    page.reload()
    is_ready(page)
    notices(page)
    gives(page, TOLD, [[told, "b" * 32]])  # until somebody has closed it


def test_what_the_server_refuses_goes_and_what_is_typed_later_stays(opened):
    page = opened.page
    write(page, "one ")
    settled(page)
    page.evaluate("server.held = []; server.refuses = true")
    page.keyboard.insert_text("two ")
    page.wait_for_function("server.sent.at(-1).text === 'two '")
    page.keyboard.insert_text("three")
    page.evaluate("server.held.splice(0).forEach((act) => act()); server.refuses = false; server.held = null")
    assert settled(page) == "one three"
    notices(page, "What you typed was not taken: “two”")


def test_words_that_were_refused_are_told_of_their_own_case_when_another_is_open_before_the_rest_was_answered(opened):
    page = opened.page
    write(page, "one ")
    settled(page)
    page.evaluate("server.held = []; server.refuses = true")
    page.keyboard.insert_text("two ")
    page.wait_for_function("server.sent.at(-1).text === 'two '")
    page.keyboard.insert_text("three")
    page.evaluate("server.held.shift()()")
    page.wait_for_function("server.held.length === 1")  # "three" was sent then, and is not answered
    page.evaluate("server.open('b'.repeat(32))")
    page.wait_for_function("desk.notices.length")
    gives(page, f"{TOLD}.then((all) => all.filter(([text]) => text.includes('“two”')).length)", 1)
    assert {of for _, of in page.evaluate(TOLD)} == {"a" * 32}


@pytest.mark.parametrize("is_answered", [False, True])
def test_typing_that_is_refused_over_a_reload_is_quoted_and_the_page_does_not_wait_for_it(opened, is_answered):
    page = opened.page
    write(page, "with it")
    settled(page)
    page.evaluate("server.held = []")
    page.keyboard.insert_text(" refused")
    page.wait_for_function("server.sent.at(-1).text === ' refused'")
    page.keyboard.insert_text(" later")
    is_kept(page, " later")
    number = page.evaluate("desk.number")
    if not is_answered:  # the command is sent again
        page.evaluate(f"desk.outbox.putCommand(desk.page, {number}, {{ do: 'type', text: ' refused' }})")
    after = "window.after = (server) => { server.text = 'with it'; server.version = 2; server.number = %d; }"
    page.add_init_script(f"{after % (number - 1)}; window.number = {number};")
    page.reload()
    is_ready(page)
    if not is_answered:
        shows(page, "with it refused later")
        page.evaluate(f"desk.waiting.get({number})({{ ok: false }})")
    assert settled(page) == "with it later"
    notices(page, "What you typed was not taken: “refused”")


def test_a_case_that_another_has_open_or_that_is_signed_cannot_be_typed_in(opened):
    page = opened.page
    page.evaluate("server.dictate('Clear.')")
    for state in ("lock: { mine: false }", "is_final: true"):
        page.evaluate(f"server.emit('case', {{ ...desk.state, {state} }})")
        page.keyboard.press("t")
        page.keyboard.type("xyz")
        drawn(page)
        shows(page, "Clear.")
        expect(page.locator("#pad .text")).to_have_attribute("aria-readonly", "true")
        page.click("#pad .text")
        page.keyboard.press("w")  # no letter here: the page's key
        page.wait_for_selector("#worklist", state="visible")
        page.keyboard.press("Escape")  # back in the text
        page.keyboard.press("Escape")
    has_sent(page, "type")
    page.evaluate("server.emit('case', { ...desk.state, is_final: true, addendum: 'A late finding' })")
    write(page, "x")
    assert settled(page) == "Clear.x"


def signed_out(page, text: str) -> None:
    """Type into the dictation, and have the session end in mid-sentence."""
    write(page, text)
    settled(page)
    page.evaluate("server.emit('signed-out')")
    expect(page.locator("#pad .text")).to_have_text("")


@pytest.mark.parametrize("by", ["a click", "a key", "an input method"])
def test_what_is_done_in_the_emptied_text_after_a_session_ended_deletes_nothing(opened, by):
    page = opened.page
    page.clock.install()
    signed_out(page, "No fracture. Heart normal.")
    before = page.evaluate("server.sent")
    if by == "a click":
        page.click("#pad .text")
    elif by == "a key":
        page.keyboard.press("t")
    else:
        page.evaluate("document.querySelector('#pad .text').dispatchEvent(new CompositionEvent('compositionend'))")
    page.keyboard.type("x")
    page.clock.run_for(1000)  # longer than a burst
    page.evaluate("server.emit('case', desk.state); server.tell()")
    assert settled(page) == "No fracture. Heart normal."
    assert page.evaluate("server.sent") == before
    page.focus("#pad .text")
    page.keyboard.insert_text(" Clear.")
    assert settled(page) == "No fracture. Heart normal. Clear."


def test_what_an_input_method_composes_when_the_session_ends_is_kept(opened):
    page = opened.page
    write(page, "Heart ")
    method = page.context.new_cdp_session(page)
    method.send("Input.imeSetComposition", {"text": "normal", "selectionStart": 6, "selectionEnd": 6})
    page.evaluate("server.emit('signed-out')")
    page.evaluate("server.emit('case', desk.state); server.tell()")
    assert settled(page) == "Heart normal"


def test_who_types_when_the_session_ends_types_on_where_it_was_once_signed_in_again(opened):
    page = opened.page
    write(page, "Heart normal.")
    for _ in "normal.":
        page.keyboard.press("ArrowLeft")
    settled(page)
    page.evaluate("server.emit('signed-out')")
    gives(page, "document.activeElement === document.body", True)
    page.evaluate("server.emit('case', desk.state); server.tell()")
    page.keyboard.type("was ")
    assert settled(page) == "Heart was normal."
    page.keyboard.press("Escape")
    page.evaluate("server.emit('signed-out'); server.emit('case', desk.state); server.tell()")
    gives(page, "document.activeElement === document.body", True)


def test_who_is_signed_out_reads_neither_the_panel_nor_a_notice_but_that_of_the_outbox(opened):
    page = opened.page
    page.evaluate(
        """() => { document.body.classList.add("panel-open");
          document.body.insertAdjacentHTML("beforeend", '<div id="panel">a pasted report</div>');
          document.querySelector("#notices").innerHTML =
            '<p id="outbox">1 waits</p><p>of none</p><p data-case="a">of one</p>'; }"""
    )
    parts = ("#panel", "#outbox", "#notices :nth-child(2)", "#notices :nth-child(3)")
    for part in parts:
        expect(page.locator(part)).to_be_visible()
    page.evaluate("document.body.setAttribute('data-signed-out', '')")
    for part in parts:
        expect(page.locator(part)).to_be_visible(visible=part == "#outbox")


def test_the_help_overlay_is_searched_by_typing_and_gives_the_focus_back(opened):
    page = opened.page
    write(page, "ab")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("F1")
    expect(page.locator("dialog.help").get_by_text("“scratch that”", exact=True)).to_be_visible()
    opened.shoot("help")
    assert {t: r for t, r in opened.contrasts().items() if r < 7} == {}
    page.keyboard.type("redo")
    expect(page.locator("dialog.help dd")).to_have_text(["redo"])
    page.keyboard.type("xx")
    expect(page.locator("dialog.help .all")).to_contain_text("No key and no command")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.help")).to_be_hidden()
    page.keyboard.type("-")
    assert settled(page) == "a-b"


def test_a_selection_becomes_one_of_my_words(opened):
    page = opened.page
    write(page, "Marked hepatosplenomegaly.")
    page.keyboard.press("Control+d")
    message = page.locator("#bar .message")
    expect(message).to_contain_text("Select a word")
    has_sent(page, "vocabulary")
    page.dblclick("#pad .text", position={"x": 120, "y": 14})
    page.keyboard.press("Control+d")
    expect(message).to_contain_text("among your words")
    has_sent(page, "vocabulary", ["hepatosplenomegaly"], of="phrase")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("a b c d e f g")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+d")
    expect(message).to_contain_text("too long")
    has_sent(page, "vocabulary", ["hepatosplenomegaly"], of="phrase")


LEARNED = {
    "id": "1f0c9a3e", "says": "“lisfrank” is “Lisfranc”", "state": "active", "corrected": 2, "cases": 2,
    "dictations": 9, "right": 2, "wrong": 0, "heard_s": 0.0, "heard_right": 0, "heard_wrong": 0,
}  # fmt: skip


def test_what_was_learned_is_said_never_takes_the_focus_and_can_be_forgotten(opened):
    page = opened.page
    write(page, "typing")
    page.evaluate("(entry) => server.emit('learned', { entries: [entry] })", LEARNED)
    page.keyboard.type(" on")
    expect(page.locator(".offer span")).to_have_text(
        "Learned from your corrections: “lisfrank” is “Lisfranc” (corrected 2 times, tried on 9 dictations)."
    )
    opened.shoot("learned")
    page.click(".offer >> text=Keep")
    expect(page.locator(".offer")).to_have_count(0)
    has_sent(page, "forget")
    page.evaluate("(entry) => server.emit('learned', { entries: [entry] })", LEARNED)
    page.click(".offer >> text=Forget")
    has_sent(page, "forget", ["1f0c9a3e"], of="id")
    expect(page.locator(".offer")).to_have_count(0)
    assert settled(page) == "typing on"


LAST_LINE = """async () => { // its lower edge, once it is drawn
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const range = document.createRange();
  range.selectNodeContents(document.querySelector("#pad .text"));
  return Math.max(...[...range.getClientRects()].filter(({ width }) => width > 2).map(({ bottom }) => bottom));
}"""


def test_the_last_line_is_above_what_is_told_below_the_text(opened):
    page = opened.page
    page.evaluate("document.querySelector('#notices').innerHTML = '<p style=\"height: 200px\"></p>'")
    focus(page)
    page.keyboard.type("a\n" * 40 + "b")
    box = page.locator("#pad .text").bounding_box()
    assert box["y"] < page.evaluate(LAST_LINE) <= box["y"] + box["height"]
    settled(page)
    page.evaluate("server.anchor = server.text.length; server.dictate(' effusion'.repeat(400))")
    assert page.evaluate(LAST_LINE) <= box["y"] + box["height"], "what is dictated is followed there, too"
