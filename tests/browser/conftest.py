"""A real Chromium, whichever is here, a watch over everything that it asks for, and the served page."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from dictation.records import Records
from dictation.records.ordering import case_of
from dictation.review.preferences import Preferences, keep_preferences
from dictation.settings import Settings
from tests.browser.get_chromium import found
from tests.browser.microphone import Microphone
from tests.waiting import until

ROOT = Path(__file__).parents[2]
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
CLIPPED = (Path(__file__).parent / "clipped.js").read_text(encoding="utf-8")
START_S = 120  # a cold start joins the weights and loads gradio on a busy machine
AUTOPLAY = "--autoplay-policy=no-user-gesture-required"
expect.set_options(timeout=30_000)


class Watched:
    """A page that remembers what left the machine and what it complained of. `folder` is for screenshots."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.folder = page, folder
        self.strangers: list[str] = []
        self.complaints: list[str] = []
        self._is_closing = False
        page.on("request", self._asked)
        page.on("websocket", lambda socket: self._heard_of(socket.url))
        page.on("console", lambda message: message.type == "error" and self._complained(message.text))
        page.on("pageerror", lambda error: self._complained(str(error)))

    def close(self) -> None:
        """Close the page; what it breaks off because of that is no complaint of a page that somebody used."""
        if not self.page.is_closed():
            self.page.evaluate("0")  # what it complained of before is here by now
            self._is_closing = True
            self.page.close()

    def _complained(self, text: str) -> None:
        if not self._is_closing:
            self.complaints.append(text)

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

    def was_quiet(self) -> None:
        """Fail where anything left the machine, or the page complained, since it was asked last."""
        if not self.page.is_closed():
            self.page.evaluate("0")  # what it said before is heard by then
        found = self.strangers + self.complaints
        self.strangers.clear()
        self.complaints.clear()
        assert found == []

    def shoot(self, name: str) -> None:
        self.page.screenshot(path=self.folder / f"{name}.png")


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """Remember that a test has failed, for what is kept of it."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="package")
def start() -> Iterator[Callable[..., Browser]]:
    """A Chromium with more switches: one for all tests of this worker that ask for the same.

    What a test does in it stays in its own contexts, which are closed with its file. `start.driver` is Playwright
    itself, of which a process has one.
    """
    with sync_playwright() as playwright:
        browsers: dict[tuple[str, ...], Browser] = {}

        def one(*switches: str) -> Browser:
            if switches not in browsers or not browsers[switches].is_connected():
                arguments = ["--no-sandbox", "--ignore-certificate-errors", AUTOPLAY, *switches]  # of a test's proxy
                browsers[switches] = playwright.chromium.launch(executable_path=found(), args=arguments)
            return browsers[switches]

        one.browsers, one.driver = browsers, playwright
        yield one
        for browser in browsers.values():
            browser.close()


@pytest.fixture
def browser(start) -> Browser:
    """The Chromium of all tests that need no more switches."""
    return start()


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left_open(start) -> Iterator[None]:
    """What the tests of a file opened and left is closed behind them."""
    yield
    for browser in start.browsers.values():
        for context in browser.contexts:
            context.close()


@pytest.fixture(scope="package")
def microphone(tmp_path_factory) -> Microphone:
    """The one microphone of this worker; `start(*microphone.switches)` is a browser that has it."""
    return Microphone(tmp_path_factory.mktemp("microphone") / "microphone.wav")


@pytest.fixture
def watch(request, tmp_path) -> Iterator[Callable[..., Watched]]:
    """Opens a watched page of 1280 x 800 in a context of its own, which is closed at the end.

    Of a test that failed its trace and a picture of each page are kept in its temporary folder.
    """
    contexts: list[BrowserContext] = []

    def one(browser: Browser, **options: Any) -> Watched:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.tracing.start(snapshots=True, title=request.node.name)
        contexts.append(context)
        return Watched(context.new_page(), tmp_path)

    yield one
    has_failed = request.node.stash.get(FAILED, False)
    for number, context in enumerate(contexts):
        with suppress(Error):  # one that the test has closed, or whose browser it has killed
            if has_failed:
                for page in context.pages:
                    page.screenshot(path=tmp_path / f"failed-{number}-{context.pages.index(page)}.png", timeout=5_000)
                context.tracing.stop(path=tmp_path / f"failed-{number}.trace.zip")
            context.close()
    if has_failed:
        request.node.add_report_section("teardown", "kept", f"trace, pictures and logs: {tmp_path.parent}")


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """Where the served program keeps patient data."""
    return tmp_path_factory.mktemp("served_home")


ATTENDING = "Dr. A. Example"


class Department(NamedTuple):
    """A served page without sign-in, whose signer is an attending, and what lies behind it."""

    url: str
    home: Path
    records: Records

    def has_orders(self, *orders: dict[str, str]) -> None:
        """Have these exams in the worklist, too."""
        for order in orders:
            (self.home / "orders" / f"{order['accession']}.json").write_text(json.dumps(order), encoding="utf-8")
        until(lambda: all(self.case(order["accession"]) for order in orders), "the orders are taken in")

    def case(self, accession: str) -> str | None:
        with self.records.reading() as connection:
            return case_of(connection, accession)


@pytest.fixture(scope="package")
def department(tmp_path_factory, own_folders) -> Iterator[Department]:
    """One for all files of this worker that can share it: each brings exams of its own, with names of their own."""
    home = tmp_path_factory.mktemp("department")
    (home / "orders").mkdir()
    with serving(home, DICTATION_ORDERS=str(home / "orders"), DICTATION_SIGNER=ATTENDING) as url:
        records = Records.open(Settings(home=home))
        yield Department(url, home, records)
        records.close()


@contextmanager
def held_port() -> Iterator[int]:
    """A port for a program to listen at, which nobody else is given until the end, also while the program is away."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        if sys.platform != "linux":  # elsewhere what is bound cannot be listened at by another
            held.close()
        yield port


