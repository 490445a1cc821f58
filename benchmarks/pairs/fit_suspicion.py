"""Train the reader of sentences on some authors, and measure it on others who were not trained on.

    python -m benchmarks.pairs.fit_suspicion --write                  # trees.npz anew; ten minutes on a quiet core
    python -m benchmarks.pairs.fit_suspicion --test r15 r18 r21 r22
    python -m benchmarks.pairs.fit_suspicion --test --reports FILE.jsonl ...  # pairs with `heard`, `written`, `error`
    python -m benchmarks.pairs.fit_suspicion --weights                #  word_weights.tsv anew

Each sentence of a dictation and of its report becomes one row of numbers (`evidence`), boosted trees say how likely it
is wrong, and a pair is as suspect as its most suspect sentence. Nothing is trained on what the sentence judge was
trained on, for its numbers would be too good there. Prints the area under the curve of sentences and of pairs, and how
many faithful pairs are suspect where so many of those with an error are.
"""

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.discrepancy import corpus
from benchmarks.pairs.labelled import labelled, reported
from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.suspicion.analysis import UNUSUAL, WEIGHTS, analysed, stem
from dictation.discrepancy.suspicion.evidence import NAMES, Column, evidence, seen_alike
from dictation.discrepancy.suspicion.trees import TREES
from dictation.findings.tokens import tokens_of
from dictation.report import Report, parse_report

FOLDER = Path(__file__).parent
TRAINING = ("m5", "m8", *(f"m{n}" for n in range(16, 29)), *(f"r{n}" for n in range(9, 23)))
OF_WEIGHTS = (*(f"m{n}" for n in range(1, 29)), *(f"r{n}" for n in range(1, 21)))
# Planted, and no error between the two texts, or one that a reader may leave:
NO_ERROR_BETWEEN = (
    "omission, restated", "sound-alike", "sound-alike in both", "no misheard in both", "sex in the order",
    "omission, normal said once", "addition, negative",
)  # fmt: skip
PLANTED_SHARE, PLANTED_SEED = 0.04, 2
FOUND = (0.95, 0.9, 0.85, 0.8, 0.7, 0.6)
WRONG_WEIGHT = 3.0  # of a wrong sentence of a pair with one error
SEEDS = 3
Spans = Sequence[tuple[str, int, int]]


@dataclass(frozen=True)
class Read:
    """Both texts of a pair: a row of numbers for each sentence, whether it is wrong, whether anything is."""

    author: str
    rows: npt.NDArray[np.float32]
    is_wrong: npt.NDArray[np.bool_]
    has_error: bool


def read(author: str, heard: str, report: Report, wrong: Spans, has_error: bool) -> Read:
    """Read a pair; `wrong` are the characters [start, end) of each text that are."""
    columns = heard_column(heard), written_column(report)
    one, two = (Column(analysed(c.text, c.sentences), c.name == "written") for c in columns)
    alike = seen_alike(one.analysis, two.analysis)
    labels = [
        any(name == column.name and start < sentence.end and sentence.start < end for name, start, end in wrong)
        for column, text in zip(columns, (one, two), strict=True)
        for sentence in text.analysis.sentences
    ]
    rows = np.concatenate([evidence(one, two, alike), evidence(two, one, alike.T)])
    return Read(author, rows, np.array(labels, bool), has_error)


def of_author(author: str) -> Iterator[Read]:
    """The pairs of an author of this folder."""
    for line in (FOLDER / f"{author}.jsonl").read_text("utf-8").splitlines():
        heard, report, wrong = (labelled if author.startswith("m") else reported)(json.loads(line))
        yield read(author, heard, report, wrong, bool(wrong))


def of_planted(share: float, seed: int) -> Iterator[Read]:
    """Copies of a dictation with an error that a program planted, and rewrites without (`benchmarks.discrepancy`)."""
    real = corpus.real_hosts(None, "dev")
    for case in corpus.all_cases("dev", real, seed, corpus.KINDS, corpus.CONTROL_NAMES, share):
        if case.kind in NO_ERROR_BETWEEN:
            continue
        sides = (("heard", case.heard_words, case.heard_place), ("written", case.written_words, case.written_place))
        aims = ((name, words if words and words[1] > words[0] else place) for name, words, place in sides)
        wrong = [(name, *aim) for name, aim in aims if aim] if case.expected else []
        yield read("planted", case.heard, parse_report(case.written), wrong, bool(case.expected))


