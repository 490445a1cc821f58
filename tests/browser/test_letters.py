"""Single letters act on a card where the focus is known to be among the cards, and nowhere else.

What is a letter and what is words is decided by keys.js and strays.js: tests/page/keys.test.js has every burst.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.asking import gives
from tests.browser.pane_page import pane
from tests.browser.room import WAIT_S, press
from tests.exchange.chest import chest_view

pytestmark = pytest.mark.browser

CARD = "#cards .card.now"
BURST = """(burst) => [...burst].map((one) => !document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {
  key: { "\\n": "Enter", "\\t": "Tab" }[one] ?? one, bubbles: true, cancelable: true }))).at(-1)"""
DECIDED = "sent.filter((one) => one.do === 'decide').map((one) => one.action)"


@pytest.fixture
def page(browser, watch, tmp_path):
    """The page in review."""
    with pane(watch(browser), chest_view(), tmp_path) as watched:
        yield watched.page


def type_fast(page, words: str) -> bool:
    """Type where the focus is, as fast as words come; return whether the last key is to do nothing else."""
    return page.evaluate(BURST, words)


def decided_nothing(page) -> None:
    """What was typed before came to its end, and decided nothing."""
    page.wait_for_function("desk.keys.isQuiet()")
    gives(page, DECIDED, [])
    expect(page.locator(".wording-field, .playing, dialog[open]")).to_have_count(0)


def test_a_review_begins_on_its_first_card_and_keys_decide_there_and_n_brings_the_focus_back(page):
    expect(page.locator(CARD)).to_be_focused()
    press(page, "h")
    gives(page, DECIDED, ["take_heard"])
    first = page.locator(CARD).get_attribute("data-d")
    page.evaluate("document.activeElement.blur(); sent.length = 0; desk.keys.run('d')")
    gives(page, DECIDED, ["dismiss"])  # a pedal is no letter
    page.clock.install()
    press(page, "n")
    expect(page.locator(CARD)).to_be_focused()
    expect(page.locator(CARD)).to_have_attribute("data-d", first)
    page.clock.run_for(1000)  # soon after a letter that came while nothing had the focus none acts
    press(page, "n", "p", "n", "r")
    expect(page.locator(CARD)).not_to_have_attribute("data-d", first)
    gives(page, DECIDED, ["dismiss", "take_written"])


@pytest.mark.parametrize("elsewhere", ["document.activeElement.blur()", "document.querySelector('#image').focus()",
                                       "document.querySelector('#columns').focus()"])  # fmt: skip
def test_a_letter_or_words_decide_nothing_while_the_focus_is_elsewhere(page, elsewhere):
    page.evaluate(f"{elsewhere}; 0")
    for key in ("h", "r", "d", "e", "u", " "):
        page.evaluate("told.length = 0; 0")
        press(page, key)
        gives(page, "told.map((text) => text.includes('N goes to the one that is marked'))", [True])
        decided_nothing(page)
    for words in ("and no change", "Normal heart"):
        type_fast(page, words)
        decided_nothing(page)


def goes(page, url: str) -> None:
    """The served page, with a text whose report is written."""
    page.set_default_timeout(WAIT_S * 1000)
    page.goto(url)
    page.wait_for_function("window.desk?.state && desk.connected")
    page.evaluate(COUNT)
    page.keyboard.press("t")
    expect(page.locator("#pad .text")).to_be_focused()
    page.keyboard.insert_text("Findings: Small right pleural effusion. Impression: Small left pleural effusion.")
    says(page, "#report .text", "left pleural effusion")


def says(page, part: str, words: str) -> None:
    expect(page.locator(part)).to_contain_text(words, timeout=WAIT_S * 1000)


COUNT = """() => { window.asked = []; const { send } = desk;
  desk.send = (command) => { asked.push(command.do); return send.call(desk, command); }; }"""
STATE = """() => [document.activeElement === document.body, document.body.dataset.stage, document.body.dataset.layout,
  document.body.dataset.image ?? "", document.body.classList.contains("panel-open"),
  document.querySelector("#worklist").hidden, document.querySelectorAll("dialog[open]").length]"""


def test_who_types_as_the_review_comes_decides_nothing(browser, watch, department):
    """On the served page: the text goes from under the caret, and the letters that follow are no keys of a card."""
    page = watch(browser).page
    goes(page, department.url)
    page.evaluate("desk.send({ do: 'compare' })")  # as it comes by itself once a dictation has ended
    page.wait_for_function("document.body.dataset.stage === 'review'")  # till then the letters go into the text
    page.keyboard.type("drhude")
    expect(page.locator("#cards .card").first).to_be_visible()
    page.wait_for_function("desk.keys.isQuiet()")
    press(page, *"drhude")
    gives(page, "asked.includes('decide')", False)
    expect(page.locator(".wording-field")).to_have_count(0)
    assert not page.evaluate("Boolean(document.activeElement.closest('#cards'))")
    press(page, "n")
    expect(page.locator(CARD)).to_be_focused()


@pytest.fixture(scope="module")
def desk(start, department):
    """The served page, with a text."""
    context = start().new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    goes(page, department.url)
    page.keyboard.press("Escape")
    yield page
    context.close()


def to_stage(desk, stage: str) -> None:
    """Bring the page to a stage, with the focus nowhere and nothing told."""
    while desk.locator("dialog[open]").count():
        desk.keyboard.press("Escape")
    if desk.evaluate("document.body.dataset.stage") != stage:
        press(desk, "Alt+r" if stage == "review" else "b")
        desk.wait_for_function(f"document.body.dataset.stage === '{stage}'")
        if stage == "review":  # who says to be done with the text finds the first card with the focus
            expect(desk.locator(CARD)).to_be_focused()
    desk.evaluate("document.activeElement.blur()")
    desk.wait_for_function("desk.keys.isQuiet()")
    while desk.locator("#notices .error").count():
        desk.keyboard.press("Alt+x")
    desk.evaluate("asked.length = 0; 0")


@pytest.mark.parametrize("stage", ["dictating", "review"])
def test_words_that_nothing_takes_do_nothing_and_are_told_whole_with_the_key_that_helps(desk, stage):
    for words in ("tumor in the back, otherwise clear.", "bilateral", "copd", "Chest clear", "A123"):
        to_stage(desk, stage)
        before, text = desk.evaluate(STATE), desk.text_content("#pad .text")
        type_fast(desk, words)
        says(desk, "#notices", f"“{words}” came while nothing")
        gives(desk, STATE, before)
        gives(desk, "asked", [])
        assert desk.text_content("#pad .text") == text
        helps = "B goes back to the text." if stage == "review" else "T writes in the text."
        expect(desk.locator("#notices .error").last).to_contain_text(helps)


def test_two_runs_of_such_words_are_both_told(desk):
    to_stage(desk, "dictating")
    for words in ("heart normal", "no effusion"):
        type_fast(desk, words)
        says(desk, "#notices", f"“{words}” came")
    expect(desk.locator("#notices .error")).to_have_count(1)
    says(desk, "#notices .error", "“heart normal” and “no effusion” came")
    desk.keyboard.press("Alt+x")
    type_fast(desk, "bones normal")
    says(desk, "#notices", "“bones normal” came")
    expect(desk.locator("#notices")).not_to_contain_text("heart normal")


def test_the_panel_takes_the_focus_from_an_alert_also_where_nothing_in_it_can_be_used(desk):
    to_stage(desk, "review")
    desk.evaluate("""() => {
      for (const one of document.querySelectorAll("#panel :is(button, input, textarea)")) one.disabled = true;
      document.querySelector("#cards .card").focus();
    }""")
    desk.keyboard.press("o")
    desk.wait_for_function("document.body.classList.contains('panel-open')")
    desk.wait_for_function("document.activeElement.closest('#panel')")


def test_what_begins_with_a_capital_goes_into_the_text_right_after_its_key(desk):
    to_stage(desk, "dictating")
    desk.keyboard.press("t")
    expect(desk.locator("#pad .text")).to_be_focused()
    desk.keyboard.press("Control+End")
    desk.keyboard.press("Escape")
    desk.keyboard.press("t")
    desk.keyboard.type("Heart normal.")
    says(desk, "#pad .text", "effusion.Heart normal.")
    desk.keyboard.press("Escape")
    expect(desk.locator("#notices .error")).to_have_count(0)


@pytest.mark.parametrize("burst", ["RH4711\n", "the patient has a fracture"])
def test_what_came_in_one_run_on_an_alert_is_told_whole(desk, burst):
    to_stage(desk, "review")
    desk.evaluate("document.querySelector('#cards .card').focus()")
    before = desk.evaluate(STATE)
    type_fast(desk, burst)
    says(desk, "#notices", f"“{burst.strip()}” came while no text had the focus: nothing was decided")
    gives(desk, STATE, before)
    gives(desk, "asked", [])
    press(desk, "d")
    expect(desk.locator("dialog.dismissal")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.locator("dialog.dismissal")).to_be_hidden()
