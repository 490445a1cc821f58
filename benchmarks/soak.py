"""An hour in a department: eight dictate, case after case, while backups and purges run and a monitor asks.

    python -m benchmarks.soak                                    # 60 minutes, 8 dictations
    python -m benchmarks.soak --minutes 2 --dictations 2 --case-minutes 0.5 --every-minutes 0.5

The app is served with the embedded ear; each page speaks the wire, dictates a case at the pace of a microphone, waits
for its report, signs it where nothing but a reason is asked for, and begins the next one. Every few minutes
`dictation backup` and `dictation purge` run as programs of their own, under a rule that deletes the sound of every case
that is signed and closed. /readyz and /metrics are asked every 5 s. At the end every sample that the server said it had
is looked for: in the journal or FLAC, or, where it was purged, in the hash that the records keep of it.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.app.served import ROOT, Served
from benchmarks.app.speech import spoken
from benchmarks.circumstances import circumstances, system_load
from dictation.audio import Recording
from dictation.audio.capture import to_pcm
from dictation.records import Records
from dictation.records.sound import sound_path
from tests.review.wire_page import WirePage

OUT = Path(__file__).parent / "results" / "soak"
BLOCK_S, APART_S, ASK_S = 0.1, 0.73, 5.0
REPORT_S = 900.0  # for the last words and the report of a case
COMMANDS_S = 900.0
SAMPLES = 1600  # of a block
RULE = "none"  # sound goes once its case is signed final and closed
LOSSES = ("samples lost", "takes not found", "faults of the records")
SIGNED, REASON = "Soak", "read again"
PLAN = {"person": SIGNED, "method": "telephone"}  # of a critical result that nobody was told of


@dataclass
class Taken:
    """One take: which dictation it is, how many blocks were sent, and how many the server said are on its disk."""

    take: str
    seed: int
    sent: int = 0
    saved: int = 0


@dataclass
class Speaker:
    """Somebody who dictates case after case."""

    number: int
    url: str
    case_minutes: float
    taken: list[Taken] = field(default_factory=list)
    signed: int = 0
    unsigned: Counter[str] = field(default_factory=Counter)
    notices: Counter[str] = field(default_factory=Counter)
    failure: str = ""

    def work(self, ending: threading.Event) -> None:
        """Dictate until the end; what goes wrong is kept for the result."""
        try:
            with WirePage(self.url) as page:
                for case in count():
                    if ending.is_set():
                        break
                    self._case(page, 1000 * self.number + case, ending)
                self.notices = Counter(text.split(":")[-1].strip()[:60] for text in page.notices)
        except Exception as error:
            self.failure = f"{type(error).__name__}: {str(error)[:300]}"

    def _case(self, page: WirePage, seed: int, ending: threading.Event) -> None:
        page.new()
        page.obeyed("prefer", name="silence_s", value=0)
        take = page.begin()
        taken = Taken(take.id, seed)
        self.taken.append(taken)
        page.on(take)
        began_s = time.monotonic()
        try:
            for number, block in enumerate(_said(seed, self.case_minutes), 1):
                time.sleep(max(0.0, began_s + number * BLOCK_S - time.monotonic()))
                if ending.is_set():
                    break
                page.add(take, block)
                taken.sent = number
            page.off(take)
            page.until(lambda: page.is_settled and _is_compared(page), REPORT_S)
        finally:
            taken.saved = take.saved
        asked = page.state["sign"]["blockers"]
        plans = {one["discrepancy"]: PLAN for one in asked if one["kind"] == "critical"}
        reasons = {one["discrepancy"]: REASON for one in asked if one["may_override"] and one["kind"] != "critical"}
        answer = page.ask("sign", author=SIGNED, overrides=reasons, planned=plans, timeout_s=REPORT_S)
        if answer["ok"]:
            self.signed += 1
        else:
            self.unsigned[",".join(sorted({one["kind"] for one in asked})) or "refused"] += 1


@dataclass
class Monitor:
    """What /readyz and /metrics said, and when, in seconds from the start."""

    url: str
    ready: Counter[int] = field(default_factory=Counter)
    failing: Counter[str] = field(default_factory=Counter)
    took_s: list[float] = field(default_factory=list)
    figures: list[tuple[float, dict[str, float]]] = field(default_factory=list)

    def watch(self, began_s: float, ending: threading.Event) -> None:
        """Ask until the end."""
        while not ending.wait(ASK_S):
            asked_s = time.monotonic()
            status, body = _asked(f"{self.url}readyz")
            self.took_s.append(time.monotonic() - asked_s)
            self.ready[status] += 1
            if status == 503 and body.startswith("{"):
                checks = json.loads(body)["checks"]
                self.failing.update(f"{one['check']}: {one['state']}" for one in checks if not one["ok"])
            status, body = _asked(f"{self.url}metrics")
            if status == 200:
                families = text_string_to_metric_families(body)
                found = {s.name: s.value for one in families for s in one.samples if not s.labels}
                self.figures.append((time.monotonic() - began_s, found))


def main() -> None:
    """Run it and write what was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--dictations", type=int, default=8)
    parser.add_argument("--case-minutes", type=float, default=4.0)
    parser.add_argument("--every-minutes", type=float, default=6.0, help="between two backups, and two purges")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    found = run(options.minutes, options.dictations, options.case_minutes, options.every_minutes)
    options.out.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    options.out.with_suffix(".md").write_text(_page(found), encoding="utf-8")
    print(json.dumps(found, indent=1))
    sys.exit(0 if found["nothing lost"] and found["always ready"] else 1)


