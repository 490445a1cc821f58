"""The second look over real reports: how long it takes, what it flags, and where known natural errors come.

python -m benchmarks.recheck [--count 2000] [--runs 3] [--out benchmarks/results/recheck]

Signed Open-I reports, findings against impression, as `dictation recheck` reads them from a folder; texts stay in a
temporary folder. Reserved ids are never read. The peer is a rule of one line that a report writer might try: the
findings name one side only and the impression only the other.

`--precision FILE` writes the precisions by which flags are ranked, of reports whose ids end in 0, 1 or 2. Of what is
flagged there, by `recheck_verdicts.tsv`: each flag was read and judged; it holds ids and verdicts, no text. Of sides,
which hardly differ by nature: that of the impression is turned round, and one signed report in fifty has such a slip.
"""

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.circumstances import circumstances, system_load
from benchmarks.discrepancy import corpus, openi
from benchmarks.discrepancy.report import Report
from dictation.discrepancy.columns import written_column
from dictation.discrepancy.precision import tallied
from dictation.discrepancy.ranking import Verdict
from dictation.discrepancy.within import within
from dictation.exchange.flags import flags
from dictation.extras import DISTRIBUTION

FIRST = 10  # rows in which a natural error is looked for
LIMIT_S = 20
HIGHEST_ID = 4000
VERDICTS = Path(__file__).with_name("recheck_verdicts.tsv")
SIDE = "contradiction.side"
HALF = 0.5  # of a false flag more than was seen: none among some hundred reports does not say that there is never one
PREVALENCE = 0.02  # signed reports with a slip of one kind: a tenth of those of drafts that nobody has read yet
HEAD = """\
# How often a flag within a signed report was right: written by `python -m benchmarks.recheck --precision FILE`, not by
# hand, of real reports of the development third: flags judged one by one, and sides that were turned round.
kind	severity	precision	cards	source
"""
_SIDE = re.compile(r"\b(left|right|bilateral|bilaterally|both)\b", re.IGNORECASE)


