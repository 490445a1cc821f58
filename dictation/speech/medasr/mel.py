"""Sound → the log-mel frames that MedASR's network sees."""

from typing import Any

import numpy as np

from dictation.audio import SAMPLE_RATE


def mels(features: Any, sound: np.ndarray) -> Any:
    """Return the log-mel frames of 16 kHz samples, a tensor of shape (frames of 10 ms, 128), fp32.

    `features` is the feature extractor of transformers, whose frames they are.
    """
    return features([sound], sampling_rate=SAMPLE_RATE, return_tensors="pt")["input_features"][0]
