"""Where dictation goes in: at its end, unless the caret was put elsewhere on purpose and nobody was speaking."""

import pytest

from tests.browser.asking import gives
from tests.browser.desk_page import desk_page
from tests.browser.test_editor import is_ready, settled, shows

pytestmark = pytest.mark.browser
FIRST = "CT of May. The kidneys are not enlarged."


@pytest.fixture(scope="module")
def address():
    with desk_page() as url:
        yield url


@pytest.fixture
def page(address, browser, watch):
    """A page whose dictation goes on behind two sentences."""
    watched = watch(browser)
    watched.page.goto(address)
    is_ready(watched.page)
    watched.page.evaluate("(text) => server.dictate(text)", FIRST)
    shows(watched.page, FIRST)
    yield watched.page
    watched.was_quiet()


def point(page, words: str, at: int = 1) -> dict[str, float]:
    """Where the character `at` of these words is on the page."""
    return page.evaluate(
        """([words, at]) => {
            const walker = document.createTreeWalker(document.querySelector("#pad .text"), NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                const node = walker.currentNode, found = node.data.indexOf(words);
                if (found < 0) continue;
                const range = document.createRange();
                range.setStart(node, found + at);
                const box = range.getBoundingClientRect();
                return { x: box.left, y: (box.top + box.bottom) / 2 };
            } }""",
        [words, at],
    )


def goes_in_behind(page, text: str) -> None:
    """What is dictated now goes in behind this."""
    settled(page)
    gives(page, "server.text.slice(0, server.anchor)", text)


def test_a_word_that_is_typed_over_leaves_dictation_at_its_end(page):
    where = point(page, "May")
    page.mouse.dblclick(where["x"], where["y"])
    page.keyboard.insert_text("June 2025")
    goes_in_behind(page, "CT of June 2025. The kidneys are not enlarged.")


def test_a_word_that_is_put_into_a_sentence_leaves_dictation_at_its_end(page):
    where = point(page, "not", 0)
    page.mouse.click(where["x"], where["y"])
    gives(page, "server.text.slice(0, server.anchor)", "CT of May. The kidneys are ")  # until it is known what for
    page.keyboard.insert_text("still ")
    goes_in_behind(page, "CT of May. The kidneys are still not enlarged.")


def test_a_word_that_is_selected_to_be_read_leaves_dictation_at_its_end(page):
    where = point(page, "May")
    page.mouse.dblclick(where["x"], where["y"])
    goes_in_behind(page, FIRST)


def test_who_writes_a_sentence_between_two_goes_on_dictating_there(page):
    where = point(page, "The", 0)
    page.mouse.click(where["x"], where["y"])
    page.keyboard.insert_text("Liver normla")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    page.keyboard.insert_text("al. ")
    goes_in_behind(page, "CT of May. Liver normal. ")
    where = point(page, "May")  # and still does after a word elsewhere was put right
    page.mouse.dblclick(where["x"], where["y"])
    page.keyboard.insert_text("June")
    goes_in_behind(page, "CT of June. Liver normal. ")


def test_a_click_while_somebody_speaks_moves_nothing(page):
    page.evaluate("server.hear('No hydronephrosis', 'on')")
    where = point(page, "May")
    page.mouse.click(where["x"], where["y"])
    page.keyboard.insert_text("!")
    goes_in_behind(page, "CT of M!ay. The kidneys are not enlarged.")


def test_what_was_said_where_the_caret_was_put_stays_the_place(page):
    where = point(page, "The", 0)
    page.mouse.click(where["x"], where["y"])
    gives(page, "server.text.slice(0, server.anchor)", "CT of May. ")
    page.evaluate("server.hear('Liver', '')")
    page.evaluate("server.dictate('Liver normal. ')")
    where = point(page, "not", 0)
    page.mouse.click(where["x"], where["y"])
    page.keyboard.insert_text("still ")
    goes_in_behind(page, "CT of May. Liver normal. ")


def test_what_may_still_change_is_parted_from_the_words_around_it(page):
    where = point(page, "not", 0)
    page.mouse.click(where["x"], where["y"])
    gives(page, "server.text.slice(0, server.anchor)", "CT of May. The kidneys are ")
    page.mouse.move(0, 0)
    page.evaluate("server.hear('moderately', '')")
    gives(page, "document.querySelector('#pad [data-ahead]').dataset.ahead", "moderately ")


def test_growing_words_move_nothing_that_is_aimed_at(page):
    page.evaluate("server.anchor = 0; server.hear('Abdomen', '')")
    where = point(page, "enlarged")
    page.mouse.move(where["x"], where["y"])
    page.evaluate(
        "server.emit('partial', { provisional: { stable: 'Abdomen and pelvis with contrast material', rest: '' } })"
    )
    assert point(page, "enlarged") == where
    gives(
        page, "document.querySelector('#pad [data-ahead]').dataset.ahead", "Abdomen and pelvis with contrast material "
    )