def run(minutes: float, dictations: int, case_minutes: float, every_minutes: float) -> dict[str, Any]:
    """Let so many dictate for so long; return what was seen."""
    folder = Path(tempfile.mkdtemp(prefix="bench_soak"))
    home, backups, log = folder / "home", folder / "backups", folder / "log.jsonl"
    home.mkdir()
    load_before = system_load()
    environment = {"DICTATION_HOME": str(home), "DICTATION_KEEP_AUDIO": RULE}
    with Served(home, **environment, DICTATION_LOG=str(log)) as served:
        commands = Commands({**os.environ, **environment}, backups)
        speakers = [Speaker(number, served.url, case_minutes) for number in range(dictations)]
        monitor, ending, over = Monitor(served.url), threading.Event(), threading.Event()
        served.begin()
        began_s = time.monotonic()
        threads = [threading.Thread(target=one.work, args=[ending], daemon=True) for one in speakers]
        others = [
            threading.Thread(target=monitor.watch, args=[began_s, over], daemon=True),
            threading.Thread(target=commands.repeat, args=[60 * every_minutes, ending], daemon=True),
        ]
        for thread in others:
            thread.start()
        for thread in threads:
            thread.start()
            time.sleep(APART_S)
        ending.wait(max(0.0, began_s + 60 * minutes - time.monotonic()))
        ending.set()
        for thread in threads:
            thread.join(2 * REPORT_S)
        over.set()
        for thread in others:
            thread.join(COMMANDS_S)
        memory = [(at_s, mb) for at_s, mb in served.memory_mb if at_s <= 60 * minutes]
        server = served.figures()
        status = served.process.poll()
    kept = _kept(home, speakers)
    spread = [figures["dictation_final_lag_p95_seconds"] for _, figures in monitor.figures
              if "dictation_final_lag_p95_seconds" in figures]  # fmt: skip
    failures = [one.failure for one in speakers if one.failure]
    return {
        **circumstances(load_before, "faster-whisper", "ctranslate2"),
        "minutes": minutes,
        "dictations": dictations,
        "nothing lost": not any(kept[name] for name in LOSSES) and not failures,
        "always ready": not set(monitor.ready) - {200},
        "server": "still running" if status is None else f"ended with {status}",
        "pages that failed": failures,
        "sound": kept,
        "cases": {"dictated": sum(len(one.taken) for one in speakers), "signed": sum(one.signed for one in speakers),
                  "not signed": dict(sum((one.unsigned for one in speakers), Counter()))},
        "memory in MB by tenth": _tenths(memory, 60 * minutes),
        "cores busy": server["cores_busy"],
        "probes": {"asked": len(monitor.took_s), "ready": monitor.ready[200], "failing": dict(monitor.failing),
                   "longest_s": round(max(monitor.took_s, default=0.0), 2)},
        "final lag p95 in s, five minutes each": {
            "median": round(median(spread), 2) if spread else None, "most": round(max(spread), 2) if spread else None,
        },
        "metrics by tenth": {
            name: _tenths([(at_s, one[name]) for at_s, one in monitor.figures if name in one], 60 * minutes)
            for name in ("dictation_cases_open", "dictation_phrases_waiting", "dictation_sound_to_hear_seconds",
                         "process_open_fds")
        },
        "commands": commands.results(),
        "backup checked": commands.checked(),
        "log": dict(Counter(json.loads(line)["event"] for line in log.read_text(encoding="utf-8").splitlines())),
        "notices": dict(sum((one.notices for one in speakers), Counter())),
    }  # fmt: skip


