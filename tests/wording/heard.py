"""Heard words as tokens, the way the room's first rules hand them to the figures."""

from dictation.wording.figures import write_figures
from dictation.wording.tokens import Token

MARKS = ".,:;-/"


def heard(text: str) -> list[Token]:
    """One word token a word; a mark that stands alone or ends a word becomes a token of its own."""
    tokens: list[Token] = []
    for at, word in enumerate(text.split()):
        if word in MARKS:
            tokens.append(Token(word, (at,), "mark"))
        elif word[-1] in ".,:;":
            tokens += [Token(word[:-1], (at,)), Token(word[-1], (at,), "mark", guessed=True)]
        else:
            tokens.append(Token(word, (at,)))
    return tokens


def written(text: str, **options: str) -> str:
    """The written form, figures in brackets: "a [5 mm] nodule"."""
    return " ".join(f"[{t.text}]" if t.kind == "number" else t.text for t in write_figures(heard(text), **options))


def figures(text: str) -> list[str]:
    return [token.text for token in write_figures(heard(text)) if token.kind == "number"]
