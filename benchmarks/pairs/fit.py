"""Fit the alert judge: the table of `dictation.discrepancy.judge.judging`, on alerts of fresh authors.

    python -m benchmarks.pairs.fit --write

An alert is right where it touches words that were changed, and false on a faithful pair and elsewhere. One logistic
regression over the features, in which each kind of alert has deviations of its own from the weights that all share;
each author's alerts are judged by what was fitted on the others.
The sentence judge was not trained on these authors. Errors that a program planted (`benchmarks.discrepancy`, dev half)
are fitted on, too, with less weight. The threshold of a kind is the probability below which a share of the authors'
right alerts lies (`LOST`). Prints the area under the curve of each kind, and what the thresholds do to pairs.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.discrepancy import corpus
from benchmarks.discrepancy.case import Case
from benchmarks.discrepancy.engine import Card
from benchmarks.discrepancy.scores import is_in_place
from benchmarks.pairs.authors import ALERTS
from benchmarks.pairs.documents import rows_of
from benchmarks.pairs.labelled import Spans, labelled, reported
from benchmarks.pairs.train import area
from dictation.discrepancy import Discrepancy
from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.compare import found_by_rules
from dictation.discrepancy.discrepancy import touches
from dictation.discrepancy.judge.features import counted, read
from dictation.discrepancy.judge.judging import EVEN, GRAVE, GUARDED, KINDS, may_be_judged
from dictation.discrepancy.judge.passed_over import unheld
from dictation.report import Report

TABLE = Path(__file__).parents[2] / "dictation" / "lexicon" / "data" / "alert_weights.tsv"
PLANTED_WEIGHT = 0.6  # of an alert of a planted error; an author's: 1
NO_ERROR = ("omission, restated", "sound-alike")  # planted, and no error of the report, or one of the ear
# The share of right alerts that may be folded, of each kind. Planted errors are fitted on with less weight, and are no
# part of it: they stand in reports in the dictation's own words, which are not judged.
LOST = {"addition": 0.1, "omission": 0.1}
LOST_OF_OTHER = 0.05
MOST = 0.5  # no threshold is higher
FEWEST = 25  # right alerts and false ones of a kind, below which it is not judged
STRENGTH, OWN = 1.0, 0.5  # inverse of the regularisation; how much of it spares what a kind has of its own
PLANTED_SHARE, PLANTED_SEED = 0.05, 2
OF_READING = ("holds", "contradicts", "hold")
# Of sentences that the rules passed over: the share of faithful pairs that may draw an alert, by source.
DRAWN = {"authors": 0.02, "planted": 0.002}


@dataclass(frozen=True)
class Alert:
    """A grave alert of a pair, the errors that it touches, and its features where it may be judged."""

    source: str
    pair: str
    is_clean: bool
    kind: str
    severity: str
    errors: tuple[str, ...]
    features: dict[str, float] | None
    unheld: tuple[str, float] | None = None  # of a sentence that the rules passed over: its side, and how unlikely held

    @property
    def is_right(self) -> bool:
        """Whether it touches an error."""
        return bool(self.errors)


def collected(authors: Sequence[str]) -> tuple[list[Alert], dict[str, int]]:
    """The grave alerts of all sources, with all features; how many faithful pairs each kind of source has."""
    found: list[Alert] = []
    faithful = {"authors": 0, "planted": 0}
    for author in authors:
        make = labelled if author.startswith("m") else reported
        for row in rows_of(author):
            heard, report, wrong = make(row)
            faithful["authors"] += not wrong
            found += _alerts(author, row["id"], not wrong, heard, report, _touching(wrong))
    real = corpus.real_hosts(None, "dev")
    for case in corpus.all_cases("dev", real, PLANTED_SEED, corpus.KINDS, corpus.CONTROL_NAMES, PLANTED_SHARE):
        faithful["planted"] += not case.expected
        found += _alerts("planted", case.id, not case.expected, case.heard, case.written, _planted(case))
    return found, faithful


def _touching(wrong: Spans) -> Callable[[Discrepancy], list[str]]:
    def errors(alert: Discrepancy) -> list[str]:
        sides = {"heard": alert.heard, "written": alert.written}
        return [f"{name} {start}" for name, start, end in wrong if touches(sides[name], start, end)]

    return errors


def _planted(case: Case) -> Callable[[Discrepancy], list[str]]:
    def errors(alert: Discrepancy) -> list[str]:
        spans = (side.span if side else None for side in (alert.heard, alert.written))
        is_error = bool(case.expected) and case.kind not in NO_ERROR
        is_it = is_error and is_in_place(Card(alert.kind, alert.kind, alert.severity, *spans), case)
        return [case.id] if is_it else []

    return errors


def _alerts(
    source: str,
    pair: str,
    is_clean: bool,
    heard: str,
    written: Report | str,
    errors: Callable[[Discrepancy], list[str]],
) -> Iterator[Alert]:
    said, wrote = heard_column(heard), written_column(written)
    found = found_by_rules(heard, written, said, wrote)
    for one in found:
        if one.severity in GRAVE:
            features = counted(one, said, wrote) | read(one, said, wrote) if may_be_judged(one, KINDS) else None
            yield Alert(source, pair, is_clean, one.kind, one.severity, tuple(errors(one)), features)
    for side, one in unheld(found, said, wrote, {"heard": 0.5, "written": 0.5}):
        value = side, one.probability or 0.0
        yield Alert(source, pair, is_clean, one.kind, one.severity, tuple(errors(one)), None, value)


@dataclass(frozen=True)
class Weights:
    """A fitted sum: `bias` and a weight for each feature."""

    bias: float
    of: dict[str, float]

    def probability(self, alert: Alert) -> float:
        """As at run time."""
        assert alert.features is not None
        total = self.bias + sum(self.of.get(name, 0.0) * value for name, value in alert.features.items())
        return float(1 / (1 + np.exp(-total)))


def fitted(alerts: Sequence[Alert], names: Sequence[str]) -> dict[str, Weights]:
    """Weights of these features for each kind, fitted on these alerts."""
    from sklearn.linear_model import LogisticRegression

    kinds = sorted({one.kind for one in alerts})
    values = np.array([[(one.features or {}).get(name, 0.0) for name in names] for one in alerts])
    values = np.hstack([values, np.ones((len(alerts), 1))])  # the last: of the kind itself
    of_kind = np.array([[one.kind == kind for kind in kinds] for one in alerts])
    own = [OWN * values * of_kind[:, [at]] for at in range(len(kinds))]
    model = LogisticRegression(C=STRENGTH, max_iter=5000)
    weights = [PLANTED_WEIGHT if one.source == "planted" else 1.0 for one in alerts]
    model.fit(np.hstack([values[:, :-1], *own]), [one.is_right for one in alerts], sample_weight=weights)
    shared, *deviations = np.split(model.coef_[0], [len(names) + at * (len(names) + 1) for at in range(len(kinds))])
    found = {}
    for kind, deviation in zip(kinds, deviations, strict=True):
        slopes = shared + OWN * deviation[:-1]
        kept = {name: float(slope) for name, slope in zip(names, slopes, strict=True) if abs(slope) > 1e-4}
        found[kind] = Weights(float(model.intercept_[0] + OWN * deviation[-1]), kept)
    return found


Judged = list[tuple[Alert, float]]


def threshold(kind: str, judged: Judged) -> float:
    """The least probability that is not folded, of the alerts of a kind."""
    right = [p for one, p in judged if one.is_right and one.source != "planted"]
    return min(MOST, float(np.quantile(right, LOST.get(kind, LOST_OF_OTHER))))


def unheld_threshold(alerts: Sequence[Alert], side: str, faithful: dict[str, int]) -> float:
    """The least probability at which few enough of the faithful pairs of each source draw an alert."""
    found = [(one, one.unheld[1]) for one in alerts if one.unheld and one.unheld[0] == side]
    least = 0.5
    for source, share in DRAWN.items():
        highest: dict[str, float] = {}
        for one, value in found:
            if one.is_clean and (one.source == "planted") == (source == "planted"):
                highest[one.pair] = max(highest.get(one.pair, 0.0), value)
        drawn = sorted(highest.values(), reverse=True)
        most = int(share * faithful[source])
        least = max(least, drawn[most] if most < len(drawn) else 0.0)
    return least


def told(alerts: Sequence[Alert], folded: set[int], lowered: set[int]) -> str:
    """What remains grave: of faithful pairs, of errors, of alerts. `lowered` are at most major."""

    def pairs(kept: Sequence[Alert], severities: Sequence[str]) -> int:
        return len({one.pair for one in kept if one.is_clean and one.severity in severities})

    def errors(kept: Sequence[Alert]) -> int:
        return len({(one.pair, error) for one in kept for error in one.errors})

    kept = [one for one in alerts if id(one) not in folded]
    critical = [one for one in kept if id(one) not in lowered]
    alerts = [one for one in alerts if not one.unheld]
    lines = [
        ("faithful pairs with a critical one", pairs(alerts, ("critical",)), pairs(critical, ("critical",))),
        ("faithful pairs with one", pairs(alerts, GRAVE), pairs(kept, GRAVE)),
        ("errors with one", errors(alerts), errors(kept)),
        ("false alerts", sum(not one.is_right for one in alerts), sum(not one.is_right for one in kept)),
        ("right alerts", sum(one.is_right for one in alerts), sum(one.is_right for one in kept)),
    ]
    return "\n".join(f"  {name:38} {before:5} → {after}" for name, before, after in lines)


def judged_by_others(alerts: Sequence[Alert], names: Sequence[str]) -> Judged:
    """Each author's alerts judged by what was fitted on the others; the planted by what all were fitted on."""
    judged: Judged = []
    for author in sorted({one.source for one in alerts}):
        weights = fitted([one for one in alerts if one.source != author or author == "planted"], names)
        judged += [(one, weights[one.kind].probability(one)) for one in alerts if one.source == author]
    return judged


