"""The cues of assertion in one sentence, without those that only look like one."""

from collections.abc import Sequence

from dictation.findings.lexicon import Cue, cue_phrases, finding_phrases, word_phrases
from dictation.findings.phrases import Match
from dictation.findings.tokens import Token
from dictation.wording.numbers import NUMBER_WORDS

_AFTER_NONE = frozenset({"in", "on", "at", "is", "are", "was", "were", "today", "currently", "or", "and", "with"})

_ANSWERS = frozenset({"no", "nil", "neg"})  # see `reach` for how far
_NO_SUBJECT = frozenset({"is", "are", "was", "were", "and", "or", "with", "of", "says", "said", "well", "oh", "sorry"})
_VALUES = (("laterality", "side"), ("severity", "grade"))
_VALUE = 3  # words beside a correction's "no" in which the values stand
_SCORED = frozenset({"score", "rads", "grade", "stage", "category"})  # before a zero


def find_cues(tokens: Sequence[Token], changes: Sequence[Match[str]]) -> list[Match[Cue]]:
    """The cues of one sentence, left to right. "No change in the effusion" tells a course and denies nothing.

    `changes` are its words of course (`changes_in`).
    """
    courses = longer(changes)
    return [
        _answering(tokens, cue)
        for cue in cue_phrases().find(tokens)
        if not any(course.start <= cue.start < course.end and cue.end <= course.end for course in courses)
        and not _is_some_of(tokens, cue)
        and not _is_digit(tokens, cue)
        and not _corrects(tokens, cue)
        and not _is_no_lack(tokens, cue)
    ]


def _is_some_of(tokens: Sequence[Token], cue: Match[Cue]) -> bool:
    """ "Effusions, none loculated" denies what follows, not the effusions."""
    if cue.end - cue.start != 1 or tokens[cue.start].norm != "none" or cue.end == len(tokens):
        return False
    if cue.start and tokens[cue.start - 1].norm == ":":
        return False  # "Complications: none immediate" is an answer
    following = tokens[cue.end].norm
    return following[0].isalpha() and following not in _AFTER_NONE


def _is_digit(tokens: Sequence[Token], cue: Match[Cue]) -> bool:
    """ "Three point zero centimeters" denies nothing, nor does "Agatston score zero"."""
    if cue.start and tokens[cue.start].norm == "zero" and tokens[cue.start - 1].norm in _SCORED:
        return True
    around = {token.norm for token in (*tokens[max(0, cue.start - 1) : cue.start], *tokens[cue.end : cue.end + 1])}
    return tokens[cue.start].norm == "zero" and "point" in around


def _corrects(tokens: Sequence[Token], cue: Match[Cue]) -> bool:
    """ "A left, no, right effusion" and "four, no, six millimeters" deny nothing: a value takes another's place."""
    marked = [tokens[at].norm if 0 <= at < len(tokens) else "" for at in (cue.start - 1, cue.start, cue.end)]
    if marked != [",", "no", ","] or cue.end - cue.start != 1:
        return False
    before, after = tokens[max(0, cue.start - 1 - _VALUE) : cue.start - 1], tokens[cue.end + 1 : cue.end + 1 + _VALUE]
    if any(map(_is_number, before)) and any(map(_is_number, after)):
        return True
    if after and after[0].norm in {token.norm for token in before}:
        return True  # "just at, no, just beyond"
    tables = [word_phrases(*table) for table in _VALUES]
    return any(table.find(before) and table.find(after) for table in tables)


def _is_no_lack(tokens: Sequence[Token], cue: Match[Cue]) -> bool:
    """ "Stone-free" and "thrombus free" deny, "free fluid" and "the airway is free" do not."""
    if tokens[cue.start].norm != "free" or cue.end - cue.start != 1:
        return False
    findings = (finding_phrases().longest_at(tokens, at) for at in range(max(0, cue.start - _VALUE), cue.start))
    return not any(one is not None and one.end == cue.start for one in findings)


def _is_number(token: Token) -> bool:
    return token.is_number or token.norm in NUMBER_WORDS


def changes_in(tokens: Sequence[Token]) -> list[Match[str]]:
    """The words of course of one sentence, left to right: "new", "no change in"."""
    return word_phrases("change", "change").find(tokens)


def longer(changes: Sequence[Match[str]]) -> list[Match[str]]:
    """Those of more than one word: inside them, nothing is denied and no finding is named."""
    return [match for match in changes if match.end - match.start > 1]


def _answering(tokens: Sequence[Token], cue: Match[Cue]) -> Match[Cue]:
    """ "Pneumothorax: no." and "Pneumothorax nil." answer: a denial with nothing behind it bears on what is before.

    Behind a comma it is none: "moderate, no, small".
    """
    if cue.meaning.kind != "negation" or cue.start == 0:
        return cue
    before = tokens[cue.start - 1].norm
    ends = cue.end == len(tokens) or not tokens[cue.end].norm[0].isalnum()
    is_word = tokens[cue.start].norm in _ANSWERS and cue.end - cue.start == 1 and before[0].isalpha()
    is_answer = ends and (before == ":" or (is_word and before not in _NO_SUBJECT))
    return Match(cue.start, cue.end, Cue("negation", "after")) if is_answer else cue
