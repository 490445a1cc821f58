"""The built site: without a warning, without a request to another machine, and searched from its folder."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from docs.generate import DOCS
from tests.browser.get_chromium import found


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the site, built as `make docs` does."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            "-W",
            "--keep-going",
            "-q",
            "-b",
            "html",
            "-d",
            folder / "read",
            DOCS,
            folder / "html",
        ],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "html"


class Asking(HTMLParser):
    """Collects what a page has a browser ask for: not what a person may click."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if tag != "a":
            self.asked += [named[name] for name in ("src", "srcset", "data", "poster", "href") if named.get(name)]


def test_no_page_asks_another_machine_for_anything(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    asking = Asking()
    for page in pages:
        asking.feed(page.read_text(encoding="utf-8"))
    assert len(asking.asked) > 100
    assert {one for one in asking.asked if re.match(r"(?:[a-z]+:)?//", one)} == set()
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^)'\"]*", styles) == []


@pytest.mark.browser
def test_the_site_is_read_and_searched_from_its_folder_on_a_desktop_and_a_phone(site):
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found(), args=["--no-sandbox"])
        for width in (1280, 390):
            page = browser.new_page(viewport={"width": width, "height": 844})
            page.on("request", lambda request: asked.append(request.url))
            for name in ("index", "start/radiologist", "reference/settings", "measurements", "administration"):
                page.goto((site / f"{name}.html").as_uri())
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
            page.goto(f"{(site / 'search.html').as_uri()}?q=vocabulary")
            page.locator("#search-results li a", has_text="Vocabulary").first.wait_for()
            page.close()
        browser.close()
    assert {one for one in asked if not one.startswith(("file:", "data:"))} == set()
