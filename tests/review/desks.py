"""A desk with its records and an open case, as the server has them, and a page that takes what it is told."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import uuid4

import pytest

from dictation.case.draft import Draft
from dictation.errors import UsageError
from dictation.exam import Order
from dictation.records import Records
from dictation.review.app import Served, launch
from dictation.review.commands import command_of
from dictation.review.desk import Desk
from dictation.review.engines import Engines
from dictation.review.giving import give_order
from dictation.review.hearing import happened
from dictation.review.open_cases import OpenCases
from dictation.review.page import Page
from dictation.speech import Word
from dictation.speech.live import Final
from tests.waiting import until


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


@contextmanager
def serving(ear, settings) -> Iterator[Served]:
    """The app over the wire, closed at the end."""
    served = launch(Engines(ear), settings, 0)
    try:
        yield served
    finally:
        served.close()


AUTHOR = "Dr. A. Example"


class Reader:
    """Somebody at a page: every command is checked and obeyed as one that came over the wire."""

    def __init__(self, cases: OpenCases, case: str | None = None, *, is_ordered: bool = True) -> None:
        self.cases = cases
        self.page = Page(uuid4().hex, lambda: None)
        self.number = 0
        self.do(do="hello", page=self.page.id, case=case)
        if case is None:
            self.new(is_ordered)

    @property
    def case(self):
        return self.cases.of_page(self.page.id)

    def do(self, *, number: int | None = None, **command):
        self.number += 1
        return self.cases.obey(self.page, command_of(json.dumps({"number": number or self.number, **command})))

    def refused(self, why: str, **command) -> None:
        """What is asked is refused in a sentence of which this is a part."""
        with pytest.raises(UsageError, match=why):
            self.do(**command)

    def sign(self, author: str = AUTHOR, **given):
        return self.do(do="sign", author=author, **given)

    def unsigned(self, why: str, **given) -> None:
        """A signature is refused in a sentence of which this is a part."""
        self.refused(why, **{"do": "sign", "author": AUTHOR, **given})

    # what the page and the records have

    def state(self, kind: str):
        return self.cases.state(self.page, kind)

    def told(self, kind: str) -> list:
        """What was told since the last time, of one kind."""
        messages, _ = self.page.take()
        return [message for message in messages if message["kind"] == kind]

    def notices(self) -> list[str]:
        """The sentences that were told since the last time."""
        return [one["text"] for one in self.told("notice")]

    @property
    def records(self) -> Records:
        return self.cases.desk.records

    @property
    def stored(self) -> Draft:
        """The case as it is on the disk."""
        return self.records.load(self.case.id).draft

    @property
    def pad(self):
        return self.case.text.pad

    @property
    def text(self) -> str:
        return self.pad.text

    @property
    def report(self):
        return self.case.composed.case.report

    def cards(self, **having):
        """The differences that were found, those of this kind or severity."""
        found = self.case.composed.case.discrepancies
        return [one for one in found if all(getattr(one, name) == value for name, value in having.items())]

    def card(self, **having):
        """The only one of its kind or severity."""
        (card,) = self.cards(**having)
        return card

    def blockers(self, *kinds: str) -> list[dict]:
        """What stands in the way of the signature, of these kinds or of all."""
        return [one for one in self.state("sign")["blockers"] if not kinds or one["kind"] in kinds]

    def blocker(self, *kinds: str) -> dict:
        """The only one of its kind."""
        (blocker,) = self.blockers(*kinds)
        return blocker

    # what somebody does

    def type(self, text: str, start: int | None = None, stop: int | None = None) -> None:
        start = len(self.text) if start is None else start
        stop = start if stop is None else stop
        self.do(do="type", version=self.case.text.version, start=start, stop=stop, text=text)

    def retype(self, before: str, after: str) -> None:
        """Type over words of the text."""
        start = self.text.index(before)
        self.type(after, start, start + len(before))

    def cursor(self, at: int, **where) -> None:
        self.do(do="cursor", version=self.case.text.version, at=at, **where)

    def edit(self, statement, text: str, **more) -> None:
        """Change a sentence of the report."""
        self.do(do="edit", statement=statement.id, before=statement.text, text=text, **more)

    def adds(self, reason: str) -> None:
        """Begin an addendum; without a reason give it up."""
        self.do(do="addendum", reason=reason)

    def new(self, is_ordered: bool = True) -> None:
        """An empty case, with an order of its own that says whose it is, and nothing that a comparison could use."""
        self.do(do="new", id=uuid4().hex)
        if is_ordered:
            give_order(self.case, Order(patient_id="P-1", accession=f"A-{self.case.id[:8]}"))

    def reviews(self, *said: str) -> None:
        """Say this and have it compared."""
        self.say(*said)
        self.compare()

    def writes(self, text: str) -> None:
        """Type this behind what there is and have it compared."""
        self.type(text)
        self.compare()

    def say(self, *utterances: str, take: str | None = None, unsure: Mapping[str, float] | None = None) -> None:
        """Let the ear have heard these utterances, one final each; `unsure` is the confidence of words."""
        take = take or self.begun()
        for text in utterances:
            start_s = self.case.sounds.named(take).heard_s + 0.5
            words = [
                Word(
                    text=word,
                    start_s=start_s + n / 4,
                    end_s=start_s + (n + 1) / 4,
                    confidence=(unsure or {}).get(word.strip(".,"), 0.9),
                )
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

    def leave(self) -> None:
        self.cases.left(self.page)


def all_placed(pad) -> bool:
    """Whether every word that was heard is in a sentence, a retraction or a command, and once."""
    dictation = pad.dictation
    placed = [w for s in dictation.sentences for link in s.alignment for w in link.words]
    placed += [w for r in dictation.retracted for w in r.words] + [w for c in dictation.commands for w in c.words]
    return sorted(placed) == list(range(pad.count))
