"""Single letters act on a card where the focus is known to be among the cards, and nowhere else."""

import pytest
import soundfile

from tests.browser.pane_page import PaneServer, tell
from tests.browser.room import WAIT_S
from tests.exchange.chest import chest_view

pytestmark = pytest.mark.browser

ACTING = ("h", "r", "d", "e", "u", " ")


@pytest.fixture(scope="module")
def browser(start):
    return start("--autoplay-policy=no-user-gesture-required")


@pytest.fixture
def page(browser, watch, tmp_path):
    """The page in review."""
    view, recording = chest_view(), tmp_path / "a.flac"
    soundfile.write(recording, view.samples, 16_000)
    server = PaneServer(view, recording)
    watched = watch(browser)
    watched.page.set_default_timeout(10_000)
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
    page.keyboard.press("h")
    assert sent(page) == ["take_heard"]


@pytest.mark.parametrize("elsewhere", ["document.activeElement.blur()", "document.querySelector('#image').focus()",
                                       "document.querySelector('#columns').focus()"])  # fmt: skip
@pytest.mark.parametrize("key", ACTING)
def test_a_letter_decides_nothing_while_the_focus_is_elsewhere(page, elsewhere, key):
    page.evaluate(f"{elsewhere}; told.length = 0; 0")
    page.keyboard.press(key)
    assert sent(page) == [] and not page.locator(".playing, .wording-field").count()
    assert ["N goes to the one that is marked" in text for text in page.evaluate("told")] == [True]


def test_n_brings_the_focus_to_the_marked_card_and_the_next_letter_decides(page):
    first = page.get_attribute(".card.now", "data-d")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("n")
    assert has_focus(page) and page.get_attribute(".card.now", "data-d") == first
    page.wait_for_timeout(800)
    page.keyboard.press("h")
    assert sent(page) == ["take_heard"]
    page.keyboard.press("n")
    assert page.get_attribute(".card.now", "data-d") != first


@pytest.mark.parametrize("words", ["and no change", "nd", "no pleural effusion is seen", "Normal heart", "unchanged"])
def test_words_that_are_typed_where_nothing_has_the_focus_decide_nothing(page, words):
    page.evaluate("document.activeElement.blur()")
    page.keyboard.type(words, delay=60)
    assert sent(page) == [] and page.locator(".wording-field").count() == 0


def test_a_pedal_decides_on_the_marked_card_as_it_is_no_letter(page):
    page.evaluate("document.activeElement.blur(); desk.keys.run('h')")
    assert sent(page) == ["take_heard"]


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
    assert page.evaluate("document.activeElement.matches('#cards .card.now')")
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
