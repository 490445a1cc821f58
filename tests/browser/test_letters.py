"""Single letters act on a card where the focus is known to be among the cards, and nowhere else."""

import pytest
import soundfile

from tests.browser.pane_page import PaneServer, tell
from tests.browser.room import WAIT_S, press
from tests.exchange.chest import chest_view

pytestmark = pytest.mark.browser

ACTING = ("h", "r", "d", "e", "u", " ")


@pytest.fixture(scope="module")
def browser(start):
    return start()


@pytest.fixture
def page(browser, watch, tmp_path):
    """The page in review."""
    view, recording = chest_view(), tmp_path / "a.flac"
    soundfile.write(recording, view.samples, 16_000)
    server = PaneServer(view, recording)
    watched = watch(browser)
    watched.page.set_default_timeout(60_000)
    watched.page.goto(server.url)
    tell(watched.page, view)
    yield watched.page
    watched.page.close()
    server.close()
    assert watched.complaints == []


def sent(page) -> list[str]:
    return [one["action"] for one in page.evaluate("window.sent") if one["do"] == "decide"]


def has_focus(page) -> bool:
    return page.evaluate("document.activeElement.matches('#cards .card.now')")


def test_a_review_begins_on_its_first_card_and_keys_decide_there(page):
    assert has_focus(page)
    press(page, "h")
    assert sent(page) == ["take_heard"]


@pytest.mark.parametrize("elsewhere", ["document.activeElement.blur()", "document.querySelector('#image').focus()",
                                       "document.querySelector('#columns').focus()"])  # fmt: skip
@pytest.mark.parametrize("key", ACTING)
def test_a_letter_decides_nothing_while_the_focus_is_elsewhere(page, elsewhere, key):
    page.evaluate(f"{elsewhere}; told.length = 0; 0")
    page.keyboard.press(key)
    page.wait_for_function("told.length")  # once it stands alone
    assert sent(page) == [] and not page.locator(".playing, .wording-field").count()
    assert ["N goes to the one that is marked" in text for text in page.evaluate("told")] == [True]


def test_n_brings_the_focus_to_the_marked_card_and_the_next_letter_decides(page):
    first = page.get_attribute(".card.now", "data-d")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("n")
    page.wait_for_function("document.activeElement.matches('#cards .card.now')")
    assert page.get_attribute(".card.now", "data-d") == first
    page.wait_for_timeout(800)
    press(page, "h")
    assert sent(page) == ["take_heard"]
    page.keyboard.press("n")
    assert page.get_attribute(".card.now", "data-d") != first


@pytest.mark.parametrize("words", ["and no change", "nd", "no pleural effusion is seen", "Normal heart", "unchanged"])
def test_words_that_are_typed_where_nothing_has_the_focus_decide_nothing(page, words):
    page.evaluate("document.activeElement.blur()")
    type_fast(page, words)
    assert sent(page) == [] and page.locator(".wording-field").count() == 0


def test_a_pedal_decides_on_the_marked_card_as_it_is_no_letter(page):
    page.evaluate("document.activeElement.blur(); desk.keys.run('h')")
    assert sent(page) == ["take_heard"]


BURSTS = ["RH4711\n", "the patient has a fracture", "RR", "hr\n", "R\n", "nnr", "prh", "4711r\t", " dh"]
BURST = """(burst) => [...burst].map((one) => !document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {
  key: { "\\n": "Enter", "\\t": "Tab" }[one] ?? one, bubbles: true, cancelable: true }))).at(-1)"""


@pytest.mark.parametrize(
    "place", [".card.now", ".card.now [data-action=take_written]", "#columns .statement[tabindex]"]
)
@pytest.mark.parametrize("burst", BURSTS)
def test_a_scanners_burst_or_words_decide_nothing_where_an_alert_has_the_focus(page, place, burst):
    page.evaluate("(place) => document.querySelector(place).focus()", place)
    before = page.evaluate("document.activeElement.outerHTML")
    assert page.evaluate(BURST, burst), "its last key presses no button and moves nothing"
    page.wait_for_function("desk.keys.isQuiet()")
    assert sent(page) == [] and page.locator(".wording-field, .playing, dialog[open]").count() == 0
    if burst[0] not in "np":
        assert page.evaluate("document.activeElement.outerHTML") == before


def test_two_letters_that_a_person_presses_one_after_the_other_both_decide(page):
    first = page.get_attribute(".card.now", "data-d")
    press(page, "n", "p", "r", "n", "d")
    assert sent(page) == ["take_written", "dismiss"] and page.get_attribute(".card.now", "data-d") != first


