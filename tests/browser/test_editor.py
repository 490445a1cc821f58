"""The editor of a dictation, the keys and their overlay, driven as a radiologist does."""

import random

import pytest
from axe_playwright_python.sync_playwright import Axe

from dictation.review.obeying import LOOKS_ON, OF_ANOTHER
from dictation.review.preferences import Preferences
from tests.browser.desk_page import desk_page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address():
    with desk_page(lambda asked: {"rows": []}) as url:
        yield url


@pytest.fixture(scope="module")
def browser(start):
    return start()


@pytest.fixture
def opened(address, browser, watch):
    watched = watch(browser)
    watched.page.goto(address)
    watched.page.wait_for_function("window.ready")
    yield watched
    assert watched.strangers == []
    assert watched.complaints == []
    watched.page.close()


def bar_boxes(page) -> dict:
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("#bar > *")].filter((part) => part.checkVisibility())
            .map((part) => { const box = part.getBoundingClientRect();
              return [part.className, [box.left, box.top, box.width, box.height]]; }))"""
    )


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080), (3840, 2160), (800, 1200), (600, 1280)])
def test_the_page_fits_its_window_and_the_bar_stays_whatever_it_says(opened, size):
    page = opened.page
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    before = bar_boxes(page)
    page.evaluate(
        """() => { const put = (part, text) => { document.querySelector(`#bar ${part}`).textContent = text; };
          put(".clock", "12:34"); put(".kept", "12.3 s not on the server"); put(".level", "too quiet");
          put(".message", "The microphone was unplugged; connect it again, then press F9: what was said is kept.");
          document.body.dataset.stage = "review"; document.body.dataset.listening = ""; }"""
    )
    assert bar_boxes(page) == before
    root = "document.documentElement"
    assert page.evaluate(f"[{root}.scrollWidth, {root}.scrollHeight]") == list(size)


def text(page) -> str:
    """What the page shows, without what may still change."""
    return page.evaluate(
        """() => { const text = (node) => [...node.childNodes].map((one) => one.nodeType === 3 ? one.data
              : one.localName === "br" && one === node.lastChild ? "" : text(one)).join("");
            return text(document.querySelector("#pad .text")); }"""
    )


def caret(page) -> int:
    return page.evaluate(
        """() => { const { focusNode, focusOffset } = getSelection(); const range = document.createRange();
            range.setStart(document.querySelector("#pad .text"), 0); range.setEnd(focusNode, focusOffset);
            return range.toString().length; }"""
    )


def settled(page) -> str:
    """Waits until everything typed is with the server; both then have the same text."""
    page.evaluate("desk.pad.settled()")
    page.wait_for_function("() => document.querySelector('#pad .text').textContent === server.text")
    assert text(page) == page.evaluate("server.text")
    return text(page)


def is_kept(page, words: str) -> None:
    """Waits until the browser's own database has what was typed last: a machine that is busy takes a moment for it."""
    page.wait_for_function(
        "(words) => desk.outbox.typing(desk.page).then((typed) => JSON.stringify(typed ?? '').includes(words))",
        arg=words,
    )


def write(page, words: str) -> None:
    page.keyboard.press("t")
    page.wait_for_function("document.activeElement.matches('#pad .text')")
    page.keyboard.type(words)


def sent(page, what: str) -> list[dict]:
    return [command for command in page.evaluate("server.sent") if command["do"] == what]


def test_typing_is_sent_as_the_difference_and_looks_typed(opened):
    page = opened.page
    page.evaluate("server.dictate('No effusion.')")
    page.keyboard.press("t")
    page.wait_for_function("document.activeElement.matches('#pad .text')")
    page.keyboard.press("Home")
    page.keyboard.type("Clear. ")
    assert settled(page) == "Clear. No effusion."
    assert [(c["start"], c["stop"], c["text"]) for c in sent(page, "type")] == [(0, 0, "Clear. ")]
    assert page.inner_text("#pad .typed") == "Clear. "
    assert page.get_attribute("#pad .typed", "title") == "typed"
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
    page.keyboard.press("t")
    for _ in range(len(" The heart is normal.")):
        page.keyboard.press("ArrowLeft")
    page.evaluate("server.held = []")
    page.keyboard.type(" No")
    page.evaluate("server.anchor = 0; server.dictate('Comparison: none. ')")  # somewhere before the caret
    assert text(page)[: caret(page)] == "Comparison: none. The lungs are clear. No"
    page.keyboard.type(" effusion.")
    page.evaluate("server.release()")
    assert settled(page) == "Comparison: none. The lungs are clear. No effusion. The heart is normal."
    assert text(page)[caret(page) :] == " The heart is normal."


