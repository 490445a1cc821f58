"""Figures as people read them, and the short table that goes to stdout."""

from collections.abc import Sequence

from dictation.evaluation import GRADES
from pipelines.evaluation.measuring import ALIGNED_BY, KINDS, grade_measure
from pipelines.evaluation.results import Comparison, Evaluation, Figure, System

PERCENT = (100.0, 1, " %")  # factor, decimals, unit
UNITS = {"silence": (1.0, 2, " a minute"), "speed": (1.0, 2, "×")} | {
    grade_measure(grade): (100.0, 1, "") for grade in GRADES
}  # of errors: for each 100 words said
NOTHING = "–"  # nothing was there to be measured
NO_ERROR = "* without any error words are taken as independent: the true interval may be wider"
SHORT = {
    "WER raw": f"wer.raw.{ALIGNED_BY}",
    "WER written": f"wer.written.{ALIGNED_BY}",
    "critical words": "critical.written.all",
    "claims lost or changed": "claims",
    "real-time factor": "speed",
}
BY_KIND = {name: f"{name}.written" for name in KINDS.values()} | {"could change care": "errors.could_change_care"}
PER_WORDS = "after wording; could change care: per 100 words said"


def shown(measure: str, figure: Figure | None) -> str:
    """A rate with its interval: "4.2 % (3.1–5.6)"."""
    if figure is None or figure.value is None:
        return NOTHING
    factor, digits, unit = UNITS.get(measure, PERCENT)
    bounds = between(figure.low, figure.high, factor, digits)
    if bounds and not figure.count:  # nothing tells how alike one speaker's errors are
        bounds += "*"
    return f"{figure.value * factor:.{digits}f}{unit}{f' ({bounds})' if bounds else ''}"


def between(low: float | None, high: float | None, factor: float, digits: int) -> str:
    """An interval, "" where there is none."""
    return "" if low is None or high is None else f"{low * factor:.{digits}f}–{high * factor:.{digits}f}"


def difference_shown(one: Comparison) -> str:
    """A difference in percentage points with its interval and sign."""
    if one.value is None:
        return NOTHING
    bounds = between(one.low, one.high, 100.0, 1)
    return f"{one.value * 100:+.1f}{f' ({bounds})' if bounds else ''}"


def chance_shown(p: float | None) -> str:
    """A p to three digits."""
    if p is None:
        return NOTHING
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def states_shown(system: System) -> str:
    """How many hypotheses were not there: "1 failed, 2 missing"; "none" where all were."""
    lost = [f"{system.states[state]} {state}" for state in ("failed", "missing", "empty") if system.states.get(state)]
    return ", ".join(lost) or "none"


def source_shown(system: System) -> str:
    """Where hypotheses came from: the engine with its model and precision, or a file."""
    engine = system.engine
    return system.file if engine is None else " ".join(filter(None, (engine.name, engine.model, engine.precision)))


def measure_shown(measure: str) -> str:
    """The name of a measure for people: "WER raw, clinical"."""
    name, *rest = measure.split(".")
    titles = {"wer": "WER", "cer": "CER", "critical": "critical words", "terms": "medical-term WER"}
    return " ".join([titles.get(name, name), ", ".join(rest)]).strip()


def summary(evaluation: Evaluation) -> str:
    """The short tables: a line for each system, what they rest on, and where the normaliser decides."""
    rows, by_kind = [["system", *SHORT, "lost"]], [["system", *BY_KIND]]
    for system in evaluation.systems:
        cells = [shown(measure, system.figures.get(measure)) for measure in SHORT.values()]
        rows.append([system.label, *cells, states_shown(system)])
        by_kind.append([system.label, *(shown(measure, system.figures.get(measure)) for measure in BY_KIND.values())])
    lines = [
        f"{evaluation.basis.recordings} recordings, {evaluation.basis}; WER under the normaliser '{ALIGNED_BY}'"
        f"{', 95 % intervals' if any(one.is_bounded for one in evaluation.systems) else ''}",
        *_columns(rows),
        f"{PER_WORDS}, graded by {graded_by(evaluation)}",
        *_columns(by_kind),
        *([NO_ERROR] if any("*)" in cell for row in (*rows[1:], *by_kind[1:]) for cell in row[1:]) else []),
        *evaluation.remarks,
    ]
    return "\n".join(lines) + "\n"


def graded_by(evaluation: Evaluation) -> str:
    """Who graded the errors: "the tables", or also a language model, and how often that gave no answer."""
    judge = evaluation.judge
    if judge is None:
        return "the tables"
    silent = f", {judge.not_assessed} of them not assessed" if judge.not_assessed else ""
    name = " ".join(filter(None, (judge.engine.name, judge.engine.model)))
    return f"the tables and, of what they call minimal, {name} ({judge.asked} questions{silent})"


def seconds_shown(start_s: float, end_s: float) -> str:
    """Seconds of a recording: "3.4–7.9 s", from a minute on "1:03.4–1:07.9"."""
    if end_s < 60:
        return f"{start_s:.1f}–{end_s:.1f} s"
    return "–".join(f"{int(at_s // 60)}:{at_s % 60:04.1f}" for at_s in (start_s, end_s))


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
