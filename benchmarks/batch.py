"""A year of dictation in small: mixed recordings through `dictation transcribe`, killed and resumed, beside its peers.

    python -m benchmarks.batch --count 500 --kills 3 --out benchmarks/results/batch

Recordings of many lengths and formats with known texts are made of audio_samples (batch_recordings.py). They are
transcribed once without a pause, and once more by runs that are killed (SIGKILL) at random and resumed: each file must
have one result, noted once, byte for byte that of the first run. A further run with --resume must do nothing.

Beside it, each in a process of its own, as their users write them, with the same weights in int8 on all cores:

    plain    for path in files: model.transcribe(path), segments consumed, everything default (beam 5, text conditioned
             on the text before, retries at higher temperatures, no voice detection)
    batched  the same over BatchedInferencePipeline, batch_size=8, everything else default

All run with the thread settings of the libraries (OMP_* unset). Time is from the start of a process to its end, the
loading of the model included. Memory is that of a program with its decoders, shared libraries left out. Errors of words
are those of scoring.py. Writes OUT.json and OUT.md.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.batch_recordings import KINDS, Made, make
from benchmarks.circumstances import circumstances, system_load
from pipelines.ledger import UNFINISHED

ROOT = Path(__file__).parent.parent
OURS, PLAIN, PEERS = "dictation transcribe", "plain", ("plain", "batched")
PEER_BATCH = 8


@dataclass
class Run:
    """One run of a command: its seconds, its exit code (negative: killed), its memory in MB once a second.

    `cpu_s` are the seconds of its processors, 0 where the system does not tell; a killed run's decoders are not in it.
    """

    wall_s: float
    code: int
    cpu_s: float = 0.0
    memory_mb: list[float] = field(default_factory=list)

    @property
    def tenths_mb(self) -> list[int]:
        """The mean memory of each tenth of the run, where it lasted so long."""
        cuts = [round(len(self.memory_mb) * tenth / 10) for tenth in range(11)]
        return [round(mean(self.memory_mb[a:b])) for a, b in pairwise(cuts) if b > a]

    @property
    def figures(self) -> dict[str, Any]:
        """What is kept of it."""
        most = round(max(self.memory_mb, default=0))
        return {"wall_s": self.wall_s, "cpu_s": self.cpu_s, "most_mb": most, "tenths_mb": self.tenths_mb}


def run(command: list[str], kill_when: threading.Event | None = None) -> Run:
    """Run a command to its end, or until `kill_when` is set: then it is killed, its children left to themselves."""
    usual = {name: value for name, value in os.environ.items() if not name.startswith("OMP_")}
    began, before = time.perf_counter(), os.times()
    process = subprocess.Popen(command, cwd=ROOT, env=usual, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    memory, next_s = [], began
    while process.poll() is None:
        if kill_when is not None and kill_when.is_set():
            process.kill()
            process.wait()
            break
        if time.perf_counter() >= next_s:
            memory.append(sum(map(_memory_mb, family(process.pid))))
            next_s += 1
        time.sleep(0.02)
    wall_s, after = time.perf_counter() - began, os.times()
    cpu_s = sum(after[2:4]) - sum(before[2:4])  # of children that have ended
    return Run(wall_s, process.returncode, round(cpu_s, 1), memory)


def family(pid: int) -> Iterator[int]:
    """A process and its descendants, where the system tells."""
    yield pid
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = listing.read_text().split()
        except OSError:  # gone meanwhile
            continue
        for child in children:
            yield from family(int(child))


def _memory_mb(pid: int) -> float:
    """The memory of its own, without libraries that it shares."""
    try:
        text = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0.0
    return (int(text[1]) - int(text[2])) * os.sysconf("SC_PAGE_SIZE") / 1e6


def ours(folder: Path, out: Path, *options: str) -> list[str]:
    """The command that transcribes a folder."""
    named = [str(folder), "--out", str(out), "--format", "json", "--recognizer", "whisper", *options]
    return [sys.executable, "-m", "pipelines", "transcribe", *named]


def killed_and_resumed(folder: Path, out: Path, kills: int, seed: int) -> list[Run]:
    """Runs of which each but the last is killed once a random number of results is there, each later than the last."""
    rng = random.Random(seed)
    count = sum(path.is_file() for path in folder.rglob("*"))
    between = [1 + number * (count - 1) // kills for number in range(kills + 1)] if kills else []
    runs = []
    for at in (rng.randrange(first, stop) for first, stop in pairwise(between)):
        enough = threading.Event()
        ended = threading.Event()
        pause_s = random.Random(at).uniform(0, min(0.1, count / 2000))  # not always just after a result
        watcher = threading.Thread(target=_watch, args=(out, at, pause_s, enough, ended))
        watcher.start()
        runs.append(run(ours(folder, out, "--resume"), enough))
        ended.set()
        watcher.join()
    return [*runs, run(ours(folder, out, "--resume"))]


def _watch(out: Path, count: int, pause_s: float, enough: threading.Event, ended: threading.Event) -> None:
    while not ended.is_set() and sum(1 for _ in out.rglob("*.json")) < count:
        time.sleep(0.01)
    time.sleep(pause_s)
    enough.set()


def results(out: Path) -> dict[str, bytes]:
    """The results in a folder by their names."""
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*.json")}


def faults(folder: Path, whole: Path, resumed: Path) -> list[str]:
    """What is wrong with the results of the runs that were killed; nothing, where all is well."""
    wanted = {f"{path.relative_to(folder).as_posix()}.json" for path in folder.rglob("*") if path.is_file()}
    first, second = results(whole), results(resumed)
    notes = [json.loads(line) for line in (resumed / ".done.jsonl").read_text().splitlines() if line.endswith("}")]
    noted = Counter(entry["result"] for entry in notes if entry["settings"] != UNFINISHED)
    found = [f"{name}: has no result" for name in sorted(wanted - second.keys())]
    found += [f"{name}: is no result of an input" for name in sorted(second.keys() - wanted)]
    found += [f"{name}: was done {noted[name]} times" for name in sorted(wanted) if noted[name] > 1]
    found += [f"{name}: differs" for name in sorted(wanted & second.keys()) if second[name] != first.get(name)]
    return found + [f"{path}: is half written" for path in resumed.rglob(".part-*")]


def done_again(folder: Path, out: Path) -> tuple[Run, list[str]]:
    """A run with --resume where all is done, and the results that it wrote all the same."""
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.json")}
    again = run(ours(folder, out, "--resume"))
    return again, [f"{path}: was done again" for path, at in before.items() if path.stat().st_mtime_ns != at]


def peer(name: str, folder: Path, threads: int, texts: Path) -> None:
    """Hear all files as the peers' documentation says, one after the other."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    from dictation.settings import Settings
    from dictation.speech.whisper.recognizer import EMBEDDED
    from dictation.weights import joined

    weights = joined(EMBEDDED, Settings().cache)
    model: Any = WhisperModel(str(weights), device="cpu", compute_type="int8", cpu_threads=threads)
    options = {}
    if name == "batched":
        model, options = BatchedInferencePipeline(model), {"batch_size": PEER_BATCH}
    with texts.open("w", encoding="utf-8") as out:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            segments, _ = model.transcribe(str(path), **options)
            text = " ".join(segment.text.strip() for segment in segments)
            out.write(json.dumps([path.relative_to(folder).as_posix(), text]) + "\n")