def answers(url: str) -> bool:
    """Whether something is served there, by whatever certificate."""
    with suppress(OSError), urlopen(url, timeout=10, context=ssl._create_unverified_context()):
        return True
    return False


class Program:
    """A Python program of ours that serves, and can be killed and started again at its port.

    `{port}` in what it is given is the port; it is there once `ready`, a path, is answered. `log` is all that it wrote.
    """

    def __init__(self, port: int, ready: str, log: Path, *command: str, **environment: str) -> None:
        self.port, self.url, self.log, self._ready = port, f"http://127.0.0.1:{port}/", log, ready
        self._command = [sys.executable, *(word.replace("{port}", str(port)) for word in command)]
        self._environment = {name: value.replace("{port}", str(port)) for name, value in environment.items()}

    def start(self) -> None:
        with self.log.open("a") as output:
            self.process = subprocess.Popen(
                self._command, cwd=ROOT, env={**os.environ, **self._environment}, stdout=output, stderr=output
            )
        until(self._is_there, "the program answers", START_S)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    def _is_there(self) -> bool:
        assert self.process.poll() is None, f"it is not served:\n{self.log.read_text()}"
        return answers(self.url + self._ready)


def serve(port: int, home: Path, *options: str, **environment: str) -> Program:
    """`dictation serve`, not yet started, with the embedded recognizer and these options.

    The microphone opens with the key: the sound of a fake one begins when it is opened.
    """
    if not (home / "preferences.json").exists():
        keep_preferences(home, Preferences(microphone_open=False))
    command = ["-m", "pipelines", "serve", "--port", "{port}", "--recognizer", "whisper", *options]
    return Program(port, "readyz", home / "log.txt", *command, DICTATION_HOME=str(home), **environment)


@contextmanager
def serving(home: Path, *options: str, **environment: str) -> Iterator[str]:
    """Run `dictation serve` as `serve` does until the end of the block; gives its address."""
    with held_port() as port:
        program = serve(port, home, *options, **environment)
        try:
            program.start()
            yield program.url
        finally:
            program.end()
