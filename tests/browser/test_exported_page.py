"""The exported page in a real browser, opened from disk as somebody does who got it by mail."""

import dataclasses

import pytest
from playwright.sync_api import expect

from dictation.exchange import html_page
from dictation.exchange.worklist import worklist_html
from tests.browser.asking import gives
from tests.exchange.chest import chest_view

pytestmark = pytest.mark.browser
AUDIO = "document.querySelector('.card.now audio')"


@pytest.fixture
def opened(browser, watch, tmp_path):
    """The page of two cases, the second without differences."""
    view = chest_view()
    clean = view.case.model_copy(update={"discrepancies": ()})
    path = tmp_path / "page.html"
    path.write_text(html_page([view, dataclasses.replace(view, title="Clean", case=clean)]), encoding="utf-8")
    watched = watch(browser)
    watched.page.goto(path.as_uri())
    yield watched
    watched.was_quiet()


def lit(page, *words: str) -> None:
    expect(page.locator(".columns .lit.said")).to_have_text(list(words))


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_keys_walk_through_the_differences_and_light_their_words_and_skip_what_is_folded(opened):
    page = opened.page
    press(page, "n")
    lit(page, "left", "right")
    press(page, "n")
    lit(page, "4 mm", "14 mm")
    opened.shoot("second")
    ratios = opened.contrasts()
    assert len(ratios) > 50
    assert {text: ratio for text, ratio in ratios.items() if ratio < 7} == {}
    press(page, "p")
    lit(page, "left", "right")
    expect(page.locator(".card.now")).to_be_visible()
    expect(page.locator("tbody.now")).to_be_visible()
    press(page, "n", "n")
    lit(page, "left", "right")  # round to the first of two
    press(page, "f", "n", "n")
    expect(page.locator(".card.now")).to_contain_text("Check this word")
    page.click("#case-1 .columns .diff.exact >> text=14 mm")
    expect(page.locator(".card.now")).to_contain_text("Size")  # clicked words choose their card


def test_space_plays_and_stops_the_sound_of_the_chosen_card_and_a_word_the_clip_that_holds_it(opened):
    page = opened.page
    press(page, "n", "Space")
    gives(page, f"!{AUDIO}.paused", True)
    gives(page, f"Math.round({AUDIO}.duration * 10)", 22)
    press(page, "Space")
    gives(page, f"{AUDIO}.paused", True)
    page.click("#case-1 .columns td.heard .diff .w >> text=left >> nth=-2")
    expect(page.locator(".w.playing")).to_have_count(1)
    gives(page, f"{AUDIO}.paused", False)
    expect(page.locator(".w.playing")).to_have_count(0)
    gives(page, f"{AUDIO}.paused", True)
    page.click("#case-1 .columns .w >> text=fever")  # which has no clip
    expect(page.locator(".playing")).to_have_count(0)


def test_without_differences_keys_do_no_harm(browser, watch, tmp_path):
    view, path, watched = chest_view(), tmp_path / "clean.html", watch(browser)
    clean = dataclasses.replace(view, case=view.case.model_copy(update={"discrepancies": ()}))
    path.write_text(html_page([clean]), encoding="utf-8")
    watched.page.goto(path.as_uri())
    press(watched.page, "n", "p", "f", "Space")
    watched.was_quiet()


def test_everything_is_printed(opened):
    page = opened.page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("details.folded .card")).to_be_visible()
    expect(page.locator("#case-2 table.columns")).to_be_visible()
    expect(page.locator(".play").first).to_be_hidden()


def test_no_script_but_the_pages_own_runs_even_where_one_got_in(browser, tmp_path):
    """Every text is escaped; this is for the one that would not be."""
    planted = "<script>window.ran=1</script><img src=data: onerror='ran=1'><a href='javascript:ran=1'>x</a>"
    whole = (html_page([chest_view()]), worklist_html([], ["some reports"], {}))
    for number, html in enumerate(whole):
        path = tmp_path / f"{number}.html"
        path.write_text(html.replace("<main", f"{planted}<main", 1), encoding="utf-8")
        page = browser.new_page()
        page.goto(path.as_uri())
        page.locator("a[href^=javascript]").click()
        expect(page.locator("main")).to_be_visible()
        assert page.evaluate("window.ran") is None
        page.close()
