"""Trains the small MedASR of the tests on sentences of our own grammar in synthetic voices, and saves it in fp16.

    python -m benchmarks.small_lasr.train --work FOLDER     # espeak-ng, flite and festival; two hours on two cores

FOLDER keeps the training speech and the newest state, from which a training goes on. tests/speech/data/README.md says
what the committed weights reached (8 % of the words of unseen speech are wrong) and how they came about. The network
hears real sound and answers with peaky posteriors and readable text, commands included, which random weights cannot.
Later steps join the clips, with pauses, noise and changing levels: a network that only knew single clips would fall
apart after the first pause.
"""

import argparse
import copy
import random
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import torch
from torch import distributed
from torch.nn.parallel import DistributedDataParallel
from transformers import LasrFeatureExtractor, LasrProcessor

from benchmarks.small_lasr.grammar import utterances
from benchmarks.small_lasr.network import network
from benchmarks.small_lasr.said import said
from benchmarks.small_lasr.speech import Utterance, dictation, held_out_speech
from benchmarks.small_lasr.voices import any_voice, joined, levelled, speak, with_noise
from dictation.audio import SAMPLE_RATE, Recording
from tests.speech.tiny_lasr import CLIPS, SAID, SMALL_LASR

SENTENCES = 10_000
PROCESSES, CLIPS_A_BATCH = 2, 8  # clips of one process
ALIKE = 0.025  # of all clips: those of about the same length lie so far apart, at most
FESTIVAL_SHARE = 0.05
KNOWN_SHARE = 0.04  # of all clips: the four recordings of tests/audio/data
EMPTY_SHARE = 0.03  # of all rows: no voice, no text
AS_BATCH = {"padding": True, "return_tensors": "pt"}
Row = tuple[str, np.ndarray]
Spoken = list[Row]  # texts and their samples, int16


@dataclass(frozen=True)
class Stage:
    """Steps over which the learning rate rises to its peak and falls to nothing; a stage begins with fresh moments.

    Single clips come first, for a share of its steps, then joined ones.
    """

    steps: int
    peak_rate: float
    rising_share: float
    single_share: float


STAGES = (
    Stage(5750, peak_rate=2e-3, rising_share=0.1, single_share=0.4),
    Stage(4500, peak_rate=1.5e-3, rising_share=0.05, single_share=0.2),
)


def training_speech(folder: Path) -> Spoken:
    """Return the training utterances, spoken once each and kept in the folder."""
    kept = folder / "speech.npz"
    if not kept.exists():
        chosen = random.Random(1)
        texts = list(islice(utterances(seed=1), SENTENCES))
        voices = [any_voice(chosen, FESTIVAL_SHARE) for _ in texts]
        with ThreadPoolExecutor(2) as pool:
            clips = list(pool.map(lambda text, voice: _int16(speak(said(text), voice)), texts, voices))
        np.savez(kept, texts=texts, samples=np.concatenate(clips), ends=np.cumsum([len(clip) for clip in clips]))
    stored = np.load(kept)
    clips = np.split(stored["samples"], stored["ends"][:-1])
    return list(zip(stored["texts"].tolist(), clips, strict=True))


