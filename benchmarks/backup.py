"""How long a backup takes, how large it is, and what somebody who dictates notices: `python -m benchmarks.backup`.

A HOME of invented cases, each signed, with one recording (the sound of the demo); on SQLite, or with `--url` on
PostgreSQL. Three backups: the first, the next beside it, and one while another program saves drafts without a pause.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import numpy as np

from dictation.audio import Journal, Recording
from dictation.records import Records, recordings
from dictation.records.sound import FOLDER, archive
from tests.records.cases import AT, PAGE, draft, opened, version

ROOT = Path(__file__).parents[1]
WORDS = "The lungs are clear and there is no pleural effusion or pneumothorax. " * 20


def fill(records: Records, count: int) -> None:
    """Sign `count` cases; their sound is encoded once and copied."""
    case = opened(records, draft(WORDS))
    sound = np.concatenate([Recording(path).samples() for path in sorted((ROOT / "audio_samples").rglob("*.flac"))[:3]])
    with Journal.create(records.home / "captures") as journal:
        for number, start in enumerate(range(0, len(sound), journal.block_samples)):
            journal.append(number, sound[start : start + journal.block_samples])
        records.add_recording(case.id, "take", journal.id, journal.path.name, AT)
        journal.close(finished=True)
    archive(records, case.id, records.home / "captures")
    (kept,) = records.recordings()
    for _ in range(count - 1):
        case, id = opened(records, draft(WORDS)), uuid4().hex
        shutil.copyfile(records.home / FOLDER / kept.flac, records.home / FOLDER / f"{id}.flac")
        records.add_recording(case.id, id, id, f"{id}.capture", AT)
        with records.recorded() as (connection, trail):
            one = kept.model_copy(update={"recording": id, "case": case.id})
            recordings.archived(connection, trail, one, kept.sha256, kept.duration_s)
        records.sign(case, version(case, WORDS), PAGE)


def started(home: Path, url: str, *arguments: str) -> subprocess.Popen[str]:
    """Start the command as an administrator does."""
    environment = {**os.environ, "DICTATION_HOME": str(home), "DICTATION_DATABASE_URL": url}
    program = [sys.executable, "-c", "from pipelines.cli import main; main()", *arguments]
    return subprocess.Popen(program, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def saving(records: Records, goes_on) -> list[float]:
    """Save a draft twenty times a second, more often than live text does; return what each took, ms."""
    case, took = opened(records, draft(WORDS)), []
    while goes_on(len(took)):
        began_s = time.perf_counter()
        records.save(case.model_copy(update={"fields": {"n": str(len(took))}}), PAGE)
        took.append(1000 * (time.perf_counter() - began_s))
        time.sleep(0.05)
    return took


def told(took: list[float]) -> dict[str, float]:
    """Of some times in ms: how many, the median, the 95th percentile, the longest."""
    p50, p95 = np.percentile(took, (50, 95))
    return {"saves": len(took), "p50_ms": round(p50, 1), "p95_ms": round(p95, 1), "max_ms": round(max(took), 1)}


def main() -> None:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--url", default="", help="an empty PostgreSQL database")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        home, folder = Path(place) / "home", Path(place) / "backups"
        with closing(Records.open_at(asked.url, home)) as records:
            fill(records, asked.cases)
            found = {"cases": asked.cases, "alone": told(saving(records, lambda count: count < 200))}
            for name in ("first", "next", "while saving"):
                into = folder / "other" if name == "while saving" else folder
                into.mkdir(exist_ok=True)
                began_s, program = time.perf_counter(), started(home, asked.url, "backup", str(into))
                if name == "while saving":
                    found["beside a first backup"] = told(saving(records, lambda _, one=program: one.poll() is None))
                path, _ = program.communicate()
                took_s = time.perf_counter() - began_s
                manifest = json.loads(Path(path.strip(), "manifest.json").read_text())
                size = sum(one["size"] for one in manifest["files"].values())
                found[name] = {"s": round(took_s, 1), "files": len(manifest["files"]), "MB": round(size / 1e6, 1)}
                blocks = {one.stat().st_ino: one.stat().st_blocks for one in folder.glob("2*/**/*") if one.is_file()}
                found["disk_MB"] = [*found.get("disk_MB", []), round(sum(blocks.values()) * 512 / 1e6, 1)]
            for name, arguments in (("check", ("backup", "--check")), ("restore into SQLite", ("restore",))):
                began_s = time.perf_counter()
                started(Path(place) / "bare", "", *arguments, path.strip()).communicate()
                found[name] = {"s": round(time.perf_counter() - began_s, 1)}
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
