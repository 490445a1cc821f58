"""What every writer of reports can do."""

from collections.abc import Callable, Sequence
from threading import Event
from typing import Literal, Protocol

from dictation.exam import Order
from dictation.frozen import Frozen
from dictation.imaging import Study
from dictation.report.report import Report, Statement
from dictation.report.template import Template
from dictation.speech import Engine
from dictation.wording import Dictation

Style = Literal["keep", "polish"]  # the radiologist's words as they are, or in better grammar with the same facts
Told = Callable[[Statement], None]


class Correction(Frozen):
    """What an earlier report of a dictation made of some sentences, and what is wrong with it.

    `sentences` are ids of the dictation, `text` is what was written of them, `wrong` says what differs.
    """

    sentences: tuple[str, ...]
    text: str
    wrong: str


class ReportWriter(Protocol):
    """An engine that writes. A new engine is one file that satisfies this and one line in the registry."""

    @property
    def engine(self) -> Engine:
        """The record of this engine, known before anything is written."""
        ...

    @property
    def rewords(self) -> bool:
        """True where the writer may change words, so that what it wrote is checked and may be sent back to it."""
        ...

    def prepare(self, study: Study | None, order: Order | None = None, cancel: Event | None = None) -> None:
        """Read what can be read before the dictation ends, such as the image, so that `write` is sooner done.

        Optional, and the same again costs nothing. Raises what `write` raises.
        """
        ...

    def write(
        self,
        dictation: Dictation,
        *,
        order: Order | None = None,
        study: Study | None = None,
        template: Template | None = None,
        style: Style = "keep",
        corrections: Sequence[Correction] = (),
        cancel: Event | None = None,
        told: Told | None = None,
    ) -> Report:
        """Write the report of a dictation. A `template` given here is one that the radiologist chose.

        With `corrections` only their sentences are written, anew: the report holds nothing else. `told` is given each
        statement as it is finished; only the report says which of them stand, and with which ids.

        When `cancel` is set, raises Cancelled; an engine without a valid answer raises ModelError.
        """
        ...
