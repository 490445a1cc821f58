"""Places in a text as a browser counts them (UTF-16 units) and as Python does (characters)."""


def to_units(text: str, at: int) -> int:
    """Return the UTF-16 units before character `at` of a text."""
    return at if text.isascii() else at + sum(character > "\uffff" for character in text[:at])


def from_units(text: str, units: int) -> int:
    """Return the character at a place in UTF-16 units: the end where it lies behind it, the next inside a pair."""
    if text.isascii():
        return min(units, len(text))
    at = 0
    for at, character in enumerate(text):
        if units <= 0:
            return at
        units -= 2 if character > "\uffff" else 1
    return len(text) if units > 0 or not text else at + 1
