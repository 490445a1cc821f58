"""Decoding of the small MedASR's posteriors, stretched to 512 pieces: time, share of the total, equality with a peer.

    python -m benchmarks.medasr.decoding [--count 60] [--model FOLDER] [--network 0.032]

Speech: held-out utterances in synthetic voices (espeak-ng, flite), and the same with noise of -35 dBFS. Language model:
6-grams over pieces, counted in the training grammar. The peer is pyctcdecode 0.5.0, where it is installed: it asks for
numpy below 2 and works with 2 all the same, so `pip install --no-deps pyctcdecode==0.5.0` and `pip install pygtrie`.
It gets log probabilities: of probabilities it takes the softmax once more unless they add up to 1 within 1e-9.
`--network` is what the acoustic model takes for a second of sound; without it, a full-size one with random weights is
timed (float32, 20 s of sound, one thread). All times are processor time of one thread, the best of three: decoding
uses one core, the network all, so on two cores give `--network` its elapsed time for the share of the whole.
"""

import argparse
import json
import logging
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.circumstances import circumstances, system_load
from benchmarks.small_lasr.grammar import utterances
from benchmarks.small_lasr.speech import held_out_speech
from benchmarks.small_lasr.voices import levelled, with_noise
from dictation.hub import Checkpoint
from dictation.lexicon import Phrase, Vocabulary
from dictation.settings import Settings
from dictation.speech.ctc.decoder import Decoder, decode
from dictation.speech.ctc.language_model import LanguageModel
from dictation.speech.ctc.pieces import Pieces
from dictation.speech.ctc.rivals import doubts
from dictation.speech.medasr.letters import FRAME_S, pieces_of
from dictation.speech.medasr.posteriors import posteriors
from dictation.speech.medasr.weights import Loaded, load
from tests.speech.piece_posteriors import write_language_model
from tests.speech.tiny_lasr import SMALL_LASR

COLUMNS = 512
LM_TEXTS, LM_ORDER = 3000, 6
NOISE_DBFS = -35.0
REPEATS = 3
PHRASES = (  # of radiology, not of the grammar: what a user's list, an order and a template bring
    "Gd-EOB-DTPA", "cardiomediastinal silhouette", "tree-in-bud opacities", "CA 19-9", "Whipple procedure",
    "hepatocellular carcinoma", "superior mesenteric artery", "T2 FLAIR", "small cell carcinoma", "Yttrium-90",
)  # fmt: skip


def stretched(found: np.ndarray, columns: int) -> np.ndarray:
    """Posteriors with columns added that share a thousandth of each frame, as the rest of a large vocabulary does."""
    added = columns - found.shape[1]
    rest = np.full((len(found), added), 1e-3 / added, np.float32)
    return np.concatenate([found * (1 - 1e-3), rest], axis=1)


def best_s(work: Callable[[], Any]) -> tuple[float, Any]:
    """The shortest processor time of several in seconds, and what came of it."""
    times = []
    for _ in range(REPEATS):
        began = time.process_time()
        result = work()
        times.append(time.process_time() - began)
    return min(times), result


def network_share() -> float:
    """Seconds that a full-size network with random weights takes for a second of sound, in float32."""
    import torch
    from transformers import LasrCTCConfig, LasrForCTC

    torch.set_num_threads(1)
    network = LasrForCTC(LasrCTCConfig()).eval()
    features = torch.zeros(1, 1998, 128)  # 20 s
    with torch.inference_mode():
        network(input_features=features)
        seconds, _ = best_s(lambda: network(input_features=features))
    return seconds / 20


def peer_texts(cases: list[np.ndarray], pieces: Pieces, arpa: Path) -> Callable[[], list[str]] | None:
    """Decoding with pyctcdecode, or None where it is not installed."""
    logging.disable(logging.WARNING)
    try:
        from pyctcdecode import build_ctcdecoder
    except ImportError:
        return None
    labels = [text if text.startswith("<") else "▁" + text.replace("▁", "#") for text in pieces.texts]
    labels[pieces.blank] = ""
    peer = build_ctcdecoder(labels, str(arpa))
    logs = [np.log(np.maximum(case, 1e-15)) for case in cases]

    def texts() -> list[str]:
        found = (peer.decode(log, beam_width=8) for log in logs)
        return [" ".join(text.replace(" ", "").replace("#", " ").replace("</s>", " ").split()) for text in found]

    return texts


