"""The table of a speech benchmark: rates per system, and ratios to the peer with intervals."""

from dataclasses import dataclass
from typing import Any

from benchmarks.scoring import rate, ratio

PEER = "plain"
BOOTSTRAP_SEED = 20260101
TARGETS = {"WER": 0.55, "critical": 0.6, "CPU": 1.2, "wall": 1.2}  # ours / peer, at most


@dataclass(frozen=True)
class Measured:
    """What one system made of one report. Seconds: the recording's, the clock's and the processor's."""

    id: str
    voice: str
    system: str
    duration_s: float
    wall_s: float
    cpu_s: float
    errors: int
    words: int
    critical_errors: int
    critical_words: int
    substitutions: int
    deletions: int
    insertions: int


_COLUMNS = {  # heading → (numerator, denominator) of a pooled rate
    "WER": ("errors", "words"),
    "critical": ("critical_errors", "critical_words"),
    "CPU": ("cpu_s", "duration_s"),
    "wall": ("wall_s", "duration_s"),
}


def table(measured: list[Measured], facts: dict[str, Any]) -> str:
    """Markdown: one row a system, one row a voice and system, and the ratios to the peer."""
    names = list(dict.fromkeys(item.system for item in measured))
    by_system = {name: [item for item in measured if item.system == name] for name in names}
    some = by_system[names[0]]
    lines = [
        "# Speech recognition on synthetic speech",
        "",
        f"Synthetic speech: {len(some)} Open-I reports ({facts['split']} split, seed {facts['seed']}"
        f"{_at_least(facts['min_critical'])}), "
        f"{sum(item.duration_s for item in some) / 60:.1f} minutes, {sum(item.words for item in some)} words, "
        f"{sum(item.critical_words for item in some)} of them critical, in {len(facts['voices'])} voices "
        f"({', '.join(facts['voices'])}). {facts['threads']} threads, int8, one file after the other.",
        "Rates are pooled; brackets hold 95 % bootstrap intervals over reports. CPU, wall: seconds a second of sound.",
        "",
        "| synthetic speech | word error rate | critical-word error rate | CPU | wall |",
        "|---|---|---|---|---|",
    ]
    for name in names:
        cells = [_rate(by_system[name], *pair) for pair in _COLUMNS.values()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    if PEER in names and len(names) > 1:
        lines += ["", f"| synthetic speech: ratio to {PEER} | WER | critical | CPU | wall |", "|---|---|---|---|---|"]
        for name in names:
            if name != PEER:
                cells = [_ratio(by_system[name], by_system[PEER], top) for top, _ in _COLUMNS.values()]
                lines.append(f"| {name} | {' | '.join(cells)} |")
        lines.append("| target, at most | " + " | ".join(str(TARGETS[column]) for column in _COLUMNS) + " |")
    kinds = ("substitutions", "deletions", "insertions")
    lines += ["", f"| synthetic speech: WER by kind | {' | '.join(kinds)} |", "|---|---|---|---|"]
    for name in names:
        lines.append(f"| {name} | {' | '.join(_rate(by_system[name], kind, 'words') for kind in kinds)} |")
    lines += ["", "| synthetic speech: WER by voice | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for voice in facts["voices"]:
        cells = []
        for name in names:
            items = [item for item in by_system[name] if item.voice == voice]
            cells.append(f"{sum(i.errors for i in items) / sum(i.words for i in items):.3f}" if items else "–")
        lines.append(f"| {voice} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _at_least(critical: int) -> str:
    return f", each with {critical} critical words or more" if critical else ""


def _rate(items: list[Measured], top: str, bottom: str) -> str:
    return str(rate([getattr(i, top) for i in items], [getattr(i, bottom) for i in items], BOOTSTRAP_SEED))


def _ratio(ours: list[Measured], peers: list[Measured], top: str) -> str:
    return str(ratio([getattr(i, top) for i in ours], [getattr(i, top) for i in peers], BOOTSTRAP_SEED))