def test_a_selection_stays_while_text_arrives_before_it(opened):
    page = opened.page
    page.evaluate("server.dictate('Small left effusion.')")
    page.keyboard.press("t")
    page.keyboard.press("Home")
    page.keyboard.press("Control+ArrowRight")
    page.keyboard.press("Control+Shift+ArrowRight")
    page.evaluate("server.anchor = 0; server.dictate('Findings. ')")
    assert page.evaluate("getSelection().toString()").strip() == "left"
    page.keyboard.type(" right")
    assert settled(page) == "Findings. Small right effusion."


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_typed_and_dictated_at_once_page_and_server_agree(opened, seed):
    page = opened.page
    chance = random.Random(seed)
    page.evaluate("server.dictate('The lungs are clear. Heart size is normal. ')")
    page.keyboard.press("t")
    for step in range(25):
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
    assert text(page) == "Small effusion."
    page.keyboard.press("Control+a")
    assert page.evaluate("getSelection().toString()") == "Small effusion."
    page.keyboard.press("End")
    page.keyboard.type("!")
    assert settled(page) == "Small effusion.!"
    opened.shoot("provisional")


def test_dictation_goes_in_where_the_caret_was_put(opened):
    page = opened.page
    page.evaluate("server.dictate('First. Last.')")
    page.keyboard.press("t")
    page.keyboard.press("Home")
    page.keyboard.press("Control+ArrowRight")
    page.wait_for_function("(at) => server.anchor === at", arg=caret(page))
    assert page.evaluate("server.sent.at(-1)") | {"at": 0} == {
        "do": "cursor",
        "version": 3,
        "at": 0,
        "take": "e" * 32,
        "block": 7,
    }
    at = page.evaluate("server.anchor")
    page.evaluate("server.dictate('Between. ')")
    assert text(page) == "First. Last."[:at] + "Between. " + "First. Last."[at:]
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
    assert page.input_value("textarea:focus") == "Clear."
    for key in ("Control+z", "Control+z", "Control+y", "Control+Shift+z"):
        page.keyboard.press(key)
    page.evaluate("document.querySelector('#shell > textarea').remove()")
    assert page.evaluate("desk.notices") == []
    page.keyboard.press("Control+z")  # in no field: it says why nothing happens
    assert [one["text"] for one in page.evaluate("desk.notices")] == [
        "Nothing was undone or redone: the dictation is not shown here; B brings it back."
    ]
    page.evaluate("document.body.dataset.stage = desk.state.stage = 'dictating'")
    assert settled(page) == "Left rib fracture." and of_the_text(page) == []
    page.keyboard.press("Control+z")  # all of it, or the end of it where a slow machine typed with pauses
    page.wait_for_function("server.text.length < 'Left rib fracture.'.length")


def test_undo_in_the_worklist_or_over_a_dialog_leaves_the_dictation(opened):
    page = opened.page
    write(page, "Left rib fracture.")
    settled(page)
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    page.wait_for_function("document.activeElement.matches('#worklist input')")
    for key in ("x", "Control+z", "Control+z", "Control+y"):
        page.keyboard.press(key)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Control+z")
    page.focus("#worklist input")
    page.keyboard.press("Escape")
    page.wait_for_function("document.querySelector('#worklist').hidden")
    page.keyboard.press("F1")
    for key in ("x", "Control+z", "Control+z", "Control+y"):
        page.keyboard.press(key)
    assert settled(page) == "Left rib fracture." and of_the_text(page) == []


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
    assert text(page) == "Heart kan"  # the server's text waits
    cdp.send("Input.insertText", {"text": "感"})
    assert settled(page) == "Clear. Heart 感"


