"""What was given to the server and is nobody's is deleted.

Uploads after a day, while the server runs, too: gradio deletes none that was broken off. Given recordings that a killed
server had not taken yet, as the next one starts: whoever gave them was not told that they are here. What is dictated is
never among these, as its capture bears the name of one that counts from the beginning: where no case has it, it is told
and stays.
"""

import sys
import threading
import time
from pathlib import Path

from dictation.audio.journal import forget_provisional
from dictation.private import forget_older
from dictation.records import Records, sound
from dictation.review.event_log import note
from dictation.unseen import printable

DAY_S = 86_400  # what a case was given lies with the case
SWEEP_S = 3600.0  # between two looks
NAMED = 3  # captures


def remove_leftovers(captures: Path) -> None:
    """Delete given recordings that a killed server had not taken, and say how many, and how large they were."""
    count, size = forget_provisional(captures, time.time())
    if count:
        mb = round(size / 1_000_000, 1)
        what = "1 given recording that was" if count == 1 else f"{count} given recordings that were"
        sys.stderr.write(f"Deleted {what} not taken before the server ended ({mb} MB); give them again.\n")
        note("leftovers removed", count=count, freed_mb=mb)


def tell_of_no_case(records: Records) -> None:
    """Say which captures are in no case; what was spoken there may be needed, so they stay."""
    if found := sound.in_no_case(records):
        mb = sum(size for _, size in found) / 1_000_000
        what = "1 recording is" if len(found) == 1 else f"{len(found)} recordings are"
        more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
        names = printable(", ".join(path.name for path, _ in found[:NAMED]))
        sys.stderr.write(
            f"{found[0][0].parent}: {what} in no case ({mb:.1f} MB): {names}{more}. A server ended as a recording was "
            "given, or dictation live kept it; give it to its case, or hear it with dictation live FILE.\n"
        )
        note("sound in no case", count=len(found))


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
