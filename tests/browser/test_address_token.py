"""In a real Chromium: the page of a machine that others use, too, opens by its token, and the token stays nowhere."""

import json
import urllib.request
from uuid import uuid4

import pytest

from dictation.case.draft import Draft
from dictation.exam import Order
from dictation.records import Records
from dictation.settings import Settings
from tests.browser.conftest import serving

pytestmark = pytest.mark.browser

VIEWER = "http://viewer.example/"
READY = "window.desk?.connected && window.desk?.state"


def test_the_token_opens_the_page_and_a_viewer_its_case_and_it_stays_in_no_address(start, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    with serving(home, DICTATION_PAGE_TOKEN="on") as url:
        token = (home / "page_token").read_text().strip()
        records = Records.open(Settings(home=home))
        records.create(case := Draft(id=uuid4().hex, orders=(Order(accession="A1"),)), "test")
        records.close()
        page = start().new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(f"{request.url} {json.dumps(request.headers)}"))
        assert page.goto(url).status == 403
        assert "the address that dictation serve told when it started" in page.inner_text("body")
        page.goto(f"{url}?token={token}")
        page.wait_for_function(READY, timeout=90_000)
        assert page.url == url and page.evaluate("document.referrer") == ""
        assert sum(token in one for one in asked) == 1, "in the address that was typed, and nowhere else"
        assert not any(token in kept for kept in page.evaluate("[document.cookie, JSON.stringify({...localStorage})]"))
        asking = urllib.request.Request(f"{url}open", b"accession=A1")
        asking.add_header("Authorization", f"Bearer {(home / 'viewer_token').read_text().strip()}")
        with urllib.request.urlopen(asking) as answer:
            link = json.load(answer)["url"]
        page.route(VIEWER, lambda route: route.fulfill(body=f'<a href="{link}">open</a>', content_type="text/html"))
        page.goto(VIEWER)
        page.click("a")
        page.wait_for_function(f"window.desk?.connected && desk.state?.case === '{case.id}'", timeout=90_000)