def test_a_text_of_two_thousand_words_is_edited_by_touching_few_nodes(opened):
    page = opened.page
    words = " ".join(f"word{i}" for i in range(2000))
    page.evaluate(
        """(words) => { server.dictate(words);
            server.spans = [...words.matchAll(/\\S+/g)].map(({ index, 0: word }, i) => ({
              start: index, end: index + word.length, origin: "dictated", take: 0, start_s: i, end_s: i + 1,
              doubtful: i % 20 === 0, title: i % 20 ? "" : "unsure" }));
            server.tell();
            window.touched = 0;
            new MutationObserver((all) => { touched += all.length; }).observe(document.querySelector("#pad .text"),
              { subtree: true, childList: true, characterData: true, attributes: true }); }""",
        words,
    )
    page.keyboard.press("t")
    page.wait_for_function("document.activeElement.matches('#pad .text')")
    page.keyboard.press("Control+Home")
    page.keyboard.type("abc")
    page.evaluate("server.change(0, 0, 'x', 'typed'); server.dictate(' more')")  # both ends in one message
    settled(page)
    assert page.evaluate("document.querySelectorAll('#pad .doubt').length") == 100
    assert page.evaluate("touched") < 40


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


def test_what_was_heard_with_doubt_corrected_or_otherwise_written_is_marked(opened):
    page = opened.page
    page.evaluate(
        """() => { server.dictate("consolidation", { confidence: 0.41 });
            server.dictate(" hilar", { doubtful: true, title: "Heard “hylar”, which is no known word." });
            server.dictate(" mediastinum", { corrected: true, title: "Heard “mediascinum”." });
            server.dictate(" 5.2 cm", { title: "Heard “five point two centimeters”." }); }"""
    )
    runs = page.locator("#pad .text > span:not([data-ahead])")
    assert runs.evaluate_all("(all) => all.map((one) => [one.textContent.trim(), one.className, one.title])") == [
        ["consolidation", "doubt", "Unsure hearing, confidence 0.41."],
        ["hilar", "doubt", "Heard “hylar”, which is no known word."],
        ["mediastinum", "corrected", "Heard “mediascinum”."],
        ["5.2 cm", "", "Heard “five point two centimeters”."],
    ]


def test_a_screen_reader_hears_finals_only(opened):
    page = opened.page
    box = page.get_by_role("textbox", name="Dictation")
    assert box.get_attribute("aria-multiline") == "true"
    page.evaluate("server.hear('', 'smell')")
    assert page.inner_text("#pad .told") == ""
    page.evaluate("server.dictate('Small effusion.')")
    assert page.inner_text("#pad .told") == "Small effusion."
    write(page, " typed")
    settled(page)
    assert page.inner_text("#pad .told") == "Small effusion."
    page.evaluate("server.emit('case', { ...desk.state, case: 'f'.repeat(32) })")
    assert page.text_content("#pad .told") == "", "of another patient"


def test_typing_that_the_server_has_not_answered_survives_a_reload(opened):
    page = opened.page
    write(page, "with it")
    settled(page)
    page.evaluate("server.held = []")
    page.keyboard.insert_text(" on its way")  # in one: a busy page would send typed letters in two
    page.wait_for_function("server.sent.at(-1).text === ' on its way'")
    page.keyboard.insert_text(" not sent")
    is_kept(page, " not sent")
    number = page.evaluate("desk.number")
    after = "window.after = (server) => { server.text = 'with it on its way'; server.version = 3; server.number = %d; }"
    page.add_init_script(f"{after % number}; window.number = {number};")
    page.reload()
    page.wait_for_function("window.ready")
    assert settled(page) == "with it on its way not sent"
    page.reload()
    page.wait_for_function("window.ready")
    assert settled(page) == "with it on its way"  # nothing is kept any more: it was answered


def test_an_undo_that_waits_for_what_was_typed_outlives_a_reload(opened):
    page = opened.page
    write(page, "Heart normal. ")
    settled(page)
    page.evaluate("server.held = []")  # the server does not answer
    page.keyboard.type("Lungs clear.")
    page.keyboard.press("Control+z")
    kept = "desk.outbox.typing(desk.page).then((typed) => typed?.afterwards.map(({ do: what }) => what).join())"
    for _ in range(100):
        if page.evaluate(kept) == "undo":
            break
        page.wait_for_timeout(50)
    number = page.evaluate("desk.number")
    after = "window.after = (server) => { server.text = 'Heart normal. '; server.version = 2; }"
    page.add_init_script(f"{after}; window.number = {number - 1};")
    page.reload()
    page.wait_for_function("window.ready")
    page.wait_for_function("server.sent.some((one) => one.do === 'undo')")
    assert settled(page) == "Heart normal. "
    assert [one["do"] for one in page.evaluate("server.sent") if one["do"] != "cursor"] == ["type", "undo"]


