"""Answers in, figures out: what was found by kind, what was flagged on clean pairs, how long it took.

A card is *in place* where one of its spans touches the words that were changed (or, where words are missing on a side,
the sentence that lost them). It is of the *right kind* where its kind is one of the expected ones.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, quantiles

from benchmarks.discrepancy.case import Case, Span
from benchmarks.discrepancy.engine import SEVERITIES, Answer, Card
from benchmarks.discrepancy.grammar import wording
from benchmarks.discrepancy.kinds import is_critical
from benchmarks.discrepancy.planting import RUN_ON


@dataclass(frozen=True)
class Found:
    """What the cards of one planted case did."""

    any_card: bool
    right_kind: bool
    right_and_in_place: bool
    ranked_first: bool
    in_place: bool
    iou: float
    cards: int
    graver: bool


def found(answer: Answer) -> Found:
    """The verdict on one planted case."""
    case, cards = answer.case, answer.cards
    right = [card for card in cards if card.kind in case.expected]
    placed = [card for card in cards if is_in_place(card, case)]
    grave = [card for card in right if card.severity in ("critical", "major")]
    return Found(
        any_card=bool(cards),
        right_kind=bool(right),
        right_and_in_place=any(is_in_place(card, case) for card in right),
        ranked_first=bool(cards) and cards[0].kind in case.expected,
        in_place=bool(placed),
        iou=max((_iou(card, case) for card in right), default=0.0),
        cards=len(cards),
        graver=bool(grave),
    )


def is_in_place(card: Card, case: Case) -> bool:
    """Whether a card touches what was changed; a card without spans is judged by its kind alone."""
    if card.heard is None and card.written is None:
        return card.kind in case.expected
    heard = _touches(card.heard, case.heard_words, case.heard_place)
    return heard or _touches(card.written, case.written_words, case.written_place)


def _touches(span: Span | None, words: Span | None, place: Span | None) -> bool:
    aim = words if words and words[1] > words[0] else place
    return bool(span and aim and span[0] < aim[1] and aim[0] < span[1])


def _iou(card: Card, case: Case) -> float:
    """Shared characters over all characters of card and sentence, on the side that fits better."""
    pairs = ((card.heard, case.heard_place), (card.written, case.written_place))
    return max((_overlap(span, place) for span, place in pairs if span and place), default=0.0)


def _overlap(one: Span, other: Span) -> float:
    shared = max(0, min(one[1], other[1]) - max(one[0], other[0]))
    return shared / max(1, max(one[1], other[1]) - min(one[0], other[0]))


def recall(answers: Sequence[Answer]) -> dict[str, float]:
    """The figures of one kind and origin; `right_kind_by_wording` counts each wording of the sentence once."""
    verdicts = [found(answer) for answer in answers]
    rights = [verdict for verdict in verdicts if verdict.right_kind]
    wordings: dict[str, list[bool]] = {}
    for answer, verdict in zip(answers, verdicts, strict=True):
        wordings.setdefault(wording(_sentence(answer.case)), []).append(verdict.right_kind)
    return {
        "n": len(verdicts),
        "wordings": len(wordings),
        "right_kind_by_wording": round(fmean(fmean(shares) for shares in wordings.values()), 4),
        "right_kind": _share(v.right_kind for v in verdicts),
        "right_kind_in_place": _share(v.right_and_in_place for v in verdicts),
        "any_card": _share(v.any_card for v in verdicts),
        "ranked_first": _share(v.ranked_first for v in verdicts),
        "critical_or_major": _share(v.graver for v in verdicts),
        "span_iou": round(fmean(v.iou for v in rights), 3) if rights else 0.0,
        "cards_per_error": round(fmean(v.cards for v in verdicts), 2),
    }


def by_setting(answers: Sequence[Answer]) -> dict[str, float]:
    """Right kind where the dictation is the host itself, and where the sentences around the error are reworded."""
    settings = sorted({answer.case.setting for answer in answers})
    return {s: _share(found(a).right_kind for a in answers if a.case.setting == s) for s in settings}


def false_flags(answers: Sequence[Answer]) -> dict[str, float]:
    """The figures of one control and origin, cards a report."""
    severities = Counter(card.severity for answer in answers for card in answer.cards)
    n = len(answers)
    return {
        "n": n,
        "cards_per_report": round(sum(severities.values()) / n, 4),
        "critical_or_major_per_report": round((severities["critical"] + severities["major"]) / n, 4),
        **{severity: round(severities[severity] / n, 4) for severity in SEVERITIES},
        "reports_flagged": _share(bool(answer.cards) for answer in answers),
    }


def flagged_kinds(answers: Sequence[Answer]) -> dict[str, int]:
    """How many cards of which kind and severity."""
    return dict(Counter(f"{card.own_kind}/{card.severity}" for a in answers for card in a.cards).most_common())


def critical_misses(answers: Iterable[Answer]) -> list[dict[str, object]]:
    """Cases whose error is critical and that got no card of the right kind: ids and what came instead, no text."""
    return [
        {"id": a.case.id, "setting": a.case.setting, "cards": [f"{card.own_kind}/{card.severity}" for card in a.cards]}
        for a in answers
        if is_critical(a.case.kind, _sentence(a.case)) and not found(a).right_kind
    ]


def _sentence(case: Case) -> str:
    """The sentence with its marks and digits, as said where the dictation has them."""
    if case.heard_place and not (case.setting == RUN_ON and case.written_place):
        return case.heard[slice(*case.heard_place)]
    return case.written[slice(*(case.written_place or (0, 0)))]


def speed(answers: Sequence[Answer]) -> dict[str, float]:
    """Seconds to the first answer, then comparisons a second and milliseconds (through the pipe, one at a time)."""
    took = [answer.took_s for answer in answers if answer.took_s is not None]
    if len(took) < 100:
        return {}
    later = quantiles(took[1:], n=100)
    return {
        "first_answer_s": round(took[0], 3),
        "per_second": round(1 / fmean(took[1:]), 1),
        "p50_ms": round(1000 * later[49], 2),
        "p99_ms": round(1000 * later[98], 2),
    }


def _share(values: Iterable[bool]) -> float:
    kept = list(values)
    return round(sum(kept) / len(kept), 4) if kept else 0.0
