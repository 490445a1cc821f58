"""Ranked flags → worklist.csv, worklist.html, precision.tsv, and what the person is told."""

import csv
import io
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from dictation.discrepancy import SEVERITIES
from dictation.discrepancy.precision import SITE_FILE, Measured, chance, table, worth
from dictation.discrepancy.ranking import Precisions
from dictation.exchange.flags import Flag, Quote, kind_label
from dictation.exchange.worklist import worklist_html
from pipelines.exits import note
from pipelines.outputs import write_atomic
from pipelines.spreadsheet import harmless

CLIPS = 300  # flags whose sound is on the page, about 100 kB each
VERDICTS = {True: "real", False: "false"}


def write_worklist(
    ranked: Sequence[Flag], reports: int, used: Sequence[str], measured: Sequence[Measured], precisions: Precisions,
    judged: Mapping[str, bool], out: Path,
) -> None:  # fmt: skip
    """Write the files of `out` and print how many flags there are per 100 `reports`, of which kinds.

    `used` are lines on what the flags rest on beside the texts.
    """
    summary = [*_summary(ranked, reports), *used]
    page = [flag if at < CLIPS else flag.model_copy(update={"clip": ""}) for at, flag in enumerate(ranked)]
    write_atomic(out / "worklist.csv", worklist_csv(ranked, precisions, judged))
    write_atomic(out / "worklist.html", worklist_html(page, summary, judged))
    if measured:
        write_atomic(out / "precision.tsv", table(measured, "verdicts given so far"))
    lines = [*summary, *_by_kind(ranked, reports, precisions), *_by_verdict(measured)]
    sys.stdout.write("\n".join([*lines, f"Worklist: {out / 'worklist.html'}"]) + "\n")


def keep_precisions(measurements: Sequence[Measured], home: Path) -> None:
    """Keep them in the home of this site, where later rankings find them."""
    write_atomic(home / SITE_FILE, table(measurements, "verdicts of this site"), "DICTATION_HOME")
    note(f"The precisions are kept in {home / SITE_FILE}; later rankings use them.")


def _summary(ranked: Sequence[Flag], reports: int) -> list[str]:
    counts = Counter[str](flag.severity for flag in ranked)
    by_severity = ", ".join(f"{_per_100(counts[name], reports)} {name}" for name in SEVERITIES if counts[name])
    flagged = len({flag.report for flag in ranked})
    return [
        f"{reports} report{'' if reports == 1 else 's'} looked at: {len(ranked)} flag{'' if len(ranked) == 1 else 's'}"
        f" in {flagged} of them.",
        f"Per 100 reports: {_per_100(len(ranked), reports)} flags" + (f" ({by_severity})." if by_severity else "."),
    ]


def _per_100(count: int, reports: int) -> str:
    return f"{100 * count / reports:.2f}" if reports else "0.00"


def _by_kind(ranked: Sequence[Flag], reports: int, precisions: Precisions) -> list[str]:
    """A line for each kind and severity, the weightiest first."""
    counts = Counter((flag.kind, flag.severity) for flag in ranked)
    names = sorted(counts, key=lambda name: (-worth(name[0], name[1], precisions), name))
    return [
        f"  {severity:<8} {kind_label(kind):<30} {counts[kind, severity]:5} flags,"
        f" {_per_100(counts[kind, severity], reports):>6} per 100, likely real {chance(kind, severity, precisions):.2f}"
        for kind, severity in names
    ]


def _by_verdict(measured: Sequence[Measured]) -> list[str]:
    return [
        f"  measured: {one.severity} {kind_label(one.kind)}: {one.precision:.2f} real"
        f" ({one.low:.2f} to {one.high:.2f}, {one.cards} verdicts)"
        for one in measured
    ]


_CSV = (
    "rank", "id", "report", "severity", "kind", "what_differs", "place_1", "text_1", "place_2", "text_2", "said_at_s",
    "worth", "verdict",
)  # fmt: skip


def worklist_csv(ranked: Sequence[Flag], precisions: Precisions, judged: Mapping[str, bool]) -> str:
    """The worklist as CSV for a spreadsheet; words that differ stand between asterisks, the last column is for you."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV)
    for rank, flag in enumerate(ranked, 1):
        one, two, *_ = (*flag.quotes, *(Quote(place="", text=""),) * 2)
        said = f"{flag.said_s[0]:.2f}" if flag.said_s else ""
        value = f"{worth(flag.kind, flag.severity, precisions):.2f}"
        verdict = VERDICTS[judged[flag.id]] if flag.id in judged else ""
        cells = (
            rank, flag.id, flag.report, flag.severity, flag.kind, flag.explanation, one.place, _starred(one),
            two.place, _starred(two), said, value, verdict,
        )  # fmt: skip
        writer.writerow([harmless(str(cell)) for cell in cells])
    return "\ufeff" + text.getvalue()


def _starred(quote: Quote) -> str:
    text, at = "", 0
    for start, end in quote.marks:
        text += f"{quote.text[at:start]}*{quote.text[start:end]}*"
        at = end
    return text + quote.text[at:]