def test_an_undo_is_kept_until_it_is_stored_as_a_command_and_then_done_once(opened):
    page = opened.page
    write(page, "Heart normal. ")
    settled(page)
    page.evaluate("server.held = []; desk.sendings = new Promise(() => {}); 0")  # the disk takes no command yet
    page.keyboard.type("Lungs clear.")
    page.keyboard.press("Control+z")
    page.wait_for_function("server.sent.at(-1).text === 'Lungs clear.'")
    page.evaluate("server.held.splice(0).forEach((act) => act())")
    page.wait_for_function("server.sent.at(-1).do === 'undo'")
    page.wait_for_timeout(300)  # what is forgotten now would be gone
    kept = page.evaluate("desk.outbox.typing(desk.page)")
    assert [one["do"] for one in kept["afterwards"]] == ["undo"]
    number = kept["afterwards"][0]["number"]
    after = "window.after = (server) => { server.text = 'Heart normal. '; server.version = 2; }"
    page.add_init_script(f"{after}; window.number = {number};")  # it was stored
    page.reload()
    page.wait_for_function("window.ready")
    assert settled(page) == "Heart normal. "
    assert [one["do"] for one in page.evaluate("server.sent") if one["do"] != "cursor"] == []


def test_typing_that_was_not_sent_is_told_where_another_case_opens_after_a_reload(opened):
    page = opened.page
    page.evaluate(
        """() => { const later = [{ start: 0, stop: 0, length: 9, text: "Left rib." }];
          const typed = { case: "b".repeat(32), version: 1, text: "", sent: null, later };
          return desk.outbox.putTyping(desk.page, typed, () => true); }"""
    )
    page.reload()
    page.wait_for_function("window.ready")
    told = {"text": "Another case was opened before this was saved, so do it again: Left rib.", "error": True}
    assert page.evaluate("desk.notices") == [told]
    kept = "desk.outbox.told().then((all) => all.map(({ text, of }) => [text, of]))"
    for _ in range(100):
        if page.evaluate("desk.outbox.typing(desk.page)") is None:
            break
        page.wait_for_timeout(50)
    page.reload()
    page.wait_for_function("window.ready")
    assert page.evaluate("desk.notices") == []
    assert page.evaluate(kept) == [[told["text"], "b" * 32]], "until somebody has closed it"


def test_what_the_server_refuses_goes_and_what_is_typed_later_stays(opened):
    page = opened.page
    write(page, "one ")
    settled(page)
    page.evaluate("server.held = []; server.refuses = true")
    page.keyboard.type("two ")
    page.wait_for_function("server.sent.at(-1).text === 'two '")
    page.keyboard.type("three")
    page.evaluate("server.held.splice(0).forEach((act) => act()); server.refuses = false; server.held = null")
    assert settled(page) == "one three"
    assert page.evaluate("desk.notices") == [{"text": "What you typed was not taken: “two”", "error": True}]


def test_words_that_were_refused_are_told_of_their_own_case_when_another_is_open_before_the_rest_was_answered(opened):
    page = opened.page
    write(page, "one ")
    settled(page)
    page.evaluate("server.held = []; server.refuses = true")
    page.keyboard.type("two ")
    page.wait_for_function("server.sent.at(-1).text === 'two '")
    page.keyboard.type("three")
    page.evaluate("server.held.shift()()")
    page.wait_for_function("server.held.length === 1")  # "three" was sent then, and is not answered
    page.evaluate("server.open('b'.repeat(32))")
    page.wait_for_function("desk.notices.length")
    told = page.evaluate("desk.outbox.told().then((all) => all.map(({ text, of }) => [text, of]))")
    assert ["What you typed was not taken: “two”", "a" * 32] in told and all(of == "a" * 32 for _, of in told)


