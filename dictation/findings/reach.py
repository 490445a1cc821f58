"""Which cues of a sentence reach which of its mentions: forward through a list, back from "is not seen".

A denial runs through a list ("no effusion, pneumothorax or consolidation") until something new is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dictation.findings.attributes import PREPOSITIONS
from dictation.findings.lexicon import Cue, concepts, place_phrases, rarely_denied
from dictation.findings.measurement import may_be_number
from dictation.findings.mentions import Mention
from dictation.findings.other_subject import names_another
from dictation.findings.phrases import Match
from dictation.findings.tokens import Token

VERBS = frozenset({
    "is", "are", "was", "were", "has", "have", "appear", "appears", "remain", "remains", "show", "shows",
    "demonstrate", "demonstrates",
})  # fmt: skip
CHOICES = frozenset({"or", "nor", "/"})
LIST_REACH = 5  # tokens behind a listed finding in which the closing "or" may come
_JOINTS = frozenset({",", "and", "or", "nor", "/", "&"})
_REMOVAL_ENDS = frozenset({";", "with", "without", "but"})
_CAUSE = (("due", "to"), ("secondary", "to"), ("related", "to"))
_SEGMENT_ENDS = frozenset({",", ";", "and", "but", "with", "without", "no"})
_DOUBTS = frozenset({"probable", "possible", "cannot_exclude", "unlikely"})
_NARROWING = frozenset({
    "acute", "focal", "significant", "suspicious", "definite", "large", "new", "of", "evidence", "any", "other", "to",
    "suggest", "indicate", "that", "would", "could", "suggestive", "suggesting", "for", "such", "as",
})  # fmt: skip
_READING = frozenset({"suggest", "indicate", "suggestive", "suggesting"})  # "no lucency to suggest loosening"
_TELLING = frozenset({"calcified", "chronic", "old", "healed", "dilated", "enlarged", "thickened", "infrarenal"})
_ADJECTIVAL = ("ed", "ic")  # endings of a word that no denial takes: "osteopenic", "hyperinflated"
_STATES = frozenset({"patent", "normal", "intact", "clear", "unremarkable", "preserved", "maintained", "open"})
_CHEST = frozenset({"lungs", "pleura", "heart", "mediastinum", "airways", "diaphragm", "vessels", "whole"})
_PREMODIFIERS = 2  # words between a preposition and its place: "in the right upper ..."
_CLOSERS = frozenset({"seen", "identified", "noted", "visualized", "demonstrated", "evident", "present", "detected"})
_AHEAD = 5  # tokens between a doubt and the finding that it leads
_BACK_REACH = 9  # tokens between a finding and "is not seen"


@dataclass(slots=True)
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
    return behind not in _CLOSERS and not any(
        other.start == following.names[1] and other.meaning.scope == "after" for other in clause.cues
    )


def _is_followed(clause: Clause, cue: Match[Cue]) -> bool:
    """Whether a finding follows in the same breath: "the opacity is likely pneumonia"."""
    following = [m.names[0] for m in clause.mentions if m.names[0] >= cue.end and m.finding_class == "finding"]
    if not following or following[0] - cue.end > _AHEAD or cue.meaning.kind not in _DOUBTS:
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
        if _breaks(clause, other.names[1], high, kind):
            return False
        if kind == "negation" and _begins_statement(clause, (low, other.names[1], high), mention):
            return False
    if kind in ("negation", "unlikely") and any(
        _states_anew(clause, one, two) for one, two in pairwise([*between, mention])
    ):
        return False
    if kind in ("possible", "probable", "history") and between:
        following = next((other.names[0] for other in clause.mentions if other.names[0] >= mention.names[1]), 0)
        joints = {tokens[at].norm for at in range(low, max(high, following))}
        return "," not in between_words or bool(joints & {"or", "vs", "versus"})
    if kind in ("negation", "unlikely") and not between:
        is_apart = mention.finding in rarely_denied() and names_another(tokens, low, high, _NARROWING)
        if is_apart and not _JOINTS.intersection(between_words) - {","}:
            return _chooses(tokens, low, mention.names[1])  # "no distal gas, duodenal atresia"
        if _STATES.intersection(between_words) and not CHOICES.intersection(between_words):
            return False  # "no collection splenic vein patent gallstones"
        if _is_told_apart(clause, low, mention):
            return False
        return not any(tokens[at].norm == "," and _verb_between(tokens, low, at) for at in range(low, high))
    return True


def _denies_participle(tokens: Sequence[Token], cue: Match[Cue]) -> bool:
    """Whether "not" only denies what was done to the words before it: "hemidiaphragm not raised"."""
    if tokens[cue.end - 1].norm != "not" or not tokens[cue.end].text.lower().endswith("ed"):
        return False
    return cue.end + 1 < len(tokens) and tokens[cue.end + 1].norm not in PREPOSITIONS | _JOINTS


def _is_told_apart(clause: Clause, low: int, mention: Mention) -> bool:
    """Whether the denial is of a noun before the finding, and this is graded, sized or doubted by itself."""
    start, tokens = mention.names[0], clause.tokens
    if _chooses(tokens, low, mention.names[1]) or _JOINTS & {tokens[at].norm for at in range(low, start)}:
        return False
    fresh = next((at for at in range(low, start) if at in clause.fresh), None)
    if fresh is not None:
        return names_another(tokens, low, fresh, _NARROWING)
    is_told = mention.names[1] in clause.fresh or _is_doubted(clause, mention)
    return is_told and names_another(tokens, low, start, _NARROWING)


def _is_doubted(clause: Clause, mention: Mention) -> bool:
    """Whether a word of doubt stands right behind the finding: "thymoma most likely", "abscess versus tb"."""
    return any(
        cue.start == mention.names[1] and cue.meaning.kind in _DOUBTS and cue.meaning.scope in ("after", "both")
        for cue in clause.cues
    )


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
        rest = [token.norm for token in tokens[at + 1 : mention.names[1] + LIST_REACH]]
        if joint == "," and tokens[at - 1].norm in _CLOSERS and not CHOICES.intersection(rest):
            return True  # "no effusion seen, hilar calcification and nodule"
        if CHOICES.intersection(rest) or (joint == "," and "and" in rest):
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
        if joint == "," and (ending == "present" or mention.names[1] in clause.fresh or _is_sided(clause, mention)):
            return True  # "no fracture, effusion present", "no pneumothorax, effusion on the right"
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
    if kind in ("negation", "unlikely") and low in clause.fresh and not _chooses(tokens, low, high):
        return True  # dictated without a mark: "no effusion mild edema"
    for at in range(low, high):
        norm = tokens[at].norm
        following = at + 1
        if norm in VERBS and not any(tokens[later].norm in ("or", "nor") for later in range(at, high)):
            return True
        if norm == "with" or (norm, tokens[following].norm if following < len(tokens) else "") in _CAUSE:
            return True
        is_new = norm in (",", "and", ":") and following < high and following in clause.fresh
        if is_new and kind != "recommendation" and not _chooses(tokens, at, high):
            return True
    return False


def _states_anew(clause: Clause, listed: Mention, mention: Mention) -> bool:
    """Whether what follows a listed finding without a mark is a statement of its own.

    It is where grade, size or side follows ("no dissection coronary calcification moderate"), where words stand before
    it that narrow no denial ("no effusion calcified granuloma", "no shift old lacune"), where it is a word of state
    ("no effusion hyperinflated"), and where it lies in another part of the body ("no listhesis aortic calcification").
    """
    tokens, behind = clause.tokens, mention.names[1]
    gap = {tokens[at].norm for at in range(listed.names[1], mention.names[0])}
    name = [tokens[at].norm for at in range(*mention.names)]
    if mention.finding in rarely_denied() and not gap & (_JOINTS - {","}):
        return not _chooses(tokens, listed.names[1], behind)
    if gap & _JOINTS or gap & _READING:
        return False
    if len(name) == 1 and name[0].endswith(_ADJECTIVAL):
        return True
    if _chooses(tokens, listed.names[1], behind):
        return False
    if _is_doubted(clause, mention):
        return True
    if (
        behind in clause.fresh
        or _is_sided(clause, mention)
        or (behind < len(tokens) and may_be_number(tokens[behind]))
        or gap - _NARROWING
    ):
        return True
    if name[0] in _TELLING:
        return True
    return _part_of(listed.finding) != _part_of(mention.finding)


def _is_sided(clause: Clause, mention: Mention) -> bool:
    """Whether a side is told right behind it: "effusion on the right"."""
    behind = mention.names[1]
    following = [token.norm for token in clause.tokens[behind : behind + 2]]
    if following in (["both", "side"], ["both", "sides"]) or following[:1] == ["bilaterally"]:
        return True
    return following[:1] in (["on"], ["in"], ["at"]) and behind + 1 in clause.markers


def _part_of(finding: str) -> str:
    organ = concepts()[finding].organ if finding in concepts() else ""
    return "chest" if organ in _CHEST else organ


def _chooses(tokens: Sequence[Token], low: int, high: int) -> bool:
    """Whether an "or" shows that the list goes on, up to a few tokens behind `high`."""
    return any(token.norm in ("or", "nor") for token in tokens[low : high + LIST_REACH])


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
    if cue.meaning.kind == "negation" and _has_own_subject(tokens, last_end, high):
        return False
    return len(tail) <= _BACK_REACH and "," not in tail[:-1] and "with" not in tail and not _second_verb(tail)


def _has_own_subject(tokens: Sequence[Token], low: int, high: int) -> bool:
    """Whether an organ stands before "not seen", and no preposition before it: "cyst 3 cm left ovary not seen"."""
    for start in range(low, high):
        place = place_phrases().longest_at(tokens, start)
        if place is not None and place.end == high:
            before = [tokens[at].norm for at in range(low, start)]
            return bool(before) and not PREPOSITIONS.intersection(before[-_PREMODIFIERS:])
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
    return bool(_JOINTS & listed) and not listed & (PREPOSITIONS | VERBS)
