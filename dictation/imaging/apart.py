"""Images of others, decoded by processes of their own (`dictation.apart`), as a program must that serves many.

A few hundred kilobytes can unfold to gigabytes, and a file can be made to break its decoder. Who decodes has a limit of
memory and of time for each file; what comes back are facts in JSON and pixels, and the pixels lie in a file without a
name, so that this program holds in memory what of them is looked at.
"""

import json
import mmap
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from dictation.apart import BrokeOffError, Pool, TooManyError
from dictation.errors import DictationError, InputError, UsageError, error_named
from dictation.exam import ExamFacts
from dictation.imaging.dicom import DicomHeader, read_frames, read_header, read_values, read_windowable
from dictation.imaging.display import Windowable
from dictation.imaging.limits import MAX_STUDY_BYTES
from dictation.imaging.load import load_study
from dictation.imaging.raster import read_raster
from dictation.imaging.series import Frame
from dictation.imaging.study import Study
from dictation.weights import free_bytes

MEMORY_BYTES = 2 * 2**30  # of a process: a picture of 150 megapixels in colour takes half of that
PATIENCE_S = 60.0  # without anything from a process, on a machine that does much else too
LEAST_FREE_BYTES = 2**30  # of the disk: sound that is dictated comes first
PIECE_BYTES = 2**20  # of pixels, in one answer
SEGMENT_BYTES = 2**26  # of the file that holds pixels, mapped at a time
_PIXELS, _FACT = b"p", b"f"


def load_study_apart(paths: Sequence[Path], folder: Path | None = None) -> Study:
    """Read the images of one exam as `load_study` does, in another process; so is what is read of them later.

    `folder` is on the disk that their pixels may lie on, without a name; None: that of temporary files.
    """
    return load_study(paths, ImagesApart(folder))


def read_header_apart(path: Path) -> DicomHeader:
    """Return the header of a DICOM image as `read_header` does, read by another process."""
    return ImagesApart(None).header(path)


class ImagesApart:
    """A `Decoder` that asks other processes; the pixels of one study lie in a file without a name in `folder`."""

    def __init__(self, folder: Path | None) -> None:
        self._pixels = _Pixels(folder)

    def header(self, path: Path) -> DicomHeader:
        """Return the header of a DICOM image."""
        ((fact, _),) = self._told(path, str(path), "header")
        frames = tuple(Frame(path, **_tuples(frame)) for frame in fact.pop("frames"))
        return DicomHeader(facts=ExamFacts.model_validate(fact.pop("facts")), frames=frames, **fact)

    def pictures(self, path: Path) -> list[np.ndarray]:
        """Return the pictures of a file."""
        return [pixels for _, (pixels,) in self._told(path, str(path), "pictures")]

    def frames(self, path: Path) -> list[tuple[np.ndarray, str]]:
        """Return the frames of a DICOM image for display, with what was assumed."""
        return [(pixels, str(fact["assumed"])) for fact, (pixels,) in self._told(path, str(path), "frames")]

    def values(
        self, path: Path, indices: Sequence[int], name: str, instance_uid: str
    ) -> Iterator[tuple[np.ndarray, np.ndarray | None, bool]]:
        """Yield frames as they were measured, in memory, one at a time."""
        asked = {"indices": list(indices), "name": name, "instance_uid": instance_uid}
        for fact, (values, *padding) in self._told(path, name, "values", is_kept=False, **asked):
            yield values, padding[0] if padding else None, bool(fact["is_hu"])

    def windowable(self, path: Path, index: int, name: str, instance_uid: str, longest_side: int) -> Windowable:
        """Return a frame whose window a person chooses."""
        asked = {"index": index, "name": name, "instance_uid": instance_uid, "longest_side": longest_side}
        ((fact, (values,)),) = self._told(path, name, "windowable", is_kept=False, **asked)
        return Windowable(values, **_tuples(fact))

    def _told(
        self, path: Path, shown: str, what: str, *, is_kept: bool = True, **asked: object
    ) -> Iterator[tuple[dict[str, Any], list[np.ndarray]]]:
        """Yield each fact with its arrays. Messages call the file `shown`."""
        request = json.dumps({"what": what, "path": str(path), **asked}).encode()
        failure: DictationError | None = None
        try:
            with closing(POOL.answers(request, PATIENCE_S)) as answers:
                for message in answers:
                    fact = json.loads(message[1:])
                    if "error" in fact:
                        failure = error_named(str(fact["error"]), str(fact["message"]))  # with which the answers end
                        continue
                    arrays = [self._array(answers, shape, dtype, is_kept, shown) for shape, dtype in fact.pop("arrays")]
                    yield fact, arrays
        except TooManyError as error:
            raise UsageError(f"{shown}: {error}.") from error
        except (BrokeOffError, ValueError, KeyError, TypeError) as error:
            how = str(error) if isinstance(error, BrokeOffError) else "broke off"
            why = f"decoding it {how}; it is damaged, or unfolds to more than any image needs: export it again"
            raise InputError(f"{shown}: {why}.") from error
        if failure is not None:
            raise failure

    def _array(
        self, answers: Iterator[bytes], shape: Sequence[int], dtype: str, is_kept: bool, name: str
    ) -> np.ndarray:
        kind = np.dtype(_KINDS[dtype])
        size = prod(shape) * kind.itemsize
        if min(shape) < 1 or size > MAX_STUDY_BYTES:
            raise ValueError
        pieces = _pieces(answers, size)
        if is_kept:
            return self._pixels.kept(pieces, size, name).view(kind).reshape(shape)
        return np.frombuffer(bytearray().join(pieces), kind).reshape(shape)


