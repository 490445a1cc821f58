"""Presence, absence and doubt: which cues reach which mention.

Doubt is read before denial: "cannot exclude pneumonia" is doubt, and none of its words denies anything. A denial runs
through a list ("no effusion, pneumothorax or consolidation") until something new is said.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from dictation.findings.attributes import PREPOSITIONS
from dictation.findings.lexicon import Cue
from dictation.findings.mentions import Mention
from dictation.findings.phrases import Match
from dictation.findings.tokens import Token

VERBS = frozenset({
    "is", "are", "was", "were", "has", "have", "appear", "appears", "remain", "remains", "show", "shows",
    "demonstrate", "demonstrates",
})  # fmt: skip
_JOINTS = frozenset({",", "and", "or", "nor", "/", "&"})
_CHOICES = frozenset({"or", "nor", "/"})
_READS_AS = frozenset({"consistent", "compatible", "keeping", "representing", "represent", "reflecting", "reflect"})
_NO_ALTERNATIVE = frozenset({",", ";", "with", "without", "no", "and", "more", "less"})
_REMOVAL_ENDS = frozenset({";", "with", "without", "but"})
_CAUSE = (("due", "to"), ("secondary", "to"), ("related", "to"))
_SEGMENT_ENDS = frozenset({",", ";", "and", "but", "with", "without", "no"})
_DOUBTS = frozenset({"probable", "possible", "cannot_exclude", "unlikely"})
_CLOSERS = frozenset({"seen", "identified", "noted", "visualized", "demonstrated", "evident", "present", "detected"})
_LIST_REACH = 5  # tokens behind a listed finding in which the closing "or" may come
_CUES_OF_A_KIND = 3
_AHEAD = 5  # tokens between a doubt and the finding that it leads
_BACK_REACH = 9  # tokens between a finding and "is not seen"


@dataclass(frozen=True, slots=True)
class Assertion:
    """What is said of one mention. `cue` is the token range of the words that decided it."""

    status: Literal["present", "absent", "removed", "normal"] = "present"
    certainty: Literal["definite", "probable", "possible", "cannot_exclude"] = "definite"
    temporality: Literal["current", "historical", "recommendation"] = "current"
    cue: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence as the cues see it.

    `fresh`: tokens at which something new is said (severity, size, course); `markers`: tokens that begin a new
    statement behind "and" or a comma in a denial (a side, "large", "new"); `courses`: token ranges of words of course.
    """

    tokens: Sequence[Token]
    cues: Sequence[Match[Cue]]
    mentions: Sequence[Mention]
    fresh: frozenset[int]
    markers: frozenset[int] = frozenset()
    courses: Sequence[tuple[int, int]] = ()


def assertion_of(clause: Clause, mention: Mention) -> Assertion:
    """Status, certainty and temporality of one mention."""
    if mention.is_normal:
        return Assertion("normal")
    leads = [_leading(clause, cue) for cue in clause.cues]
    ahead = [lead or cue for cue, lead in zip(clause.cues, leads, strict=True)]
    before = [
        cue
        for cue in _nearest(reversed(ahead), lambda cue: cue.end <= mention.names[1])
        if cue.meaning.scope in ("before", "both") and _reaches_forward(clause, cue, mention)
    ]
    behind = [cue for cue, lead in zip(clause.cues, leads, strict=True) if not lead]
    after = [
        cue
        for cue in _nearest(behind, lambda cue: cue.start >= mention.names[0])
        if cue.meaning.scope in ("after", "both") and _reaches_back(clause, cue, mention)
    ]
    removed = [cue for cue in clause.cues if cue.meaning.kind == "removed" and _removes(clause, cue, mention)]
    if mention.is_state:
        after = [cue for cue in after if cue.meaning.kind != "negation"]
    if mention.is_state and not mention.leads:
        before = [cue for cue in before if cue.meaning.kind != "negation" or mention.finding.endswith("_abnormality")]
    return _decide(clause, mention, before, after, removed)


def _nearest(cues: Iterable[Match[Cue]], is_there: Callable[[Match[Cue]], bool]) -> list[Match[Cue]]:
    """The first few of each kind and scope, left to right: one farther off bears on nothing that these do not."""
    counted: Counter[tuple[str, str]] = Counter()
    found = []
    for cue in cues:
        key = cue.meaning.kind, cue.meaning.scope
        if is_there(cue) and counted[key] < _CUES_OF_A_KIND:
            counted[key] += 1
            found.append(cue)
    return sorted(found, key=lambda cue: cue.start)


def _decide(
    clause: Clause, mention: Mention, before: list[Match[Cue]], after: list[Match[Cue]], removed: list[Match[Cue]]
) -> Assertion:
    cues = {kind: [cue for cue in before + after if cue.meaning.kind == kind] for kind in _KINDS}
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
            and _starts_anew(clause, denial, doubt)
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
        before = {clause.tokens[at].norm for at in range(max(0, first.names[0] - _LIST_REACH), first.names[0])}
        if not _READS_AS & before:
            continue
        gap = [clause.tokens[at].norm for at in range(first.names[1], second.names[0])]
        if len(gap) <= _LIST_REACH and "or" in gap and not _NO_ALTERNATIVE.intersection(gap):
            return True
    return False