def measured(cases: list[np.ndarray], pieces: Pieces, arpa: Path, network: float) -> dict[str, Any]:
    """Times of all ways to decode, and how often the text is the peer's."""
    sound_s = sum(map(len, cases)) * FRAME_S
    model = LanguageModel.load(arpa, pieces)
    expected = Vocabulary(phrases=tuple(Phrase(written=phrase) for phrase in PHRASES))
    ways = {
        "greedy": Decoder(pieces, beam=1),
        "beam 8": Decoder(pieces),
        "beam 8, LM": Decoder(pieces, language_model=model),
        "beam 8, phrases": Decoder(pieces).towards(expected),
        "beam 8, LM, phrases": Decoder(pieces, language_model=model).towards(expected),
    }
    table: dict[str, Any] = {"sound_s": round(sound_s, 1), "network_s_a_second": round(network, 5)}

    def row(name: str, seconds: float) -> None:
        share = seconds / sound_s
        table[name] = {"ms_a_second": round(1000 * share, 3), "share_of_total": round(share / (share + network), 4)}

    for name, decoder in ways.items():
        seconds, found = best_s(lambda decoder=decoder: [decode(case, decoder) for case in cases])
        row(name, seconds)
        more, _ = best_s(
            lambda decoder=decoder, found=found: [doubts(*one, decoder) for one in zip(cases, found, strict=True)]
        )
        row(f"{name}, rivals", seconds + more)
    peer = peer_texts(cases, pieces, arpa)
    if peer is not None:
        from dictation.speech.ctc.beam import search

        mine_s, mine = best_s(
            lambda: [pieces.text(one.piece for one in search(case, pieces, 8, model)[0].pieces) for case in cases]
        )
        theirs_s, theirs = best_s(peer)
        row("search alone: ours", mine_s)
        row("search alone: pyctcdecode", theirs_s)
        table["same text as pyctcdecode"] = sum(a == b for a, b in zip(mine, theirs, strict=True)) / len(cases)
    return table


def small(folder: Path) -> Loaded:
    """The small MedASR."""
    return load(Checkpoint(folder=folder, model=folder.name, revision=""), Settings(medasr_precision="float32"))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=60, help="utterances")
    parser.add_argument("--model", type=Path, default=SMALL_LASR, help="folder of the trained small MedASR")
    parser.add_argument("--network", type=float, help="seconds of the acoustic model for a second of sound")
    parser.add_argument("--out", type=Path, help="JSON file for the results")
    arguments = parser.parse_args()
    loaded = small(arguments.model)
    count = int(loaded.network.config.vocab_size)
    texts = [loaded.piece_text(number) for number in range(count)]
    pieces = pieces_of([*texts, *(f"▁unsaid{number}" for number in range(COLUMNS - count))], loaded.blank)
    random = np.random.default_rng(0)
    clean = [utterance.samples for utterance in held_out_speech(arguments.count)]
    noisy = [with_noise(levelled(samples, -24.0), NOISE_DBFS, random) for samples in clean]
    network = arguments.network or network_share()
    before = system_load()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        tokenized = [
            [piece for piece in loaded.tokenizer(text).input_ids if piece not in pieces.ends]
            for text in islice(utterances(seed=1), LM_TEXTS)
        ]
        arpa = write_language_model(Path(folder) / "pieces.arpa", tokenized, pieces, LM_ORDER)
        for name, clips in (("clean", clean), ("noisy", noisy)):
            cases = [stretched(posteriors(loaded, [clip])[0], COLUMNS) for clip in clips]
            results[name] = measured(cases, pieces, arpa, network)
    results |= circumstances(before, "pyctcdecode", "kenlm")
    print(json.dumps(results, indent=2, ensure_ascii=False))
    if arguments.out:
        arguments.out.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
