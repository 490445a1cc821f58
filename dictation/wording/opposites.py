"""Two words of which only one can hold: "the ICA is patent, correction, occluded", "intact ACL, correction, torn ACL".

A word of health and one of disease exclude each other, and so do two of one group of `opposites.tsv` or
`qualifier.tsv` ("solid, correction, cystic"). One that stands in the place of the other is clear; behind a denial or a
doubt it is not: "not enlarged, correction, dilated".
"""

from collections.abc import Sequence
from functools import cache
from itertools import takewhile

from dictation.lexicon import rows
from dictation.wording.denials import ARTICLES, is_denied, is_negated, is_place
from dictation.wording.kinds import is_modifier, kind_of
from dictation.wording.tokens import Token


def opposite_at(old: Sequence[Token], new: Sequence[Token]) -> int | None:
    """Where in `old` the last word begins that gives way to the first of `new`: what follows it must be said again.

    None behind a denial, a doubt or a word that qualifies it ("widely patent, correction, occluded").
    """
    for start in range(len(old) - 1, max(-1, len(old) - 1 - len(new)), -1):
        if not exclude(old[start].text.lower(), new[0].text.lower()):
            continue
        tail = old[start + 1 :]
        if [_small(token) for token in tail] != [_small(token) for token in new[1 : 1 + len(tail)]]:
            continue
        if len(new) > 1 + len(tail) and not is_place(new[1 + len(tail)]):
            continue  # "the heart is normal, correction, dilated aorta"
        clause = _last_clause(old[:start])
        is_qualified = bool(clause) and _qualifies(clause[-1])
        return None if is_qualified or is_denied(clause) else start
    return None


def is_turned_state(old: Sequence[Token], new: Sequence[Token]) -> bool:
    """Whether the last state before a cue and the first words behind it say health and disease of the same."""
    return _is_well_again(old, new) is False


def is_same_state(old: Sequence[Token], new: Sequence[Token]) -> bool:
    """Whether they say health of the same, or disease of the same grade: "not enlarged, correction, normal"."""
    return _is_well_again(old, new) is True and _grades(_last_clause(old)) == _grades(new)


def _grades(tokens: Sequence[Token]) -> set[str]:
    return {_small(token) for token in tokens if _small(token).endswith("ly") or is_modifier(token)}


def _is_well_again(old: Sequence[Token], new: Sequence[Token]) -> bool | None:
    """Whether the state behind a cue is that before it; None where one of them says no state."""
    clause = _last_clause(old)
    ours = next((at for at in range(len(clause) - 1, -1, -1) if _state(clause[at])), None)
    begins = list(takewhile(lambda token: not _state(token), new))
    if ours is None or len(begins) == len(new) or not all(_is_small_word(token) for token in begins):
        return None
    was_well = (_state(clause[ours]) == "well") != is_negated(clause[:ours])
    is_well = (_state(new[len(begins)]) == "well") != is_negated(begins)
    return was_well == is_well


def exclude(one: str, other: str) -> bool:
    """Whether only one of two words, in small letters, can hold: health and disease, or two of one group."""
    states = {_states().get(one), _states().get(other)}
    if states == {"well", "ill"}:
        return True
    ours, theirs = _groups().get(one, {}), _groups().get(other, {})
    return any(theirs.get(group, word) != word for group, word in ours.items())


def _state(token: Token) -> str | None:
    return _states().get(token.text.lower())


@cache
def _states() -> dict[str, str]:
    """ "well" or "ill" by word, in small letters; none that has a kind of its own ("small", "stable")."""
    well, ill = set[str](), {term for row in rows("turned") for term in row["terms"].split(" | ")}
    for row in rows("states"):
        terms = {term for term in row["terms"].split(" | ") if " " not in term}
        if row["finding"] != "normal":
            ill |= terms
        elif row["structure"] == "*":
            well |= terms
    negating = [row["prefix"] for row in rows("negating_prefixes")]
    ill |= {prefix + word for prefix in negating for word in well}
    found = dict.fromkeys(ill, "ill") | dict.fromkeys(well, "well")
    return {word: state for word, state in found.items() if kind_of(Token(word)) is None}


@cache
def _groups() -> dict[str, dict[str, str]]:
    """The groups of both tables in which a word stands, and for what in each."""
    found: dict[str, dict[str, str]] = {}
    for name, word in (("opposites", "word"), ("qualifier", "qualifier")):
        for row in rows(name):
            for term in row["terms"].split(" | "):
                groups = filter(None, row["group"].split(" | "))
                found.setdefault(term, {}).update({f"{name} {group}": row[word] for group in groups})
    return found


def _last_clause(tokens: Sequence[Token]) -> Sequence[Token]:
    """The words from the last comma or "and" on; marks at the end count for nothing."""
    stop = len(tokens)
    while stop and tokens[stop - 1].kind == "mark":
        stop -= 1
    start = stop
    while start and tokens[start - 1].kind != "mark" and tokens[start - 1].text.lower() not in ("and", "but"):
        start -= 1
    return tokens[start:stop]


def _qualifies(token: Token) -> bool:
    """Whether it goes before a state that is no whole statement: "widely patent", "at the upper limit of normal"."""
    return token.text.lower().endswith("ly") or is_modifier(token) or is_place(token)


def _is_small_word(token: Token) -> bool:
    text = token.text.lower()
    return text in (*ARTICLES, "well") or text.endswith("ly") or is_modifier(token) or is_denied([token])


def _small(token: Token) -> str:
    return token.text.lower()
