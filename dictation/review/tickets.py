"""A viewer opens a case on a page: it posts an accession number, and gets an address that works once, for a minute.

POST open, form or JSON, `accession=…` (or `case=…`, its id in the outbox), with `Authorization: Bearer TOKEN`; the
token is for whoever can read the home, `dictation viewer-token` shows it. The address holds a random number and nothing
else: no proxy's log and no history says which patient was looked at.
"""

import hmac
import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from dictation.errors import DictationError, UsageError
from dictation.private import without_folders
from dictation.records import Records
from dictation.records.ordering import case_of
from dictation.records.text import storable

LASTS_S = 60.0
MOST = 10_000  # addresses that were given out within a minute
LONGEST_BODY = 4096  # bytes
USED = "This address has opened its case already, or is older than a minute; open the case again in the viewer."


def kept_ticket(query: str) -> str:
    """Return "?open=…" where a query holds a ticket, "" where it holds none: signing in first must not lose it."""
    asked = parse_qs(query).get("open", [""])[-1] if len(query) < LONGEST_BODY else ""
    return f"?open={asked}" if re.fullmatch(r"[\w-]{1,100}", asked, re.ASCII) else ""


@dataclass
class _Ticket:
    case: str
    ends_at_s: float
    page: str = ""


class Tickets:
    """One-time numbers, each for a case. Safe to use from several threads."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._lock = now, Lock()
        self._given: dict[str, _Ticket] = {}

    def give(self, case_id: str) -> str:
        """Return a new number that opens a case for `LASTS_S` seconds. Raises UsageError where too many are out."""
        with self._lock:
            now = self._now()
            self._given = {number: one for number, one in self._given.items() if one.ends_at_s > now}
            if len(self._given) >= MOST:
                raise UsageError("Too many cases were asked for within a minute; wait a minute.")
            number = secrets.token_urlsafe(24)
            self._given[number] = _Ticket(case_id, now + LASTS_S)
        return number

    def take(self, number: str, page: str) -> str:
        """Return the case of a number. Raises UsageError where it is none, too old, or another page has used it.

        The page that used it may ask again: an answer can be lost on its way.
        """
        with self._lock:
            one = self._given.get(number)
            if one is None or one.ends_at_s <= self._now() or one.page not in ("", page):
                raise UsageError(USED)
            one.page = page
        return one.case


def ticket_routes(token: str, tickets: Tickets, records: Records, public_url: str) -> list[Route]:
    """POST open. `token` is the viewer's; `public_url` is where browsers find the page, "" where the request came."""
    expected = f"Bearer {token}".encode()

    async def answer(request: Request) -> JSONResponse:
        given = request.headers.get("authorization", "").encode("latin-1")
        if not hmac.compare_digest(given, expected):
            return JSONResponse({"message": "This is not the viewer's token; `dictation viewer-token` shows it."}, 401)
        try:
            accession, case_id = _asked(request.headers.get("content-type", ""), await request.body())
            found = await run_in_threadpool(_case, records, accession, case_id)
            if found is None:
                return JSONResponse({"message": "No case here has this accession number; is its order here?"}, 404)
            number = tickets.give(found)
        except DictationError as error:
            return JSONResponse({"message": without_folders(str(error), records.home)}, 400)
        url = f"{public_url or str(request.base_url)}?open={number}"
        return JSONResponse({"url": url, "seconds": int(LASTS_S)}, 201, {"Location": url})

    return [Route("/open", answer, methods=["POST"])]


def _asked(kind: str, body: bytes) -> tuple[str, str]:
    """The accession number and the id of a case in a body, one of them "". Raises UsageError, which quotes nothing."""
    fault = UsageError("Send accession=… as a form, or a JSON object with the key accession.")
    if len(body) > LONGEST_BODY:
        raise fault
    try:
        text = body.decode()
        if kind.partition(";")[0].strip().lower() == "application/json":
            values = json.loads(text)
        else:
            values = {name: given[0] for name, given in parse_qs(text, strict_parsing=True).items()}
        accession, case_id = values.get("accession", ""), values.get("case", "")
    except (ValueError, AttributeError, RecursionError):
        raise fault from None
    if not (isinstance(accession, str) and isinstance(case_id, str)) or bool(accession.strip()) == bool(case_id):
        raise fault
    return accession.strip(), case_id


def _case(records: Records, accession: str, case_id: str) -> str | None:
    with records.reading() as connection:
        if accession:
            return case_of(connection, storable(accession))
    try:
        return records.load(case_id).draft.id
    except UsageError:
        return None
