"""The crash-safe journal of a capture: every block of sound is in a file before anything else happens to it.

A block is handed to the operating system before `append` returns, so that a killed process loses nothing that was
appended; once a second the file is forced onto the disk, for the day when the power fails. Sound is rounded to 16 bits
on its way in, and `append` and `read` give the rounded samples: text that was heard live can be heard again.
"""

import errno
import hashlib
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from types import TracebackType

import numpy as np

from dictation.audio import capture
from dictation.audio.capture import ENDING, HEADER_BYTES, LONGEST_BLOCK_S, LONGEST_S, RECORD_BYTES, Blocks, Header
from dictation.audio.held import is_held, try_hold
from dictation.audio.resample import SAMPLE_RATE
from dictation.audio.saving import Saving
from dictation.audio.with_capture import sound_of
from dictation.errors import DictationError, InputError, UsageError
from dictation.private import FILE_MODE, names_to_disk, private_folder

PROVISIONAL = ".given.part"  # ends the name of a capture until it is kept; a backup leaves it out
BLOCK_SAMPLES = SAMPLE_RATE // 4  # 0.25 s: what a crash of the sender may take along, and 4 writes a second
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class OtherSound(UsageError):
    """A block came again with other sound than is kept: what is kept stays, and the block is not acknowledged."""


