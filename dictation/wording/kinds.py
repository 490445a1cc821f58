"""What kind of thing a token says: two of a kind can replace each other in a self-correction."""

import re
from functools import cache

from dictation.lexicon import clause_rule, rows
from dictation.lexicon.terms import category_of
from dictation.wording.tokens import Token

NUMBER = re.compile(r"\d+(?:\.\d+)?")
QUANTITY = re.compile(r"# ?[a-z%]+")
LEVEL = re.compile(r"\b[CTLS](?=#)")
# A bare number after one of these names a place, not a size.
LABELS = frozenset(
    ("image", "images", "series", "slice", "station", "level", "segment", "grade", "category", "type", "zone")
)


@cache
def _kinds() -> dict[str, tuple[str, bool]]:
    return {row["word"]: (row["kind"], row["modifier"] == "yes") for row in rows("kinds")}


def kind_of(token: Token) -> str | None:
    """Return the kind of a word, or the shape of a number ("# x # cm", "V#-V#"); None where it has none."""
    if token.kind == "number" or token.text[:1].isdigit():
        return LEVEL.sub("V", NUMBER.sub("#", token.text))
    if token.kind != "word":
        return None
    return _kinds().get(token.text.lower(), (None, False))[0]


def is_modifier(token: Token) -> bool:
    """True for a word that stands before a noun and qualifies it ("small", "left", "no")."""
    return token.kind == "word" and _kinds().get(token.text.lower(), ("", False))[1]


def is_adjective(token: Token) -> bool:
    """True for a word of a finding that qualifies another ("cystic"): for none that names one ("cyst")."""
    return category_of(token.text) == "finding" and bool(_adjective().search(token.text.lower()))


@cache
def _adjective() -> re.Pattern[str]:
    return re.compile(clause_rule("adjective"))


def same(old: Token, new: Token, before_old: Token | None) -> bool:
    """True where `new` says the same thing as `old`, or another of its kind.

    A bare number gives way to a quantity ("8, make that 9 mm"), unless it is the number of an image or series.
    """
    if old.text.lower() == new.text.lower() and old.kind == new.kind:
        return True
    kind = kind_of(old)
    if kind is None:
        return _are_findings(old, new, before_old)
    labelled = before_old is not None and before_old.text.lower() in LABELS
    meant = kind_of(new) or ""
    return kind == meant or (kind == "#" and not labelled and QUANTITY.fullmatch(meant) is not None)


def _are_findings(old: Token, new: Token, before_old: Token | None) -> bool:
    """True for two findings, the old one with no term before it that could belong to it ("pleural effusion").

    A noun and an adjective stand in different places: "the mass is solid, correction, cystic".
    """
    if category_of(old.text) != "finding" or category_of(new.text) != "finding":
        return False
    if is_adjective(old) != is_adjective(new):
        return False
    return before_old is None or category_of(before_old.text) is None
