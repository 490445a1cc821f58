"""The worklist of the second look in a real browser: walked through and judged with the keyboard alone."""

import csv

import pytest

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
def opened(start, watch, tmp_path):
    watched = watch(start())
    watched.page.goto(written(tmp_path / "worklist.html", TEXTS).as_uri())
    yield watched
    assert watched.strangers == []
    assert watched.complaints == []


def test_every_flag_is_judged_with_the_keyboard_and_the_verdicts_are_saved(opened, tmp_path):
    page = opened.page
    assert page.locator(".card.now mark").all_inner_texts() == ["Right", "Left"]
    page.keyboard.press("r")
    assert "verdict" in page.locator(".card").first.inner_text() or page.locator(".given").first.inner_text() == "real"
    assert "two" in page.locator(".card.now .report").inner_text()  # a verdict goes on to the next
    page.keyboard.press("f")
    assert page.inner_text("#judged") == "2 of 2 judged, not saved"
    with page.expect_download() as saving:
        page.keyboard.press("s")
    assert page.inner_text("#judged") == "2 of 2 judged"
    saving.value.save_as(tmp_path / "verdicts.csv")
    with (tmp_path / "verdicts.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["report"], row["kind"], row["verdict"]) for row in rows] == [
        ("one", "contradiction.side", "real"),
        ("'=two;'=1+1", "contradiction.size", "false"),
    ]
    assert [row["id"] for row in rows] == [card["d"] for card in page.eval_on_selector_all(".card", DATA)]


DATA = "cards => cards.map((card) => ({ d: card.dataset.d }))"


def test_the_legend_says_that_a_verdict_goes_on_and_behind_the_last_flag_none_is_judged_again(opened):
    page = opened.page
    legend = " ".join(page.inner_text(".legend").split())
    assert "R real, and on to the next F false, and on to the next" in legend and "N on without one" in legend
    assert "one" in page.locator(".card.now .report").inner_text(), "the first is chosen as the page opens"
    page.keyboard.press("r")
    page.keyboard.press("f")
    page.keyboard.press("f")
    assert page.locator(".given").all_inner_texts() == ["real", "false"]
    assert "two" in page.locator(".card.now .report").inner_text()


def test_a_verdict_is_taken_back_with_one_key(opened):
    page = opened.page
    page.keyboard.press("r")
    page.keyboard.press("p")
    page.keyboard.press("u")
    assert page.locator(".given").all_inner_texts() == ["", ""]


def test_a_verdict_outlives_the_page_and_so_does_that_it_was_not_saved(opened, tmp_path):
    page, path = opened.page, tmp_path / "worklist.html"
    page.keyboard.press("r")
    page.reload()
    assert page.inner_text("#judged") == "1 of 2 judged, not saved"
    with page.expect_download():
        page.keyboard.press("s")
    page.reload()
    assert page.inner_text("#judged") == "1 of 2 judged"
    page.keyboard.press("f")  # the first one that is not judged is chosen
    written(path, {"new": TEXTS["one"], **TEXTS})  # a run with one report more
    page.reload()
    assert page.inner_text("#judged") == "2 of 3 judged, not saved"
    assert page.locator(".given").all_inner_texts() == ["", "real", "false"]
    written(path, TEXTS, verdict=True)  # a run that was given other verdicts
    page.reload()
    assert page.locator(".given").all_inner_texts() == ["real", "false"]
    assert page.inner_text("#judged") == "2 of 2 judged, not saved"
    written(path, TEXTS, verdict=False)
    page.reload()
    assert page.locator(".given").all_inner_texts() == ["false", "false"]
    assert page.inner_text("#judged") == "2 of 2 judged"


def test_a_verdict_outlives_a_reload_where_the_browser_forgot_what_it_stored(opened):
    page = opened.page
    page.keyboard.press("r")
    page.evaluate("localStorage.clear()")
    page.reload()
    assert page.inner_text("#judged") == "1 of 2 judged, not saved"


def test_the_later_verdict_counts_where_two_windows_judge(opened):
    page = opened.page
    page.keyboard.press("r")
    with page.expect_download():
        page.keyboard.press("s")
    with page.expect_popup() as opening:
        page.evaluate("() => { window.open(location.href); }")
    other = opening.value
    other.wait_for_selector(".given")
    assert other.locator(".given").all_inner_texts() == ["real", ""]
    other.keyboard.press("p")
    other.keyboard.press("f")
    with other.expect_download():
        other.keyboard.press("s")
    page.reload()
    assert page.locator(".given").all_inner_texts() == ["false", ""]


def test_a_verdict_of_the_page_that_is_taken_back_stays_taken_back(opened, tmp_path):
    page = opened.page
    written(tmp_path / "worklist.html", TEXTS, verdict=True)
    page.reload()
    assert page.inner_text("#judged") == "2 of 2 judged"
    page.keyboard.press("n")
    page.keyboard.press("r")  # as it was
    assert page.inner_text("#judged") == "2 of 2 judged"
    page.keyboard.press("p")
    page.keyboard.press("u")
    page.reload()
    assert page.locator(".given").all_inner_texts() == ["", "real"]
    assert page.inner_text("#judged") == "1 of 2 judged, not saved"


def test_the_text_is_readable_on_its_ground(opened):
    opened.page.keyboard.press("r")
    opened.shoot("worklist")
    poor = {text: ratio for text, ratio in opened.contrasts().items() if ratio < 7}
    assert poor == {}
