"""Spoken commands as they change a pad: nothing that was spoken is lost, the words of a command stay with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from dictation.speech.transcript import Word
from dictation.wording.pad_pieces import Change, Piece, Tie, words_in
from dictation.wording.pad_replacing import exchange
from dictation.wording.pad_scratching import kept, scratched
from dictation.wording.pad_seams import seam_at
from dictation.wording.pad_typing import put
from dictation.wording.sections import ORDER
from dictation.wording.spacing import NO_SPACE_BEFORE
from dictation.wording.writing import Rules
from dictation.wording.written import Command, Retraction, SectionName

if TYPE_CHECKING:
    from dictation.wording.pad import Pad
    from dictation.wording.said import Said


Kept = TypeVar("Kept", Command, Retraction)


def obeyed(pad: Pad, said: Said, take: int, words: Sequence[Word], at: int, rules: Rules) -> tuple[Pad, int]:
    """See `Pad.obeyed`."""
    first = pad.count
    heard = pad.heard_words(take, words)
    numbers = tuple(range(first, heard.count))
    if said.refusal:
        return _closed(kept(heard, "refused", numbers, said.name)), at
    if said.name == "scratch":
        return scratched(heard, numbers, at, rules) or (_closed(kept(heard, "refused", numbers, "scratch")), at)
    if said.name in ("new line", "new paragraph"):
        return _broken(heard, numbers, at, lines=1 if said.name == "new line" else 2)
    if said.name == "replace":
        return _exchanged(heard, said, numbers, at, rules)
    if said.name in ("spell", "literal"):
        return _as_said(heard, said, numbers, at)
    if said.name == "go to":
        return _gone(kept(heard, said.name, numbers, said.argument), said.argument)
    return _closed(kept(heard, said.name, numbers, said.argument)), at


def _closed(pad: Pad) -> Pad:
    """The pad after words that are no text: what is said next in one breath ("scratch that, no mass") means no text."""
    return pad.changed(stretch=None)


def back_to(pad: Pad, earlier: Pad, command: str) -> Pad:
    """See `Pad.back_to`."""
    placed = words_in(earlier.pieces)
    commands = [c.model_copy(update={"words": _free(c.words, placed)}) for c in (*earlier.commands, *pad.commands)]
    kept_commands, placed = _each_once(commands, placed)
    retracted = [r.model_copy(update={"words": _free(r.words, placed)}) for r in (*earlier.retracted, *pad.retracted)]
    kept_retracted, placed = _each_once(retracted, placed)
    rest = [number for number in range(pad.count) if number not in placed]
    kept_retracted += [Retraction(text=pad.heard(rest), words=tuple(rest), command=command)] if rest else []
    return earlier.changed(
        transcripts=pad.transcripts,
        arrivals=pad.arrivals,
        commands=tuple(kept_commands),
        retracted=tuple(kept_retracted),
        given=max(pad.given, earlier.given),
    )


def _free(words: Sequence[int], placed: set[int]) -> tuple[int, ...]:
    return tuple(word for word in words if word not in placed)


def _each_once(items: Sequence[Kept], placed: set[int]) -> tuple[list[Kept], set[int]]:
    kept: list[Kept] = []
    for item in items:
        words = _free(item.words, placed)
        placed = placed | set(words)
        kept += [item.model_copy(update={"words": words})] if words else []
    return kept, placed


def _broken(pad: Pad, numbers: tuple[int, ...], at: int, lines: int) -> tuple[Pad, int]:
    """Begin a new line or paragraph at the place."""
    _, start, stop = seam_at(pad.pieces, at)
    text = pad.text[:start]
    there = len(text) - len(text.rstrip("\n")) if text.strip("\n") else 2
    lines = max(1, lines - min(there, 1)) if text else 1
    tie = Tie(span=(0, lines), words=numbers)
    after = put(pad, start, stop, (Piece(text="\n" * lines, ties=(tie,) if numbers else ()),), "new line")
    return after, start + lines


def _exchanged(pad: Pad, said: Said, numbers: tuple[int, ...], at: int, rules: Rules) -> tuple[Pad, int]:
    """Put the new words for the one place of the last sentence before `at` where the old ones stand."""
    old = [pad.word(numbers[index]).text.strip(".,:;?!") for index in said.argument_words]
    new = tuple(numbers[index] for index in said.new_words)
    found = exchange(pad, at, old, [pad.word(number) for number in new], rules) if new else None
    if found is None or found.is_refused:
        return kept(pad, "refused", numbers, said.name), at
    start, stop, text, ties, _ = found
    is_unit = pad.text[:start].rstrip()[-1:].isdigit()
    if not is_unit and pad.text[start].isupper() and text[:1].islower() and pad.text[start + 1 : start + 2].islower():
        text = text[0].upper() + text[1:]
    tied = {word for tie in ties for word in tie.words}
    piece = Piece(
        text=text,
        ties=tuple(tie.model_copy(update={"words": tuple(new[word] for word in tie.words)}) for tie in ties),
    )
    written = {new[word] for word in tied}
    after = put(pad, start, stop, (piece,), "replace")
    after = kept(after, "replace", [number for number in numbers if number not in written], said.argument)
    return after, Change(start=start, stop=stop, length=len(text)).moved(at)


def _as_said(pad: Pad, said: Said, numbers: tuple[int, ...], at: int) -> tuple[Pad, int]:
    """Put in letters or words as they were said, tied to the words that said them."""
    words = tuple(numbers[index] for index in said.argument_words)
    _, start, stop = seam_at(pad.pieces, at)
    left, right = pad.text[:start], pad.text[stop:]
    before = " " if left and not left[-1].isspace() and left[-1] not in "(/" else ""
    after = " " if right and not right[0].isspace() and right[0] not in NO_SPACE_BEFORE else ""
    tie = Tie(span=(0, len(said.argument)), words=words)
    pieces = (Piece(text=before), Piece(text=said.argument, ties=(tie,)), Piece(text=after))
    changed = put(pad, start, stop, pieces, said.name)
    rest = [number for number in numbers if number not in words]
    return kept(changed, said.name, rest, said.argument), start + len(before) + len(said.argument)


def _gone(pad: Pad, place: str) -> tuple[Pad, int]:
    """The place that is named: the end of a section, which is begun where its name is not there yet."""
    if place in ("start", "end"):
        return pad.changed(stretch=None), 0 if place == "start" else len(pad.text)
    section = next(name for name in ORDER if name == place)
    names = _names(pad)
    if not any(name == section for _, _, name in names):
        pad, names = _with_section(pad, section, names)
    number = max(index for index, (_, _, name) in enumerate(names) if name == section)
    end = names[number + 1][0] if number + 1 < len(names) else len(pad.text)
    return pad.changed(stretch=None), max(names[number][1], len(pad.text[:end].rstrip()))


def _names(pad: Pad) -> list[tuple[int, int, SectionName]]:
    """Start, stop and section of each name of a section."""
    found: list[tuple[int, int, SectionName]] = []
    offset = 0
    for piece in pad.pieces:
        if piece.section and found and found[-1][1] == offset and found[-1][2] == piece.section:
            found[-1] = (found[-1][0], offset + len(piece.text), piece.section)
        elif piece.section:
            found.append((offset, offset + len(piece.text), piece.section))
        offset += len(piece.text)
    return found


def _with_section(
    pad: Pad, section: SectionName, names: Sequence[tuple[int, int, SectionName]]
) -> tuple[Pad, list[tuple[int, int, SectionName]]]:
    """The pad with a section's name where it belongs in a report: before the first that comes after it."""
    at = next((start for start, _, name in names if ORDER[name] > ORDER[section]), len(pad.text))
    text = pad.text[:at].rstrip()
    name = Piece(text=f"{section.capitalize()}:", section=section, is_whole=True)
    new = [Piece(text="\n\n"), name] if text else [name]
    new += [Piece(text="\n\n")] if pad.text[at:] else []
    after = put(pad, len(text), at, new, "go to")
    return after, _names(after)
