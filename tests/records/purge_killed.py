"""A program that deletes the sound of signed cases, and says which is gone; it is killed at it.

Its disk takes a while for each deletion, so that it is often killed between the mark and the file.
"""

import time
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from dictation.records import purging
from dictation.records.purging import left_over, purge
from dictation.records.recordings import KeptRecording
from dictation.records.retention import Rule
from tests.records.cases import AT, Place

SLOW_S = 0.03


def work(told: Connection, place: Place) -> None:
    """Delete what is due."""
    delete: Any = purging.delete_sound

    def slowly(home: Path, one: KeptRecording) -> str:
        time.sleep(SLOW_S)
        return delete(home, one)

    purging.delete_sound = slowly
    records = place.open()
    told.send("begun")
    list(left_over(records, is_trial=False))
    for one in purge(records, Rule.of("90"), "Operator", AT + timedelta(days=100), is_trial=False):
        told.send(one.recording)
    told.send("done")
    records.close()
