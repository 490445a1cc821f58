"""How much one machine may ask of the server at a time: past it a short answer, so that the others are served on.

Each address is counted by itself, and the network of an IPv6 address, too, of which one machine may have many: more is
allowed to that, as a whole ward may be in it.

Sound is never refused: a page that was offline sends minutes of it at once, so a WebSocket is slowed down, not closed.
What cannot be seen from here, half a request that never ends, is in patience.py.
"""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from dictation.records.customer import counted
from dictation.review.own_page import Asgi, Receive, Scope, Send, answer_plainly

TOO_BIG, TRY_LATER = 1009, 1013  # close codes of RFC 6455
CASES_OF_USER = 64  # open at once; as many as one address may have pages, where that is more
TAKES_OF_USER = 256  # in these cases: a page begins one each time that it is loaded, or comes back to a case
MARKS = (
    b"[",
    b"{",
    b",",
)  # one for each value of JSON; in UTF-16 and UTF-32, which are read too, they are seen as well
OF_NETWORK = 16  # times what one address may: a ward is one network of IPv6, and so is one machine with many addresses


@dataclass(frozen=True)
class Allowed:
    """Limits; sizes in bytes, times in seconds. A rate holds for what comes after a first `burst`.

    `uploads` are the beginnings of paths that may bring `upload_bytes`: a series of images is large. `lists` are those
    that name all files of a case each time, some 500 bytes and 10 marks a file.

    Marks are the bytes `[`, `{` and `,`: what it costs to read JSON goes with their number, not with its length, and
    one process reads it for everybody.
    """

    body_bytes: int = 2**20
    body_marks: int = 20_000
    lists: tuple[str, ...] = ("/gradio_api/queue/join",)
    list_bytes: int = 4 * 2**20
    list_marks: int = 60_000
    marks_burst: int = 120_000
    marks_per_s: float = 10_000.0  # more wait; a list of files costs 6 µs a mark, so 6 % of a core
    upload_bytes: int = 4 * 2**30
    uploads: tuple[str, ...] = ("/gradio_api/upload",)
    body_pause_s: float = 15.0  # longest silence within a body
    body_bytes_per_s: int = 1024  # and no drip either, after the first pause
    answer_pause_s: float = 120.0  # longest time in which nobody takes the next piece of an answer
    burst: int = 1000  # a page with all its assets asks about 150 times
    requests_per_s: float = 200.0
    requests_at_once: int = 128  # those that wait for news count too, two a page
    sockets: int = 64
    message_bytes: int = 2**20
    messages_burst: int = 2000  # 200 s of sound that was kept while the server was away
    messages_per_s: float = 400.0

    @classmethod
    def of_pages(cls, pages: int, message_bytes: int) -> "Allowed":
        """Return the limits of an address with so many open pages: what all of them ask grows as they do."""
        share = max(1.0, pages / cls.sockets)
        return cls(
            sockets=pages, requests_at_once=max(cls.requests_at_once, 2 * pages), burst=round(cls.burst * share),
            requests_per_s=cls.requests_per_s * share, message_bytes=message_bytes,
            marks_burst=round(cls.marks_burst * share), marks_per_s=cls.marks_per_s * share,
        )  # fmt: skip

    def of_body(self, path: str) -> tuple[int, float]:
        """Return the most bytes and marks that may be sent to a path."""
        if path.startswith(self.uploads):
            return self.upload_bytes, math.inf
        return (self.list_bytes, self.list_marks) if path.startswith(self.lists) else (self.body_bytes, self.body_marks)