@pytest.mark.parametrize("is_answered", [False, True])
def test_typing_that_is_refused_over_a_reload_is_quoted_and_the_page_does_not_wait_for_it(opened, is_answered):
    page = opened.page
    write(page, "with it")
    settled(page)
    page.evaluate("server.held = []")
    page.keyboard.type(" refused")
    page.wait_for_function("server.sent.at(-1).text === ' refused'")
    page.keyboard.type(" later")
    is_kept(page, " later")
    number = page.evaluate("desk.number")
    if not is_answered:  # the command is sent again
        page.evaluate(f"desk.outbox.putCommand(desk.page, {number}, {{ do: 'type', text: ' refused' }})")
    after = "window.after = (server) => { server.text = 'with it'; server.version = 2; server.number = %d; }"
    page.add_init_script(f"{after % (number - 1)}; window.number = {number};")
    page.reload()
    page.wait_for_function("window.ready")
    if not is_answered:
        assert text(page) == "with it refused later"
        page.evaluate(f"desk.waiting.get({number})({{ ok: false }})")
    assert settled(page) == "with it later"
    assert page.evaluate("desk.notices") == [{"text": "What you typed was not taken: “refused”", "error": True}]


def test_a_case_that_another_has_open_or_that_is_signed_cannot_be_typed_in(opened):
    page = opened.page
    page.evaluate("server.dictate('Clear.')")
    for state in ("lock: { mine: false }", "is_final: true"):
        page.evaluate(f"server.emit('case', {{ ...desk.state, {state} }})")
        page.keyboard.press("t")
        page.keyboard.type("xyz")
        assert text(page) == "Clear."
        assert page.get_attribute("#pad .text", "aria-readonly") == "true"
        page.click("#pad .text")
        page.keyboard.press("w")  # no letter here: the page's key
        page.wait_for_selector("#worklist", state="visible")
        page.keyboard.press("Escape")  # back in the text
        page.keyboard.press("Escape")
    assert sent(page, "type") == []
    page.evaluate("server.emit('case', { ...desk.state, is_final: true, addendum: 'A late finding' })")
    write(page, "x")
    assert settled(page) == "Clear.x"


def signed_out(page, text: str) -> None:
    """Type into the dictation, and have the session end in mid-sentence."""
    write(page, text)
    settled(page)
    page.evaluate("server.emit('signed-out')")
    assert page.text_content("#pad .text") == ""


@pytest.mark.parametrize("by", ["a click", "a key", "an input method"])
def test_what_is_done_in_the_emptied_text_after_a_session_ended_deletes_nothing(opened, by):
    page = opened.page
    signed_out(page, "No fracture. Heart normal.")
    before = page.evaluate("server.sent")
    if by == "a click":
        page.click("#pad .text")
    elif by == "a key":
        page.keyboard.press("t")
    else:
        page.evaluate("document.querySelector('#pad .text').dispatchEvent(new CompositionEvent('compositionend'))")
    page.keyboard.type("x")
    page.wait_for_timeout(1000)  # longer than a burst
    page.evaluate("server.emit('case', desk.state); server.tell()")
    assert settled(page) == "No fracture. Heart normal."
    assert page.evaluate("server.sent") == before
    page.focus("#pad .text")
    page.keyboard.type(" Clear.")
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
    assert page.evaluate("document.activeElement === document.body")
    page.evaluate("server.emit('case', desk.state); server.tell()")
    page.keyboard.type("was ")
    assert settled(page) == "Heart was normal."
    page.keyboard.press("Escape")
    page.evaluate("server.emit('signed-out'); server.emit('case', desk.state); server.tell()")
    assert page.evaluate("document.activeElement === document.body")


def test_who_is_signed_out_reads_neither_the_panel_nor_a_notice_but_that_of_the_outbox(opened):
    page = opened.page
    page.evaluate(
        """() => { document.body.classList.add("panel-open");
          document.body.insertAdjacentHTML("beforeend", '<div id="panel">a pasted report</div>');
          document.querySelector("#notices").innerHTML =
            '<p id="outbox">1 waits</p><p>of none</p><p data-case="a">of one</p>'; }"""
    )
    parts = ("#panel", "#outbox", "#notices :nth-child(2)", "#notices :nth-child(3)")
    assert [page.locator(part).is_visible() for part in parts] == [True] * 4
    page.evaluate("document.body.setAttribute('data-signed-out', '')")
    assert [page.locator(part).is_visible() for part in parts] == [False, True, False, False]


def test_single_keys_are_letters_while_somebody_types(opened):
    page = opened.page
    page.evaluate(
        """() => { window.hits = window.on = window.off = 0;
            desk.keys.add({ key: "h", label: "take heard", group: "Differences", run: () => { window.hits += 1; } });
            desk.keys.add({ key: "F9", label: "dictate", group: "Dictation", always: true,
              run: () => { window.on += 1; }, release: () => { window.off += 1; } }); }"""
    )
    write(page, "h?w")
    page.keyboard.press("F9")
    assert settled(page) == "h?w"
    assert page.evaluate("[window.hits, window.on, window.off]") == [0, 1, 1]
    page.keyboard.press("Escape")
    page.keyboard.down("h")
    page.keyboard.down("h")  # held: once
    page.keyboard.up("h")
    assert page.evaluate("window.hits") == 1


