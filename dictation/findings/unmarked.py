"""The words of a sentence dictated without marks, each with what the lexicon knows of it.

Enters: what is known of the sentence. Leaves: which word names, places, grades or denies something, so that `run_on`
can hear where one statement ends and the next begins.
"""

from collections.abc import Sequence
from functools import cache

from dictation.findings.attributes import PREPOSITIONS
from dictation.findings.clause import VERBS
from dictation.findings.known import Known
from dictation.findings.lexicon import Structure, state_phrases, structure_phrases
from dictation.findings.measurement import Quantity
from dictation.findings.phrases import Match
from dictation.findings.tokens import Token, is_non_word, normal_form
from dictation.lexicon import clause_rule

_LIST_REACH = 8  # words behind a listed finding in which the closing "or" may come
_CHOICES = frozenset({"or", "nor", "/"})
ADJECTIVAL = ("al", "ar", "ic", "ous", "ior", "ive", "ary", "oid", "ed")
SHORT = 4  # letters of words that only look like adjectives ("year")
SIDE, PLACE = 2, 3  # ranks of sides and places among the words in front of a name


@cache
def goes_on() -> frozenset[str]:
    """Words after which the same statement goes on."""
    plain = set(clause_rule("goes_on").split("|"))
    return frozenset(
        {normal_form(word.rstrip("?")) for word in plain}
        | PREPOSITIONS
        | VERBS
        | {"vs", "&", "nor", "/", "-", "x", "around", "a"}
    )


class Unmarked:
    """What is known of the words of one unmarked sentence."""

    def __init__(self, known: Known) -> None:
        self.tokens = tokens = known.tokens
        self.mentions, self.cues, self.modifiers = known.mentions, known.cues, known.modifiers
        self.cued = {at for cue in self.cues for at in range(cue.start, cue.end)}
        leading = [cue for cue in self.cues if cue.meaning.scope != "after" and cue.meaning.kind != "stop"]
        self.cue_ends = {cue.end for cue in leading}
        self.structures: list[Match[Structure]] = structure_phrases().find(tokens)
        self.rank: dict[int, int] = {}
        # "small chronic 5 millimeter left apical nodule": words in front of a name stand in this order
        words = self.modifiers
        states = state_phrases().find(tokens)
        self.states = {at for part in states for at in range(part.start, part.end)}
        self.normals = {part.start for part in states if "normal" in part.meaning.values()}
        self.named = {at for mention in self.mentions for at in range(*mention.names)}
        early = {(part.start, part.end) for part in words.severities}
        early |= {(part.start, part.end) for part in words.changes if not _is_verbal(tokens, part)}
        middle = {(part.start, part.end) for part in words.qualifiers}
        middle |= {(size.start, size.end) for size in words.quantities if not self._is_told(size)}
        sides = {(part.start, part.end) for part in words.sides}
        places = {(part.start, part.end) for part in words.places}
        for order, group in enumerate((early, middle, sides, places)):
            for start, end in group:
                self.rank.update(dict.fromkeys(range(start, end), order))
        self.side_starts = {part.start for part in words.sides if part.meaning in ("left", "right")}
        self.anatomy = {at for part in self.structures for at in range(part.start, part.end)}
        self.size_ends = {part.end for part in self.modifiers.quantities} | {part.end for part in words.changes}
        self.size_ends |= {part.end for part in words.levels}
        self.sized = {part.start for part in self.modifiers.quantities}
        self.inner = {at for mention in self.mentions for at in range(mention.start + 1, mention.end)}

    def _is_told(self, size: Quantity) -> bool:
        """Whether a size is of what stands before it: also "cyst 12 mm spleen normal", as nobody sizes that so."""
        if is_told(self.tokens, size):
            return True
        sides = {part.start: part.end for part in self.modifiers.sides}
        at = sides.get(size.end, size.end)
        is_normal = any(part.start == at and part.end in self.normals for part in self.structures)
        places = {part.end for part in self.modifiers.places}
        findings = {mention.names[1] for mention in self.mentions if mention.finding_class == "finding"}
        return is_normal and (
            size.start in findings or (size.start in places and any(end < size.start for end in findings))
        )

    def is_adjective(self, at: int) -> bool:
        """Whether a word that no table knows can stand in front of a name ("nonobstructing", "lateral")."""
        word = self.tokens[at].text.lower()
        known = at in self.named or at in self.rank or at in self.anatomy or at in self.states or self.is_cue(at)
        is_free = not known and word not in goes_on() and len(word) > SHORT
        return is_free and (word.endswith(ADJECTIVAL) or is_non_word(word))

    def is_cue(self, at: int) -> bool:
        """Whether the word asserts or denies."""
        return at in self.cued

    def is_joined(self, at: int) -> bool:
        """Whether the word before token `at` leads on to it, or nothing stands before it."""
        if at == 0:
            return True
        before = self.tokens[at - 1].norm
        return before in goes_on() or (before.endswith("ing") and at - 1 not in self.named) or at in self.cue_ends

    def is_choice(self, at: int) -> bool:
        """Whether an "or" soon behind token `at` shows that a list goes on."""
        for token in self.tokens[at : at + _LIST_REACH]:
            if token.norm in _CHOICES:
                return True
            if token.norm == "no" or token.norm in VERBS:
                return False
        return False


def _is_verbal(tokens: Sequence[Token], change: Match[str]) -> bool:
    """Whether a course is told by a verb ("has decreased", "is stable"): that ends a phrase and begins none."""
    return tokens[change.start].norm in VERBS or (change.start > 0 and tokens[change.start - 1].norm in VERBS)


def is_told(tokens: Sequence[Token], size: Quantity) -> bool:
    """Whether a size is told of what stands before it: "nodule eight millimeters", not "eight millimeter nodule"."""
    return tokens[size.end - 1].text.lower().endswith("meters")
