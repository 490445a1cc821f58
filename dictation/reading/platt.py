"""Probabilities and labels → the two numbers that calibrate them (Platt 1999), and how good the result is.

A logistic regression on the logit, fitted by Newton's method. Labels are drawn a little towards each other as Platt
did, and the slope towards 1 as if by one more image, so that labels which a reader separates without a fault do not
make it infinitely sure. It is judged on patients that it was not fitted to.
"""

from collections.abc import Sequence

import numpy as np

FOLDS = 5
_SUREST = 1e-6  # a probability of 0 or 1 counts as this far from it
_SLOPE_PRIOR = 1.0
_STEPS = 100
_SMALL_STEP = 1e-9


def logits(probabilities: np.ndarray) -> np.ndarray:
    """Return the log odds of probabilities 0–1, any shape."""
    held = np.clip(probabilities, _SUREST, 1 - _SUREST)
    return np.asarray(np.log(held) - np.log1p(-held))


def sigmoid(values: np.ndarray) -> np.ndarray:
    """Return the probabilities of log odds, any shape."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * np.asarray(values, dtype=float))))


def fitted(values: np.ndarray, present: np.ndarray) -> tuple[float, float]:
    """Return slope and intercept for log odds `values`, shape (images,), and bool labels of the same shape.

    Raises ValueError where the labels are all alike.
    """
    count = int(present.sum())
    if not 0 < count < len(present):
        raise ValueError("labels of one kind only")
    wanted = np.where(present, (count + 1) / (count + 2), 1 / (len(present) - count + 2))
    middle, spread = float(values.mean()), float(values.std()) or 1.0  # else Newton's steps are badly scaled
    inputs = np.stack([(values - middle) / spread, np.ones(len(values))])
    prior = np.array([spread, 0.0])  # slope 1 before scaling
    penalty = np.diag([_SLOPE_PRIOR / spread**2, _SUREST])
    weights = np.array([0.0, float(np.log(count / (len(present) - count)))])

    def loss(at: np.ndarray) -> float:
        odds = at @ inputs
        return float(np.logaddexp(0, odds).sum() - wanted @ odds + (at - prior) @ penalty @ (at - prior) / 2)

    for _ in range(_STEPS):
        found = sigmoid(weights @ inputs)
        slope_down = inputs @ (found - wanted) + penalty @ (weights - prior)
        curvature = (inputs * (found * (1 - found))) @ inputs.T + penalty
        step = np.linalg.solve(curvature, slope_down)
        while loss(weights - step) > loss(weights) and np.abs(step).max() > _SMALL_STEP:
            step = step / 2
        weights = weights - step
        if np.abs(step).max() <= _SMALL_STEP:
            break
    slope = weights[0] / spread
    return float(slope), float(weights[1] - slope * middle)


def unseen(values: np.ndarray, present: np.ndarray, patients: Sequence[int]) -> np.ndarray:
    """Return for each image the calibrated probability by a fit to the other patients, shape (images,).

    `patients` numbers the patient of each image. Those with the finding are dealt evenly to FOLDS folds. Raises
    ValueError where fewer than FOLDS patients have it, or have it not.
    """
    numbers = np.asarray(patients)
    with_finding = [number for number in np.unique(numbers) if present[numbers == number].any()]
    without = [number for number in np.unique(numbers) if not present[numbers == number].any()]
    if min(len(with_finding), len(without)) < FOLDS:
        raise ValueError(f"fewer than {FOLDS} patients with and without the finding")
    fold_of = {number: place % FOLDS for place, number in enumerate([*with_finding, *without])}
    folds = np.array([fold_of[number] for number in numbers])
    found = np.empty(len(values))
    for fold in range(FOLDS):
        inside = folds == fold
        slope, intercept = fitted(values[~inside], present[~inside])
        found[inside] = sigmoid(slope * values[inside] + intercept)
    return found


def brier(probabilities: np.ndarray, present: np.ndarray) -> float:
    """Return the mean squared error of probabilities, 0 (sure and right) to 1 (sure and wrong)."""
    return float(np.mean((probabilities - present) ** 2))


def auc(values: np.ndarray, present: np.ndarray) -> float:
    """Return how often an image with the finding has the larger value of two, ties counted half."""
    order = np.sort(values[~present])
    below = np.searchsorted(order, values[present], side="left")
    not_above = np.searchsorted(order, values[present], side="right")
    return float((below + not_above).mean() / (2 * len(order)))
