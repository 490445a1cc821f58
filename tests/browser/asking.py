"""What a page is asked, and waited for: it hears of a key, a click or a message when it comes to it."""

from contextlib import suppress

from playwright.sync_api import Page

from tests.waiting import until

WAIT_S = 30


def gives(page: Page, script: str, expected: object, arg: object = None) -> None:
    """Wait until a script of the page gives this; AssertionError shows what it gave instead."""
    with suppress(AssertionError):
        until(lambda: page.evaluate(script, arg) == expected, script, WAIT_S)
    assert page.evaluate(script, arg) == expected


def drawn(page: Page) -> None:
    """Wait until the page has shown what it was told last, and its observers have heard of that."""
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
    )


def serious(found) -> list[str]:
    """What axe found that is in somebody's way."""
    return [one["id"] for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
