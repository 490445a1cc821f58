"""Run the benchmark against an engine and write its figures.

python -m benchmarks.discrepancy --split dev|test [--engine COMMAND] [--adapter FILE] [--out benchmarks/results/NAME]
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.circumstances import circumstances, system_load
from benchmarks.discrepancy import corpus, handwritten, precision, ranking_table, scores, tables
from benchmarks.discrepancy.engine import Adapter, Answer, answers
from benchmarks.discrepancy.kinds import is_error
from benchmarks.discrepancy.planting import RUN_ON

HERE = Path(__file__).parent
ORIGINS = ("real", "invented")


def main() -> None:
    """Read the options, ask the engine, print and write."""
    options = _options()
    before = system_load()
    real = [] if options.without_real or options.handwritten else corpus.real_hosts(options.reports, options.split)
    cases = [] if options.kinds else handwritten.cases(options.split)
    if not cases and not options.kinds:
        print(f"{handwritten.path(options.split)} is missing: no pairs written by hand.", file=sys.stderr)
    if not options.handwritten:
        controls = () if options.kinds else corpus.CONTROL_NAMES
        kinds = options.kinds or corpus.KINDS
        cases += corpus.all_cases(options.split, real, options.seed, kinds, controls, options.share)
    if real and not options.kinds:
        cases += corpus.natural_cases(options.reports, options.split, options.seed)
    adapter = Adapter(options.adapter)
    command = options.engine or adapter.command
    given: list[Answer] = []
    for answer in answers(command, adapter, cases, options.at_once):
        given.append(answer)
        if sys.stderr.isatty() and len(given) % 200 == 0:
            print(f"\r{len(given)} of {len(cases)}", end="", file=sys.stderr)
    _say_misses(given, options.misses)
    by_hand = [answer for answer in given if answer.case.origin == handwritten.ORIGIN]
    generated = [answer for answer in given if answer.case.origin != handwritten.ORIGIN]
    planted = [answer for answer in generated if answer.case.expected and answer.case.setting != RUN_ON]
    run_on = [answer for answer in generated if answer.case.expected and answer.case.setting == RUN_ON]
    clean = [answer for answer in generated if answer.case.kind.startswith("clean")]
    result: dict[str, Any] = {
        "engine": command, "split": options.split, "seed": options.seed, "real_hosts": len(real),
        "share": options.share,
        "planted": {kind: _recall(part) for kind, part in _parts(planted).items()},
        "run_on": {kind: _recall(part) for kind, part in _parts(run_on).items()},
        "clean": {name.removeprefix("clean: "): _flags(part) for name, part in _parts(clean).items()},
        "precision": _precision(planted, run_on, clean, options.seed) if clean else {},
        "precision_by_kind": _by_card(planted, clean, options.seed) if clean else {},
        "critical_misses": scores.critical_misses(a for a in planted if is_error(a.case.kind)),
        "critical_misses_run_on": scores.critical_misses(a for a in run_on if is_error(a.case.kind)),
        "natural": _natural(given),
        "handwritten": handwritten.figures(by_hand),
        "speed": scores.speed(given),
        **circumstances(before),
    }  # fmt: skip
    print(tables.page(result))
    if options.out:
        _write(options.out, result)
    if options.ranking:
        by_people = _by_card_of_people(by_hand, options.seed)
        table = ranking_table.table(result["precision_by_kind"], by_people, options.split, options.seed)
        options.ranking.write_text(table, encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.discrepancy", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--split", choices=("dev", "test"), default="dev", help="dev is for tuning, test for publishing"
    )
    parser.add_argument("--engine", metavar="COMMAND", help="what to run; default: the adapter's command")
    parser.add_argument(
        "--adapter", type=Path, default=HERE / "engines" / "dictation.json", help="names of its answers"
    )
    parser.add_argument(
        "--kinds", nargs="+", choices=corpus.KINDS, metavar="KIND", help="only these kinds, no controls"
    )
    parser.add_argument(
        "--misses", metavar="KIND", help="what was missed (a kind, or handwritten) or flagged (a control), dev only"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=1.0, help="this share of the cases, for a quick look")
    parser.add_argument("--reports", type=Path, help="the archive of Open-I, where torchxrayvision is not installed")
    parser.add_argument("--without-real", action="store_true", help="invented hosts only")
    parser.add_argument("--handwritten", action="store_true", help="the pairs written by hand only")
    parser.add_argument("--at-once", action="store_true", help="for engines that answer at the end of their input")
    parser.add_argument("--out", type=Path, metavar="NAME", help="write NAME.json and NAME.md")
    parser.add_argument("--ranking", type=Path, metavar="FILE", help="write the table by which an engine ranks")
    options = parser.parse_args()
    if options.ranking and (options.kinds or options.handwritten or options.split == "test"):
        parser.error("the ranking rests on all kinds of the development half; leave the other options out.")
    if options.kinds and options.handwritten:
        parser.error("--kinds are those of the planted errors; leave it out, or --handwritten.")
    if options.misses and options.split == "test":
        parser.error("the misses of the test half are not for reading; use --split dev.")
    return options


def _parts(given: Sequence[Answer]) -> dict[str, list[Answer]]:
    parts: dict[str, list[Answer]] = {}
    for answer in given:
        parts.setdefault(answer.case.kind, []).append(answer)
    return parts


def _of(origin: str, given: Sequence[Answer]) -> list[Answer]:
    return [answer for answer in given if answer.case.origin == origin]


def _recall(given: Sequence[Answer]) -> dict[str, Any]:
    by_origin = {origin: scores.recall(part) for origin in ORIGINS if (part := _of(origin, given))}
    return by_origin | {"by_setting": scores.by_setting(given), "cards": scores.flagged_kinds(given)}


def _flags(given: Sequence[Answer]) -> dict[str, Any]:
    by_origin = {origin: scores.false_flags(part) for origin in ORIGINS if (part := _of(origin, given))}
    return by_origin | {"cards": scores.flagged_kinds(given)}


def _styled(clean: Sequence[Answer], names: Sequence[str]) -> list[Answer]:
    return [answer for answer in clean if answer.case.kind.removeprefix("clean: ") in names]


def _precision(
    planted: Sequence[Answer], run_on: Sequence[Answer], clean: Sequence[Answer], seed: int
) -> dict[str, Any]:
    """By origin of the host, style of the clean reports, and gravity of the cards."""
    table = {}
    styles = (
        ("all rewrites", planted, corpus.REWRITES), ("light", planted, ("light",)), ("strong", planted, ("strong",)),
        ("run-on", run_on, ("run-on",)),
    )  # fmt: skip
    for origin in ORIGINS:
        for style, errors, names in styles:
            for cards, severities in (("all cards", None), ("critical and major", precision.GRAVE)):
                asked = precision.Cards(_of(origin, errors), _of(origin, _styled(clean, names)), None, severities)
                if len(asked.clean):
                    intervals = {f"at_{p:g}": asked.with_interval(p, seed) for p in precision.PREVALENCES}
                    table[f"{origin}, {style}, {cards}"] = {"cards": asked.totals} | intervals
    return table


def _by_card(planted: Sequence[Answer], clean: Sequence[Answer], seed: int) -> dict[str, dict[str, object]]:
    return precision.by_engine_kind(planted, _styled(clean, corpus.REWRITES), seed)


def _by_card_of_people(by_hand: Sequence[Answer], seed: int) -> dict[str, dict[str, object]]:
    planted = [answer for answer in by_hand if answer.case.expected]
    return precision.by_engine_kind(planted, [answer for answer in by_hand if not answer.case.expected], seed)


def _natural(given: Sequence[Answer]) -> dict[str, bool]:
    """Whether each known error of a real report was found."""
    known = corpus.natural()
    asked = [answer for answer in given if answer.case.kind == "natural"]
    return {a.case.report: any(card.kind in known[a.case.report] for card in a.cards) for a in asked}


def _say_misses(given: Sequence[Answer], kind: str | None) -> None:
    """Ids and cards on stderr; the words only of invented hosts."""
    for answer in given:
        case = answer.case
        is_wrong = not scores.found(answer).right_kind if case.expected else bool(answer.cards)
        if kind not in (case.kind, case.kind.removeprefix("clean: "), case.origin) or not is_wrong:
            continue
        named = f"{case.id} ({case.region}, {case.kind})" if case.region else case.id
        print(named, case.setting, [f"{card.own_kind}/{card.severity}" for card in answer.cards], file=sys.stderr)
        if case.origin != "real":
            print(f"  heard:   {case.heard!r}\n  written: {case.written!r}", file=sys.stderr)


def _write(out: Path, result: dict[str, Any]) -> None:
    out.with_name(out.name + ".md").write_text(tables.page(result), encoding="utf-8")
    text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    out.with_name(out.name + ".json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