class Journal:
    """A capture that is being written, and can be read meanwhile. Made by `create` or `open`; close it.

    Block n holds the samples from n times `block_samples` on: a block may be shorter, as the last one is, but not
    longer. Safe to use from several threads. Memory: 12 bytes a block.
    """

    def __init__(self, path: Path, descriptor: int, header: Header, blocks: Blocks, length: int) -> None:
        self.path = path
        self.warnings: tuple[str, ...] = ()
        """What `open` found to be damaged, and that the disk does not take what it was given; one sentence each."""
        self.unlocked: str | None = None
        """The sentence for a disk that knows no locks: two programs may write one capture there."""
        self.on_saved: Callable[[], None] = lambda: None
        """Called, from a thread of the journal, whenever more is forced onto the disk."""
        self._header, self._blocks, self._length = header, blocks, length
        self._descriptor: int | None = descriptor  # None while it rests
        self._reader = path.open("rb")
        self._lock = threading.Lock()
        self._reading = threading.Lock()
        self._is_closed = False
        self._is_marked = False  # the end mark is the last thing in the file
        self._saving = Saving(path, descriptor, self._not_saved, lambda: self.on_saved())
        if blocks.whole:  # the program that wrote them was killed before it could
            self._saving.wrote(blocks.whole)

    @classmethod
    def create(cls, folder: Path, *, block_samples: int = BLOCK_SAMPLES, provisional: bool = False) -> "Journal":
        """Begin a capture in `folder`, which is made where it is missing, for its owner alone.

        Its name tells the time, and nothing of the patient. A `provisional` one is nobody's until `keep`. Raises
        DictationError where the disk refuses it.
        """
        if not 1 <= block_samples <= LONGEST_BLOCK_S * SAMPLE_RATE:
            raise ValueError(f"block_samples is {block_samples}; a block lasts 1 sample to {LONGEST_BLOCK_S} s")
        session = uuid.uuid4()
        header = Header(SAMPLE_RATE, block_samples, session.bytes)
        path = folder / f"{datetime.now():%Y-%m-%d_%H-%M-%S}_{session.hex[:8]}{PROVISIONAL if provisional else ENDING}"
        try:
            private_folder(folder)
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | _BINARY, FILE_MODE)
            try:
                unlocked = _hold(descriptor, path)
                os.write(descriptor, header.packed())
                os.fsync(descriptor)
                names_to_disk(folder)
            except BaseException:
                os.close(descriptor)
                path.unlink()
                raise
        except OSError as error:
            raise _refused(folder, error) from error
        journal = cls(path, descriptor, header, Blocks(header), HEADER_BYTES)
        journal.unlocked = unlocked
        return journal

    @classmethod
    def open(cls, path: Path) -> "Journal":
        """Go on with a capture, as after a crash: what is torn off at its end is cut away, `warnings` tell of damage.

        Raises InputError where it is no capture or holds no header, UsageError where another program is writing it.
        """
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | _BINARY)
        except OSError as error:
            raise InputError(f"{path}: cannot be opened ({_reason(error)}); check the path and its rights.") from error
        try:
            unlocked = _hold(descriptor, path)
            with path.open("rb") as file:
                found = capture.scan(file, str(path))
            os.ftruncate(descriptor, found.intact_bytes)
            journal = cls(path, descriptor, found.header, found.blocks, found.intact_bytes)
            journal.unlocked, journal._is_marked = unlocked, found.is_finished
        except OSError as error:
            os.close(descriptor)
            raise _refused(path.parent, error) from error
        except BaseException:
            os.close(descriptor)
            raise
        if found.damaged:
            journal.warnings = (
                f"{path}: the file is damaged in {found.damaged} places; the sound there is lost and reads as silence.",
            )
        return journal

    @property
    def id(self) -> str:
        """The id of the session, random, in hexadecimal."""
        return self._header.session.hex()

    @property
    def block_samples(self) -> int:
        """Samples of a whole block."""
        return self._header.block_samples

    @property
    def samples(self) -> int:
        """Samples from the start to the end of the last block, gaps included."""
        with self._lock:
            return self._blocks.samples

    @property
    def duration_s(self) -> float:
        """The same in seconds."""
        return self.samples / SAMPLE_RATE

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """[start, stop) of each stretch of samples, before the end of the last block, that did not arrive (yet)."""
        with self._lock:
            return self._blocks.gaps()

    @property
    def taken_blocks(self) -> int:
        """All blocks below this number are in the file."""
        with self._lock:
            return self._blocks.whole

    @property
    def saved_blocks(self) -> int:
        """All blocks below this number are in the file, and the disk has confirmed that it holds them."""
        return self._saving.mark

    @property
    def is_finished(self) -> bool:
        """Whether the end mark is the last thing in the file."""
        with self._lock:
            return self._is_marked

    @property
    def ends(self) -> set[int]:
        """The numbers of the first blocks behind stretches of dictation: those noted, and behind short blocks."""
        with self._lock:
            return self._blocks.ends | {number + 1 for number in self._blocks.short()}

    def append(self, block_number: int, samples: np.ndarray) -> np.ndarray | None:
        """Write a block, in order or late, and return its samples as they are kept: rounded to 16 bits, float32.

        `samples` is 16 kHz mono float32 in [-1, 1], shape (n,). Returns None for a block that was written before, and
        for one without samples. Raises OtherSound where its number was written before with other sound, which stays,
        UsageError where the capture is closed or cannot hold such a block, DictationError where the disk refuses it:
        what was written before stays readable, and the same block may be appended again.
        """
        if len(samples) == 0:
            return None
        sound = capture.to_pcm(samples)
        with self._lock:
            if self._is_closed:
                raise UsageError(f"{self.path}: the capture is closed; open it again to go on.")
            self._go_on()
            if not self._blocks.is_possible(block_number, len(samples)):
                raise UsageError(
                    f"{self.path}: block {block_number} of {len(samples)} samples does not fit into a capture with "
                    f"blocks of {self.block_samples} samples and at most {LONGEST_S // 3600} hours; begin a new one."
                )
            content = capture.record(block_number, sound)
            if self._blocks.holds(block_number):
                if self._stored(block_number, len(content)) != content:
                    raise OtherSound(
                        f"Block {block_number} of this recording came again with other sound; what came first is kept."
                    )
                return None
            self._write(content)
            self._is_marked = False
            self._blocks.add(block_number, self._length - len(content), len(samples))
            self._saving.wrote(self._blocks.whole)
        return capture.from_pcm(sound)

    def note_end(self, block_number: int) -> None:
        """Write that a stretch of dictation ends before this block, which may still be on its way; once is enough.

        Where it cannot be written, that is one of the `warnings`. Raises UsageError where the capture is closed.
        """
        with self._lock:
            if self._is_closed:
                raise UsageError(f"{self.path}: the capture is closed; open it again to go on.")
            if block_number in self._blocks.ends or not self._blocks.is_end(block_number):
                return
            try:
                self._go_on()
                self._write(capture.stretch_end(block_number))
            except DictationError as error:
                self.warnings += (str(error),)
                return
            self._is_marked = False
            self._blocks.ends.add(block_number)
            self._saving.wrote(self._blocks.whole)

    def read(self, start_sample: int, stop_sample: int) -> np.ndarray:
        """Return samples [start, stop) as float32, as far as there are any; gaps are silence."""
        with self._lock:
            start, stop = max(0, start_sample), min(stop_sample, self._blocks.samples)
            places = list(self._blocks.within(start, stop)) if start < stop else []
        with self._reading, self._open_reader() as file:
            return sound_of(file, places, start, max(start, stop))

    def hashes(self, first: int, stop: int) -> dict[int, str]:
        """Return the SHA-256 of the sound of each block from `first` to before `stop` that is there, by its number.

        It is read back from the file: 16-bit little-endian, as the block was appended.
        """
        with self._lock:
            places = [
                (number, *self._blocks.place(number)) for number in range(first, stop) if self._blocks.holds(number)
            ]
        found = {}
        with self._reading, self._open_reader() as file:
            for number, at, count in places:
                file.seek(at)
                found[number] = hashlib.sha256(file.read(2 * count)).hexdigest()
        return found

    def recording_id(self) -> str:
        """Return the id that `Recording` gives this capture once it is finished: SHA-256 of its bytes then."""
        with self._reading, self._open_reader() as file:
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256")
        if not self._is_closed and not self._is_marked:
            digest.update(capture.end_mark())
        return digest.hexdigest()

    def finish(self) -> None:
        """Put the end mark, so that the capture is not listed as unfinished; it may go on behind it.

        Raises DictationError where the disk refuses it, UsageError where the capture is closed, or another program has
        gone on with it.
        """
        with self._lock:
            if self._is_closed:
                raise UsageError(f"{self.path}: the capture is closed; open it again to go on.")
            self._go_on()
            self._put_end_mark()

    @property
    def kept_name(self) -> str:
        """The file's name, for a provisional capture the one that it has once it is kept."""
        return self.path.name.removesuffix(PROVISIONAL).removesuffix(ENDING) + ENDING

    def keep(self) -> None:
        """Close a provisional capture, put its end mark, and name it as one that counts. Raises DictationError."""
        self.close(finished=True)
        kept = self.path.with_name(self.kept_name)
        try:
            self.path.rename(kept)
            names_to_disk(kept.parent)
        except OSError as error:
            raise _refused(kept.parent, error) from error
        self.path = kept

    def drop(self) -> None:
        """Close it and delete its file."""
        with suppress(DictationError):
            self.close()
        self.path.unlink(missing_ok=True)

    def rest(self) -> bool:
        """Hold no file open until more is written; meanwhile nobody is kept from going on with the capture.

        Returns False, and does nothing, as long as the disk has not confirmed all that was written.
        """
        with self._lock:
            if self._is_closed or self._descriptor is None:
                return True
            if not self._saving.let_go():
                return False
            os.close(self._descriptor)
            self._descriptor = None
            with self._reading:
                self._reader.close()
            return True

    @property
    def is_at_rest(self) -> bool:
        """Whether it holds no file open."""
        return self._descriptor is None

    def close(self, *, finished: bool = False) -> None:
        """End the writing; `finished` puts the end mark, so that the capture is not listed as unfinished.

        Closing again does nothing. `read` still works afterwards, as long as the file is there.
        """
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
        try:
            if finished and not self._is_marked and (self._descriptor is not None or self.path.exists()):
                with suppress(UsageError):  # another program goes on with it
                    self._go_on()
                    self._put_end_mark()
        finally:  # without the lock: `on_saved` may ask how much is here
            self._saving.end()
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
            with self._reading:
                self._reader.close()

    def __enter__(self) -> "Journal":
        """Give the journal itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close without an end mark; what was dictated can be finished later."""
        self.close()

    def _go_on(self) -> None:
        """Open the file again where it rested, and take in what another program has added meanwhile.

        Raises UsageError where one writes it now, DictationError where it cannot be opened.
        """
        if self._descriptor is not None:
            return
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | _BINARY)
            try:
                self.unlocked = _hold(descriptor, self.path)
                if os.fstat(descriptor).st_size != self._length:
                    with self.path.open("rb") as file:
                        found = capture.scan(file, str(self.path))
                    os.ftruncate(descriptor, found.intact_bytes)
                    self._blocks, self._length, self._is_marked = found.blocks, found.intact_bytes, found.is_finished
                self._reader = self.path.open("rb")
            except BaseException:
                os.close(descriptor)
                raise
        except OSError as error:
            raise _refused(self.path.parent, error) from error
        self._descriptor = descriptor
        self._saving.go_on(descriptor)

    def _put_end_mark(self) -> None:
        if self._is_marked:
            return
        self._write(capture.end_mark())
        self._is_marked = True
        self._saving.wrote(self._blocks.whole)

    def _write(self, content: bytes) -> None:
        """Add `content` to the file, all of it or, on a full disk, nothing."""
        assert self._descriptor is not None
        done = 0
        try:
            while done < len(content):
                done += os.write(self._descriptor, content[done:])
        except OSError as error:
            with suppress(OSError):  # a torn record is passed over by every reader
                os.ftruncate(self._descriptor, self._length)
            raise _refused(self.path.parent, error) from error
        self._saving.added(self._length, content)
        self._length += len(content)

    @contextmanager
    def _open_reader(self) -> Iterator[BufferedReader]:
        if not self._reader.closed:
            yield self._reader
        else:
            with self.path.open("rb") as file:
                yield file

    def _stored(self, number: int, length: int) -> bytes:
        """The first bytes of the record of a block: all of it, where it is as long."""
        with self._reading:
            self._reader.seek(self._blocks.offset(number))
            return self._reader.read(length)

    def _not_saved(self, error: OSError) -> None:
        self.warnings += (_not_on_disk(self.path, error),)


