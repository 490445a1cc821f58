"""What `dictation key` and the served page agree on: the names of the keys, and where the token and the port lie.

A pedal starts the command at every step, so this loads next to nothing. The settings say the same; a test compares.
"""

import os
from pathlib import Path

KEYS = ("toggle", "next", "previous", "play", "accept", "stop")
HOST = "127.0.0.1"


def home_folder() -> Path:
    """Where patient data lies, as in Settings."""
    if named := os.environ.get("DICTATION_HOME"):
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("radiology-dictation", appauthor=False))


def named_port() -> str | None:
    """DICTATION_PORT as it stands, or None."""
    return os.environ.get("DICTATION_PORT") or None


def token_file(home: Path) -> Path:
    """Who can read it may press keys: the user who runs the page."""
    return home / "key_token"


def port_file(home: Path) -> Path:
    """Where the page that is served now answers."""
    return home / "port"
