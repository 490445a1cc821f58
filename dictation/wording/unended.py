"""Full stops that the recognizer guessed at a pause, after words with which no sentence ends: "there is no. Effusion."

The stop would take the negation, or the side, from what it bears on; without it the sentence goes on, also over Finals:
at the end of the words it stays open. A stop that was said is kept. So is one where the next words are a sentence of
their own, as "without" may be the end of an exam's name; and one behind a "no" that may answer or put right what came
before ("Prior surgery no.", "Left effusion. No."): a person is asked about that.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from dictation.lexicon import clause_rule, rows
from dictation.lexicon.critical import critical_words
from dictation.lexicon.terms import category_of
from dictation.wording.casing import uncapitalised
from dictation.wording.clauses import has_verb, sights
from dictation.wording.kinds import kind_of
from dictation.wording.tokens import Token

STOPS = (".", "?", "!")
WITHIN_A_WORD = ("-", "\u2013", "\u2014")  # how recognizers write a word that was cut off
THERE_IS = re.compile(r"\bthere (?:is|are|was|were|has been|have been)$")
IN_THE_LEFT = re.compile(r"\b(?:in|of|within|from|into|involving) (?:the )?(?:left|right)$")
DENYING = re.compile(
    r"\b(?:there (?:is|are|was|were|has been|have been)|with|has|have|had|shows?|showed|demonstrate[sd]?|see|saw) "
    r"(?:no|neither)$"
)


class _Unended(NamedTuple):
    """How a stop after a word is read, see the table, and what its sentence holds where it is one."""

    guess: str
    unless: re.Pattern[str] | None


def without_unended_stops(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens without the guessed full stops at which no sentence ends."""
    kept: list[Token] = []
    goes_on = False
    for index, token in enumerate(tokens):
        if token.kind == "mark" and token.guessed and token.text == "." and _goes_on(kept, tokens[index + 1 :]):
            goes_on = True
            continue
        kept.append(uncapitalised(token) if goes_on else token)
        goes_on = False
    return kept


def lacks_stop(before: str, sentence: str) -> bool:
    """Whether `before` ends with a sentence that only lacks its full stop before `sentence`, a whole one of its own.

    Only where its last word is a finding or a state ("Heart normal", "No effusion"): a stop after anything else might
    part a denial, a side or a figure from what it bears on ("There is no acute" | "Fracture is seen.").
    """
    said = re.split(r"[.?!:\n]", before)[-1].lower().split()
    if not said:
        return False
    is_denied = any(critical_words().get(word) == "negation" for word in said)
    is_state = _state().fullmatch(said[-1]) is not None and not is_denied  # "no abnormal" denies what comes
    first = re.split(r"[.?!:]", sentence, maxsplit=1)[0]
    is_whole = first[:1].isupper() and has_verb(re.findall(r"[\w'-]+", first.lower()))
    return is_whole and (is_state or category_of(said[-1]) == "finding")


def breaks_off(sentence: str) -> bool:
    """Whether a written sentence ends within a word ("The liver is in-") or with one after which something must
    follow: "Nodes are not in the."."""
    ended = sentence.strip().rstrip(".?!,;:")
    said = re.findall(r"[\w'-]+", re.split(r"[.?!:]\s", ended)[-1])
    words = [word.lower() for word in said]
    if len(words) < 2:
        return False
    if ended.endswith(WITHIN_A_WORD):
        return True
    text = " ".join(words)
    if IN_THE_LEFT.search(text):
        return False  # "in the left" may be all that is said of a side
    rule = _table().get(words[-1])
    if rule is None or (said[-1] == "A" and len(said) > 1):
        return False
    return not ((rule.unless and rule.unless.search(text)) or (rule.guess == "denied" and not DENYING.search(text)))


def _goes_on(before: Sequence[Token], after: Sequence[Token]) -> bool:
    """Whether the sentence that `before` ends with goes on with `after`, or is open where nothing comes yet."""
    said = _last_sentence(before)
    if not said or (after and after[0].kind not in ("word", "number")):
        return False
    sentence = " ".join(token.text.lower() for token in said)
    following = _first_clause(after)
    words = [token.text.lower() for token in following]
    if IN_THE_LEFT.search(sentence):
        return not following or (_is_place(following) and not has_verb(words))
    if THERE_IS.search(sentence):
        return True
    last = said[-1].text
    rule = _table().get(last.lower())
    if rule is None or (rule.unless and rule.unless.search(sentence)) or (last == "A" and len(said) > 1):
        return False
    if rule.guess == "denied" and not DENYING.search(sentence):
        return False
    if rule.guess == "never" or not following:
        return True
    if rule.guess == "state":
        return _state().fullmatch(following[0].text.lower()) is not None
    return not has_verb(words, is_denied=critical_words().get(last.lower()) == "negation")


def _last_sentence(tokens: Sequence[Token]) -> list[Token]:
    """The words after the last stop or break, none where they do not end with a word."""
    said: list[Token] = []
    if not tokens or tokens[-1].kind != "word":
        return []
    for token in reversed(tokens):
        if token.kind in ("break", "section", "command") or (token.kind == "mark" and token.text in STOPS):
            break
        said += [token] if token.kind in ("word", "number") else []
    return said[::-1]


def _first_clause(tokens: Sequence[Token]) -> list[Token]:
    """The words up to the next mark or break."""
    clause: list[Token] = []
    for token in tokens:
        if token.kind not in ("word", "number"):
            break
        clause.append(token)
    return clause


def _is_place(clause: Sequence[Token]) -> bool:
    """Whether words begin with a part of the body, and name no finding: "upper lobe", "kidney"."""
    first = clause[0]
    if kind_of(first) != "zone" and category_of(first.text) != "anatomy":
        return False
    return not any(category_of(token.text) == "finding" for token in clause)


@cache
def _table() -> dict[str, _Unended]:
    return {
        word: _Unended(row["guess"], re.compile(rf"\b(?:{row['unless']})\b") if row["unless"] else None)
        for row in rows("unended_words")
        if row["guess"] != "-"
        for word in row["words"].split(" | ")
    }


@cache
def _state() -> re.Pattern[str]:
    return re.compile("|".join([clause_rule("state"), *map(re.escape, sorted(sights()))]))