_KINDS = {"uint8": np.uint8, "float32": np.float32, "bool": np.bool_}


def _pieces(answers: Iterator[bytes], size: int) -> Iterator[bytes]:
    while size > 0:
        message = next(answers, b"")
        if message[:1] != _PIXELS or not 1 < len(message) <= size + 1:
            raise ValueError
        size -= len(message) - 1
        yield message[1:]


class _Pixels:
    """Pixels in a file without a name: written there, and in memory only as far as somebody looks at them."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._file: Any = None
        self._segment: mmap.mmap | None = None
        self._start = self._used = self._end = 0

    def kept(self, pieces: Iterator[bytes], size: int, name: str) -> np.ndarray:
        """Write the pieces; return them as uint8, shape (size,), read-only. Raises InputError on a full disk."""
        try:
            if self._used + size > self._end:
                self._open(size, name)
            start = at = self._used
            for piece in pieces:
                at += os.pwrite(self._file.fileno(), piece, at)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise InputError(
                f"{name}: there is no place for its pixels ({why}); free space, then give it again."
            ) from error
        assert self._segment is not None
        self._used = start + size
        return np.frombuffer(self._segment, np.uint8, size, start - self._start)

    def _open(self, size: int, name: str) -> None:
        length = max(size, SEGMENT_BYTES)
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
        where = self._folder or Path(tempfile.gettempdir())
        if free_bytes(where) - size < LEAST_FREE_BYTES:
            raise InputError(f"{name}: the disk has no place for its pixels; free space, then give it again.")
        self._start = self._used = self._end
        self._end += -(-length // mmap.ALLOCATIONGRANULARITY) * mmap.ALLOCATIONGRANULARITY
        self._file.truncate(self._end)
        self._segment = mmap.mmap(
            self._file.fileno(), self._end - self._start, access=mmap.ACCESS_READ, offset=self._start
        )


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    """JSON knows no tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def _work(request: bytes) -> Iterator[bytes]:
    """What a process says of a file."""
    asked = json.loads(request)
    path = Path(asked.pop("path"))
    try:
        yield from _WHAT[asked.pop("what")](path, **asked)
    except DictationError as error:
        yield _fact(error=type(error).__name__, message=str(error))


def _header(path: Path) -> Iterator[bytes]:
    header = read_header(path)
    frames = [{name: value for name, value in vars(frame).items() if name != "path"} for frame in header.frames]
    facts = header.facts.model_dump(mode="json")
    yield _fact(arrays=[], **vars(header) | {"facts": facts, "frames": frames})


def _pictures(path: Path) -> Iterator[bytes]:
    for pixels in read_raster(path):
        yield from _given(pixels)


def _frames(path: Path) -> Iterator[bytes]:
    for pixels, assumed in read_frames(path):
        yield from _given(pixels, assumed=assumed)


def _values(path: Path, indices: list[int], name: str, instance_uid: str) -> Iterator[bytes]:
    for values, padding, is_hu in read_values(path, indices, name, instance_uid):
        yield from _given(values, *([] if padding is None else [padding]), is_hu=is_hu)


def _windowable(path: Path, index: int, name: str, instance_uid: str, longest_side: int) -> Iterator[bytes]:
    found = read_windowable(path, index, name, instance_uid, longest_side)
    facts = asdict(found)
    yield from _given(facts.pop("values"), **facts)


_WHAT: dict[str, Callable[..., Iterator[bytes]]] = {
    "header": _header, "pictures": _pictures, "frames": _frames, "values": _values, "windowable": _windowable,
}  # fmt: skip


def _given(*arrays: np.ndarray, **values: object) -> Iterator[bytes]:
    yield _fact(arrays=[(array.shape, array.dtype.name) for array in arrays], **values)
    for array in arrays:
        content = np.ascontiguousarray(array).tobytes()
        for start in range(0, len(content), PIECE_BYTES):
            yield _PIXELS + content[start : start + PIECE_BYTES]


def _fact(**values: object) -> bytes:
    return _FACT + json.dumps(values).encode()


POOL = Pool(_work, memory_bytes=MEMORY_BYTES)
