"""Words that stand for a finding named before them: "none on the left", "the left one persists".

Such a word makes a claim of its own only where it names a side; all else is left to the finding itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from dictation.findings.lexicon import Cue, cell, place_phrases, plain_words, word_phrases
from dictation.findings.mention import Mention
from dictation.findings.phrases import Match, Phrases
from dictation.findings.tokens import Token
from dictation.lexicon import rows

UNNAMED = ""  # the finding of a word whose sentence names none before it: that of the sentence before
_PLACING = frozenset({"on", "in", "at"})
_CONTRASTS = frozenset({",", ";", "but", "and", "while", "whereas"})
_VERBS = frozenset({"is", "are", "was", "has", "have", "remain", "appear"})
_JOINTS = frozenset({",", ";", "but", "and"})
_WITHOUT_NOUN = frozenset({"on", "in", "at", "remain", "persist", "is", "has", "was", "appear", "with"})


@dataclass(frozen=True, slots=True)
class _Word:
    denies: bool
    stands_for: frozenset[str]


@cache
def _words() -> Phrases[_Word]:
    return Phrases(
        (term, _Word(row["denies"] == "yes", frozenset(cell(row["for"]))))
        for row in rows("anaphora")
        for term in cell(row["words"])
    )


def anaphora_in(tokens: Sequence[Token], mentions: Sequence[Mention]) -> list[Mention]:
    """Mentions of findings that are only referred to, left to right; `finding` is UNNAMED where none stands before."""
    taken = {at for mention in mentions for at in range(*mention.names)}
    found = []
    for match in _words().find(tokens):
        if match.start in taken or not _has_side(tokens, match):
            continue
        named = [m for m in mentions if m.names[1] <= match.start and m.finding_class == "finding" and not m.is_state]
        finding = named[-1].finding if named else UNNAMED
        if not named and (match.start > 1 or "*" not in match.meaning.stands_for):
            continue
        if "*" not in match.meaning.stands_for and finding not in match.meaning.stands_for:
            continue
        place = (match.start, match.end)
        negated = match.meaning.denies or _is_normal(tokens, match.end)
        found.append(Mention(*place, finding, "finding", negated=negated, refers=True, names=place))
    return found + _other_sides(tokens, mentions, taken)


def _is_normal(tokens: Sequence[Token], at: int) -> bool:
    """Whether what is referred to is called normal: "the right one is normal" has none of it."""
    words = [token.norm for token in tokens[at : at + 3]]
    return (
        bool(words)
        and words[0] in _VERBS
        and "not" not in words
        and any(word in plain_words("normal") for word in words)
    )


def _other_sides(tokens: Sequence[Token], mentions: Sequence[Mention], taken: set[int]) -> list[Mention]:
    """A side that stands for the finding there: "the left effusion has resolved, the right persists"."""
    found = []
    for at in range(1, len(tokens) - 1):
        if tokens[at].norm not in ("left", "right") or not tokens[at].has_article or at in taken:
            continue
        named = [m for m in mentions if m.names[1] < at and m.finding_class == "finding"]
        if named and tokens[at - 1].norm in _CONTRASTS and _tells_course(tokens, at + 1) and not named[-1].is_state:
            found.append(Mention(at, at + 1, named[-1].finding, "finding", refers=True, names=(at, at + 1)))
    return found


def _tells_course(tokens: Sequence[Token], at: int) -> bool:
    courses, grades = word_phrases("change", "change"), word_phrases("severity", "grade")
    if courses.longest_at(tokens, at):
        return True
    is_told = courses.longest_at(tokens, at + 1) or grades.longest_at(tokens, at + 1)
    return tokens[at].norm in _VERBS and is_told is not None


def without(cues: Sequence[Match[Cue]], referring: Sequence[Mention]) -> list[Match[Cue]]:
    """The cues that are not themselves such a word: "none on the left" denies nothing on the right."""
    return [
        cue
        for cue in cues
        if not any(mention.start < cue.end and cue.start < mention.end and mention.negated for mention in referring)
    ]


def _has_side(tokens: Sequence[Token], match: Match[_Word]) -> bool:
    word = tokens[match.end - 1].norm
    before = tokens[match.start - 1].norm if match.start else ","
    if match.end + 1 < len(tokens) and tokens[match.end].norm in _PLACING and _is_side(tokens, match.end + 1):
        return word != "not" or before in _JOINTS
    if word == "not" or before not in ("left", "right"):
        return False
    if "than" in [token.norm for token in tokens[max(0, match.start - 2) : match.start]]:
        return False  # "larger than the left one" compares, and states nothing new
    following = tokens[match.end].norm if match.end < len(tokens) else "."
    return not following[0].isalnum() or following in _WITHOUT_NOUN


def _is_side(tokens: Sequence[Token], at: int) -> bool:
    side = word_phrases("laterality", "side").longest_at(tokens, at)
    place = place_phrases().longest_at(tokens, at)
    return bool(side and side.meaning in ("left", "right")) or bool(place and place.meaning.side)
