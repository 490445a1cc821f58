"""Windows and hops of MedASR: what each costs at full size, and what it does to the text.

    OMP_NUM_THREADS=1 python -m benchmarks.medasr.windows --out benchmarks/results/medasr_windows

Cost: a network of MedASR's size with random weights, fp32, one thread, windows of each length in turn, the fewest
processor seconds of several rounds; those for each second of sound follow for every overlap. Text: the small trained
MedASR of the tests on dictations of held-out sentences, voiced throughout for the windows (no search for voice),
against the words that were said and against one run over the whole; then with pauses and the search for voice, for the
pause that parts segments.
Writes OUT.md and OUT.json.
"""

import argparse
import dataclasses
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jiwer
import numpy as np

from benchmarks.circumstances import circumstances, system_load
from benchmarks.medasr.unpaused import unpaused
from benchmarks.small_lasr.speech import Dictation, dictation, held_out_speech
from dictation.audio import SAMPLE_RATE
from dictation.audio.segments import segments
from dictation.settings import Settings
from dictation.speech.ctc.decoder import Decoder
from dictation.speech.ctc.greedy import greedy
from dictation.speech.medasr.fusion import Fusion
from dictation.speech.medasr.letters import FRAME_SAMPLES, pieces_of
from dictation.speech.medasr.places import placed
from dictation.speech.medasr.posteriors import posteriors
from dictation.speech.medasr.weights import Loaded, find, load
from tests.speech.tiny_lasr import SMALL_LASR

LENGTHS_S = (5.0, 10.0, 15.0, 20.0, 30.0, 60.0)
WINDOWS = ((5.0, 1.0), (10.0, 1.0), (10.0, 2.0), (15.0, 2.0), (20.0, 0.5), (20.0, 1.0), (20.0, 2.0), (20.0, 4.0))
WINDOWS += ((20.0, 10.0), (20.0, 18.0), (30.0, 2.0), (60.0, 2.0))
PAUSES_S = (0.5, 1.0, 1.5, 2.0, 3.0, 6.0)
BATCHES = (1, 2, 4)


def full_size(small: Loaded) -> Loaded:
    """Return the small model with a network of MedASR's size and random weights in place of its own."""
    import torch
    from transformers import LasrCTCConfig, LasrForCTC

    torch.manual_seed(0)
    return dataclasses.replace(small, network=LasrForCTC(LasrCTCConfig()).eval())


def cost(model: Loaded, rounds: int) -> dict[str, Any]:
    """Fewest processor seconds of each length of window and of batches of 20 s, in turn: the same on a busy machine."""
    noise = np.random.default_rng(0).normal(0, 0.05, 60 * SAMPLE_RATE).astype(np.float32)
    works = {f"{length_s:g}": [noise[: round(length_s * SAMPLE_RATE)]] for length_s in LENGTHS_S}
    works |= {f"{count} x 20": [noise[: 20 * SAMPLE_RATE]] * count for count in BATCHES}
    best: dict[str, float] = {}
    for _ in range(rounds):
        for name, work in works.items():
            began_s = time.process_time()
            posteriors(model, work)
            best[name] = min(best.get(name, float("inf")), time.process_time() - began_s)
    return {name: round(seconds, 3) for name, seconds in best.items()}


def fused(model: Loaded, decoder: Decoder, parts: Any, window_s: float, overlap_s: float) -> tuple[np.ndarray, int]:
    """Return the fused posteriors of a recording, and the samples that the network saw for them."""
    fusion, blocks, seen = Fusion(decoder.pieces), [], 0
    for place, sound in placed(parts, window_s, overlap_s):
        [shares] = posteriors(model, [sound])
        blocks += fusion.add(place, shares)
        seen += len(sound)
    return np.concatenate([block.posteriors for block in blocks]), seen


def text_of(shares: np.ndarray, decoder: Decoder) -> str:
    """Return the greedy text of posteriors."""
    return decoder.pieces.text(one.piece for one in greedy(shares, decoder.pieces.blank))


def by_window(model: Loaded, decoder: Decoder, spoken: Sequence[Dictation]) -> list[dict[str, Any]]:
    """Measure each window on recordings that are voiced throughout."""
    whole = [posteriors(model, [one.samples])[0] for one in spoken]
    said = [one.text for one in spoken]
    rows = [{"window_s": None, "overlap_s": None, "wer": jiwer.wer(said, [text_of(one, decoder) for one in whole])}]
    for window_s, overlap_s in WINDOWS:
        found = [fused(model, decoder, unpaused([one.samples]), window_s, overlap_s)[0] for one in spoken]
        same = [(a.argmax(1) == b.argmax(1)).mean() for a, b in zip(found, whole, strict=True)]
        texts = [text_of(one, decoder) for one in found]
        against = jiwer.process_words([text_of(one, decoder) for one in whole], texts)
        rows.append(
            {
                "window_s": window_s,
                "overlap_s": overlap_s,
                "wer": jiwer.wer(said, texts),
                "frames_as_whole": float(np.mean(same)),
                "words_lost": against.deletions,
                "words_more": against.insertions,
                "words_other": against.substitutions,
            }
        )
    return rows


