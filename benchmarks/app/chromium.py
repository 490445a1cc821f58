"""A real Chromium at the app: with a fake microphone that plays a file, or with one that plays when it is told."""

import base64
import tempfile
import time
import wave
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.app.delays import Seen
from benchmarks.app.served import Served
from benchmarks.app.speech import BLOCK, Said, said_in
from dictation.audio import SAMPLE_RATE
from tests.browser.get_chromium import found

WAIT_MS = 600_000
SIZE = {"width": 1280, "height": 800}
# What leaves the microphone, and when #pad shows what: two frames after the message, so that it is painted.
WATCH = """() => {
  const desk = window.desk, bench = window.bench = { blocks: [], shown: [], zero: performance.timeOrigin };
  const heard = desk.capture.heard.bind(desk.capture);
  desk.capture.heard = (block) => {
    bench.blocks.push([performance.now(), new Int16Array(block.pcm.slice(0))]);
    heard(block);
  };
  let final_s = 0;
  const shown = ({ spans, provisional }) => {
    if (spans) final_s = Math.max(0, ...spans.map((span) => span.end_s ?? 0));
    const until_s = final_s, words = provisional && `${provisional.stable} ${provisional.rest}`.trim();
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const isSeen = Boolean(words) && document.querySelector("#pad").textContent.includes(words.split(" ").at(-1));
      bench.shown.push([performance.now(), until_s, isSeen]);
    }));
  };
  desk.on("pad", shown);
  desk.on("partial", shown);
}"""
PCM = """([from, to]) => {
  let text = "";
  for (const [, pcm] of window.bench.blocks.slice(from, to)) {
    for (const byte of new Uint8Array(pcm.buffer)) text += String.fromCharCode(byte);
  }
  return btoa(text);
}"""


class ChromiumPage:
    """One page in a browser of its own, whose microphone plays a dictation."""

    def __init__(self, served: Served, said: Said) -> None:
        self._file = Path(tempfile.mkdtemp(prefix="bench_mic")) / "said.wav"
        with wave.open(str(self._file), "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(2)
            wav.setframerate(SAMPLE_RATE)
            wav.writeframes(said.pcm.tobytes())
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(
            executable_path=found(),
            args=["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
                  f"--use-file-for-fake-audio-capture={self._file}%noloop",
                  "--autoplay-policy=no-user-gesture-required"],
        )  # fmt: skip
        self.page = opened(self._browser.new_page(viewport=SIZE), served.url)
        self.page.evaluate("window.desk.send({do: 'prefer', name: 'silence_s', value: 0})")
        self.page.evaluate(WATCH)

    def begin(self) -> None:
        """Tap the key."""
        self._began_s = time.monotonic()
        self.page.keyboard.press("F9")
        self.page.wait_for_function("window.bench.blocks.length > 0", timeout=WAIT_MS)

    def end(self, after_s: float) -> None:
        """Tap it again, so many seconds after it was tapped first."""
        self.page.wait_for_timeout(max(0.0, 1000 * (self._began_s + after_s - time.monotonic())))
        self.page.keyboard.press("F9")
        self.page.wait_for_function("window.desk.capture.state === 'off'", timeout=WAIT_MS)

    def results(self) -> dict[str, Any]:
        """What left the microphone, and what was seen of it."""
        self.page.wait_for_function("window.desk.capture.sending.unsent_s === 0", timeout=WAIT_MS)
        self.page.wait_for_function("document.body.dataset.stage === 'review'", timeout=WAIT_MS)
        times = self.page.evaluate("window.bench.blocks.map(([at]) => at)")
        pcm = b""
        for start in range(0, len(times), 500):
            pcm += base64.b64decode(self.page.evaluate(PCM, [start, start + 500]))
        samples = np.frombuffer(pcm, "<i2")
        # A block comes when its last sample was taken, or later where the page was busy: the earliest ones tell.
        starts = [at / 1000 - (number + 1) * BLOCK / SAMPLE_RATE for number, at in enumerate(times)]
        seen = Seen(zero_s=float(np.percentile(starts[5:], 5)))
        seen.shown = [
            (at / 1000, final_s, is_open) for at, final_s, is_open in self.page.evaluate("window.bench.shown")
        ]
        return {
            "take": self.page.evaluate("window.desk.state.takes[0]"),
            "pcm": samples,
            "said": said_in(samples),
            "seen": seen,
            "unsent_s": self.page.evaluate("window.desk.capture.sending.unsent_s"),
        }

    def close(self) -> None:
        """Leave."""
        self._browser.close()
        self._playwright.stop()


def opened(page: Page, url: str) -> Page:
    """Open the app and wait until a case is shown."""
    page.goto(url, timeout=WAIT_MS)
    page.wait_for_function("window.desk?.state?.case && window.desk.capture", timeout=WAIT_MS)
    return page
