"""What stands around a token, as text for the patterns of the data files."""

from collections.abc import Sequence
from functools import lru_cache
from re import IGNORECASE, Pattern, compile

from dictation.speech.transcript import Word
from dictation.wording.tokens import Token

BEFORE_TOKENS = 6  # enough for "over a twelve month period"
AFTER_TOKENS = 4


def before(tokens: Sequence[Token], index: int) -> str:
    """The lower-case text of the few tokens before `index`; a break, heading or command is shown as "|"."""
    return " ".join(_shown(token) for token in tokens[max(0, index - BEFORE_TOKENS) : index])


def after(tokens: Sequence[Token], index: int) -> str:
    """The lower-case text of the token at `index` and the few after it."""
    return " ".join(_shown(token) for token in tokens[index : index + AFTER_TOKENS])


def _shown(token: Token) -> str:
    return "|" if token.kind in ("break", "section", "command") else token.text.lower()


@lru_cache(maxsize=4096)
def pattern(text: str) -> Pattern[str]:
    """Compile a pattern of a data file, once."""
    return compile(text, IGNORECASE)


def ends_with(text: str, expression: str) -> bool:
    """True where `text` ends with `expression` as whole words; an empty expression never matches."""
    return bool(expression) and bool(pattern(rf"(?:^|(?<=\s))(?:{expression})$").search(text))


def starts_with(text: str, expression: str) -> bool:
    """True where `text` starts with `expression` as whole words; an empty expression never matches."""
    return bool(expression) and bool(pattern(rf"(?:{expression})(?=\s|$)").match(text))


def spoken(tokens: Sequence[Token], index: int, phrase: Sequence[str]) -> bool:
    """True where the open words of `phrase` (lower case) are said at `index`, with nothing between them."""
    if index + len(phrase) > len(tokens):
        return False
    return all(
        token.kind == "word" and token.text.lower() == word
        for token, word in zip(tokens[index : index + len(phrase)], phrase, strict=True)
    )


def pause_before(tokens: Sequence[Token], index: int, words: Sequence[Word]) -> float:
    """Seconds of silence before the token at `index`; 0 where its words have no times."""
    if not index or not tokens[index - 1].words or not tokens[index].words:
        return 0.0
    end_s = words[tokens[index - 1].words[-1]].end_s
    start_s = words[tokens[index].words[0]].start_s
    return 0.0 if end_s is None or start_s is None else start_s - end_s
