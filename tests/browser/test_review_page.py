"""The main job as a radiologist does it: speak at the page, see what was heard beside what was written and seen."""

import base64
import io
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dictation.audio import Recording
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.speech.recognizer import Job

pytestmark = pytest.mark.browser

SAMPLE = Path(__file__).parents[2] / "audio_samples" / "01_left_effusion"
GIVEN = ("order.json", "reading.json", "report.txt", "image.png")
WAIT_MS = 180_000


@pytest.fixture(scope="module")
def spoken(tmp_path_factory) -> Path:
    """The sample as the kind of file that Chromium's fake microphone plays."""
    samples, rate = soundfile.read(SAMPLE / "01_left_effusion.flac", dtype="int16")
    path = tmp_path_factory.mktemp("microphone") / "spoken.wav"
    soundfile.write(path, samples, rate, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def speaking(start, spoken):
    """A browser whose microphone plays the sample once."""
    return start(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={spoken}%noloop",
    )


def state(page, name: str) -> None:
    page.wait_for_selector(f'#bar .bar[data-state="{name}"]', timeout=WAIT_MS)


def heard_in(uri: str, recognizer) -> tuple[float, str]:
    """Seconds and words of the sound in a data URI."""
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(uri.split(",")[1])), dtype="float32")
    recording = Recording.from_samples(samples, rate, "clip")
    [(_, transcript)] = recognizer.transcribe([Job("clip", recording, EMPTY_VOCABULARY)])
    return len(samples) / rate, transcript.spoken


def test_a_dictation_is_recorded_heard_and_compared_in_the_page(served, home, speaking, watch, spoken, embedded):
    watched = watch(speaking)
    page = watched.page
    page.goto(served)
    state(page, "idle")
    assert "whisper base" in page.inner_text(".banner")

    page.set_input_files("#files input[type=file]", [SAMPLE / name for name in GIVEN])
    page.wait_for_selector(".banner >> text=EXAMPLE, Ada", timeout=WAIT_MS)
    assert page.locator(".picture img").count() == 1
    assert {text: ratio for text, ratio in watched.contrasts().items() if ratio < 7} == {}

    seconds = soundfile.info(spoken).duration
    page.keyboard.press("F9")
    state(page, "recording")
    page.wait_for_function("document.querySelector('#bar .clock').textContent >= '0:03'", timeout=WAIT_MS)
    watched.shoot("recording")
    assert page.inner_text("#bar .what") == "Stop"
    whole = f"{int(seconds) // 60}:{int(seconds) % 60 + 1:02}"
    page.wait_for_function(f"document.querySelector('#bar .clock').textContent >= '{whole}'", timeout=WAIT_MS)
    page.keyboard.press("F9")
    state(page, "ready")
    watched.shoot("ready")

    kept = list((home / "recordings").iterdir())
    assert len(kept) == 1
    samples, rate = soundfile.read(kept[0])
    assert seconds <= len(samples) / rate < seconds + 5
    assert np.abs(samples).max() > 0.1

    first = page.locator(".card").first
    assert "critical" in first.inner_text()
    assert first.locator("h4").inner_text().endswith("Side")
    assert "now" in first.get_attribute("class").split()
    assert "effusion" in page.inner_text("table.columns tbody.now")

    said = page.locator(".columns .lit.said")
    assert [words.strip().lower() for words in said.all_inner_texts()] == ["left", "right"]
    columns = [cell.evaluate("cell => cell.closest('td').cellIndex") for cell in said.all()]
    assert columns == [0, 1]

    page.keyboard.press("Space")
    page.wait_for_function("!document.querySelector('.card.now audio').paused", timeout=WAIT_MS)
    page.wait_for_function("document.querySelector('.card.now audio').ended", timeout=WAIT_MS)
    clip_s, words = heard_in(first.locator("audio").get_attribute("src"), embedded)
    assert "left" in words.lower()
    assert "heart" not in words.lower()  # what was said later
    assert clip_s < seconds / 2

    assert {text: ratio for text, ratio in watched.contrasts().items() if ratio < 7} == {}
    card_id = first.get_attribute("data-d")
    page.keyboard.press("d")
    page.wait_for_selector(f'details.settled .card[data-d="{card_id}"]', state="attached", timeout=WAIT_MS)
    watched.shoot("settled")
    page.click("details.settled summary")
    page.click(f'details.settled .card[data-d="{card_id}"] [data-action=reopen]')
    page.wait_for_selector(f'.cards .stay > .card[data-d="{card_id}"]', timeout=WAIT_MS)

    assert watched.strangers == []
    assert watched.complaints == []


