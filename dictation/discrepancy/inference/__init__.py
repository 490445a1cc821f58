"""The texts against the order, the image header and the priors: the thirteen kinds of the peer, each switchable."""

from dictation.discrepancy.inference.inferences import (
    BILLING_KINDS,
    DEFAULT_KINDS,
    INFERENCE_KINDS,
    inferences,
    switched,
    to_be_told,
    told_of_in,
    when_told,
)
from dictation.discrepancy.inference.results import StatedResult, is_among

__all__ = [
    "BILLING_KINDS", "DEFAULT_KINDS", "INFERENCE_KINDS", "StatedResult", "inferences", "is_among", "switched",
    "to_be_told", "told_of_in", "when_told",
]  # fmt: skip
