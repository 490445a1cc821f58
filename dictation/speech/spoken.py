"""A word as it was spoken: without the punctuation that a recognizer guessed, in lower case, so that two compare."""

GUESSED_MARKS = ".,;:?!"  # a recognizer adds them to a word without being told


def unmarked(text: str) -> str:
    """Return a word without guessed marks at its end; one that is nothing but marks stays."""
    return text.rstrip(GUESSED_MARKS) or text


def core(text: str) -> str:
    """Return a word without guessed marks at its end, in lower case."""
    return unmarked(text).lower()