def test_a_letter_that_waits_is_not_obeyed_on_another_alert(page):
    page.keyboard.press("r")
    page.evaluate("desk.keys.isQuiet() || pane.choose(document.querySelectorAll('#cards .card')[1])")
    page.wait_for_function("desk.keys.isQuiet()")
    first = page.get_attribute("#cards .card >> nth=0", "data-d")
    assert [one["id"] for one in page.evaluate("window.sent")] in ([], [first])


def test_h_is_not_offered_where_it_cannot_work(page):
    offered = page.evaluate(
        """[...document.querySelectorAll('#cards .card')].map((card) =>
          [card.matches('.critical, .major'), Boolean(card.querySelector('[data-action=take_heard]'))])"""
    )  # the doubted word has no wording that could be brought into the report
    assert sorted(offered) == [[False, False], [True, True], [True, True]]


def test_who_types_as_the_review_comes_decides_nothing(browser, watch, served):
    """On the served page: the text goes from under the caret, and the letters that follow are no keys of a card."""
    watched = watch(browser)
    page = watched.page
    page.set_default_timeout(WAIT_S * 1000)
    page.goto(served)
    page.wait_for_function("window.desk?.state && desk.connected")
    page.evaluate(
        """() => { window.decided = []; const { send } = desk;
          desk.send = (command) => { decided.push(command.do); return send.call(desk, command); }; }"""
    )
    page.keyboard.press("t")
    page.keyboard.type("Findings: Small right pleural effusion. Impression: Small left pleural effusion. ")
    page.wait_for_function("decided.includes('type')")
    page.wait_for_function("document.querySelector('#report .text')?.innerText.includes('left pleural effusion')")
    page.evaluate("desk.send({ do: 'compare' })")  # as it comes by itself once a dictation has ended
    page.wait_for_function("document.body.dataset.stage === 'review'")  # till then the letters go into the text
    page.keyboard.type("drhude", delay=40)
    page.wait_for_function("document.querySelector('#cards .card')")
    page.keyboard.type("drhude", delay=900)
    assert "decide" not in page.evaluate("decided") and page.locator(".wording-field").count() == 0
    assert not page.evaluate("Boolean(document.activeElement.closest('#cards'))")
    page.keyboard.press("n")
    page.wait_for_function("document.activeElement.matches('#cards .card.now')")
    page.close()


def test_who_says_to_be_done_with_the_text_finds_the_first_card_with_the_focus(browser, watch, served):
    page = watch(browser).page
    page.set_default_timeout(WAIT_S * 1000)
    page.goto(served)
    page.wait_for_function("window.desk?.state && desk.connected")
    page.keyboard.press("t")
    page.keyboard.type("Findings: Small right pleural effusion. Impression: Small left pleural effusion. ")
    page.wait_for_function("document.querySelector('#report .text')?.innerText.includes('left pleural effusion')")
    page.keyboard.press("Alt+r")
    page.wait_for_function("document.querySelector('#cards .card.now') === document.activeElement")
    page.close()


COUNT = """() => { window.asked = []; const { send } = desk;
  desk.send = (command) => { asked.push(command.do); return send.call(desk, command); }; }"""
STATE = """() => [document.activeElement === document.body, document.body.dataset.stage, document.body.dataset.layout,
  document.body.dataset.image ?? "", document.body.classList.contains("panel-open"),
  document.querySelector("#worklist").hidden, document.querySelectorAll("dialog[open]").length]"""


@pytest.fixture(scope="module")
def desk(start, served):
    """The served page, with a text."""
    page = start().new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(WAIT_S * 1000)
    page.goto(served)
    page.wait_for_function("window.desk?.state && desk.connected")
    page.keyboard.press("t")
    page.keyboard.type("Findings: Small right pleural effusion. Impression: Small left pleural effusion.")
    page.wait_for_function("document.querySelector('#report .text')?.innerText.includes('left pleural effusion')")
    page.keyboard.press("Escape")
    page.evaluate(COUNT)
    yield page
    page.close()


def to_stage(desk, stage: str) -> None:
    """Bring the page to a stage, with the focus nowhere and nothing told."""
    if desk.evaluate("document.body.dataset.stage") != stage:
        desk.keyboard.press("Alt+r" if stage == "review" else "b")
        desk.wait_for_function(f"document.body.dataset.stage === '{stage}'")
        if stage == "review":
            desk.wait_for_function("document.querySelector('#cards .card.now') === document.activeElement")
    desk.evaluate("document.activeElement.blur()")
    while desk.locator("#notices .error").count():
        desk.keyboard.press("Alt+x")
    desk.evaluate("asked.length = 0; 0")


