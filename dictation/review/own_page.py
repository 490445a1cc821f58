"""Only the page itself may talk to the server: any other site open in the same browser could reach 127.0.0.1 too.

What the server answers may be shown, run and read by the page alone, and asks nothing of another machine.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

HOSTS = frozenset(("127.0.0.1", "localhost"))  # any port: it may be forwarded
READS = frozenset(("GET", "HEAD"))
OWN_SITES = frozenset(("same-origin", "none"))  # none: typed into the address bar, or a bookmark
REFUSED = "This page answers only to itself; open it at its own address, 127.0.0.1 or localhost."
POLICY_VIOLATION = 1008

# Measured with Gradio 6.31 in Chromium: without 'unsafe-inline' its start and its styles are refused, without
# 'unsafe-eval' its HTML templates, without data: its icons; the recorder starts its worklet from a blob.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "connect-src 'self' {sockets}",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
SAFE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"microphone=(self), hid=(self), camera=(), geolocation=(), payment=(), usb=()"),
)
OF_PATIENTS = (b"text/html", b"application/json", b"audio/", b"text/plain")  # never left on the disk of the browser

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


class OwnPageOnly:
    """ASGI middleware: 403 for a Host that is not this machine, and for whatever another origin asks or would change.

    A WebSocket from elsewhere is closed before it opens. Every answer carries the headers that keep it in its page.
    """

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what the page asks, refuse the rest."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif not _is_own(scope):
            await _refuse(scope, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _with_safe_headers(scope, send))


async def answer_plainly(send: Send, status: int, text: str, *headers: tuple[bytes, bytes]) -> None:
    """Answer a request with one sentence."""
    body = f"{text}\n".encode()
    fixed = ((b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": [*fixed, *headers]})
    await send({"type": "http.response.body", "body": body})


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
    else:
        await answer_plainly(send, 403, REFUSED, *SAFE_HEADERS)


def _headers(scope: Scope) -> dict[bytes, str]:
    return {name: value.decode("latin-1") for name, value in scope["headers"]}


def _is_own(scope: Scope) -> bool:
    """A Host of another name is how a foreign page reads answers (DNS rebinding); its Origin shows who writes."""
    headers = _headers(scope)
    host, origin = headers.get(b"host", "").lower(), headers.get(b"origin")
    try:
        if urlsplit(f"//{host}").hostname not in HOSTS:
            return False
    except ValueError:
        return False
    if not _asked_by_own_page(headers):
        return False
    if origin is None or scope.get("method") in READS:
        return True
    return bool(origin.lower() == f"http://{host}")


def _asked_by_own_page(headers: dict[bytes, str]) -> bool:
    """A foreign page may link to us, but not put our images and sound into itself; old browsers do not say who asks."""
    if headers.get(b"sec-fetch-site", "none") in OWN_SITES:
        return True
    return headers.get(b"sec-fetch-mode") == "navigate" and headers.get(b"sec-fetch-dest") == "document"


def _with_safe_headers(scope: Scope, send: Send) -> Send:
    host = _headers(scope).get(b"host", "").lower()
    policy = POLICY.format(sockets=f"ws://{host}").encode("latin-1")

    async def safely(message: Scope) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            said = {name.lower(): value for name, value in headers}
            added = [*SAFE_HEADERS, (b"content-security-policy", policy)]
            if said.get(b"content-type", b"").startswith(OF_PATIENTS):
                added.append((b"cache-control", b"no-store"))
            headers += [(name, value) for name, value in added if name not in said]
            message = {**message, "headers": headers}
        await send(message)

    return safely
