"""A desk with its records and an open case, as the server has them, and a page that takes what it is told."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from dictation.records import Records
from dictation.review.commands import command_of
from dictation.review.desk import Desk
from dictation.review.hearing import happened
from dictation.review.open_cases import OpenCases
from dictation.review.page import Page
from dictation.speech import Word
from dictation.speech.live import Final

WAIT_S = 60


@contextmanager
def desk_of(engines, settings) -> Iterator[OpenCases]:
    """All cases of a server with these engines, closed at the end."""
    records = Records.open(settings)
    cases = OpenCases(Desk(engines, settings, records))
    try:
        yield cases
    finally:
        cases.close()
        records.close()


class Reader:
    """Somebody at a page: every command is checked and obeyed as one that came over the wire."""

    def __init__(self, cases: OpenCases, case: str | None = None) -> None:
        self.cases = cases
        self.page = Page(uuid4().hex, lambda: None)
        self.number = 0
        self.do(do="hello", page=self.page.id, case=case)
        if case is None:
            self.do(do="new", id=uuid4().hex)

    @property
    def case(self):
        return self.cases.of_page(self.page.id)

    def do(self, *, number: int | None = None, **command):
        import json

        self.number += 1
        return self.cases.obey(self.page, command_of(json.dumps({"number": number or self.number, **command})))

    def state(self, kind: str):
        return self.cases.state(self.page, kind)

    def type(self, text: str, start: int | None = None, stop: int | None = None) -> None:
        whole = self.case.text.pad.text
        start = len(whole) if start is None else start
        stop = start if stop is None else stop
        self.do(do="type", version=self.case.text.version, start=start, stop=stop, text=text)

    def say(self, *utterances: str, take: str | None = None) -> None:
        """Let the ear have heard these utterances, one final each."""
        take = take or self.begun()
        for text in utterances:
            start_s = self.case.sounds.named(take).heard_s + 0.5
            words = [
                Word(text=word, start_s=start_s + n / 4, end_s=start_s + (n + 1) / 4, confidence=0.9)
                for n, word in enumerate(text.split())
            ]
            end_s = words[-1].end_s
            happened(self.case, take, [Final(phrase=0, words=tuple(words), start_s=start_s, end_s=end_s)])

    def begun(self) -> str:
        """The take that this page dictates into."""
        if not self.case.draft.takes:
            self.do(do="take", take=uuid4().hex)
        return self.case.draft.takes[-1].id

    def compare(self) -> None:
        self.do(do="compare")
        until(lambda: self.case.is_reviewed)
        with self.case.lock:  # until all of it is told
            pass

    def told(self, kind: str) -> list:
        """What was told since the last time, of one kind."""
        messages, _ = self.page.take()
        return [message for message in messages if message["kind"] == kind]

    def leave(self) -> None:
        self.cases.left(self.page)


def until(is_so) -> None:
    """Wait until something is so."""
    ends_at_s = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < ends_at_s, "waited in vain"
        time.sleep(0.02)
