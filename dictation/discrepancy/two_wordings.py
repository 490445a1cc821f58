"""Whether the report's wording can be held right: only against other words of the same thing, or against silence.

"The order is for the chest; the text is about the knee" has one wording. To call that right without a reason would
settle the alert, not choose.
"""

from dictation.discrepancy.discrepancy import Discrepancy, Kind
from dictation.findings.lexicon import word_phrases
from dictation.findings.tokens import tokens_of

# Of kinds that are not listed, heard and written (or seen and written) are chosen between where they differ.
_AGAINST_SILENCE: frozenset[Kind] = frozenset({"omission", "addition", "follow_up"})  # said in one column only
_ONE_WORDING: frozenset[Kind] = frozenset(
    {
        "patient",  # the order against the header
        "exam",  # the order or the header against the text
        "sex",
        "age",
        "critical_result",  # is told to somebody
        "amendment",  # what is signed stays as it is
    }
)


def has_two_wordings(one: Discrepancy) -> bool:
    """Whether a difference is between the report's wording and another one."""
    if one.kind in _ONE_WORDING or one.choices or one.against is not None:
        return False
    if one.kind in _AGAINST_SILENCE and one.seen is None:
        return True
    if one.written is None:
        return False
    if one.kind == "critical_word":  # both columns may have the same word; the other wording is the one suggested
        return one.suggestion is not None
    if one.seen is not None:
        return True
    return one.heard is not None and not _says_the_same(one)


def quotes_one_wording(one: Discrepancy) -> bool:
    """Whether an alert quotes the same words of both columns: it is about neither against the other."""
    return one.heard is not None and one.written is not None and _words(one.heard.text) == _words(one.written.text)


def _words(text: str) -> str:
    return " ".join(text.lower().split())


def _says_the_same(one: Discrepancy) -> bool:
    """Whether both columns say the same, so that they differ from something else: from the side that was ordered."""
    assert one.heard is not None and one.written is not None
    heard, written = one.heard.text, one.written.text
    if quotes_one_wording(one):
        return True
    if one.kind != "laterality":
        return False
    sides = _sides(heard)
    return bool(sides) and sides == _sides(written)


def _sides(text: str) -> list[str]:
    return [match.meaning for match in word_phrases("laterality", "side").find(tokens_of(text))]
