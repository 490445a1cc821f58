"""The worklist of the second look in a real browser: walked through and judged with the keyboard alone."""

import csv

import pytest
from playwright.sync_api import expect

from dictation.discrepancy.columns import written_column
from dictation.discrepancy.within import within
from dictation.exchange.flags import flags
from dictation.exchange.worklist import worklist_html

pytestmark = pytest.mark.browser

TEXTS = {
    "one": "FINDINGS: Right upper lobe nodule.\n\nIMPRESSION: Left upper lobe nodule.",
    "=two;=1+1": "FINDINGS: 5 mm nodule in the right upper lobe.\n\nIMPRESSION: 8 mm nodule in the right upper lobe.",
}


def written(path, texts, verdict=None):
    """The page; `verdict` is one that is known of every flag."""
    found = [flag for id, text in texts.items() for flag in flags(id, within(text), None, written_column(text))]
    given = {flag.id: verdict for flag in found if verdict is not None}
    path.write_text(worklist_html(found, ["some reports"], given), encoding="utf-8")
    return path


@pytest.fixture
def opened(browser, watch, tmp_path):
    watched = watch(browser)
    watched.page.goto(written(tmp_path / "worklist.html", TEXTS).as_uri())
    yield watched
    watched.was_quiet()


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def saves(page):
    """Save the verdicts, and return the download."""
    with page.expect_download() as saving:
        page.keyboard.press("s")
    return saving.value


def judged(page, words: str, *verdicts: str) -> None:
    """Wait until the page says how many are judged, and shows these verdicts, where they are asked for."""
    expect(page.locator("#judged")).to_have_text(words)
    if verdicts:
        expect(page.locator(".given")).to_have_text(list(verdicts))


def is_chosen(page, report: str) -> None:
    expect(page.locator(".card.now .report")).to_contain_text(report)


def test_every_flag_is_judged_with_the_keyboard_and_the_verdicts_are_saved(opened, tmp_path):
    page = opened.page
    legend = page.locator(".legend")
    expect(legend).to_contain_text("R real, and on to the next F false, and on to the next", use_inner_text=True)
    expect(legend).to_contain_text("N on without one", use_inner_text=True)
    is_chosen(page, "one")  # the first, as the page opens
    expect(page.locator(".card.now mark")).to_have_text(["Right", "Left"])
    press(page, "r")
    judged(page, "1 of 2 judged, not saved", "real", "")
    is_chosen(page, "two")  # a verdict goes on to the next
    press(page, "f", "f")
    judged(page, "2 of 2 judged, not saved", "real", "false")
    is_chosen(page, "two")  # behind the last flag none is judged again
    opened.shoot("worklist")
    assert {text: ratio for text, ratio in opened.contrasts().items() if ratio < 7} == {}
    saves(page).save_as(tmp_path / "verdicts.csv")
    judged(page, "2 of 2 judged")
    with (tmp_path / "verdicts.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["report"], row["kind"], row["verdict"]) for row in rows] == [
        ("one", "contradiction.side", "real"),
        ("'=two;'=1+1", "contradiction.size", "false"),
    ]
    assert [row["id"] for row in rows] == page.eval_on_selector_all(".card", "all => all.map((one) => one.dataset.d)")


def test_a_verdict_is_taken_back_with_one_key(opened):
    page = opened.page
    press(page, "r", "p", "u")
    judged(page, "0 of 2 judged, not saved", "", "")


def test_a_verdict_outlives_the_page_and_so_does_that_it_was_not_saved(opened, tmp_path):
    page, path = opened.page, tmp_path / "worklist.html"
    press(page, "r")
    judged(page, "1 of 2 judged, not saved", "real", "")
    page.reload()
    judged(page, "1 of 2 judged, not saved")
    saves(page)
    judged(page, "1 of 2 judged")
    page.reload()
    judged(page, "1 of 2 judged")
    press(page, "f")  # the first one that is not judged is chosen
    judged(page, "2 of 2 judged, not saved")
    written(path, {"new": TEXTS["one"], **TEXTS})  # a run with one report more
    page.reload()
    judged(page, "2 of 3 judged, not saved", "", "real", "false")
    written(path, TEXTS, verdict=True)  # a run that was given other verdicts
    page.reload()
    judged(page, "2 of 2 judged, not saved", "real", "false")
    written(path, TEXTS, verdict=False)
    page.reload()
    judged(page, "2 of 2 judged", "false", "false")


def test_a_verdict_outlives_a_reload_where_the_browser_forgot_what_it_stored(opened):
    page = opened.page
    press(page, "r")
    judged(page, "1 of 2 judged, not saved")
    page.evaluate("localStorage.clear()")
    page.reload()
    judged(page, "1 of 2 judged, not saved")


def test_the_later_verdict_counts_where_two_windows_judge(opened):
    page = opened.page
    press(page, "r")
    saves(page)
    with page.expect_popup() as opening:
        page.evaluate("() => { window.open(location.href); }")
    other = opening.value
    judged(other, "1 of 2 judged", "real", "")
    press(other, "p", "f")
    judged(other, "1 of 2 judged, not saved", "false", "")
    saves(other)
    page.reload()
    judged(page, "1 of 2 judged", "false", "")


def test_a_verdict_of_the_page_that_is_taken_back_stays_taken_back(opened, tmp_path):
    page = opened.page
    written(tmp_path / "worklist.html", TEXTS, verdict=True)
    page.reload()
    judged(page, "2 of 2 judged")
    press(page, "n", "r")  # as it was
    judged(page, "2 of 2 judged")
    press(page, "p", "u")
    judged(page, "1 of 2 judged, not saved", "", "real")
    page.reload()
    judged(page, "1 of 2 judged, not saved", "", "real")
