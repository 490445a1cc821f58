"""A real Chromium, whichever is here, a watch over everything that it asks for, and the served page."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dictation.review.preferences import Preferences, keep_preferences
from tests.browser.get_chromium import found

ROOT = Path(__file__).parents[2]
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
CLIPPED = (Path(__file__).parent / "clipped.js").read_text(encoding="utf-8")
START_S = 120  # a cold start joins the weights and loads gradio on a busy machine
expect.set_options(timeout=60_000)  # and there a page takes its time, too


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
        own = *(f"{how}://127.0.0.1:" for how in ("http", "ws", "https", "wss")), "data:", "blob:", "file:"
        if not url.startswith(own):
            self.strangers.append(url)

    def contrasts(self) -> dict[str, float]:
        """Each visible text → its contrast to the ground it stands on (WCAG 2.2 relative luminance)."""
        return self.page.evaluate(CONTRAST)

    def clipped(self) -> list[str]:
        """The texts of which something is cut off."""
        return self.page.evaluate(CLIPPED)

    def shoot(self, name: str) -> None:
        self.page.screenshot(path=self.folder / f"{name}.png")


@pytest.fixture(scope="module")
def start() -> Iterator[Callable[..., Browser]]:
    """Starts a Chromium with more switches; all are closed at the end."""
    with sync_playwright() as playwright:
        browsers = []

        def one(*switches: str) -> Browser:
            arguments = ["--no-sandbox", "--ignore-certificate-errors", *switches]  # of a proxy of the tests
            browsers.append(playwright.chromium.launch(executable_path=found(), args=arguments))
            return browsers[-1]

        yield one
        for browser in browsers:
            browser.close()


@pytest.fixture
def watch(tmp_path) -> Callable[[Browser], Watched]:
    """Opens a watched page of 1280 x 800 in a browser."""

    def one(browser: Browser) -> Watched:
        return Watched(browser.new_page(viewport={"width": 1280, "height": 800}), tmp_path)

    return one


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """Where the served program keeps patient data."""
    return tmp_path_factory.mktemp("served_home")


@pytest.fixture(scope="module")
def served(home, own_folders) -> Iterator[str]:
    """The address of `dictation serve`, run as a user runs it, with the embedded recognizer."""
    with serving(home) as url:
        yield url


def free_port() -> int:
    """A port of this machine that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@contextmanager
def serving(home: Path, *options: str, **environment: str) -> Iterator[str]:
    """Run `dictation serve` with the embedded recognizer and these options until the end of the block.

    `{port}` in a variable of its environment is the port. The microphone opens with the key: the sound of a fake one
    begins when it is opened.
    """
    port = free_port()
    if not (home / "preferences.json").exists():
        keep_preferences(home, Preferences(microphone_open=False))
    log = home / "log.txt"
    with log.open("w") as output:
        command = [sys.executable, "-m", "pipelines", "serve", "--port", str(port), "--recognizer", "whisper", *options]
        own = {name: value.replace("{port}", str(port)) for name, value in environment.items()}
        environment = {**os.environ, "DICTATION_HOME": str(home), **own}
        program = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if program.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"the page was not served:\n{log.read_text()}")
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/"
    finally:
        program.terminate()
        program.wait(timeout=30)