def type_fast(desk, words: str) -> None:
    """Type where nothing has the focus, as fast as words come, however slow this machine is."""
    desk.evaluate(
        """(words) => { for (const key of words) document.activeElement.dispatchEvent(
          new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })); }""",
        words,
    )


@pytest.mark.parametrize("stage", ["dictating", "review"])
@pytest.mark.parametrize("words", ["tumor in the back, otherwise clear.", "bilateral", "copd", "Chest clear", "A123"])
def test_words_that_nothing_takes_do_nothing_and_are_told_whole_with_the_key_that_helps(desk, stage, words):
    to_stage(desk, stage)
    before = desk.evaluate(STATE)
    text = desk.text_content("#pad .text")
    type_fast(desk, words)
    desk.wait_for_function(f"document.querySelector('#notices').innerText.includes('“{words}” came while nothing')")
    assert desk.evaluate(STATE) == before and desk.evaluate("asked") == []
    assert desk.text_content("#pad .text") == text
    helps = "B goes back to the text." if stage == "review" else "T writes in the text."
    assert helps in desk.locator("#notices .error").all_inner_texts()[-1]


def test_two_runs_of_such_words_are_both_told(desk):
    to_stage(desk, "dictating")
    for words in ("heart normal", "no effusion"):
        type_fast(desk, words)
        desk.wait_for_function(f"document.querySelector('#notices').innerText.includes('“{words}” came')")
    (told,) = desk.locator("#notices .error").all_inner_texts()
    assert "“heart normal” and “no effusion” came" in told
    desk.keyboard.press("Alt+x")
    type_fast(desk, "bones normal")
    desk.wait_for_function("document.querySelector('#notices').innerText.includes('“bones normal” came')")
    assert "heart normal" not in desk.inner_text("#notices")


def test_a_letter_that_stands_alone_is_obeyed_and_so_is_one_before_another_key(desk):
    to_stage(desk, "review")
    desk.keyboard.press("b")
    desk.wait_for_function("document.body.dataset.stage === 'dictating'")
    desk.keyboard.press("t")  # as soon as the text is there
    desk.wait_for_function("document.activeElement.matches('#pad .text')")
    desk.keyboard.press("Escape")
    desk.keyboard.press("o")
    desk.keyboard.press("Control+,")  # another key: the first one stood alone
    assert desk.evaluate("document.body.classList.contains('panel-open')")
    desk.keyboard.press("Escape")
    desk.keyboard.press("Escape")
    assert not desk.evaluate("document.body.classList.contains('panel-open')")
    assert desk.locator("#notices .error").count() == 0


def test_the_panel_takes_the_focus_from_an_alert_also_where_nothing_in_it_can_be_used(desk):
    to_stage(desk, "review")
    desk.evaluate("""() => {
      for (const one of document.querySelectorAll("#panel :is(button, input, textarea)")) one.disabled = true;
      document.querySelector("#cards .card").focus();
    }""")
    desk.keyboard.press("o")
    desk.wait_for_function("document.body.classList.contains('panel-open')")
    assert desk.evaluate("Boolean(document.activeElement.closest('#panel'))")


def test_what_begins_with_a_capital_goes_into_the_text_right_after_its_key(desk):
    to_stage(desk, "dictating")
    desk.keyboard.press("t")
    desk.keyboard.press("Control+End")
    desk.keyboard.press("Escape")
    desk.keyboard.press("t")
    desk.keyboard.type("Heart normal.")
    desk.wait_for_function("document.querySelector('#pad .text').textContent.includes('effusion.Heart normal.')")
    desk.keyboard.press("Escape")
    assert desk.locator("#notices .error").count() == 0


@pytest.mark.parametrize("burst", ["RH4711\n", "the patient has a fracture"])
def test_what_came_in_one_run_on_an_alert_is_told_whole(desk, burst):
    to_stage(desk, "review")
    desk.evaluate("document.querySelector('#cards .card').focus()")
    before = desk.evaluate(STATE)
    desk.evaluate(BURST, burst)
    told = f"“{burst.strip()}” came while no text had the focus: nothing was decided"
    desk.wait_for_function("(told) => document.querySelector('#notices').innerText.includes(told)", arg=told)
    assert desk.evaluate(STATE) == before and desk.evaluate("asked") == []
    desk.wait_for_function("desk.keys.isQuiet()")
    press(desk, "d")
    desk.wait_for_function("document.querySelector('dialog.dismissal').open")
    desk.keyboard.press("Escape")