class Bucket:
    """Fills by `rate` a second up to `burst`; every piece of work takes some out."""

    def __init__(self, burst: float, rate: float, now: Callable[[], float] = time.monotonic) -> None:
        self._burst, self._rate, self._now = burst, rate, now
        self._held, self._at = burst, now()

    def take(self, amount: float = 1.0) -> float:
        """Take `amount` and return 0, or take nothing and return the seconds until it is there."""
        if wait_s := self.wait_s(amount):
            return wait_s
        self._held -= min(amount, self._burst)
        return 0.0

    def wait_s(self, amount: float) -> float:
        """Return the seconds until `amount` is there, 0 where it is; of more than it holds, until it is full."""
        now = self._now()
        self._held = min(self._burst, self._held + (now - self._at) * self._rate)
        self._at = now
        return max(0.0, (min(amount, self._burst) - self._held) / self._rate)

    @property
    def is_full(self) -> bool:
        """True when nothing was asked for long."""
        return self._held + (self._now() - self._at) * self._rate >= self._burst


@dataclass
class _Machine:
    """What one address, or one network of IPv6, has open, and the most it may."""

    requests: Bucket
    marks: Bucket
    most_at_once: int
    most_sockets: int
    at_once: int = 0
    sockets: int = 0

    @classmethod
    def of(cls, allowed: Allowed, times: int) -> "_Machine":
        """One that may have so many times what is allowed."""
        requests = Bucket(allowed.burst * times, allowed.requests_per_s * times)
        marks = Bucket(allowed.marks_burst * times, allowed.marks_per_s * times)
        return cls(requests, marks, allowed.requests_at_once * times, allowed.sockets * times)


class Limits:
    """ASGI middleware around any app."""

    def __init__(self, app: Asgi, allowed: Allowed | None = None) -> None:
        self.app, self.allowed = app, allowed or Allowed()
        self._machines: dict[str, _Machine] = {}
        self.refused: Counter[int] = Counter()  # status or close code → how often

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is within the limits."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        machines = self._counted(scope)
        if scope["type"] == "websocket":
            await self._socket(machines, scope, receive, send)
        else:
            await self._request(machines, scope, receive, send)

    def _counted(self, scope: Scope) -> list[_Machine]:
        """Return the address that asks, and its network where it has one."""
        address, network = counted((scope.get("client") or ("",))[0])
        names = {address: 1, network: OF_NETWORK} if network else {address: 1}
        if not names.keys() <= self._machines.keys():
            for idle in [name for name, one in self._machines.items() if name not in names and _is_idle(one)]:
                del self._machines[idle]
            for name, times in names.items():
                self._machines.setdefault(name, _Machine.of(self.allowed, times))
        return [self._machines[name] for name in names]

    async def _request(self, machines: list[_Machine], scope: Scope, receive: Receive, send: Send) -> None:
        most, most_marks = self.allowed.of_body(scope["path"])
        if any(one.requests.take() for one in machines):  # a network gives none for an address that has none left
            await self._answer(send, 429, "Too many requests at once; wait a second.", (b"retry-after", b"1"))
        elif any(one.at_once >= one.most_at_once for one in machines):
            await self._answer(send, 503, "Too many requests are open; wait for an answer.", (b"retry-after", b"1"))
        elif announced(scope) > most:
            await self._answer(send, 413, f"At most {most} bytes can be sent here.")
        else:
            for one in machines:
                one.at_once += 1
            try:
                await _Body(self, machines, most, most_marks, receive, send).serve(scope)
            finally:
                for one in machines:
                    one.at_once -= 1

    async def _answer(self, send: Send, status: int, text: str, *headers: tuple[bytes, bytes]) -> None:
        self.refused[status] += 1
        await answer_plainly(send, status, text, (b"connection", b"close"), *headers)

    async def _socket(self, machines: list[_Machine], scope: Scope, receive: Receive, send: Send) -> None:
        if any(one.sockets >= one.most_sockets for one in machines):
            await receive()
            await send({"type": "websocket.accept"})  # or the page could not read why
            await self._close(send, TRY_LATER, "Too many pages are open; close some.")
            return
        bucket = Bucket(self.allowed.messages_burst, self.allowed.messages_per_s)
        closed = False

        async def measured() -> Scope:
            nonlocal closed
            if closed:
                return {"type": "websocket.disconnect", "code": TOO_BIG}
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            size = len(message.get("bytes") or message.get("text") or "")
            if size > self.allowed.message_bytes:
                closed = True
                await self._close(send, TOO_BIG, f"A message has at most {self.allowed.message_bytes} bytes.")
                return {"type": "websocket.disconnect", "code": TOO_BIG}
            while wait_s := bucket.take():
                await asyncio.sleep(wait_s)
            await _waited(machines, _marks(message.get("text") or ""))
            return message

        async def unless_closed(message: Scope) -> None:
            if not closed:
                await send(message)

        for one in machines:
            one.sockets += 1
        try:
            await self.app(scope, measured, unless_closed)
        finally:
            for one in machines:
                one.sockets -= 1

    async def _close(self, send: Send, code: int, reason: str) -> None:
        self.refused[code] += 1
        await send({"type": "websocket.close", "code": code, "reason": reason})


