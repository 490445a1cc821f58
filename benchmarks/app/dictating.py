"""Simultaneous dictations: pages that speak the wire, and one real Chromium with a fake microphone."""

import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.app.chromium import ChromiumPage
from benchmarks.app.delays import Seen, spread
from benchmarks.app.served import Served
from benchmarks.app.speech import Said, spoken
from benchmarks.circumstances import system_load
from dictation.audio import capture
from dictation.audio.with_capture import sound_of
from dictation.records import Records
from tests.review.wire_page import WirePage

BLOCK_S, LAST_WORDS_S = 0.1, 900.0
APART_S = 0.73  # between the starts of two pages
ENDS_WITHIN_S = 15.0  # of the longest dictation, in which all are switched off


class Dictated:
    """One wire page that dictates, and what it saw of it."""

    def __init__(self, url: str, said: Said) -> None:
        self.said, self.seen = said, Seen()
        self.sent_s: list[float] = []
        self.taken_s: list[float] = []
        self.saved_s: list[float] = []
        self._final_s = 0.0
        self.page = WirePage(url, heard=self._heard)
        self.page.new()
        self.page.obeyed("prefer", name="silence_s", value=0)

    def dictate(self, ending: threading.Event) -> None:
        """Speak all of it at the pace of a microphone."""
        take = self.take = self.page.begin()
        self.page.on(take)
        self.seen.zero_s = time.monotonic()
        for number, block in enumerate(self.said.blocks(), 1):
            time.sleep(max(0.0, self.seen.zero_s + number * BLOCK_S - time.monotonic()))
            if ending.is_set():
                break
            self.sent_s.append(time.monotonic())
            self.page.add(take, block)
        self.page.off(take)

    def acks(self) -> dict[str, dict[str, float]]:
        """Seconds from a block to the answer that it is with the server, and that the disk has it."""
        pairs = {"with the server": self.taken_s, "on the disk": self.saved_s}
        return {name: spread([a - b for a, b in zip(came, self.sent_s, strict=False)]) for name, came in pairs.items()}

    def _heard(self, message: dict[str, Any], at_s: float) -> None:
        if message["kind"] == "ack":
            for came, count in ((self.taken_s, message["taken"]), (self.saved_s, message["saved"])):
                came += [at_s] * (min(count, len(self.sent_s)) - len(came))
        elif message["kind"] in ("pad", "partial"):
            if message["kind"] == "pad":
                self._final_s = max((span.get("end_s") or 0.0 for span in message["spans"]), default=0.0)
            self.seen.shown.append((at_s, self._final_s, message["provisional"] is not None))


def run(pages: int, minutes: float, *, browser: bool = True) -> dict[str, Any]:
    """Let so many pages dictate at once, one of them a real Chromium; return what was measured."""
    load_before = system_load()
    with Served() as served:
        wired = [Dictated(served.url, spoken(minutes, seed)) for seed in range(pages - browser)]
        seen = ChromiumPage(served, spoken(minutes, 100)) if browser else None
        served.begin()
        ending = threading.Event()
        speakers = []
        if seen:
            seen.begin()
        for one in wired:
            speakers.append(threading.Thread(target=one.dictate, args=(ending,), daemon=True))
            speakers[-1].start()
            time.sleep(APART_S)
        ends_s = time.monotonic() + 60 * minutes + ENDS_WITHIN_S
        while time.monotonic() < ends_s and any(one.is_alive() for one in speakers):
            time.sleep(0.5)
        ending.set()
        if seen:
            seen.end(60 * minutes)
        dictating = served.figures()
        for one in speakers:
            one.join()
        began_s = time.monotonic()
        for one in wired:
            one.page.until(
                lambda one=one: one.page.is_settled and one.page.state["bar"]["state"] == "ready", LAST_WORDS_S
            )
        settled_s = time.monotonic() - began_s
        after = served.figures()
        notices = Counter(text[:60] for one in wired for text in one.page.notices)
        heard = seen.results() if seen else None
        for one in wired:
            one.page.close()
        kept = _kept(served.home, [(one.take.id, one.said.pcm[: len(one.sent_s) * 1600]) for one in wired])
        if seen and heard is not None:
            kept += _kept(served.home, [(heard["take"], heard["pcm"])])
            seen.close()
        written = served.log.read_text()
    found = [one.seen.delays(one.said) for one in wired]
    result: dict[str, Any] = {
        "pages": pages,
        "minutes": minutes,
        "load_before": round(load_before, 2),
        "load_after": round(system_load(), 2),
        "sound": {
            "sent_s": round(sum(one["sent"] for one in kept) / 16000, 1),
            "dictations": len(kept),
            "the same on the disk, sample by sample": sum(one["is_same"] for one in kept),
            "samples_lost": sum(one["lost"] for one in kept),
        },
        "server": {**dictating, "memory_mb_with_all_reports_written": after["memory_mb"]["end"]},  # type: ignore[index]
        "last_words_and_reports_s": round(settled_s, 1),
        "notices": dict(notices),
        "lines_in_the_log": len(written.splitlines()),
    }
    if wired:
        result |= {
            "ack_s": _joined([one.acks() for one in wired]),
            "partial_s": spread([late for one in found for late in one["partial"]]),
            "final_s": spread([late for one in found for late in one["final"]]),
            "utterances_without_words": sum(len(one["wordless"]) for one in found),
        }
    if heard is not None:
        said: Said = heard["said"]
        delays = heard["seen"].delays(said)
        result["in_the_page"] = {
            "sample_to_visible_partial_s": spread(delays["partial"]),
            "end_of_utterance_to_visible_final_s": spread(delays["final"]),
            "utterances_without_words": len(delays["wordless"]),
            "unsent_at_the_end_s": heard["unsent_s"],
        }
    return result


def _joined(acks: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """The worst page counts: nobody is helped by another one's quick answers."""
    return {name: max((one[name] for one in acks), key=lambda found: found.get("p95", 0.0)) for name in acks[0]}


def _kept(home: Path, sent: list[tuple[str, np.ndarray]]) -> list[dict[str, Any]]:
    """Compare what was sent with what lies on the disk."""
    records = Records.open_at("", home)
    found = []
    try:
        for take, pcm in sent:
            recording = records.recording_of(take)
            assert recording is not None, "a take that the records do not know"
            path = home / "captures" / recording.file
            with path.open("rb") as file:
                scanned = capture.scan(file, path.name)
                count = scanned.blocks.samples
                kept = (sound_of(file, scanned.blocks.within(0, count), 0, count) * 2**15).astype("<i2")
            same = min(len(kept), len(pcm))
            found.append(
                {
                    "sent": len(pcm),
                    "is_same": bool(len(kept) >= len(pcm) and np.array_equal(kept[: len(pcm)], pcm)),
                    "lost": int(len(pcm) - same + np.count_nonzero(kept[:same] != pcm[:same])),
                }
            )
    finally:
        records.close()
    return found
