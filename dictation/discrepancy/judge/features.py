"""What can be told of an alert: how much of its words stands in the other text, and how well both were read."""

import math
from collections.abc import Collection, Iterator
from functools import lru_cache

from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Discrepancy, Side
from dictation.discrepancy.judge.entailment import entailment, part_entailment, part_entailments
from dictation.discrepancy.quoting import joining_words
from dictation.findings import Claim
from dictation.findings.tokens import Token, tokens_of

_STEM = 5  # letters by which words are alike: "opacity", "opacified"
_GRAMMAR = frozenset({"no", "not", "without", "is", "are", "there"})
_RUN_ON = 0.03  # marks a word, below which a text has none to speak of
_UNKNOWN = 0.5
_NEAR = 60  # characters around the quoted words that are read with them
_STEEP = 6.0  # a logit that counts as certain
Span = tuple[int, int]


def counted(alert: Discrepancy, heard: Column, written: Column) -> dict[str, float]:
    """The features that need no model, name → 0–1."""
    marks = sum(heard.text.count(mark) for mark in ".,;:") / max(1, len(heard.text.split()))
    found = {
        "critical": float(alert.severity == "critical"),
        "run_on": float(marks < _RUN_ON),
        "heard_read": _read_share(heard, (0, len(heard.text))),
        "written_read": _read_share(written, (0, len(written.text))),
        "heard_in_written": kept_share(heard, written),
    }
    quoted = list(_quoted(alert, heard, written))
    for side, span, own, other in quoted:
        of_side = _of_quotation(own, span, other) | (_of_claim(side.claim, own, other) if side.claim else {})
        of_side["new_in_copy"] = (1 - of_side["near"]) * found["heard_in_written"]
        found |= {f"{own.name}_quoted": 1.0} | {f"{own.name}_{name}": value for name, value in of_side.items()}
    if len(quoted) > 1:
        one, two = (_said(own.text[slice(*span)]) for _, span, own, _ in quoted)
        found["alike"] = len(one & two) / max(1, len(one | two))
    return found


def read(alert: Discrepancy, heard: Column, written: Column) -> dict[str, float]:
    """What the sentence judge thinks of each quoted sentence and the whole other text, −1–1.

    Raises MissingError where it is damaged, or what runs it is not installed.
    """
    found: dict[str, float] = {}
    quoted = list(_quoted(alert, heard, written))
    places = {own.name: _around(own, span) for _, span, own, _ in quoted}
    for _, span, own, other in quoted:
        judged = entailment(own.text, places[own.name], other.text)
        alone = entailment(own.text, span, other.text)
        found |= {
            f"{own.name}_holds": _steep(judged.holds),
            f"{own.name}_contradicts": _steep(judged.contradicts),
            f"{own.name}_words_hold": _steep(alone.holds),
        }
        sentences = [(one.start, one.end) for one in other.sentences]
        held = part_entailments(own.text, span, other.text, sentences)
        found[f"{own.name}_best_holds"] = _steep(max((one.holds for one in held), default=_UNKNOWN))
        if other.name in places:
            beside = part_entailment(own.text, span, other.text, places[other.name])
            found[f"{own.name}_beside_holds"] = _steep(beside.holds)
            found[f"{own.name}_beside_contradicts"] = _steep(beside.contradicts)
    return found


def kept_share(heard: Column, written: Column) -> float:
    """How many of the dictated words that name something stand in the report, 0–1."""
    return _share(_said(heard.text), _said(written.text))


def stems(text: str) -> list[str]:
    """The beginnings of the words of a text that name something."""
    return [_stem(token) for token in tokens_of(text) if _is_name(token)]


def _quoted(alert: Discrepancy, heard: Column, written: Column) -> Iterator[tuple[Side, Span, Column, Column]]:
    """Each quotation: the side, its span, the column that it is of, and the other."""
    for side, own, other in ((alert.heard, heard, written), (alert.written, written, heard)):
        if side is not None and side.span is not None:
            yield side, side.span, own, other


def _of_quotation(own: Column, span: Span, other: Column) -> dict[str, float]:
    words, figures = stems(own.text[slice(*span)]), _figures(own.text[slice(*span)])
    sentences = [_said(other.text[one.start : one.end]) for one in other.sentences]
    return {
        "length": min(20, len(words)) / 20,
        "in": _share(words, _said(other.text)),
        "sentence_in": _share(stems(own.text[slice(*_around(own, span))]), _said(other.text)),
        "near": max((_share(words, one) for one in sentences), default=0.0),
        "figures": min(3, len(figures)) / 3,
        "figures_in": _share(figures, _figures(other.text)),
        "read": _read_share(own, span),
    }


def _of_claim(claim: Claim, own: Column, other: Column) -> dict[str, float]:
    alike = [one for one in other.claims if one.finding == claim.finding]
    return {
        "claim": 1.0,
        "absent": float(claim.status == "absent"),
        "normal": float(claim.status == "normal"),
        "definite": float(claim.certainty == "definite"),
        "finding": float(claim.finding_class == "finding"),
        "device": float(claim.finding_class == "device"),
        "unknown": float(claim.finding.startswith("other")),
        "implied": float(bool(claim.implied)),
        "measured": float(bool(claim.measurements)),
        "side": float(claim.laterality is not None),
        "same_status": float(any(one.status == claim.status for one in alike)),
        "other_status": float(any(one.status != claim.status for one in alike)),
        "both_statuses": float(len({one.status for one in own.claims if one.finding == claim.finding}) > 1),
    }


def _around(column: Column, span: Span) -> Span:
    """The quoted words with what stands near them in their sentence, cut between words."""
    start, end = span
    sentence = column.sentence_at(span)
    low, high = max(sentence.start, start - _NEAR), min(max(sentence.end, end), end + _NEAR)
    while low > sentence.start and not column.text[low - 1].isspace():
        low -= 1
    while high < min(sentence.end, len(column.text)) and not column.text[high].isspace():
        high += 1
    return low, high


def _steep(probability: float) -> float:
    """A probability as a logit between −1 and 1."""
    kept = min(1 - 1e-6, max(1e-6, probability))
    return max(-1.0, min(1.0, math.log(kept / (1 - kept)) / _STEEP))


def _is_name(token: Token) -> bool:
    return token.norm[0].isalnum() and token.norm not in joining_words() and token.norm not in _GRAMMAR


def _stem(token: Token) -> str:
    return token.norm[:_STEM] if token.norm.isalpha() else token.norm


@lru_cache(maxsize=256)
def _said(text: str) -> frozenset[str]:
    return frozenset(stems(text))


def _figures(text: str) -> frozenset[str]:
    return frozenset(token.norm for token in tokens_of(text) if token.is_number)


def _share(words: Collection[object], others: Collection[object]) -> float:
    return sum(word in others for word in words) / len(words) if words else _UNKNOWN


def _read_share(column: Column, span: Span) -> float:
    """How many of the words that name something stand in a claim of a known finding."""
    words = [token for token in tokens_of(column.text[slice(*span)]) if _is_name(token)]
    known = [one.span for one in column.claims if one.finding_class != "other"]
    inside = {at for low, high in known for at in range(max(low, span[0]), min(high, span[1]))}
    return _share([span[0] + token.start for token in words], inside)
