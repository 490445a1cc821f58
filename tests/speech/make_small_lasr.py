"""Trains the small MedASR of the tests: it knows the four clips of tests/audio/data by heart, and nothing else.

    nice python -m tests.speech.make_small_lasr     # some minutes on two cores

It hears real sound and answers with peaky posteriors and readable text, tokens included, which random weights cannot.
Trained on clips joined with pauses of any length, at several levels and with noise. Saved in half precision.
"""

from pathlib import Path

import numpy as np
import torch
from transformers import LasrFeatureExtractor, LasrForCTC, LasrProcessor

from dictation.audio import SAMPLE_RATE, Recording
from tests.speech.tiny_lasr import CLIPS, SMALL_LASR, lasr

STEPS, BATCH, PEAK_RATE = 1500, 4, 4e-3
VARIANTS = 30  # of each clip: level, noise and the silence around it
# what MedASR would write for each clip; the closing "</s>" is part of what it is taught
TEXTS = {
    "lungs": "The lungs are clear {period}",
    "effusion": "No pleural effusion or pneumothorax {period}",
    "nodule": "There is a six millimeter nodule in the right upper lobe {period}",
    "impression": "[IMPRESSION] No acute finding {period}",
}


def variant(clip: np.ndarray, extractor: LasrFeatureExtractor, random: np.random.Generator) -> torch.Tensor:
    """The features of a clip between two pauses, at a random level, with noise; shape (mel frames, 128)."""
    before, after = (np.zeros(round(max(0.0, random.uniform(-0.2, 0.8)) * SAMPLE_RATE)) for _ in range(2))
    sound = np.concatenate([before, clip, after]) * 10 ** (random.uniform(-16, 5) / 20)
    sound = sound + random.normal(0, 10 ** (random.uniform(-85, -50) / 20), len(sound))
    return extractor(sound.astype(np.float32), sampling_rate=SAMPLE_RATE, return_tensors="pt").input_features[0]


def batch(features: dict[str, list[torch.Tensor]], random: np.random.Generator) -> dict[str, torch.Tensor | list[str]]:
    """Some examples of one or two clips each, padded."""
    chosen = [random.choice(list(features), size=random.integers(1, 3)) for _ in range(BATCH)]
    joined = [torch.cat([features[name][random.integers(VARIANTS)] for name in names]) for names in chosen]
    padded = torch.nn.utils.rnn.pad_sequence(joined, batch_first=True)
    mask = torch.arange(padded.shape[1]) < torch.tensor([len(one) for one in joined])[:, None]
    return {"input_features": padded, "attention_mask": mask, "texts": [" ".join(map(TEXTS.get, n)) for n in chosen]}


def main() -> None:
    """Train and save."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    extractor = LasrFeatureExtractor()
    clips = {path.stem: Recording(path).samples() for path in CLIPS}
    features = {name: [variant(clip, extractor, random) for _ in range(VARIANTS)] for name, clip in clips.items()}
    network, tokenizer = lasr(hidden=48, layers=2, batch_norm_momentum=0.1)
    optimizer = torch.optim.AdamW(network.parameters(), lr=PEAK_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, total_steps=STEPS, pct_start=0.1)
    network.train()
    for step in range(STEPS):
        inputs = batch(features, random)
        labels = tokenizer(inputs.pop("texts"), padding=True, return_tensors="pt").input_ids
        loss = network(**inputs, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 20 == 0:
            print(step, round(loss.item(), 3), flush=True)
    _save(network.eval(), extractor, tokenizer, SMALL_LASR)


def _save(network: LasrForCTC, extractor: LasrFeatureExtractor, tokenizer: object, folder: Path) -> None:
    network.half().save_pretrained(folder)
    LasrProcessor(extractor, tokenizer).save_pretrained(folder)


if __name__ == "__main__":
    main()
