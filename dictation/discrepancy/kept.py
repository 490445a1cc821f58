"""How much of a dictation's words a report keeps."""

from functools import lru_cache

from dictation.discrepancy.quoting import joining_words
from dictation.findings.tokens import Token, tokens_of

_STEM = 5  # letters by which words are alike: "opacity", "opacified"
_GRAMMAR = frozenset({"no", "not", "without", "is", "are", "there"})
_UNKNOWN = 0.5


def kept_share(heard: str, written: str) -> float:
    """How many of the dictated words that name something stand in the report, 0–1."""
    said, wrote = _names(heard), _names(written)
    return len(said & wrote) / len(said) if said else _UNKNOWN


def stems(text: str) -> list[str]:
    """The beginnings of the words of a text that name something."""
    return [_stem(token) for token in tokens_of(text) if _is_name(token)]


@lru_cache(maxsize=8)
def _names(text: str) -> frozenset[str]:
    return frozenset(stems(text))


def _is_name(token: Token) -> bool:
    return token.norm[0].isalnum() and token.norm not in joining_words() and token.norm not in _GRAMMAR


def _stem(token: Token) -> str:
    return token.norm[:_STEM] if token.norm.isalpha() else token.norm
