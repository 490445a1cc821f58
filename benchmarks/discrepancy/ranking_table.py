"""Precisions by kind and severity → the table by which an engine ranks its cards: kind, severity, precision, cards."""

from collections.abc import Mapping
from typing import Any

PREVALENCE = "at_0.2"  # errors in drafts that nobody has read yet; signed reports hold about a tenth of them
FEWEST_CARDS = 30  # a share of fewer says little
HEAD = """\
# How often a card was right: written by `python -m benchmarks.discrepancy --ranking FILE`, not by hand. Planted errors
# and clean rewrites of the development half, one report in five with an error; kinds with fewer than {fewest} cards are
# left out.
kind	severity	precision	cards	source
"""


def table(kinds: Mapping[str, Any], split: str, seed: int) -> str:
    """Return the table, tab-separated, of what `precision.by_engine_kind` gives."""
    rows = [HEAD.format(fewest=FEWEST_CARDS)]
    for kind, found in sorted(kinds.items()):
        for severity, row in found["severities"].items():
            cards = sum(row["cards"].values())
            if cards >= FEWEST_CARDS:
                source = f"benchmarks/discrepancy, {split} half, seed {seed}"
                rows.append(f"{kind}\t{severity}\t{row[PREVALENCE]['precision']:.3f}\t{cards}\t{source}\n")
    return "".join(rows)
