"""One sentence as the cues of assertion see it, and the words that join its parts."""

from collections.abc import Sequence
from dataclasses import dataclass

from dictation.findings.lexicon import Cue
from dictation.findings.mention import Mention
from dictation.findings.phrases import Match
from dictation.findings.tokens import Token

VERBS = frozenset({
    "is", "are", "was", "were", "has", "have", "appear", "appears", "remain", "remains", "show", "shows",
    "demonstrate", "demonstrates",
})  # fmt: skip
CHOICES = frozenset({"or", "nor", "/"})
LIST_REACH = 5  # tokens behind a listed finding in which the closing "or" may come
JOINTS = frozenset({",", "and", "or", "nor", "/", "&"})


@dataclass(slots=True)
class Clause:
    """One sentence as the cues see it.

    `fresh`: tokens at which something new is said (severity, size, course); `markers`: tokens that begin a new
    statement behind "and" or a comma in a denial (a side, "large", "new"); `courses`: token ranges of words of course.
    """

    tokens: Sequence[Token]
    cues: Sequence[Match[Cue]]
    mentions: Sequence[Mention]
    fresh: frozenset[int]
    markers: frozenset[int] = frozenset()
    courses: Sequence[tuple[int, int]] = ()


def chooses(tokens: Sequence[Token], low: int, high: int) -> bool:
    """Whether an "or" shows that the list goes on, up to a few tokens behind `high`."""
    return any(token.norm in ("or", "nor") for token in tokens[low : high + LIST_REACH])