def main() -> None:
    """Read the options, run the command as a person does, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recheck", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=2000, help="reports, the lowest ids first; 0: all")
    parser.add_argument("--runs", type=int, default=3, help="the slowest one counts")
    parser.add_argument("--reports", type=Path, help="the archive of Open-I, where torchxrayvision is not installed")
    parser.add_argument("--out", type=Path, metavar="PREFIX", help="write PREFIX.json and PREFIX.md")
    parser.add_argument("--precision", type=Path, metavar="FILE", help="write the precisions of recheck_verdicts.tsv")
    options = parser.parse_args()
    if options.precision:
        options.precision.write_text(_precisions(options.reports), encoding="utf-8")
        return
    reports = chosen(options.reports, options.count)
    with tempfile.TemporaryDirectory() as folder:
        result = measure(reports, Path(folder), options.runs)
    result["sides turned round"] = dict(zip(("planted", "flagged"), turned_round(options.reports, "test"), strict=True))
    text = _table(result)
    sys.stdout.write(text)
    if options.out:
        options.out.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        options.out.with_suffix(".md").write_text(text, encoding="utf-8")


def chosen(archive: Path | None, count: int) -> list[Report]:
    """The first `count` reports with findings and impression by id, masked words or not."""
    everything = openi.named(openi.archive(archive), {f"CXR{number}" for number in range(1, HIGHEST_ID)})
    return everything[:count] if count else everything


def measure(reports: Sequence[Report], folder: Path, runs: int) -> dict[str, Any]:
    """Write the reports to files, run the command so often, and read its worklist."""
    (folder / "reports").mkdir()
    for report in reports:
        (folder / "reports" / f"{report.id}.txt").write_text(report.text, encoding="utf-8")
    before = system_load()
    seconds = [_run(folder / "reports", folder / f"out{run}", folder / "home") for run in range(runs)]
    with (folder / "out0" / "worklist.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    ids = {report.id for report in reports}
    ranks = {row["report"]: int(row["rank"]) for row in reversed(rows)}
    return {
        "reports": len(reports),
        "seconds": [round(one, 2) for one in seconds],
        "natural errors": {id: ranks.get(id) for id in corpus.natural() if id in ids},
        "first rows": [f"{row['report']} {row['severity']} {row['kind']}" for row in rows[:FIRST]],
        "flags": len(rows),
        "flags per 100 reports": round(100 * len(rows) / len(reports), 2),
        "by kind": dict(Counter(f"{row['severity']} {row['kind']}" for row in rows).most_common()),
        "peer": _peer(reports),
        **circumstances(before, "pydantic"),
    }


def _run(reports: Path, out: Path, home: Path) -> float:
    begin = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "pipelines", "recheck", str(reports), "--out", str(out)],
        check=True, stdout=subprocess.DEVNULL, env=os.environ | {"DICTATION_HOME": str(home)},
    )  # fmt: skip
    return time.monotonic() - begin


def _peer(reports: Sequence[Report]) -> dict[str, Any]:
    flagged = [report.id for report in reports if _turns_round(report)]
    return {
        "rule": "findings name one side only, the impression only the other",
        "flags per 100 reports": round(100 * len(flagged) / len(reports), 2),
        "natural errors": {id: id in flagged for id in corpus.natural() if id in {report.id for report in reports}},
    }


def _turns_round(report: Report) -> bool:
    sides = [{word.lower() for word in _SIDE.findall(" ".join(part))} for part in (report.findings, report.impression)]
    return sorted(map(sorted, sides)) == [["left"], ["right"]]


def turned_round(archive: Path | None, split: str) -> tuple[int, int]:
    """How many reports of a split get the other side in the impression, and how many are then flagged for it."""
    planted = flagged = 0
    for report in openi.reports(openi.archive(archive), split):
        sides = [
            {word.lower() for word in _SIDE.findall(" ".join(part))} for part in (report.findings, report.impression)
        ]
        if sides[0] == sides[1] and sides[1] in ({"left"}, {"right"}):
            planted += 1
            text = replace(report, impression=tuple(_SIDE.sub(_other, one) for one in report.impression)).text
            flagged += SIDE in {flag.kind for flag in flags(report.id, within(text), None, written_column(text))}
    return planted, flagged


def _other(side: re.Match[str]) -> str:
    word = {"left": "right", "right": "left"}[side[0].lower()]
    return word.capitalize() if side[0][0].isupper() else word


def _precisions(archive: Path | None) -> str:
    with VERDICTS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t"))
    verdicts = [Verdict(kind=row["kind"], severity=row["severity"], is_real=row["verdict"] == "real") for row in rows]
    source = "benchmarks/recheck_verdicts.tsv"
    lines = [f"{m.kind}\t{m.severity}\t{m.precision:.3f}\t{m.cards}\t{source}\n" for m in tallied(verdicts)]
    planted, flagged = turned_round(archive, "dev")
    reports = len(openi.named(openi.archive(archive), {f"CXR{n}" for n in range(1, HIGHEST_ID) if n % 10 < 3}))
    false = (HALF + sum(row["kind"] == SIDE and row["verdict"] == "false" for row in rows)) / reports
    real = PREVALENCE * flagged / planted
    share = real / (real + (1 - PREVALENCE) * false)
    lines.append(f"{SIDE}\tcritical\t{share:.3f}\t{flagged}\tbenchmarks/recheck.py, sides turned round in dev\n")
    return HEAD + "".join(sorted(lines))


def _table(result: dict[str, Any]) -> str:
    worst = max(result["seconds"])
    lines = [
        "# The second look: `dictation recheck` over real reports",
        "",
        f"Open-I, {result['reports']} reports (none reserved), findings against impression. {result['machine']}, "
        f"version {result['versions'][DISTRIBUTION]}, {result['date']}, load {result['load']}.",
        "",
        "| what | dictation recheck | one-line rule of sides |",
        "|---|---|---|",
        f"| seconds, slowest of {len(result['seconds'])} runs (target {LIMIT_S}) | {worst} | – |",
        f"| flags per 100 reports | {result['flags per 100 reports']} | {result['peer']['flags per 100 reports']} |",
    ]
    for id, rank in result["natural errors"].items():
        found = "found" if result["peer"]["natural errors"][id] else "missed"
        lines.append(f"| rank of the natural error {id} (target {FIRST}) | {rank or 'not flagged'} | {found} |")
    turned = result["sides turned round"]
    share = f"{turned['flagged']} of {turned['planted']}"
    lines.append(f"| impressions whose side was turned round, flagged (ids ending in 4, 5, 6, 8, 9) | {share} | all |")
    lines += ["", "| severity and kind | flags |", "|---|---|"]
    lines += [f"| {name} | {count} |" for name, count in result["by kind"].items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
