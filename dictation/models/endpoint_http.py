"""One request to a chat-completions server: sent, sent again where the server is busy, read as it comes, broken off.

The request goes to the server that the user named and to nobody else: redirects are not followed and the proxies of
the environment are not used. Certificates are checked against this machine's authorities and certifi's.
"""

import asyncio
import json
import ssl
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from dictation.errors import WRITING_CANCELLED, Cancelled
from dictation.models.endpoint_answer import Answer
from dictation.models.endpoint_errors import BUSY, is_lasting, refused, unreachable

if TYPE_CHECKING:
    import httpx

CONNECT_TIMEOUT_S = 10.0
LONGEST_WAIT_S = 60.0  # that a server may ask for
WATCH_S = 0.03  # between two looks at `cancel`, and at what tells the connection of it
_MOST_SAID = 1 << 16  # bytes of an error that are looked at


class ChatServer:
    """A server behind an address that ends where /chat/completions begins.

    `silence_s` is the longest time without a byte, `timeout_s` that of a whole answer, `waits_s` what is waited before
    each further attempt at a server that is busy or failing.
    """

    def __init__(self, url: str, key: str, silence_s: float, timeout_s: float, waits_s: Sequence[float]) -> None:
        self.url, self._key = url, key
        self._silence_s, self._timeout_s, self._waits_s = silence_s, timeout_s, tuple(waits_s)

    def ask(
        self, request: dict[str, Any], answer: Answer, cancel: Event | None, told: Callable[[str], None] | None = None
    ) -> None:
        """Send a request and fill `answer`; `told` is given what is new of it, in this thread.

        Raises ModelError, MissingError, or Cancelled at once when `cancel` is set; the connection is closed then.
        """
        body = json.dumps(request).encode()
        news: SimpleQueue[str | BaseException | None] = SimpleQueue()
        stop = Event()

        def work() -> None:  # a thread of its own: that of a notebook has an event loop already
            try:
                asyncio.run(until_cancelled(stop, self._answer(body, str(request["model"]), answer, news.put)))
                news.put(None)
            except BaseException as error:
                news.put(error)

        Thread(target=work, name="endpoint", daemon=True).start()
        try:
            while True:
                if cancel is not None and cancel.is_set():
                    raise Cancelled(WRITING_CANCELLED)
                try:
                    new = news.get(timeout=WATCH_S)
                except Empty:
                    continue
                if new is None:
                    return
                if isinstance(new, BaseException):
                    raise new
                if told is not None and new:
                    told(new)
        finally:
            stop.set()

    async def _answer(self, body: bytes, model: str, answer: Answer, new: Callable[[str], None]) -> None:
        import httpx

        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}  # nothing that holds words back
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        timeout = httpx.Timeout(self._silence_s, connect=min(CONNECT_TIMEOUT_S, self._silence_s))
        async with httpx.AsyncClient(timeout=timeout, verify=self._verify, trust_env=False) as client:
            for attempt in range(len(self._waits_s) + 1):
                try:
                    async with (
                        asyncio.timeout(self._timeout_s),
                        client.stream("POST", f"{self.url}/chat/completions", content=body, headers=headers) as reply,
                    ):
                        if reply.status_code == 200:
                            await _read(reply, answer, new)
                            return
                        said = await _beginning(reply)
                except (httpx.HTTPError, TimeoutError) as error:
                    raise unreachable(self.url, error, self._silence_s, self._timeout_s) from error
                if reply.status_code not in BUSY or attempt == len(self._waits_s) or is_lasting(said):
                    raise refused(self.url, model, reply.status_code, said, attempt + 1)
                await asyncio.sleep(_wait_s(reply.headers.get("Retry-After", ""), self._waits_s[attempt]))

    @cached_property
    def _verify(self) -> ssl.SSLContext | bool:
        """The authorities of this machine, a hospital's own included, and certifi's; half a second to read."""
        if not self.url.startswith("https:"):
            return False
        import certifi

        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())
        return context


async def _read(reply: "httpx.Response", answer: Answer, new: Callable[[str], None]) -> None:
    async for received in reply.aiter_bytes():
        new(answer.feed(received))
        if answer.whole:
            return
    new(answer.close())


async def _beginning(reply: "httpx.Response") -> bytes:
    said = b""
    async for received in reply.aiter_bytes():
        said += received
        if len(said) >= _MOST_SAID:
            break
    return said


async def until_cancelled(stop: Event, work: Coroutine[Any, Any, None]) -> None:
    """Await `work`, and break it off, connection and all, when `stop` is set."""
    task = asyncio.ensure_future(work)
    while not task.done() and not stop.is_set():
        await asyncio.wait({task}, timeout=WATCH_S)
    task.cancel()  # once, or the closing of the connection would be broken off in turn
    await asyncio.wait({task})
    if not task.cancelled():
        task.result()


def _wait_s(asked: str, planned_s: float) -> float:
    """Return how long to wait: as the server asks, in seconds or with a date (RFC 9110, 10.2.3), else as planned."""
    if asked.isdecimal():
        return min(float(asked), LONGEST_WAIT_S)
    try:
        wait_s = (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return planned_s
    return min(max(wait_s, 0.0), LONGEST_WAIT_S)
