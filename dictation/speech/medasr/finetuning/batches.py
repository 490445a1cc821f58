"""The order in which utterances are trained on: like lengths together, shuffled each epoch, known from the seed."""

from collections.abc import Sequence

import numpy as np

_POOL_BATCHES = 50  # shuffled utterances are sorted by length in pools of so many batches, as transformers does


def batches(lengths: Sequence[int], batch: int, seed: int, epoch: int) -> list[list[int]]:
    """Return the indices of one epoch in batches of `batch`; the last of a pool may be smaller."""
    numbers = np.random.default_rng([seed, epoch])
    order = numbers.permutation(len(lengths))
    pool = batch * _POOL_BATCHES
    found: list[list[int]] = []
    for first in range(0, len(order), pool):
        by_length = sorted((int(index) for index in order[first : first + pool]), key=lambda index: -lengths[index])
        found += [by_length[start : start + batch] for start in range(0, len(by_length), batch)]
    return [found[index] for index in numbers.permutation(len(found))]


def groups(lengths: Sequence[int], batch: int, accumulation: int, seed: int, epoch: int) -> list[list[list[int]]]:
    """The batches of one epoch in groups of `accumulation`: what one step of the optimizer learns from."""
    all_batches = batches(lengths, batch, seed, epoch)
    return [all_batches[first : first + accumulation] for first in range(0, len(all_batches), accumulation)]