def _depends_on_setting(clause: Clause, mention: Mention) -> bool:
    """Whether it is what something is taken for "in the appropriate clinical setting"."""
    settings = [cue for cue in clause.cues if cue.meaning.kind == "setting"]
    if not settings or mention.finding_class != "finding" or mention.is_state:
        return False
    earlier = [other for other in clause.mentions if other.names[1] <= mention.names[0]]
    gap = {clause.tokens[at].norm for at in range(earlier[-1].names[1] if earlier else 0, mention.names[0])}
    if earlier and gap <= _CHOICES:
        return _depends_on_setting(clause, earlier[-1])
    return bool(gap & _READS_AS) or any(0 <= cue.start - mention.names[1] <= 1 for cue in settings)


_KINDS = ("recommendation", "cannot_exclude", "negation", "unlikely", "probable", "possible", "history")


def _leading(clause: Clause, cue: Match[Cue]) -> Match[Cue] | None:
    """The cue as it stands before its finding: none stands before it ("unlikely pneumothorax"), or one follows."""
    if cue.meaning.leading is None:
        return None
    if any(mention.names[0] < cue.start for mention in clause.mentions) and not _is_followed(clause, cue):
        return None
    return Match(cue.start, cue.end, Cue(cue.meaning.leading, "before"))


def _is_followed(clause: Clause, cue: Match[Cue]) -> bool:
    """Whether a finding follows in the same breath: "the opacity is likely pneumonia"."""
    following = [m.names[0] for m in clause.mentions if m.names[0] >= cue.end and m.finding_class == "finding"]
    if not following or following[0] - cue.end > _AHEAD or cue.meaning.kind not in _DOUBTS:
        return False
    between = {clause.tokens[at].norm for at in range(cue.end, following[0])}
    return not between & (_SEGMENT_ENDS | PREPOSITIONS | VERBS)


def _starts_anew(clause: Clause, denial: Match[Cue], doubt: Match[Cue]) -> bool:
    """Whether a finding stands between the denial and the doubt: "no effusion, possible atelectasis"."""
    return any(denial.end <= mention.start and mention.end <= doubt.start for mention in clause.mentions)


def _reaches_forward(clause: Clause, cue: Match[Cue], mention: Mention) -> bool:
    begin = mention.start if mention.leads else mention.names[0]
    if cue.end > begin and not (mention.is_state and cue.end <= mention.names[1]):
        return False
    tokens, low, high = clause.tokens, cue.end, begin
    between_words = [tokens[at].norm for at in range(low, high)]
    if ";" in between_words or between_words.count("(") > between_words.count(")"):
        return False
    if any(low <= stop.start < high for stop in clause.cues if stop.meaning.kind == "stop"):
        return False
    between = [
        other for other in clause.mentions if low <= other.names[0] and other.names[1] <= high and other is not mention
    ]
    kind = cue.meaning.kind
    if kind != "recommendation" and any(_turns_to_context(stop, between, low, high) for stop in clause.cues):
        return False
    if cue.meaning.scope == "both":
        return not between
    if any(other.is_normal for other in between):
        return False
    for other in between:
        if _breaks(clause, other.names[1], high, kind):
            return False
        if kind == "negation" and _begins_statement(clause, (low, other.names[1], high), mention):
            return False
    if kind in ("possible", "probable", "history") and between:
        following = next((other.names[0] for other in clause.mentions if other.names[0] >= mention.names[1]), 0)
        joints = {tokens[at].norm for at in range(low, max(high, following))}
        return "," not in between_words or bool(joints & {"or", "vs", "versus"})
    if kind in ("negation", "unlikely") and not between:
        return not any(tokens[at].norm == "," and _verb_between(tokens, low, at) for at in range(low, high))
    return True


def _turns_to_context(stop: Match[Cue], between: Sequence[Mention], low: int, high: int) -> bool:
    """Whether what follows only says when: "no pneumothorax after biopsy of the nodule"."""
    if stop.meaning.kind not in ("context", "history") or not low <= stop.start < high:
        return False
    return any(other.names[1] <= stop.start for other in between)


