"""A folder of one's own reports → a vocabulary file of the phrases in them that a recognizer may not know."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from dictation.errors import InputError
from dictation.lexicon.harvest import Harvested, harvested
from dictation.report import load_report
from pipelines.exits import note
from pipelines.inputs import TEXT_ENDINGS, Input, expand
from pipelines.outputs import write_atomic

ENDINGS = TEXT_ENDINGS | {".json"}
MAX_BYTES = 5_000_000  # of one report; a file of many reports would count as one
MIN_REPORTS = 3


def phrases(folder: Path, out: Path | None, min_reports: int = MIN_REPORTS, limit: int = 500) -> bool:
    """Write the list to `out` or stdout; True where every report could be read. Failures are noted by name."""
    if not folder.exists():
        raise InputError(f"{folder}: there is no such folder; check its name.")
    inputs = expand([folder], ENDINGS)
    if any(item.failure for item in inputs):
        raise InputError(
            f"{folder}: holds no report; give a folder with reports as text ({', '.join(sorted(ENDINGS))})."
        )
    failed: dict[str, InputError] = {}

    def read() -> Iterator[str]:
        for item in inputs:
            if item.shown not in failed:
                try:
                    yield _text(item)
                except InputError as error:
                    failed[item.shown] = error

    found = harvested(read, min_reports, limit)
    for error in failed.values():
        note(f"dictation: {error}")
    if len(failed) == len(inputs):
        raise InputError(f"{folder}: none of its files could be read as a report; give a folder with reports as text.")
    if not found:
        note(f"No new word or phrase stands in {min_reports} or more of the {len(inputs)} reports; give more of them.")
    text = _listed(found, len(inputs) - len(failed), min_reports)
    if out is None:
        sys.stdout.write(text)
    else:
        write_atomic(out, text)
    names = sum(one.may_be_name for one in found)
    note(f"{len(found) - names} phrases and {names} possible names from {len(inputs) - len(failed)} reports.")
    if names:
        note("The possible names stand in the list as comments, which are not used: delete them, or take their # off.")
    note("Look the list over before you use it: no name and nothing of a patient may stay in it.")
    return not failed


def _text(item: Input) -> str:
    """The text of one report: a report of this program in JSON, else plain text."""
    try:
        if item.path.stat().st_size > MAX_BYTES:
            raise InputError(f"{item.shown}: is too long for one report; give each report its own file.")
        if item.path.suffix.lower() == ".json":
            return load_report(item.path).text
        return item.path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{item.shown}: cannot be read ({error.strerror}); check its permissions.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{item.shown}: is not UTF-8 text; save the report as plain text in UTF-8.") from error


def _listed(found: Sequence[Harvested], reports: int, min_reports: int) -> str:
    """The vocabulary file. What may be a name stands below in notes, which are not used as they are."""
    sure = [one for one in found if not one.may_be_name]
    doubtful = [one for one in found if one.may_be_name]
    lines = [
        f"# Phrases that stand in {min_reports} or more of {reports} reports and that a recognizer may not know.",
        "# phrase<tab>spoken form<tab>weight. Look them over: delete every name and everything else of a patient.",
        *map(_line, sure),
    ]
    if doubtful:
        lines += [
            "#",
            '# Only ever written with a capital: names? Delete those, and take the "# " off products and signs.',
        ]
        lines += [f"# {_line(one)}" for one in doubtful]
    return "\n".join(lines) + "\n"


def _line(one: Harvested) -> str:
    return f"{one.written}\t\t{one.weight:g}\t# in {one.reports} reports"