class Commands:
    """`dictation backup` and `dictation purge`, where this version has them, in turn beside the server."""

    def __init__(self, environment: dict[str, str], backups: Path) -> None:
        self._environment, self._backups = environment, backups
        backups.mkdir()
        asked = {"backup": ["backup", str(backups)], "purge": ["purge"]}
        self._commands = {name: words for name, words in asked.items() if self._run([name, "--help"])[0] == 0}
        self._missing = [name for name in asked if name not in self._commands]
        self._ran: list[tuple[str, int, float]] = []
        self._said = ""

    def repeat(self, every_s: float, ending: threading.Event) -> None:
        """Run each of them until the end."""
        while not ending.wait(every_s):
            for name, words in self._commands.items():
                began_s = time.monotonic()
                code, self._said = self._run(words)
                self._ran.append((name, code, round(time.monotonic() - began_s, 1)))

    def results(self) -> dict[str, Any]:
        """How often each ran, with which exit codes, and how long it took at most."""
        found: dict[str, Any] = {
            name: {
                "runs": sum(one == name for one, _, _ in self._ran),
                "exit codes": dict(Counter(code for one, code, _ in self._ran if one == name)),
                "longest_s": max((took for one, _, took in self._ran if one == name), default=0.0),
            }
            for name in self._commands
        }
        return found | {"not in this version": self._missing}

    def checked(self) -> str:
        """Verify the last backup, where there is one."""
        made = sorted(path for path in self._backups.iterdir() if path.is_dir() and not path.name.startswith("."))
        if not made:
            return "no backup was made"
        code, said = self._run(["backup", "--check", str(made[-1])])
        return f"{len(made)} made, the last one " + (
            "is whole" if code == 0 else f"is not (exit {code}): {said[-200:]}"
        )

    def _run(self, words: list[str]) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "pipelines", *words], cwd=ROOT, env=self._environment, capture_output=True,
            text=True, timeout=COMMANDS_S,
        )  # fmt: skip
        return done.returncode, done.stderr


def _kept(home: Path, speakers: list[Speaker]) -> dict[str, Any]:
    """Look for every sample that was acknowledged."""
    found: Counter[str] = Counter()
    with closing(Records.open_at("", home)) as records:
        for speaker in speakers:
            for one in speaker.taken:
                said = b"".join(_said(one.seed, speaker.case_minutes)[: one.sent])
                found["samples sent"] += len(said) // 2
                found["samples acknowledged"] += min(len(said) // 2, one.saved * SAMPLES)
                recording = records.recording_of(one.take)
                if recording is None:
                    found["takes not found"] += 1
                elif getattr(recording, "purged_at", ""):
                    is_same = recording.sha256 == hashlib.sha256(said).hexdigest()
                    found["takes purged, their hash is that of what was said"] += is_same
                    found["samples lost"] += 0 if is_same else len(said) // 2
                else:
                    kept = to_pcm(Recording(sound_path(records, recording)).samples())
                    here = said[: 2 * one.saved * SAMPLES]
                    is_same = kept[: len(here)] == here
                    found["takes on the disk, sample by sample"] += is_same
                    found["samples lost"] += 0 if is_same else _differing(kept, here)
        faults = records.verify()
    wanted = ("samples sent", "samples acknowledged", "samples lost", "takes not found")
    return {name: found[name] for name in wanted} | dict(found) | {"faults of the records": list(faults[:5])}


def _differing(kept: bytes, said: bytes) -> int:
    one, other = (np.frombuffer(sound, "<i2") for sound in (kept, said))
    length = min(len(one), len(other))
    return int(len(other) - length + np.count_nonzero(one[:length] != other[:length]))


def _is_compared(page: WirePage) -> bool:
    """Whether the report may be signed, but for what somebody has to answer."""
    under_way = {"comparing", "hearing"} & {one["kind"] for one in page.state["sign"]["blockers"]}
    return page.state["case"]["stage"] == "review" and not under_way


def _said(seed: int, minutes: float) -> list[bytes]:
    return spoken(minutes, seed).blocks()


def _asked(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def _tenths(values: list[tuple[float, float]], seconds: float) -> list[float | None]:
    """The median of each tenth of the time; None where nothing was seen."""
    tenths: list[list[float]] = [[] for _ in range(10)]
    for at_s, value in values:
        tenths[min(9, int(10 * at_s / seconds))].append(value)
    return [round(median(one), 1) if one else None for one in tenths]


def _page(found: dict[str, Any]) -> str:
    lines = ["# An hour in a department", "", "`python -m benchmarks.soak`; what it does is told there.", ""]
    lines += ["| what | value |", "|---|---|"]
    for name, value in found.items():
        if isinstance(value, dict):
            lines += [f"| {name}: {one} | {_plain(more)} |" for one, more in value.items()]
        else:
            lines.append(f"| {name} | {_plain(value)} |")
    return "\n".join(lines) + "\n"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(_plain, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int | float) else str(value)


if __name__ == "__main__":
    main()
