"""Words of which one wrong can harm a patient: sides, negations, "new", numbers, units, level letters."""

from functools import cache

from dictation.lexicon.tables import rows


@cache
def critical_words() -> dict[str, str]:
    """Lower-case critical word → its class (side, negation, newness, number, unit, level)."""
    return {row["word"]: row["class"] for row in rows("critical_words")}


def is_critical(word: str) -> bool:
    """True for a critical word, or anything with a digit in it."""
    return word.lower() in critical_words() or any(character.isdigit() for character in word)
