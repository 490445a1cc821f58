"""Train the reader of sentences on some authors, and measure it on others who were not trained on.

    python -m benchmarks.pairs.fit_suspicion --judges A B --write     # the trees anew; fifteen minutes on a quiet core
    python -m benchmarks.pairs.fit_suspicion --weights                # word_weights.tsv anew

Each sentence of a dictation and of its report becomes one row of numbers (`evidence`), boosted trees say how likely it
is wrong, and a pair is as suspect as its most suspect sentence. A and B are the sentence judges that learned from the
first and the second half of the authors (`train --half`): each reads the half that it did not learn from, for its
numbers would be too good on its own. Planted errors are read by the shipped judge. Prints the area under the curve of
sentences and of pairs, and how many faithful pairs are suspect where so many of those with an error are.
"""

import argparse
import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.discrepancy import corpus
from benchmarks.discrepancy.case import Case
from benchmarks.discrepancy.engine import Card
from benchmarks.discrepancy.scores import is_in_place
from benchmarks.pairs.authors import HALVES
from benchmarks.pairs.labelled import Spans, labelled, reported
from dictation.discrepancy.columns import Column, heard_column, written_column
from dictation.discrepancy.compare import found_by_rules
from dictation.discrepancy.discrepancy import Discrepancy, touches
from dictation.discrepancy.judge import entailment
from dictation.discrepancy.suspicion import alert_evidence
from dictation.discrepancy.suspicion.alert_evidence import GRAVE, of_alert, of_suspicion
from dictation.discrepancy.suspicion.analysis import UNUSUAL, WEIGHTS, stem
from dictation.discrepancy.suspicion.evidence import NAMES
from dictation.discrepancy.suspicion.passed_over import ALONE
from dictation.discrepancy.suspicion.trees import OF_KINDS, SENTENCES, SUSPECTED, Suspicions, may_be_read, rows_of
from dictation.discrepancy.suspicion.weighing import ALERTS, severity_of
from dictation.findings.tokens import tokens_of
from dictation.report import Report, parse_report

FOLDER = Path(__file__).parent
OF_WEIGHTS = (*(f"m{n}" for n in range(1, 29)), *(f"r{n}" for n in range(1, 21)))
# Planted, and no error between the two texts, or one that a reader may leave:
NO_ERROR_BETWEEN = (
    "omission, restated", "sound-alike", "sound-alike in both", "no misheard in both", "sex in the order",
    "omission, normal said once", "addition, negative",
)  # fmt: skip
PLANTED_SHARE, PLANTED_SEED = 0.04, 2
LEASTS = (0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.3)
WRONG_WEIGHT = 3.0  # of a wrong sentence of a pair with one error
SEEDS, FOLDS = 3, 5
OF_SENTENCES = {"max_iter": 200, "max_leaf_nodes": 15, "min_samples_leaf": 30, "max_features": 0.3}
OF_KINDS_SHAPE = {"max_iter": 100, "max_leaf_nodes": 8, "min_samples_leaf": 15, "max_features": 0.3}
OF_ALERTS = {"max_iter": 120, "max_leaf_nodes": 8, "min_samples_leaf": 25, "max_features": 0.4}
Rows = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Suspect:
    """A grave alert of the rules: whether it is right, the sentences it quotes, its evidence but for suspicion."""

    alert: Discrepancy
    is_right: bool
    row: list[float]


@dataclass(frozen=True)
class Read:
    """Both texts of a pair: of each sentence a row of numbers, whether it is wrong and in what; errors; alerts.

    A kind is "" where a sentence is right, or in more than one way wrong.
    """

    author: str
    columns: tuple[Column, Column]
    rows: tuple[Rows, Rows]
    is_wrong: npt.NDArray[np.bool_]
    kinds: npt.NDArray[np.str_]
    has_error: bool
    alerts: tuple[Suspect, ...]


def read(
    author: str, heard: str, report: Report, wrong: Spans, has_error: bool, is_right: Callable[[Discrepancy], bool]
) -> Read:
    """Read a pair; `wrong` are the characters [start, end) of each text that are, and their kind."""
    columns = heard_column(heard), written_column(report)
    rows = rows_of(*columns)
    kinds = [
        {kind for name, start, end, kind in wrong if name == column.name and start < one.end and one.start < end}
        for column in columns
        for one in column.sentences
    ]
    found = found_by_rules(heard, report, *columns) if may_be_read(*columns) else []
    alerts = tuple(
        Suspect(one, is_right(one), of_alert(one, found, *columns, rows)) for one in found if one.severity in GRAVE
    )
    is_wrong = np.array(list(map(bool, kinds)), bool)
    return Read(author, columns, rows, is_wrong, np.array([_one(some) for some in kinds], str), has_error, alerts)


