"""A worklist of 50,000 cases through the app's own route, on SQLite."""

import json
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from benchmarks.app.delays import spread
from benchmarks.app.served import Served
from benchmarks.records.__main__ import fill
from dictation.records import Records

TIMES, PAGES = 40, 20
ASKED = {
    "open": "worklist",
    "search a name (one in 200)": "worklist?search=smith+ada",
    "search an accession number": "worklist?search=acc0025000",
    "search what is not there": "worklist?search=zzzz",
    "search half of all": "worklist?search=chest",
    "filter: critical, not communicated": "worklist?state=critical",
    "filter: final": "worklist?state=final",
    "search within a state": "worklist?state=final&search=knee+tanaka",
}


def run(cases: int) -> dict[str, Any]:
    """Fill the records with so many cases, serve them, and ask: milliseconds from the question to the last byte."""
    home = Path(tempfile.mkdtemp(prefix="bench_worklist"))
    records = Records.open_at("", home)
    fill(records, cases)
    records.close()
    took: dict[str, list[float]] = {name: [] for name in (*ASKED, "next page")}
    with Served(home) as served:
        where = urlsplit(served.url)
        connection = HTTPConnection(str(where.hostname), where.port, timeout=60)
        _ask(connection, "worklist")
        worked: dict[str, float] = {}
        for name, path in ASKED.items():
            before_s = served.cpu_s
            took[name] += [_ask(connection, path)[0] for _ in range(TIMES)]
            worked[name] = round(1000 * (served.cpu_s - before_s) / TIMES, 1)
        following = _ask(connection, "worklist")[1]["next"]
        for _ in range(PAGES):
            milliseconds, page = _ask(connection, f"worklist?after={quote(following)}")
            took["next page"].append(milliseconds)
            following = page["next"]
        connection.close()
    return {
        "cases": cases,
        "database": "SQLite",
        "milliseconds": {name: spread(ms) for name, ms in took.items()},
        "milliseconds_of_processor_a_question": worked,
    }


def _ask(connection: HTTPConnection, path: str) -> tuple[float, dict[str, Any]]:
    began_s = time.perf_counter()
    connection.request("GET", f"/{path}")
    answer = connection.getresponse()
    content = answer.read()
    milliseconds = 1000 * (time.perf_counter() - began_s)
    if answer.status != 200:
        raise SystemExit(f"the worklist answered {answer.status}")
    return milliseconds, json.loads(content)
