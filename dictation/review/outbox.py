"""The outbox: every signed version as a text file and a JSON file in a folder that other systems empty.

The audit trail says what has gone out; the folder is never asked, so what a reader took away does not come again. Both
files are written beside their place under a name of their own, then the trail notes that name, then they take their
place: the text first, the JSON file after it. Whoever is killed in between leaves files that the next look puts there
if the trail knows their name, and deletes if it knows another one of the same version.
"""

import errno
import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

from dictation.errors import DictationError
from dictation.exchange.outgoing import file_name, outgoing
from dictation.records import Records
from dictation.records.delivering import Deliveries, Due
from dictation.review.event_log import note
from dictation.review.failing import told

LOOK_S = 1.0  # between two looks for what was signed
FIRST_WAIT_S, LONGEST_WAIT_S = 2.0, 60.0  # between two trials of a folder that takes nothing
FILE_MODE = 0o640  # whoever takes the files is another user, of the folder's group
_STAGED = re.compile(r"\.(?P<case>[0-9a-f]{32})-(?P<number>\d{3,})\.(?P<file>[0-9a-f]{32})\.(?:txt|json)\.part")


class Outbox:
    """The outbox `folder` of these records. For one thread; several programs may share the folder."""

    def __init__(self, records: Records, folder: Path) -> None:
        self.folder = folder
        self._deliveries = Deliveries(records)

    def due(self) -> tuple[Due, ...]:
        """Return what is signed and not in the outbox yet, the oldest first."""
        return self._deliveries.due()

    def look(self) -> None:
        """Put there what is due. Raises DictationError for the first that could not be; the others were put there."""
        fault: DictationError | None = None
        waiting = self.due()
        try:
            self._finish()
            for due in waiting:
                try:
                    self._put(due)
                except DictationError as error:
                    fault = fault or error
            if waiting:  # what a killed program left of these is of no use now
                self._finish()
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            fix = "make room, or mend the folder or its rights (DICTATION_OUTBOX)"
            raise DictationError(f"{self.folder}: cannot be written ({why}); {fix}.") from error
        if fault is not None:
            raise fault

    def _put(self, due: Due) -> None:
        text, json = outgoing(*self._deliveries.version(due), due.sha256)
        file = uuid4().hex
        parts = _parts(self.folder, due.case, due.number, file)
        try:
            for part, content in zip(parts, (text, json), strict=True):
                _write(part, content)
            _force(self.folder)
        except OSError:
            _delete(parts)
            raise
        if self._deliveries.release(due, file):
            self._place(due.case, due.number, file)
        else:
            _delete(parts)

    def _place(self, case_id: str, number: int, file: str) -> None:
        for part in _parts(self.folder, case_id, number, file):
            with suppress(FileNotFoundError):  # another program, that found it here, was quicker
                part.replace(self.folder / f"{file_name(case_id, number)}{part.suffixes[-2]}")
        _force(self.folder)
        note("delivered", case=case_id, version=number)

    def _finish(self) -> None:
        """Put files there that a killed program left, where they are the ones that were to go out."""
        for path in list(self.folder.iterdir()):
            if (found := _STAGED.fullmatch(path.name)) is None:
                continue
            case_id, number, file = found["case"], int(found["number"]), found["file"]
            released = self._deliveries.released_as(case_id, number)
            if released == file:
                self._place(case_id, number, file)
            elif released is not None:
                _delete(_parts(self.folder, case_id, number, file))


class Sender:
    """Keeps an outbox filled in the background. `tell` is given a sentence while something is not there, then ""."""

    def __init__(self, outbox: Outbox, tell: Callable[[str], None]) -> None:
        self._outbox, self._tell = outbox, tell
        self._noted = ("", 0)
        """The kind of the last failure in the log, and how many waited; ("", 0): none since a look that went well."""
        self._ending = Event()
        self._thread = Thread(target=self._run, name="outbox", daemon=True)

    def begin(self) -> None:
        """Begin to look. What is signed from now on goes out; raises DictationError where the records say nothing."""
        self._outbox.due()
        self._thread.start()

    def end(self) -> None:
        """End, after what is being written."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _run(self) -> None:
        said, wait_s = "", LOOK_S
        while not self._ending.wait(wait_s if said else LOOK_S):
            sentence = self._looked()
            wait_s = min(LONGEST_WAIT_S, wait_s * 2) if sentence and said else FIRST_WAIT_S
            if sentence != said:
                said = sentence
                self._tell(sentence)
                if sentence:
                    sys.stderr.write(f"{sentence}\n")

    def _looked(self) -> str:
        """Look once; return what is wrong."""
        try:
            self._outbox.look()
        except DictationError as error:
            return self._failed(error, str(error))
        except Exception as error:  # the next look may find what is wrong gone
            return self._failed(error, told(error))
        self._noted = ("", 0)
        return ""

    def _failed(self, error: Exception, why: str) -> str:
        count = 0
        with suppress(Exception):
            count = len(self._outbox.due())
        cause = error.__cause__ or error
        if (failed := (type(cause).__name__, count)) != self._noted:
            self._noted = failed
            note("not delivered", error=failed[0], count=count)
        if not count:
            return why
        what = "report is" if count == 1 else "reports are"
        return f"{count} signed {what} not yet in the outbox, and will be put there. {why}"


def _parts(folder: Path, case_id: str, number: int, file: str) -> tuple[Path, Path]:
    """The text and the JSON file before they take their place."""
    name = f".{file_name(case_id, number)}.{file}"
    return folder / f"{name}.txt.part", folder / f"{name}.json.part"


def _write(path: Path, content: bytes) -> None:
    """Write a new file, for its owner and the folder's group, whatever the umask."""
    with path.open("xb") as file:
        with suppress(OSError):  # a share without permissions
            path.chmod(FILE_MODE)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _delete(paths: tuple[Path, ...]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _force(folder: Path) -> None:
    """Have the names on the disk too, where the system can: Windows and some shares cannot."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM):
            raise
