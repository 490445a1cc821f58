"""Every result beside its peer, as one table: what stands in `results/`, written into this folder's README.

    python -m benchmarks.table

A benchmark that writes a JSON file gets its lines here; nothing is measured.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent
README = FOLDER / "README.md"
BEGIN, END = "<!-- results: python -m benchmarks.table -->\n", "<!-- end of results -->"


class Line(NamedTuple):
    """One figure beside that of a peer; `ratio` is ours over the peer's. `of` says where, when and with what."""

    what: str
    ours: str
    peer: str
    theirs: str
    ratio: str
    of: str
    command: str


def result(name: str) -> Any:
    """What a benchmark wrote, None where it did not run yet."""
    path = FOLDER / "results" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def conditions(found: dict[str, Any]) -> str:
    """When, where and with what a result was measured."""
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    return "; ".join(filter(None, (found["date"], found["machine"], f"load {found['load']}", versions)))


def lines() -> Iterator[Line]:
    """All figures that have a peer, in the order of the work."""
    yield from _speech()
    yield from _people()
    yield from _medasr()
    yield from _live()
    yield from _batch()
    yield from _report()
    yield from _extraction()
    yield from _recheck()


def _of(what: str, ours: float, peer: str, theirs: float, of: str, command: str, digits: int = 3) -> Line:
    ratio = f"{ours / theirs:.2f}" if theirs else "–"
    return Line(what, f"{ours:.{digits}f}", peer, f"{theirs:.{digits}f}", ratio, of, command)


def _speech() -> Iterator[Line]:
    if (found := result("speech_wer")) is None:
        return
    rates = {"word error rate": ("errors", "words"), "critical-word error rate": ("critical_errors", "critical_words")}
    for what, (count, total) in (rates | {"processor seconds a second of sound": ("cpu_s", "duration_s")}).items():
        pooled = {
            system: sum(one[count] for one in rows) / sum(one[total] for one in rows)
            for system in ("ours", "plain")
            if (rows := [one for one in found["reports"] if one["system"] == system])
        }
        command = "python -m benchmarks.speech_wer --split test --count 100 --seed 2026"
        name = f"{what}, {found['count']} reports in {len(found['voices'])} synthetic voices"
        yield _of(name, pooled["ours"], "faster-whisper, same weights", pooled["plain"], conditions(found), command)


def _people() -> Iterator[Line]:
    if (found := result("people")) is None:
        return
    command = "python -m benchmarks.people FOLDER --systems plain ours"
    sums = {
        system: {name: sum(one[name] for one in found["sets"] if one["system"] == system) for name in _OF_PEOPLE}
        for system in ("ours", "plain")
    }
    for one in sums.values():
        one["wrong"] = one["substituted"] + one["deleted"] + one["inserted"]
    of, peer = conditions(found), "faster-whisper, same weights"
    for what, count, total in (
        ("word error rate", "wrong", "words"),
        ("deleted words", "deleted", "words"),
        ("processor seconds a second of sound", "cpu_s", "seconds"),
    ):
        ours, theirs = (sums[system][count] / sums[system][total] for system in ("ours", "plain"))
        yield _of(f"{what}, {found['recordings']} recordings of people who talk", ours, peer, theirs, of, command)


_OF_PEOPLE = ("words", "substituted", "deleted", "inserted", "seconds", "cpu_s")


def _medasr() -> Iterator[Line]:
    found = result("medasr_throughput_quiet")
    for row in found["rows"] if found else ():
        best = row["best"]
        name = f"MedASR's size (random weights), seconds for {row['length_s']:.0f} s of speech"
        yield _of(
            name, best["ours"]["wall_s"], "transformers pipeline, fp32", best["pipeline"]["wall_s"],
            conditions(found), "python -m benchmarks.medasr.throughput", 1,
        )  # fmt: skip


def _live() -> Iterator[Line]:
    for name, ear in (("live_whisper", "embedded Whisper"), ("live_hour", "MedASR's size, text of a small one")):
        if (found := result(name)) is None:
            continue
        rate = found["word_error_rate"]
        command = "python -m benchmarks.live" + (" --ear whisper" if "whisper" in name else " --minutes 60")
        what = f"live word error rate, {ear}, synthetic"
        yield _of(what, rate["live"], "the same sound as a file", rate["file"], conditions(found), command)


def _batch() -> Iterator[Line]:
    if (found := result("batch")) is None:
        return
    ours = found["runs"]["dictation transcribe"]["wall_s"]
    for peer, shown in (("plain", "plain loop over faster-whisper"), ("batched", "its BatchedInferencePipeline")):
        if peer in found["runs"]:
            name = f"seconds for {found['count']} recordings ({found['sound_s'] / 60:.0f} min)"
            yield _of(
                name, ours, shown, found["runs"][peer]["wall_s"], conditions(found), "python -m benchmarks.batch", 0
            )
    if spread := result("batch_ray"):
        name = f"seconds for {spread['count']} recordings on Ray, two workers of one core, one of them killed"
        here = "one process, one core"
        yield _of(
            name, spread["ray_s"], here, spread["here_s"], conditions(spread), "python -m benchmarks.batch_ray", 0
        )


def _report() -> Iterator[Line]:
    if (found := result("report_generation")) is None:
        return
    for what in ("passes", "wall"):
        times = found[f"{what}_of_peer"]["plain prompting"]["faithful"]
        shown = "forward passes" if what == "passes" else "time"
        name = f"a report by Gemma 3 270M, {shown}"
        yield Line(
            name, "1", "plain prompting, same JSON", f"{times:.2f}", f"{1 / times:.2f}", conditions(found),
            "python -m benchmarks.report.generation",
        )  # fmt: skip


def _extraction() -> Iterator[Line]:
    if (found := result("extraction")) is None:
        return
    engines = found["test"]["engines"]
    for peer in ("medspaCy ConText", "negspacy"):
        ours, theirs = (engines[name]["presence"]["present"]["micro"]["f1"]["value"] for name in ("dictation", peer))
        name = "findings, presence F1, test half of Open-I"
        yield _of(name, ours, peer, theirs, conditions(found["test"]), "python -m benchmarks.extraction --split test")


def _recheck() -> Iterator[Line]:
    if (found := result("recheck")) is None:
        return
    name = f"natural side errors found in {found['reports']} reports"
    ours, theirs = len(found["natural errors"]), sum(found["peer"]["natural errors"].values())
    yield _of(name, ours, "rule of one line", theirs, conditions(found), "python -m benchmarks.recheck", 0)


def table() -> str:
    """The table in Markdown."""
    heads = ("what", "ours", "peer", "theirs", "ours / theirs", "measured", "command")
    rows = [
        heads,
        ("---",) * len(heads),
        *({**line._asdict(), "command": f"`{line.command}`"}.values() for line in lines()),
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def written(text: str) -> str:
    """The README with the table of today's results."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
