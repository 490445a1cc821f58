"""Sound → the log-mel frames that MedASR's network sees."""

from typing import Any

import numpy as np


def mels(features: Any, sound: np.ndarray) -> Any:
    """Return the log-mel frames of 16 kHz samples, a tensor of shape (frames of 10 ms, 128), fp32.

    Those of transformers' feature extractor `features`, in half its time: it works in float64 to the end, here only as
    far as the spectrum, where single precision would tell in the soft bands.
    """
    import torch

    window = torch.hann_window(features.win_length, periodic=False, dtype=torch.float64)
    cut = torch.from_numpy(sound).unfold(-1, features.win_length, features.hop_length)
    spectrum = torch.fft.rfft(cut * window, n=features.n_fft)
    power = (spectrum.real.square() + spectrum.imag.square()).float()
    return (power @ features.mel_filters.float()).clamp_(min=1e-5).log_()
