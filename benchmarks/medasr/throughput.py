"""How fast our acoustic path is beside the transformers pipeline, at MedASR's size, and how much memory it takes.

    OMP_WAIT_POLICY=PASSIVE python -m benchmarks.medasr.throughput --out benchmarks/results/medasr_throughput
    … --lengths 60 300 --out benchmarks/results/medasr_throughput_quiet     # short enough for a quiet machine

One checkpoint of MedASR's size with random weights; the same speech for all, held-out clips of the tests joined
without a pause, no search for voice; with --pause they are parted by silence. `ours`: windows of 20 s that overlap by
4 s, int8 where the self-check allows, fused, decoded greedily. `fp32`: the same in fp32. `voice`: ours with the search
for voice. `pipeline`: fp32, batch 1, chunks of 20 s with a stride of 2 s at each side, so they share 4 s. Each runs in
a process of its own, in turn, several rounds; the best of each counts. Wall and CPU seconds, since other programs
disturb the one more than the other; loading is not counted. Memory: the most that the process took up to then, for ours
with the sound read from a file.
Linux only. Writes OUT.md and OUT.json.
"""

import argparse
import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks.circumstances import circumstances, system_load
from benchmarks.medasr.full_size import save_full_size
from benchmarks.medasr.unpaused import unpaused
from benchmarks.small_lasr.speech import held_out_clips
from dictation.audio import SAMPLE_RATE, Recording
from dictation.settings import Settings
from dictation.speech.ctc.greedy import greedy
from dictation.speech.medasr.fusion import Fusion
from dictation.speech.medasr.letters import pieces_of
from dictation.speech.medasr.listening import Search, voiced
from dictation.speech.medasr.places import placed
from dictation.speech.medasr.posteriors import posteriors
from dictation.speech.medasr.weights import find, for_hearing, load

SYSTEMS = ("ours", "fp32", "voice", "pipeline")
WINDOW_S, OVERLAP_S, STRIDE_S = 20.0, 4.0, 2.0
Heard = Callable[[Path], int]  # a recording → how many characters were written


def speech(length_s: float, pause_s: float, folder: Path) -> Path:
    """Write voice of this length, with a pause of silence behind each clip."""
    path = folder / f"{length_s:g}.wav"
    pause = np.zeros(round(pause_s * SAMPLE_RATE), np.float32)
    clips = np.concatenate([part for clip in held_out_clips() for part in (clip.samples, pause)])
    samples = np.tile(clips, int(length_s * SAMPLE_RATE / len(clips)) + 1)[: round(length_s * SAMPLE_RATE)]
    soundfile.write(path, samples, SAMPLE_RATE, subtype="PCM_16")
    return path


def ours(checkpoint: Path, precision: str, cache: Path, search: Search) -> tuple[Heard, str]:
    """Load our path. Also returns the precision that was chosen, and why."""
    model = for_hearing(load(find(checkpoint), Settings(cache=cache, medasr_precision=precision)))
    pieces = pieces_of(map(model.piece_text, range(model.network.config.vocab_size)), model.blank)

    def hear(path: Path) -> int:
        fusion, written = Fusion(pieces), 0
        windows = placed(search(Recording(path).blocks()), WINDOW_S, OVERLAP_S)
        while together := list(islice(windows, model.batch)):
            found = posteriors(model, [sound for _, sound in together])
            for (place, _), shares in zip(together, found, strict=True):
                for block in fusion.add(place, shares):
                    written += len(pieces.text(one.piece for one in greedy(block.posteriors, model.blank)))
        return written

    return hear, f"{model.precision}: {model.because}"


def pipeline(checkpoint: Path) -> tuple[Heard, str]:
    """Load the pipeline of transformers as its users run it."""
    import torch
    import transformers

    recognize = transformers.pipeline(
        "automatic-speech-recognition", model=str(checkpoint), device="cpu", dtype=torch.float32
    )

    def hear(path: Path) -> int:
        samples, _ = soundfile.read(path, dtype="float32")
        return len(recognize(samples, chunk_length_s=WINDOW_S, stride_length_s=STRIDE_S)["text"])

    return hear, "float32"