def _one(kinds: set[str]) -> str:
    return next(iter(kinds)) if len(kinds) == 1 and kinds <= set(SUSPECTED) else ""


def of_author(author: str) -> Iterator[Read]:
    """The pairs of an author of this folder."""
    for line in (FOLDER / f"{author}.jsonl").read_text("utf-8").splitlines():
        heard, report, wrong = (labelled if author.startswith("m") else reported)(json.loads(line))
        yield read(author, heard, report, wrong, bool(wrong), partial(_touches_any, wrong))


def read_by(judge: Path, authors: Sequence[str]) -> list[Read]:
    """The pairs of these authors as the sentence judge of a folder reads them, which is used from then on."""
    entailment.ENCODER, entailment.NETWORK, entailment.FACTS = (
        judge / path.name for path in (entailment.ENCODER, entailment.NETWORK, entailment.FACTS)
    )
    for known in (entailment.encoder, entailment.network, entailment.encoded):
        known.cache_clear()
    return [one for author in authors for one in of_author(author)]


def _touches_any(wrong: Spans, alert: Discrepancy) -> bool:
    sides = {"heard": alert.heard, "written": alert.written}
    return any(touches(sides[name], start, end) for name, start, end, _ in wrong)


def of_planted(share: float, seed: int) -> Iterator[Read]:
    """Copies of a dictation with an error that a program planted, and rewrites without (`benchmarks.discrepancy`)."""
    real = corpus.real_hosts(None, "dev")
    for case in corpus.all_cases("dev", real, seed, corpus.KINDS, corpus.CONTROL_NAMES, share):
        if case.kind in NO_ERROR_BETWEEN:
            continue
        sides = (("heard", case.heard_words, case.heard_place), ("written", case.written_words, case.written_place))
        aims = ((name, words if words and words[1] > words[0] else place) for name, words, place in sides)
        kind = min(case.expected, key=lambda one: one not in SUSPECTED, default="")
        wrong = [(name, *aim, kind) for name, aim in aims if aim] if case.expected else []
        report = parse_report(case.written)
        yield read("planted", case.heard, report, wrong, bool(case.expected), partial(_is_planted, case))


def _is_planted(case: Case, alert: Discrepancy) -> bool:
    spans = (side.span if side else None for side in (alert.heard, alert.written))
    return bool(case.expected) and is_in_place(Card(alert.kind, alert.kind, alert.severity, *spans), case)


def trained(pairs: Sequence[Read], seeds: int = 1) -> list[Any]:
    """Boosted trees over sentences, one forest for each seed."""
    wrong = np.concatenate([one.is_wrong for one in pairs])
    single = np.concatenate([np.full(len(one.is_wrong), not one.author.startswith("m")) for one in pairs])
    weights = np.where(wrong & single, WRONG_WEIGHT, 1.0)
    return _grown(np.concatenate([row for one in pairs for row in one.rows]), wrong, weights, OF_SENTENCES, seeds)


def trained_on_kinds(pairs: Sequence[Read], seeds: int = 1) -> list[Any]:
    """Boosted trees over the sentences that are wrong in one way: in which."""
    kinds = np.concatenate([one.kinds for one in pairs])
    known = kinds != ""
    rows = np.concatenate([row for one in pairs for row in one.rows])[known]
    models = _grown(rows, kinds[known], np.ones(len(rows)), OF_KINDS_SHAPE, seeds)
    if any(tuple(one.classes_) != SUSPECTED for one in models):
        raise SystemExit(f"The pairs hold errors of {models[0].classes_}; the program knows {SUSPECTED}.")
    return models


def trained_on_alerts(pairs: Sequence[Read], suspected: Mapping[int, Suspicions]) -> list[Any]:
    """Boosted trees over alerts, given how suspect models that did not learn from the author find each sentence."""
    rows = np.concatenate([alert_rows(one, suspected[id(one)]) for one in pairs])
    right = np.array([alert.is_right for one in pairs for alert in one.alerts])
    return _grown(rows, right, np.ones(len(right)), OF_ALERTS, SEEDS)


