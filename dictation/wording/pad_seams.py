"""Where dictated words meet the text around them: spaces, capitals, and full stops that would stand twice."""

from collections.abc import Sequence
from dataclasses import dataclass

from dictation.frozen import Frozen
from dictation.lexicon.english import is_ordinary
from dictation.wording.pad_pieces import Piece, text_of
from dictation.wording.pad_sentences import is_ended
from dictation.wording.pad_written import Begin
from dictation.wording.spacing import NO_SPACE_BEFORE
from dictation.wording.typed import goes_on
from dictation.wording.written import Command

STOPS = ".?!"
SPACES = " \t"
BULLETS = ("-", "*", "\u2022")
LABEL_WORDS = 4  # "Heart and mediastinum:" begins a sentence, a longer line that ends so introduces a list


class Seam(Frozen):
    """What a place stands in: whether inside a sentence, and whether that sentence goes on after it."""

    is_inside: bool = False
    goes_on: bool = False


@dataclass(frozen=True)
class Seamed:
    """What is put in at a place. The last `trailing` characters part it from what follows."""

    pieces: list[Piece]
    commands: list[Command]
    begins: tuple[Begin, ...]
    trailing: int


def seam_at(pieces: Sequence[Piece], at: int) -> tuple[Seam, int, int]:
    """What a place stands in, and where the spaces around it start and stop. No place is inside a word or a tie."""
    text = text_of(pieces)
    start = stop = _out_of_words(pieces, text, min(max(at, 0), len(text)))
    while start and text[start - 1] in SPACES:
        start -= 1
    while stop < len(text) and text[stop] in SPACES:
        stop += 1
    is_inside = _is_inside(pieces, text, start)
    return Seam(is_inside=is_inside, goes_on=is_inside and _goes_on(text[stop : stop + 80])), start, stop


def with_seams(
    pieces: list[Piece], commands: list[Command], begins: Sequence[Begin], *, left: str, right: str, seam: Seam
) -> Seamed:
    """The written pieces fitted to what follows."""
    following = right[:80].lstrip(SPACES)[:1]
    if pieces and pieces[-1].is_whole and pieces[-1].text[-1] in STOPS and following and following != "\n":
        is_guessed = _is_guessed(pieces[-1])
        if following in ".?!,;:)" or (seam.goes_on and is_guessed):
            pieces[-1], lost = _without_stop(pieces[-1])
            if lost:
                commands.append(Command(name="punctuation", words=lost, argument="."))
    last = text_of(pieces)[-1:] or left[-1:]
    needs_space = bool(right) and not right[0].isspace() and right[0] not in NO_SPACE_BEFORE
    trailing = int(needs_space and bool(last) and not last.isspace() and last != "(")
    if trailing:
        pieces.append(Piece(text=" "))
    return Seamed(pieces, commands, tuple(begins), trailing)


def _out_of_words(pieces: Sequence[Piece], text: str, at: int) -> int:
    offset = 0
    for piece in pieces:
        if offset < at < offset + len(piece.text):
            for tie in piece.ties:
                if offset + tie.span[0] < at < offset + tie.span[1]:
                    return offset + tie.span[1]
        offset += len(piece.text)
    while 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum():
        at += 1
    return at


def _is_inside(pieces: Sequence[Piece], text: str, at: int) -> bool:
    line = text[:at].rpartition("\n")[2].strip()
    if not line or line in BULLETS or _follows_name(pieces, at):
        return False
    if line.endswith(":"):
        return len(line.split()) > LABEL_WORDS
    return not is_ended(line) or goes_on(line)


def _follows_name(pieces: Sequence[Piece], at: int) -> bool:
    """True where the name of a section ends at the place."""
    offset = 0
    for piece in pieces:
        offset += len(piece.text)
        if offset >= at:
            return piece.section is not None and offset == at
    return False


def _goes_on(right: str) -> bool:
    """True where what follows a place inside a sentence belongs to that sentence."""
    line = right.partition("\n")[0].strip()
    if not line:
        return False
    word = line.split()[0]
    return not (word[0].isupper() and is_ordinary(word.lower().strip(",.;:")))


def is_guessed_at(pieces: Sequence[Piece], at: int) -> bool:
    """True where the sentence before a place is closed by a mark that nobody said or typed."""
    offset = 0
    for piece in pieces:
        offset += len(piece.text)
        if offset >= at:
            is_stop = offset == at and piece.text[-1] in STOPS
            return is_stop and piece.origin == "dictated" and bool(piece.ties) and _is_guessed(piece)
    return False


def _is_guessed(piece: Piece) -> bool:
    """True where the last mark was not said: its words wrote something else too, or it has none."""
    if not piece.ties or piece.ties[-1].span[1] - piece.ties[-1].span[0] != 1:
        return True
    others = {word for tie in piece.ties[:-1] for word in tie.words}
    return others.issuperset(piece.ties[-1].words)


def _without_stop(piece: Piece) -> tuple[Piece, tuple[int, ...]]:
    """The piece without its last mark, and the words that only that was written from."""
    ties = tuple(tie for tie in piece.ties if tie.span[1] < len(piece.text))
    kept = {word for tie in ties for word in tie.words}
    lost = tuple(sorted({word for tie in piece.ties for word in tie.words} - kept))
    return piece.model_copy(update={"text": piece.text[:-1], "ties": ties, "is_whole": False}), lost