def rows(speech: Spoken, known: Spoken, places: list[float], random: np.random.Generator) -> Iterator[Row]:
    """Yield the texts and sounds of one batch, each of as many clips as there are places: where among the speech.

    The speech is sorted by length, and all rows take their clips around the same places, so that little is padding.
    """
    for _ in range(CLIPS_A_BATCH // len(places)):
        if random.random() < EMPTY_SHARE:
            yield "", with_noise(np.zeros(random.integers(16_000, 96_000), np.float32), _noise_dbfs(random), random)
            continue
        chosen = [
            _clip(speech, place, random) if random.random() > KNOWN_SHARE else known[random.integers(len(known))]
            for place in places
        ]
        level_dbfs = random.uniform(-35, -15)
        clips = [levelled(clip / np.float32(32768), level_dbfs + random.uniform(-3, 3)) for _, clip in chosen]
        outer_s = np.maximum(0.0, random.uniform(-0.3, 0.8, 2))
        samples, _ = joined(clips, [outer_s[0], *random.uniform(0.2, 3.0, len(clips) - 1), outer_s[1]])
        yield " ".join(text for text, _ in chosen), with_noise(samples, _noise_dbfs(random), random)


def _clip(speech: Spoken, place: float, random: np.random.Generator) -> tuple[str, np.ndarray]:
    middle = place + random.uniform(-ALIKE, ALIKE)
    return speech[int(np.clip(middle * len(speech), 0, len(speech) - 1))]


def train(process: int, folder: Path) -> None:
    """Train as one of PROCESSES that share each step; the first prints the error rates every 250 steps, and saves.

    Processes of one thread each: threads that wait for each other in every operation suffer when a core is not free.
    A training that was cut off goes on from the last state in the folder.
    """
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", f"file://{folder}/meeting", rank=process, world_size=PROCESSES)
    speech = sorted(training_speech(folder), key=lambda spoken: len(spoken[1]))
    known = [(SAID[path.stem], _int16(Recording(path).samples())) for path in CLIPS]
    held_out, own = held_out_speech(100), [_utterance(row) for row in speech[:: len(speech) // 60]]
    extractor = LasrFeatureExtractor()
    model, tokenizer = network()
    state, done, states = folder / "state.pt", 0, []
    if state.exists():
        done, *states = torch.load(state)
        model.load_state_dict(states[0])
    shared = DistributedDataParallel(model)
    began, losses, first = time.monotonic(), [], 0
    model.train()
    for stage in STAGES:
        last = first + stage.steps
        optimizer = torch.optim.AdamW(model.parameters(), lr=stage.peak_rate)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, stage.peak_rate, total_steps=stage.steps, pct_start=stage.rising_share
        )
        parts = (model, optimizer, schedule)
        if first < done < last:
            for part, part_state in zip(parts, states, strict=True):
                part.load_state_dict(part_state)
        for step in range(max(first, done) + 1, last + 1):
            together, apart = np.random.default_rng(step), np.random.default_rng((step, process))
            places = together.random(together.integers(1, 5) if step - first > stage.steps * stage.single_share else 1)
            texts, sounds = zip(*rows(speech, known, places, apart), strict=True)
            inputs = extractor(list(sounds), sampling_rate=SAMPLE_RATE, return_attention_mask=True, **AS_BATCH)
            loss = shared(**inputs, labels=tokenizer(list(texts), **AS_BATCH).input_ids).loss
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
            if process == 0 and (step % 250 == 0 or step == last):
                rates = [f"{rate:.3f}" for rate in error_rates(model, tokenizer, extractor, held_out, own)]
                minutes, loss_now = (time.monotonic() - began) / 60, np.mean(losses[-250:])
                print(f"{step} {minutes:.1f} min: loss {loss_now:.3f}, WER unseen, joined, own", *rates, flush=True)
                torch.save([step, *(part.state_dict() for part in parts)], state)
                save(model, tokenizer, extractor, folder / "checkpoint")
        first = last
    distributed.destroy_process_group()


def error_rates(
    model: Any, tokenizer: Any, extractor: Any, held_out: list[Utterance], own: list[Utterance]
) -> tuple[float, ...]:
    """Return the word error rates of greedy text: of unseen speech, of five of it in a recording, of trained speech."""
    pauses_s = [0.3, 1.0, 2.5, 0.6]
    fives = [dictation(held_out[first : first + 5], pauses_s, seed=first) for first in range(0, 40, 5)]
    return tuple(
        jiwer.wer([one.text for one in spoken], [greedy(model, tokenizer, extractor, one.samples) for one in spoken])
        for spoken in (held_out, fives, own)
    )


def greedy(model: Any, tokenizer: Any, extractor: Any, samples: np.ndarray) -> str:
    """Return the text of one stretch of sound as transformers decodes it."""
    model.eval()
    with torch.no_grad():
        inputs = extractor(samples, sampling_rate=SAMPLE_RATE, return_tensors="pt")
        text = tokenizer.decode(model(**inputs).logits[0].argmax(-1))
    model.train()
    return text.replace("</s>", " ")


def save(model: Any, tokenizer: Any, extractor: Any, folder: Path) -> None:
    """Write a checkpoint in half precision; the network itself keeps its own."""
    copy.deepcopy(model).half().save_pretrained(folder)
    LasrProcessor(extractor, tokenizer).save_pretrained(folder)


def _noise_dbfs(random: np.random.Generator) -> float:
    return -200.0 if random.random() < 0.2 else random.uniform(-85, -50)  # digital silence now and then


def _utterance(row: Row) -> Utterance:
    text, samples = row
    return Utterance(text, said(text), samples / np.float32(32768))


def _int16(samples: np.ndarray) -> np.ndarray:
    return np.round(samples * 32767).astype(np.int16)


def main() -> None:
    """Speak, train, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for the training speech and checkpoints")
    folder = parser.parse_args().work
    folder.mkdir(parents=True, exist_ok=True)
    training_speech(folder)
    (folder / "meeting").unlink(missing_ok=True)
    torch.multiprocessing.spawn(train, (folder,), nprocs=PROCESSES)
    shutil.copytree(folder / "checkpoint", SMALL_LASR, dirs_exist_ok=True)


if __name__ == "__main__":
    main()