def test_going_on_adds_to_the_same_recording_and_a_new_case_begins_empty(served, speaking, watch):
    watched = watch(speaking)
    page = watched.page
    page.goto(served)
    state(page, "idle")
    for until in ("0:03", "0:06"):
        page.keyboard.press("F9")
        state(page, "recording")
        page.wait_for_function(f"document.querySelector('#bar .clock').textContent >= '{until}'", timeout=WAIT_MS)
        page.keyboard.press("F9")
        page.wait_for_selector('#bar .bar[data-state="ready"], #bar .bar[data-state="error"]', timeout=WAIT_MS)
    assert page.inner_text("#bar .clock") >= "0:06"
    page.click("#bar .fresh")
    state(page, "idle")
    assert page.inner_text("#bar .clock") == "0:00"
    page.wait_for_function("document.querySelector('.banner').innerText.includes('no dictation yet')", timeout=WAIT_MS)
    assert watched.strangers == []
    assert watched.complaints == []


def test_a_recording_that_cannot_be_heard_says_why_and_keeps_what_was_there(served, start, watch, tmp_path):
    watched = watch(start())
    page = watched.page
    page.goto(served)
    state(page, "idle")
    page.set_input_files("#files input[type=file]", [SAMPLE / "order.json"])
    page.wait_for_selector(".banner >> text=EXAMPLE, Ada", timeout=WAIT_MS)
    broken = tmp_path / "broken.wav"
    broken.write_text("this is no sound")
    page.set_input_files("#files input[type=file]", [broken])
    state(page, "error")
    message = page.inner_text("#bar .message")
    assert "broken.wav" in message
    assert str(tmp_path) not in message and "/uploads/" not in message
    assert page.locator("#bar .retry").is_visible()
    assert "EXAMPLE, Ada" in page.inner_text(".banner")
    assert watched.complaints == []


def test_a_machine_without_microphone_is_told_so(served, start, watch):
    watched = watch(start())
    page = watched.page
    page.goto(served)
    state(page, "idle")
    page.keyboard.press("F9")
    state(page, "error")
    assert page.inner_text("#bar .message").startswith("No microphone can be heard")


def test_an_order_can_be_typed_and_a_report_pasted(served, start, watch):
    watched = watch(start())
    page = watched.page
    page.goto(served)
    state(page, "idle")
    page.fill("#report textarea", "FINDINGS: Small right pleural effusion.")
    page.click("#check")
    page.wait_for_selector("table.columns >> text=Small right pleural effusion.", timeout=WAIT_MS)
    page.click("#order button")
    page.fill("#order-name input, #order-name textarea", "EXAMPLE, Zoe")
    page.fill("#order-birth_date input, #order-birth_date textarea", "1999-99-99")
    page.click("#use")
    state(page, "error")
    assert "birth_date" in page.inner_text("#bar .message")
    page.fill("#order-birth_date input, #order-birth_date textarea", "1999-01-31")
    page.click("#use")
    page.wait_for_selector(".banner >> text=EXAMPLE, Zoe", timeout=WAIT_MS)
    assert "born 1999-01-31" in page.inner_text(".banner")
    assert watched.complaints == []


def test_keys_work_and_letters_typed_into_a_field_stay_letters(served, start, watch):
    watched = watch(start())
    page = watched.page
    page.goto(served)
    state(page, "idle")
    page.fill("#report textarea", "")
    page.type("#report textarea", "no dphrf?o")
    assert page.input_value("#report textarea") == "no dphrf?o"
    assert page.locator("dialog[open]").count() == 0
    page.keyboard.press("Escape")
    page.locator("#panel").wait_for(state="hidden")
    page.locator("body").focus()
    page.keyboard.press("?")
    page.wait_for_selector("#bar dialog[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("#bar dialog[open]", state="detached")
    page.keyboard.press("o")
    page.locator("#panel").wait_for(state="visible")


def test_the_page_stands_still_from_one_state_to_the_next(served, start, watch):
    watched = watch(start())
    page = watched.page
    page.goto(served)
    state(page, "idle")

    def places() -> list[dict]:
        names = ("#bar .record", "#bar .clock", "#bar .help", ".banner", ".texts", ".cards")
        return [page.locator(name).bounding_box() for name in names]

    before = places()
    page.set_input_files("#files input[type=file]", [SAMPLE / name for name in ("order.json", "image.png")])
    page.wait_for_selector(".banner >> text=EXAMPLE, Ada", timeout=WAIT_MS)
    time.sleep(0.5)  # a late font or picture would move things now
    assert places() == before


def test_the_longest_message_and_the_keys_stay_inside_the_bar(served, start, watch, tmp_path):
    watched = watch(start())
    page = watched.page
    page.goto(served)
    state(page, "idle")
    width = page.locator("#bar .record").bounding_box()["width"]
    reports = [tmp_path / f"{letter * 90}.txt" for letter in "ab"]
    for report in reports:
        report.write_text("FINDINGS: Clear lungs.")
    page.set_input_files("#files input[type=file]", reports)  # the message names both, and the fix
    state(page, "error")
    bar, message = page.locator("#bar .bar").bounding_box(), page.locator("#bar .message").bounding_box()
    assert bar["y"] <= message["y"]
    assert message["y"] + message["height"] <= bar["y"] + bar["height"]
    assert page.locator("#bar .record").bounding_box()["width"] == width
