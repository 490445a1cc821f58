"""Which characters of a pad are which sentence: what was dictated as it was written, all else as typed text is read.

A sentence keeps its id as long as a piece of it is left, so that an edit in one never renumbers another.
"""

from collections.abc import Sequence

from dictation.wording.pad_pieces import Piece, cut, is_mark, text_of, together, without_words
from dictation.wording.typed import find_headings, typed
from dictation.wording.written import SectionName

STOPS = ".?!"
CLOSING = ")]\"'\u201d\u2019"


def settled(pieces: Sequence[Piece], given: int) -> tuple[tuple[Piece, ...], int]:
    """Return the pieces cut at sentences and names and marked as such, and how many ids were given by then."""
    pieces = together(pieces)
    parts: list[tuple[list[Piece], bool]] = []  # the pieces of one sentence, a name, or between; whether a sentence
    region: list[Piece] = []
    for piece, stands in zip(pieces, _standing(pieces), strict=True):
        if not stands:
            region.append(piece)
            continue
        parts += _read(region)
        region = []
        parts.append(([piece], piece.section is None))
    parts += _read(region)
    return _named(parts, given)


def is_ended(text: str) -> bool:
    """True where a sentence that ends like `text` is closed: by a full stop, a question or an exclamation mark."""
    return text.rstrip(CLOSING)[-1:] in tuple(STOPS)


def _standing(pieces: Sequence[Piece]) -> list[bool]:
    """For each piece whether it is a whole sentence or name that nothing beside it belongs to."""
    found: list[bool] = []
    line = ""  # what stands before in the same line
    for index, piece in enumerate(pieces):
        is_begun = not line.strip() or is_ended(line.rstrip()) or (bool(index) and _before(pieces, index, found))
        found.append(piece.is_whole and is_begun and (piece.section is not None or _is_ended_at(pieces, index)))
        line = (line + piece.text)[-40:].rpartition("\n")[2]
    return found


def _before(pieces: Sequence[Piece], index: int, standing: Sequence[bool]) -> bool:
    """True where the next piece to the left that is not white space is a sentence or name that stands."""
    for number in range(index - 1, -1, -1):
        if pieces[number].text.strip():
            return standing[number]
    return True


def _is_ended_at(pieces: Sequence[Piece], index: int) -> bool:
    """True where the sentence of a piece ends with it: its own stop, or the end of the line."""
    following = ""
    for piece in pieces[index + 1 : index + 8]:
        following += piece.text
        if piece.text.strip() or "\n" in piece.text:
            break
    if is_ended(pieces[index].text):
        return not following or following[0].isspace()
    return not following.strip() or following.lstrip(" \t").startswith("\n")


def _read(region: Sequence[Piece]) -> list[tuple[list[Piece], bool]]:
    """Cut pieces as typed text is cut."""
    if not any(piece.text.strip() for piece in region):
        return [(list(region), False)]
    rest = [piece.model_copy(update={"section": None, "is_whole": False}) for piece in region]
    parts: list[tuple[list[Piece], bool]] = []
    offset = 0
    for start, stop, section, is_name in spans(text_of(rest)):
        between, rest = cut(rest, start - offset)
        inside, rest = cut(rest, stop - start)
        parts.append((between, False))
        if is_name:
            inside = [piece.model_copy(update={"section": section}) for piece in inside]
        parts.append((inside, not is_name))
        offset = stop
    return [*parts, (rest, False)]


def spans(text: str) -> list[tuple[int, int, SectionName | None, bool]]:
    """Start and stop of each sentence and each section's name in typed text, its section, whether it is a name."""
    names = find_headings(text)
    found: list[tuple[int, int, SectionName | None, bool]] = []
    at = 0
    for sentence in typed(text).sentences:
        at = _past_space(text, at)
        while names and names[0][0] <= at:
            found.append((*names.pop(0), True))
            at = _past_space(text, max(at, found[-1][1]))
        start = at
        for letter in sentence.text:
            if not letter.isspace():
                at = _past_space(text, at) + 1
        found.append((start, at, sentence.section, False))
    return [*found, *((*name, True) for name in names)]


def _past_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _named(parts: Sequence[tuple[list[Piece], bool]], given: int) -> tuple[tuple[Piece, ...], int]:
    """Give each sentence the first id among its pieces that no other has, else a new one."""
    taken: set[str] = set()
    found: list[Piece] = []
    for pieces, is_sentence in parts:
        pieces = [piece for piece in pieces if piece.text]
        if not pieces:
            continue
        id = ""
        if is_sentence:
            id = next((piece.sentence for piece in pieces if piece.sentence and piece.sentence not in taken), "")
            if not id:
                given += 1
                id = f"s{given}"
            taken.add(id)
        found += [piece if piece.sentence == id else piece.model_copy(update={"sentence": id}) for piece in pieces]
    return together(_at_home(found)), given


def _at_home(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with each word tied in one sentence: where a letter of it is ("effusion" of "effusion.").

    Only pieces of a sentence that was cut can share a word with another.
    """
    groups: list[int] = []
    homes: dict[int, tuple[bool, int]] = {}  # word → whether only a mark of it stands there, where
    for index, piece in enumerate(pieces):
        is_same = bool(index) and piece.sentence == pieces[index - 1].sentence
        groups.append(groups[-1] + (not is_same) if groups else 0)
        for tie in () if piece.is_whole else piece.ties:
            place = (is_mark(piece.text[slice(*tie.span)]), groups[-1])
            for word in tie.words:
                homes[word] = min(homes.get(word, place), place)
    return [
        piece
        if piece.is_whole or not piece.ties
        else without_words(piece, {word for tie in piece.ties for word in tie.words if homes[word][1] != group})
        for piece, group in zip(pieces, groups, strict=True)
    ]
