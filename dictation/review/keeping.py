"""What somebody said is on disk before anything else happens to it, and stays there."""

import hashlib
import shutil
from pathlib import Path

from dictation.errors import InputError, UsageError
from dictation.private import private_file, private_folder

FOLDER = "recordings"


def keep_recording(uploaded: Path, uploads: Path, home: Path) -> Path:
    """Copy a recording that the page sent to `home`/recordings and return its place there.

    It is named after the SHA-256 of its bytes, so that keeping it twice is keeping it once, and no patient is named.
    Raises UsageError where `uploaded` is no file of the folder `uploads`; InputError where the disk refuses it.
    """
    if not uploaded.resolve().is_relative_to(uploads.resolve()) or not uploaded.is_file():
        raise UsageError("The page named a file that it did not send; record again.")
    folder = home / FOLDER
    try:
        private_folder(folder)
        with uploaded.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        kept = folder / f"{digest}{uploaded.suffix.lower()}"
        if not kept.exists():
            unfinished = kept.with_name(kept.name + ".part")
            private_file(unfinished)
            shutil.copyfile(uploaded, unfinished)
            unfinished.replace(kept)
    except OSError as error:
        why = error.strerror or error
        raise InputError(
            f"{folder}: the recording cannot be kept there ({why}); free space, then try again."
        ) from error
    return kept
