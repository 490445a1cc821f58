"""Presence, absence and doubt: what the cues that reach a mention say of it.

Doubt is read before denial: "cannot exclude pneumonia" is doubt, and none of its words denies anything.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from dictation.findings.clause import CHOICES, LIST_REACH, Clause
from dictation.findings.lexicon import Cue
from dictation.findings.mention import Mention
from dictation.findings.phrases import Match
from dictation.findings.reach import (
    leading,
    reaches_back,
    reaches_forward,
    removes,
    starts_anew,
)

_READS_AS = frozenset({"consistent", "compatible", "keeping", "representing", "represent", "reflecting", "reflect"})
_NO_ALTERNATIVE = frozenset({",", ";", "with", "without", "no", "and", "more", "less"})
_CUES_OF_A_KIND = 3
_Cue = Match[Cue]


@dataclass(frozen=True, slots=True)
class Assertion:
    """What is said of one mention. `cue` is the token range of the words that decided it."""

    status: Literal["present", "absent", "removed", "normal"] = "present"
    certainty: Literal["definite", "probable", "possible", "cannot_exclude"] = "definite"
    temporality: Literal["current", "historical", "recommendation"] = "current"
    cue: tuple[int, int] | None = None


def assertions_of(clause: Clause) -> list[Assertion]:
    """Status, certainty and temporality of each mention."""
    leads = [(cue, leading(clause, cue)) for cue in clause.cues]
    ahead = [lead or cue for cue, lead in leads]
    behind = [cue for cue, lead in leads if not lead]
    return [_assertion_of(clause, mention, ahead, behind) for mention in clause.mentions]


def _assertion_of(clause: Clause, mention: Mention, ahead: Sequence[_Cue], behind: Sequence[_Cue]) -> Assertion:
    """`ahead`: the cues as they stand before a finding; `behind`: those that may stand behind one."""
    if mention.is_normal:
        return Assertion("normal")
    for cue in clause.cues:
        if cue.meaning.kind == "negative_sign" and _is_beside(clause, cue, mention):
            return Assertion("absent", cue=(cue.start, cue.end))
    before = [
        cue
        for cue in _nearest(ahead[::-1], lambda cue: cue.end <= mention.names[1])
        if cue.meaning.scope in ("before", "both") and reaches_forward(clause, cue, mention)
    ]
    after = [
        cue
        for cue in _nearest(behind, lambda cue: cue.start >= mention.names[0])
        if cue.meaning.scope in ("after", "both") and reaches_back(clause, cue, mention)
    ]
    removed = [cue for cue in clause.cues if cue.meaning.kind == "removed" and removes(clause, cue, mention)]
    if mention.is_state or mention.finding_class == "procedure":  # "after hysterectomy, ovaries not seen"
        after = [cue for cue in after if cue.meaning.kind != "negation"]
    if mention.is_state and not mention.leads:
        before = [cue for cue in before if cue.meaning.kind != "negation" or mention.finding.endswith("_abnormality")]
    return _decide(clause, mention, before, after, removed)


def _is_beside(clause: Clause, cue: _Cue, mention: Mention) -> bool:
    """Whether "negative" stands beside the name of a sign: "negative Murphy sign", "halo sign: negative"."""
    if not mention.finding.endswith("_sign") and clause.tokens[mention.names[1] - 1].norm != "sign":
        return False
    low, high = (cue.end, mention.names[0]) if cue.end <= mention.names[0] else (mention.names[1], cue.start)
    between = [token.norm for token in clause.tokens[low:high]]
    return 0 <= high - low <= 1 and not {",", ";", "and"}.intersection(between)


def _nearest(cues: Sequence[_Cue], is_there: Callable[[_Cue], bool]) -> list[_Cue]:
    """The first few of each kind and scope, left to right: one farther off bears on nothing that these do not."""
    if not cues:
        return []
    counted: dict[tuple[str, str], int] = {}
    found = []
    for cue in cues:
        key = cue.meaning.kind, cue.meaning.scope
        if is_there(cue) and counted.get(key, 0) < _CUES_OF_A_KIND:
            counted[key] = counted.get(key, 0) + 1
            found.append(cue)
    return sorted(found, key=lambda cue: cue.start)


def _decide(clause: Clause, mention: Mention, before: list[_Cue], after: list[_Cue], removed: list[_Cue]) -> Assertion:
    cues: dict[str, list[_Cue]] = defaultdict(list)
    for cue in before + after:
        cues[cue.meaning.kind].append(cue)
    for cue in cues["recommendation"]:
        return Assertion("present", "possible", "recommendation", (cue.start, cue.end))
    negations = cues["negation"]
    for cue in cues["cannot_exclude"]:
        if not (cue in before and any(other in before and other.start > cue.start for other in negations)):
            return Assertion("present", "cannot_exclude", cue=(cue.start, cue.end))
    doubts = cues["probable"] + cues["possible"]
    if negations and not mention.negated:
        denial = max(negations, key=lambda cue: cue.start)
        later = [
            doubt
            for doubt in doubts
            if doubt.meaning.scope == "before"
            and doubt.start > denial.start
            and starts_anew(clause, denial, doubt)
            and clause.tokens[doubt.start - 1].norm not in ("to", "would")  # "no opacity to suggest pneumonia"
        ]
        if not later:
            earlier = [doubt for doubt in doubts if doubt in before and doubt.start < denial.start]
            certainty = "probable" if earlier else "definite"
            return Assertion("absent", certainty, cue=(denial.start, denial.end))  # type: ignore[arg-type]
    if mention.negated:
        return Assertion("absent")
    for cue in cues["unlikely"]:
        return Assertion("absent", "probable", cue=(cue.start, cue.end))
    for cue in removed:
        return Assertion("removed", cue=(cue.start, cue.end))
    for kind in ("possible", "probable"):
        if cues[kind]:
            cue = max(cues[kind], key=lambda cue: cue.start)
            return Assertion("present", kind, cue=(cue.start, cue.end))  # type: ignore[arg-type]
    if _is_alternative(clause, mention) or _depends_on_setting(clause, mention):
        return Assertion("present", "possible")
    for cue in cues["history"]:
        if mention.finding_class == "finding":
            return Assertion("present", temporality="historical", cue=(cue.start, cue.end))
    return Assertion()


def _is_alternative(clause: Clause, mention: Mention) -> bool:
    """Whether the finding is one of two that may be meant: "consistent with pneumonia or edema"."""
    if mention.finding_class != "finding" or mention.is_state:
        return False
    for other in clause.mentions:
        if other is mention or other.finding_class != "finding" or other.is_state or other.refers:
            continue
        first, second = (mention, other) if mention.start < other.start else (other, mention)
        before = {clause.tokens[at].norm for at in range(max(0, first.names[0] - LIST_REACH), first.names[0])}
        if not _READS_AS & before:
            continue
        gap = [clause.tokens[at].norm for at in range(first.names[1], second.names[0])]
        if len(gap) <= LIST_REACH and "or" in gap and not _NO_ALTERNATIVE.intersection(gap):
            return True
    return False


def _depends_on_setting(clause: Clause, mention: Mention) -> bool:
    """Whether it is what something is taken for "in the appropriate clinical setting"."""
    settings = [cue for cue in clause.cues if cue.meaning.kind == "setting"]
    if not settings or mention.finding_class != "finding" or mention.is_state:
        return False
    earlier = [other for other in clause.mentions if other.names[1] <= mention.names[0]]
    gap = {clause.tokens[at].norm for at in range(earlier[-1].names[1] if earlier else 0, mention.names[0])}
    if earlier and gap <= CHOICES:
        return _depends_on_setting(clause, earlier[-1])
    return bool(gap & _READS_AS) or any(0 <= cue.start - mention.names[1] <= 1 for cue in settings)
