"""`dictation audit`: entries of the audit trail as text, CSV or JSON Lines, one at a time, and what they amount to."""

import csv
import json
from contextlib import closing
from typing import TextIO

from dictation.errors import UsageError
from dictation.records import Records
from dictation.records.exporting import Asked, begin, day_or_time, entries
from dictation.records.trail import Entry
from dictation.settings import Settings
from pipelines.by_whom import operator
from pipelines.spreadsheet import harmless

COLUMNS = ("number", "at", "by", "what", "case", "detail")


def write(
    settings: Settings, out: TextIO, *, user: str, patient: str, case: str, since: str, until: str, form: str
) -> bool:
    """Write what is asked for to `out`, "" is any; return whether the chain verifies.

    Raises UsageError, at the end too: where it verifies, for a user or a patient who occurs nowhere.
    """
    asked = Asked(
        user=user,
        patient=patient,
        case=case,
        since=day_or_time(since, is_end=False) if since else "",
        until=day_or_time(until, is_end=True) if until else "",
    )
    with closing(Records.open(settings)) as records:
        export = begin(records, asked, operator(), form)
        writer = csv.writer(out, lineterminator="\n")
        if form == "csv":
            writer.writerow(COLUMNS)
        for entry in entries(records, export):
            detail = json.dumps(entry.detail, ensure_ascii=False, sort_keys=True)
            if form == "csv":
                cells = (entry.at, entry.by, entry.what, entry.case, detail)
                writer.writerow([entry.number, *(harmless(_plain(cell)) for cell in cells)])
            elif form == "jsonl":
                out.write(_plain(json.dumps(entry.model_dump(), ensure_ascii=False)) + "\n")
            else:
                out.write(_line(entry, detail))
    if form == "csv":
        writer.writerow(["", "", "", "summary", "", harmless(_plain(export.words))])
    elif form == "jsonl":
        summary = {
            "entries": export.entries,
            "trail": export.length,
            "verified": not export.faults,
            "unknown": export.unknown,
        }
        out.write(_plain(json.dumps({"summary": {**summary, "faults": export.faults}}, ensure_ascii=False)) + "\n")
    else:
        out.write(_plain(export.words) + "\n")
    if export.unknown and not export.faults:
        sentence = "; ".join(export.unknown)
        raise UsageError(f"{sentence[0].upper()}{sentence[1:]}: look for a slip before it counts as nothing done.")
    return not export.faults


def _line(entry: Entry, detail: str) -> str:
    by, detail = _plain(" ".join(entry.by.split())) or "-", _plain(detail)
    return f"{entry.number:>8}  {entry.at[:19]}Z  {by:<24}  {entry.what:<20}  {entry.case or '-':<32}  {detail}\n"


def _plain(text: str) -> str:
    """What somebody typed, or JSON that holds it, with the escapes of JSON for what would draw on a terminal."""
    return "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in text)
