"""Where it is not plain what a self-correction replaces: what it says stands elsewhere, or something would be lost.

"Left kidney 10 cm, right kidney 11 cm, correction, left kidney 9 cm" puts the first right, not the nearest; "heart size
normal, lungs clear, correction, heart size enlarged" takes back nothing of the lungs.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from dictation.lexicon.terms import category_of
from dictation.wording.denials import is_grammar, is_negated
from dictation.wording.kinds import is_adjective, kind_of
from dictation.wording.opposites import exclude
from dictation.wording.tokens import Token

NAMING = ("finding", "anatomy", "device")
SIDED = ("side", "zone", "aspect")
JOINTS = (",", "and", "or", "nor", "but")


def is_unplain(clause: Sequence[Token], start: int, stop: int, meant: Sequence[Token], rest: Sequence[Token]) -> bool:
    """Whether tokens [start, stop) of a clause are not plainly what `meant`, and the `rest` behind it, replace."""
    removed, others = clause[start:stop], [*clause[:start], *clause[stop:]]
    new = [*meant, *rest]
    # one word in place of the last: "mild stenosis at L3-L4 and moderate, correction, severe stenosis at L4-L5"
    goes_on = len(removed) == len(meant) == 1 and stop == len(clause) and kind_of(removed[0]) is not None
    if (
        (not goes_on and _is_elsewhere(removed, others, new))
        or _is_listed(removed, others, meant)
        or _tells_other(clause[:start], removed, rest)
    ):
        return True
    return _only_repeats(clause, start, stop, new) or _loses_part(removed, meant, new) or _loses_number(removed, new)


def _is_elsewhere(removed: Sequence[Token], others: Sequence[Token], new: Sequence[Token]) -> bool:
    """Whether words of `new` stand in the `others` rather than in `removed`: it may be those that are put right.

    A name with its side ("left kidney") and a level count always; a name or side alone, or a word that excludes one of
    the `others` ("head … tail"), where `removed` and `new` share no name.
    """
    if (set(_pairs(new)) - set(_pairs(removed))) & set(_pairs(others)):
        return True
    if (_levels(new) - _levels(removed)) & _levels(others):
        return True
    if _names(new) & _names(removed):
        return False
    if (_placed(new) - _placed(removed)) & _placed(others):
        return True
    return any(_excludes(token, others) and not _excludes(token, removed) for token in new)


def _is_listed(removed: Sequence[Token], others: Sequence[Token], meant: Sequence[Token]) -> bool:
    """Whether a name put in place of another is among the `others`: "edema and mass, correction, mass" leaves which?"""
    put = [two for one, two in zip(removed, meant, strict=False) if _small(one) != _small(two)]
    return bool(_names(put) & _names(others))


def _tells_other(before: Sequence[Token], removed: Sequence[Token], rest: Sequence[Token]) -> bool:
    """Whether the `rest` names a finding of its own: "effusion on the left, correction, right pneumothorax"."""
    joints = [at for at, token in enumerate(before) if _small(token) in (*JOINTS, "with")]
    told = _findings(before[joints[-1] + 1 :] if joints else before)
    named = _findings(list(takewhile(lambda token: not is_grammar(token), rest)))
    return bool(told and named - _findings(removed))


def _only_repeats(clause: Sequence[Token], start: int, stop: int, new: Sequence[Token]) -> bool:
    """Whether `new` is one item of a list, said again as it was: "left and right effusion, correction, right effusion".

    The other item may have been meant to fall.
    """
    if [_small(token) for token in clause[start:stop]] != [_small(token) for token in new]:
        return False
    beside = [*clause[max(0, start - 1) : start], *clause[stop : stop + 1]]
    return any(_small(token) in JOINTS for token in beside)


def _loses_part(removed: Sequence[Token], meant: Sequence[Token], new: Sequence[Token]) -> bool:
    """Whether a name behind a comma or "and" in `removed` has no word of `new` in its place."""
    joint = next((at for at, token in enumerate(removed) if at and _small(token) in JOINTS), None)
    return joint is not None and len(meant) < len(removed) and bool(_names(removed[joint:]) - _names(new))


def _loses_number(removed: Sequence[Token], new: Sequence[Token]) -> bool:
    """Whether a figure has none in its place: "from 5 mm to 7 mm, correction, from 4 mm"; a denial needs none."""
    return _figures(removed) > _figures(new) and not is_negated(new)


def _figures(tokens: Sequence[Token]) -> int:
    kinds = [kind_of(token) or "" for token in tokens]
    return sum(kind.count("#") + (kind == "count") for kind in kinds)


def _names(tokens: Sequence[Token]) -> set[str]:
    """The nouns of findings, devices and places, without the "s" of a plural."""
    return {_stem(token) for token in tokens if category_of(token.text) in NAMING and not is_adjective(token)}


def _findings(tokens: Sequence[Token]) -> set[str]:
    return _names([token for token in tokens if category_of(token.text) == "finding"])


def _placed(tokens: Sequence[Token]) -> set[str]:
    return _names(tokens) | {_small(token) for token in tokens if kind_of(token) == "side"}


def _excludes(token: Token, others: Sequence[Token]) -> bool:
    return any(exclude(_small(token), _small(other)) for other in others)


def _pairs(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Each side or place with the name behind it."""
    for one, two in pairwise(tokens):
        if kind_of(one) in SIDED and _names([two]):
            yield _small(one), _stem(two)


def _levels(tokens: Sequence[Token]) -> set[str]:
    return {_small(token) for token in tokens if (kind_of(token) or "").startswith("V#")}


def _stem(token: Token) -> str:
    return _small(token).removesuffix("s")


def _small(token: Token) -> str:
    return token.text.lower()
