"""What has the focus keeps it when the server draws its region anew, in a real Chromium."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import soundfile

from dictation.case import Decision
from tests.browser.pane_page import PaneServer, tell
from tests.exchange.chest import chest_view

pytestmark = pytest.mark.browser

AT = datetime(2026, 11, 25, 14, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def browser(start):
    return start()


@pytest.fixture
def view():
    return chest_view()


@pytest.fixture
def page(browser, watch, view, tmp_path):
    """The page in review."""
    recording = tmp_path / "a.flac"
    soundfile.write(recording, view.samples, 16_000)
    server = PaneServer(view, recording)
    watched = watch(browser)
    watched.page.set_default_timeout(60_000)
    watched.page.goto(server.url)
    tell(watched.page, view)
    yield watched.page
    watched.page.close()
    server.close()
    assert watched.strangers == []
    assert watched.complaints == []


def focused(page, selector: str) -> bool:
    """Whether the element that has the focus is this one, and not the one that was there before the last drawing."""
    return page.evaluate(
        "(selector) => document.activeElement.matches(selector) && !document.activeElement.wasThere", selector
    )


def focus(page, selector: str) -> None:
    page.focus(selector)
    page.evaluate("() => { document.activeElement.wasThere = true; }")
    assert page.evaluate("(selector) => document.activeElement.matches(selector)", selector)


def other(view, **changes):
    """The same case after a change that draws the columns anew."""
    return replace(view, case=view.case.model_copy(update={"warnings": ("Something came.",), **changes}))


def test_a_switch_of_a_kind_keeps_the_focus_though_the_chosen_card_goes_with_it(page, view):
    kind = view.case.discrepancies[0].kind
    page.click("details.kinds summary")
    focus(page, f".kinds input[name={kind}]")
    tell(page, view, hidden=(kind,))
    assert focused(page, f".kinds input[name={kind}]") and not page.is_checked(f".kinds input[name={kind}]")


def test_a_button_of_a_card_keeps_the_focus(page, view):
    button = f'.card[data-d="{view.case.discrepancies[1].id}"] [data-action=dismiss]'
    focus(page, button)
    tell(page, view, hidden=("unit",))
    assert focused(page, button)


def test_a_row_keeps_the_focus_and_its_key_edits_it(page, view):
    focus(page, ".statement[data-statement=r7]")
    tell(page, other(view))
    assert focused(page, ".statement[data-statement=r7]")
    page.keyboard.press("e")
    assert page.input_value(".wording-field") == "No pneumothorax."


def test_a_fold_keeps_the_focus(page, view):
    focus(page, "details.kinds summary")
    page.keyboard.press("Enter")
    tell(page, view, hidden=("unit",))
    assert focused(page, "details.kinds summary") and page.locator("details.kinds[open]").count() == 1


def test_the_next_card_has_the_focus_once_one_is_settled(page, view):
    first, second = (one.id for one in view.case.discrepancies[:2])
    focus(page, f'.card[data-d="{first}"] [data-action=dismiss]')
    decision = Decision(discrepancy_id=first, action="dismiss", reason="", by="Dr. A. Example", at=AT)
    tell(page, other(view, decisions=(decision,)))
    assert focused(page, f'.card[data-d="{second}"]')


def test_a_row_that_is_gone_leaves_the_focus_in_its_region(page, view):
    focus(page, ".statement[data-statement=r7]")
    report = view.case.report
    kept = tuple(one for one in report.findings if one.id != "r7")
    tell(page, other(view, report=report.model_copy(update={"findings": kept})))
    assert page.evaluate("document.activeElement.id") == "columns"


def test_the_tools_of_the_image_keep_the_focus(page, view):
    page.focus("#image .windows")
    page.evaluate("() => { document.querySelector('#image .viewer').wasThere = true; }")
    tell(page, other(view, readings=()))
    assert not page.evaluate("document.querySelector('#image .viewer').wasThere")
    assert page.evaluate("document.activeElement.matches('#image .windows')")


def test_another_case_takes_no_focus_over(page, view):
    focus(page, ".statement[data-statement=r7]")
    tell(page, other(view, id="c2"))
    assert page.locator(".statement[data-statement=r7]").count() == 1
    assert page.evaluate("document.activeElement.matches('.card.now')")
