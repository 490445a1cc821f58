"""The page of keys in docs/reference is the table that the app's page obeys. `make screenshots` writes it."""

import os

import pytest

from docs.generate import keys, path_of
from tests.browser.room import READY

pytestmark = pytest.mark.browser

LISTED = """async () => {
    const { shown } = await import(new URL("scripts/keys.js", document.baseURI).href);
    return desk.keys.list().map(({ key, label, group, listed }) => ({ key, label, group, listed, shown: shown(key) }));
}"""


def test_the_page_of_keys_holds_the_keys_that_are_obeyed(browser, watch, department):
    page = watch(browser).page
    page.goto(department.url)
    page.wait_for_function(READY)
    made = keys(page.evaluate(LISTED))
    page.close()
    if os.environ.get("DICTATION_SCREENSHOTS"):
        path_of("keys").write_text(made, encoding="utf-8")
    assert path_of("keys").read_text(encoding="utf-8") == made, "run: make screenshots"
    assert made.count("\n| **") > 40 and "**F9**" in made
