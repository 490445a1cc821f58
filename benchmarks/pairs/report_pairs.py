"""Report pairs by fresh authors: how often a faithful one draws an alert, and one with an error does.

    python -m benchmarks.pairs.report_pairs --authors r13 r14 --out benchmarks/results/report_pairs_test

One author a file, 50 faithful pairs and 50 with one error each (README.md). Prints shares with 95 % intervals; a
confidence interval over authors would be wider. Kinds are right where they are those that `benchmarks.discrepancy`
expects of such an error.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from benchmarks.circumstances import circumstances, system_load
from benchmarks.discrepancy.engine import Adapter
from benchmarks.discrepancy.kinds import table as kinds
from dictation.discrepancy import Discrepancy, compare
from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.compare import found_by_rules
from dictation.discrepancy.discrepancy import KINDS as KIND_NAMES
from dictation.discrepancy.precision import wilson
from dictation.discrepancy.ranking import ranked, shortlist
from dictation.report import parse_report

FOLDER = Path(__file__).parent
ENGINE = FOLDER.parent / "discrepancy" / "engines" / "dictation.json"
GRAVE = ("critical", "major")
_NOT_PLANTED = {  # errors of which `benchmarks.discrepancy` has none
    "date": ("prior",), "score": ("scoring",), "count": ("measurement",), "patient": ("patient", "sex", "age"),
}  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """A dictation and a report; `kind` is "clean" or that of its error, `said` and `wrote` the words that differ."""

    id: str
    style: str
    heard: str
    written: str
    kind: str
    said: str
    wrote: str

    @property
    def is_clean(self) -> bool:
        """Whether the report says the same."""
        return self.kind == "clean"


@dataclass(frozen=True)
class Share:
    """`hits` of `of` pairs."""

    hits: int
    of: int

    def __str__(self) -> str:
        """With its interval."""
        low, high = wilson(self.hits, self.of)
        return f"{100 * self.hits / max(1, self.of):.0f} % ({100 * low:.0f}–{100 * high:.0f})"


def pairs_of(author: str) -> list[Pair]:
    """The report pairs of an author. SystemExit where there is no such file."""
    path = FOLDER / f"{author}.jsonl"
    if not path.is_file():
        raise SystemExit(f"{path}: there is no such author.")
    given = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [Pair(**{name: row[name] for name in Pair.__dataclass_fields__}) for row in given]


def compared(pairs: Sequence[Pair]) -> Iterator[tuple[Pair, list[Discrepancy]]]:
    """Each pair with its alerts."""
    for pair in pairs:
        yield pair, compare(pair.heard, parse_report(pair.written))


def suspected(pairs: Sequence[Pair]) -> Iterator[tuple[Pair, list[Discrepancy]]]:
    """Each pair with the alerts of the rules, before anything was judged."""
    for pair in pairs:
        report = parse_report(pair.written)
        said, wrote = heard_column(pair.heard), written_column(report)
        yield pair, ranked(found_by_rules(pair.heard, report, said, wrote))


@cache
def expected(kind: str) -> tuple[str, ...]:
    """The kinds of an alert that are right for an error, as the program names them."""
    if kind in _NOT_PLANTED:
        return _NOT_PLANTED[kind]
    wanted = kinds()[kind]["expected"]
    names = Adapter(ENGINE).names["kinds"]
    return tuple(own for own in KIND_NAMES if names.get(own, own) in wanted)


def shares(found: Sequence[tuple[Pair, list[Discrepancy]]]) -> dict[str, Share]:
    """Faithful pairs with a critical alert, a critical or major one; those with an error with one."""
    clean = [alerts for pair, alerts in found if pair.is_clean]
    wrong = [(pair, alerts) for pair, alerts in found if not pair.is_clean]

    def drawn(alerts: Sequence[Discrepancy], severities: Sequence[str], of: Sequence[str] = ()) -> bool:
        return any(one.severity in severities and (not of or one.kind in of) for one in alerts)

    return {
        "faithful, critical": Share(sum(drawn(alerts, ("critical",)) for alerts in clean), len(clean)),
        "faithful, critical or major": Share(sum(drawn(alerts, GRAVE) for alerts in clean), len(clean)),
        "error, critical or major": Share(sum(drawn(alerts, GRAVE) for _, alerts in wrong), len(wrong)),
        "error, right kind": Share(
            sum(drawn(alerts, GRAVE, expected(pair.kind)) for pair, alerts in wrong), len(wrong)
        ),
        "faithful, shown at once": Share(sum(bool(_shown(alerts)) for alerts in clean), len(clean)),
        "error, right kind shown at once": Share(
            sum(any(one.kind in expected(pair.kind) for one in _shown(alerts)) for pair, alerts in wrong), len(wrong)
        ),
        "error, any alert of the right kind": Share(
            sum(any(one.kind in expected(pair.kind) for one in alerts) for pair, alerts in wrong), len(wrong)
        ),
    }


def _shown(alerts: Sequence[Discrepancy]) -> list[Discrepancy]:
    """What a page shows unfolded, but for results of which somebody is to be told."""
    return [one for one in shortlist(alerts).shown if one.kind != "critical_result"]


def main() -> None:
    """Read the options, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--authors", nargs="+", default=[f"r{n}" for n in range(1, 9)])
    parser.add_argument("--out", type=Path, help="path of the results without ending")
    asked = parser.parse_args()
    before = system_load()
    by_author = {author: list(compared(pairs_of(author))) for author in asked.authors}
    everybody = [one for found in by_author.values() for one in found]
    names = list(shares(everybody))
    rules = [one for author in asked.authors for one in suspected(pairs_of(author))]
    lines = [f"| authors | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for author, found in {**by_author, "all": everybody, "all, not judged": rules}.items():
        lines.append(f"| {author} | {' | '.join(str(one) for one in shares(found).values())} |")
    false = Counter(
        (one.severity, one.kind)
        for pair, alerts in everybody
        if pair.is_clean
        for one in alerts
        if one.severity in GRAVE
    )
    lines += ["", "Alerts on faithful pairs: " + ", ".join(f"{s} {k} {n}" for (s, k), n in false.most_common(12)) + "."]
    print("\n".join(lines))
    if asked.out:
        asked.out.with_suffix(".md").write_text("\n".join(lines) + "\n", "utf-8")
        record = {
            **circumstances(before, "onnxruntime"),
            "authors": {
                name: {key: asdict(one) for key, one in shares(found).items()} for name, found in by_author.items()
            },
        }
        asked.out.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
