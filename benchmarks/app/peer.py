"""The peer: `dictation live` hears one stream from stdin, the same ear without the app."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.app.delays import Seen, spread
from benchmarks.app.served import ROOT, TICK
from benchmarks.app.speech import BLOCK, spoken
from dictation.audio import SAMPLE_RATE

LAST_WORDS_S = 600
LOADING_S = 20  # of silence before the first word: loading is nobody's delay


def run(minutes: float) -> dict[str, Any]:
    """Let it hear a dictation of so many minutes."""
    said, seen = spoken(minutes, 0), Seen()
    command = [sys.executable, "-m", "pipelines", "live", "--recognizer", "whisper", "--format", "jsonl"]
    environment = {**os.environ, "DICTATION_HOME": tempfile.mkdtemp(prefix="bench_peer")}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None and process.stdout is not None
    reader = threading.Thread(target=_read, args=(process.stdout, seen), daemon=True)
    reader.start()
    quiet = [bytes(2 * BLOCK)] * (LOADING_S * SAMPLE_RATE // BLOCK)
    began_s = time.monotonic()
    seen.zero_s = began_s + LOADING_S
    memory_mb, cpu_s = 0.0, 0.0
    for number, block in enumerate(quiet + said.blocks(), 1):
        time.sleep(max(0.0, began_s + number * BLOCK / SAMPLE_RATE - time.monotonic()))
        process.stdin.write(block)
        process.stdin.flush()
        if number == len(quiet):
            cpu_s = _cpu_s(process.pid)
    memory_mb = int(Path(f"/proc/{process.pid}/status").read_text().split("VmRSS:")[1].split()[0]) / 1024
    busy = (_cpu_s(process.pid) - cpu_s) / (time.monotonic() - seen.zero_s)
    process.stdin.close()
    process.wait(LAST_WORDS_S)
    reader.join(10)
    delays = seen.delays(said)
    return {
        "minutes": minutes,
        "partial_s": spread(delays["partial"]),
        "final_s": spread(delays["final"]),
        "utterances_without_words": len(delays["wordless"]),
        "memory_mb": round(memory_mb),
        "cores_busy": round(busy, 2),
    }


def _read(lines: Any, seen: Seen) -> None:
    final_s = 0.0
    for line in lines:
        at_s, event = time.monotonic(), json.loads(line)
        if "stable" in event:
            seen.shown.append((at_s, final_s - LOADING_S, bool(event["words"])))
        elif "words" in event and "phrase" in event:
            ends_s = [word["end_s"] for word in event["words"] if word.get("end_s")]
            final_s = max([final_s, *ends_s])
            seen.shown.append((at_s, final_s - LOADING_S, False))


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK
