"""A real Chromium, whichever is here, and a watch over everything that it asks for."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "google-chrome", "chrome", "chromium-browser")
ROOT = Path(__file__).parents[2]


def chromium() -> str | None:
    """CHROMIUM, else the first browser on the path; None lets Playwright use its own."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


class Watched:
    """A page that remembers what left the machine and what it complained of. `folder` is for screenshots."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.folder = page, folder
        self.strangers: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._asked)
        page.on("websocket", lambda socket: self._heard_of(socket.url))
        page.on("console", lambda message: message.type == "error" and self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asked(self, request) -> None:
        self._heard_of(request.url)

    def _heard_of(self, url: str) -> None:
        own = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "file:")
        if not url.startswith(own):
            self.strangers.append(url)

    def shoot(self, name: str) -> None:
        self.page.screenshot(path=self.folder / f"{name}.png")


def start(playwright, *more: str) -> Browser:
    return playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", *more])


@pytest.fixture(scope="module")
def playwright_here():
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright_here) -> Iterator[Browser]:
    browser = start(playwright_here)
    yield browser
    browser.close()


@pytest.fixture
def watched(browser, tmp_path) -> Iterator[Watched]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    yield Watched(page, tmp_path)
    page.close()
