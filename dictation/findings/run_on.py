"""Dictated without marks: "no effusion mild edema heart size normal" → where each of its three statements begins.

A recognizer that writes no punctuation leaves the reader to hear the stops. One is heard where a phrase with words of
its own in front ("mild edema", "no effusion", "left kidney normal") follows a finished one and nothing joins the two.
Words of a bare list stay together: "no effusion pneumothorax or consolidation" denies all three.
"""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise

from dictation.findings.attributes import PREPOSITIONS
from dictation.findings.known import Known, known_in
from dictation.findings.lexicon import Structure, state_phrases, structure_phrases
from dictation.findings.measurement import Quantity
from dictation.findings.mentions import Mention
from dictation.findings.phrases import Match
from dictation.findings.reach import VERBS
from dictation.findings.tokens import Token
from dictation.lexicon import rows

_FEWEST = 3  # blanks between the words of two statements
_LIST_REACH = 8  # words behind a listed finding in which the closing "or" may come
_OPENERS = ("no ", "negative for")
_CHOICES = frozenset({"or", "nor", "/"})
_OLD = frozenset({"chronic", "calcified", "diffuse", "solid", "part_solid", "ground_glass"})  # nobody denies just these
_ADJECTIVAL = ("al", "ar", "ic", "ous", "ior", "ive", "ary", "oid", "ed")
_DOUBTS = frozenset({"possible", "probable", "possibly", "probably", "questionable", "suspected"})
_SHORT = 4  # letters of words that only look like adjectives ("year")
_DENIED_NAME = 2  # words of a denied finding that may stand before the next place
_SIDE, _PLACE = 2, 3  # ranks of sides and places among the words in front of a name
_MARKS = frozenset(",;:()")


@lru_cache(maxsize=2_000)
def statements_in(text: str) -> tuple[tuple[int, int], ...]:
    """Characters [start, end) of each statement of one sentence; the whole sentence where it holds only one."""
    if text.count(" ") < _FEWEST or not _MARKS.isdisjoint(text):
        return ((0, len(text)),)
    known = known_in(text)
    starts = [known.tokens[at].start for at in _starts(_Sentence(known))]
    bounds = [0, *(_with_article(text, start) for start in starts), len(text)]
    return tuple((low, high) for low, high in pairwise(bounds) if text[low:high].strip())


def _with_article(text: str, start: int) -> int:
    """The place of the article that stands before a word, else of the word."""
    before = text[:start].rstrip()
    for article in ("a", "an", "the"):
        if before.lower().endswith(f" {article}"):
            return len(before) - len(article)
    return start


@cache
def _goes_on() -> frozenset[str]:
    """Words after which the same statement goes on."""
    plain = {word for row in rows("clauses") if row["rule"] == "goes_on" for word in row["pattern"].split("|")}
    return frozenset(
        {word.rstrip("?") for word in plain} | PREPOSITIONS | VERBS | {"vs", "&", "nor", "/", "-", "x", "around", "a"}
    )


class _Sentence:
    """What is known of the words of one unmarked sentence."""

    def __init__(self, known: Known) -> None:
        self.tokens = tokens = known.tokens
        self.mentions, self.cues, self.modifiers = known.mentions, known.cues, known.modifiers
        self.structures: list[Match[Structure]] = structure_phrases().find(tokens)
        self.rank: dict[int, int] = {}
        # "small chronic 5 millimeter left apical nodule": words in front of a name stand in this order
        words = self.modifiers
        early = {(part.start, part.end) for part in words.severities}
        early |= {(part.start, part.end) for part in words.changes if not _is_verbal(tokens, part)}
        middle = {(part.start, part.end) for part in words.qualifiers}
        middle |= {(size.start, size.end) for size in words.quantities if not _is_told(tokens, size)}
        sides = {(part.start, part.end) for part in words.sides}
        places = {(part.start, part.end) for part in words.places}
        for order, group in enumerate((early, middle, sides, places)):
            for start, end in group:
                self.rank.update(dict.fromkeys(range(start, end), order))
        self.anatomy = {at for part in self.structures for at in range(part.start, part.end)}
        states = state_phrases().find(tokens)
        self.states = {at for part in states for at in range(part.start, part.end)}
        self.normals = {part.start for part in states if "normal" in part.meaning.values()}
        self.size_ends = {part.end for part in self.modifiers.quantities} | {part.end for part in words.changes}
        self.size_ends |= {part.end for part in words.levels}
        self.sized = {part.start for part in self.modifiers.quantities}
        self.inner = {at for mention in self.mentions for at in range(mention.start + 1, mention.end)}
        self.named = {at for mention in self.mentions for at in range(*mention.names)}

    def is_adjective(self, at: int) -> bool:
        """Whether a word that no table knows can stand in front of a name ("nonobstructing", "lateral")."""
        word = self.tokens[at].text.lower()
        known = at in self.named or at in self.rank or at in self.anatomy or at in self.states or self.is_cue(at)
        is_free = not known and word not in _goes_on() and len(word) > _SHORT
        return is_free and (word.endswith(_ADJECTIVAL) or word.startswith("non"))

    def is_cue(self, at: int) -> bool:
        """Whether the word asserts or denies."""
        return any(cue.start <= at < cue.end for cue in self.cues)

    def is_joined(self, at: int) -> bool:
        """Whether the word before token `at` leads on to it, or nothing stands before it."""
        if at == 0:
            return True
        before = self.tokens[at - 1].norm
        return (
            before in _goes_on()
            or (before.endswith("ing") and at - 1 not in self.named)
            or any(cue.end == at and cue.meaning.kind != "stop" for cue in self.cues if cue.meaning.scope != "after")
        )

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


