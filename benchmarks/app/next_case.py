"""From the last word to the next case: F9, Ctrl+Enter, Enter, in a real Chromium, on clean cases of the samples."""

import base64
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.app.chromium import SIZE, WAIT_MS, opened
from benchmarks.app.delays import spread
from benchmarks.app.served import Served
from benchmarks.app.speech import SAMPLES
from dictation.audio import SAMPLE_RATE, Recording
from tests.browser.get_chromium import found

CLEAN = ("02_clean_pneumonia", "06_clean_chest_ct")
SIGNER = "Dr. B. Benchmark"
AFTER_WORD_S = 0.2  # in which a person finds the key
# A microphone that plays what it is given, when it is told, and is silent otherwise.
MICROPHONE = """() => {
  const context = new AudioContext({ sampleRate: 16000 }), out = context.createMediaStreamDestination();
  const silence = context.createConstantSource();
  silence.offset.value = 0;
  silence.connect(out);
  silence.start();
  navigator.mediaDevices.getUserMedia = async () => out.stream.clone();
  window.speak = (base64) => new Promise((spoken) => {
    context.resume();
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const samples = Float32Array.from(new Int16Array(bytes.buffer), (value) => value / 32768);
    const buffer = context.createBuffer(1, samples.length, 16000), source = context.createBufferSource();
    buffer.copyToChannel(samples, 0);
    source.buffer = buffer;
    source.connect(out);
    source.onended = () => spoken(true);
    source.start();
  });
}"""


def run(count: int) -> dict[str, Any]:
    """Dictate, compare and sign so many cases."""
    home, orders = (Path(tempfile.mkdtemp(prefix=name)) for name in ("bench_next", "bench_orders"))
    for number in range(count + 1):
        sample = CLEAN[number % len(CLEAN)]
        order = json.loads((SAMPLES / sample / "order.json").read_text())
        order["accession"] = f"BENCH-{number:04d}"
        (orders / f"{number:04d}.json").write_text(json.dumps(order))
        time.sleep(0.01)
    steps: dict[str, list[float]] = {
        name: [] for name in ("F9 to the review", "to the dialog", "to the next case", "all")
    }
    unclean = 0
    with Served(home, DICTATION_ORDERS=str(orders), DICTATION_SIGNER=SIGNER) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found(), args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE)
        page.add_init_script(f"({MICROPHONE})()")
        opened(page, served.url)
        _first_case(page, count + 1)
        for _ in range(count):
            took = _signed(page)
            if took is None:
                unclean += 1
                _leave(page)
                continue
            for name, seconds in took.items():
                steps[name].append(seconds)
        browser.close()
    return {"cases": count, "not_clean": unclean, "keys": 3, "seconds": {name: spread(s) for name, s in steps.items()}}


def _first_case(page: Page, count: int) -> None:
    for _ in range(100):
        rows = page.evaluate("fetch('worklist?state=draft').then((answer) => answer.json()).then(({rows}) => rows)")
        rows = [row for row in rows if row["accession"].startswith("BENCH")]
        if len(rows) >= min(count, 50):
            break
        page.wait_for_timeout(300)
    _open(page, rows[0]["id"])


def _open(page: Page, case: str) -> None:
    page.evaluate("(id) => { window.desk.send({do: 'open', id}); }", case)
    page.wait_for_function("(id) => window.desk.state.case === id", arg=case, timeout=WAIT_MS)


def _leave(page: Page) -> None:
    page.keyboard.press("Escape")
    here = page.evaluate("window.desk.state.case")
    rows = page.evaluate("fetch('worklist?state=draft').then((answer) => answer.json()).then(({rows}) => rows)")
    _open(page, next(row["id"] for row in rows if row["id"] != here and not row["is_dictated"]))


def _signed(page: Page) -> dict[str, float] | None:
    """Dictate the sample of the case that is open, and sign it; None where something had to be settled first."""
    case = page.evaluate("window.desk.state.case")
    is_chest_ct = "CT" in page.evaluate("document.querySelector('#banner').textContent")
    page.keyboard.press("F9")
    page.wait_for_function("window.desk.capture.state === 'on'", timeout=WAIT_MS)
    page.wait_for_timeout(500)
    page.evaluate("(sound) => window.speak(sound)", _sound(CLEAN[is_chest_ct]))
    page.wait_for_timeout(1000 * AFTER_WORD_S)
    began_s = time.monotonic()
    page.keyboard.press("F9")
    page.wait_for_function(
        "document.body.dataset.stage === 'review' && window.desk.capture.state === 'off'", timeout=WAIT_MS
    )
    reviewed_s = time.monotonic()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog[open]", timeout=WAIT_MS)
    if not page.evaluate("!document.querySelector('dialog[open] .confirm').disabled"):
        page.wait_for_timeout(1000)
        if not page.evaluate("!document.querySelector('dialog[open] .confirm').disabled"):
            return None
    asked_s = time.monotonic()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "(id) => window.desk.state.case !== id && !document.querySelector('dialog[open]')", arg=case, timeout=WAIT_MS
    )
    ended_s = time.monotonic()
    return {
        "F9 to the review": reviewed_s - began_s,
        "to the dialog": asked_s - reviewed_s,
        "to the next case": ended_s - asked_s,
        "all": ended_s - began_s,
    }


def _sound(sample: str) -> str:
    [path] = [path for path in (SAMPLES / sample).iterdir() if path.stem == sample]
    sound = Recording(path).samples()
    last = np.flatnonzero(np.abs(sound) > 0.02)[-1] + SAMPLE_RATE // 20  # no silence behind the last word
    return base64.b64encode((sound[:last] * 32767).astype("<i2").tobytes()).decode()
