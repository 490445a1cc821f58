"""The cues of assertion in one sentence, without those that only look like one."""

from collections.abc import Sequence

from dictation.findings.lexicon import Cue, cue_phrases, word_phrases
from dictation.findings.phrases import Match
from dictation.findings.tokens import Token

_AFTER_NONE = frozenset({"in", "on", "at", "is", "are", "was", "were", "today", "currently", "or", "and", "with"})

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


def changes_in(tokens: Sequence[Token]) -> list[Match[str]]:
    """The words of course of one sentence, left to right: "new", "no change in"."""
    return word_phrases("change", "change").find(tokens)


def longer(changes: Sequence[Match[str]]) -> list[Match[str]]:
    """Those of more than one word: inside them, nothing is denied and no finding is named."""
    return [match for match in changes if match.end - match.start > 1]


def _answering(tokens: Sequence[Token], cue: Match[Cue]) -> Match[Cue]:
    """ "Pneumothorax: no." is an answer: a denial behind a colon, with nothing behind it, bears on what is before."""
    ends = cue.end == len(tokens) or not tokens[cue.end].norm[0].isalnum()
    is_answer = cue.meaning.kind == "negation" and cue.start > 0 and tokens[cue.start - 1].norm == ":" and ends
    return Match(cue.start, cue.end, Cue("negation", "after")) if is_answer else cue
