"""Precisions by kind and severity → the table by which an engine ranks its cards: kind, severity, precision, cards."""

from collections.abc import Mapping
from typing import Any

PREVALENCE = "at_0.2"  # errors in drafts that nobody has read yet; signed reports hold about a tenth of them
FEWEST_CARDS = 30  # a share of fewer says little
HEAD = """\
# How often a card was right: written by `python -m benchmarks.discrepancy --ranking FILE`, not by hand. One report in
# five has an error. From pairs written by hand where they gave at least {fewest} such cards, else from planted errors
# and clean rewrites, all of the development half; what has fewer cards in both is left out.
kind	severity	precision	cards	source
"""


def table(kinds: Mapping[str, Any], by_people: Mapping[str, Any], split: str, seed: int) -> str:
    """Return the table, tab-separated, of what `precision.by_engine_kind` gives for generated and handwritten pairs.

    People reword more freely than rules do, so what they wrote tells better what a card is worth.
    """
    rows = {**_rows(kinds, f"{split} half, seed {seed}"), **_rows(by_people, f"{split} half, written by hand")}
    return HEAD.format(fewest=FEWEST_CARDS) + "".join(rows[name] for name in sorted(rows))


def _rows(kinds: Mapping[str, Any], part: str) -> dict[tuple[str, str], str]:
    found = {}
    for kind, of_kind in kinds.items():
        for severity, row in of_kind["severities"].items():
            cards = sum(row["cards"].values())
            if cards >= FEWEST_CARDS:
                share = f"{row[PREVALENCE]['precision']:.3f}"
                found[kind, severity] = f"{kind}\t{severity}\t{share}\t{cards}\tbenchmarks/discrepancy, {part}\n"
    return found
