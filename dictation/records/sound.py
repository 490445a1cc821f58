"""Sound at rest: a finished capture becomes a FLAC file of the same samples, and only then goes.

The FLAC file is written under another name, read back and compared before it counts, so that a killed program or a full
disk leaves the capture as it was. Gaps of a capture are silence, as they are wherever it is heard.
"""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from dictation.audio.capture import ENDING, HEADER_BYTES, RECORD_BYTES, Header, Scan, record, scan
from dictation.audio.held import is_held, try_hold
from dictation.audio.with_capture import sound_of
from dictation.errors import DictationError, InputError, MissingError
from dictation.extras import install_command
from dictation.private import names_to_disk, private_file, private_folder, replacing
from dictation.records import recordings
from dictation.records.recordings import KeptRecording
from dictation.records.records import Records

FOLDER, CAPTURES = "audio", "captures"  # in HOME
_AT_ONCE = 2**20  # samples in memory
_ROUNDED_S = 0.001
_BLOCKS_PER_S = 10  # of a capture as a page sends it


class DeletedError(InputError):
    """The sound was deleted under the retention rule: nothing is wrong."""


def archive(records: Records, case_id: str, captures: Path) -> tuple[str, ...]:
    """Make FLAC files of the finished captures of a case; return a sentence for each that stays as it is.

    A capture that is being written, has no end or holds nothing is left for later without a word. `captures` is the
    folder that they lie in. Raises DictationError where the disk does not take the file.
    """
    told = []
    for recording in records.recordings(case_id):
        capture = captures / Path(recording.file).name
        if recording.purged_at:
            continue
        if recording.flac:
            if (records.home / FOLDER / recording.flac).exists():  # killed before the capture was gone
                _forget(capture)
        else:
            try:
                _archive(records, recording, capture)
            except InputError as error:
                told.append(str(error))
    return tuple(told)


def sound_path(records: Records, recording: KeptRecording) -> Path:
    """Return the file that holds the sound of a recording. Raises InputError where it is gone, DeletedError."""
    _refuse_purged(recording)
    flac = records.home / FOLDER / f"{recording.recording}.flac"
    capture = records.home / CAPTURES / Path(recording.file).name
    for path in (flac, capture) if recording.flac else (capture, flac):  # archived since it was asked for
        if path.exists():
            return path
    _refuse_purged(records.recording(recording.case, recording.recording))  # deleted since it was asked for
    raise InputError(f"{capture}: the sound of this recording is gone; restore it from a backup.")


def sound_hash(path: Path) -> tuple[str, float]:
    """Return the SHA-256 of the 16-bit samples of a capture or FLAC file, the same for both, and their seconds."""
    if path.suffix != ENDING:
        return _hashed(_flac_samples(path))
    with path.open("rb") as file:
        found = scan(file, str(path))
    return _hashed(capture_samples(path, found))


def faults(records: Records, case_id: str | None = None, *, newest: int | None = None) -> tuple[str, ...]:
    """Return one sentence for each archived recording whose sound is gone or is not what was archived, newest first.

    Of one case, or of all. Only `newest` of them are read, where it is given: the others must be there. Sound that was
    deleted under the retention rule is no fault.
    """
    told = []
    archived = [one for one in reversed(records.recordings(case_id)) if one.flac and not one.purged_at]
    for number, recording in enumerate(archived):
        try:
            path = sound_path(records, recording)
            is_read = newest is None or number < newest
            sha256, duration_s = sound_hash(path) if is_read else (recording.sha256, recording.duration_s)
            if sha256 != recording.sha256:
                told.append(f"The recording {recording.recording} was changed: its sound is not what was kept.")
            elif abs(duration_s - recording.duration_s) > _ROUNDED_S:
                told.append(f"The recording {recording.recording} was changed: its sound is of another length.")
        except InputError as error:
            told.append(str(error))
        except OSError as error:
            told.append(f"{error.filename or recording.flac}: cannot be read ({_reason(error)}); check its rights.")
    return tuple(told)


def in_no_case(records: Records) -> tuple[tuple[Path, int], ...]:
    """Return the captures that hold sound, and that no case has and nobody writes, with their bytes; by name.

    A server that was killed as it took a given recording leaves one, and `dictation live` keeps some: only a person
    can tell whether somebody still needs what was spoken there.
    """
    found = {path.name: path for path in sorted((records.home / CAPTURES).glob(f"*{ENDING}"))}  # before the cases
    with records.reading() as connection:
        strange = recordings.unknown(connection, found)
    sizes = ((found[name], _free_bytes(found[name])) for name in strange)
    return tuple((path, size) for path, size in sizes if size > HEADER_BYTES + RECORD_BYTES)


