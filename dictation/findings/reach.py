"""Which cues of a sentence reach which of its mentions: forward through a list, back from "is not seen"."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from dictation.findings.attributes import PREPOSITIONS
from dictation.findings.clause import CHOICES, JOINTS, VERBS, Clause, chooses
from dictation.findings.denied_list import (
    CLOSERS,
    DOUBTS,
    NARROWING,
    begins_statement,
    breaks,
    is_told_apart,
    states_anew,
)
from dictation.findings.lexicon import Cue, place_phrases, rarely_denied
from dictation.findings.mention import Mention
from dictation.findings.other_subject import names_another
from dictation.findings.phrases import Match
from dictation.findings.tokens import Token
from dictation.lexicon import clause_rule

_REMOVAL_ENDS = frozenset({";", "with", "without", "but"})
_SEGMENT_ENDS = frozenset({",", ";", "and", "but", "with", "without", "no"})
_STATES = frozenset({"patent", "normal", "intact", "clear", "unremarkable", "preserved", "maintained", "open"})
_PREMODIFIERS = 2  # words between a preposition and its place: "in the right upper ..."
_AHEAD = 5  # tokens between a doubt and the finding that it leads
_OF = frozenset({"of", "for", "from", "regarding", "concerning"})
_SHOWN = frozenset({
    "evidence", "sign", "indication", "suggestion", "residual", "remnant", "residue", "trace", "recurrence", "finding",
    "appearance", "feature", "hint", "rest", "persistence",
})  # fmt: skip
_AUXILIARIES = frozenset({"do", "does", "did", "has", "have", "had"})
_LEAST_DENIED_VERB = 2  # words of such a denial: "does not"
_BACK_REACH = 9  # tokens between a finding and "is not seen"
_SAID = frozenset({"with", "present", "yes", "seen", "noted", "identified", "there"})  # "effusion present, clot absent"
_OF_ONE = frozenset({"free", "nil", "no", "neg"})  # answers, which bear on the finding just before them: "stone-free"


def beyond_names(cues: Sequence[Match[Cue]], mentions: Sequence[Mention]) -> list[Match[Cue]]:
    """The cues that are no part of a name: "gallbladder surgically absent, pancreatitis" denies no pancreatitis."""
    names = [mention.names for mention in mentions if mention.finding_class != "normal_anatomy"]
    return [
        cue
        for cue in cues
        if cue.meaning.kind != "negation" or not any(low <= cue.start and cue.end <= high for low, high in names)
    ]


def leading(clause: Clause, cue: Match[Cue]) -> Match[Cue] | None:
    """The cue as it stands before its finding: none stands before it ("unlikely pneumothorax"), or one follows."""
    if cue.meaning.leading is None:
        return None
    if cue.meaning.kind == "negation" and _names_next(clause, cue):
        return Match(cue.start, cue.end, Cue(cue.meaning.leading, "before"))
    if any(mention.names[0] < cue.start for mention in clause.mentions) and not _is_followed(clause, cue):
        return None
    return Match(cue.start, cue.end, Cue(cue.meaning.leading, "before"))


def _names_next(clause: Clause, cue: Match[Cue]) -> bool:
    """Whether "absent" stands before its sign ("absent murphy sign"), of which nothing else is said behind it.

    Before a word that is no finding it denies nothing behind it either: "infarct, absent normal flow void".
    """
    following = next((mention for mention in clause.mentions if mention.names[0] == cue.end), None)
    if following is None:
        word = clause.tokens[cue.end].norm if cue.end < len(clause.tokens) else ""
        return word.isalpha() and word not in _SEGMENT_ENDS | PREPOSITIONS | VERBS | CHOICES
    behind = clause.tokens[following.names[1]].norm if following.names[1] < len(clause.tokens) else ""
    return behind not in CLOSERS and not any(
        other.start == following.names[1] and other.meaning.scope == "after" for other in clause.cues
    )


def _is_followed(clause: Clause, cue: Match[Cue]) -> bool:
    """Whether a finding follows in the same breath: "the opacity is likely pneumonia"."""
    following = [m.names[0] for m in clause.mentions if m.names[0] >= cue.end and m.finding_class == "finding"]
    if not following or following[0] - cue.end > _AHEAD or cue.meaning.kind not in DOUBTS:
        return False
    between = {clause.tokens[at].norm for at in range(cue.end, following[0])}
    return not between & (_SEGMENT_ENDS | PREPOSITIONS | VERBS)


def starts_anew(clause: Clause, denial: Match[Cue], doubt: Match[Cue]) -> bool:
    """Whether a finding stands between the denial and the doubt: "no effusion, possible atelectasis"."""
    return any(denial.end <= mention.start and mention.end <= doubt.start for mention in clause.mentions)


def reaches_forward(clause: Clause, cue: Match[Cue], mention: Mention) -> bool:
    """Whether a cue before a mention bears on it."""
    begin = mention.start if mention.leads else mention.names[0]
    if cue.end > begin and not (mention.is_state and cue.end <= mention.names[1]):
        return False
    tokens, low, high = clause.tokens, cue.end, begin
    between_words = [token.norm for token in tokens[low:high]]
    if ";" in between_words or between_words.count("(") > between_words.count(")"):
        return False
    if low < high and _denies_participle(tokens, cue) and not mention.is_state:
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
        if breaks(clause, other.names[1], high, kind):
            return False
        if kind == "negation" and begins_statement(clause, (low, other.names[1], high), mention):
            return False
    if kind in ("negation", "unlikely") and any(
        states_anew(clause, one, two) for one, two in pairwise([*between, mention])
    ):
        return False
    if kind in ("possible", "probable", "history") and between:
        following = next((other.names[0] for other in clause.mentions if other.names[0] >= mention.names[1]), 0)
        joints = {tokens[at].norm for at in range(low, max(high, following))}
        return "," not in between_words or bool(joints & {"or", "vs", "versus"})
    if kind in ("negation", "unlikely") and not between:
        if tokens[cue.end - 1].norm == "no" and _is_of_the(clause, low, mention):
            return False
        is_apart = mention.finding in rarely_denied() and names_another(tokens, low, high, NARROWING)
        if is_apart and not JOINTS.intersection(between_words) - {","}:
            return chooses(tokens, low, mention.names[1])  # "no distal gas, duodenal atresia"
        if _STATES.intersection(between_words) and not CHOICES.intersection(between_words):
            return False  # "no collection splenic vein patent gallstones"
        if is_told_apart(clause, low, mention) or _is_shown_by(tokens, low, high):
            return False
        return not any(tokens[at].norm == "," and _verb_between(tokens, low, at) for at in range(low, high))
    return True


def _is_of_the(clause: Clause, low: int, mention: Mention) -> bool:
    """Whether only something of the finding is denied: "no rupture of the aneurysm", "no treatment needed for the".

    What is left of it, or shows it, is the finding itself: "no residual of the abscess".
    """
    tokens, begin = clause.tokens, mention.start if mention.leads else mention.names[0]
    led = next((at for at in range(begin, low, -1) if tokens[at].has_article and tokens[at - 1].norm in _OF), 0)
    if not led or any(tokens[at].norm in (",", "and", "or", "nor") for at in range(low, begin)):
        return False
    words = [token.norm for token in tokens[low : led - 1]]
    return bool(words) and _SHOWN.isdisjoint(words) and words[-1].isalpha() and words[-1] not in PREPOSITIONS


def _is_shown_by(tokens: Sequence[Token], low: int, high: int) -> bool:
    """Whether something normal is denied, and the finding is what that shows: "does not fill, consistent with torsion".

    Behind a denied verb "and" begins another statement, too: "has not reexpanded and a pneumothorax persists".
    """
    words = [token.norm for token in tokens[low:high]]
    said = " ".join(words)
    link = _link().search(said)
    if link is None:
        is_verb = low >= _LEAST_DENIED_VERB and _is_denied_verb(tokens, low)
        return is_verb and "and" in words[1:] and not CHOICES.intersection(words)
    denied = said[: link.start()].split()
    return bool(denied) and _abnormal().isdisjoint(denied) and not CHOICES.intersection(denied)


def _is_denied_verb(tokens: Sequence[Token], low: int) -> bool:
    """Whether a denial that ends at `low` is of the verb there: "does not | reexpand"."""
    return tokens[low - 1].norm == "not" and tokens[low - 2].norm in _AUXILIARIES


@cache
def _link() -> re.Pattern[str]:
    return re.compile(rf", (?:and )?(?:{clause_rule('shows')})\b|\b(?:{clause_rule('cause')})\b")


@cache
def _abnormal() -> frozenset[str]:
    return frozenset(clause_rule("abnormal").split("|"))


def _denies_participle(tokens: Sequence[Token], cue: Match[Cue]) -> bool:
    """Whether "not" only denies what was done to the words before it: "hemidiaphragm not raised"."""
    if tokens[cue.end - 1].norm != "not" or not tokens[cue.end].text.lower().endswith("ed"):
        return False
    return cue.end + 1 < len(tokens) and tokens[cue.end + 1].norm not in PREPOSITIONS | JOINTS


def _turns_to_context(stop: Match[Cue], between: Sequence[Mention], low: int, high: int) -> bool:
    """Whether what follows only says when: "no pneumothorax after biopsy of the nodule"."""
    if stop.meaning.kind not in ("context", "history") or not low <= stop.start < high:
        return False
    return any(other.names[1] <= stop.start for other in between)


def _verb_between(tokens: Sequence[Token], low: int, high: int) -> bool:
    return any(tokens[at].norm in VERBS for at in range(low, high))


def reaches_back(clause: Clause, cue: Match[Cue], mention: Mention) -> bool:
    """Whether a cue behind a mention bears on it: "is not seen"."""
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
    if between and cue.end - cue.start == 1 and tokens[cue.start].norm in _OF_ONE:
        return False
    if cue.meaning.scope == "both":
        return not between and high - low <= _BACK_REACH
    if any(other.is_state for other in between):
        return False
    last_end = max([other.names[1] for other in between], default=low)
    if between:
        previous = low
        for other in sorted(between, key=lambda other: other.names[0]):
            gap = [tokens[at].norm for at in range(previous, other.names[0])]
            if not JOINTS.intersection(gap) or VERBS.intersection(gap) or not _SAID.isdisjoint(gap):
                return False
            previous = other.names[1]
    tail = [tokens[at].norm for at in range(last_end, high)]
    if cue.meaning.kind == "negation" and _has_own_subject(tokens, last_end, high):
        return False
    return len(tail) <= _BACK_REACH and "," not in tail[:-1] and "with" not in tail and not _second_verb(tail)


def _has_own_subject(tokens: Sequence[Token], low: int, high: int) -> bool:
    """Whether an organ stands before "not seen", and no preposition before it: "cyst 3 cm left ovary not seen"."""
    for start in range(low, high):
        place = place_phrases().longest_at(tokens, start)
        if place is not None and place.end == high:
            before = [tokens[at].norm for at in range(low, start)]
            leads = any(word in PREPOSITIONS or word.endswith("ing") for word in before[-_PREMODIFIERS:])
            return bool(before) and not leads and not tokens[0].text[:1].isupper()
    return False


def _second_verb(tail: Sequence[str]) -> bool:
    return bool(VERBS.intersection(tail)) and "and" in tail


def removes(clause: Clause, cue: Match[Cue], mention: Mention) -> bool:
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
        return (cue.meaning.scope == "before" or leading(clause, cue) is not None) and not (
            "," in gap and following in VERBS
        )
    between = [other for other in clause.mentions if low <= other.names[0] and other.names[1] <= high]
    if cue.meaning.scope != "after" or not between:
        return cue.meaning.scope == "after"
    listed = {tokens[at].norm for at in range(low, between[0].names[0])}
    return bool(JOINTS & listed) and not listed & (PREPOSITIONS | VERBS)