def of_reports(path: Path) -> Iterator[Read]:
    """Pairs of which only is known whether there is an error."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        yield read(path.stem, row["heard"], parse_report(row["written"]), (), bool(row["error"]))


def trained(pairs: Sequence[Read]) -> list[Any]:
    """Boosted trees, one for each seed."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows = np.concatenate([one.rows for one in pairs])
    wrong = np.concatenate([one.is_wrong for one in pairs])
    single = np.concatenate([np.full(len(one.rows), not one.author.startswith("m")) for one in pairs])
    weights = np.where(wrong & single, WRONG_WEIGHT, 1.0)
    return [
        HistGradientBoostingClassifier(
            max_iter=200, learning_rate=0.06, max_leaf_nodes=15, l2_regularization=5, min_samples_leaf=30,
            max_features=0.3, random_state=seed,
        ).fit(rows, wrong, sample_weight=weights)
        for seed in range(SEEDS)
    ]  # fmt: skip


def write_trees(models: Sequence[Any]) -> None:
    """Write the trees as `suspicion` reads them: the nodes of all of them in one row."""
    trees = [predictor.nodes for model in models for (predictor,) in model._predictors]
    nodes, starts = np.concatenate(trees), np.cumsum([0, *(len(tree) for tree in trees)])
    offsets = np.repeat(starts[:-1], np.diff(starts))
    is_leaf = nodes["is_leaf"].astype(bool)
    own = np.arange(len(nodes))
    np.savez_compressed(
        TREES,
        names=np.array(NAMES),
        feature=np.where(is_leaf, 0, nodes["feature_idx"]).astype(np.int16),
        threshold=np.where(is_leaf, 0, nodes["num_threshold"]),
        left=np.where(is_leaf, own, nodes["left"] + offsets).astype(np.int32),
        right=np.where(is_leaf, own, nodes["right"] + offsets).astype(np.int32),
        value=np.where(is_leaf, nodes["value"], 0).astype(np.float32),
        roots=starts[:-1].astype(np.int32).reshape(len(models), -1),
        base=np.array([float(model._baseline_prediction.item()) for model in models], np.float32),
    )


def told(pairs: Sequence[Read], models: Sequence[Any]) -> str:
    """One line of figures."""
    from sklearn.metrics import roc_auc_score

    likely = [np.mean([model.predict_proba(one.rows)[:, 1] for model in models], axis=0) for one in pairs]
    worst = np.array([float(one.max(initial=0)) for one in likely])
    error = np.array([one.has_error for one in pairs])
    sentences = np.concatenate([one.is_wrong for one in pairs])
    of_sentences = f"{roc_auc_score(sentences, np.concatenate(likely)):.3f}" if sentences.any() else "–"
    false = [float((worst[~error] > np.quantile(worst[error], 1 - share)).mean()) for share in FOUND]
    shares = " | ".join(f"{one:.2f}" for one in false)
    return f"{of_sentences} | {roc_auc_score(error, worst):.3f} | {shares} |"


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
    parser.add_argument("--test", nargs="*", default=["r21", "r22"])
    parser.add_argument("--reports", nargs="*", type=Path, default=[])
    parser.add_argument("--weights", action="store_true")
    parser.add_argument("--write", action="store_true", help="the trees into the program")
    asked = parser.parse_args()
    if asked.weights:
        return write_weights()
    pairs = [one for author in TRAINING if author not in asked.test for one in of_author(author)]
    models = trained([*pairs, *of_planted(PLANTED_SHARE, PLANTED_SEED)])
    if asked.write:
        write_trees(models)
    print(f"| read on | sentences | pairs | {' | '.join(f'false at {share}' for share in FOUND)} |")
    print(f"|---|{'--:|' * (len(FOUND) + 2)}")
    sets: dict[str, Iterable[Read]] = {author: of_author(author) for author in asked.test}
    sets |= {path.stem: of_reports(path) for path in asked.reports}
    known = {name: list(found) for name, found in sets.items()}
    for name, pairs in {**known, "all": [one for found in known.values() for one in found]}.items():
        print(f"| {name} | {told(pairs, models)}")
    print(f"{len(NAMES)} numbers a sentence.")


if __name__ == "__main__":
    main()