def our_texts(out: Path) -> dict[str, str]:
    """What we heard, by the place of the recording."""
    found = results(out)
    return {
        name.removesuffix(".json"): " ".join(word["text"] for word in json.loads(found[name])["words"])
        for name in found
    }


def errors(made: list[Made], heard: dict[str, str]) -> dict[str, float]:
    """Word error rate and critical-word error rate over all recordings; one without a result counts as unheard."""
    from benchmarks.scoring import score

    scores = [score(one.text, heard.get(one.place, "")) for one in made]
    return {
        "wer": sum(one.errors for one in scores) / sum(one.words for one in scores),
        "critical": sum(one.critical_errors for one in scores) / sum(one.critical_words for one in scores),
        "words": sum(one.words for one in scores),
        "critical_words": sum(one.critical_words for one in scores),
    }


def report(facts: dict[str, Any], runs: dict[str, Run], rates: dict[str, dict[str, float]]) -> str:
    """The result as a page for people."""
    plain_s = runs[PLAIN].wall_s if PLAIN in runs else None
    sound_s, found = facts["sound_s"], facts["faults"]
    rows = [
        f"| {name} | {one.wall_s:.0f} | {one.cpu_s:.0f} | {sound_s / one.wall_s:.2f} | "
        f"{f'{plain_s / one.wall_s:.2f}' if plain_s else '–'} | {rates[name]['wer']:.4f} | "
        f"{rates[name]['critical']:.4f} | {max(one.memory_mb, default=0):.0f} |"
        for name, one in runs.items()
    ]
    kept = ", ".join(f"{seconds:.0f} s" for seconds in facts["killed_s"])
    verdict = f"{len(found)} faults, the first: {found[0]}." if found else "every file once, byte for byte the same."
    return "\n".join(
        [
            "# A batch of recordings, killed and resumed",
            "",
            f"{facts['count']} recordings of synthetic speech in {len(KINDS)} kinds of file, {sound_s / 3600:.2f} "
            f"hours, {facts['machine']}, load {facts['load']}, {facts['date']}; {rates[OURS]['words']} "
            f"words, {rates[OURS]['critical_words']} of them critical. Whisper base, int8, for all. Seconds run from "
            "the start of a process to its end, the loading of the model included.",
            "",
            "| system | seconds | CPU | sound a second | beside plain | word errors | critical | memory at most, MB |",
            "|---|---|---|---|---|---|---|---|",
            *rows,
            "",
            "plain: a loop over faster-whisper's `transcribe`, everything default. batched: the same over its "
            f"BatchedInferencePipeline, batch_size={PEER_BATCH}. Both on {facts['threads']} threads.",
            "",
            f"Killed {facts['kills']} times and resumed ({kept}): {verdict} A further --resume took "
            f"{facts['again_s']:.0f} s and heard nothing.",
            "",
            f"Memory of `{OURS}` in each tenth of the run, MB: {', '.join(map(str, runs[OURS].tenths_mb))}.",
            "",
        ]
    )


