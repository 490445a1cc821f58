"""The exported page in a real browser, opened from disk as somebody does who got it by mail."""

import dataclasses

import pytest

from dictation.exchange import html_page
from tests.exchange.chest import chest_view

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(start, watch, tmp_path):
    """The page of two cases, the second without differences."""
    view = chest_view()
    clean = view.case.model_copy(update={"discrepancies": ()})
    path = tmp_path / "page.html"
    path.write_text(html_page([view, dataclasses.replace(view, title="Clean", case=clean)]), encoding="utf-8")
    watched = watch(start())
    watched.page.goto(path.as_uri())
    yield watched
    assert watched.strangers == []
    assert watched.complaints == []


def lit(page) -> list[str]:
    return [words.strip() for words in page.locator(".columns .lit.said").all_inner_texts()]


def test_keys_walk_through_the_differences_and_light_their_words(opened):
    page = opened.page
    page.keyboard.press("n")
    assert lit(page) == ["left", "right"]
    page.keyboard.press("n")
    assert lit(page) == ["4 mm", "14 mm"]
    opened.shoot("second")
    page.keyboard.press("p")
    assert lit(page) == ["left", "right"]
    assert page.locator(".card.now").is_visible()
    assert page.locator("tbody.now").is_visible()


def test_folded_differences_are_skipped_until_unfolded(opened):
    page = opened.page
    for _ in range(3):
        page.keyboard.press("n")
    assert lit(page) == ["left", "right"]  # round to the first of two
    page.keyboard.press("f")
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert "Was that heard right?" in page.inner_text(".card.now")


def until(page, what):
    """Wait until the page says so; it lets no string be run as a script, which waiting in the page would need."""
    for _ in range(200):
        if page.evaluate(what):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"in vain: {what}")


def test_space_plays_and_stops_the_sound_of_the_chosen_card(opened):
    page = opened.page
    page.keyboard.press("n")
    page.keyboard.press("Space")
    until(page, "!document.querySelector('.card.now audio').paused")
    until(page, "document.querySelector('.card.now audio').readyState > 0")  # its length is read by then
    assert page.evaluate("document.querySelector('.card.now audio').duration") == pytest.approx(2.2, abs=0.05)
    page.keyboard.press("Space")
    until(page, "document.querySelector('.card.now audio').paused")


def test_clicking_words_chooses_their_card(opened):
    page = opened.page
    page.click("#case-1 .columns .diff.exact >> text=14 mm")
    assert "Size" in page.inner_text(".card.now")


def test_without_differences_keys_do_no_harm(start, watch, tmp_path):
    view = chest_view()
    path = tmp_path / "clean.html"
    clean = dataclasses.replace(view, case=view.case.model_copy(update={"discrepancies": ()}))
    path.write_text(html_page([clean]), encoding="utf-8")
    watched = watch(start())
    watched.page.goto(path.as_uri())
    for key in ("n", "p", "f", "Space"):
        watched.page.keyboard.press(key)
    assert watched.complaints == []


def test_everything_is_printed(opened):
    page = opened.page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.folded .card").is_visible()
    assert page.locator("#case-2 table.columns").is_visible()
    assert page.locator(".play").first.is_hidden()


def test_words_keep_a_contrast_of_seven_to_one(opened):
    opened.page.keyboard.press("n")
    ratios = opened.contrasts()
    assert len(ratios) > 50
    assert {text: ratio for text, ratio in ratios.items() if ratio < 7} == {}


def test_a_word_plays_from_the_clip_that_holds_it(opened):
    page = opened.page
    page.click("#case-1 .columns td.heard .diff .w >> text=left >> nth=-2")
    page.wait_for_selector(".w.playing")
    assert not page.evaluate("document.querySelector('.card.now audio').paused")
    page.wait_for_selector(".w.playing", state="detached")
    assert page.evaluate("document.querySelector('.card.now audio').paused")


def test_a_word_without_a_clip_does_no_harm(opened):
    opened.page.click("#case-1 .columns .w >> text=fever")
    assert opened.page.locator(".playing").count() == 0
