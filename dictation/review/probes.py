"""What a monitor asks: /healthz, /readyz and /metrics. Nothing in their answers is of a patient, a case or a person.

They are answered outside the page's own checks, as a probe comes with the address of the host and without a session.
Health and readiness are for everybody who reaches the server. Metrics are for this machine, by its own name and not
through a proxy, or, once DICTATION_METRICS_TOKEN is set, for whoever brings that token.
"""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable

from dictation.review.counting import Counts
from dictation.review.own_page import HOSTS, SAFE_HEADERS, Asgi, Receive, Scope, Send, host_and_port, names_a_proxy
from dictation.review.readiness import Found, Readiness

LOOPBACK = frozenset(("127.0.0.1", "::1"))
PLAIN, JSON, METRICS = b"text/plain; charset=utf-8", b"application/json", b"text/plain; version=0.0.4; charset=utf-8"
READS = ("GET", "HEAD")
Answer = tuple[int, bytes, bytes]  # status, kind, body


class Probes:
    """ASGI middleware, the outermost: answers the probes, and counts what is refused by all that lies within.

    `metrics` returns the text of /metrics, None where it cannot be taken in time. `is_signed_in` tells whether somebody
    asks who is signed in: who is not learns of readiness no more than that.
    """

    def __init__(
        self,
        app: Asgi,
        readiness: Readiness,
        metrics: Callable[[], Awaitable[bytes | None]],
        counts: Counts,
        token: str = "",
        is_signed_in: Callable[[Scope], bool] = lambda scope: False,
    ) -> None:
        self._is_signed_in = is_signed_in
        self._app, self._readiness, self._metrics, self._counts = app, readiness, metrics, counts
        self._expected = f"Bearer {token}".encode() if token else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a probe; pass on everything else."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if scope["type"] == "http" and path in ("/healthz", "/readyz", "/metrics"):
            await self._answer(path, scope, send)
        else:
            await self._app(scope, receive, self._counted(send))

    async def _answer(self, path: str, scope: Scope, send: Send) -> None:
        more: tuple[tuple[bytes, bytes], ...] = ()
        if scope["method"] not in READS:
            status, kind, body = 405, PLAIN, b"Only GET is answered here.\n"
            more = ((b"allow", b"GET, HEAD"),)
        elif path == "/healthz":
            status, kind, body = 200, PLAIN, b"ok\n"
        elif path == "/readyz":
            found = await self._readiness.look()
            status, kind, body = _told(found, in_detail=await asyncio.to_thread(self._is_signed_in, scope))
        else:
            status, kind, body = await self._measured(scope)
            more = ((b"www-authenticate", b"Bearer"),) if status == 401 else ()
        if status in (401, 403, 405):
            self._counts.add("requests_refused", str(status))
        fixed = (
            (b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store"),
        )  # fmt: skip
        await send({"type": "http.response.start", "status": status, "headers": [*fixed, *SAFE_HEADERS, *more]})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _measured(self, scope: Scope) -> Answer:
        headers = dict(scope["headers"])
        if self._expected:
            if not hmac.compare_digest(headers.get(b"authorization", b""), self._expected):
                return 401, PLAIN, b"This is not the token of DICTATION_METRICS_TOKEN.\n"
        elif not _is_from_here(scope, headers):
            return (
                403,
                PLAIN,
                b"Metrics are told on this machine only; set DICTATION_METRICS_TOKEN to read them elsewhere.\n",
            )
        body = await self._metrics()
        if body is None:
            return 503, PLAIN, b"The metrics could not be taken in time.\n"
        return 200, METRICS, body

    def _counted(self, send: Send) -> Send:
        async def counted(message: Scope) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                self._counts.add("requests_refused", str(message["status"]))
            elif message["type"] == "websocket.close" and message.get("code", 1000) not in (1000, 1001):
                self._counts.add("requests_refused", str(message["code"]))
            await send(message)

        return counted


def _told(found: dict[str, Found], *, in_detail: bool) -> Answer:
    """One line a check, so that a person can read it, too."""
    is_ready = all(one.ok for one in found.values())
    states = {
        name: f"{one.state} ({one.detail})" if in_detail and one.detail else one.state for name, one in found.items()
    }
    lines = [json.dumps({"check": name, "ok": one.ok, "state": states[name]}) for name, one in found.items()]
    body = f'{{"ready": {json.dumps(is_ready)}, "checks": [\n' + ",\n".join(lines) + "\n]}\n"
    return 200 if is_ready else 503, JSON, body.encode()


def _is_from_here(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    """Whether a program of this machine asks, neither a proxy for another one nor a page of a name that leads here."""
    client = (scope.get("client") or ("",))[0]
    host, _ = host_and_port(headers.get(b"host", b"").decode("latin-1").lower()) or ("", None)
    is_of_a_page = b"origin" in headers or headers.get(b"sec-fetch-site", b"none") not in (b"none", b"same-origin")
    return client in LOOPBACK and host in HOSTS and not is_of_a_page and not names_a_proxy(headers)