def test_keys_of_the_page_do_nothing_behind_a_dialog_but_those_that_are_meant_to(opened):
    page = opened.page
    page.evaluate(
        """() => { window.on = 0;
            desk.keys.add({ key: "F9", label: "dictate", group: "Dictation", always: true, over: true,
              run: () => { window.on += 1; } }); }"""
    )
    write(page, "Clear")
    page.keyboard.press("F1")
    page.wait_for_selector("dialog:modal")
    for key in ("Alt+w", "Control+d", "F9"):
        page.keyboard.press(key)
    assert page.evaluate("window.on") == 1
    assert page.locator("#worklist").is_hidden() and page.evaluate("desk.notices") == []
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+w")
    assert page.locator("#worklist").is_visible()


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ("{ key: 'w', label: 'twice', group: 'x', run() {} }", 'the key w is taken: "worklist, and back" and "twice"'),
        ("{ key: 'Ctrl+w', label: 'close', group: 'x', run() {} }", 'the browser keeps Ctrl+w for itself: "close"'),
    ],
)
def test_two_meanings_of_one_key_are_refused(opened, second, message):
    refused = f"() => {{ try {{ desk.keys.add({second}); }} catch (error) {{ return error.message; }} }}"
    assert opened.page.evaluate(refused) == message


def test_a_key_may_mean_two_things_where_each_says_when(opened):
    page = opened.page
    page.evaluate(
        """() => { window.is = "a"; for (const one of ["a", "b"]) desk.keys.add({ key: "e", label: one, group: "x",
            when: () => window.is === one, run: () => { window.ran = one; } }); window.is = "b"; }"""
    )
    page.keyboard.press("E")  # capitals are the same key
    page.wait_for_function("window.ran")
    assert page.evaluate("window.ran") == "b"
    assert page.evaluate("desk.keys.run('e')") is True
    page.evaluate("window.is = ''")
    assert page.evaluate("desk.keys.run('e')") is False


def test_a_button_of_the_bar_is_its_key_and_leaves_the_caret(opened):
    page = opened.page
    write(page, "text")
    page.click("#bar [data-key='?']")
    assert page.locator("dialog.help").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.type("!")
    assert settled(page) == "text!"


def test_the_help_overlay_is_searched_by_typing_and_gives_the_focus_back(opened):
    page = opened.page
    write(page, "ab")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("F1")
    assert page.locator("dialog.help").get_by_text("“scratch that”", exact=True).is_visible()
    opened.shoot("help")
    assert {t: r for t, r in opened.contrasts().items() if r < 7} == {}
    page.keyboard.type("redo")
    assert page.locator("dialog.help dd").all_inner_texts() == ["redo"]
    page.keyboard.type("xx")
    assert "No key and no command" in page.inner_text("dialog.help .all")
    page.keyboard.press("Escape")
    assert page.locator("dialog.help").is_hidden()
    page.keyboard.type("-")
    assert settled(page) == "a-b"


def test_a_selection_becomes_one_of_my_words(opened):
    page = opened.page
    write(page, "Marked hepatosplenomegaly.")
    page.keyboard.press("Control+d")
    assert sent(page, "vocabulary") == []
    assert "Select a word" in page.inner_text("#bar .message")
    page.dblclick("#pad .text", position={"x": 120, "y": 14})
    page.keyboard.press("Control+d")
    page.wait_for_function("document.querySelector('#bar .message').textContent.includes('among your words')")
    assert [c["phrase"] for c in sent(page, "vocabulary")] == ["hepatosplenomegaly"]
    page.keyboard.press("Control+a")
    page.keyboard.type("a b c d e f g")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+d")
    assert "too long" in page.inner_text("#bar .message")
    assert len(sent(page, "vocabulary")) == 1


LEARNED = {
    "id": "1f0c9a3e", "says": "“lisfrank” is “Lisfranc”", "state": "active", "corrected": 2, "cases": 2,
    "dictations": 9, "right": 2, "wrong": 0, "heard_s": 0.0, "heard_right": 0, "heard_wrong": 0,
}  # fmt: skip