def by_pause(model: Loaded, decoder: Decoder, spoken: Sequence[Dictation]) -> list[dict[str, Any]]:
    """Measure the pause that parts segments, on recordings with pauses."""
    rows = []
    for pause_s in PAUSES_S:
        texts, seen = [], 0
        for one in spoken:
            parts = list(segments([one.samples], FRAME_SAMPLES, pause_s))
            shares, samples = fused(model, decoder, parts, 20.0, 4.0)
            texts.append(text_of(shares, decoder))
            seen += samples
        share = seen / sum(len(one.samples) for one in spoken)
        rows.append({"pause_s": pause_s, "wer": jiwer.wer([one.text for one in spoken], texts), "heard_share": share})
    return rows


def table(result: dict[str, Any]) -> str:
    """Return the tables in Markdown."""
    costs = result["cost_s"]
    lines = [
        f"MedASR: windows and hops. {result['machine']}, load {result['load']}, torch {result['versions']['torch']}, "
        f"{result['date']}; fp32, processor seconds.",
        "",
    ]
    lines += ["| window s | seconds of work | for each second of sound |", "|---|---|---|"]
    lines += [f"| {length:g} | {costs[f'{length:g}']} | {costs[f'{length:g}'] / length:.4f} |" for length in LENGTHS_S]
    lines += ["", "| batch of 20 s windows | seconds of work | for each second of sound |", "|---|---|---|"]
    lines += [f"| {n} | {costs[f'{n} x 20']} | {costs[f'{n} x 20'] / n / 20:.4f} |" for n in BATCHES]
    lines += [
        "",
        f"Small trained MedASR, {result['utterances']} held-out sentences in {result['recordings']} recordings, "
        "voiced throughout. Words lost, more and other: against one run over the whole recording.",
        "",
        "| window s | overlap s | work for each second | WER | frames as whole | words lost | more | other |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in result["windows"]:
        if row["window_s"] is None:
            lines.append(f"| whole | | | {row['wer']:.3f} | | | | |")
            continue
        work = costs[f"{row['window_s']:g}"] / (row["window_s"] - row["overlap_s"])
        lines.append(
            f"| {row['window_s']:g} | {row['overlap_s']:g} | {work:.4f} | {row['wer']:.3f} | "
            f"{row['frames_as_whole']:.4f} | {row['words_lost']} | {row['words_more']} | {row['words_other']} |"
        )
    lines += ["", "With pauses of 0.3 to 5 s and the search for voice, windows of 20 s that overlap by 4 s:", ""]
    lines += ["| pause that parts, s | WER | sound heard of all |", "|---|---|---|"]
    lines += [f"| {row['pause_s']:g} | {row['wer']:.3f} | {row['heard_share']:.2f} |" for row in result["pauses"]]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, write, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="OUT.md and OUT.json are written")
    parser.add_argument("--recordings", type=int, default=12, help="of twelve sentences each")
    parser.add_argument("--rounds", type=int, default=5, help="of which the best counts")
    options = parser.parse_args()
    before = system_load()
    small = load(find(SMALL_LASR), Settings(medasr_precision="float32"))
    columns = small.network.config.vocab_size
    decoder = Decoder(pieces_of(map(small.piece_text, range(columns)), small.blank), beam=1)
    speech = held_out_speech(12 * options.recordings, seed=7)
    groups = [speech[first : first + 12] for first in range(0, len(speech), 12)]
    result = {
        "recordings": len(groups),
        "utterances": len(speech),
        "cost_s": cost(full_size(small), options.rounds),
        "windows": by_window(small, decoder, [dictation(group, (0.3,), seed=n) for n, group in enumerate(groups)]),
        "pauses": by_pause(
            small, decoder, [dictation(group, (0.3, 1.2, 5.0, 0.6, 2.5), seed=n) for n, group in enumerate(groups)]
        ),
    }
    result |= circumstances(before, "torch")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    options.out.with_suffix(".md").write_text(table(result), encoding="utf-8")
    print(table(result))


if __name__ == "__main__":
    main()
