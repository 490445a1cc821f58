"""What a self-correction does to a denial: "no fracture, correction, fracture of the radius".

The words after the cue repeat what was denied, and nothing else differs: only the denial itself can have been wrong.
Put in place of what they repeat they would be denied again.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from dictation.lexicon import clause_rule, rows
from dictation.lexicon.critical import critical_words
from dictation.lexicon.terms import category_of
from dictation.wording.kinds import kind_of
from dictation.wording.spacing import joined
from dictation.wording.tokens import Token

ARTICLES = ("a", "an", "the")
_TOLD, _DOUBTS = ("history", "recommendation"), ("possible", "probable", "cannot_exclude")
_PARTED = re.compile(r",|\band\b")
_ENDED, _LISTED = re.compile(r"(?:,|\band)\s*$"), re.compile(r"\bn?or\b")
_PRONOUNS = ("one", "some", "1")


@cache
def assertion_cue() -> re.Pattern[str]:
    """A cue of `assertion.tsv` (a denial, a doubt, a time) or a negation, wherever it stands; in small letters."""
    return _any(_terms("negation", "unlikely", "removed", *_DOUBTS, *_TOLD) | _negations())


def is_denied(words: Sequence[Token]) -> bool:
    """Whether a denial or a doubt is among the words."""
    return bool(_denials(_text(words)))


def is_negated(words: Sequence[Token]) -> bool:
    """Whether a denial is among the words that is no doubt."""
    return any(cue.group() not in _doubts() for cue in _denials(_text(words)))


def _denials(text: str) -> list[re.Match[str]]:
    """The cues that deny or doubt; a time, an advice and the question of an indication ("rule out") do neither."""
    return [cue for cue in assertion_cue().finditer(text) if cue.group() not in _told()]


def is_place(word: Token) -> bool:
    """Whether it goes before where, when or why something is ("in", "of")."""
    return bool(_place().fullmatch(word.text.lower()))


def is_grammar(word: Token) -> bool:
    """Whether it is a verb of grammar, an article, a preposition or the like, which names and qualifies nothing."""
    text = word.text.lower()
    return text in _grammar() or bool(_verb().fullmatch(text) or _lists().fullmatch(text))


def is_asserted_otherwise(old: Sequence[Token], new: Sequence[Token]) -> bool:
    """Whether one of the two denies or doubts, and the other does not; what both say decides nothing ("free air")."""
    ours, theirs = ({cue.group() for cue in _denials(_text(words))} for words in (old, new))
    return bool(ours - theirs) != bool(theirs - ours)


def name_the_same(old: Sequence[Token], new: Sequence[Token]) -> bool:
    """Whether a word that names something is in both, or one names nothing ("negative for clot, correction, positive").

    What goes on with a verb of the first, or says that there is something, names the same, too: "no mass is seen,
    correction, is seen on the left", "no stone, correction, there are two".
    """
    ours, theirs = _named(old), _named(new)
    if not ours or not ours.isdisjoint(theirs):
        return True
    is_bare = not theirs and (is_denied(new) or any(_affirms().fullmatch(token.text.lower()) for token in new))
    return is_bare or _goes_on(old, new) or bool(_sure().match(_text(new)))


def loses_finding(lost: Sequence[Token], new: Sequence[Token], start: int) -> bool:
    """Whether `lost` words name a finding and `new` ones none, which go on from `start` with a place or "one".

    "There is no fracture, correction, there is in the radius" says of a fracture where it is.
    """
    if not any(category_of(token.text) == "finding" for token in lost) or start >= len(new):
        return False
    goes_on = is_place(new[start]) or new[start].text.lower() in _PRONOUNS
    return goes_on and not any(category_of(token.text) == "finding" for token in new)


def repeats_denied(
    clause: Sequence[Token], start: int, stop: int, meant: Sequence[Token], rest: Sequence[Token]
) -> bool:
    """Whether tokens [start, stop) of a clause are denied or doubted by its other words, and `meant` only repeats them.

    So it does where it repeats the first of a list, or what stands before another mark, or says more between its
    words; not where the `rest` goes on with a list ("no fracture, correction, fracture or dislocation"). A comma or
    "and" before a side or grade ends a denial, but in a list with "or". A place does not count that stands behind what
    is denied: "no effusion in the lung, correction, lung base".
    """
    removed = clause[start:stop]
    others = removed[len(meant) :]
    is_list = bool(others) and (others[0].kind == "mark" or bool(_lists().fullmatch(others[0].text.lower())))
    repeated = removed[: len(meant)] if is_list else removed
    is_again = _plain(repeated) == _plain(meant) or _is_named_again(removed, meant) or _says_more(removed, meant, rest)
    if not _plain(repeated) or not is_again:
        return False
    if _is_denied_on(rest):
        return False
    if is_denied(clause[stop:]):
        return True
    before = _stop().split(_text(clause[:start]))[-1]
    cues = _denials(before)
    if not cues:
        return False
    denied = before[cues[-1].end() :]
    if _plain(repeated) != _plain(meant) and _PARTED.search(denied):
        return False  # "no cyst, the liver is normal, correction, the liver is large"
    if _begins_anew(denied, removed) and not _LISTED.search(_text(clause)):
        return False
    is_behind_place = _place().search(f"{denied} {removed[0].text.lower()}")
    return not is_behind_place or any(category_of(token.text) == "finding" for token in removed)


def _is_named_again(removed: Sequence[Token], meant: Sequence[Token]) -> bool:
    """Whether `meant` repeats the first of `removed`, no finding, and leaves out what was said of it.

    "No follow up needed, correction, follow up in 6 months" would deny what is advised. Of a finding put behind a
    denial the text is asked about.
    """
    is_finding = any(category_of(token.text) == "finding" for token in removed)
    is_begun = bool(_named(meant)) and _plain(removed)[: len(_plain(meant))] == _plain(meant)
    return is_begun and not is_finding and not any(_verb().fullmatch(token.text.lower()) for token in meant)


def _says_more(removed: Sequence[Token], meant: Sequence[Token], rest: Sequence[Token]) -> bool:
    """Whether all that was denied is said again, with more between or behind it: "history of *breast* cancer"."""
    words = iter(_plain([*meant, *rest]))
    return len(_plain(removed)) > 1 and all(word in words for word in _plain(removed))


def _begins_anew(denied: str, removed: Sequence[Token]) -> bool:
    """Whether a denial ended before `removed`: at a comma or "and" before a side or grade of something else."""
    is_other = _named(removed).isdisjoint(denied.split())
    return bool(_ENDED.search(denied)) and is_other and kind_of(removed[0]) in ("side", "severity")


def _is_denied_on(rest: Sequence[Token]) -> bool:
    """Whether the words go on a list with "or", which one says of what is denied; with a verb it is a statement."""
    words = [token.text.lower() for token in rest]
    return words[:1] in (["or"], ["nor"]) and not any(_verb().fullmatch(word) for word in words)


def is_of_denied_list(clause: Sequence[Token], start: int, stop: int, meant: Sequence[Token]) -> bool:
    """Whether tokens [start, stop) are one item of a denied list, and `meant` is denied by itself.

    "No edema or effusion, correction, no edema": the other item may be there, or not be spoken of.
    """
    beside = [*clause[max(0, start - 1) : start], *clause[stop : stop + 1]]
    is_item = any(token.text == "," or _lists().fullmatch(token.text.lower()) for token in beside)
    begins = next((cue.start() for cue in _denials(_text(meant))), None)
    return is_item and begins == 0 and is_denied(clause[:stop])


def _text(tokens: Sequence[Token]) -> str:
    return joined(tokens).lower()


def _plain(tokens: Sequence[Token]) -> list[str]:
    return [token.text.lower() for token in tokens if token.kind != "mark" and token.text.lower() not in ARTICLES]


def _goes_on(old: Sequence[Token], new: Sequence[Token]) -> bool:
    """Whether the first word after a cue is a verb, "there" or the like, said before it; no place ("in the lung")."""
    first = next(iter(_plain(new)), "")
    is_grammar = first in _grammar() and not _place().fullmatch(first) and not assertion_cue().fullmatch(first)
    return is_grammar and first in _plain(old)


def _named(tokens: Sequence[Token]) -> frozenset[str]:
    """The words that name something, in small letters: no number, no word of grammar, no cue."""
    words = {token.text.lower() for token in tokens if token.kind == "word"}
    words = {word for word in words - _grammar() if not _affirms().fullmatch(word)}
    return frozenset(word for word in words if not assertion_cue().fullmatch(word))


@cache
def _doubts() -> frozenset[str]:
    return frozenset(_terms(*_DOUBTS))


@cache
def _told() -> frozenset[str]:
    """The terms of a time or an advice, but "cannot be assessed"."""
    return frozenset(term for term in _terms(*_TOLD) if _negations().isdisjoint(term.split()))


@cache
def _negations() -> frozenset[str]:
    return frozenset(word for word, kind in critical_words().items() if kind == "negation")


def _terms(*cues: str) -> set[str]:
    """The terms of the cues of `assertion.tsv` that bear on what stands beside them."""
    found = (row for row in rows("assertion") if row["cue"] in cues and row["scope"] in ("before", "after", "both"))
    return {term for row in found for term in row["terms"].split(" | ") if term[:1].isalpha()}


@cache
def _grammar() -> frozenset[str]:
    return frozenset(word for row in rows("function_words") for word in row["words"].split(" | "))


@cache
def _stop() -> re.Pattern[str]:
    return _any(term for row in rows("assertion") if row["scope"] == "stop" for term in row["terms"].split(" | "))


@cache
def _place() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{clause_rule('place')})\b")


@cache
def _affirms() -> re.Pattern[str]:
    return re.compile(clause_rule("affirms"))


@cache
def _sure() -> re.Pattern[str]:
    return re.compile(rf"(?:{clause_rule('sure')})\b")


@cache
def _verb() -> re.Pattern[str]:
    return re.compile(clause_rule("verb"))


@cache
def _lists() -> re.Pattern[str]:
    return re.compile(clause_rule("lists"))


def _any(terms: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(terms, key=lambda term: (-len(term), term))
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")
