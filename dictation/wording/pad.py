"""The one editable text of a dictation: dictated, typed and macro pieces, each tied to the words that it came from.

A pad never changes: every edit gives another one, so that undo is going back, and a draft can be saved at any moment.
"""

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any, Self

from pydantic import Field

from dictation.frozen import Frozen, Keeping
from dictation.speech.transcript import Transcript, Word
from dictation.wording import pad_corrections, pad_obeying, pad_reading, pad_spans, pad_stretch, pad_typing
from dictation.wording.pad_corrections import Correction
from dictation.wording.pad_pieces import Change, Origin, Piece, Tie, text_of
from dictation.wording.pad_spans import Span
from dictation.wording.pad_window import Stretch
from dictation.wording.said import Said
from dictation.wording.writing import Rules
from dictation.wording.written import Command, Dictation, Retraction

__all__ = ["Change", "Correction", "Origin", "Pad", "Piece", "Rules", "Span", "Tie"]

Place = int
"""A place in the text: how many of its characters (code points) stand before it."""


class Arrival(Frozen):
    """`count` words of the transcript number `take`, which came together, next after those that came before.

    `is_live`: a command is a whole utterance among them; an editing command inside one stays in the text.
    """

    take: int = Field(ge=0)
    count: int = Field(ge=0)
    is_live: bool = False


class Pad(Keeping):
    """The pieces in order of the text, and the words so far of each take, in the order in which the takes began.

    Words are numbered as they came, over all takes (`arrivals`): a number never changes. Each word stands in one place:
    tied to characters of one sentence, name or break; in `retracted`; or in `commands`. `given` counts the ids that
    sentences were given.
    """

    pieces: tuple[Piece, ...] = ()
    transcripts: tuple[Transcript, ...] = ()
    arrivals: tuple[Arrival, ...] = ()
    commands: tuple[Command, ...] = ()
    retracted: tuple[Retraction, ...] = ()
    given: int = 0
    stretch: Stretch | None = None

    def changed(self, **fields: Any) -> Self:
        """The pad with other fields, which are taken as they are."""
        kept = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_construct(**kept | fields)

    @cached_property
    def text(self) -> str:
        """The whole text, as it is edited."""
        return text_of(self.pieces)

    @cached_property
    def dictation(self) -> Dictation:
        """The sentences of the text, each with its section and the words that it rests on."""
        return pad_reading.dictation_of(self)

    @property
    def anchor(self) -> Place | None:
        """Where the next words of the open stretch go; None where a person typed since, or nothing was dictated."""
        return self.stretch.anchor if self.stretch else None

    def new_take(self, transcript: Transcript) -> Self:
        """The pad with one more take, whose words are still to come; as it is where it has a take of that recording.

        Raises ValueError where the transcript has words.
        """
        if transcript.words:
            raise ValueError("A new take has no words yet; give them with `dictated`.")
        if any(take.recording == transcript.recording for take in self.transcripts):
            return self
        return self.changed(transcripts=(*self.transcripts, transcript))

    def dictated(
        self, take: int | str, words: Sequence[Word], at: Place, rules: Rules | None = None, *, is_live: bool = False
    ) -> "Pad":
        """The pad with the words of a Final put in at a place, written as `rules` say.

        `take` is the number of the take or the id of its recording. Where `at` is the `anchor`, the words go on with
        those before, and what these were written as may change up to the last full stop. A place inside a word is
        taken for the word's end. An editing command inside them is obeyed, unless they were said live (`is_live`).
        Raises ValueError where there is no such take.
        """
        return pad_stretch.dictated(self, self.number_of(take), words, at, rules or Rules(), is_live=is_live)

    def replaced(self, start: Place, stop: Place, text: str, origin: Origin = "typed") -> "tuple[Pad, Change]":
        """The pad with characters [start, stop) replaced by others, and the change as it moves places.

        Words of which no letter is left are retracted ("typed over"). Raises InputError where the place is outside.
        """
        return pad_typing.replaced(self, start, stop, text, origin)

    def obeyed(
        self, said: Said, take: int | str, words: Sequence[Word], at: Place, rules: Rules | None = None
    ) -> "tuple[Pad, Place]":
        """The pad after a spoken command that concerns its text, and the place where dictation goes on.

        `words` are those of its utterance; they are kept with the command. What does not concern the text ("sign"),
        and what is refused, changes nothing else. The text of an "insert" is put in with `replaced`, an "undo" done
        with `back_to`. Raises ValueError where there is no such take.
        """
        return pad_obeying.obeyed(self, said, self.number_of(take), words, at, rules or Rules())

    def back_to(self, earlier: "Pad", command: str = "undo") -> "Pad":
        """The text of another state of this pad; words that it does not have are retracted, none is forgotten."""
        return pad_obeying.back_to(self, earlier, command)

    def spans(self) -> "tuple[Span, ...]":
        """What a page shows and plays: each tie, and what was typed between, in order of the text."""
        return pad_spans.spans(self)

    @property
    def corrections(self) -> tuple[Correction, ...]:
        """What a person typed for words that were heard otherwise; `pad_corrections.offers` learns from them."""
        return pad_corrections.corrections(self)

    def number_of(self, take: int | str) -> int:
        """The number of a take. Raises ValueError where there is no such take."""
        for number, transcript in enumerate(self.transcripts):
            if take in (number, transcript.recording):
                return number
        raise ValueError("The pad has no such take; begin it with `new_take`.")

    @property
    def count(self) -> int:
        """How many words were heard so far."""
        return sum(arrival.count for arrival in self.arrivals)

    @cached_property
    def _firsts(self) -> list[int]:
        """The number of the first word of each arrival."""
        return [0, *accumulate(arrival.count for arrival in self.arrivals)][:-1]

    @cached_property
    def _befores(self) -> list[int]:
        """How many words of its take came before each arrival."""
        counts = [0] * len(self.transcripts)
        found = []
        for arrival in self.arrivals:
            found.append(counts[arrival.take])
            counts[arrival.take] += arrival.count
        return found

    def take_of(self, number: int) -> int:
        """The take of a word."""
        return self.arrivals[bisect_right(self._firsts, number) - 1].take

    def is_live(self, number: int) -> bool:
        """Whether a word was said live."""
        return self.arrivals[bisect_right(self._firsts, number) - 1].is_live

    def word(self, number: int) -> Word:
        """The word of a number."""
        index = bisect_right(self._firsts, number) - 1
        return self.transcripts[self.arrivals[index].take].words[self._befores[index] + number - self._firsts[index]]

    def heard(self, numbers: Sequence[int]) -> str:
        """What was heard as these words."""
        return " ".join(self.word(number).text for number in numbers)

    def heard_words(self, take: int, words: Sequence[Word], *, is_live: bool = False) -> Self:
        """The pad with more words of a take, which have no place yet."""
        if not words:
            return self
        transcript = self.transcripts[take]
        ends = [word.end_s for word in words if word.end_s is not None]
        longer = transcript.model_copy(
            update={
                "words": (*transcript.words, *words),
                "duration_s": max([transcript.duration_s, *ends]),
            }
        )
        return self.changed(
            transcripts=(*self.transcripts[:take], longer, *self.transcripts[take + 1 :]),
            arrivals=(*self.arrivals, Arrival(take=take, count=len(words), is_live=is_live)),
        )
