"""How a self-correction is announced, whatever the recognizer made of it: "no, correction", "Uh. No. Correction,".

An announcement is a run of cues from `corrections.tsv`, with marks and sounds like "uh" between them: of one that is
spoken with pauses a recognizer makes several sentences, puts a full stop before it or behind it, or drops the comma of
"no, correction". All of it is one announcement, and is taken back with what it puts right.

Some that are heard so are none: "no correction of the scoliosis", "attenuation correction". What may be ordinary words
puts nothing right; it is asked about where the words behind it fit in the place of those before it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Literal

from dictation.lexicon import rows
from dictation.lexicon.critical import is_critical
from dictation.lexicon.terms import category_of
from dictation.wording.context import after, before, ends_with, starts_with
from dictation.wording.denials import is_grammar
from dictation.wording.kinds import LABELS, QUANTITY, kind_of
from dictation.wording.opposites import exclude
from dictation.wording.tokens import Token

Strength = Literal["strong", "weak", "doubtful", "misheard", "beside", "behind"]

STOPS = (".", "?", "!")
REACH = 15  # tokens before the cue that a correction may reach back to
DASHES = ("-", "--", "\u2013", "\u2014")
PLAIN_KINDS = ("side", "severity", "zone", "aspect")  # a word of these takes the place of another and of nothing else
FOLLOWING = 6  # words behind a doubtful cue in which a side, a number or a denial is looked for
SENTENCE = 100  # tokens before the cue in which a denial is looked for
NAMED = ("anatomy", "finding", "device", "procedure")
RESTATED = 3  # words that are said again with another one among them
MOST_PARTS = 12  # of one announcement: no text, however long, is read again at each of its words
_NO = "no"
_OPENING = frozenset({"there", "is", "are", "was", "a", "an", "the", "at", "findings"})
_HEADINGS = frozenset({"findings", "impression"})
_LEVEL = re.compile(r"[CTLS]\d", re.IGNORECASE)
_THE = (["the"], ["a"])
_SILENT = ("beside", "behind")  # they announce nothing by themselves
_OF_WHAT_FOLLOWS = ((_NO,), ("oh",), ("er",))


@dataclass(frozen=True)
class Cue:
    """An announcement of a correction: tokens [start, stop), and its `words` without marks.

    `is_sure`: whatever follows puts something right, and is asked about where nobody can tell what; another one does
    so only where the words around it fit. `may_obey`: what it puts right may be written; else it is only asked about.
    `is_ordinary`: it reads as ordinary words ("no correction of").
    """

    start: int
    stop: int
    words: tuple[str, ...]
    is_sure: bool
    may_obey: bool
    is_ordinary: bool = False


@dataclass(frozen=True)
class _Row:
    """One way to announce a correction, see the table."""

    phrase: tuple[str, ...]
    strength: Strength
    ordinary_before: str
    ordinary_after: str


@dataclass(frozen=True)
class _Part:
    """A row that is said at tokens [start, stop)."""

    row: _Row
    start: int
    stop: int


@cache
def _rows() -> dict[str, tuple[_Row, ...]]:
    """The rows by their first word, the longest first."""
    found: dict[str, list[_Row]] = {}
    told = [
        _Row(tuple(row["cue"].split()), strength, row["ordinary_before"], row["ordinary_after"])
        for row in rows("corrections")
        for strength in (("behind", "misheard") if row["strength"] == "either" else (row["strength"],))
    ]
    for row in [*told, *(_Row((row["word"],), "beside", "", "") for row in rows("hesitations"))]:
        found.setdefault(row.phrase[0], []).append(row)
    return {word: tuple(sorted(some, key=lambda row: -len(row.phrase))) for word, some in found.items()}


@cache
def first_word() -> re.Pattern[str]:
    """The first word of any announcement: a text without one has none."""
    first = [re.escape(word) for word in sorted({*_rows(), "not"})]
    return re.compile(rf"\b(?:{'|'.join(first)})\b", re.IGNORECASE)


def cue_at(tokens: Sequence[Token], start: int) -> Cue | None:
    """The announcement that begins with the token at `start`, None where none does.

    A weak cue without a mark on both sides is only asked about. A "no" that would end it without a mark is none of it,
    for it denies what follows ("correction, no effusion"); nor is "oh", a zero, or the receptor "ER".
    """
    if denied := _said_to_be_wrong(tokens, start):
        return denied
    parts = list(islice(_parts(tokens, start), MOST_PARTS))
    while len(parts) > 1 and parts[-1].row.phrase in _OF_WHAT_FOLLOWS and not is_pause(tokens, parts[-1].stop):
        if all(part.row.strength == "beside" for part in parts[:-1]) and (
            _is_all(tokens, parts[-1].stop) or _denies_a_place(tokens, start, parts[-1].stop)
        ):
            break  # "uh no 6.2 cm."
        parts.pop()
    if not parts:
        return None
    stop = parts[-1].stop
    words = tuple(part for token in tokens[start:stop] for part in _parts_of(token))
    if not any(part.row.strength not in _SILENT for part in parts):
        is_sure = _restates(tokens, start, stop)
        is_asked = is_sure or _is_hesitant(tokens, start, stop)
        return Cue(start, stop, words, is_sure=is_sure, may_obey=False) if is_asked else None
    strong = [part for part in parts if part.row.strength == "strong"]
    if strong:
        is_ordinary = all(_is_ordinary(tokens, part, parts) for part in strong)
        announcing = [part for part in parts if part.row.strength not in _SILENT]
        # "wait no effusion" may deny the effusion, and so may "correction, no, effusion"
        may_deny = words[-1] == _NO and (len(announcing) > 1 or not is_pause(tokens, stop))
        return Cue(start, stop, words, not is_ordinary, not is_ordinary and not may_deny, is_ordinary)
    if any(part.row.strength == "doubtful" for part in parts):
        return _doubtful(tokens, parts, Cue(start, stop, words, is_sure=False, may_obey=False, is_ordinary=True))
    is_apart = is_pause(tokens, start - 1) and is_pause(tokens, stop)
    is_misheard = any(part.row.strength == "misheard" for part in parts)
    is_no = [part.row.phrase for part in parts if part.row.strength != "beside"] == [(_NO,)]  # "um, no"
    if is_no and _restates(tokens, start, stop, only_number=True):
        return Cue(start, stop, words, is_sure=True, may_obey=False)  # "level two no level three"
    if is_no and not is_apart and _is_swapped(tokens, start, stop):
        return Cue(start, stop, words, is_sure=True, may_obey=False)
    if is_no and _denies_a_place(tokens, start, stop):
        return Cue(start, stop, words, is_sure=True, may_obey=False)
    is_between = _is_all(tokens, stop) or _is_graded(tokens, start, stop)
    begins = (is_pause(tokens, start - 1) or _is_led(tokens, start)) and _is_all(tokens, stop)  # "11. Should be 13."
    if not is_apart and ((is_misheard and not begins) or (is_no and not is_between)):
        return None
    if is_no and is_pause(tokens, stop) and tokens[stop].text == ".":
        return None  # it may answer, too: see `lone_no_doubts`
    return Cue(start, stop, words, is_sure=False, may_obey=is_apart and not is_misheard)


def announcement(tokens: Sequence[Token]) -> int:
    """Where the cues end with which tokens begin, whatever they are taken for elsewhere; 0 where there are none.

    Behind an answer nothing is ordinary speech, so that "no" by itself is one, too. Marks behind it are part of it.
    """
    parts = list(islice(_parts(tokens, 0), MOST_PARTS)) if tokens else []
    if not any(part.row.strength not in _SILENT for part in parts):
        return 0
    stop = parts[-1].stop
    while is_pause(tokens, stop):
        stop += 1
    only_misheard = all(part.row.strength in ("misheard", *_SILENT) for part in parts)
    return 0 if only_misheard and stop >= len(tokens) else stop


def announced(tokens: Sequence[Token]) -> frozenset[int]:
    """The indexes of all tokens of announcements."""
    found: set[int] = set()
    for index in range(len(tokens)):
        cue = None if index in found else cue_at(tokens, index)
        found.update(range(index, cue.stop) if cue else ())
    return frozenset(found)


def _said_to_be_wrong(tokens: Sequence[Token], start: int) -> Cue | None:
    """The "not left" that takes back a side, grade, place, size or level said before: "left, not left but right".

    One that begins a sentence takes back what the one before said: "Effusion on the right. Not the right, the left."
    """
    if start + 1 >= len(tokens) or _parts_of(tokens[start]) != ["not"]:
        return None
    at = start + 1 + (_parts_of(tokens[start + 1])[:1] in _THE and start + 2 < len(tokens))
    wrong, stop = tokens[at], at + 1
    kind = kind_of(wrong) or ""
    begins = start > 0 and tokens[start - 1].text in STOPS
    said = [token.text.lower() for token in tokens[max(0, start - REACH) : start - begins]]
    closed = max((place for place, text in enumerate(said) if text in STOPS), default=-1)
    if not ("#" in kind or kind in PLAIN_KINDS) or wrong.text.lower() not in said[closed + 1 :]:
        return None
    follows = _parts_of(tokens[stop]) if stop < len(tokens) else []
    if follows == ["but"]:
        stop += 1
    elif not is_pause(tokens, stop) and not (begins and follows[:1] in _THE):
        return None
    return Cue(start, stop, ("not",), is_sure=True, may_obey=False)


def _is_swapped(tokens: Sequence[Token], start: int, stop: int) -> bool:
    """Whether a "no" without marks stands between two sides or levels of one thing: "of the left no right radius".

    A finding on both sides of it may be denied with the second: "stenosis at L4-5 no L5-S1 stenosis".
    """
    at = stop + (stop < len(tokens) and _parts_of(tokens[stop])[:1] in _THE)
    if not start or at >= len(tokens):
        return False
    one, two = tokens[start - 1], tokens[at]
    kind = kind_of(one)
    is_level = all(_LEVEL.match(token.text) for token in (one, two))
    if one.text.lower() == two.text.lower() or not (is_level or (kind == "side" and kind == kind_of(two))):
        return False
    first = next((n + 1 for n in range(start - 1, -1, -1) if _closes(tokens[n])), 0)
    last = next((n for n in range(at, min(len(tokens), at + FOLLOWING)) if _closes(tokens[n])), at + FOLLOWING)
    before, behind = tokens[first : start - 1], tokens[at + 1 : last]
    if any(token.text.lower() == _NO for token in before):
        return False
    said = [token.text.lower() for token in before if token.text.lower() not in _OPENING]
    if not said:
        return True
    is_end = not behind or behind[0].text.lower() in ("on", "at", "in", "of", "level")
    if is_level:
        return is_end
    told_next = any(category_of(token.text) == "finding" for token in behind)
    return not told_next and said[-1:] in (["of"], ["in"], ["from"], ["within"])


def _closes(token: Token) -> bool:
    return token.kind in ("break", "section") or token.text in STOPS or token.text.lower() in _HEADINGS


def _is_all(tokens: Sequence[Token], start: int) -> bool:
    """Whether a side, grade, place, size or level is all that follows in the sentence: "on the left, no right."."""
    if start >= len(tokens):
        return False
    kind = kind_of(tokens[start]) or ""
    has_unit = start + 1 < len(tokens) and kind_of(tokens[start + 1]) == "unit"
    end = start + (2 if has_unit else 1)
    is_end = end >= len(tokens) or tokens[end].kind in ("break", "section") or tokens[end].text in STOPS
    is_figure = "#" in kind and (has_unit or any(map(str.isalpha, tokens[start].text)))
    return is_end and (is_figure or kind in (*PLAIN_KINDS, "unit"))


def _is_led(tokens: Sequence[Token], start: int) -> bool:
    """Whether a side, grade, size or level is all that stands before it in the sentence: "Right should be left."."""
    has_unit = start > 1 and kind_of(tokens[start - 1]) == "unit"
    at = start - (2 if has_unit else 1)
    return at >= 0 and (at == 0 or is_pause(tokens, at - 1)) and kind_of(tokens[at]) is not None


def _is_graded(tokens: Sequence[Token], start: int, stop: int) -> bool:
    """Whether a grade or a size stands right before and behind: "mild no moderate stenosis", "3 cm, no 4 cm mass".

    One that denies stands so before neither, but may before a side ("effusion on the left no right effusion"), and
    behind a comma before a grade ("the effusion is small, no large effusion").
    """
    is_joined = not is_pause(tokens, start - 1) or is_pause(tokens, stop + 1)
    while is_pause(tokens, start - 1):
        start -= 1
    if not start or stop >= len(tokens):
        return False
    one, two = kind_of(tokens[start - 1]) or "", kind_of(tokens[stop]) or ""
    if one == "unit" and stop + 1 < len(tokens):
        return kind_of(tokens[stop + 1]) == "unit" and two.startswith("#")
    return one == two and ((one == "severity" and is_joined) or QUANTITY.fullmatch(one) is not None)


def _is_hesitant(tokens: Sequence[Token], start: int, stop: int) -> bool:
    """Whether a side, grade or size behind a sound like "er" may put one right: "on the left er right".

    Without a mark more may follow it ("small er moderate effusion"); with one, that may be the next item of a list
    ("effusion on the left, uh, right kidney normal"). None does behind a word of grammar ("on the left and uh right").
    """
    is_joined = not is_pause(tokens, start - 1) and not is_pause(tokens, stop)
    while is_pause(tokens, start - 1) and tokens[start - 1].text not in STOPS:
        start -= 1
    while is_pause(tokens, stop) and tokens[stop].text not in STOPS:
        stop += 1
    if not start or stop >= len(tokens) or is_grammar(tokens[start - 1]):
        return False
    if _is_all(tokens, stop + (_parts_of(tokens[stop])[:1] in _THE)):
        return True
    are_sides = kind_of(tokens[start - 1]) == "side" == kind_of(tokens[stop])
    return is_joined and (are_sides or _is_graded(tokens, start, stop))


def _restates(tokens: Sequence[Token], start: int, stop: int, *, only_number: bool = False) -> bool:
    """Whether the words behind say those before again but for one, of which only one of both can hold.

    "right ureter er left ureter", "has decreased, er, increased". What is said again names something, else it may be
    the next item of a list: "left kidney normal um right kidney normal". `only_number`: "level two no level three".
    """
    while is_pause(tokens, start - 1) and tokens[start - 1].text not in STOPS:
        start -= 1
    while is_pause(tokens, stop) and tokens[stop].text not in STOPS:
        stop += 1
    for size in range(1, RESTATED + 1):
        old, new = tokens[max(0, start - size) : start], tokens[stop : stop + size]
        if len(old) < size or len(new) < size or any(token.kind not in ("word", "number") for token in (*old, *new)):
            return False
        others = [(a, b) for a, b in zip(old, new, strict=True) if a.text.lower() != b.text.lower()]
        again = [a for a, b in zip(old, new, strict=True) if a.text.lower() == b.text.lower()]
        if len(others) != 1 or not all(map(_is_name, again)):
            continue
        one, two = others[0]
        kind, other = ("count" if kind_of(token) == "#" else kind_of(token) for token in (one, two))
        if again and kind == other and kind is not None and ("#" in kind or kind == "count"):
            return True
        is_other = exclude(one.text.lower(), two.text.lower()) or (kind == other == "change")
        if not only_number and (is_other or (again and kind == other == "side")):
            return True
    return False


def _denies_a_place(tokens: Sequence[Token], start: int, stop: int) -> bool:
    """Whether a "no" denies but the place said before, on another side: "… left clavicle. Uh, no right clavicle."

    A place by itself cannot be denied, so it puts right.
    """
    while is_pause(tokens, start - 1):
        start -= 1
    stop += stop < len(tokens) and _parts_of(tokens[stop])[:1] in _THE
    for size in range(2, RESTATED + 1):
        old, new = tokens[max(0, start - size) : start], tokens[stop : stop + size]
        if len(old) < size or len(new) < size or not (stop + size >= len(tokens) or _closes(tokens[stop + size])):
            continue
        others = [(a, b) for a, b in zip(old, new, strict=True) if a.text.lower() != b.text.lower()]
        again = [a for a, b in zip(old, new, strict=True) if a.text.lower() == b.text.lower()]
        if len(others) == 1 and {kind_of(one) for one in others[0]} == {"side"}:
            return all(category_of(one.text.lower()) == "anatomy" for one in again)
    return False


def _is_name(token: Token) -> bool:
    """Whether a word names a finding, a structure or part of one, or what is counted ("level")."""
    word = token.text.lower()
    return word in LABELS or category_of(word) in NAMED or kind_of(token) == "part"


def is_pause(tokens: Sequence[Token], index: int) -> bool:
    """Whether a mark stands there, or a dash; no bracket."""
    if not 0 <= index < len(tokens):
        return False
    return (tokens[index].kind == "mark" and tokens[index].text not in "()") or tokens[index].text in DASHES


def _parts(tokens: Sequence[Token], start: int) -> Iterator[_Part]:
    """The rows that are said one after the other from `start` on, with nothing but marks between them."""
    at = start
    while part := _row_at(tokens, at, is_first=at == start):
        yield part
        at = part.stop
        while is_pause(tokens, at):
            at += 1


def _row_at(tokens: Sequence[Token], at: int, *, is_first: bool) -> _Part | None:
    first = _parts_of(tokens[at])[:1] if at < len(tokens) else []
    for row in _rows().get(first[0], ()) if first else ():
        stop = _stop_of(tokens, at, row)
        if not stop or (is_first and row.strength == "behind"):
            continue
        if row.strength == "weak" and (
            starts_with(after(tokens, stop), row.ordinary_after) or ends_with(before(tokens, at), row.ordinary_before)
        ):
            continue
        return _Part(row, at, stop)
    return None


def _stop_of(tokens: Sequence[Token], at: int, row: _Row) -> int:
    """Where the words of a row end that are said at `at`, 0 where they are not; one may pause between those of a cue.

    Not between those of one that may be ordinary words: "no, correction" is no "no correction".
    """
    start, left = at, list(row.phrase)
    while left:
        while at > start and row.strength == "strong" and is_pause(tokens, at):
            at += 1
        parts = _parts_of(tokens[at]) if at < len(tokens) else []
        if not parts or parts != left[: len(parts)]:
            return 0
        left = left[len(parts) :]
        at += 1
    denies = row.phrase[-1] == _NO and at - start > 1 and is_pause(tokens, at - 2) and not is_pause(tokens, at)
    return 0 if denies else at  # "no effusion, no, no pneumothorax"


def _parts_of(token: Token) -> list[str]:
    """The words of a token, which a hyphen may join ("no-correction"); "scratch that" is one token, too."""
    return token.text.lower().replace("-", " ").split() if token.kind == "word" else []


def _is_ordinary(tokens: Sequence[Token], part: _Part, parts: Sequence[_Part]) -> bool:
    """Whether the words around a cue make it ordinary speech; beside another cue they do not."""
    others = [one for one in parts if one is not part and one.row.strength not in _SILENT]
    if any(one.row.strength == "strong" for one in others):
        return False
    if ends_with(before(tokens, part.start if others else parts[0].start), part.row.ordinary_before):
        return True
    return part is parts[-1] and starts_with(after(tokens, part.stop), part.row.ordinary_after)


def _doubtful(tokens: Sequence[Token], parts: Sequence[_Part], cue: Cue) -> Cue:
    """An announcement that may be ordinary words: "No correction, 13 mm", "no correction of the kyphosis".

    It is sure where a mark ends it, or where a side, a number or a denial follows; not behind a word of grammar ("there
    is no correction"), before the row's own, or behind a sentence that speaks of what can be corrected.
    """
    part = next(part for part in parts if part.row.strength == "doubtful")
    if cue.start and tokens[cue.start - 1].kind == "word" and is_grammar(tokens[cue.start - 1]):
        return cue
    if starts_with(after(tokens, part.stop), part.row.ordinary_after):
        return cue
    if not (is_pause(tokens, cue.stop) or part is not parts[-1] or _is_critical_next(tokens, cue.stop)):
        return cue
    is_near = re.search(rf"(?<!\w)(?:{part.row.ordinary_before})(?!\w)", _sentence_before(tokens, cue.start))
    return cue if is_near else Cue(cue.start, cue.stop, cue.words, is_sure=True, may_obey=True)


def _sentence_before(tokens: Sequence[Token], end: int) -> str:
    while is_pause(tokens, end - 1):
        end -= 1
    start = end
    while (
        start and end - start < SENTENCE and tokens[start - 1].kind != "break" and tokens[start - 1].text not in STOPS
    ):
        start -= 1
    return " ".join(token.text.lower() for token in tokens[start:end])


def _is_critical_next(tokens: Sequence[Token], stop: int) -> bool:
    for token in tokens[stop : stop + FOLLOWING]:
        if token.kind not in ("word", "number"):
            return False
        if token.kind == "number" or is_critical(token.text) or kind_of(token) is not None:
            return True
    return False