def _grown(
    rows: Rows, labels: npt.NDArray[Any], weights: npt.NDArray[np.float64], shape: dict[str, float], seeds: int
) -> list[Any]:
    from sklearn.ensemble import HistGradientBoostingClassifier

    forests = [
        HistGradientBoostingClassifier(**shape, learning_rate=0.06, l2_regularization=5, random_state=seed)
        for seed in range(seeds)
    ]
    return [one.fit(rows, labels, sample_weight=weights) for one in forests]


def predicted(rows: Rows, models: Sequence[Any]) -> npt.NDArray[np.float64]:
    """The mean of the forests, (rows,)."""
    if not len(rows):
        return np.zeros(0)
    found: npt.NDArray[np.float64] = np.mean([model.predict_proba(rows)[:, 1] for model in models], axis=0)
    return found


def suspected(pairs: Sequence[Read], models: Sequence[Any], of_kinds: Sequence[Any]) -> dict[int, Suspicions]:
    """How suspect each sentence of both texts of each pair is, and of what, by the pair's `id()`."""
    rows = np.concatenate([row for one in pairs for row in one.rows])
    places = np.cumsum([len(row) for one in pairs for row in one.rows])
    every = predicted(rows, models).astype(np.float32)
    kinds: Rows = np.mean([one.predict_proba(rows) for one in of_kinds], axis=0, dtype=np.float32)
    likely, of = iter(np.split(every, places)), iter(np.split(kinds, places))
    return {id(one): Suspicions(one.rows, (next(likely), next(likely)), (next(of), next(of))) for one in pairs}


def alert_rows(pair: Read, read: Suspicions) -> Rows:
    """The numbers of each alert of a pair, (alerts, len(alert_evidence.NAMES))."""
    rows = [[*of_suspicion(one.alert, *pair.columns, read), *one.row] for one in pair.alerts]
    return np.array(rows, np.float32).reshape(-1, len(alert_evidence.NAMES))


def write_trees(models: Sequence[Any], path: Path, names: Sequence[str]) -> None:
    """Write the trees as `suspicion` reads them: the nodes of all of them in one row."""
    trees = [one.nodes for model in models for of in zip(*model._predictors, strict=True) for one in of]
    outcomes = len(models[0]._predictors[0])
    nodes, starts = np.concatenate(trees), np.cumsum([0, *(len(tree) for tree in trees)])
    offsets = np.repeat(starts[:-1], np.diff(starts))
    is_leaf = nodes["is_leaf"].astype(bool)
    own = np.arange(len(nodes))
    np.savez_compressed(
        path,
        names=np.array(names),
        feature=np.where(is_leaf, 0, nodes["feature_idx"]).astype(np.int16),
        threshold=np.where(is_leaf, 0, nodes["num_threshold"]),
        left=np.where(is_leaf, own, nodes["left"] + offsets).astype(np.int32),
        right=np.where(is_leaf, own, nodes["right"] + offsets).astype(np.int32),
        value=np.where(is_leaf, nodes["value"], 0).astype(np.float32),
        roots=starts[:-1].astype(np.int32).reshape(len(models), outcomes, -1),
        base=np.array([model._baseline_prediction.reshape(outcomes) for model in models], np.float32),
    )


@dataclass(frozen=True)
class Judged:
    """A pair whose author no model learned from."""

    pair: Read
    read: Suspicions
    alerts: npt.NDArray[np.float64]


def judged_by_others(pairs: Sequence[Read], planted: Sequence[Read]) -> tuple[list[Judged], dict[int, Suspicions]]:
    """Each author's pairs by what was grown on the others', in `FOLDS` parts; how suspect all sentences are so."""
    authors = sorted({one.author for one in pairs})
    folds = [([one for one in pairs if one.author in authors[at::FOLDS]], authors[at::FOLDS]) for at in range(FOLDS)]
    read = suspected(planted, trained(pairs), trained_on_kinds(pairs))
    for own, names in folds:
        others = [*(one for one in pairs if one.author not in names), *planted]
        read |= suspected(own, trained(others), trained_on_kinds(others))
    found = []
    for own, names in folds:
        models = trained_on_alerts([*(one for one in pairs if one.author not in names), *planted], read)
        rows = [alert_rows(one, read[id(one)]) for one in own]
        every = np.split(predicted(np.concatenate(rows), models), np.cumsum([len(row) for row in rows])[:-1])
        found += [Judged(one, read[id(one)], alerts) for one, alerts in zip(own, every, strict=True)]
    return found, read


