"""Both texts of a report pair as the program reads them, the characters in which each error stands, and its kind."""

import re
from collections.abc import Sequence

from benchmarks.pairs.documents import Row, joined
from benchmarks.pairs.report_pairs import expected
from dictation.discrepancy.discrepancy import Kind
from dictation.report import Report, parse_report

Spans = Sequence[tuple[str, int, int, str]]  # "heard" or "written", start, end, kind of alert or ""
_KINDS: dict[str, Kind] = {
    "negation": "negation", "number": "measurement", "count": "measurement", "unit": "measurement",
    "side": "laterality", "level": "level", "structure": "site", "device": "site", "severity": "severity",
    "course": "change", "certainty": "certainty", "score": "scoring", "date": "prior",
}  # fmt: skip
"""What authors of labelled pairs call a change → the kind of alert."""


def labelled(row: Row) -> tuple[str, Report, Spans]:
    """Of a pair of which each sentence has its label."""
    heard, said = joined([piece["text"] for piece in row["heard"]], " ")
    report = parse_report("\n".join(piece["text"] for piece in row["written"]))
    fates = {"changed": "", "lost": "omission"}
    wrong = [
        ("heard", *at, fates[piece["fate"]])
        for at, piece in zip(said, row["heard"], strict=True)
        if piece["fate"] in fates
    ]
    for piece in row["written"]:
        if piece["fate"] != "true":
            at = found(report.text, piece["text"]) or found(report.text, piece["text"].partition(":")[2])
            kind = "addition" if piece["fate"] == "added" else _KINDS[piece["attribute"]]
            wrong += [("written", *at, kind)] if at else []
    return heard, report, wrong


def reported(row: Row) -> tuple[str, Report, Spans]:
    """Of a pair with one error at most."""
    report = parse_report(row["written"])
    if row["kind"] == "clean":
        return row["heard"], report, ()
    written = [("written", found(report.text, words)) for words in (row["wrote"], *row.get("also", ()))]
    sides = [("heard", found(row["heard"], row["said"])), *written]
    kind = expected(row["kind"])[0]
    wrong = [(name, *at, kind) for name, at in sides if at]
    return row["heard"], report, wrong or [("heard", 0, 0, kind)]


def found(text: str, words: str) -> tuple[int, int] | None:
    """Where words stand in a text, whatever blanks are between them."""
    match = re.search(r"\s+".join(map(re.escape, words.split())), text) if words.strip() else None
    return match.span() if match else None