def serve(system: str, checkpoint: Path, cache: Path, threads: int, asked: Any) -> None:
    """In a process of its own: hear each recording that is asked for, and tell seconds and memory."""
    import torch

    torch.set_num_threads(threads)
    if system == "pipeline":
        hear, precision = pipeline(checkpoint)
    else:
        wanted = "float32" if system == "fp32" else "auto"
        hear, precision = ours(checkpoint, wanted, cache, voiced if system == "voice" else unpaused)
    asked.send(precision)
    while (path := asked.recv()) is not None:
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        hear(path)
        wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
        asked.send({"wall_s": wall_s, "cpu_s": cpu_s, "peak_mb": peak_mb()})


def peak_mb() -> int:
    """The most memory that this process took. `getrusage` would count what its parent had when it started it."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


def measure(options: argparse.Namespace, folder: Path) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Return each system's precision, and a row for each length with the best of each system."""
    checkpoint = save_full_size(options.checkpoint or folder / "full_size")
    context = multiprocessing.get_context("spawn")
    asks, precisions, rows = {}, {}, []
    for system in options.systems:
        if system == "ours":  # a first process converts, so that the one that is measured finds the cache as users do
            warm, there = context.Pipe()
            once = context.Process(target=serve, args=(system, checkpoint, folder / "cache", options.threads, there))
            once.start()
            warm.recv()
            warm.send(None)
            once.join()
        asks[system], there = context.Pipe()
        context.Process(
            target=serve, args=(system, checkpoint, folder / "cache", options.threads, there), daemon=True
        ).start()
        precisions[system] = asks[system].recv()
    for length_s in options.lengths:
        path, best = speech(length_s, options.pause, folder), {}
        for _ in range(max(1, round(options.rounds * min(1, 300 / length_s)))):
            for system, ask in asks.items():
                ask.send(path)
                found = ask.recv()
                print(length_s, system, found, flush=True)
                before = best.get(system, found)
                best[system] = {
                    name: (max if name == "peak_mb" else min)(value, before[name]) for name, value in found.items()
                }
        rows.append({"length_s": length_s, "best": best})
    for ask in asks.values():
        ask.send(None)
    return precisions, rows


def table(result: dict[str, Any]) -> str:
    """Return the table in Markdown."""
    versions = result["versions"]
    lines = [
        f"MedASR's size, random weights, {result['voice']}. {result['machine']}, {result['threads']} threads, "
        f"torch {versions['torch']}, transformers {versions['transformers']}, load {result['load']}, {result['date']}.",
        "",
    ]
    lines += [f"- {system}: {precision}" for system, precision in result["precisions"].items()]
    lines += [
        "",
        "| sound | system | wall s | CPU s | CPU s for each second | × pipeline, wall | × pipeline, CPU | peak MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in result["rows"]:
        peer = row["best"].get("pipeline")
        for system, one in row["best"].items():
            faster = [f"{peer[name] / one[name]:.2f}" if peer else "" for name in ("wall_s", "cpu_s")]
            lines.append(
                f"| {row['length_s']:g} s | {system} | {one['wall_s']:.1f} | {one['cpu_s']:.1f} | "
                f"{one['cpu_s'] / row['length_s']:.4f} | {' | '.join(faster)} | {one['peak_mb']} |"
            )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, write, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="OUT.md and OUT.json are written")
    parser.add_argument("--lengths", type=float, nargs="+", default=[60, 300, 3600], help="seconds of sound")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds of silence behind each clip")
    parser.add_argument("--rounds", type=int, default=3, help="fewer for an hour")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--systems", nargs="+", default=["ours", "fp32", "pipeline"], choices=SYSTEMS)
    parser.add_argument("--checkpoint", type=Path, help="a folder for the random weights, used again where it is there")
    options = parser.parse_args()
    load_before = system_load()
    with tempfile.TemporaryDirectory() as folder:
        precisions, rows = measure(options, Path(folder))
    result = circumstances(load_before, "torch", "transformers")
    result |= {"threads": options.threads, "precisions": precisions, "rows": rows}
    result["voice"] = f"a pause of {options.pause:g} s behind each clip" if options.pause else "voiced throughout"
    options.out.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    options.out.with_suffix(".md").write_text(table(result), encoding="utf-8")
    print(table(result))


if __name__ == "__main__":
    main()
