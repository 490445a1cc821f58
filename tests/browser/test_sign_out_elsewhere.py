"""A workstation that readers share, at an identity provider on another site: who signs out is out there, too."""

import pytest
from playwright.sync_api import Page

from dictation.records import Records
from dictation.records.users import Users
from dictation.settings import Settings
from tests.browser.conftest import serving

provider_mock = pytest.importorskip("oidc_provider_mock")
pytestmark = pytest.mark.browser
WAIT_MS = 60_000


@pytest.fixture(scope="module")
def issuer():
    """The provider's address: another site than the app's, to a browser."""
    with provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(scope="module")
def url(home, own_folders, issuer):
    records = Records.open(Settings(home=home))
    Users(records).add("ann", "Dr. Ann Example", "attending", None, "test")
    records.close()
    oidc = {"ISSUER": issuer, "CLIENT": "reports", "SECRET": "ours", "NAME_CLAIM": "sub"}
    asked = {f"DICTATION_OIDC_{name}": value for name, value in oidc.items()}
    public = "http://127.0.0.1:{port}/reports"
    with serving(home, DICTATION_SIGN_IN="oidc", DICTATION_PUBLIC_URL=public, **asked) as url:
        yield f"{url}reports/"


def signs_in(page: Page, url: str, issuer: str) -> None:
    page.goto(url)
    page.wait_for_url(f"{url}sign-in")
    page.get_by_role("link", name="Sign in").click()
    page.wait_for_url(f"{issuer}/oauth2/authorize?**")
    page.locator("[name=sub]").first.fill("ann")
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url(url)
    page.locator("#bar .sign-out", has_text="Dr. Ann Example").wait_for(timeout=WAIT_MS)


def test_who_signs_out_with_a_key_is_signed_out_at_the_provider_and_comes_back(start, url, issuer):
    page = start().new_page()
    page.set_default_timeout(WAIT_MS)
    signs_in(page, url, issuer)
    page.keyboard.press("Alt+Shift+o")
    page.wait_for_url(f"{issuer}/oauth2/end_session?**")
    assert "Recommended parameter" not in page.content(), "the provider is told whose session it is"
    page.get_by_role("button", name="End session").click()
    page.wait_for_url(f"{url}sign-in?state=*")
    page.get_by_role("link", name="Sign in").wait_for()
    page.goto(url)
    page.wait_for_url(f"{url}sign-in")
