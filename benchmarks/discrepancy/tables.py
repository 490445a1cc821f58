"""The result as a Markdown page."""

from collections.abc import Mapping
from typing import Any

_RECALL = {
    "n": "n",
    "wordings": "wordings",
    "right_kind": "right kind",
    "right_kind_by_wording": "by wording",
    "right_kind_in_place": "and in place",
    "any_card": "any card",
    "ranked_first": "ranked first",
    "critical_or_major": "as critical or major",
    "span_iou": "span IoU",
    "cards_per_error": "cards",
}
_FLAGS = {
    "n": "n",
    "critical_or_major_per_report": "critical or major",
    "critical": "critical",
    "major": "major",
    "minor": "minor",
    "info": "info",
    "reports_flagged": "reports flagged",
}


_BY_HAND = {
    "clean": ("n", "pairs_with_critical_or_major", "share", "critical", "major", "minor", "info"),
    "planted": ("n", "any_card", "right_kind", "in_place", "critical_or_major", "grave_in_place"),
}


def page(result: Mapping[str, Any]) -> str:
    """All tables of a run."""
    lines = [
        f"# Planted errors and clean rewrites: `{result['engine']}`, {result['split']} half, seed {result['seed']}",
        "",
        f"{result['date']}, {result['machine']}, load {result['load']}. "
        f"{result['real_hosts']} real reports (Open-I chest X-ray), the rest invented. How to read it: "
        "`benchmarks/discrepancy/README.md`.",
        "",
    ]
    for origin in ("real", "invented"):
        lines += [
            "## Planted errors, " + origin + " hosts",
            "",
            *_table("kind", _RECALL, result["planted"], origin),
            "",
        ]
    for origin in ("real", "invented"):
        lines += [
            f"## Planted errors, {origin} hosts, dictation run on (no marks, numbers in words)",
            "",
            *_table("kind", _RECALL, result["run_on"], origin),
            "",
        ]
    lines += [
        "## Right kind where the dictation is the host, where sentences around the error are reworded, run on",
        "",
    ]
    lines += ["| kind | plain | reworded | run-on |", "|---|---|---|---|"]
    for kind, rows in result["planted"].items():
        by = rows["by_setting"] | result["run_on"].get(kind, {}).get("by_setting", {})
        lines.append(f"| {kind} | " + " | ".join(_cell(by.get(s)) for s in ("plain", "reworded", "run-on")) + " |")
    for origin in ("real", "invented"):
        lines += [
            "",
            f"## Clean, {origin} hosts: cards a report",
            "",
            *_table("control", _FLAGS, result["clean"], origin),
        ]
    lines += ["", *_by_hand(result["handwritten"], result["split"])]
    lines += ["", "## Precision of a card (95 % interval over reports)", ""]
    lines += ["| hosts, clean style, cards | 2 % of reports with an error | 20 % |", "|---|---|---|"]
    for name, row in result["precision"].items():
        lines.append(f"| {name} | {_interval(row['at_0.02'])} | {_interval(row['at_0.2'])} |")
    lines += ["", "## By kind of card, all hosts, all rewrites", ""]
    lines += ["| card | real | misplaced | on clean | 2 % | 20 % |", "|---|---|---|---|---|---|"]
    for name, row in result["precision_by_kind"].items():
        seen = row["cards"]
        lines.append(
            f"| {name} | {seen['real']} | {seen['other']} | {seen['on_clean']} | "
            f"{_interval(row['at_0.02'])} | {_interval(row['at_0.2'])} |"
        )
    lines += ["", "## Critical errors without a card of the right kind", ""]
    missed = (len(result[name]) for name in ("critical_misses", "critical_misses_run_on"))
    lines += ["{} in all, and {} run on; ids in the JSON file.".format(*missed), ""]
    lines += [f"Natural errors: {result['natural'] or 'none in this half'}.", ""]
    lines += [f"Speed: {result['speed'] or 'not measured'}.", ""]
    return "\n".join(lines)


def _by_hand(figures: Mapping[str, Any], split: str) -> list[str]:
    if not any(figures.values()):
        return [f"Pairs written by hand: none were asked, or handwritten/{split}.jsonl is missing."]
    lines = []
    for part, columns in _BY_HAND.items():
        titles = " | ".join(name.replace("_", " ") for name in columns)
        lines += [f"## Pairs written by hand, {part}", "", f"| pairs | {titles} |", "|---" * (len(columns) + 1) + "|"]
        rows = figures[part].items()
        lines += [f"| {name} | " + " | ".join(_cell(row[column]) for column in columns) + " |" for name, row in rows]
        lines.append("")
    return lines


def _table(first: str, columns: Mapping[str, str], rows: Mapping[str, Any], origin: str) -> list[str]:
    lines = [f"| {first} | " + " | ".join(columns.values()) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, row in rows.items():
        if row.get(origin):
            lines.append(f"| {name} | " + " | ".join(_cell(row[origin][column]) for column in columns) + " |")
    return lines


def _cell(value: float | int | None) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}".removeprefix("0") if value < 1 else f"{value:.2f}"


def _interval(row: Mapping[str, float | None]) -> str:
    if row["precision"] is None:
        return "–"
    return f"{row['precision']:.2f} ({row['low'] or 0:.2f}–{row['high'] or 0:.2f})"