def taken_up(flac: Path, recording: str, capture: Path) -> None:
    """Write the sound of a FLAC file as the capture that it was made of, without an end: it is heard, and can go on.

    `recording` is the id of its journal. Raises InputError for what is no FLAC file, OSError.
    """
    soundfile = _soundfile(flac)
    try:
        with soundfile.SoundFile(flac) as read:
            header = Header(read.samplerate, read.samplerate // _BLOCKS_PER_S, bytes.fromhex(recording))
            with replacing(capture) as part, part.open("wb") as written:
                written.write(header.packed())
                for number, samples in enumerate(read.blocks(header.block_samples, dtype="int16")):
                    written.write(record(number, samples.astype("<i2").tobytes()))
    except soundfile.SoundFileError as error:
        raise InputError(f"{flac}: cannot be read as FLAC; check the disk, or restore it from a backup.") from error


def files_of(home: Path, recording: KeptRecording) -> tuple[Path, ...]:
    """Return every place in `home` at which sound of a recording may lie: archived, captured, or half archived."""
    archived = home / FOLDER / f"{recording.recording}.flac"
    return archived, home / CAPTURES / Path(recording.file).name, archived.with_suffix(".part")


def _refuse_purged(recording: KeptRecording) -> None:
    if recording.purged_at:
        day = recording.purged_at[:10]
        raise DeletedError(f"The sound of this recording was deleted on {day} under the retention rule.")


def _archive(records: Records, recording: KeptRecording, capture: Path) -> None:
    try:
        file = capture.open("rb")
    except OSError as error:
        raise InputError(f"{capture}: cannot be read ({_reason(error)}); check the path and its rights.") from error
    with file:
        if not _is_ours(file.fileno()):
            return
        try:
            found = scan(file, str(capture))
        except OSError as error:
            raise InputError(f"{capture}: cannot be read ({_reason(error)}); check the path and its rights.") from error
        if not found.is_finished or not found.blocks.samples:
            return
        if found.damaged:
            raise InputError(f"{capture}: is damaged and stays as it is; copy it again from where it was recorded.")
        _put_to_rest(records, recording, capture, found)
        _forget(capture)
    _forget(capture)  # Windows deletes no file that is open


def _is_ours(descriptor: int) -> bool:
    """Keep a capture from whoever would write or archive it meanwhile; False where somebody does."""
    try:
        return try_hold(descriptor)
    except OSError:  # a disk that knows no locks
        return True


def _put_to_rest(records: Records, recording: KeptRecording, capture: Path, found: Scan) -> None:
    folder = records.home / FOLDER
    flac, part = folder / f"{recording.recording}.flac", folder / f"{recording.recording}.part"
    try:
        private_folder(folder)
        private_file(part)
        sha256, duration_s = _write(part, capture, found)
        if sound_hash(part) != (sha256, duration_s):
            raise DictationError(f"{flac}: does not hold the sound that was written; check the disk.")
        part.replace(flac)
        names_to_disk(folder)
    except OSError as error:
        raise DictationError(
            f"{flac}: cannot be written ({_reason(error)}); free space, or check its rights."
        ) from error
    finally:
        _forget(part)
    with records.recorded() as (connection, trail):
        recordings.archived(connection, trail, recording, sha256, duration_s)


def _free_bytes(path: Path) -> int:
    """The bytes of a file that nobody writes, 0 for any other."""
    with suppress(OSError):
        if stat.S_ISREG(path.lstat().st_mode):
            with path.open("rb") as file:
                return 0 if is_held(file.fileno()) else os.fstat(file.fileno()).st_size
    return 0


def _hashed(pieces: Iterable[tuple[np.ndarray, int]]) -> tuple[str, float]:
    digest, count, rate_hz = hashlib.sha256(), 0, 1
    for piece, rate_hz in pieces:  # noqa: B007
        digest.update(piece.tobytes())
        count += len(piece)
    return digest.hexdigest(), count / rate_hz


def _write(part: Path, capture: Path, found: Scan) -> tuple[str, float]:
    """Write a FLAC file of a capture; return what `sound_hash` gives for its sound."""
    soundfile = _soundfile(part)

    def written(flac: Any) -> Iterator[tuple[np.ndarray, int]]:
        for piece, rate_hz in capture_samples(capture, found):
            flac.write(piece)
            yield piece, rate_hz

    try:
        with soundfile.SoundFile(part, "w", found.header.rate_hz, channels=1, format="FLAC", subtype="PCM_16") as flac:
            hashed = _hashed(written(flac))
        with part.open("r+b") as file:
            os.fsync(file.fileno())
        return hashed
    except (soundfile.SoundFileError, AssertionError) as error:  # it writes less than it was given on a full disk
        raise DictationError(f"{part}: cannot be written in full; free space. The capture is kept.") from error


def capture_samples(path: Path, found: Scan) -> Iterator[tuple[np.ndarray, int]]:
    """Yield the 16-bit samples of a capture and their rate in Hz."""
    with path.open("rb") as file:
        for start in range(0, found.blocks.samples, _AT_ONCE):
            stop = min(start + _AT_ONCE, found.blocks.samples)
            sound = sound_of(file, found.blocks.within(start, stop), start, stop)
            yield (sound * 2**15).astype("<i2"), found.header.rate_hz  # exact: they were 16 bits


def _flac_samples(path: Path) -> Iterator[tuple[np.ndarray, int]]:
    """The same of a FLAC file. Raises InputError where it is none, or is cut off."""
    soundfile = _soundfile(path)
    try:
        with soundfile.SoundFile(path) as flac:
            for piece in flac.blocks(_AT_ONCE, dtype="int16"):
                yield piece.astype("<i2"), flac.samplerate
    except soundfile.SoundFileError as error:
        raise InputError(f"{path}: cannot be read as FLAC; check the disk, or restore it from a backup.") from error


def _soundfile(path: Path) -> Any:
    try:
        import soundfile
    except ImportError as error:
        fix = install_command("audio")
        raise MissingError(f"{path}: FLAC needs the package soundfile; install it with {fix}.") from error
    return soundfile


def _forget(path: Path) -> None:
    with suppress(OSError):  # open elsewhere: the next time finds it again
        path.unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
