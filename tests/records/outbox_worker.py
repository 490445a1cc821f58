"""A program that signs and fills the outbox without a pause; it is killed at it."""

from multiprocessing.connection import Connection
from pathlib import Path

from dictation.review.outbox import Outbox
from tests.records.cases import PAGE, Place, draft, opened, version


def work(told: Connection, place: Place, folder: Path) -> None:
    """Sign one case after the other, three versions each, and look after every one, until somebody ends this."""
    records = place.open()
    outbox = Outbox(records, folder)
    outbox.look()
    while True:
        case = draft()
        opened(records, case)
        for state, text in (("preliminary", "Clear."), ("final", "Clear lungs."), ("addended", "Clear lungs.\nMore.")):
            records.sign(case, version(case, text, state), PAGE)
            told.send("signed")
            outbox.look()
        records.release(case.id, PAGE)
