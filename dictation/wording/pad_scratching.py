"""Taking back the utterance that was said last, and never one before it: that is somebody's finding.

What was said last may be no text but a command, or words that filled a field. Then nothing is deleted, and a sentence
says so.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dictation.wording.editing import phrases
from dictation.wording.pad_pieces import Change, Tie, words_in
from dictation.wording.pad_stretch import rewritten
from dictation.wording.pad_typing import put
from dictation.wording.writing import Rules
from dictation.wording.written import Command, Retraction

if TYPE_CHECKING:
    from dictation.wording.pad import Pad

COMMAND = "scratch that"
NO_TEXT = "What was said last is a command and not text, so nothing was taken back."
_NOT_TEXT = {
    "fill": "What was said last filled a field that was left since; empty it there, nothing was taken back.",
    "insert": "What was inserted last was left since; take it out by hand, nothing was taken back.",
    "replace": "What was said last replaced words, so nothing was taken back; say “undo” to have them as before.",
    **dict.fromkeys(
        ("refused", "undo", "redo", "go to", "next field", "previous field", "stop", "sign", "next difference",
         "previous difference", "play"), NO_TEXT,
    ),
}  # fmt: skip
"""Command that leaves no text of its own → what is said where it is to be taken back."""
_LEFT = frozenset({"typed over", "undo", "redo", "replace", "go to"})
"""How words go that nobody took back by voice: an utterance of these is not looked behind."""


class Last(NamedTuple):
    """The words of the utterance that is taken back next; or none, and the reason in one sentence."""

    words: frozenset[int]
    refusal: str


def last_said(pad: Pad, at: int) -> Last:
    """The last utterance that is not taken back yet, where it is text that stands before the place."""
    names = {word: command.name for command in pad.commands for word in command.words}
    gone = {word for r in pad.retracted if r.command not in _LEFT for word in r.words}
    tied = words_in(pad.pieces)
    stop = pad.count
    for arrival in reversed(pad.arrivals):
        words = frozenset(range(stop - arrival.count, stop))
        stop -= arrival.count
        told = {names[word] for word in words if word in names}
        refusal = next((_NOT_TEXT[name] for name in _NOT_TEXT if name in told), "")
        if refusal:
            return Last(frozenset(), refusal)
        if words & tied:
            if _is_open(pad, words, at) or _before(pad, at, words):
                return Last(words, "")
            return Last(frozenset(), "What was said last does not stand before the cursor; nothing was taken back.")
        if not words <= gone | {word for word in words if names.get(word) in ("scratch", "retract")}:
            return Last(frozenset(), "What was said last is no longer in the text; nothing was taken back.")
    return Last(frozenset(), "Nothing was said that could be taken back.")


def scratched(pad: Pad, numbers: tuple[int, ...], at: int, rules: Rules) -> tuple[Pad, int] | None:
    """The pad, which has the words `numbers` of the command, without what `last_said`; None where that is nothing."""
    earlier = pad.changed(arrivals=pad.arrivals[:-1]) if numbers else pad
    last = last_said(earlier, at).words
    if not last:
        return None
    stretch = pad.stretch
    if stretch is not None and _is_open(pad, last, at):
        # what a command inside a file took back does not come again where that is taken back, too
        gone = {word for r in pad.retracted if r.command in phrases() for word in r.words}
        gone |= {word for command in pad.commands if command.name == "retract" for word in command.words}
        left = tuple(number for number in stretch.words if number not in last | gone)
        shorter = rewritten(pad, stretch, left, rules, said=set(), is_edit=True)
        return taken_back(shorter, sorted(last), numbers), shorter.anchor if shorter.anchor is not None else at
    found = _before(pad, at, last)
    if found is None:
        return None
    after = put(pad, *found, (), COMMAND)
    place = Change(start=found[0], stop=found[1], length=0).moved(at)
    return kept(after, "scratch", numbers), min(place, found[0])


def taken_back(pad: Pad, gone: Sequence[int], numbers: Sequence[int]) -> Pad:
    """The pad with the words `gone` retracted, and those of the command kept."""
    own = set(gone)
    commands = [c.model_copy(update={"words": _free(c.words, own)}) for c in pad.commands]
    retracted = [r.model_copy(update={"words": _free(r.words, own)}) for r in pad.retracted]
    words = (Retraction(text=pad.heard(gone), words=tuple(gone), command=COMMAND),) if gone else ()
    after = pad.changed(
        commands=tuple(c for c in commands if c.words), retracted=(*(r for r in retracted if r.words), *words)
    )
    return kept(after, "scratch", numbers)


def kept(pad: Pad, name: str, numbers: Sequence[int], argument: str = "") -> Pad:
    """The pad with the words kept as a command."""
    if not numbers:
        return pad
    return pad.changed(commands=(*pad.commands, Command(name=name, words=tuple(numbers), argument=argument)))


def last_command(pad: Pad, name: str) -> tuple[int, ...]:
    """The words of the last utterance where it is this command."""
    last = utterance(pad, pad.count - 1)
    return tuple(sorted(word for c in pad.commands if c.name == name for word in c.words if word in last))


def utterance(pad: Pad, number: int) -> frozenset[int]:
    """The numbers of the words that came together with this one."""
    first = 0
    for arrival in pad.arrivals:
        if number < first + arrival.count:
            return frozenset(range(first, first + arrival.count))
        first += arrival.count
    return frozenset()


def _free(words: Sequence[int], gone: Collection[int]) -> tuple[int, ...]:
    return tuple(word for word in words if word not in gone)


def _is_open(pad: Pad, words: frozenset[int], at: int) -> bool:
    """True where the words end the stretch that goes on at the place, and are all in it."""
    stretch = pad.stretch
    if stretch is None or stretch.anchor != at or not stretch.words:
        return False
    return stretch.words[-1] in words and words.issubset(stretch.words)


def _before(pad: Pad, at: int, last: frozenset[int]) -> tuple[int, int] | None:
    """Start and stop of what these words wrote just before the place; None where something else stands there."""
    ties: list[tuple[int, int, Tie]] = []
    offset = 0
    for piece in pad.pieces:
        if offset >= at:
            break
        ties += [(offset + tie.span[0], offset + tie.span[1], tie) for tie in piece.ties]
        offset += len(piece.text)
    ties = [tie for tie in ties if tie[1] <= at]
    if not ties or last.isdisjoint(ties[-1][2].words) or pad.text[ties[-1][1] : at].strip():
        return None
    start = reach = stop = ties[-1][1]
    for begin, end, tie in reversed(ties):  # a tie without words is a mark that the rules put in: "1."
        if pad.text[end:reach].strip() or (tie.words and last.isdisjoint(tie.words)):
            break
        start, reach = begin if tie.words else start, begin
    while start and pad.text[start - 1] in " \t":
        start -= 1
    return start, stop
