"""A program that dictates, decides, signs and archives without a pause, and says what it was told; it is killed at it.

Each case has one recording of `BLOCKS` blocks of noise, a draft saved after each, a preliminary and a final signature
and an addendum. A step is announced before it begins and confirmed once its call has come back.
"""

from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from dictation.audio import Journal
from dictation.records.sound import archive
from tests.records.cases import PAGE, Place, decision, draft, opened, version

BLOCKS, BLOCK = 12, 1600  # 0.1 s each, as the page sends them
TEXTS = ("Lungs clear.", "Lungs are clear.", "Lungs are clear.\n\nADDENDUM: Heart enlarged.")


def noise(case_id: str) -> np.ndarray:
    """The sound of a case, 16-bit values as float32, shape (BLOCKS * BLOCK,)."""
    random = np.random.default_rng(int(case_id, 16))
    return (random.integers(-(2**15), 2**15, BLOCKS * BLOCK) / 2**15).astype(np.float32)


def work(told: Connection, place: Place) -> None:
    """Work on one case after the other until somebody ends this."""
    records = place.open()
    captures = place.home / "captures"
    while True:
        case = draft()
        told.send(("case", case.id))
        opened(records, case)
        journal = Journal.create(captures, block_samples=BLOCK)
        records.add_recording(case.id, case.id, journal.id, journal.path.name, datetime.now(UTC))
        told.send(("journal", journal.path.name))
        for number, block in enumerate(noise(case.id).reshape(BLOCKS, BLOCK)):
            journal.append(number, block)
            told.send(("taken", number + 1))
            case = _saved(told, records, case, number)
        journal.close(finished=True)
        for number, (state, text) in enumerate(zip(("preliminary", "final", "addended"), TEXTS, strict=True), 1):
            case = _saved(told, records, case, BLOCKS + number, decisions=(*case.decisions, decision(f"d{number}")))
            told.send(("signing", number))
            records.sign(case, version(case, text, state), PAGE)
            told.send(("signed", number))
        records.mark_sent(case.id, "Dr A")
        told.send(("archiving", 1))
        archive(records, case.id, captures)
        told.send(("archived", 1))
        records.release(case.id, PAGE)


def _saved(told: Connection, records: Any, case: Any, number: int, **fields: Any) -> Any:
    case = case.model_copy(update={"fields": {"n": str(number)}, **fields})
    told.send(("saving", number))
    records.save(case, PAGE)
    told.send(("saved", number))
    return case
