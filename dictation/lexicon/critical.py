"""Words of which one wrong can harm a patient: sides, negations, "new", numbers, units, level letters."""

from functools import cache

from dictation.lexicon.tables import rows


@cache
def critical_words() -> dict[str, str]:
    """Lower-case critical word → its class (side, negation, newness, number, unit, level)."""
    return {row["word"]: row["class"] for row in rows("critical_words")}


def class_of(word: str) -> str | None:
    """Return the class of a critical word, "number" for anything with a digit in it; None for other words."""
    found = critical_words().get(word.lower())
    return found or ("number" if any(character.isdigit() for character in word) else None)


def is_critical(word: str) -> bool:
    """True for a critical word, or anything with a digit in it."""
    return class_of(word) is not None