def test_what_was_learned_is_said_never_takes_the_focus_and_can_be_forgotten(opened):
    page = opened.page
    write(page, "typing")
    page.evaluate("(entry) => server.emit('learned', { entries: [entry] })", LEARNED)
    page.keyboard.type(" on")
    assert page.inner_text(".offer span") == (
        "Learned from your corrections: “lisfrank” is “Lisfranc” (corrected 2 times, tried on 9 dictations)."
    )
    opened.shoot("learned")
    page.click(".offer >> text=Keep")
    assert page.locator(".offer").count() == 0 and sent(page, "forget") == []
    page.evaluate("(entry) => server.emit('learned', { entries: [entry] })", LEARNED)
    page.click(".offer >> text=Forget")
    page.wait_for_function("server.sent.some((command) => command.do === 'forget')")
    assert [c["id"] for c in sent(page, "forget")] == ["1f0c9a3e"]
    assert page.locator(".offer").count() == 0
    assert settled(page) == "typing on"


def test_nothing_serious_is_in_the_way_of_a_screen_reader(opened):
    page = opened.page
    write(page, "Small effusion.")
    settled(page)
    results = Axe().run(page).response
    assert [v["id"] for v in results["violations"] if v["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize(("key", "dialog"), [("Alt+t", "templates"), ("Alt+m", "macros")])
@pytest.mark.parametrize(
    ("who", "said"),
    [("lock: { mine: false, by: 'Dr. Okafor' }", OF_ANOTHER), ("may_work: false", LOOKS_ON)],
    ids=["another page works on it", "a role that looks on"],
)
def test_a_list_that_may_not_be_chosen_from_says_so_as_the_server_does(opened, key, dialog, who, said):
    page = opened.page
    page.evaluate(
        """async () => { (await import("/choosing.js")).install(desk);
          desk.state = { ...desk.state, templates: [], macros: [] }; document.activeElement.blur(); }"""
    )
    page.evaluate(f"window.mine = desk.state; desk.state = {{ ...mine, {who} }}")
    page.keyboard.press(key)
    assert page.evaluate("desk.notices") == [{"text": said, "error": True}]
    assert page.locator("dialog[open]").count() == 0
    page.evaluate("desk.state = mine")
    page.keyboard.press(key)
    assert page.locator(f"dialog.{dialog}[open]").count() == 1 and len(page.evaluate("desk.notices")) == 1


LAST_LINE = """async () => { // its lower edge, once it is drawn
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const range = document.createRange();
  range.selectNodeContents(document.querySelector("#pad .text"));
  return Math.max(...[...range.getClientRects()].filter(({ width }) => width > 2).map(({ bottom }) => bottom));
}"""


def test_the_last_line_is_above_the_notices_that_cover_the_end_of_the_text(opened):
    page = opened.page
    page.evaluate("document.querySelector('#shell').style.setProperty('--notices', '200px')")
    write(page, "a\n" * 40 + "b")
    box = page.locator("#pad .text").bounding_box()
    assert box["y"] < page.evaluate(LAST_LINE) <= box["y"] + box["height"] - 200
    settled(page)
    page.evaluate("server.anchor = server.text.length; server.dictate(' effusion'.repeat(400))")
    assert page.evaluate(LAST_LINE) <= box["y"] + box["height"] - 200, "what is dictated is followed there, too"


def test_what_was_learned_is_listed_among_the_preferences_and_forgotten_there(opened):
    page = opened.page
    preferences = Preferences().model_dump(mode="json")
    page.evaluate("(preferences) => Object.assign(desk.state, { preferences })", preferences)
    page.evaluate(
        "(entries) => Object.assign(server.answers, { learned: { entries }, forget: { entries: [] } })", [LEARNED]
    )
    page.keyboard.press("Control+,")
    page.wait_for_selector("dialog.preferences .learned li")
    assert page.inner_text("dialog.preferences .learned li span") == (
        "“lisfrank” is “Lisfranc”: corrected 2 times, 2 words right in 9 dictations"
    )
    opened.shoot("preferences")
    page.click("dialog.preferences .learned button")
    page.wait_for_function("document.querySelector('dialog.preferences .learned').hidden")
    assert [c["id"] for c in sent(page, "forget")] == ["1f0c9a3e"]
