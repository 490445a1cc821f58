"""What was heard: words with their seconds, their confidence, and the engine that heard them."""

from typing import Any, Literal

from pydantic import Field

from dictation.frozen import Frozen


class Alternative(Frozen):
    """Another hearing of a word. `lexicon`: the heard form that a misheard-term correction replaced."""

    text: str
    probability: float | None = Field(default=None, ge=0, le=1)
    source: Literal["recognizer", "lexicon"]


class Word(Frozen):
    """One word as recognised. Seconds count from the start of its recording; typed text has none.

    `is_command`: True for a word that the recognizer marked as a spoken command ("{period}"), False where it marks
    commands and did not mark this one, None where it makes no difference between them.
    """

    text: str
    start_s: float | None = Field(default=None, ge=0)
    end_s: float | None = Field(default=None, ge=0)
    confidence: float | None = Field(default=None, ge=0, le=1)
    alternatives: tuple[Alternative, ...] = ()
    is_command: bool | None = None


class Engine(Frozen):
    """What is needed to get the same text again."""

    name: str
    model: str = ""
    revision: str = ""
    weights_sha256: str = ""
    precision: str = ""
    settings: dict[str, Any] = {}
    versions: dict[str, str] = {}


class Transcript(Frozen):
    """The words of one recording, in spoken form. `recording` is the id of the recording (SHA-256 of its bytes).

    `broken` is a sentence on why only its beginning was heard, empty where all was; it is one of `warnings` too.
    """

    recording: str
    words: tuple[Word, ...]
    engine: Engine
    duration_s: float = Field(ge=0)
    warnings: tuple[str, ...] = ()
    broken: str = ""

    @property
    def spoken(self) -> str:
        """The recognizer's words joined by single spaces."""
        return " ".join(word.text for word in self.words)
