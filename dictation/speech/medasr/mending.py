"""Broken tokens of MedASR -> the one known token that each can be: "{next} para}graph}", "xt line}", "{peroid}".

Three ways, surest first, and each needs a brace or bracket, for no command is made of plain words:
- all the letters of a token, with its marks out of place;
- the head or tail of one token, with the mark of that end;
- a token between its marks, or begun by one, with letters lost, doubled or changed: at most one edit in EDIT_EVERY
  letters (one in all without the closing mark), and no token of another meaning within MARGIN more edits. Digits and
  critical words ("no", "left") are never edited away. "text line}" is not tried: its mark says where a token ends, not
  where it begins.

A command that takes text back ("{scratch that}") is never made of a broken token: it counts only whole.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from rapidfuzz.distance import OSA

from dictation.lexicon.critical import is_critical
from dictation.speech.medasr.token_names import PAIR, RETRACTION, Token, named, squeezed, tokens

MIN_FRAGMENT_LETTERS = 3
MAX_PARTS = 4  # of one broken token: "{next} para}graph}" has three
EDIT_EVERY = 5  # letters of a name: one edit in "comma", two in "indication", none in "Date"
MARGIN = 2  # edits
_PART = re.compile(r"[{\[]*+[^\s{}\[\]]++[}\]]*+|[{}\[\]]++")
_OPENING, _CLOSING = ("{", "["), ("}", "]")


def broken_tokens(text: str, is_settled: Sequence[bool]) -> Iterator[tuple[int, int, Token]]:
    """Yield [start, stop) and the token of each stretch around a stray brace or bracket that can only be that one.

    `is_settled`, one for each character of `text`: it belongs to a token already.
    """
    parts = [match.span() for match in _PART.finditer(text)]
    is_inside = _inside_pairs(text)
    index = 0
    while index < len(parts):
        stretches = _stretches(text, is_settled, is_inside, parts[index : index + MAX_PARTS])
        found = next(((count, token) for way in _WAYS for count, part in stretches if (token := way(part))), None)
        if found is None:
            index += 1
            continue
        count, token = found
        yield parts[index][0], parts[index + count - 1][1], token
        index += count


def snapped(part: str, brace: bool) -> Token | None:
    """The token that what stands in braces (or else brackets) misspells, None where none or several are near enough.

    None, too, where the nearest one takes text back.
    """
    name = squeezed(part)
    if any(character.isdecimal() for character in name):
        return None
    near: list[tuple[int, Token]] = []
    for letters, token in named(brace).items():
        furthest = len(letters) // EDIT_EVERY + MARGIN
        edits = OSA.distance(name, letters, score_cutoff=furthest - 1)
        if edits < furthest:
            near.append((edits, token))
    if not near:
        return None
    edits, best = min(near, key=lambda pair: pair[0])
    if edits > len(best.letters) // EDIT_EVERY or best.meaning == RETRACTION:
        return None
    if any(token.meaning != best.meaning and other - edits < MARGIN for other, token in near):
        return None
    kept, words = best.name.lower().split(), _words(part)
    if best.kind == "hidden" and len(words) > 1 and any(word not in best.letters for word in words):
        return None  # nothing of it would be left: "[ are essionalName]"
    return None if any(is_critical(word) and word not in kept for word in words) else best


def _inside_pairs(text: str) -> list[bool]:
    """For each character, and the end: a cut before it would part a pair that is no longer than a token."""
    is_inside = [False] * (len(text) + 1)
    for pair in PAIR.finditer(text):
        if pair.end() - pair.start() <= _longest_stretch():
            is_inside[pair.start() + 1 : pair.end()] = [True] * (pair.end() - pair.start() - 1)
    return is_inside


def _stretches(
    text: str, is_settled: Sequence[bool], is_inside: Sequence[bool], parts: Sequence[tuple[int, int]]
) -> list[tuple[int, str]]:
    """The stretches from the first part on that may be a token, longest first, each with its number of parts."""
    found: list[tuple[int, str]] = []
    start = parts[0][0]
    if is_inside[start]:
        return found
    for count, (_, stop) in enumerate(parts, 1):
        if stop - start > _longest_stretch() or any(is_settled[start:stop]):
            break
        stretch = text[start:stop].rstrip(".,:")
        is_marked = stretch.startswith(_OPENING) or stretch.endswith(_CLOSING)
        if is_marked and not is_inside[stop] and sum(map(str.isalpha, stretch)) >= MIN_FRAGMENT_LETTERS:
            found.insert(0, (count, stretch))
    return found


@cache
def _longest_stretch() -> int:
    """Characters that the longest token may take when it is broken: twice its letters, for spaces and marks."""
    return 2 * max(len(token.letters) for token in (*tokens(), *named(True).values(), *named(False).values()))


def _exact(part: str) -> Token | None:
    """All the letters of a token are there, and at least one of its marks, at either end."""
    left = squeezed(part)
    found = [token for token in _of_marks(part) if token.letters == left and _has_its_case(token, part)]
    return found[0] if len(found) == 1 else None


def _fragment(part: str) -> Token | None:
    """The head or tail of exactly one token, with the mark of that end and at least half of its letters."""
    opened, closed = part.startswith(_OPENING), part.endswith(_CLOSING)
    left = squeezed(part)
    if opened == closed or len(_marks(part)) != 1:
        return None
    found = [
        token
        for token in _of_marks(part)
        if (token.letters.startswith(left) if opened else token.letters.endswith(left))
        and left != token.letters
        and _has_its_case(token, part)
    ]
    return found[0] if len(found) == 1 and len(left) >= len(found[0].letters) / 2 else None


def _misspelt(part: str) -> Token | None:
    """A token with wrong letters between its marks, or with one wrong letter after its opening mark."""
    marks = _marks(part)
    if len(marks) != 1 or not part.startswith(_OPENING):
        return None
    token = snapped(part, brace=marks == {"{"})
    if token is None or token.kind == "hidden":
        return None
    return token if part.endswith(_CLOSING) or OSA.distance(squeezed(part), token.letters) == 1 else None


def _words(part: str) -> list[str]:
    return re.sub(r"[{}\[\]]", "", part).lower().split()


_WAYS = (_exact, _fragment, _misspelt)


def _marks(part: str) -> set[str]:
    """The kinds of mark in a part, each as its opening one."""
    return {"{" if character in "{}" else "[" for character in part if character in "{}[]"}


def _of_marks(part: str) -> list[Token]:
    """The known tokens that have a kind of mark that is in `part`."""
    marks = _marks(part)
    return [token for token in tokens() if ("{" if token.in_braces else "[") in marks]


def _has_its_case(token: Token, part: str) -> bool:
    """False for a placeholder in other letters: "date]" is a word of the speaker with a stray bracket."""
    return token.kind != "hidden" or re.sub(r"[\s{}\[\]]", "", part) in token.name
