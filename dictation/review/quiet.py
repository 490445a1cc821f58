"""What gradio must be told before it is loaded: to phone nobody, and where patient data may lie."""

import os
import tempfile
from pathlib import Path

from dictation.errors import UsageError
from dictation.private import private_folder

UPLOADS = "uploads"  # in Settings.home, never in the machine's common folder for temporary files


def silence() -> None:
    """Turn off gradio's telemetry and version check. To be called before gradio is imported for the first time."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"


def uploads_folder(home: Path) -> Path:
    """Make the folder for what a page is sent, tell gradio of it, and return it.

    Raises UsageError where nothing can be written.
    """
    folder = (home / UPLOADS).resolve()
    try:
        private_folder(folder)
        with tempfile.TemporaryFile(dir=folder):  # a folder that is there need not take anything
            pass
    except OSError as error:
        why = error.strerror or error
        raise UsageError(
            f"{home}: nothing can be kept there ({why}); set DICTATION_HOME to a folder that you may write to."
        ) from error
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    return folder
