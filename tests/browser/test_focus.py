"""What has the focus keeps it when the server draws its region anew, in a real Chromium."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from dictation.case import Decision
from tests.browser.pane_page import pane, tell, with_case, with_report
from tests.exchange.chest import chest_view

pytestmark = pytest.mark.browser

AT = datetime(2026, 11, 25, 14, 5, tzinfo=UTC)
CAME = {"warnings": ("Something came.",)}  # which draws the columns anew


@pytest.fixture
def view():
    return chest_view()


@pytest.fixture
def page(browser, watch, view, tmp_path):
    """The page in review."""
    with pane(watch(browser), view, tmp_path) as watched:
        yield watched.page


def focused(page, selector: str) -> None:
    """Wait until this has the focus, and not the element that was there before the last drawing."""
    page.wait_for_function(
        "(selector) => document.activeElement.matches(selector) && !document.activeElement.wasThere", arg=selector
    )


def focus(page, selector: str) -> None:
    page.focus(selector)
    page.evaluate("() => { document.activeElement.wasThere = true; }")
    expect(page.locator(selector)).to_be_focused()


def test_a_switch_of_a_kind_keeps_the_focus_though_the_chosen_card_goes_with_it(page, view):
    kind = view.case.discrepancies[0].kind
    page.click("details.kinds summary")
    focus(page, f".kinds input[name={kind}]")
    tell(page, view, hidden=(kind,))
    focused(page, f".kinds input[name={kind}]")
    expect(page.locator(f".kinds input[name={kind}]")).not_to_be_checked()


def test_a_button_of_a_card_keeps_the_focus(page, view):
    button = f'.card[data-d="{view.case.discrepancies[1].id}"] [data-action=dismiss]'
    focus(page, button)
    tell(page, view, hidden=("unit",))
    focused(page, button)


def test_a_row_keeps_the_focus_and_its_key_edits_it(page, view):
    focus(page, ".statement[data-statement=r7]")
    tell(page, with_case(view, **CAME))
    focused(page, ".statement[data-statement=r7]")
    page.keyboard.press("e")
    expect(page.locator(".wording-field")).to_have_value("No pneumothorax.")


def test_a_fold_keeps_the_focus(page, view):
    focus(page, "details.kinds summary")
    page.keyboard.press("Enter")
    tell(page, view, hidden=("unit",))
    focused(page, "details.kinds summary")
    expect(page.locator("details.kinds[open]")).to_have_count(1)


def test_the_next_card_has_the_focus_once_one_is_settled(page, view):
    first, second = (one.id for one in view.case.discrepancies[:2])
    focus(page, f'.card[data-d="{first}"] [data-action=dismiss]')
    decision = Decision(discrepancy_id=first, action="dismiss", reason="", by="Dr. A. Example", at=AT)
    tell(page, with_case(view, **CAME, decisions=(decision,)))
    focused(page, f'.card[data-d="{second}"]')


def test_a_row_that_is_gone_leaves_the_focus_in_its_region(page, view):
    focus(page, ".statement[data-statement=r7]")
    tell(page, with_report(view, findings=tuple(one for one in view.case.report.findings if one.id != "r7")))
    expect(page.locator("#columns")).to_be_focused()


def test_the_tools_of_the_image_keep_the_focus(page, view):
    page.focus("#image .windows")
    page.evaluate("() => { document.querySelector('#image .viewer').wasThere = true; }")
    tell(page, with_case(view, **CAME, readings=()))
    page.wait_for_function("!document.querySelector('#image .viewer').wasThere")
    expect(page.locator("#image .windows")).to_be_focused()


def test_another_case_takes_no_focus_over(page, view):
    focus(page, ".statement[data-statement=r7]")
    tell(page, with_case(view, **CAME, id="c2"))
    expect(page.locator(".statement[data-statement=r7]")).to_have_count(1)
    expect(page.locator(".card.now")).to_be_focused()