def told(found: Sequence[Judged]) -> str:
    """Of sentences and of alerts the area under the curve, then what thresholds do to pairs."""
    from sklearn.metrics import roc_auc_score

    sentences = np.concatenate([one.pair.is_wrong for one in found])
    alerts = np.array([alert.is_right for one in found for alert in one.pair.alerts])
    likely = np.concatenate([part for one in found for part in one.read.likely])
    kinds = np.concatenate([one.pair.kinds for one in found])
    named = np.array(SUSPECTED)[np.concatenate([part for one in found for part in one.read.kinds]).argmax(axis=1)]
    right = float((kinds == named)[kinds != ""].mean())
    areas = roc_auc_score(sentences, likely), roc_auc_score(alerts, np.concatenate([one.alerts for one in found]))
    lines = [f"Area under the curve: sentences {areas[0]:.3f}, alerts {areas[1]:.3f}; kinds named: {right:.3f}.", ""]
    lines += ["| least | faithful, critical | faithful, critical or major | errors with one |", "|--:|--:|--:|--:|"]
    for least in LEASTS:
        grave = [_severities(one, least) for one in found]
        clean = [one for one, of in zip(grave, found, strict=True) if not of.pair.has_error]
        wrong = [one for one, of in zip(grave, found, strict=True) if of.pair.has_error]
        shares = (
            np.mean(["critical" in one for one in clean]),
            np.mean(list(map(bool, clean))),
            np.mean(list(map(bool, wrong))),
        )
        lines.append(f"| {least} | {' | '.join(f'{share:.2f}' for share in shares)} |")
    return "\n".join(lines)


def _severities(one: Judged, least: float) -> set[str]:
    """The severities of the alerts that remain grave."""
    found = {
        severity
        for alert, likely in zip(one.pair.alerts, one.alerts, strict=True)
        if (severity := severity_of(alert.alert, *one.pair.columns, float(likely), least)) in GRAVE
    }
    return found | ({"major"} if max(part.max(initial=0) for part in one.read.likely) > ALONE else set())


def write_weights() -> None:
    """Write `word_weights.tsv`."""
    counts: Counter[str] = Counter()
    texts = 0
    for author in OF_WEIGHTS:
        for line in (FOLDER / f"{author}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            for side in (row["heard"], row["written"]):
                text = side if isinstance(side, str) else " ".join(piece["text"] for piece in side)
                counts.update({stem(token.norm) for token in tokens_of(text) if token.norm[0].isalpha()})
                texts += 1
    weights = {word: round(math.log((texts + 1) / count), 1) for word, count in sorted(counts.items())}
    lines = WEIGHTS.read_text("utf-8").splitlines()
    lines = [line for line in lines if line.startswith(("#", "stem\t"))]
    lines += [f"{word}\t{weight}\tbenchmarks/pairs" for word, weight in weights.items() if weight < UNUSUAL]
    WEIGHTS.write_text("\n".join(lines) + "\n", "utf-8")


def main() -> None:
    """Read the options, train, measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", action="store_true")
    parser.add_argument("--judges", nargs=2, type=Path, metavar=("A", "B"), help="folders; what `train --half` wrote")
    parser.add_argument("--write", action="store_true", help="the trees into the program")
    asked = parser.parse_args()
    if asked.weights:
        return write_weights()
    if not asked.judges:
        parser.error("--judges: needed; `python -m benchmarks.pairs.train --half` writes them.")
    shipped = entailment.ENCODER.parent
    pairs = [one for judge, half in zip(asked.judges[::-1], HALVES, strict=True) for one in read_by(judge, half)]
    read_by(shipped, ())
    planted = list(of_planted(PLANTED_SHARE, PLANTED_SEED))
    found, read = judged_by_others(pairs, planted)
    for name in ("m", "r", "e"):
        print(f"\n{name}: {told([one for one in found if one.pair.author.startswith(name)])}")
    if asked.write:
        write_trees(trained([*pairs, *planted], SEEDS), SENTENCES, NAMES)
        write_trees(trained_on_kinds([*pairs, *planted], SEEDS), OF_KINDS, NAMES)
        write_trees(trained_on_alerts([*pairs, *planted], read), ALERTS, alert_evidence.NAMES)


if __name__ == "__main__":
    main()
