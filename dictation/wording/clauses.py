"""Where the last clause begins in a run of words without marks: "the heart is normal | small left effusion".

Only beginnings that grammar or a finding makes clear are found; what is not clear belongs to the clause before it.
"""

import re
from collections.abc import Sequence
from functools import cache

from dictation.lexicon import clause_rule, rows
from dictation.lexicon.terms import category_of
from dictation.wording.context import after, starts_with
from dictation.wording.kinds import is_modifier, kind_of
from dictation.wording.tokens import Token

QUALIFIER_REACH = 5  # words from the first qualifier to its finding: "small right apical loculated pleural effusion"
BEGINNING_KINDS = ("side", "severity", "presence", "change", "course")


def last_clause(tokens: Sequence[Token]) -> int | None:
    """The index in `tokens`, above 0, at which their last clause begins; None where no second one is clear."""
    for index in range(len(tokens) - 1, 0, -1):
        before = index - 1
        while before and tokens[before].kind == "mark":
            before -= 1
        is_joined = _is(tokens[before], "joins")
        if is_joined and before and _begins_after_joint(tokens, index):
            return before
        if not _is(tokens[before], "goes_on") and not is_modifier(tokens[before]) and begins_clause(tokens, index):
            return index
    return None


def is_one_clause(tokens: Sequence[Token]) -> bool:
    """True where the words hold at most one verb and one state: "heart normal lungs clear" are two clauses."""
    counts = (sum(_is(token, rule) for token in tokens) for rule in ("verb", "state"))
    return max(counts) <= 1


def is_statement(tokens: Sequence[Token]) -> bool:
    """True where the words hold a verb, or what a clause without one says of its subject: "heart normal"."""
    return any(_is(token, rule) for token in tokens for rule in ("verb", "state", "sure"))


def has_verb(words: Sequence[str], *, is_denied: bool = False) -> bool:
    """Whether lower-case words are a sentence; `is_denied`: not by "is seen", which may follow "no … effusion"."""
    verbs = [index for index, word in enumerate(words) if _verb().fullmatch(word)]
    if is_denied and len(verbs) == 1 and " ".join(words[verbs[0] + 1 :]).removeprefix("been ") in sights():
        return False
    return bool(verbs)


@cache
def _verb() -> re.Pattern[str]:
    return re.compile(clause_rule("verb"))


@cache
def sights() -> frozenset[str]:
    """Words that say only that something is there: "seen", "present"."""
    return frozenset({"present", *(row["word"] for row in rows("grammar_words") if row["role"] == "sight")})


def begins_clause(tokens: Sequence[Token], index: int) -> bool:
    """True where the words from `index` on can only be a clause of their own, whatever stands before them."""
    return _begins_after_joint(tokens, index) or _is_qualified_finding(tokens, index)


def _begins_after_joint(tokens: Sequence[Token], index: int) -> bool:
    if tokens[index].kind != "word":
        return False
    if starts_with(after(tokens, index), clause_rule("sure")):
        return True
    if tokens[index].text.lower() == "no":
        return _is_qualified_finding(tokens, index)
    noun = index
    while noun < len(tokens) - 1 and is_modifier(tokens[noun]):
        noun += 1
    return _is(tokens[noun], "subject") and any(_is(token, "verb") for token in tokens[noun + 1 :])


def _is_qualified_finding(tokens: Sequence[Token], index: int) -> bool:
    """A qualifier and its finding with nothing but qualifiers between: "small left pleural effusion"."""
    if not is_modifier(tokens[index]) or kind_of(tokens[index]) not in BEGINNING_KINDS:
        return False
    for token in tokens[index + 1 : index + 1 + QUALIFIER_REACH]:
        if category_of(token.text) == "finding":
            return True
        if token.kind != "word" or _is(token, "goes_on"):
            return False
    return False


def _is(token: Token, rule: str) -> bool:
    return token.kind == "word" and starts_with(token.text.lower(), clause_rule(rule))
