"""`dictation purge`: the rule applied, and what came of it as one object without a patient's datum."""

from collections import defaultdict
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from dictation.errors import DictationError
from dictation.records import Records, clock
from dictation.records.filling import filling
from dictation.records.holds import all_holds
from dictation.records.purging import left_over, purge
from dictation.records.retention import Rule
from dictation.settings import Settings
from pipelines.by_whom import operator

NAMED = 20  # cases that are named for one reason


def purged(settings: Settings, *, is_trial: bool, clock_is_right: bool = False) -> dict[str, Any]:
    """Delete what the rule gives up, or only find it; return what went, what stays and why, and what failed.

    Keys: rule, dry_run, deleted (recording, case, seconds, bytes, reason each), finished (ids of recordings whose
    deletion a killed run had begun), doubt (of the clock: a sentence or ""), kept (by reason: recordings, seconds,
    bytes, and the ids of up to 20 cases), holds, disk (as `Filling`), failures (sentences). Raises DictationError where
    the records cannot be opened, and where the clock may be wrong and nobody says that it is right.
    """
    rule, time = Rule.of(settings.keep_audio), datetime.now(UTC)
    deleted, failures, finished = [], [], []
    kept: dict[str, dict[str, Any]] = defaultdict(lambda: {"recordings": 0, "seconds": 0.0, "bytes": 0, "cases": []})
    with closing(Records.open_to_verify(settings) if is_trial else Records.open(settings)) as records:
        doubt = _doubt(records, rule, time, is_trial=is_trial, clock_is_right=clock_is_right)
        for recording, failure in left_over(records, is_trial=is_trial):
            finished.append(recording)
            failures += [failure] if failure else []
        judged = purge(records, rule, operator(), time, is_trial=is_trial)
        for one in judged if rule.after is not None else ():  # for ever: there is nothing to look for
            if one.goes:
                deleted.append(one.model_dump(include={"recording", "case", "seconds", "bytes", "reason"}))
                failures += [one.failure] if one.failure else []
                continue
            group = kept[one.reason]
            group["recordings"] += 1
            group["seconds"] += one.seconds
            group["bytes"] += one.bytes
            if len(group["cases"]) < NAMED and one.case not in group["cases"]:
                group["cases"].append(one.case)
        holds = [one.model_dump() for one in all_holds(records)]
        disk = filling(records, time)
        if not is_trial and not failures and rule.after is not None:
            records.note("", clock.APPLIED, operator(), {"rule": rule.name, "deleted": len(deleted)})
    return {
        "rule": rule.name,
        "rule_words": rule.words,
        "dry_run": is_trial,
        "deleted": deleted,
        "finished": finished,
        "doubt": doubt,
        "kept": dict(kept),
        "holds": holds,
        "disk": {**disk.model_dump(), "words": disk.words},
        "failures": failures,
    }


def _doubt(records: Records, rule: Rule, time: datetime, *, is_trial: bool, clock_is_right: bool) -> str:
    """Why a purge would be refused for its clock, "" where it would not; raises DictationError where it is."""
    if not rule.after:  # nothing is deleted by the clock
        return ""
    if clock_is_right and not is_trial:
        records.note("", clock.CONFIRMED, operator())
    doubt = "" if clock_is_right else clock.doubt(records, time)
    if doubt and not is_trial:
        raise DictationError(f"Nothing was deleted. {doubt}")
    return doubt


def as_text(found: dict[str, Any]) -> str:
    """The same for people."""
    goes = "would go" if found["dry_run"] else "deleted"
    lines = [f"DICTATION_KEEP_AUDIO={found['rule']}: {found['rule_words']}."]
    lines += [
        f"{goes}: {one['recording']}  {one['seconds']:8.1f} s {one['bytes']:>12,} bytes  case {one['case']}"
        for one in found["deleted"]
    ]
    seconds, size = (sum(one[name] for one in found["deleted"]) for name in ("seconds", "bytes"))
    lines.append(f"{goes}: {_count(len(found['deleted']))}, {seconds:,.1f} s, {size:,} bytes")
    if found["finished"]:
        lines.append(f"{goes} as well: {_count(len(found['finished']))} whose deletion an earlier run had begun")
    for reason, group in sorted(found["kept"].items()):
        lines.append(f"stays: {_count(group['recordings'])}, {group['bytes']:,} bytes: {reason}")
    for one in found["holds"]:
        lines.append(f"on hold since {one['at'][:10]}: case {one['case']}: {one['reason']}")
    lines += [f"a purge would be refused: {found['doubt']}"] if found["doubt"] else []
    return "\n".join([*lines, f"disk: {found['disk']['words']}"]) + "\n"


def _count(number: int) -> str:
    return f"{number:,} recording{'s' if number != 1 else ''}"
