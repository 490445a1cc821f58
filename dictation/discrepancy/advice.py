"""What one text advises and the other says not to be needed: "follow-up CT in 3 months", "no follow-up is needed"."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Discrepancy, touches
from dictation.discrepancy.exchanged_sides import clauses, pair_alert
from dictation.discrepancy.inference.recommendations import intervals_in
from dictation.discrepancy.relation import distance
from dictation.discrepancy.turning_words import with_denial
from dictation.findings.lexicon import cell
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import Token, tokens_of
from dictation.lexicon import rows

_BODY = (None, "findings", "impression")
_ROLES = ("advises", "declines", "nothing", "beside", "untold")
_TIMED = "follow_up"  # the act that is advised by an interval alone
_BEFORE = 2  # words between a "no" and the act


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence that advises an act, or declines it."""

    act: str
    is_declined: bool
    span: tuple[int, int]
    findings: frozenset[str]


def advice_turned(heard: Column, written: Column, told: Iterable[Discrepancy]) -> list[Discrepancy]:
    """One critical alert for each act that one text only advises and the other only declines. `told`: made already."""
    cards = [card for card in told if card.kind in ("negation", "follow_up") and card.severity == "critical"]
    said, wrote = list(_said(heard)), list(_said(written))
    found: list[Discrepancy] = []
    for act in sorted({one.act for one in said} & {one.act for one in wrote}):
        ours, theirs = ([one for one in column if one.act == act] for column in (said, wrote))
        ways = [{one.is_declined for one in column} for column in (ours, theirs)]
        one, two = ours[0], theirs[0]
        if len(ways[0]) > 1 or len(ways[1]) > 1 or ways[0] == ways[1]:
            continue
        if not any(_may_be_of_one(first.findings, second.findings) for first in ours for second in theirs):
            continue
        if not any(touches(card.heard, *one.span) or touches(card.written, *two.span) for card in [*cards, *found]):
            found.append(pair_alert("follow_up", heard, one.span, written, two.span))
    return found


def _said(column: Column) -> Iterator[_Said]:
    for sentence in column.sentences:
        if sentence.section not in _BODY or not column.was_dictated(sentence.id):
            continue
        tokens = tokens_of(column.text[sentence.start : sentence.end])
        acts = _phrases("act").find(tokens)
        if not acts:
            continue
        starts, ends = (
            {role: [getattr(match, edge) for match in _phrases(role).find(tokens)] for role in _ROLES}
            for edge in ("start", "end")
        )
        has_time = bool(intervals_in(column.text, sentence.start, sentence.end))
        for match in acts:
            low, high = next(((a, b) for a, b in clauses(tokens) if a <= match.start < b), (0, len(tokens)))
            within = {role: [at for at in places if low <= at < high] for role, places in starts.items()}
            before = {
                role for role, places in ends.items() if any(low < at <= match.start <= at + _BEFORE for at in places)
            }
            if within["untold"] or "beside" in before:
                continue
            is_denied = any(with_denial(tokens, at) is not None for at in within["advises"])
            is_declined = is_denied or bool(within["declines"]) or "nothing" in before
            is_timed = has_time and match.meaning == _TIMED
            if within["advises"] or within["declines"] or is_timed or (is_declined and _is_short(tokens)):
                claims = (claim for claim in column.claims if sentence.start <= claim.span[0] < sentence.end)
                named = frozenset(claim.finding for claim in claims if claim.finding_class == "finding")
                yield _Said(match.meaning, is_declined, (sentence.start, sentence.end), named)


def _may_be_of_one(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Whether two sentences may be of the same: where both name findings, of one that is related."""
    return not ours or not theirs or any(distance(one, two) is not None for one in ours for two in theirs)


def _is_short(tokens: list[Token] | tuple[Token, ...]) -> bool:
    """Whether a sentence says nothing else: "No further imaging."."""
    return sum(token.norm.isalpha() for token in tokens) <= _BEFORE + 2


@cache
def _phrases(role: str) -> Phrases[str]:
    return Phrases(
        (term, row["name"]) for row in rows("advised_acts") if row["role"] == role for term in cell(row["words"])
    )
