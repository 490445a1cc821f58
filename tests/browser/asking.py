"""What a page is asked, and waited for: it hears of a key, a click or a message when it comes to it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from playwright.sync_api import Page

from tests.waiting import until

WAIT_S = 30


def gives(page: Page, script: str, expected: object, arg: object = None) -> None:
    """Wait until a script of the page gives this; AssertionError shows what it gave instead."""
    found = None

    def is_so() -> bool:
        nonlocal found
        found = page.evaluate(script, arg)
        return found == expected

    with suppress(AssertionError):
        until(is_so, script, WAIT_S)
    assert found == expected, f"{found!r}, not {expected!r}: {script}"


@contextmanager
def standing_still(page: Page) -> Iterator[None]:
    """The page's clock stands still: keys that are pressed in here come at once, however busy this machine is."""
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)
    yield
    page.clock.resume()


def drawn(page: Page) -> None:
    """Wait until the page has shown what it was told last, and its observers have heard of that."""
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
    )


def serious(found) -> list[str]:
    """What axe found that is in somebody's way."""
    return [one["id"] for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
