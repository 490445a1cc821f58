"""Does one key settle a card? 'Take heard' on every grave card of the development half, and the comparison again.

python -m benchmarks.taking_heard [--share 0.2] [--without-real] [--out benchmarks/results/taking_heard.json]

Each pair becomes a case: the heard text a dictation, the written text a report of statements. A card is settled where
it is not found again and no critical or major card is new.
"""

import argparse
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.circumstances import circumstances, system_load
from benchmarks.discrepancy import corpus, handwritten
from benchmarks.discrepancy.case import Case as Pair
from dictation.case import Case
from dictation.case.editing import laid_over
from dictation.case.taking_heard import edits_of
from dictation.discrepancy import Discrepancy, compare
from dictation.errors import UsageError
from dictation.exam import Order
from dictation.report import parse_report
from dictation.wording import Dictation, typed

GRAVE = ("critical", "major")
OUTCOMES = ("cards", "settled", "still there", "opens another", "no wording", "in a heading", "does not fit")
_AT = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    """Read the options, take heard on every grave card, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.taking_heard", description=__doc__.splitlines()[0])
    parser.add_argument("--share", type=float, default=0.2, help="this share of the generated pairs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reports", type=Path, help="the archive of Open-I, where torchxrayvision is not installed")
    parser.add_argument("--without-real", action="store_true", help="invented hosts and pairs written by hand only")
    parser.add_argument("--misses", action="store_true", help="print invented pairs whose card is not settled")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the figures as JSON")
    options = parser.parse_args()
    before = system_load()
    real = [] if options.without_real else corpus.real_hosts(options.reports, "dev")
    pairs = [pair for pair in handwritten.cases("dev") if pair.expected]
    for kind in corpus.KINDS:
        pairs += corpus.planted_cases(kind, "dev", real, options.seed, options.share)
    counts: dict[str, Counter[str]] = {}
    for pair in pairs:
        case = _case(pair)
        for card in case.discrepancies:
            if card.severity not in GRAVE:
                continue
            outcome = _outcome(case, card)
            if options.misses and outcome != "settled" and pair.origin != "real":
                print(f"{outcome}: {card.explanation}\n  heard:   {pair.heard!r}\n  written: {pair.written!r}")
            for name in (card.kind, f"hosts: {pair.origin}", "all"):
                counts.setdefault(name, Counter()).update(["cards", outcome])
    for name, counted in sorted(counts.items()):
        share = counted["settled"] / counted["cards"]
        rest = ", ".join(f"{counted[one]} {one}" for one in OUTCOMES[2:] if counted[one])
        print(f"{name:24} {counted['cards']:6} cards, {share:6.1%} settled" + (f"; {rest}" if rest else ""))
    if options.out:
        result: dict[str, Any] = {
            **circumstances(before),
            "split": "dev", "seed": options.seed, "share": options.share, "real_hosts": len(real),
            "counts": {name: dict(counted) for name, counted in sorted(counts.items())},
        }  # fmt: skip
        options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _case(pair: Pair) -> Case:
    sentences = typed(pair.heard).sentences
    dictation = Dictation(sentences=tuple(one.model_copy(update={"origin": "dictated"}) for one in sentences))
    order = Order.model_validate(dict(pair.order))
    case = Case(id=pair.id, orders=(order,), dictation=dictation, report=parse_report(pair.written))
    return _compared(case)


def _compared(case: Case) -> Case:
    found = tuple(compare(case.dictation, case.report, order=case.orders[0]))
    return case.model_copy(update={"discrepancies": found})


def _outcome(case: Case, card: Discrepancy) -> str:
    try:
        edits = edits_of(case, card, "reader", _AT)
    except UsageError:
        return "in a heading" if card.edits else "no wording"
    report, unfit = laid_over(case.report, edits)
    if unfit:
        return "does not fit"
    known = {one.id for one in case.discrepancies}
    again = _compared(case.model_copy(update={"report": report})).discrepancies
    if card.id in {one.id for one in again}:
        return "still there"
    is_other = any(one.id not in known and one.severity in GRAVE for one in again)
    return "opens another" if is_other else "settled"


if __name__ == "__main__":
    main()
