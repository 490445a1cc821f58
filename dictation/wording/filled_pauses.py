"""Filled pauses leave the text: "there is, um, a small effusion" -> "there is a small effusion".

Nothing is lost: what is not written plays with the text before it (`settling`). A sound that may announce a correction
stays, and is asked about ("on the left, er, right"). Of guessed commas around it one stays where a statement may end.
"""

from collections.abc import Sequence
from functools import cache

from dictation.lexicon import rows
from dictation.wording.correction_cues import STOPS, announced
from dictation.wording.denials import is_grammar
from dictation.wording.tokens import Token


def without_filled_pauses(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without filled pauses, and without the marks that a recognizer guessed for them."""
    pauses = {at for at, token in enumerate(tokens) if _is_filled(token)}
    if pauses:
        pauses -= announced(tokens)
    kept: list[Token] = []
    is_behind = False
    for at, token in enumerate(tokens):
        if at in pauses:
            if len(kept) > 1 and _is_comma(kept[-1]) and is_grammar(kept[-2]):
                kept.pop()
            is_behind = True
        elif not (is_behind and _is_mark_of_pause(token, kept)):
            kept.append(token)
            is_behind = False
    return kept


def _is_mark_of_pause(token: Token, kept: Sequence[Token]) -> bool:
    """Whether a mark behind a filled pause belongs to it, and not to the words that are `kept` before."""
    if token.kind != "mark" or not token.guessed:
        return False
    is_start = not kept or kept[-1].kind in ("break", "section") or kept[-1].text in STOPS
    return is_start or (_is_comma(token) and (_is_comma(kept[-1]) or is_grammar(kept[-1])))


def _is_comma(token: Token) -> bool:
    return token.kind == "mark" and token.guessed and token.text == ","


def _is_filled(token: Token) -> bool:
    """Whether it is one; "ER" is a receptor."""
    return token.kind == "word" and not token.text.isupper() and token.text.lower() in _unwritten()


@cache
def _unwritten() -> frozenset[str]:
    return frozenset(row["word"] for row in rows("hesitations") if row["unwritten"] == "yes")
