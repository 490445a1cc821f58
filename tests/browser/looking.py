"""A look at a state of the page: nothing there is what axe-core calls serious, and a picture of it for the docs.

Pictures go into docs/pictures, and are taken only where DICTATION_SCREENSHOTS is set (`make screenshots`).
"""

import os
from io import BytesIO

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page

from tests.browser.conftest import ROOT

SERIOUS = ("serious", "critical")
GRADIOS = ("nested-interactive", "icon-button svelte")  # the button in its list of files, which holds another one


def look(page: Page, name: str) -> None:
    """Fail at what is serious on the page, by rule and element; `name` is that of the picture."""
    violations = [one for one in Axe().run(page).response["violations"] if one["impact"] in SERIOUS]
    found = [(one["id"], node["html"]) for one in violations for node in one["nodes"]]
    rule, element = GRADIOS
    assert [(one, html) for one, html in found if one != rule or element not in html] == [], name
    if os.environ.get("DICTATION_SCREENSHOTS"):
        page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
        picture = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(256, dither=Image.Dither.NONE)
        picture.save(ROOT / "docs" / "pictures" / f"{name}.png", optimize=True)
