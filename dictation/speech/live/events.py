"""What a live session tells: provisional words, final words, and notices that a person must see."""

from typing import Literal

from pydantic import Field

from dictation.frozen import Frozen
from dictation.speech.transcript import Word


class Partial(Frozen):
    """The words of the open phrase as heard so far. Each replaces the one before.

    The first `stable` words were heard the same way three times in a row, with enough sound behind them: later partials
    of the phrase keep them, and they rarely change in its Final (benchmarks/results/live_hour.md says how often). The
    rest is provisional and is to be shown as such. Only a Final is certain.
    """

    phrase: int = Field(ge=0)
    words: tuple[Word, ...]
    stable: int = Field(ge=0)
    heard_until_s: float = Field(ge=0)


class Final(Frozen):
    """The words of a phrase, or of its part that is long past; they never change. Finals come in order of time."""

    phrase: int = Field(ge=0)
    words: tuple[Word, ...]
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    warnings: tuple[str, ...] = ()


class Notice(Frozen):
    """Something that a person must know, in one plain sentence that holds no dictated words.

    delay: words come later than usual · gap: sound did not arrive · level: too quiet or too loud · voice: another
    voice was left out · own: what was left out since `start_s` is heard after all · engine: a stretch could not be
    heard (its sound is in the journal).
    """

    kind: Literal["delay", "gap", "level", "voice", "own", "engine"]
    text: str
    start_s: float = Field(ge=0)
    end_s: float | None = None
    is_over: bool = False
    """Whether it says that what was told before is over."""


Event = Partial | Final | Notice