def main() -> None:
    """Read the options, make, run, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=PEERS)
    parser.add_argument("--work", type=Path, help="keep recordings and results here (default: a temporary folder)")
    parser.add_argument("--out", type=Path, help="path of the results without ending")
    parser.add_argument("--as-peer", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--texts", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    threads = os.cpu_count() or 1
    if options.as_peer:
        return peer(options.as_peer, options.work, threads, options.texts)
    before = system_load()
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        folder, whole = work / "in", work / "whole"
        made = make(folder, options.count, options.seed)
        runs = {OURS: run(ours(folder, whole))}
        rates = {OURS: errors(made, our_texts(whole))}
        for name in options.peers:
            texts = work / f"{name}.jsonl"
            named = ["--as-peer", name, "--work", str(folder), "--texts", str(texts)]
            runs[name] = run([sys.executable, "-m", "benchmarks.batch", *named])
            if not runs[name].code:
                rates[name] = errors(made, dict(map(json.loads, texts.read_text(encoding="utf-8").splitlines())))
        killed = killed_and_resumed(folder, work / "resumed", options.kills, options.seed)
        found = faults(folder, whole, work / "resumed")
        again, repeated = done_again(folder, whole)
    if any(one.code for one in (*runs.values(), killed[-1], again)):
        raise SystemExit(f"a run failed: { ({name: one.code for name, one in runs.items()}) }, {again.code}")
    facts = {
        "speech": "synthetic",
        **{name: getattr(options, name) for name in ("count", "kills", "seed")},
        "sound_s": round(sum(one.duration_s for one in made), 1),
        **circumstances(before, "faster-whisper", "ctranslate2", "av", "soundfile"),
        "threads": threads,
        "killed_s": [round(one.wall_s, 1) for one in killed],
        "again_s": round(again.wall_s, 1),
        "faults": [*found, *repeated],
    }
    text = report(facts, runs, rates)
    print(text)
    if options.out:
        options.out.with_suffix(".md").write_text(text, encoding="utf-8")
        record = facts | {"rates": rates, "runs": {name: one.figures for name, one in runs.items()}}
        options.out.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    if facts["faults"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
