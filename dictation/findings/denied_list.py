"""Where a list of what is denied ends: "no effusion and new right pneumothorax", "no shift old lacune".

A denial runs through a list until something new is said: a grade, a size, a side, a course, another part of the body.
"""

from dictation.findings.clause import CHOICES, JOINTS, LIST_REACH, VERBS, Clause, chooses
from dictation.findings.lexicon import concepts, rarely_denied
from dictation.findings.measurement import may_be_number
from dictation.findings.mention import Mention
from dictation.findings.other_subject import names_another
from dictation.findings.tokens import is_non_word

_CAUSE = (("due", "to"), ("secondary", "to"), ("related", "to"))
DOUBTS = frozenset({"probable", "possible", "cannot_exclude", "unlikely"})
NARROWING = frozenset({
    "acute", "focal", "significant", "suspicious", "definite", "large", "new", "of", "evidence", "any", "other", "to",
    "suggest", "indicate", "that", "would", "could", "suggestive", "suggesting", "for", "such", "as",
})  # fmt: skip
_READING = frozenset({"suggest", "indicate", "suggestive", "suggesting"})  # "no lucency to suggest loosening"
_TELLING = frozenset({"calcified", "chronic", "old", "healed", "dilated", "enlarged", "thickened", "infrarenal"})
_ADJECTIVAL = ("ed", "ic")  # endings of a word that no denial takes: "osteopenic", "hyperinflated"
_OWNING = frozenset({"of", "from", "due", "related", "for"})  # behind a finding: what follows is a part of it
_CHEST = frozenset({"lungs", "pleura", "heart", "mediastinum", "airways", "diaphragm", "vessels", "whole"})
CLOSERS = frozenset({"seen", "identified", "noted", "visualized", "demonstrated", "evident", "present", "detected"})


def is_told_apart(clause: Clause, low: int, mention: Mention) -> bool:
    """Whether the denial is of a noun before the finding, and this is graded, sized or doubted by itself."""
    start, tokens = mention.names[0], clause.tokens
    if chooses(tokens, low, mention.names[1]) or JOINTS & {tokens[at].norm for at in range(low, start)}:
        return False
    fresh = next((at for at in range(low, start) if at in clause.fresh), None)
    if fresh is not None:
        return names_another(tokens, low, fresh, NARROWING)
    is_told = mention.names[1] in clause.fresh or _is_doubted(clause, mention)
    return is_told and names_another(tokens, low, start, NARROWING)


def _is_doubted(clause: Clause, mention: Mention) -> bool:
    """Whether a word of doubt stands right behind the finding: "thymoma most likely", "abscess versus tb"."""
    return any(
        cue.start == mention.names[1] and cue.meaning.kind in DOUBTS and cue.meaning.scope in ("after", "both")
        for cue in clause.cues
    )


def begins_statement(clause: Clause, reach: tuple[int, int, int], mention: Mention) -> bool:
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
        if joint == "," and tokens[at - 1].norm in CLOSERS and not CHOICES.intersection(rest):
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


def breaks(clause: Clause, low: int, high: int, kind: str) -> bool:
    """Whether something after a listed finding ends the cue's reach before `high`."""
    tokens = clause.tokens
    if kind in ("negation", "unlikely") and low in clause.fresh and not chooses(tokens, low, high):
        return True  # dictated without a mark: "no effusion mild edema"
    for at in range(low, high):
        norm = tokens[at].norm
        following = at + 1
        if norm in VERBS and not any(tokens[later].norm in ("or", "nor") for later in range(at, high)):
            return True
        if norm == "with" or (norm, tokens[following].norm if following < len(tokens) else "") in _CAUSE:
            return True
        is_new = norm in (",", "and", ":") and following < high and following in clause.fresh
        if is_new and kind != "recommendation" and not chooses(tokens, at, high):
            return True
    return False


def states_anew(clause: Clause, listed: Mention, mention: Mention) -> bool:
    """Whether what follows a listed finding without a mark is a statement of its own.

    It is where grade, size or side follows ("no dissection coronary calcification moderate"), where words stand before
    it that narrow no denial ("no effusion calcified granuloma", "no shift old lacune"), where it is a word of state
    ("no effusion hyperinflated"), and where it lies in another part of the body ("no listhesis aortic calcification").
    """
    tokens, behind = clause.tokens, mention.names[1]
    gap = {tokens[at].norm for at in range(listed.names[1], mention.names[0])}
    name = [tokens[at].norm for at in range(*mention.names)]
    if listed.names[1] < mention.names[0] and tokens[listed.names[1]].norm in _OWNING:
        return False  # "no postoperative changes of spinal fusion"
    if mention.finding in rarely_denied() and not gap & (JOINTS - {","}):
        return not chooses(tokens, listed.names[1], behind)
    if gap & JOINTS or gap & _READING:
        return False
    if len(name) == 1 and name[0].endswith(_ADJECTIVAL):
        return True
    if chooses(tokens, listed.names[1], behind):
        return False
    if _is_doubted(clause, mention):
        return True
    if (
        behind in clause.fresh
        or _is_sided(clause, mention)
        or (behind < len(tokens) and may_be_number(tokens[behind]))
        or gap - NARROWING
    ):
        return True
    if name[0] in _TELLING or is_non_word(name[0]):
        return True  # "no aneurysm nonocclusive thrombus"
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