def _is_told(tokens: Sequence[Token], size: Quantity) -> bool:
    """Whether a size is told of what stands before it: "nodule eight millimeters", not "eight millimeter nodule"."""
    return tokens[size.end - 1].text.lower().endswith("meters")


def _starts(said: _Sentence) -> list[int]:
    """The tokens at which a statement begins, save the first."""
    found: set[int] = set()
    for at in sorted({*_denials(said), *_led_by_level(said)}):
        if not said.is_joined(at) and at not in said.inner and _has_content(said, at, found):
            found.add(at)
    for mention in said.mentions:
        start = _heading_start(said, _doubt_start(said, _phrase_start(said, mention)))
        is_bare = start == mention.names[0] and start not in said.rank and not said.tokens[start].has_article
        if is_bare and not _is_told_of(said, mention):
            continue
        if said.is_joined(start) or start in said.inner or not _has_content(said, start, found):
            continue
        if not _is_denied_list(said, start, mention, found):
            found.add(start)
    return sorted(found | _told_of_places(said) | _led_by_article(said))


def _is_told_of(said: _Sentence, mention: Mention) -> bool:
    """Whether more than a name is said, behind it: "heart normal", "nodule eight millimeters"."""
    return mention.is_state or mention.finding_class == "normal_anatomy" or mention.names[1] in said.sized


def _doubt_start(said: _Sentence, at: int) -> int:
    """The word of doubt that stands before a phrase: "possible early appendicitis"."""
    return at - 1 if at > 0 and said.tokens[at - 1].norm in _DOUBTS else at


def _led_by_article(said: _Sentence) -> set[int]:
    """An article behind a finished phrase begins another: "hydronephrosis the appendix is normal"."""
    found = set[int]()
    for at, token in enumerate(said.tokens):
        is_end = at > 0 and (
            at - 1 in said.named or at - 1 in said.rank or at - 1 in said.states or at in said.size_ends
        )
        is_new = token.has_article and is_end and at not in said.inner and not said.is_joined(at)
        if is_new and _has_content(said, at, found):
            found.add(at)
    return found


def _denials(said: _Sentence) -> Iterator[int]:
    for cue in said.cues:
        words = " ".join(token.norm for token in said.tokens[cue.start : cue.end])
        is_article_before = said.tokens[cue.start].has_article  # "a no obstructing stone": misheard, no denial
        is_denial = cue.meaning.kind == "negation" and cue.meaning.scope == "before" and not is_article_before
        if is_denial and f"{words} ".startswith(_OPENERS):
            yield _heading_start(said, cue.start)
        elif cue.meaning.kind == "stop" and said.tokens[cue.start].norm == "there":
            yield cue.start


def _heading_start(said: _Sentence, at: int) -> int:
    """Where the bare structure begins that a denial is told of: "right kidney no hydronephrosis"."""
    start = at
    organs = {at for part in said.structures if part.meaning.organ != "whole" for at in range(part.start, part.end)}
    while start > 0 and start - 1 in organs and start - 1 not in said.named:
        start -= 1
    if start == at:
        is_free = at > 1 and at - 1 not in said.named and at - 1 not in said.rank and at - 1 not in said.states
        if not is_free or said.rank.get(at - 2) != _SIDE:
            return at
        start = at - 2  # "left leg no stenosis"
    while start > 0 and (said.rank.get(start - 1) == _SIDE or said.is_adjective(start - 1)):
        start -= 1
    return start if not said.is_joined(start) or start == 0 else at


