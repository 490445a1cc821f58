"""A pad as a dictation: its sentences in order, each with its section and the words that its characters rest on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dictation.wording.pad_pieces import Origin, Piece, Tie, text_of, words_in
from dictation.wording.written import Command, Dictation, Link, Retraction, SectionName, Sentence, Separator

if TYPE_CHECKING:
    from dictation.wording.pad import Pad

WORDS = re.compile(r"\S+")


def dictation_of(pad: Pad) -> Dictation:
    """The pad as a dictation, in which each heard word stands in one place.

    Words of which a person changed the written form stand among the retracted: what is written is no longer theirs.
    """
    indexes = _indexes(pad)
    text = pad.text
    sentences: list[Sentence] = []
    commands = list(pad.commands)
    between: list[Piece] = []
    section: SectionName | None = None
    for offset, pieces in _groups(pad.pieces):
        if not pieces[0].sentence:
            between += pieces
            commands += _commands(pieces, text, offset)
            section = next((piece.section for piece in reversed(pieces) if piece.section), section)
            continue
        sentences.append(
            _sentence(
                pieces, text, offset, section, _starts(between, sentences[-1].text if sentences else "", text[offset])
            )
        )
        between = []
    placed = {word for sentence in sentences for link in sentence.alignment for word in link.words}
    placed.update(word for command in commands for word in command.words)
    retracted = [*pad.retracted, *_changed(pad, placed)]
    return Dictation(
        sentences=tuple(
            sentence.model_copy(
                update={
                    "alignment": tuple(
                        link.model_copy(update={"words": _mapped(link.words, indexes)}) for link in sentence.alignment
                    )
                }
            )
            for sentence in sentences
        )
        if indexes is not None
        else tuple(sentences),
        transcripts=pad.transcripts,
        commands=tuple(
            sorted(
                (c.model_copy(update={"words": _mapped(c.words, indexes)}) for c in commands if c.words),
                key=lambda command: command.words,
            )
        ),
        retracted=tuple(
            sorted(
                (r.model_copy(update={"words": _mapped(r.words, indexes)}) for r in retracted),
                key=lambda retraction: retraction.words,
            )
        ),
    )


def _indexes(pad: Pad) -> list[int] | None:
    """Word number → index in `Dictation.words`; None where they are the same, as with one take."""
    if len(pad.transcripts) < 2:
        return None
    firsts, count = [], 0
    for transcript in pad.transcripts:
        firsts.append(count)
        count += len(transcript.words)
    found: list[int] = []
    for arrival in pad.arrivals:
        found.extend(range(firsts[arrival.take], firsts[arrival.take] + arrival.count))
        firsts[arrival.take] += arrival.count
    return found


def _mapped(words: Sequence[int], indexes: Sequence[int] | None) -> tuple[int, ...]:
    return tuple(words) if indexes is None else tuple(sorted(indexes[word] for word in words))


def _groups(pieces: Sequence[Piece]) -> Iterator[tuple[int, list[Piece]]]:
    """Runs of pieces of one sentence, or of none, each with the place where it starts."""
    group: list[Piece] = []
    offset = start = 0
    for piece in pieces:
        if group and group[-1].sentence != piece.sentence:
            yield start, group
            group, start = [], offset
        group.append(piece)
        offset += len(piece.text)
    if group:
        yield start, group


def _commands(pieces: Sequence[Piece], text: str, offset: int) -> list[Command]:
    """The spoken headings and breaks that wrote what stands between sentences."""
    found: list[Command] = []
    for piece in pieces:
        for tie in piece.ties:
            if piece.section and not is_changed(text, offset, tie):
                found.append(Command(name="section", words=tie.words, argument=piece.section))
            elif not piece.text.strip():
                found.append(Command(name=f"new {'paragraph' if len(piece.text) > 1 else 'line'}", words=tie.words))
        offset += len(piece.text)
    return found


def _starts(between: Sequence[Piece], before: str, letter: str) -> Separator:
    """What separates a sentence that begins with `letter` from the one before, as `typed` reads it.

    A spoken break counts; else typed lines, but for the first below a section's name, and one that goes on in small
    letters.
    """
    lines = sum(len(piece.text) for piece in between if piece.ties and not piece.section)
    if not lines and before:
        named = max((index for index, piece in enumerate(between) if piece.section), default=-1)
        lines = text_of(between[named + 1 :]).count("\n")
        goes_on = named < 0 and letter.islower() and before[-1] not in ".?!:"
        lines = 0 if lines == 1 and (named >= 0 or goes_on) else lines
    return "space" if lines <= 0 else "line" if lines == 1 else "paragraph"


def _sentence(
    pieces: Sequence[Piece], text: str, offset: int, section: SectionName | None, starts: Separator
) -> Sentence:
    links: list[Link] = []
    whole = text_of(pieces)
    place = offset
    for piece in pieces:
        for tie in piece.ties:
            if not is_changed(text, place, tie):
                start, stop = tie.span[0] + place - offset, tie.span[1] + place - offset
                links.append(
                    Link(
                        span=(start, stop),
                        words=tie.words,
                        corrected=tie.corrected,
                        heard=tie.heard,
                        doubtful=tie.doubtful,
                    )
                )
        place += len(piece.text)
    if not (len(pieces) == 1 and pieces[0].is_whole):
        whole, links = _single_spaced(whole, links)
    return Sentence(
        id=pieces[0].sentence,
        text=whole,
        alignment=tuple(links),
        section=section,
        origin=_origin(pieces),
        starts=starts,
    )


def _single_spaced(text: str, links: Sequence[Link]) -> tuple[str, list[Link]]:
    """The text with white space as single spaces, and the links moved with it."""
    words = list(WORDS.finditer(text))
    befores = [word.start() for word in words]
    afters = []
    length = 0
    for word in words:
        afters.append(length)
        length += len(word.group()) + 1

    def moved(place: int) -> int:
        number = max(0, bisect_right(befores, place) - 1)
        return afters[number] + min(place - befores[number], len(words[number].group()))

    found = [
        link.model_copy(update={"span": (moved(link.span[0]), moved(link.span[1] - 1) + 1)})
        for link in links
        if text[slice(*link.span)].strip()
    ]
    return " ".join(word.group() for word in words), found


def _origin(pieces: Sequence[Piece]) -> Origin:
    """Where most of the words of a sentence come from; a word counts for the piece that it starts in."""
    counts: dict[Origin, int] = {"dictated": 0, "typed": 0, "macro": 0}
    is_inside = False
    for piece in pieces:
        for word in WORDS.finditer(piece.text):
            counts[piece.origin] += any(letter.isalnum() for letter in word.group()) and not (
                is_inside and word.start() == 0
            )
        is_inside = not piece.text[-1:].isspace()
    return max(counts, key=lambda origin: counts[origin]) if any(counts.values()) else pieces[0].origin


def is_changed(text: str, offset: int, tie: Tie) -> bool:
    """True where a person changed the written form of the tie's words: inside it, or by letters put against it."""
    start, stop = offset + tie.span[0], offset + tie.span[1]
    return tie.edited or _goes_on(text, start) or _goes_on(text, stop)


def _goes_on(text: str, at: int) -> bool:
    """True where a word or a number goes on across the place: "ab|normal", "5|.2"."""
    if not 0 < at < len(text):
        return False
    if text[at - 1].isalnum():
        return text[at].isalnum() or (text[at - 1].isdigit() and text[at] in ".," and text[at + 1 : at + 2].isdigit())
    return text[at - 1] in ".," and text[at].isdigit() and text[at - 2 : at - 1].isdigit()


def _changed(pad: Pad, placed: set[int]) -> list[Retraction]:
    """The words of which nothing is written any more as it was, one retraction for each tie."""
    found: list[Retraction] = []
    missing = (words_in(pad.pieces) - placed) - {word for r in pad.retracted for word in r.words}
    for piece in pad.pieces:
        for tie in piece.ties:
            words = tuple(sorted(missing.intersection(tie.words)))
            if words:
                missing -= set(words)
                found.append(Retraction(text=pad.heard(words), words=words, command="typed over"))
    return found
