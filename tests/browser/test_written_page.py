"""A model writes while a radiologist looks at the page in a real Chromium; what is seen waits for the comparison."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import serving
from tests.models.held_chat import HeldChat
from tests.models.local_chat import KEY

pytestmark = pytest.mark.browser

SAMPLE = Path(__file__).parents[2] / "audio_samples" / "01_left_effusion"
GIVEN = [SAMPLE / name for name in ("order.json", "image.png", "reading.json", "01_left_effusion.flac")]
WAIT_MS = 180_000
PLACES = (".texts", ".cards", ".image", "#bar .record", "#bar .help", ".columns tbody")


@pytest.fixture(scope="module")
def model() -> Iterator[HeldChat]:
    with HeldChat() as server:
        yield server


@pytest.fixture(scope="module")
def page_at(home, own_folders, model) -> Iterator[str]:
    """The page with a writer behind a server."""
    where = {"URL": model.url, "MODEL": "medgemma", "KEY": KEY}
    environment = {f"DICTATION_ENDPOINT_{name}": value for name, value in where.items()}
    with serving(home, "--writer", "endpoint", **environment) as url:
        yield url


@pytest.fixture(scope="module")
def browser(start):
    return start()


@pytest.fixture
def watched(browser, watch, page_at, model):
    """A page on which the report of the sample is about to be written."""
    model.hold()
    model.fails, model.adds, model.changes = False, [], {}
    watched = watch(browser)
    watched.page.goto(page_at)
    state(watched.page, "idle")
    return watched


def state(page, name: str) -> None:
    page.wait_for_selector(f'#bar .bar[data-state="{name}"]', timeout=WAIT_MS)


def begin(page) -> None:
    """Give the case, and wait until its report is being written."""
    page.set_input_files("#files input[type=file]", GIVEN)
    page.wait_for_selector("th >> text=Being written by endpoint", timeout=WAIT_MS)
    page.keyboard.press("Escape")


def told(page, number: int) -> list[str]:
    """What is written, once it is so many statements."""
    page.wait_for_function(f"document.querySelectorAll('[data-told]').length === {number}", timeout=WAIT_MS)
    return [text.strip() for text in page.locator("[data-told]").all_inner_texts()]


def places(page) -> list[dict]:
    return [box.bounding_box() for name in PLACES for box in page.locator(name).all()]


def test_statements_come_one_by_one_and_what_is_seen_comes_with_the_differences(watched, model):
    page = watched.page
    assert "written by endpoint medgemma" in page.inner_text(".banner").replace("\n", " ")
    begin(page)
    before = places(page)
    assert "effusion" in page.inner_text(".columns")
    for number in (1, 2, 3):
        model.let_go()
        assert set(told(page, number)) == {item["text"] for item in model.items()[:number]}
    assert places(page) == before
    beside = page.locator("tr", has=page.locator("[data-told]")).last
    heard, written, *_ = beside.locator("td").all_inner_texts()
    assert written.strip() in heard
    assert page.locator("article.card").count() == 0
    assert "shown after the dictation" in page.inner_text(".columns")
    assert page.locator("[title=probability]").count() == 0
    assert "costophrenic" not in page.content()
    assert {text: ratio for text, ratio in watched.contrasts().items() if ratio < 7} == {}
    model.let_go(100)
    state(page, "ready")
    assert page.locator("[data-told]").count() == 0
    assert page.locator("[title=probability]").count() > 0
    assert "costophrenic" in page.inner_text(".image")
    assert watched.strangers == []
    assert watched.complaints == []


def test_stop_leaves_what_was_heard_and_trying_again_writes_the_report(watched, model):
    page = watched.page
    begin(page)
    model.let_go()
    told(page, 1)
    model.left.clear()
    page.click("#bar .cancel")
    state(page, "error")
    assert "Stopped" in page.inner_text("#bar .message")
    assert "no report was written" in page.inner_text(".cards")
    assert "effusion" in page.inner_text(".columns")
    assert page.locator("[data-told]").count() == 0
    assert model.left.wait(30)  # the server is not kept busy

    model.changes = {"left": "right"}
    model.adds = [{"place": "impression", "evidence": [], "text": "Follow up in six weeks."}]
    model.let_go(100)
    page.click("#bar .retry")
    state(page, "ready")
    assert "kept as dictated: the model changed its words" in page.inner_text("table.columns")
    assert "Follow up in six weeks." not in page.inner_text("table.columns")
    assert "not in the report" in page.inner_text("aside.suggested h3")
    assert "Follow up in six weeks." in page.inner_text("aside.suggested")
    assert "1 suggestion stands below" in page.inner_text(".cards")
    assert {text: ratio for text, ratio in watched.contrasts().items() if ratio < 7} == {}
    page.click("aside.suggested [data-action=accept]")
    page.wait_for_selector("table.columns >> text=Follow up in six weeks.", timeout=WAIT_MS)
    page.wait_for_function("document.querySelector('.texts').scrollTop > 0", timeout=WAIT_MS)  # where it was clicked
    assert "accepted by" in page.inner_text("table.columns")
    assert page.locator("aside.suggested [data-action=take_back]").is_visible()
    assert watched.complaints == []


def test_a_model_that_fails_is_told_in_words_and_the_draft_is_there(watched, model):
    model.fails = True
    page = watched.page
    page.set_input_files("#files input[type=file]", GIVEN)
    state(page, "ready")
    assert "This is an extractive draft: the writer 'endpoint' did not write." in page.inner_text(".warnings")
    assert "Written: extractive draft" in page.inner_text(".columns thead")
    assert "effusion" in page.locator("tr:has(td) td:nth-child(2)", has_text="effusion").first.inner_text()
    assert {text: ratio for text, ratio in watched.contrasts().items() if ratio < 7} == {}