def unfinished(folder: Path) -> list[Path]:
    """Return the captures in `folder` that hold sound, have no end mark, and that no living program writes; by name."""
    return [path for path in sorted(folder.glob(f"*{ENDING}")) if _is_unfinished(path)]


def forget_provisional(folder: Path, before_s: float) -> tuple[int, int]:
    """Delete captures that were never kept; return how many, and their bytes.

    Only those go that bear the mark in their name, nobody writes, and nobody has touched since `before_s` (Unix time).
    """
    count = size = 0
    for path in sorted(folder.glob(f"*{PROVISIONAL}")):
        with suppress(OSError):  # it is there for the next time
            with path.open("rb") as file:
                found = os.fstat(file.fileno())
                if found.st_mtime >= before_s or is_held(file.fileno()):
                    continue
            path.unlink()
            count, size = count + 1, size + found.st_size
    return count, size


def _is_unfinished(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            capture.read_header(file, str(path))
            holds_sound = file.seek(0, os.SEEK_END) > HEADER_BYTES + RECORD_BYTES
            return holds_sound and not capture.is_finished(file) and not is_held(file.fileno())
    except (OSError, InputError):
        return False


def _hold(descriptor: int, path: Path) -> str | None:
    """Take the lock of a capture; the sentence for a disk that knows none. Raises UsageError where it is taken."""
    try:
        if try_hold(descriptor):
            return None
    except OSError as error:
        return (
            f"{path.parent}: the disk knows no locks ({_reason(error)}); see that one program alone writes a capture."
        )
    raise UsageError(f"{path}: another dictation is writing this capture; wait until it has ended.")


def _refused(folder: Path, error: OSError) -> DictationError:
    fix = "free space" if error.errno in _FULL else "check the path and its rights"
    return DictationError(
        f"{folder}: sound cannot be kept there ({_reason(error)}); {fix}, or choose another folder with "
        "DICTATION_HOME. What was kept before is still there."
    )


def _not_on_disk(path: Path, error: OSError) -> str:
    return (
        f"{path}: the disk does not confirm that it holds the sound ({_reason(error)}); if the power fails now, it may "
        "be lost, so end soon and check the disk."
    )


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


_BINARY = getattr(os, "O_BINARY", 0)  # Windows translates line ends without it
