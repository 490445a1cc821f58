"""The unit that the wording rules pass along: a piece of text and the heard words behind it.

Every rule is a function from tokens to tokens. A rule may merge, split, rewrite or drop tokens; it never loses the
link to the words, and what it drops it hands over as a Retraction or a Command.
"""

from dataclasses import dataclass, field
from typing import Literal

TokenKind = Literal["word", "number", "mark", "break", "section", "command"]


@dataclass(frozen=True)
class Token:
    """`text` as it would be written now; `words` index `Dictation.words`.

    `kind`: `word` (still open to every rule), `number` (a finished number, quantity, level, date or score that no later
    rule may touch), `mark` (punctuation), `break` (text "line" or "paragraph"), `section` (text is a section name),
    `command` (an editing command still to be obeyed).
    `guessed` marks punctuation that the recognizer guessed rather than heard; `corrected` a misheard term put right,
    of which `heard` is the form that was heard; `doubtful` a word that is none and stayed as heard; `is_command` is
    that of its word.
    """

    text: str
    words: tuple[int, ...] = field(default=())
    kind: TokenKind = "word"
    guessed: bool = False
    corrected: bool = False
    heard: str = ""
    doubtful: bool = False
    is_command: bool | None = None
