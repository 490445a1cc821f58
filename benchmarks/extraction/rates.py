"""Rates out of counts, each as value, low and high: the 95 % interval of a bootstrap that draws whole reports."""

from typing import Any

import numpy as np

from benchmarks.extraction.scoring import ATTRIBUTES, OUTCOMES, Counts
from benchmarks.extraction.truth import families

DRAWS = 1000
SEED = 20261125
MACRO_REPORTS = 5  # a family counts in the macro mean where so many reports are coded with it
_Array = np.ndarray[Any, np.dtype[np.float64]]


def presence(counts: Counts) -> dict[str, Any]:
    """Micro and macro precision, recall and F1; and how many families the macro means take."""
    total = counts.presence.sum(axis=0, dtype=np.float64)
    coded = (counts.presence[:, :, 0] + counts.presence[:, :, 2]).sum(axis=0) >= MACRO_REPORTS
    some = max(int(coded.sum()), 1)
    drawn = np.tensordot(_draws(len(counts.presence)), counts.presence.astype(np.float64), axes=1)
    rates = {
        "micro": _rates(_prf(total.sum(axis=0)), _prf(drawn.sum(axis=1))),
        "macro": _rates(_prf(total[coded]).sum(axis=0) / some, _prf(drawn[:, coded]).sum(axis=1) / some),
    }
    return {**rates, "macro_families": int(coded.sum())}


def by_family(counts: Counts) -> dict[str, dict[str, float]]:
    """Hits, false alarms, misses, precision, recall and F1 of every family that was coded or claimed."""
    total = counts.presence.sum(axis=0)
    table = {}
    for name, row in zip(families(), total, strict=True):
        if row.any():
            precision, recall, f1 = (round(float(rate), 3) for rate in _prf(row.astype(np.float64)))
            hits, alarms, misses = (int(number) for number in row)
            table[name] = {"hits": hits, "false_alarms": alarms, "misses": misses, "precision": precision,
                           "recall": recall, "f1": f1}  # fmt: skip
    return table


def agreement(counts: Counts) -> dict[str, Any]:
    """For side, zone and severity: how many were compared, and the rate of every outcome."""
    total = counts.agreement.sum(axis=0, dtype=np.float64)
    drawn = np.tensordot(_draws(len(counts.agreement)), counts.agreement.astype(np.float64), axes=1)
    table: dict[str, Any] = {}
    for row, kind in enumerate(ATTRIBUTES):
        rates, draws = _shares(total[row]), _shares(drawn[:, row])
        outcomes = {name: _rate(rates[at], draws[:, at]) for at, name in enumerate(OUTCOMES)}
        table[kind] = {"compared": int(total[row].sum()), **outcomes}
    return table


def _draws(reports: int) -> _Array:
    """How often each report is drawn: DRAWS x reports."""
    weights = np.random.default_rng(SEED).multinomial(reports, np.full(reports, 1 / reports), size=DRAWS)
    return weights.astype(np.float64)


def _prf(counted: _Array) -> _Array:
    """(…, hit, false alarm, miss) → (…, precision, recall, F1); 0 where nothing is counted."""
    hits, alarms, misses = counted[..., 0], counted[..., 1], counted[..., 2]
    return np.stack(
        [
            _divided(hits, hits + alarms),
            _divided(hits, hits + misses),
            _divided(2 * hits, 2 * hits + alarms + misses),
        ],
        axis=-1,
    )


def _shares(outcomes: _Array) -> _Array:
    return _divided(outcomes, outcomes.sum(axis=-1, keepdims=True))


def _divided(top: _Array, bottom: _Array) -> _Array:
    return np.divide(top, bottom, out=np.zeros(np.broadcast_shapes(top.shape, bottom.shape)), where=bottom > 0)


def _rates(values: _Array, draws: _Array) -> dict[str, dict[str, float]]:
    return {name: _rate(values[at], draws[:, at]) for at, name in enumerate(("precision", "recall", "f1"))}


def _rate(value: float, draws: _Array) -> dict[str, float]:
    low, high = np.percentile(draws, [2.5, 97.5])
    return {"value": round(float(value), 4), "low": round(float(low), 4), "high": round(float(high), 4)}
