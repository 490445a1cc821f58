"""Uploads are deleted after a day while the server runs, too: gradio deletes none that was broken off."""

import threading
from pathlib import Path

from dictation.private import forget_older

DAY_S = 86_400  # what a case was given lies with the case
SWEEP_S = 3600.0  # between two looks


class Sweeping:
    """Deletes what lies long in the folder of uploads, from `begin` to `close`."""

    def __init__(self, uploads: Path) -> None:
        self._uploads = uploads
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._sweep, name="uploads", daemon=True)

    def begin(self) -> None:
        """Look each hour."""
        self._thread.start()

    def close(self) -> None:
        """End."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _sweep(self) -> None:
        while not self._ending.wait(SWEEP_S):
            forget_older(self._uploads, DAY_S, in_use=True)
