"""Names that are written in one word or in two: "gall bladder" is the gallbladder, and no bladder."""

import re

from dictation.lexicon.tables import rows


def _pattern() -> str:
    names = [name.split() for row in rows("spaced_words") for name in row["words"].split(" | ")]
    return "|".join(rf"{'[- ]'.join(re.escape(word) for word in words)}s?\b" for words in names)


SPACED = _pattern()
"""A regular expression, in small letters, that matches each of them where it stands in two words."""
