"""The text of an open case while somebody dictates and types in it: pad, places, what can be undone.

A place is where dictated words go in. Each counts from a second of a take on, because a person moves the cursor while
earlier words are still being heard.
"""

import time
from collections import deque
from collections.abc import Sequence
from copy import copy
from typing import Any, NamedTuple, Self

from dictation.case.draft import DictationPlace, Draft
from dictation.errors import UsageError
from dictation.speech import Engine, Transcript, Word
from dictation.speech.live import Partial
from dictation.wording import pad_scratching
from dictation.wording.pad import Change, Pad, Rules
from dictation.wording.said import Said
from dictation.wording.typed import LONGEST_TEXT
from dictation.wording.unended import lacks_stop

MOST_UNDONE = 100
MOST_CHANGES = 2000  # of the text, that a page may have missed before it is sent whole
MOST_PLACES = 20
MOST_KEPT = 50  # changes on disk: a page that was away has one of its own under way
_TOO_LONG = (
    f"The text of a case has at most {LONGEST_TEXT:,} characters; this was not put in. What is spoken is always taken."
)
TYPING_S = 1.0  # what is typed with shorter pauses is one step to undo


class Provisional(NamedTuple):
    """The words of the phrase that is being spoken: those that will hardly change, and the rest; where they go in."""

    stable: str
    rest: str
    at: int


class Filled(NamedTuple):
    """What a field of the report held before something was said into it, and after; "" is nothing."""

    field: str
    before: str
    after: str


class Step(NamedTuple):
    """A state of the text to go to, and the field that was filled between it and the next, where one was."""

    pad: Pad
    filled: Filled | None = None

    @classmethod
    def at(cls, pad: Pad, filled: Filled | None = None) -> Self:
        """A step to a state of the text, without what was worked out from it: a hundred steps would hold it all."""
        return cls(pad.changed(), filled)


