"""Stretches of sound → posteriors of MedASR's pieces, in padded batches that equal single runs.

Features and network get the mask of what is padding, and the frames of padding are cut off before anybody sees them.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from dictation.audio import SAMPLE_RATE
from dictation.errors import ModelError
from dictation.speech.medasr.conformer import Conformer
from dictation.speech.medasr.letters import MIN_SAMPLES, SUBSAMPLING_KERNEL, SUBSAMPLING_STRIDE
from dictation.speech.medasr.mel import mels
from dictation.speech.medasr.weights import Loaded


def posteriors(model: Loaded, pieces: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return for each stretch of sound its posteriors, float32, shape (frames, vocabulary), rows summing to 1.

    `pieces` are 16 kHz mono float32, shape (n,); under 145 ms they are filled up with silence. Memory grows with the
    number of pieces times the longest of them, and with the square of its length. Raises ModelError where the network
    runs out of memory or gives no numbers.
    """
    import torch

    sounds = [np.pad(piece, (0, max(0, MIN_SAMPLES - len(piece)))).astype(np.float32) for piece in pieces]
    try:
        with torch.inference_mode():
            found = _side_by_side(model, sounds) if isinstance(model.network, Conformer) else _padded(model, sounds)
    except RuntimeError as error:  # torch has no narrower one for a CPU that is out of memory
        cause = "its memory is full" if "memory" in str(error).lower() else next(iter(str(error).splitlines()), "")
        raise ModelError(f"MedASR failed on the {model.device} ({cause}); close other programs that use it.") from error
    if not all(np.isfinite(share).all() for share in found):
        raise ModelError(f"MedASR gave values that are no numbers in {model.precision}; its weights may be damaged.")
    return found


def _side_by_side(model: Loaded, sounds: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Hear each sound by itself; several at once share torch's threads, which no single one keeps busy throughout."""
    import torch

    def heard(sound: np.ndarray) -> np.ndarray:
        with torch.inference_mode():  # of this thread alone
            shares: np.ndarray = _shares(model.network(mels(model.features, sound)))
            return shares

    threads = torch.get_num_threads()
    workers = min(threads, len(sounds))
    if workers < 2:
        return [heard(sound) for sound in sounds]
    try:
        with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(threads // workers,)) as pool:
            return list(pool.map(heard, sounds))
    finally:
        torch.set_num_threads(threads)  # threads that are begun later take the number that was set last


def _padded(model: Loaded, sounds: Sequence[np.ndarray]) -> list[np.ndarray]:
    inputs = model.features(
        list(sounds), sampling_rate=SAMPLE_RATE, padding="longest", return_attention_mask=True, return_tensors="pt"
    )
    mask = inputs["attention_mask"].to(model.device)
    features = inputs["input_features"].to(model.device, model.network.dtype)
    shares = _shares(model.network(input_features=features, attention_mask=mask).logits)
    counts = [frames(int(count)) for count in inputs["attention_mask"].sum(-1)]
    return [share[:count] for share, count in zip(shares, counts, strict=True)]


def _shares(logits: Any) -> Any:
    import torch

    return torch.softmax(logits.float(), dim=-1).cpu().numpy()


def frames(mel_frames: int) -> int:
    """Return the frames of 40 ms that the network makes of mel frames of 10 ms."""
    for _ in range(2):
        mel_frames = (mel_frames - SUBSAMPLING_KERNEL) // SUBSAMPLING_STRIDE + 1
    return mel_frames
