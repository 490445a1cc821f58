"""Pairs written one by one in a radiologist's role: they differ as people differ, not as rules do.

`handwritten/SPLIT.jsonl`, one pair a line: {"id", "region", "style": "run-on" | "punctuated", "heard", "written",
"order"?, "kind": "clean" or a kind of planted error, "said", "wrote"}; the last two are the words that differ, exactly
as they stand in the texts, or "". A half that is not there gives no pairs.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.discrepancy.case import Case, Span
from benchmarks.discrepancy.engine import SEVERITIES, Answer
from benchmarks.discrepancy.kinds import is_misheard, table
from benchmarks.discrepancy.precision import GRAVE
from benchmarks.discrepancy.scores import found, is_in_place

ORIGIN = "handwritten"
STYLES = ("run-on", "punctuated")
_SAYS_SO_TOO = ("omission", "addition", "site", "negation")  # of a word taken for another


def path(split: str) -> Path:
    """Where the pairs of a half lie."""
    return Path(__file__).with_name("handwritten") / f"{split}.jsonl"


def cases(split: str) -> list[Case]:
    """The pairs of a half. SystemExit with the pair and its fault where one is not what it should be."""
    file = path(split)
    if not file.is_file():
        return []
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    pairs = [_case(json.loads(line)) for line in lines]
    ids = [case.id for case in pairs]
    if twice := {id for id in ids if ids.count(id) > 1}:
        raise SystemExit(f"{file.name}: several pairs have the id {', '.join(sorted(twice))}.")
    return pairs


def _case(pair: dict[str, Any]) -> Case:
    id, kind = str(pair["id"]), str(pair["kind"])
    if kind != "clean" and kind not in table():
        raise SystemExit(f"Handwritten pair {id}: kinds.json has no kind {kind!r}.")
    if pair["style"] not in STYLES:
        raise SystemExit(f"Handwritten pair {id}: its style is {pair['style']!r}, not one of {', '.join(STYLES)}.")
    said = _place(id, pair["heard"], pair.get("said") or "")
    wrote = _place(id, pair["written"], pair.get("wrote") or "")
    expected: tuple[str, ...] = ()
    if kind != "clean":
        expected = (*table()[kind]["expected"], *(_SAYS_SO_TOO if is_misheard(kind) else ()))
    return Case(
        f"{ORIGIN}/{id}", kind, ORIGIN, id, pair["style"], pair["heard"], pair["written"], "", expected,
        said, wrote, said, wrote, tuple((pair.get("order") or {}).items()), pair["region"],
    )  # fmt: skip


def _place(id: str, text: str, words: str) -> Span | None:
    if not words:
        return None
    start = text.find(words)
    if start < 0:
        raise SystemExit(f"Handwritten pair {id}: its text has no {words!r}.")
    return start, start + len(words)


def figures(given: Sequence[Answer]) -> dict[str, Any]:
    """Clean and planted pairs, as a whole and by style, region and (planted) kind."""
    clean = [answer for answer in given if not answer.case.expected]
    planted = [answer for answer in given if answer.case.expected]
    return {
        "clean": {name: _flags(part) for name, part in _parts(clean, by_kind=False)},
        "planted": {name: _recall(part) for name, part in _parts(planted, by_kind=True)},
    }


def _parts(given: Sequence[Answer], by_kind: bool) -> Iterable[tuple[str, list[Answer]]]:
    if given:
        yield "all", list(given)
    views: list[Callable[[Answer], str]] = [lambda a: a.case.setting, lambda a: a.case.region]
    for view in [*views, *([lambda a: a.case.kind] if by_kind else [])]:
        for name in sorted({view(answer) for answer in given}):
            yield name, [answer for answer in given if view(answer) == name]


def _flags(given: Sequence[Answer]) -> dict[str, float]:
    cards = [card.severity for answer in given for card in answer.cards]
    grave = sum(any(card.severity in GRAVE for card in answer.cards) for answer in given)
    shares = {severity: round(cards.count(severity) / len(given), 3) for severity in SEVERITIES}
    return {"n": len(given), "pairs_with_critical_or_major": grave, "share": round(grave / len(given), 3), **shares}


def _recall(given: Sequence[Answer]) -> dict[str, float]:
    verdicts = [found(answer) for answer in given]
    return {
        "n": len(verdicts),
        "any_card": round(fmean(v.any_card for v in verdicts), 3),
        "right_kind": round(fmean(v.right_kind for v in verdicts), 3),
        "in_place": round(fmean(v.in_place for v in verdicts), 3),
        "critical_or_major": round(fmean(v.graver for v in verdicts), 3),
        "grave_in_place": round(fmean(map(_is_grave_in_place, given)), 3),
    }


def _is_grave_in_place(answer: Answer) -> bool:
    """Whether a critical or major card of any kind touches the words that differ."""
    return any(card.severity in GRAVE and is_in_place(card, answer.case) for card in answer.cards)