class Dictating:
    """The pad of one case and what changes with it. Not safe for threads by itself: the open case has the lock."""

    def __init__(self, pad: Pad, version: int = 0) -> None:
        self.pad = pad
        self.version = version
        """How often the text of the case changed; places of earlier versions can be told."""
        self.provisional: Provisional | None = None
        self._places = [DictationPlace(at=len(pad.text))]
        self._changes: deque[Change] = deque(maxlen=MOST_CHANGES)
        self._past: deque[Step] = deque(maxlen=MOST_UNDONE)
        self._future: list[Step] = []
        self._typed_at_s = -TYPING_S
        self._spans: list[dict[str, Any]] = []
        self._spanned: Pad | None = None
        self.is_taken_back_whole = False
        """Whether a macro or a field was the last thing that came: "scratch that" takes back that step."""
        self.is_filled_by_hand = False
        """Whether a person filled a field by hand since one was filled by voice: a correction may mean that one."""

    @classmethod
    def of(cls, draft: Draft) -> Self:
        """Go on where a draft was left."""
        text = cls(draft.pad, draft.text_version)
        text._places = list(draft.places) or text._places
        text._changes.extend(draft.text_changes)
        return text

    @property
    def kept(self) -> dict[str, Any]:
        """What a draft keeps of it."""
        changes = tuple(self._changes)[-MOST_KEPT:]
        return {"pad": self.pad, "text_version": self.version, "text_changes": changes, "places": tuple(self._places)}

    def copy(self) -> Self:
        """As it is now, to go back to."""
        other = copy(self)
        other._places, other._future = list(self._places), list(self._future)
        other._changes, other._past = self._changes.copy(), self._past.copy()
        return other

    @property
    def spans(self) -> list[dict[str, Any]]:
        """The spans of the text, made once for each state of it."""
        if self._spanned is not self.pad:
            self._spans, self._spanned = [one.model_dump(exclude_defaults=True) for one in self.pad.spans()], self.pad
        return self._spans

    @property
    def anchor(self) -> int:
        """Where what is said now goes in."""
        return self._places[-1].at

    def changes_since(self, version: int) -> list[Change] | None:
        """Return the changes of the text since a version; None where they are not known any more."""
        missed = self.version - version
        return list(self._changes)[len(self._changes) - missed :] if 0 <= missed <= len(self._changes) else None

    def now(self, at: int, version: int) -> int:
        """Return where a place of an earlier version is now."""
        for change in self.changes_since(version) or ():
            at = change.moved(at)
        return min(at, len(self.pad.text))

    def begin(self, recording: str, engine: Engine, *, is_live: bool = True) -> None:
        """A recording begins, whose words are still to come. Not `is_live`: a command in a file takes back its own."""
        self.pad = self.pad.new_take(Transcript(recording=recording, words=(), engine=engine, duration_s=0))
        self.pad = self.pad if is_live else self.pad.changed(stretch=None)

    def typed(self, version: int, start: int, stop: int, text: str) -> None:
        """Take in what somebody wrote over [start, stop) of a version.

        Raises UsageError where the text would get too long. One that is, as it was spoken, may get shorter.
        """
        at_s = time.monotonic()
        is_step = at_s - self._typed_at_s >= TYPING_S or not self._past
        is_range = stop > start
        for change in self.changes_since(version) or ():
            stop = _before(change, stop) if is_range else change.moved(stop)  # what came in behind a range is not in it
            start = change.moved(start)
        end = len(self.pad.text)
        start = min(start, end)
        stop = max(start, min(stop, end))
        self._check_room(len(text) - (stop - start))
        pad, made = self.pad.replaced(start, stop, text)
        self.become(pad, made, is_step=is_step)
        self._typed_at_s = at_s

    def cursor(self, version: int, at: int, recording: str = "", from_s: float = 0.0) -> None:
        """What a recording says from `from_s` on goes in at `at` of a version."""
        self.move(self.now(at, version), recording, from_s)

    def move(self, at: int, recording: str = "", from_s: float = 0.0) -> None:
        """What is said next goes in at a place of the text as it is now."""
        if at == self.anchor:
            return
        earlier = [one for one in self._places if one.recording != recording or one.from_s < from_s]
        self._places = [*earlier, DictationPlace(recording=recording, from_s=from_s, at=at)][-MOST_PLACES:]

    def go_on(self, recording: str, from_s: float) -> None:
        """A recording goes on at a second: where a place was meant for a later one, its words go in there, too."""
        began = self.began
        if began.get(self._places[-1].recording, -1) > began.get(recording, -1):
            place = DictationPlace(recording=recording, from_s=from_s, at=self.anchor)
            self._places = [*self._places, place][-MOST_PLACES:]

    def place_of(self, recording: str, start_s: float) -> int:
        """Return where words that were said at a second of a recording go in."""
        return self._places[self._index(recording, start_s)].at

    def dictated(
        self,
        recording: str,
        start_s: float,
        words: Sequence[Word],
        rules: Rules,
        *,
        in_order: bool = True,
        is_live: bool = True,
    ) -> None:
        """Put the words of a final in at the place where they were said.

        Not `in_order`, as of an earlier recording: words that were said before them, or meanwhile, may still come.
        Not `is_live`, as of a file: an editing command inside them is obeyed.
        """
        index = self._index(recording, start_s)
        if in_order:
            del self._places[:index]
            index = 0
        self.become(self.pad.dictated(recording, words, self._places[index].at, rules, is_live=is_live))
        if self.pad.anchor is not None:
            self._places[index] = self._places[index].model_copy(update={"at": self.pad.anchor})

    def obey(self, said: Said, recording: str, start_s: float, words: Sequence[Word], rules: Rules) -> None:
        """Do to the text what was said as a command; its words are kept with it."""
        index = self._index(recording, start_s)
        del self._places[:index]
        pad, at = self.pad.obeyed(said, recording, words, self._places[0].at, rules)
        self.become(pad, is_step=pad.text != self.pad.text)
        self._places[0] = self._places[0].model_copy(update={"at": at})

    def note(self, recording: str, words: Sequence[Word], argument: str, filled: Filled, *, is_written: bool) -> None:
        """Keep words that went into a field; `is_written`: it is one of the text itself, written by the step before."""
        pad, _ = self.pad.obeyed(Said(name="fill", argument=argument), recording, words, self.anchor)
        self.become(pad, is_step=not is_written)
        self._past[-1] = self._past[-1]._replace(filled=filled)
        self.is_taken_back_whole, self.is_filled_by_hand = True, False

    @property
    def last_filled(self) -> Step | None:
        """The step before a field was filled by voice, where nothing came into the text since, nor into a field."""
        step = self._past[-1] if self._past and not self.is_filled_by_hand else None
        return step if step is not None and step.filled is not None else None

    def insert(self, text: str) -> None:
        """Put a macro in where the cursor is, apart from what stands before and after it.

        A whole sentence ends the one before it where that only lacks its stop: "Heart normal. There is a nodule."
        What is said next goes in behind it, or, where its findings are not its last section, at their end. Raises
        UsageError where the text would get too long.
        """
        self._check_room(len(text))
        at, whole = self.anchor, self.pad.text
        before = " " if at and not whole[at - 1].isspace() else ""
        start = at
        if not whole[at:].partition("\n")[0].strip() and lacks_stop(whole[:at], text):
            start, before = len(whole[:at].rstrip()), ". "
        after = " " if whole[at : at + 1].strip() else ""
        put = f"{before}{text}{after}"
        self.become(*self.pad.replaced(start, at, put, "macro"))
        self.is_taken_back_whole = True
        if (end := _end_of_findings(self.pad, start, start + len(put))) is not None:
            self.move(end)

    def _check_room(self, more: int) -> None:
        if more > 0 and len(self.pad.text) + more > LONGEST_TEXT:
            raise UsageError(_TOO_LONG)

    def take_back(self, recording: str, words: Sequence[Word]) -> Filled | None:
        """Take back the macro or the fill that came last, which was asked for by `words`; return what a field holds."""
        step = self._past[-1]
        before = self.pad.back_to(step.pad, pad_scratching.COMMAND)
        heard = before.heard_words(before.number_of(recording), words)
        spoken = pad_scratching.last_command(before, "fill" if step.filled else "insert")
        pad = pad_scratching.taken_back(heard, spoken, range(before.count, heard.count))
        filled = step.filled and Filled(step.filled.field, step.filled.after, step.filled.before)
        self.become(pad)
        self._past[-1] = self._past[-1]._replace(filled=filled)
        return filled

    def apart(self) -> None:
        """What is typed next is a step of its own."""
        self._typed_at_s = -TYPING_S

    def become(self, pad: Pad, change: Change | None = None, *, is_step: bool = True) -> None:
        """The text is another one, which can be undone; places move with it. `change` is what made it, where known."""
        if is_step:
            self._past.append(Step.at(self.pad))
        if is_step or pad.text != self.pad.text:  # words that were only kept leave what can be done again
            self._future.clear()
        self._turn(pad, change)

    def undo(self) -> Step | None:
        """Go back a step; what was heard since is kept as taken back. None where there is none."""
        if not self._past:
            return None
        step = self._past.pop()
        self._future.append(Step.at(self.pad, step.filled))
        self._turn(self.pad.back_to(step.pad, "undo"))
        return step

    def redo(self) -> Step | None:
        """Go forward again. None where there is nothing to go to."""
        if not self._future:
            return None
        step = self._future.pop()
        self._past.append(Step.at(self.pad, step.filled))
        self._turn(self.pad.back_to(step.pad, "redo"))
        return step

    def show(self, recording: str, partial: Partial) -> None:
        """Show what is being spoken."""
        words = [word.text for word in partial.words]
        start_s = partial.words[0].start_s if partial.words else None
        at = self.anchor if start_s is None else self.place_of(recording, start_s)
        stable, rest = " ".join(words[: partial.stable]), " ".join(words[partial.stable :])
        self.provisional = Provisional(stable, rest, at) if words else None

    def _turn(self, pad: Pad, change: Change | None = None) -> None:
        if pad.text != self.pad.text:
            change = change or Change.between(self.pad.text, pad.text)
            self._changes.append(change)
            self.version += 1
            end = len(pad.text)
            self._places = [one.model_copy(update={"at": min(change.moved(one.at), end)}) for one in self._places]
        self.pad = pad
        self.is_taken_back_whole = False
        self._typed_at_s = -TYPING_S  # what is typed after words that came, or after a step back, is a step of its own

    @property
    def heard_to(self) -> tuple[str, float]:
        """The recording that was begun last, and the second where its words end; "" where there is none."""
        last = self.pad.transcripts[-1] if self.pad.transcripts else None
        return (last.recording, last.duration_s) if last else ("", 0.0)

    @property
    def began(self) -> dict[str, int]:
        """The recordings, each with its number in the order in which they began."""
        return {take.recording: number for number, take in enumerate(self.pad.transcripts)}

    def _index(self, recording: str, start_s: float) -> int:
        """Which place counts at a second of a recording: the last one from before, of it or of an earlier one."""
        began = self.began
        now = began.get(recording, len(began)), start_s
        for index in range(len(self._places) - 1, 0, -1):
            place = self._places[index]
            if (began.get(place.recording, -1), place.from_s) <= now:
                return index
        return 0


def _end_of_findings(pad: Pad, start: int, stop: int) -> int | None:
    """Where the findings that begin in [start, stop) end, as another section begins there too; None where none does."""
    at, is_findings = 0, False
    for piece in pad.pieces:
        if piece.section and start <= at < stop:
            if is_findings and piece.section != "findings":
                return len(pad.text[:at].rstrip())
            is_findings = piece.section == "findings"
        at += len(piece.text)
    return None


def _before(change: Change, at: int) -> int:
    """Where a place is after a change that leaves it before what comes in there."""
    return at if at <= change.start else change.moved(at)
