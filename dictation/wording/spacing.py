"""Where a space stands between two tokens, and tokens as plain text."""

from collections.abc import Sequence

from dictation.wording.tokens import Token

NO_SPACE_BEFORE = (".", ",", ":", ";", "?", "!", ")", "-", "/")
NO_SPACE_AFTER = ("(", "-", "/")


def spaced(last: Token | None, token: Token) -> bool:
    """True where a space stands between `last` and `token`."""
    if last is None or (token.kind == "mark" and token.text in NO_SPACE_BEFORE):
        return False
    return not (last.kind == "mark" and last.text in NO_SPACE_AFTER)


def joined(tokens: Sequence[Token]) -> str:
    """Return the tokens as text, as spoken: no capitals added."""
    text = ""
    last: Token | None = None
    for token in tokens:
        text += (" " if spaced(last, token) else "") + token.text
        last = token
    return text


def words_of(tokens: Sequence[Token]) -> tuple[int, ...]:
    """Return the word indexes behind the tokens, each once, in order."""
    return tuple(sorted({word for token in tokens for word in token.words}))
