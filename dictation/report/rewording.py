"""Whether words in another order still say the same: only in a sentence of one finding that nothing ties together.

What may move is a size, a level, a side or a grade; with two of a kind, each keeps its place before the other.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise

from dictation.findings import extract
from dictation.findings.claim import Claim
from dictation.lexicon import rows
from dictation.report.own_words import joint, links, words_of
from dictation.report.place import STATED

_PLACE = {"id", "span", "sentence", "section", "text", "parts"}  # of a claim: where it stands, not what it says
_UNITS = ("mm", "cm", "x", "×", "%")
_LEVELS = ("c", "t", "l", "s")  # "L4" is two words here


def gist(claims: Iterable[Claim]) -> list[str]:
    """Return what claims say, wherever they stand."""
    measured = {"measurements": {"__all__": {"span"}}}
    return sorted(repr(claim.model_dump(exclude={**dict.fromkeys(_PLACE, True), **measured})) for claim in claims)


def reordered(written: str, said: str) -> bool:
    """Say whether a text is a sentence in another order that says the same: its words, one finding, nothing tied."""
    wrote, spoken = words_of(written, "polish"), words_of(said, "polish")
    if sorted(one.word for one in wrote) != sorted(one.word for one in spoken):
        return False
    for text, words in ((said, spoken), (written, wrote)):
        if any(joint(text[one.end : two.start]) == "." for one, two in pairwise(words)):
            return False
    if not _binding().isdisjoint(one.word for one in spoken):
        return False
    more, fewer = Counter(links(written)), Counter(links(said))
    if not (more <= fewer or fewer <= more):  # one in place of another
        return False
    claims = extract(said)
    if [claim.finding_class in STATED for claim in claims] != [True] or gist(claims) != gist(extract(written)):
        return False
    start, end = claims[0].span
    if not all(start <= one.start and one.end <= end for one in spoken):
        return False
    return _kinds([one.word for one in wrote]) == _kinds([one.word for one in spoken])


def is_plain(words: Sequence[str]) -> bool:
    """Say whether a pause more among these words changes nothing: nothing is tied, no two sides, sizes or grades."""
    kinds = _kinds(words)
    numbers = sum(any(letter.isdigit() for letter in word) for word in kinds["number"])
    return _binding().isdisjoint(words) and numbers < 2 and len(kinds["side"]) < 2 and len(kinds["grade"]) < 2


def _kinds(words: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Sort words by what may move: sizes and levels, sides, grades, and the rest."""
    found: dict[str, list[str]] = {"number": [], "side": [], "grade": [], "rest": []}
    for place, word in enumerate(words):
        number = any(letter.isdigit() for letter in word) or word in _UNITS
        level = word in _LEVELS and place + 1 < len(words) and words[place + 1].isdigit()
        found["number" if number or level else _movable().get(word, "rest")].append(word)
    return found


@cache
def _binding() -> frozenset[str]:
    return frozenset(word for row in rows("binding_words") for word in row["words"].split(" | "))


@cache
def _movable() -> Mapping[str, str]:
    sides = {term: "side" for row in rows("laterality") for term in row["terms"].split(" | ") if row["side"] != "none"}
    return {term: "grade" for row in rows("severity") for term in row["terms"].split(" | ")} | sides
