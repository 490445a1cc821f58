"""What gradio must be told before it is loaded: to phone nobody, and where patient data may lie."""

import os
from pathlib import Path

UPLOADS = "uploads"  # in Settings.home, never in the machine's common folder for temporary files


def silence() -> None:
    """Turn off gradio's telemetry and version check. To be called before gradio is imported for the first time."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"


def uploads_folder(home: Path) -> Path:
    """Make the folder for what a page is sent, tell gradio of it, and return it."""
    folder = (home / UPLOADS).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    return folder
