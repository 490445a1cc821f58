"""A finding that the lexicon does not know, in a pattern that findings have: "mild blorbing of the left hilum"."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from dictation.findings.attributes import Modifiers
from dictation.findings.lexicon import Cue, cell
from dictation.findings.phrases import Match
from dictation.findings.tokens import Token, normal_form
from dictation.lexicon import rows

_MOST_WORDS = 3  # of the surface that names the finding


@dataclass(frozen=True, slots=True)
class Unknown:
    """`surface`: the words that no table knows, joined by spaces; `is_denied`: a denial stands in the sentence."""

    surface: str
    is_denied: bool


@cache
def _plain_words() -> frozenset[str]:
    return frozenset(normal_form(term) for row in rows("unread_words") for term in cell(row["terms"]))


def unknown_finding(tokens: Sequence[Token], cues: Sequence[Match[Cue]], modifiers: Modifiers) -> Unknown | None:
    """The unknown finding of a sentence without a known one, if a side, place or severity describes it."""
    if not (modifiers.sides or modifiers.severities) or not (modifiers.places or modifiers.severities):
        return None
    if any(token.norm in _technical() for token in tokens):
        return None
    used = modifiers.positions | {at for cue in cues for at in range(cue.start, cue.end)}
    words = [
        token.norm
        for at, token in enumerate(tokens)
        if at not in used and token.norm.isalpha() and len(token.norm) > 2 and token.norm not in _plain_words()
    ]
    if not words:
        return None
    return Unknown(" ".join(words[:_MOST_WORDS]), any(cue.meaning.kind == "negation" for cue in cues))


@cache
def _technical() -> frozenset[str]:
    return frozenset(
        normal_form(term) for row in rows("unread_words") if row["role"] == "technical" for term in cell(row["terms"])
    )
