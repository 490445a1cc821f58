"""A finding that the lexicon does not know, in a pattern that findings have: "mild blorbing of the left hilum"."""

from collections.abc import Sequence
from dataclasses import dataclass

from dictation.findings.attributes import Modifiers
from dictation.findings.lexicon import Cue, plain_words
from dictation.findings.phrases import Match
from dictation.findings.tokens import Token

_MOST_WORDS = 3  # of the surface that names the finding


@dataclass(frozen=True, slots=True)
class Unknown:
    """`surface`: the words that no table knows, joined by spaces; what the sentence says of its presence."""

    surface: str
    is_denied: bool
    certainty: str


def unknown_finding(tokens: Sequence[Token], cues: Sequence[Match[Cue]], modifiers: Modifiers) -> Unknown | None:
    """The unknown finding of a sentence without a known one, if a side, place or severity describes it."""
    if not (modifiers.sides or modifiers.severities) or not (
        modifiers.places or modifiers.severities or modifiers.levels
    ):
        return None
    used = modifiers.positions | {at for cue in cues for at in range(cue.start, cue.end)}
    used |= {at for level in modifiers.levels for at in range(level.start, level.end)}
    if any(token.norm in plain_words("technical") for at, token in enumerate(tokens) if at not in used):
        return None
    words = [
        token.norm
        for at, token in enumerate(tokens)
        if at not in used and token.norm.isalpha() and len(token.norm) > 2 and token.norm not in plain_words()
    ]
    if not words:
        return None
    kinds = [cue.meaning.kind for cue in cues]
    certainty = next((kind for kind in ("cannot_exclude", "possible", "probable") if kind in kinds), "definite")
    return Unknown(" ".join(words[:_MOST_WORDS]), "negation" in kinds and certainty != "cannot_exclude", certainty)
