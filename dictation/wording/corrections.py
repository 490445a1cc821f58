"""Self-corrections inside a sentence: "left, correction, right lower lobe" -> "right lower lobe".

After a cue ("correction", "make that" …) the speaker says what was meant. What it replaces must be clear:
- a number by a number of its shape ("eight, make that 9 mm");
- the words before the cue from the nearest word of the same kind on, if what follows repeats their pattern to the end
  ("left lower lobe, correction, right lower lobe"; "8, make that 9 mm");
- just those words, if the correction ends there ("left lower lobe nodule, correction, right");
- the phrase from a repeated word on ("in the left lung, correction, in the left hilum");
- the noun and what qualifies it ("no effusion, correction, small effusion");
- a word by one that excludes it ("the ICA is patent, correction, occluded").
Where none or more than one fits, or it is not plain what is replaced (`unplain`), nothing is: both stay in the text and
are asked about. So do they around a "no" before a full stop ("Left effusion. No. Right effusion."), which may answer or
deny as well, and where what was denied is only said again ("no fracture, correction, fracture"): put in its place it
would be denied again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile

from dictation.lexicon.terms import category_of
from dictation.wording.casing import uncapitalised
from dictation.wording.clauses import has_verb
from dictation.wording.correction_cues import PLAIN_KINDS, REACH, SENTENCE, STOPS, Cue, cue_at, is_pause
from dictation.wording.denials import ARTICLES, is_grammar, is_of_denied_list, loses_finding, repeats_denied
from dictation.wording.kinds import is_adjective, is_modifier, kind_of, same
from dictation.wording.opposites import opposite_at
from dictation.wording.sizes import article_before, is_free, relabelled, size_start
from dictation.wording.spacing import joined, words_of
from dictation.wording.tokens import Token
from dictation.wording.unplain import is_unplain
from dictation.wording.written import Command, Retraction

ABBREVIATION = 5  # letters, at most
REPEAT_REACH = 8  # tokens that a repeated word may replace
TURNING = frozenset(("no", "wait"))  # the weak cues with which one contradicts oneself
WEAK_KINDS = ("side", "severity", "zone", "aspect", "count")
UNSAID_BY = {"no": ARTICLES, "without": ("with",)}  # "a small effusion, correction, no effusion"


@dataclass(frozen=True)
class Repair:
    """Tokens [start, stop) of what came before are replaced by the first `length` tokens of what follows the cue."""

    start: int
    stop: int
    length: int


def correct(tokens: Sequence[Token]) -> tuple[list[Token], list[Command], list[Retraction]]:
    """Return the tokens with clear self-corrections made, and what was taken back."""
    kept: list[Token] = []
    commands: list[Command] = []
    retracted: list[Retraction] = []
    position = 0
    while position < len(tokens):
        cue = cue_at(tokens, position)
        found = _repair(kept, tokens, cue) if cue and cue.may_obey else None
        if cue is None or found is None:
            after_cue = cue.stop if cue else position + 1  # "I'm sorry" is no "I'm" before a "sorry"
            kept += tokens[position:after_cue]
            position = after_cue
            continue
        repair, end, follow = found
        said = tokens[position : cue.stop]
        dropped = [*kept[end:], *tokens[cue.stop : follow]]
        removed = kept[repair.start : repair.stop]
        rest = kept[repair.stop : end]
        meant = list(tokens[follow : follow + repair.length])
        relabel = relabelled(removed, meant)
        if relabel:
            removed, meant = [relabel[0]], [relabel[1]]
        starts_sentence = repair.start == 0 or kept[repair.start - 1].kind in ("break", "section")
        if meant and not starts_sentence:
            meant[0] = uncapitalised(meant[0])
        if meant and removed and repair.start:
            kept[repair.start - 1] = article_before(kept[repair.start - 1], removed[0], meant[0])
        kept = [*kept[: repair.start], *meant, *rest]
        position = follow + repair.length
        spoken_marks = [token for token in dropped if not token.guessed]
        commands.append(Command(name="correct", words=words_of([*said, *spoken_marks]), argument=joined(said).lower()))
        retracted.append(Retraction(text=joined(removed), words=words_of(removed), command=joined(said).lower()))
    return kept, commands, retracted


def _repair(kept: Sequence[Token], tokens: Sequence[Token], cue: Cue) -> tuple[Repair, int, int] | None:
    """Return the repair, the end of the corrected text in `kept`, and where the meant words start in `tokens`."""
    first, end = _said_before(kept, len(kept))
    follow, stop = _said_after(tokens, cue.stop)
    start = max(first, end - REACH)
    old, new = kept[start:end], tokens[follow:stop]
    if not old or not new:
        return None
    if not cue.is_sure:
        repair = _by_weak_cue(old, new)
    else:
        repair = (
            _by_number(old, new)
            or _by_kind(old, new)
            or _by_article(old, new)
            or _by_repetition(old, new)
            or _by_noun(old, new)
            or _by_opposite(old, new)
        )
    if repair is None:
        return None
    repair = _with_end_again(repair, old, tokens[follow:])
    new = tokens[follow : max(stop, follow + repair.length)]
    repair = replace(repair, start=repair.start + start, stop=repair.stop + start)
    clause, at = kept[first:end], (repair.start - first, repair.stop - first)
    meant, rest = new[: repair.length], new[repair.length :]
    if "no" in cue.words and joined(meant).lower() == joined(clause[slice(*at)]).lower():
        return None  # "small effusion, wait, no, effusion": nothing is put right, unless the "no" denies it
    if repeats_denied(clause, *at, meant, rest) or is_of_denied_list(clause, *at, meant):
        return None
    if is_unplain(clause, *at, meant, rest):
        return None
    return repair, end, follow


def _with_end_again(repair: Repair, old: Sequence[Token], following: Sequence[Token]) -> Repair:
    """The repair with what was said behind both: "January 5, 2024, correction, January 6, 2024"."""
    end = [token.text.lower() for token in old[repair.stop :]]
    again = following[repair.length : repair.length + len(end)]
    if not end or end != [token.text.lower() for token in again]:
        return repair
    return Repair(repair.start, len(old), repair.length + len(end))


def _by_weak_cue(old: Sequence[Token], new: Sequence[Token]) -> Repair | None:
    repair = _whole_tail(old, new)
    return repair if repair is not None and _is_plain_swap(old[repair.start :], new) else _by_opposite(old, new)


def _said_before(tokens: Sequence[Token], end: int) -> tuple[int, int]:
    """Where the sentence begins that ends before the marks before `end`, and where it ends."""
    while is_pause(tokens, end - 1):
        end -= 1
    start = end
    while start and end - start < SENTENCE and not _closes(tokens[start - 1]):
        start -= 1
    return start, end


def _said_after(tokens: Sequence[Token], start: int) -> tuple[int, int]:
    """Where the words begin after the marks at `start`, and where they end: at a mark, a break or a cue."""
    while is_pause(tokens, start):
        start += 1
    stop = start
    while stop < len(tokens) and tokens[stop].kind in ("word", "number") and not cue_at(tokens, stop):
        stop += 1
    return start, stop


def standing_cues(tokens: Sequence[Token]) -> Iterator[tuple[int, int, int, int]]:
    """The cues that stand in a text with words on both sides.

    Each is the start of the sentence before the cue, the cue, and the start and end of the words after it, of which
    there are none where the text ends with a sure cue. Before one that begins the text nothing stands: what it puts
    right was said elsewhere; neither does before a "no" behind a label. After a "rather" or "that should be" these must
    begin with what was said before it, or say another side, size or the like.
    """
    index = 0
    while index < len(tokens):
        cue = cue_at(tokens, index)
        if cue is None:
            index += 1
            continue
        start, end = _said_before(tokens, index)
        if cue.is_sure and start == end:  # "Left effusion.\n\nCorrection, right effusion."
            start, end = _said_before(tokens, _before_breaks(tokens, index))
        if not cue.is_sure and any(token.text == ":" for token in tokens[end:index]):
            start = end  # "Brain: No, there is no hemorrhage.": a label is nothing that was said
        follow, stop = _said_after(tokens, cue.stop)
        old, new = tokens[start:end], tokens[follow:stop]
        is_first = not old and cue.is_sure and all(token.kind == "mark" for token in tokens[:index])
        if new and (is_first or (old and _is_told(cue, old, new))):
            yield (index if is_first else start), index, follow, stop
        elif (
            old
            and (cue.is_sure or _is_broken_off(tokens, cue))
            and (follow == len(tokens) or tokens[follow].kind in ("break", "section"))
        ):
            yield start, index, cue.stop, cue.stop
        index = cue.stop


def _is_told(cue: Cue, old: Sequence[Token], new: Sequence[Token]) -> bool:
    """Whether words around a cue are to be looked at: any of a sure one, and of another those that may be corrected."""
    if cue.is_sure or (
        cue.may_obey and (not TURNING.isdisjoint(cue.words) or any(_is(token, new[0]) for token in old))
    ):
        return True
    return _fits(cue, old, new)


def _fits(cue: Cue, old: Sequence[Token], new: Sequence[Token]) -> bool:
    """Whether words behind a cue fit in the place of those before it, or say another side, size or the like."""
    old = old[-REACH:]
    return _by_weak_cue(old, new) is not None or (not cue.is_ordinary and _says_other(old, new))


def is_meant(tokens: Sequence[Token], start: int, index: int, follow: int, stop: int) -> bool:
    """Whether a cue that stands in a text (see `standing_cues`) announces a correction.

    One that is not sure ("no", "rather", "no correction of") does so where the words behind it fit in the place of
    those before it, or say another side, size or the like; so does one before a colon and a sentence that speaks of
    something else ("Correction: the fracture is old.").
    """
    cue = cue_at(tokens, index)
    first, end = _said_before(tokens, index)
    old, new = tokens[max(first, start, end - REACH) : end], tokens[follow:stop]
    if cue is None:
        return False
    is_heading = any(token.text == ":" for token in tokens[cue.stop : follow]) and _is_of_something_else(old, new)
    is_cut_off = follow == stop and _is_broken_off(tokens, cue)
    return (cue.is_sure and not is_heading) or is_cut_off or (bool(old and new) and _fits(cue, old, new))


def _is_broken_off(tokens: Sequence[Token], cue: Cue) -> bool:
    """Whether a mark stands in it: "12 mm. No, correct" at the end of a recording, but not "No collection."."""
    return any(token.kind == "mark" for token in tokens[cue.start : cue.stop])


def _is_of_something_else(old: Sequence[Token], new: Sequence[Token]) -> bool:
    """Whether `new` is a sentence in which no word of `old` is said again but those of grammar."""
    words, said = ({token.text.lower() for token in tokens if not is_grammar(token)} for tokens in (new, old))
    return has_verb([token.text.lower() for token in new]) and words.isdisjoint(said)


def _before_breaks(tokens: Sequence[Token], index: int) -> int:
    """Where the words end that stand before the breaks before `index`."""
    while index and (tokens[index - 1].kind == "break" or is_pause(tokens, index - 1)):
        index -= 1
    return index


def _says_other(old: Sequence[Token], new: Sequence[Token]) -> bool:
    """Whether what follows a cue begins with a side, grade, place, size, unit or level that was another before it.

    Only words of grammar may stand before it: "rather, on the right", "wait, it is 13 mm".
    """
    meant = list(dropwhile(is_grammar, new))
    if len(meant) == 1 and _is_place(meant[0]) and _is_place(old[-1]):
        return not _is(old[-1], meant[0])  # "fracture of the radius, no, ulna"
    meant = meant[:2]
    has_unit = len(meant) > 1 and kind_of(meant[0]) == "#" and kind_of(meant[1]) == "unit"
    return any(_was_other(old, token) for token in (meant if has_unit else meant[:1]))


def _is_place(token: Token) -> bool:
    """Whether it names a part of the body, or is an abbreviation, as those of vessels are: "MCA"."""
    is_short = token.text.isalpha() and token.text.isupper() and len(token.text) <= ABBREVIATION
    return is_short or category_of(token.text) == "anatomy"


def _was_other(old: Sequence[Token], meant: Token) -> bool:
    kind = kind_of(meant)
    if kind is None or not (kind in (*PLAIN_KINDS, "unit") or "#" in kind):
        return False
    before = [token for token in old if kind_of(token) == kind]
    return bool(before) and all(not _is(token, meant) for token in before)


def _is_plain_swap(old: Sequence[Token], new: Sequence[Token]) -> bool:
    """True where the first word that differs is a side, grade, place or number: enough to trust a weak cue."""
    for before_cue, after_cue in zip(old, new, strict=False):
        if not _is(before_cue, after_cue):
            kind = kind_of(before_cue) or ""
            return kind in WEAK_KINDS or "#" in kind
    return False


def _closes(token: Token) -> bool:
    return token.kind in ("break", "section") or (token.kind == "mark" and token.text in STOPS)


def _run(old: Sequence[Token], start: int, new: Sequence[Token]) -> int:
    """How many tokens of `old` from `start` on and of `new` pair up, kind by kind."""
    length = 0
    while start + length < len(old) and length < len(new):
        index = start + length
        if not same(old[index], new[length], old[index - 1] if index else None):
            break
        length += 1
    return length


def _by_kind(old: Sequence[Token], new: Sequence[Token]) -> Repair | None:
    if kind_of(new[0]) is None and category_of(new[0].text) != "finding":
        return None
    repair = _whole_tail(old, new)
    if repair is not None:
        becomes_size = kind_of(old[repair.start]) == "#" != kind_of(new[0])
        return None if becomes_size and not is_free(old, repair.start) else _of_a_pair(old, new, repair)
    inside = [start for start in range(len(old)) if 0 < _run(old, start, new) == len(new)]
    if len(inside) != 1 or kind_of(old[inside[0]]) == "#" != kind_of(new[0]):
        return None
    rest = old[inside[0] + len(new) :]
    if is_adjective(new[0]) and has_verb([token.text.lower() for token in rest]):
        return None  # "the calcified mass is large, correction, necrotic": what is said last of it may be meant
    return Repair(inside[0], inside[0] + len(new), len(new))  # it ends where its pattern ends: those words alone


def _by_number(old: Sequence[Token], new: Sequence[Token]) -> Repair | None:
    """A spoken number gives way to a size of its shape, the value of a score to another value."""
    start = size_start(old, new[0])
    if start is not None:
        return Repair(start, len(old), 1)
    return Repair(len(old) - 1, len(old), 1) if relabelled(old, new) else None


def _of_a_pair(old: Sequence[Token], new: Sequence[Token], repair: Repair) -> Repair | None:
    """ "left and right, correction, left": the second of a pair, or both? Only "left only" says that it is both."""
    first = repair.start - 2
    if first < 0 or repair.length > 1 or old[first + 1].text.lower() not in ("and", "or"):
        return repair
    kind = kind_of(old[first])
    if kind is None or kind != kind_of(old[repair.start]):
        return repair
    is_alone = len(new) > 1 and new[1].text.lower() in ("only", "alone")
    return replace(repair, start=first) if is_alone else None


def _whole_tail(old: Sequence[Token], new: Sequence[Token]) -> Repair | None:
    """The farthest start from which `new` repeats the pattern of `old` to its end: "L4 on L5, correction, L5 on S1"."""
    found = [start for start in range(len(old) - 1, -1, -1) if 0 < _run(old, start, new) == len(old) - start]
    if not found:
        return None
    start = found[-1]
    return Repair(start, len(old), len(old) - start)


def _by_article(old: Sequence[Token], new: Sequence[Token]) -> Repair | None:
    """ "small effusion, correction, a moderate effusion": the article is new, the rest is of a kind."""
    if len(new) < 2 or new[0].text.lower() not in ARTICLES or any(_is(new[0], token) for token in old):
        return None
    repair = _by_kind(old, new[1:])
    if repair is None:
        return None
    has_article = repair.start > 0 and old[repair.start - 1].text.lower() in ARTICLES  # "a 9 mm, correction, an 8 mm"
    return replace(repair, start=repair.start - has_article, length=repair.length + 1)


def _by_repetition(old: Sequence[Token], new: Sequence[Token]) -> Repair | None:
    """The phrase from the nearest repetition of the first word on, or as much of it as was said again."""
    if kind_of(new[0]) is not None:
        return None
    for start in range(len(old) - 1, max(-1, len(old) - 1 - REPEAT_REACH), -1):
        if _is(old[start], new[0]):
            run = _run(old, start, new)
            if run < len(new) and loses_finding(old[start + run :], new, run):
                return None
            return Repair(start, start + run if run == len(new) else len(old), run)
    return None


def _by_noun(old: Sequence[Token], new: Sequence[Token]) -> Repair | None:
    """ "no effusion, correction, small effusion": same noun last, other qualifiers before it."""
    length = 0
    while length < len(new) and _qualifies(new[length]):
        length += 1
    if not length or length == len(new) or not _is(old[-1], new[length]):
        return None
    start = len(old) - 1
    while start and _qualifies(old[start - 1]):
        start -= 1
    if len(old) - 1 - start > length:  # more was said before than the correction speaks of: not clear
        return None
    if start and not _may_precede(old[start - 1]):
        return None  # "large pleural effusion, correction, no effusion": it qualifies the noun, too
    if start and old[start - 1].text.lower() in UNSAID_BY.get(new[0].text.lower(), ()):
        start -= 1
    return Repair(start, len(old), length + 1)


def _may_precede(token: Token) -> bool:
    """Whether a word, or the mark or count before a noun and what qualifies it, is no qualifier itself."""
    return token.kind == "mark" or kind_of(token) == "count" or is_grammar(token)


def _qualifies(token: Token) -> bool:
    return is_modifier(token) or is_adjective(token)


def _by_opposite(old: Sequence[Token], new: Sequence[Token]) -> Repair | None:
    """ "the ICA is patent, correction, occluded": only one of the two can hold."""
    start = opposite_at(old, new)
    return None if start is None else Repair(start, len(old), len(old) - start)


def _is(one: Token, other: Token) -> bool:
    return one.text.lower() == other.text.lower()