def main() -> None:
    """Read the options, fit, tell, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--authors", nargs="+", default=list(ALERTS))
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    alerts, faithful = collected(asked.authors)
    every = sorted({name for one in alerts for name in one.features or ()})
    counting = [name for name in every if not name.endswith(OF_READING)]
    source = f"benchmarks.pairs.fit on {asked.authors[0]}-{asked.authors[-1]}"
    lines = [
        "# What each feature of an alert adds to the logit of its being right, by its kind. `least`: the probability",
        "# below which it is folded. Written by `python -m benchmarks.pairs.fit --write`, not by hand.",
        "judge\tkind\tfeature\tweight\tsource",
    ]
    for judge, names in (("counting", counting), ("sentences", every)):
        folded = {id(one) for one in alerts if one.unheld}
        for side in ("written", "heard") if judge == "sentences" else ():
            least = unheld_threshold(alerts, side, faithful)
            unheld_here = [one for one in alerts if one.unheld and one.unheld[0] == side and one.unheld[1] > least]
            folded -= {id(one) for one in unheld_here}
            right = sum(one.is_right for one in unheld_here if one.source != "planted")
            of = sum(one.source != "planted" for one in unheld_here)
            print(f"unheld {side}: threshold {least:.3f}, {right} right of {of}")
            lines.append(f"{judge}\tunheld {side}\tleast\t{least:.4f}\t{source}")
        weighed = [one for one in alerts if one.features]
        weights, everything = fitted(weighed, names), judged_by_others(weighed, names)
        lowered: set[int] = set()
        for kind in sorted(weights):
            judged = [(one, p) for one, p in everything if one.kind == kind]
            of_authors = [(one, p) for one, p in judged if one.source != "planted"]
            right = sum(one.is_right for one, _ in of_authors)
            false = len(of_authors) - right
            if min(right, false) < FEWEST:
                continue
            least = threshold(kind, judged)
            curve = area(np.array([p for _, p in of_authors]), np.array([int(one.is_right) for one, _ in of_authors]))
            print(f"{judge}, {kind}: {right} right, {false} false, area {curve:.3f}, threshold {least:.3f}")
            folded |= {
                id(one) for one, p in judged if p < least and not (one.severity == "critical" and kind in GUARDED)
            }
            lowered |= {id(one) for one, p in judged if p < max(EVEN, least)}
            own = weights[kind]
            lines += [
                f"{judge}\t{kind}\t{name}\t{value:.4f}\t{source}"
                for name, value in {"bias": own.bias, "least": least, **own.of}.items()
            ]
        for name in ("authors", "planted"):
            of_source = [one for one in alerts if (one.source == "planted") == (name == "planted")]
            print(f"{judge}, {name}:\n{told(of_source, folded, lowered)}")
    if asked.write:
        TABLE.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
