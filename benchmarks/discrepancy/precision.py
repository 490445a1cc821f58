"""How often a card is real, at a stated share of reports with an error, with intervals over reports.

Model: a share p of all reports holds one error, of each kind equally often; the rest is clean, written in the style of
the clean controls named. A card is real where it touches what was planted, whatever kind it names. Precision = real
cards / all cards. Intervals: 95 % bootstrap; hosts are drawn again, and all cases of a host go together.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.discrepancy.engine import Answer
from benchmarks.discrepancy.kinds import is_error
from benchmarks.discrepancy.scores import is_in_place

PREVALENCES = (0.02, 0.20)
DRAWS = 1000
GRAVE = frozenset({"critical", "major"})
Counts = npt.NDArray[np.float64]


class Cards:
    """Cards counted by host: `planted` [host, kind, (real, other, cases)], `clean` [host, (cards, cases)].

    `own_kind` counts only cards of that kind of the engine, `severities` only those.
    """

    def __init__(
        self,
        planted: Sequence[Answer],
        clean: Sequence[Answer],
        own_kind: str | None = None,
        severities: frozenset[str] | None = None,
    ) -> None:
        errors = [answer for answer in planted if is_error(answer.case.kind)]
        hosts = {name: i for i, name in enumerate(sorted({a.case.report for a in (*errors, *clean)}))}
        kinds = {name: i for i, name in enumerate(sorted({a.case.kind for a in errors}))}
        self.planted: Counts = np.zeros((len(hosts), max(1, len(kinds)), 3))
        self.clean: Counts = np.zeros((len(hosts), 2))
        for answer in (*errors, *clean):
            real = [
                is_in_place(card, answer.case)
                for card in answer.cards
                if own_kind in (None, card.own_kind) and (severities is None or card.severity in severities)
            ]
            host = hosts[answer.case.report]
            if answer.case.kind in kinds:
                self.planted[host, kinds[answer.case.kind]] += (sum(real), len(real) - sum(real), 1)
            else:
                self.clean[host] += (len(real), 1)

    def precision(self, prevalence: float, weights: Counts | None = None) -> Counts:
        """Precision of each row of `weights` [draw, host] (default: one row of ones); NaN where there are no cards."""
        rows = np.ones((1, len(self.clean))) if weights is None else weights
        planted = np.einsum("dh,hkc->dkc", rows, self.planted)
        clean = rows @ self.clean
        with np.errstate(divide="ignore", invalid="ignore"):
            real, other = (np.nanmean(planted[:, :, i] / planted[:, :, 2], axis=1) for i in (0, 1))
            false = clean[:, 0] / clean[:, 1]
            shares: Counts = prevalence * real / (prevalence * (real + other) + (1 - prevalence) * false)
        return shares

    def with_interval(self, prevalence: float, seed: int) -> dict[str, float | None]:
        """Precision, and its interval."""
        chance = np.random.default_rng(seed)
        count = len(self.clean)
        draws = self.precision(prevalence, chance.multinomial(count, [1 / count] * count, size=DRAWS).astype(float))
        kept = draws[~np.isnan(draws)]
        low, high = np.quantile(kept, (0.025, 0.975)) if len(kept) else (np.nan, np.nan)
        value = self.precision(prevalence)[0]
        return {name: _rounded(v) for name, v in (("precision", value), ("low", low), ("high", high))}

    @property
    def totals(self) -> dict[str, int]:
        """Cards seen: real and other ones on planted cases, those on clean ones."""
        real, other = self.planted[:, :, 0].sum(), self.planted[:, :, 1].sum()
        return {"real": int(real), "other": int(other), "on_clean": int(self.clean[:, 0].sum())}


def by_engine_kind(planted: Sequence[Answer], clean: Sequence[Answer], seed: int) -> dict[str, dict[str, object]]:
    """For ranking: each of the engine's own kinds, as a whole and by severity, at each prevalence."""
    seen = sorted({(card.own_kind, card.severity) for a in (*planted, *clean) for card in a.cards})
    table: dict[str, dict[str, object]] = {}
    for kind in sorted({kind for kind, _ in seen}):
        row = _row(Cards(planted, clean, kind), seed)
        row["severities"] = {
            severity: _row(Cards(planted, clean, kind, frozenset({severity})), seed)
            for own, severity in seen
            if own == kind
        }
        table[kind] = row
    return table


def _row(cards: Cards, seed: int) -> dict[str, object]:
    return {"cards": cards.totals} | {f"at_{p:g}": cards.with_interval(p, seed) for p in PREVALENCES}


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
