"""Dictated without marks: "no effusion mild edema heart size normal" → where each of its three statements begins.

A recognizer that writes no punctuation leaves the reader to hear the stops. One is heard where a phrase with words of
its own in front ("mild edema", "no effusion", "left kidney normal") follows a finished one and nothing joins the two.
Words of a bare list stay together: "no effusion pneumothorax or consolidation" denies all three.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from dictation.findings.attributes import PREPOSITIONS
from dictation.findings.clause import VERBS
from dictation.findings.known import known_in
from dictation.findings.lexicon import placed_finding, rarely_denied, region_of
from dictation.findings.mention import Mention
from dictation.findings.other_subject import DESCRIBING
from dictation.findings.unmarked import ADJECTIVAL, PLACE, SHORT, SIDE, Unmarked, goes_on, is_told

_FEWEST = 3  # blanks between the words of two statements
_OPENERS = ("no ", "negative for")
_OLD = frozenset({"chronic", "calcified", "diffuse", "solid", "part_solid", "ground_glass"})  # nobody denies just these
_DOUBTS = frozenset({"possible", "probable", "possibly", "probably", "questionable", "suspected"})
_DENIED_NAME = 2  # words of a denied finding that may stand before the next place
_LEADING = ("ent", "ant", "ble", "ful", "ing")  # of words that lead to a name: "recurrent"
_DOUBTED = frozenset({"possible", "probable"})
_MAIN = frozenset({"main", "mainstem"})  # "in the right main bronchus"
_MARKS = frozenset(",;:()")
_HEADINGS = frozenset({"findings", "finding", "impression"})  # words of weight that no size is told of


@lru_cache(maxsize=2_000)
def statements_in(text: str) -> tuple[tuple[int, int], ...]:
    """Characters [start, end) of each statement of one sentence; the whole sentence where it holds only one."""
    if text.count(" ") < _FEWEST or not _MARKS.isdisjoint(text):
        return ((0, len(text)),)
    known = known_in(text)
    starts = [known.tokens[at].start for at in _starts(Unmarked(known))]
    bounds = [0, *(_with_article(text, start) for start in starts), len(text)]
    return tuple((low, high) for low, high in pairwise(bounds) if text[low:high].strip())


def phrase_starts(text: str) -> list[int]:
    """Where the phrases begin that name a finding, with the size, side and place in front: "5 mm left renal stone"."""
    said = Unmarked(known_in(text))
    starts = {_phrase_start(said, mention) for mention in said.mentions}
    return sorted(_with_article(text, said.tokens[at].start) for at in starts)


def _with_article(text: str, start: int) -> int:
    """The place of the article that stands before a word, else of the word."""
    before = text[:start].rstrip()
    for article in ("a", "an", "the"):
        if before.lower().endswith(f" {article}"):
            return len(before) - len(article)
    return start


def _starts(said: Unmarked) -> list[int]:
    """The tokens at which a statement begins, save the first."""
    found: set[int] = set()
    for at in sorted({*_denials(said), *_led_by_level(said)}):
        if not said.is_joined(at) and at not in said.inner and _has_content(said, at, found):
            found.add(at)
    for mention in said.mentions:
        start = _heading_start(said, _doubt_start(said, _phrase_start(said, mention)))
        is_bare = start == mention.names[0] and start not in said.rank and not said.tokens[start].has_article
        is_own = _is_told_of(said, mention) or _stands_out(said, start, mention, found)
        if is_bare and not is_own and not (_is_fact(mention) and _is_behind_denial(said, start)):
            continue
        has_content = _has_content(said, start, found) or _denies_unknown(said, start)
        if said.is_joined(start) or start in said.inner or not has_content:
            continue
        if not _is_denied_list(said, start, mention, found):
            found.add(start)
    found |= {at for at in _told_of_places(said) if _has_content(said, at, found)}
    found |= _led_by_article(said) | _second_sides(said, found)
    return sorted(found | _led_by_verb(said, found))


def _second_sides(said: Unmarked, found: set[int]) -> set[int]:
    """A side behind a side begins another statement: "mediastinum shifted right right lung small"."""
    sides = said.side_starts
    return {at for at in sides if at - 1 in sides and at not in said.inner and _has_content(said, at, found)}


def _is_told_of(said: Unmarked, mention: Mention) -> bool:
    """Whether more than a name is said, behind it: "heart normal", "nodule eight millimeters", "thymoma favored".

    So it is where the name is one of anatomy and its state ("stomach distended").
    """
    return (
        mention.is_state
        or (mention.finding_class == "device" and _is_placed(said, mention))
        or mention.finding_class == "normal_anatomy"
        or _is_sized(said, mention.names[1])
        or _is_anatomy_with_state(said, mention)
        or any(cue.start == mention.names[1] and cue.meaning.kind in _DOUBTED for cue in said.cues)
    )


def _is_placed(said: Unmarked, device: Mention) -> bool:
    """Whether it is told where a device lies: "port tip in the svc", but not "drain catheter in"."""
    behind = [token.norm for token in said.tokens[device.names[1] : device.names[1] + 1]]
    return device.names[0] - 1 not in said.named and behind in (["tip"], ["in"], ["at"])


def _is_sized(said: Unmarked, end: int) -> bool:
    """Whether a size follows: "nodule eight millimeters", "cysts up to six centimeters"."""
    words = [token.norm for token in said.tokens[end : end + 2]]
    return end in said.sized or (words == ["up", "to"] and end + 2 in said.sized)


def _is_anatomy_with_state(said: Unmarked, mention: Mention) -> bool:
    first, end = mention.names
    is_anatomy = first in said.anatomy or said.rank.get(first) == PLACE
    return is_anatomy and end - first > 1 and said.tokens[end - 1].text.lower().endswith(ADJECTIVAL)


def _is_fact(mention: Mention) -> bool:
    """Whether nobody would deny it in passing: an operation, a device, a finding of long standing."""
    return mention.finding_class in ("procedure", "device") or mention.finding in rarely_denied()


def _is_behind_denial(said: Unmarked, start: int) -> bool:
    return any(cue.meaning.kind == "negation" and cue.end <= start for cue in said.cues)


def _denies_unknown(said: Unmarked, start: int) -> bool:
    """Whether what is denied before the phrase is a thing that no table knows: "no fetus bilateral cysts"."""
    denials = [cue for cue in said.cues if cue.meaning.kind == "negation" and cue.end < start]
    is_marked = said.tokens[0].text[:1].isupper()  # "No patchy left base opacity" denies it
    if not denials or is_marked or said.is_cue(start - 1):
        return False
    words = range(denials[-1].end, start)
    is_led = said.rank.get(start) is not None and said.named.isdisjoint(words)
    return is_led and any(_is_unknown(said, at) for at in words)


def _is_unknown(said: Unmarked, at: int) -> bool:
    word = said.tokens[at].norm
    known = at in said.named or at in said.rank or at in said.anatomy or at in said.states or said.is_cue(at)
    is_plain = word in goes_on() or word in DESCRIBING or word.endswith(_LEADING)
    return not known and not is_plain and word.isalpha() and len(word) >= SHORT and not said.is_adjective(at)


def _doubt_start(said: Unmarked, at: int) -> int:
    """The word of doubt that stands before a phrase: "possible early appendicitis"."""
    return at - 1 if at > 0 and said.tokens[at - 1].norm in _DOUBTS else at


def _led_by_article(said: Unmarked) -> set[int]:
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


def _led_by_verb(said: Unmarked, found: set[int]) -> set[int]:
    """Anatomy and its verb behind a finished phrase begin another: "no free air bladder is decompressed"."""
    starts = set[int]()
    places = {part.start: part.end for part in said.structures}
    places |= {part.start: part.end for part in said.modifiers.places}
    for at, end in places.items():
        if end >= len(said.tokens) or said.tokens[end].norm not in VERBS:
            continue
        start = _subject_start(said, at, places)
        is_end = start - 1 in said.named or start - 1 in said.states or start in said.size_ends
        is_told = start > 1 and said.tokens[start - 2].norm in VERBS  # "liver is enlarged spleen is normal"
        is_end = is_end or is_told or said.rank.get(start - 1) == PLACE
        is_new = (is_told or start not in said.inner) and not said.is_joined(start)
        has_subject = is_told and any(before <= start - 3 for before in places)
        if is_end and is_new and (has_subject or _has_content(said, start, found | starts)):
            starts.add(start)
    return starts


def _subject_start(said: Unmarked, at: int, places: dict[int, int]) -> int:
    """Where the subject begins that ends with the anatomy at a token: "liver and left kidney are", "fifth rib is"."""
    at = next((one.start for one in said.modifiers.levels if one.end == at and " " in one.names[0]), at)  # "rib 5"
    while at > 0 and (said.rank.get(at - 1) == SIDE or _is_leading_position(said, at - 1)):
        at -= 1
    before = next((first for first, end in places.items() if end == at - 1 and said.tokens[end].norm == "and"), None)
    return at if before is None else _subject_start(said, before, places)


def _is_leading_position(said: Unmarked, at: int) -> bool:
    """Whether a word like "anterior" leads to what follows there: not in "the effusion is posterior heart is"."""
    is_position = any(
        (part.start, part.end) == (at, at + 1) and region_of(part.meaning.id) == "position"
        for part in said.modifiers.places
    )
    return is_position and at > 0 and said.tokens[at - 1].norm not in VERBS


def _denials(said: Unmarked) -> Iterator[int]:
    for cue in said.cues:
        words = " ".join(token.norm for token in said.tokens[cue.start : cue.end])
        is_article_before = said.tokens[cue.start].has_article  # "a no obstructing stone": misheard, no denial
        is_denial = cue.meaning.kind == "negation" and cue.meaning.scope == "before" and not is_article_before
        if is_denial and f"{words} ".startswith(_OPENERS):
            yield _heading_start(said, cue.start)
        elif cue.meaning.kind == "stop" and said.tokens[cue.start].norm == "there":
            yield cue.start


def _heading_start(said: Unmarked, at: int) -> int:
    """Where the bare structure begins that a denial is told of: "right kidney no hydronephrosis"."""
    start = at
    organs = {at for part in said.structures if part.meaning.organ != "whole" for at in range(part.start, part.end)}
    while start > 0 and start - 1 in organs and start - 1 not in said.named:
        start -= 1
    if start == at:
        is_free = at > 1 and at - 1 not in said.named and at - 1 not in said.rank and at - 1 not in said.states
        if not is_free or said.rank.get(at - 2) != SIDE:
            return at
        start = at - 2  # "left leg no stenosis"
    while start > 0 and (
        said.rank.get(start - 1) == SIDE or said.is_adjective(start - 1) or said.tokens[start - 1].norm in _MAIN
    ):
        start -= 1
    return start if not said.is_joined(start) or start == 0 else at


def _led_by_level(said: Unmarked) -> Iterator[int]:
    """ "l three four mild bulge l four five severe stenosis": where the first level leads, every one does."""
    levels = said.modifiers.levels
    if not levels or not said.mentions or levels[0].start > 0:
        return
    for level in levels[1:]:
        if level.start - 1 not in said.rank:
            yield level.start


def _phrase_start(said: Unmarked, mention: Mention) -> int:
    """The first word of the phrase that names a mention: its side, size, grade and place stand before it."""
    at = mention.start if mention.leads else mention.names[0]
    begin, lowest = at, PLACE
    while at > 0 and at - 1 not in said.named and not said.tokens[at].has_article:
        rank = said.rank.get(at - 1)
        if rank is None and said.is_adjective(at - 1):
            rank = lowest
        if rank is None or rank > lowest or {at - 1, at} <= said.side_starts:
            break
        lowest, at = rank, at - 1
    if at > 0 and said.tokens[at - 1].norm in PREPOSITIONS:
        led = [(part.start, part.end) for part in said.modifiers.places]
        led += [(part.start, part.end) for part in said.modifiers.sides]
        for first, last in led:
            if first <= at < last or (first == at + 1 and at in said.rank):
                at = max(at, last)
    return min(max(at, 0), begin)


def _has_content(said: Unmarked, start: int, found: set[int]) -> bool:
    """Whether something has been said since the last start: a finding or its size, not just a heading."""
    low = max((begin for begin in found if begin < start), default=0)
    if any(low <= mention.names[0] and mention.names[1] <= start for mention in said.mentions):
        return True
    told = [size for size in said.modifiers.quantities if size.measurement.kind != "distance"]  # "5 cm from the nipple"
    sizes = [size.start for size in told if low <= size.start and size.end <= start]
    return any(_is_subject(said, at) for at in range(low, max(sizes, default=low)))


def _is_subject(said: Unmarked, at: int) -> bool:
    """Whether a size behind the word may be told of it: "cbd four millimeters", but not "there is a 3 cm simple"."""
    word = said.tokens[at].norm
    is_bare = said.rank.get(at, PLACE) >= SIDE and word.isalpha() and word not in _HEADINGS
    return is_bare and word not in goes_on() and not said.is_cue(at)


def _is_denied_list(said: Unmarked, start: int, mention: Mention, found: set[int]) -> bool:
    """Whether the finding goes on with a list of what is denied: it is bare, or an "or" is still to come."""
    low = max((begin for begin in found if begin <= start), default=0)
    denial = next((cue for cue in said.cues if cue.meaning.kind == "negation" and low <= cue.start < start), None)
    if denial is None or denial.meaning.scope != "before":
        return False
    between = [token.norm for token in said.tokens[denial.end : start]]
    is_own = _is_told_of(said, mention) or _is_fact(mention) or _is_followed_up(said, mention)
    if VERBS.intersection(between) or mention.is_normal or is_own:
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


def _stands_out(said: Unmarked, start: int, mention: Mention, found: set[int]) -> bool:
    """Whether a bare name behind a denial is no part of it: a size or a course is told of it."""
    low = max((begin for begin in found if begin <= start), default=0)
    is_behind = any(cue.meaning.kind == "negation" and low <= cue.start < start for cue in said.cues)
    return is_behind and not said.is_choice(start) and _is_followed_up(said, mention)


def _is_followed_up(said: Unmarked, mention: Mention) -> bool:
    """Whether a size or a course is told of it, behind its place: "no fracture enchondroma in the humerus stable"."""
    following = next((other for other in said.mentions if other.names[0] >= mention.names[1]), None)
    end = len(said.tokens) if following is None else _phrase_start(said, following)
    parts = [(part.start, part.end) for part in said.modifiers.changes]
    parts += [(size.start, size.end) for size in said.modifiers.quantities if is_told(said.tokens, size)]
    return any(mention.names[1] <= start and last <= end for start, last in parts)


def _told_of_places(said: Unmarked) -> set[int]:
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
        while start > 0 and said.rank.get(start - 1, -1) >= SIDE:
            start -= 1
        if start > 0 and start - 1 in said.named:  # "nodule left upper lobe spleen twelve centimeters"
            start = at - 1 if said.rank.get(at - 1) == SIDE else at
        if not said.is_joined(start) and not (is_structure and _is_site_of_finding(said, start, at)):
            found.add(start)
    return found


def _is_site_of_finding(said: Unmarked, start: int, at: int) -> bool:
    """Whether the anatomy is where the finding right before it lies: "tear left supraspinatus eleven millimeters"."""
    sites = [part.meaning.id for part in said.modifiers.places if part.start == at]
    return any(
        mention.names[1] == start and placed_finding(mention.finding, sites) != mention.finding
        for mention in said.mentions
    ) and not any(part.start == at for part in said.structures if part.end in said.normals)
