"""Free rewrites: pairs of a dictation and a report in quite other words, half of them with one dangerous change.

    python -m benchmarks.rewritten_pairs [--set e] [--show]

They were written in seven sets (a to g) by readers who saw neither the program nor its data. A planted change is missed
where no critical or major card is shown; a card of that weight on a faithful rewrite is false. `--show` prints both.
"""

import argparse
import json
from pathlib import Path

from dictation.discrepancy import compare

PAIRS = Path(__file__).with_suffix(".jsonl")
SETS = "abcdefg"


def main() -> None:
    """Print what is missed and what is false, a line a set."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--set", choices=SETS)
    options.add_argument("--show", action="store_true", help="print the pairs that are judged wrongly")
    asked = options.parse_args()
    pairs = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    for name in asked.set or SETS:
        own = [pair for pair in pairs if pair["id"].startswith(f"{name}/")]
        wrong = [pair for pair in own if pair["planted"] != bool(_weighty(pair))]
        if asked.show:
            for pair in wrong:
                print(f"{'missed' if pair['planted'] else 'false'} {pair['id']}: {pair['kind']}. {pair['note']}")
                print(f"  heard    {pair['heard']}\n  written  {pair['written']!r}\n  cards    {_weighty(pair)}")
        planted = sum(pair["planted"] for pair in own)
        missed = sum(pair["planted"] for pair in wrong)
        print(f"{name}: missed {missed} of {planted}, false {len(wrong) - missed} of {len(own) - planted}")


def _weighty(pair: dict[str, str]) -> list[str]:
    cards = compare(pair["heard"], pair["written"])
    return [f"{card.kind}: {card.explanation}" for card in cards if card.severity in ("critical", "major")]


if __name__ == "__main__":
    main()