def _led_by_level(said: _Sentence) -> Iterator[int]:
    """ "l three four mild bulge l four five severe stenosis": where the first level leads, every one does."""
    levels = said.modifiers.levels
    if not levels or not said.mentions or levels[0].start > 0:
        return
    for level in levels[1:]:
        if level.start - 1 not in said.rank:
            yield level.start


def _phrase_start(said: _Sentence, mention: Mention) -> int:
    """The first word of the phrase that names a mention: its side, size, grade and place stand before it."""
    at = mention.start if mention.leads else mention.names[0]
    begin, lowest = at, _PLACE
    while at > 0 and at - 1 not in said.named and not said.tokens[at].has_article:
        rank = said.rank.get(at - 1)
        if rank is None and said.is_adjective(at - 1):
            rank = lowest
        if rank is None or rank > lowest:
            break
        lowest, at = rank, at - 1
    if at > 0 and said.tokens[at - 1].norm in PREPOSITIONS:
        led = [(part.start, part.end) for part in said.modifiers.places]
        led += [(part.start, part.end) for part in said.modifiers.sides]
        for first, last in led:
            if first <= at < last or (first == at + 1 and at in said.rank):
                at = max(at, last)
    return min(max(at, 0), begin)


def _has_content(said: _Sentence, start: int, found: set[int]) -> bool:
    """Whether something has been said since the last start: a finding or a size, not just a heading."""
    low = max((begin for begin in found if begin < start), default=0)
    parts = (
        *(mention.names for mention in said.mentions),
        *((size.start, size.end) for size in said.modifiers.quantities),
    )
    return any(low <= first and last <= start for first, last in parts)


def _is_denied_list(said: _Sentence, start: int, mention: Mention, found: set[int]) -> bool:
    """Whether the finding goes on with a list of what is denied: it is bare, or an "or" is still to come."""
    low = max((begin for begin in found if begin <= start), default=0)
    denial = next((cue for cue in said.cues if cue.meaning.kind == "negation" and low <= cue.start < start), None)
    if denial is None or denial.meaning.scope != "before":
        return False
    between = [token.norm for token in said.tokens[denial.end : start]]
    is_told = mention.is_state or mention.is_normal or mention.names[1] in said.sized
    if VERBS.intersection(between) or is_told or mention.finding_class == "device":
        return False
    if said.is_choice(start):
        return True
    name = said.tokens[mention.names[0]].text.lower()
    if name.endswith("ed") and mention.names[1] - mention.names[0] == 1:
        return False  # "no effusion hyperinflated"
    narrowing, telling = set[int](), set[int]()
    for part in said.modifiers.qualifiers:
        (telling if part.meaning in _OLD else narrowing).update(range(part.start, part.end))
    own = range(start, mention.names[0])
    is_bare = all(at in narrowing or (at not in said.rank and at not in telling) for at in own)
    return is_bare and telling.isdisjoint(range(*mention.names))


def _told_of_places(said: _Sentence) -> set[int]:
    """Anatomy of which only a size or a state is said: "no stones cbd four millimeters bladder normal"."""
    denials = [cue.end for cue in said.cues if cue.meaning.kind == "negation"]
    found = set()
    structures = [(part.start, part.end, True) for part in said.structures]
    places = [(part.start, part.end, False) for part in said.modifiers.places]
    for at, end, is_structure in (*structures, *places):
        # the size behind a place is that of the finding before it, unless that is denied
        is_denied = any(0 < at - denial <= _DENIED_NAME for denial in denials)
        is_told = end in said.normals or (end in said.sized and (is_structure or is_denied))
        if not is_told or at in said.named or at in said.inner:
            continue
        start = at
        while start > 0 and said.rank.get(start - 1, -1) >= _SIDE:
            start -= 1
        if start > 0 and start - 1 in said.named:  # "nodule left upper lobe spleen twelve centimeters"
            start = at - 1 if said.rank.get(at - 1) == _SIDE else at
        if not said.is_joined(start):
            found.add(start)
    return found
