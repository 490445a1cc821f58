"""A year of dictation in small: mixed recordings through `dictation transcribe`, killed and resumed, beside its peers.

    python -m benchmarks.batch --count 500 --kills 3 --out benchmarks/results/batch

Recordings of many lengths and formats are made of audio_samples (cut and joined, other rates, channels and containers).
They are transcribed once without a pause, and once more by runs that are killed (SIGKILL) at random and resumed: each
file must have one result, noted once, byte for byte that of the first run. Then a plain loop over faster-whisper with
everything default, and its BatchedInferencePipeline, hear the same files with the same weights, precision and threads.
Each is a process of its own, and its time runs from its start to its end. Memory is that of the program with its
decoders. Writes OUT.json and OUT.md.
"""

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import soundfile

from dictation.audio import SAMPLE_RATE, Recording
from dictation.audio.endings import AUDIO_ENDINGS

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "audio_samples"
PEERS = ("plain", "batched")
PEER_BATCH = 8
LENGTHS_S = ((0.6, 3.0, 12.0), (0.3, 12.0, 40.0), (0.1, 40.0, 120.0))  # share of the recordings, from, to
# ending, codec (None: libsndfile writes it), rate in Hz, channels
KINDS = (
    ("wav", None, 16_000, 1), ("flac", None, 16_000, 1), ("wav", None, 44_100, 2), ("mp3", None, 22_050, 1),
    ("ogg", None, 16_000, 1), ("m4a", "aac", 44_100, 1), ("webm", "libopus", 48_000, 1), ("wav", None, 8_000, 1),
)  # fmt: skip


def make(folder: Path, count: int, seed: int, spoken: float = 1.0) -> float:
    """Make recordings in subfolders; return their seconds. Equal options give equal files.

    Where a share of less than 1 is `spoken`, for the tests, those are short and the others half a second of silence.
    """
    rng = random.Random(seed)
    voices = [Recording(path).samples() for path in sorted(SAMPLES.rglob("*")) if path.suffix in AUDIO_ENDINGS]
    total_s = 0.0
    for number in range(count):
        _, low, high = rng.choices(LENGTHS_S, [share for share, _, _ in LENGTHS_S])[0]
        if spoken < 1:
            low, high = 1.5, 2.5
        wanted = round(rng.uniform(low, high) * SAMPLE_RATE)
        sound = np.concatenate([rng.choice(voices) for _ in range(2 + wanted // (5 * SAMPLE_RATE))])
        start = rng.randrange(len(sound) - wanted)
        ending, codec, rate_hz, channels = KINDS[number % len(KINDS)]
        path = folder / f"{number % 7}" / f"{number:04d}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        taken = sound[start : start + wanted]
        if spoken < 1 and number % round(1 / spoken):
            taken = np.zeros(SAMPLE_RATE // 2, np.float32)
        _write(path, taken, codec, rate_hz, channels)
        total_s += wanted / SAMPLE_RATE
    return total_s


def _write(path: Path, samples: np.ndarray, codec: str | None, rate_hz: int, channels: int) -> None:
    import av
    import soxr

    sound = soxr.resample(samples, SAMPLE_RATE, rate_hz).clip(-1, 1).astype(np.float32)
    if codec is None:
        soundfile.write(path, np.repeat(sound[:, None], channels, axis=1), rate_hz)
        return
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate_hz, layout="mono")
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=rate_hz)
        frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), "fltp", "mono")
        frame.sample_rate = rate_hz
        for given in [*resampler.resample(frame), None]:
            out.mux(stream.encode(given))


@dataclass
class Run:
    """One run of a command: its seconds, its exit code (negative: killed) and its memory in MB, once a second."""

    wall_s: float
    code: int
    memory_mb: list[float] = field(default_factory=list)


