"""A statement that a word before its finding turns: "Possible", "No"."""

import re
from collections.abc import Iterator, Sequence

from benchmarks.discrepancy.case import Edit, Rule


def led(
    sentence: str, word: str, turns: Sequence[Rule], short: re.Pattern[str], verb: re.Pattern[str]
) -> Iterator[Edit]:
    """The first turn that fits; else the word before a `short` sentence without a verb, whose first letter it finds."""
    for pattern, new in turns:
        match = pattern.search(sentence)
        if match:
            yield Edit(*match.span(), new(match))
            return
    match = short.search(sentence)
    if match and not verb.search(sentence):
        yield Edit(0, 1, f"{word} {match[1].lower()}")
