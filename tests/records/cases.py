"""Cases and databases to try the records with."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from dictation.case.case import Case, Decision
from dictation.case.draft import Draft
from dictation.case.version import Role, SignedState, Version
from dictation.exam import Order
from dictation.records import Records
from dictation.report import Report
from dictation.report.report import Statement
from dictation.wording import Dictation
from dictation.wording.pad import Pad, Piece

PAGE, OTHER_PAGE = "a" * 32, "b" * 32
AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """A HOME and the URL of its database."""

    url: str
    home: Path

    def open(self) -> Records:
        return Records.open_at(self.url, self.home)

    def tamper(self, statement: str, **values: Any) -> None:
        """Change the database behind the back of the program."""
        url = self.url.replace("postgresql:", "postgresql+psycopg:") or f"sqlite:///{self.home}/records.sqlite3"
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text(statement), values)
        engine.dispose()


def draft(words: str = "", **fields: Any) -> Draft:
    pad = Pad(pieces=(Piece(text=words, origin="typed"),)) if words else Pad()
    order = Order(accession="A1", patient_id="P1", name="DOE^Jane", procedure="Chest radiograph", modality="CR")
    own = {"id": uuid.uuid4().hex, "orders": (order,), "pad": pad, **fields}
    numbers = tuple(one.accession for one in own["orders"])  # of which other cases of a test are, too
    return Draft(**{"second_meant": numbers, **own})


def version(
    of: Draft, words: str = "Lungs clear.", state: SignedState = "final", role: Role = "attending", author: str = "Dr A"
) -> Version:
    report = Report(findings=(Statement(id="r1", text=words, section="findings", origin="typed"),))
    case = Case(
        id=of.id,
        orders=of.orders,
        dictation=Dictation(sentences=()),
        report=report,
        decisions=of.decisions,
        state=state,
    )
    return Version(number=1, state=state, author=author, role=role, at=AT, text=words, case=case)


def decision(discrepancy: str = "d1", reason: str = "") -> Decision:
    return Decision(discrepancy_id=discrepancy, action="dismiss", reason=reason, by="Dr A", at=AT)


def opened(records: Records, of: Draft, page: str = PAGE) -> Draft:
    """Keep a new case and take it for a page."""
    records.create(of, "Dr A")
    assert records.lock(of.id, page, "Dr A").page == page
    return of