def run(command: list[str], kill_when: threading.Event | None = None) -> Run:
    """Run a command to its end, or until `kill_when` is set: then it is killed, its children left to themselves."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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
    return Run(time.perf_counter() - began, process.returncode, memory)


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
    """Runs of which each but the last is killed once a random number of results is there."""
    rng = random.Random(seed)
    count = sum(path.is_file() for path in folder.rglob("*"))
    runs = []
    for at in sorted(rng.sample(range(1, count), kills)):
        enough = threading.Event()
        ended = threading.Event()
        watcher = threading.Thread(target=_watch, args=(out, at, enough, ended))
        watcher.start()
        runs.append(run(ours(folder, out, "--resume"), enough))
        ended.set()
        watcher.join()
    return [*runs, run(ours(folder, out, "--resume"))]


def _watch(out: Path, count: int, enough: threading.Event, ended: threading.Event) -> None:
    pause_s = random.Random(count).uniform(0, 0.5)  # not always just after a result
    while not ended.is_set() and len(results(out)) < count:
        time.sleep(0.05)
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
    noted = Counter(entry["result"] for entry in notes)
    found = [f"{name}: has no result" for name in sorted(wanted - second.keys())]
    found += [f"{name}: is no result of an input" for name in sorted(second.keys() - wanted)]
    found += [f"{name}: was done {noted[name]} times" for name in sorted(wanted) if noted[name] > 1]
    found += [f"{name}: differs" for name in sorted(wanted & second.keys()) if second[name] != first.get(name)]
    return found + [f"{path}: is half written" for path in resumed.rglob(".part-*")]


def peer(name: str, folder: Path, threads: int) -> None:
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
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        segments, _ = model.transcribe(str(path), **options)
        print(" ".join(segment.text for segment in segments))


def report(facts: dict[str, Any], sound_s: float, runs: dict[str, Run], found: list[str], killed: list[Run]) -> str:
    """The result as a page for people."""
    plain_s = runs["plain"].wall_s if "plain" in runs else None
    rows = [
        f"| {name} | {run.wall_s:.0f} | {sound_s / run.wall_s:.2f} | "
        f"{f'{plain_s / run.wall_s:.2f}' if plain_s else '–'} | {max(run.memory_mb, default=0):.0f} |"
        for name, run in runs.items()
    ]
    first, last = thirds(runs["dictation transcribe"].memory_mb)
    kept = ", ".join(f"{run.wall_s:.0f} s" for run in killed)
    return "\n".join(
        [
            "# A batch of recordings, killed and resumed",
            "",
            f"{facts['count']} recordings of synthetic speech in {len(KINDS)} kinds of file, {sound_s / 60:.1f} "
            f"minutes, {facts['cpus']} cores ({facts['machine']}), {facts['date']}. Seconds run from the start of a "
            "process to its end, the loading of the model included.",
            "",
            "| system | seconds | seconds of sound a second | beside plain | memory at most, MB |",
            "|---|---|---|---|---|",
            *rows,
            "",
            f"Killed {facts['kills']} times and resumed ({kept}): "
            + (
                f"{len(found)} faults, the first: {found[0]}."
                if found
                else "every file once, results byte for byte the same."
            ),
            "",
            f"Memory of `dictation transcribe` in the second third of the run {first:.0f} MB, in the last {last:.0f}.",
            "",
        ]
    )


def thirds(memory_mb: list[float]) -> tuple[float, float]:
    """The mean memory of the second third of a run, and of the last."""
    part = max(1, len(memory_mb) // 3)
    return mean(memory_mb[part : 2 * part] or [0]), mean(memory_mb[2 * part :] or [0])


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
    options = parser.parse_args()
    threads = os.cpu_count() or 1
    if options.as_peer:
        return peer(options.as_peer, options.work, threads)
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        folder = work / "in"
        sound_s = make(folder, options.count, options.seed)
        runs = {"dictation transcribe": run(ours(folder, work / "whole"))}
        for name in options.peers:
            command = [sys.executable, "-m", "benchmarks.batch", "--as-peer", name, "--work", str(folder)]
            runs[name] = run(command)
        killed = killed_and_resumed(folder, work / "resumed", options.kills, options.seed)
        found = faults(folder, work / "whole", work / "resumed")
    facts = {
        "speech": "synthetic",
        **{name: getattr(options, name) for name in ("count", "kills", "seed")},
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "threads": threads,
        "python": platform.python_version(),
        "date": date.today().isoformat(),
        "versions": {name: version(name) for name in ("faster-whisper", "ctranslate2", "av", "soundfile")},
    }
    if any(run.code for run in runs.values()):
        raise SystemExit(f"a run failed: { ({name: run.code for name, run in runs.items()}) }")
    text = report(facts, sound_s, runs, found, killed)
    print(text)
    if options.out:
        options.out.with_suffix(".md").write_text(text)
        record = facts | {"sound_s": round(sound_s, 1), "faults": found}
        record |= {"runs": {name: asdict(run) for name, run in runs.items()}, "killed": [asdict(run) for run in killed]}
        options.out.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n")
    if found:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
