"""Recordings of others, decoded by processes of their own (`dictation.apart`): what comes back is sound and facts."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from dictation.apart import BrokeOffError, Pool, TooManyError
from dictation.audio.recording import Recording
from dictation.audio.resample import SAMPLE_RATE
from dictation.errors import DictationError, InputError, error_named

BLOCK_S = 10.0
PATIENCE_S = 120.0  # without anything from a decoder, on a slow network disk too
MEMORY_BYTES = 2**30  # a decoder streams: hours of sound need a hundredth of that
LONGEST_S = 4 * 3600.0  # of sound given to the app: a few hundred kilobytes can hold days of silence
_SOUND, _FACT = b"s", b"f"


def said_of(opened: Callable[[], AbstractContextManager[Recording]], shown: str) -> Iterator[bytes]:
    """What a decoder's process says of a recording: its id, its sound, then how it ended."""
    try:
        _load()
        with opened() as recording:
            yield _fact(
                id=recording.id
            )  # before it is decoded: a file that changes meanwhile is done again by --resume
            for block in recording.blocks(BLOCK_S):
                yield _SOUND + block.tobytes()
            yield _fact(duration_s=recording.duration_s(), warnings=recording.warnings)
    except DictationError as error:
        yield _fact(error=type(error).__name__, message=str(error))
    except MemoryError:
        yield _fact(error="InputError", message=broken(shown, "takes too much memory"))
    except Exception as error:
        yield _fact(error="InputError", message=broken(shown, f"failed ({type(error).__name__})"))


def understood(answers: Iterator[bytes], shown: str) -> Iterator["np.ndarray | dict[str, Any]"]:
    """The id, the sound and the end of a recording, of what `said_of` says; of a broken process an error."""
    try:
        for message in answers:
            if message[:1] == _SOUND:
                yield np.frombuffer(message[1:], np.float32).copy()
            else:
                yield json.loads(message[1:])
    except TooManyError as error:
        yield {"error": "UsageError", "message": f"{shown}: {error}."}
    except (BrokeOffError, ValueError) as error:
        how = str(error) if isinstance(error, BrokeOffError) else "broke off"
        yield {"error": "InputError", "message": broken(shown, how)}


def broken(shown: str, how: str) -> str:
    """The sentence on a recording whose decoder came to no good end."""
    return f"{shown}: decoding it {how}; the file is damaged: export it again as WAV, FLAC, MP3 or M4A."


def _load() -> None:
    """Load the decoders before the clock runs that watches what they do with a file."""
    for package in ("av", "soundfile", "soxr"):
        with suppress(ImportError):  # said where it is needed
            import_module(package)


def _fact(**values: object) -> bytes:
    return _FACT + json.dumps(values).encode()


def _work(request: bytes) -> Iterator[bytes]:
    path = Path(os.fsdecode(request))
    yield from said_of(lambda: nullcontext(Recording(path)), path.name)


POOL = Pool(_work, memory_bytes=MEMORY_BYTES)


class RecordingApart(Recording):
    """A recording of somebody else that is decoded apart, each time that it is read, as a program must that serves.

    Raises InputError, too, for one that lasts longer than `LONGEST_S`.
    """

    def _pieces(self) -> Iterator[np.ndarray]:
        count, failure = 0, None
        with closing(POOL.answers(os.fsencode(self.path), PATIENCE_S)) as answers:
            for piece in understood(answers, self.name):
                if isinstance(piece, np.ndarray):
                    count += len(piece)
                    if count > LONGEST_S * SAMPLE_RATE:
                        raise InputError(
                            f"{self.name}: lasts longer than {LONGEST_S / 3600:.0f} hours; give the part of this case."
                        )
                    yield piece
                elif "error" in piece:
                    failure = error_named(str(piece["error"]), str(piece["message"]))  # with which the answers end
                elif "duration_s" in piece:
                    self._duration_s, self._warnings = float(piece["duration_s"]), tuple(map(str, piece["warnings"]))
        if failure is not None:
            raise failure
