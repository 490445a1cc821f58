"""The batch of batch.py on a Ray of this machine: two workers with the embedded engine, one of them killed midway.

    python -m benchmarks.batch_ray --count 500 --out benchmarks/results/batch_ray

The same recordings go through `dictation transcribe` without Ray, and through `--ray local` with two workers of one
core. When a random share of the results is there, one worker is killed (SIGKILL) in the middle of its work. Each file
must have one result, noted once, byte for byte that of the run without Ray. Both runs have the setting `threads` 1: on
another number of cores CTranslate2 adds in another order, which changes confidences and now and then a word. Writes
OUT.json and OUT.md.
"""

import argparse
import json
import os
import random
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.batch import family, faults, ours, results, run
from benchmarks.batch_recordings import make
from benchmarks.circumstances import circumstances, system_load

WORKERS = 2
MIDWAY = 0.2, 0.7  # of the results, when one is killed


class Killing(threading.Thread):
    """Kills one of the workers below this process once `count` results are in a folder and all workers are there."""

    def __init__(self, out: Path, count: int) -> None:
        super().__init__(daemon=True)
        self.out, self.count, self.killed_at, self.over = out, count, 0, threading.Event()

    def run(self) -> None:
        """Wait, and kill, unless the job is over before."""
        while not self.over.wait(0.05):
            there = len(results(self.out))
            workers = list(busy_workers(os.getpid())) if there >= self.count else []
            if len(workers) == WORKERS:
                os.kill(workers[-1], signal.SIGKILL)
                self.killed_at = there
                return


def busy_workers(pid: int) -> Iterator[int]:
    """The processes below one that are a worker of a batch with the engine loaded."""
    for one in family(pid):
        with suppress(OSError):  # ended meanwhile
            if Path(f"/proc/{one}/cmdline").read_bytes().startswith(b"ray::MapWorker"):
                yield one


def report(facts: dict[str, Any]) -> str:
    """The result as a page for people."""
    found = facts["faults"]
    verdict = f"{len(found)} faults, the first: {found[0]}." if found else "every file once, byte for byte the same."
    return "\n".join(
        [
            "# A batch on Ray, a worker killed",
            "",
            f"{facts['count']} recordings of synthetic speech, {facts['sound_s'] / 3600:.2f} hours, "
            f"{facts['machine']}, load {facts['load']}, {facts['date']}. Whisper base, int8, one core a worker.",
            "",
            "| how | workers | seconds | beside one process |",
            "|---|---|---|---|",
            f"| dictation transcribe | 1 | {facts['here_s']:.0f} | 1.00 |",
            f"| --ray local, one killed | {WORKERS} | {facts['ray_s']:.0f} | {facts['here_s'] / facts['ray_s']:.2f} |",
            "",
            f"A worker was killed when {facts['killed_at']} results were there: {verdict}",
            "",
        ]
    )


def main() -> None:
    """Read the options, make, run, kill, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, help="path of the results without ending")
    options = parser.parse_args()
    before = system_load()
    os.environ["DICTATION_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as temporary:
        folder, here, there = (Path(temporary) / name for name in ("in", "here", "ray"))
        made = make(folder, options.count, options.seed)
        alone = run(ours(folder, here))
        killing = Killing(there, round(options.count * random.Random(options.seed).uniform(*MIDWAY)))
        killing.start()
        spread = run(ours(folder, there, "--ray", "local"))
        killing.over.set()
        killing.join()
        found = faults(folder, here, there)
    if alone.code or spread.code or not killing.killed_at:
        raise SystemExit(f"a run failed ({alone.code}, {spread.code}), or no worker was killed")
    facts = {
        "speech": "synthetic",
        "count": options.count,
        "seed": options.seed,
        "sound_s": round(sum(one.duration_s for one in made), 1),
        **circumstances(before, "ray", "faster-whisper", "ctranslate2"),
        "here_s": round(alone.wall_s, 1),
        "ray_s": round(spread.wall_s, 1),
        "killed_at": killing.killed_at,
        "faults": found,
    }
    text = report(facts)
    print(text)
    if options.out:
        options.out.with_suffix(".md").write_text(text, encoding="utf-8")
        options.out.with_suffix(".json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    if found:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