class _Body:
    """One request: its body may neither be too long nor have too many marks nor come too slowly."""

    def __init__(
        self, limits: Limits, machines: list[_Machine], most: int, most_marks: float, receive: Receive, send: Send
    ) -> None:
        self._limits, self._machines, self._receive, self._send = limits, machines, receive, send
        self._most, self._most_marks = most, most_marks
        self._got, self._marks, self._waited_s, self._ended = 0, 0, 0.0, False
        self._began = time.monotonic()
        self._started = self._refused = False

    async def serve(self, scope: Scope) -> None:
        """Serve it; once refused, whatever the app still says or raises about it is dropped."""
        try:
            await self._limits.app(scope, self._measured, self._unless_refused)
        except Exception:
            if not self._refused:
                raise

    async def _measured(self) -> Scope:
        if self._refused:
            return {"type": "http.disconnect"}
        if self._ended:
            return await self._receive()
        allowed = self._limits.allowed
        try:
            message = await asyncio.wait_for(self._receive(), allowed.body_pause_s)
        except TimeoutError:
            return await self._refuse(408, f"Nothing came for {allowed.body_pause_s:g} s; send it again.")
        if message["type"] != "http.request":
            return message
        body = message.get("body", b"")
        marks = 0 if self._most_marks == math.inf else _marks(body)
        self._got, self._marks = self._got + len(body), self._marks + marks
        self._ended = not message.get("more_body", False)
        late_s = time.monotonic() - self._began - self._waited_s - allowed.body_pause_s
        if self._got > self._most:
            return await self._refuse(413, f"At most {self._most} bytes can be sent here.")
        if self._marks > self._most_marks:
            return await self._refuse(413, f"At most {self._most_marks} values can be sent here; send fewer at once.")
        if not self._ended and late_s * allowed.body_bytes_per_s > self._got:
            return await self._refuse(408, f"Send at least {allowed.body_bytes_per_s} bytes a second.")
        self._waited_s += await _waited(self._machines, marks)
        return message

    async def _refuse(self, status: int, text: str) -> Scope:
        if not self._started:
            await self._limits._answer(self._send, status, text)
        self._refused = True
        return {"type": "http.disconnect"}

    async def _unless_refused(self, message: Scope) -> None:
        if self._refused:
            return
        self._started = True
        try:
            await asyncio.wait_for(self._send(message), self._limits.allowed.answer_pause_s)
        except TimeoutError:
            self._refused = True
            raise  # ends the app's work; uvicorn then closes what nobody reads


def announced(scope: Scope) -> int:
    """Return the bytes of the body as its header says; -1 where it does not, or where that is no number."""
    given = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(given[0]) if given and given[0].isdigit() else -1


def _marks(sent: bytes | str) -> int:
    return sum(map(sent.count, MARKS)) if isinstance(sent, bytes) else sum(map(sent.count, "[{,"))


async def _waited(machines: list[_Machine], marks: int) -> float:
    """Wait until so many marks may come; return the seconds."""
    waited_s = 0.0
    for one in machines:
        while wait_s := one.marks.take(marks):
            waited_s += wait_s
            await asyncio.sleep(wait_s)
    return waited_s


def _is_idle(machine: _Machine) -> bool:
    return not machine.at_once and not machine.sockets and machine.requests.is_full and machine.marks.is_full