def _begins_statement(clause: Clause, reach: tuple[int, int, int], mention: Mention) -> bool:
    """Whether "and" or a comma in a denied list begins a statement: "no effusion and new right pneumothorax".

    `reach`: tokens behind the denial, behind a listed finding, and of the finding that may be denied. Behind a comma an
    "and" or "or" that is still to come shows that the list goes on. The same word earlier in the denial, or an article
    there, makes the parts parallel: "no new effusion and new consolidation".
    """
    start, low, high = reach
    tokens = clause.tokens
    for at in range(low, high):
        joint = tokens[at].norm
        if joint not in (",", "and"):
            continue
        rest = [token.norm for token in tokens[at + 1 : mention.names[1] + _LIST_REACH]]
        if joint == "," and tokens[at - 1].norm in _CLOSERS and not _CHOICES.intersection(rest):
            return True  # "no effusion seen, hilar calcification and nodule"
        if _CHOICES.intersection(rest) or (joint == "," and "and" in rest):
            continue
        following = at + 1
        is_said_before = any(tokens[earlier].norm == tokens[following].norm for earlier in range(start, low))
        if following < high and following in clause.markers and not is_said_before:
            return True
        has_articles = any(tokens[earlier].has_article for earlier in range(start, low))
        if tokens[following].has_article and not has_articles:
            return True
        ending = tokens[mention.names[1]].norm if mention.names[1] < len(tokens) else ""
        if ending == "without" or _tells_course(clause, mention.names[1]):
            return True
    return False


def _tells_course(clause: Clause, at: int) -> bool:
    """Whether a verb and a word of course follow: "and pneumothorax has increased"."""
    verb_end = at
    while verb_end < len(clause.tokens) and clause.tokens[verb_end].norm in VERBS:
        verb_end += 1
    return any(start in (at, verb_end) for start, _ in clause.courses)


def _verb_between(tokens: Sequence[Token], low: int, high: int) -> bool:
    return any(tokens[at].norm in VERBS for at in range(low, high))


def _breaks(clause: Clause, low: int, high: int, kind: str) -> bool:
    """Whether something after a listed finding ends the cue's reach before `high`."""
    tokens = clause.tokens
    for at in range(low, high):
        norm = tokens[at].norm
        following = at + 1
        if norm in VERBS and not any(tokens[later].norm in ("or", "nor") for later in range(at, high)):
            return True
        if norm == "with" or (norm, tokens[following].norm if following < len(tokens) else "") in _CAUSE:
            return True
        if norm in (",", "and", ":") and following < high and following in clause.fresh and kind != "recommendation":
            later_or = any(token.norm in ("or", "nor") for token in tokens[at : high + _LIST_REACH])
            if not later_or:
                return True
    return False


def _reaches_back(clause: Clause, cue: Match[Cue], mention: Mention) -> bool:
    low, high = mention.names[1], cue.start
    if high < low:
        return False
    tokens = clause.tokens
    if any(tokens[at].norm == ";" for at in range(low, high)):
        return False
    if any(
        low <= other.start < high and not (other.end == high and tokens[other.start].norm == "but")
        for other in clause.cues
        if other.meaning.kind in ("stop", "negation")
    ):
        return False  # save for "infection is less likely but not entirely excluded"
    between = [other for other in clause.mentions if low <= other.names[0] and other.names[1] <= high]
    if cue.meaning.scope == "both":
        return not between and high - low <= _BACK_REACH
    if any(other.is_state for other in between):
        return False
    last_end = max([other.names[1] for other in between], default=low)
    if between:
        previous = low
        for other in sorted(between, key=lambda other: other.names[0]):
            gap = [tokens[at].norm for at in range(previous, other.names[0])]
            if not _JOINTS.intersection(gap) or VERBS.intersection(gap) or "with" in gap:
                return False
            previous = other.names[1]
    tail = [tokens[at].norm for at in range(last_end, high)]
    return len(tail) <= _BACK_REACH and "," not in tail[:-1] and "with" not in tail and not _second_verb(tail)


def _second_verb(tail: Sequence[str]) -> bool:
    return bool(VERBS.intersection(tail)) and "and" in tail


def _removes(clause: Clause, cue: Match[Cue], mention: Mention) -> bool:
    """Only devices are removed; "removal of the left chest tube", "the chest tube has been removed"."""
    if mention.finding_class != "device":
        return False
    tokens = clause.tokens
    if cue.start < mention.names[1] and mention.names[0] < cue.end:  # "extubated" names the device, too
        return True
    is_before = cue.end <= mention.names[0]
    low, high = (cue.end, mention.names[0]) if is_before else (mention.names[1], cue.start)
    gap = [tokens[at].norm for at in range(low, high)]
    if len(gap) > _BACK_REACH or _REMOVAL_ENDS.intersection(gap):
        return False
    if is_before:
        following = tokens[mention.names[1]].norm if mention.names[1] < len(tokens) else ""
        return (cue.meaning.scope == "before" or _leading(clause, cue) is not None) and not (
            "," in gap and following in VERBS
        )
    between = [other for other in clause.mentions if low <= other.names[0] and other.names[1] <= high]
    if cue.meaning.scope != "after" or not between:
        return cue.meaning.scope == "after"
    listed = {tokens[at].norm for at in range(low, between[0].names[0])}
    return bool(_JOINTS & listed) and not listed & (PREPOSITIONS | VERBS)
