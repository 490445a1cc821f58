"""A planted error or a clean rewrite: what is heard, what is written, and what a good engine should say.

An error is planted in the host's written text as one `Edit`; everything else of the host stays as it is. In half of the
cases the dictation is the host itself ("plain"); in the other half the sentences around the planted one are said in
another order and in lightly other words ("reworded"), so that a plain text difference does not find the error alone.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

Span = tuple[int, int]
Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]  # old words, and what makes the new ones of them


@dataclass(frozen=True)
class Edit:
    """In one sentence, the words at [start, end) become `new`."""

    start: int
    end: int
    new: str

    def apply(self, sentence: str) -> str:
        """The sentence with the error in it."""
        return sentence[: self.start] + self.new + sentence[self.end :]


@dataclass(frozen=True)
class Case:
    """One pair of texts for an engine.

    `expected` are the kinds of card that name the error rightly, none for a clean case. `heard_words` and
    `written_words` are the [start, end) of what was changed, None where it is on one side only; `heard_place` and
    `written_place` are the sentences around them, None where the whole sentence is missing. `host` is the written text
    before the error. `region` is told of handwritten pairs only.
    """

    id: str
    kind: str
    origin: str
    report: str
    setting: str
    heard: str
    written: str
    host: str
    expected: tuple[str, ...] = ()
    heard_words: Span | None = None
    written_words: Span | None = None
    heard_place: Span | None = None
    written_place: Span | None = None
    order: tuple[tuple[str, str], ...] = ()
    region: str = ""

    @property
    def question(self) -> dict[str, object]:
        """The line that the engine reads."""
        line: dict[str, object] = {"id": self.id, "heard": self.heard, "written": self.written}
        return line | {"order": dict(self.order)} if self.order else line
