"""What need not wait for the end of the dictation: the writer looks at the image, and the reader reads it blind.

It runs in a thread of its own as soon as the image of a case is known. Nothing that fails here disturbs the dictation:
a writer that could not look says so when it writes, and of a reader that could not read the reading says why.
"""

import sys
import traceback
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

import numpy as np

from dictation.errors import Cancelled, DictationError
from dictation.exam import Order
from dictation.imaging import Study
from dictation.reading import ImageReader, Reading
from dictation.reading.looking import look, unread
from dictation.report import ReportWriter

ALLOWED = ("modality", "body_part", "procedure", "age", "sex", "birth_date", "performed")  # dates give the age
STOPPED = "The reading of the image was stopped; the recording is kept."
WATCH_S = 0.05  # between two looks at `cancel` while a reading is waited for


@dataclass
class _Look:
    """One look at one study. `order` is what a reader may know of it."""

    study: Study
    order: Order
    cancel: Event = field(default_factory=Event)
    done: Event = field(default_factory=Event)
    readings: tuple[Reading, ...] = ()


class Ahead:
    """Looks at the image of one case at a time; another image, or an order for another exam, ends the look before."""

    def __init__(self, writer: ReportWriter, eye: ImageReader | None) -> None:
        self._writer, self._eye = writer, eye
        self._look: _Look | None = None
        self._lock = Lock()

    def begin(self, study: Study | None, order: Order | None, cancel: Event | None = None) -> None:
        """Begin to look at a study; what is being looked at goes on, None ends it.

        Raises Cancelled where `cancel` is set, and changes nothing.
        """
        self._begun(study, order, cancel)

    def readings(self, study: Study | None, order: Order | None, cancel: Event) -> tuple[Reading, ...]:
        """Wait for the reading of a study and return it; none without a study or a reader. Raises Cancelled."""
        look = self._begun(study, order, cancel)
        if look is None or self._eye is None:
            return ()
        while not look.done.wait(WATCH_S):
            if cancel.is_set():
                break
        if cancel.is_set() or look.cancel.is_set():
            raise Cancelled(STOPPED)
        return look.readings

    def is_reading(self) -> bool:
        """Tell whether somebody would have to wait for a reading."""
        look = self._look
        return self._eye is not None and look is not None and not look.done.is_set()

    def _begun(self, study: Study | None, order: Order | None, cancel: Event | None) -> _Look | None:
        known = Order(**{name: getattr(order, name) for name in ALLOWED}) if order else Order()
        with self._lock:
            if cancel is not None and cancel.is_set():  # a newer comparison may look at another image already
                raise Cancelled(STOPPED)
            before = self._look
            if before and study is not None and _is_same(before.study, study) and before.order == known:
                return before
            if before:
                before.cancel.set()
            self._look = _Look(study, known) if study is not None and (self._eye or self._writer.rewords) else None
            if self._look:
                Thread(target=self._run, args=(self._look,), name="look", daemon=True).start()
            return self._look

    def _run(self, begun: _Look) -> None:
        try:
            self._prepare(begun)
            if self._eye is not None:
                begun.readings = (self._read(self._eye, begun),)
        except Cancelled:
            begun.cancel.set()
        finally:
            begun.done.set()

    def _prepare(self, begun: _Look) -> None:
        try:
            self._writer.prepare(begun.study, begun.order, begun.cancel)
        except Cancelled:
            raise
        except DictationError:
            return  # it will say so when it is to write
        except Exception as error:
            _told(error)

    def _read(self, eye: ImageReader, begun: _Look) -> Reading:
        try:
            return look(eye, begun.study, None, begun.order, begun.cancel)[0]
        except Cancelled:
            raise
        except DictationError as error:
            return unread(eye.engine.name, begun.study, str(error))
        except Exception as error:
            _told(error)
            return unread(eye.engine.name, begun.study, f"the program itself failed ({type(error).__name__})")


def _is_same(one: Study, other: Study) -> bool:
    """Tell whether two studies are one with the same images: another file can belong to the same study."""
    if one is other:
        return True
    pairs = zip(one.images, other.images, strict=False)
    is_as_long = len(one.images) == len(other.images)
    return one.id == other.id and is_as_long and all(np.array_equal(a.pixels, b.pixels) for a, b in pairs)


def _told(error: Exception) -> None:
    """Tell the terminal where the program failed, without the message: it may hold words."""
    sys.stderr.write("".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__name__}\n")
