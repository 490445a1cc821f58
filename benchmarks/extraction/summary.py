"""The results as Markdown: what was measured on; presence, sides, zones, grades and families of every engine."""

from typing import Any

from benchmarks.extraction.scoring import ATTRIBUTES, OUTCOMES

NOT_RUN = "not run"


def markdown(results: dict[str, Any]) -> str:
    """All splits that `results` holds."""
    lines = [
        "# Extraction of findings, beside human codes",
        "",
        "Open-I chest X-ray reports; truth: the manual MeSH codes of each report. Codes say what is present, never "
        "what is absent or doubtful, and coders leave things out, so a false alarm may be right. Brackets: 95 % "
        "bootstrap intervals over reports. Macro: mean over families coded in 5 reports or more.",
        "The term-list engines all get the same mentions, with the side, zone and grade word nearest in the sentence; "
        "they differ in assertion only, each with its default rules.",
    ]
    for split in ("dev", "test"):
        if split in results:
            lines += ["", *_split(split, results[split])]
    return "\n".join(lines) + "\n"


def _split(name: str, split: dict[str, Any]) -> list[str]:
    facts, engines = split["facts"], split["engines"]
    lines = [
        f"## {name}",
        "",
        f"{facts['reports']} reports, {facts['with_masks']} of them with masked words; {facts['families']} families "
        f"coded, {facts['families_in_5_reports']} in 5 reports or more. Of {facts['codes']} codes that name a finding "
        f"{facts['code_coverage']:.1%} belong to a family, of {facts['sided_codes']} with a side "
        f"{facts['sided_code_coverage']:.1%}.",
    ]
    for title, key in (("all reports", "presence"), ("reports without masks", "presence_without_masks")):
        for policy in ("present", "absent"):
            heading = f"presence, {title}, possible counts as {policy}"
            lines += ["", *_table(heading, ("micro P", "micro R", "micro F1", "macro P", "macro R", "macro F1"))]
            lines += [
                _row(engine, scores, lambda s, k=key, p=policy: _presence(s[k][p]))
                for engine, scores in engines.items()
            ]
    lines += ["", *_table("respelled in British English", ("micro F1", "change, possible present", "possible absent"))]
    lines += [_row(engine, scores, _british, 3) for engine, scores in engines.items()]
    for kind in ATTRIBUTES:
        lines += ["", *_table(f"{kind}, where coded and found", ("compared", *OUTCOMES))]
        lines += [_row(e, s, lambda s, k=kind: _agreement(s["agreement"][k]), 5) for e, s in engines.items()]
    return [*lines, "", *_families(engines)]


def _table(heading: str, columns: tuple[str, ...]) -> list[str]:
    return [f"| {heading} | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]


def _row(engine: str, scores: dict[str, Any] | None, cells: Any, width: int = 6) -> str:
    shown = [NOT_RUN, *[""] * (width - 1)] if scores is None else cells(scores)
    return f"| {engine} | {' | '.join(shown)} |"


def _rate(rate: dict[str, float], places: int = 3) -> str:
    return f"{rate['value']:.{places}f} [{rate['low']:.{places}f}, {rate['high']:.{places}f}]"


def _presence(scores: dict[str, Any]) -> list[str]:
    return [_rate(scores[mean][name]) for mean in ("micro", "macro") for name in ("precision", "recall", "f1")]


def _british(scores: dict[str, Any]) -> list[str]:
    changes = [_micro(scores, "presence_british", p) - _micro(scores, "presence", p) for p in ("present", "absent")]
    return [f"{_micro(scores, 'presence_british', 'present'):.3f}", *(f"{change:+.4f}" for change in changes)]


def _micro(scores: dict[str, Any], key: str, policy: str) -> float:
    return float(scores[key][policy]["micro"]["f1"]["value"])


def _agreement(scores: dict[str, Any]) -> list[str]:
    return [
        str(scores["compared"]),
        *(_rate(scores[outcome], 4 if outcome == "flipped" else 3) for outcome in OUTCOMES),
    ]


def _families(engines: dict[str, Any]) -> list[str]:
    run = {engine: scores["families"] for engine, scores in engines.items() if scores is not None}
    first = next(iter(run.values()))
    coded = {name: row["hits"] + row["misses"] for table in run.values() for name, row in table.items()}
    lines = _table("family, possible counts as present", ("coded", *(f"F1 {engine}" for engine in run)))
    lines[0] += f" precision {next(iter(run))} | recall |"
    lines[1] += "---|---|"
    for name, reports in sorted(coded.items(), key=lambda item: -item[1]):
        cells = [f"{table[name]['f1']:.2f}" if name in table else "–" for table in run.values()]
        cells += [f"{first[name][kind]:.2f}" if name in first else "–" for kind in ("precision", "recall")]
        lines.append(f"| {name} | {reports} | {' | '.join(cells)} |")
    return lines
