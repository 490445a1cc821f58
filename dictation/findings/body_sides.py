"""The side of the body that a text is about: none for a leftward shift, the left ventricle or the left hepatic lobe.

A knee, an effusion or a kidney lies on a side that an order may name; a direction and a part of one organ do not.
"""

from collections.abc import Sequence
from functools import cache

from dictation.findings.claim import Claim, Laterality
from dictation.findings.lexicon import cell
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import Token, tokenise
from dictation.lexicon import rows

_AROUND = 60  # characters on both sides of a side word: more than any phrase has


def side_of_body(claim: Claim, text: str) -> Laterality | None:
    """The side of the body on which a claim of `text` lies; None where it names no side, or one of something else.

    "Right effusion" -> "right", "the left ventricle is enlarged" -> None.
    """
    if claim.finding in _findings():
        return None
    said = claim.parts.get("laterality")
    if said is None:
        return claim.laterality
    tokens = tokenise(text, max(0, said[0] - _AROUND), min(len(text), said[1] + _AROUND))
    is_other = any(start < said[1] and said[0] < end for start, end in other_sides(tokens))
    return None if is_other else claim.laterality


def other_sides(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Characters [start, end) of each phrase with a side that is no side of the body."""
    return [(tokens[match.start].start, tokens[match.end - 1].end) for match in _phrases().find(tokens)]


@cache
def _phrases() -> Phrases[str]:
    return Phrases(
        (term, term) for row in rows("other_sides") if row["kind"] == "phrase" for term in cell(row["terms"])
    )


@cache
def _findings() -> frozenset[str]:
    return frozenset(name for row in rows("other_sides") if row["kind"] == "finding" for name in cell(row["terms"]))
