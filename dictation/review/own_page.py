"""Only the page itself may talk to the server: any other site open in the same browser could reach 127.0.0.1 too.

What the server answers may be shown, run and read by the page alone, and asks nothing of another machine. Behind a
reverse proxy the page has a second address, its public one, which the proxy names as the Host of what it passes on.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

HOSTS = frozenset(("127.0.0.1", "localhost"))  # any port: it may be forwarded
READS = frozenset(("GET", "HEAD"))
OWN_SITES = frozenset(("same-origin", "none"))  # none: typed into the address bar, or a bookmark
REFUSED = (
    "This page answers only to itself; open it at its own address, 127.0.0.1 or localhost, or at DICTATION_PUBLIC_URL "
    "through a proxy that passes on the Host."
)
ELSEWHERE = (
    "Without sign-in this page is for its own machine, also through a proxy; its administrator sets DICTATION_SIGN_IN "
    "to password, oidc or proxy."
)
POLICY_VIOLATION = 1008
DRAINED_BYTES, DRAINED_S = 4 * 2**20, 5.0
PORTS = {"http": 80, "https": 443}  # where none is named
_HOST = re.compile(r"(?P<name>[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?")

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
FORWARDED_FOR = (  # ends of the names in which proxies name who asked them, as addresses; no browser sends such a name
    b"forwarded", b"forwarded-for", b"ip", b"ip-address", b"remote-addr", b"remoteaddr", b"remote-address",
    b"external-address",
)  # fmt: skip
ORIGINAL = b"x-original-"  # beginning of the names in which proxies keep what they were asked
OF_GRADIO = b"x-gradio-server"
OF_PROXIES = (b"forwarded", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-prefix", OF_GRADIO)
EVENTS = b"text/event-stream"
STRICTLY_TLS = (b"strict-transport-security", b"max-age=31536000")
OF_PATIENTS = (b"text/html", b"application/json", b"audio/", b"text/plain")  # never left on the disk of the browser

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


class OwnPageOnly:
    """ASGI middleware: 403 for a Host that is neither this machine nor `public_url`, and for what another origin asks.

    A WebSocket from elsewhere is closed before it opens. Every answer carries the headers that keep it in its page.
    `public_url` is that of the settings: its host is ours too, with its own origin, and its path is taken off.
    `here_only`: 403, too, for what a proxy passes on for another machine and says so; for where nobody signs in.
    """

    def __init__(self, app: Asgi, public_url: str = "", *, here_only: bool = False) -> None:
        self._app, self._public_url, self._here_only = app, public_url, here_only
        self._public = urlsplit(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what the page asks, refuse the rest."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = _headers(scope)
        origin = self._origin(headers.get(b"host", "").lower(), is_tls=scope.get("scheme") in ("https", "wss"))
        if not origin or not _is_own(scope, headers, origin):
            await _refuse(scope, send, REFUSED)
            return
        if self._here_only and _is_for_elsewhere(scope):
            await _refuse(scope, send, ELSEWHERE)
            return
        scope = self._as_mounted(scope, is_public=origin == _origin_of(self._public))
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _with_safe_headers(origin, send))

    def _origin(self, host: str, *, is_tls: bool) -> str:
        """The origin of pages at this Host, "" where it is none of ours."""
        scheme = "https" if is_tls else "http"
        if (asked := host_and_port(host)) is None:
            return ""
        name, port = asked
        if self._public_url and (public := host_and_port(self._public.netloc)) is not None:
            of_public = public[1] or PORTS[self._public.scheme]
            is_without = port is None and name not in HOSTS  # some proxies leave the port out
            if name == public[0] and (is_without or of_public == (port or PORTS[self._public.scheme])):
                return _origin_of(self._public)
        if name not in HOSTS:
            return ""
        return f"{scheme}://{name}" if port in (None, PORTS[scheme]) else f"{scheme}://{name}:{port}"

    def _as_mounted(self, scope: Scope, *, is_public: bool) -> Scope:
        """The request as if nobody stood between: without the sub-path, and without what only a proxy may say.

        Gradio writes its own address into the page, which it takes from X-Gradio-Server and the root path.
        """
        headers = [(name, value) for name, value in scope["headers"] if name not in OF_PROXIES]
        path, below = scope["path"], self._public.path.rstrip("/")
        if is_public:
            headers.append((b"x-gradio-server", self._public_url.encode()))
            scope = {**scope, "root_path": below}
            while below and f"{path}/".startswith(f"{below}/"):  # the next one, too: the router would take it off,
                path = path.removeprefix(below) or "/"  # once the doors before it have looked at another path
            if path != scope["path"]:
                scope = {**scope, "path": path, "raw_path": quote(path).encode()}
        return {**scope, "headers": headers}


async def drained(receive: Receive) -> None:
    """Take in the body of a request that is refused, up to DRAINED_BYTES and DRAINED_S, before it is answered.

    Where bytes still lie unread, the connection is reset, and who sent them never reads why.
    """
    left = DRAINED_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAINED_S):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body"):
                    return


def host_and_port(host: str) -> tuple[str, int | None] | None:
    """The name and the port of a Host in lower case, the port None where it has none; None where it is no Host.

    Nothing is overlooked: what stands behind the port, before an @ or in a path would be another page's name.
    """
    parts = _HOST.fullmatch(host)
    if parts is None:
        return None
    port = None if parts["port"] is None else int(parts["port"])
    return (parts["name"], port) if port is None or 0 < port < 2**16 else None


async def answer_plainly(send: Send, status: int, text: str, *headers: tuple[bytes, bytes]) -> None:
    """Answer a request with one sentence."""
    body = f"{text}\n".encode()
    fixed = ((b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": [*fixed, *headers]})
    await send({"type": "http.response.body", "body": body})


async def answer_page(send: Send, page: str) -> None:
    """Answer a request with a page."""
    body = page.encode()
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _refuse(scope: Scope, send: Send, why: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
    else:
        await answer_plainly(send, 403, why, *SAFE_HEADERS)


def _headers(scope: Scope) -> dict[bytes, str]:
    return {name: value.decode("latin-1") for name, value in scope["headers"]}


def names_a_proxy(headers: Iterable[bytes]) -> bool:
    """Whether one of these names of headers is such as only a proxy sends."""
    return any(
        name in (*OF_PROXIES, b"via") or b"forward" in name or name.startswith(ORIGINAL) or name.endswith(FORWARDED_FOR)
        for name in headers
    )


def _is_for_elsewhere(scope: Scope) -> bool:
    """Whether a proxy says that it asks for another machine. A browser of this machine says nothing of the kind.

    Via names proxies and no machine, and a proxy that names no address at all may ask for anybody.
    """
    said = [(name, value.decode("latin-1").strip()) for name, value in scope["headers"]]
    if any(name == b"via" and value for name, value in said):
        return True
    listed = [place.strip() for name, value in said if _is_of_address(name) for place in value.split(",")]
    forwarded = [place for name, value in said if name == b"forwarded" for place in _forwarded_for(value)]
    places = [*filter(None, listed), *forwarded]
    is_of_proxy = names_a_proxy(name for name, value in said if value and name != OF_GRADIO)
    return not all(map(_is_here, places)) or (is_of_proxy and not places)


def _is_of_address(name: bytes) -> bool:
    return name != b"forwarded" and name.endswith(FORWARDED_FOR)


def _forwarded_for(value: str) -> list[str]:
    """For whom proxies ask, as Forwarded says it (RFC 7239), without ports; "" for a proxy that does not say."""
    places = []
    for hop in filter(None, value.split(",")):
        pairs = (pair.partition("=") for pair in hop.split(";"))
        named = [place.strip().strip('"') for name, _, place in pairs if name.strip().lower() == "for"]
        places += [
            place[1:].partition("]")[0] if place[:1] == "[" else place.partition(":")[0] for place in named or [""]
        ]
    return places


def _is_here(place: str) -> bool:
    try:
        return ip_address(place).is_loopback
    except ValueError:  # what is no address may be anywhere
        return False


def _origin_of(url: SplitResult) -> str:
    return f"{url.scheme}://{url.netloc}"


def _is_own(scope: Scope, headers: dict[bytes, str], own: str) -> bool:
    """A Host of another name is how a foreign page reads answers (DNS rebinding); its Origin shows who writes."""
    if not _asked_by_own_page(headers):
        return False
    origin = headers.get(b"origin")
    return origin is None or scope.get("method") in READS or origin.lower() == own


def _asked_by_own_page(headers: dict[bytes, str]) -> bool:
    """A foreign page may link to us, but not put our images and sound into itself; old browsers do not say who asks."""
    if headers.get(b"sec-fetch-site", "none") in OWN_SITES:
        return True
    return headers.get(b"sec-fetch-mode") == "navigate" and headers.get(b"sec-fetch-dest") == "document"


def _with_safe_headers(origin: str, send: Send) -> Send:
    policy = POLICY.format(sockets=f"ws{origin.removeprefix('http')}").encode("latin-1")
    safe = (*SAFE_HEADERS, STRICTLY_TLS) if origin.startswith("https:") else SAFE_HEADERS

    async def safely(message: Scope) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            said = {name.lower(): value for name, value in headers}
            added = [*safe, (b"content-security-policy", policy)]
            if said.get(b"content-type", b"").startswith(OF_PATIENTS):
                added.append((b"cache-control", b"no-store"))
            if said.get(b"content-type", b"").startswith(EVENTS):
                added.append((b"x-accel-buffering", b"no"))  # nginx would hold news back until there is more of it
            headers += [(name, value) for name, value in added if name not in said]
            message = {**message, "headers": headers}
        await send(message)

    return safely
