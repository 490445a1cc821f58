"""Only the page itself may talk to the server: any other site open in the same browser could reach 127.0.0.1 too."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

HOSTS = frozenset(("127.0.0.1", "localhost"))  # any port: it may be forwarded
READS = frozenset(("GET", "HEAD"))
REFUSED = b"This page answers only to itself; open it at its own address, 127.0.0.1 or localhost.\n"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


class OwnPageOnly:
    """ASGI middleware: 403 for a Host that is not this machine, and for whatever another origin would change."""

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what the page asks, refuse the rest."""
        if scope["type"] == "lifespan" or _is_own(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(REFUSED)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": REFUSED})


def _is_own(scope: Scope) -> bool:
    """A Host of another name is how a foreign page reads answers (DNS rebinding); its Origin shows who writes."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    host, origin = headers.get(b"host", "").lower(), headers.get(b"origin")
    try:
        if urlsplit(f"//{host}").hostname not in HOSTS:
            return False
    except ValueError:
        return False
    if origin is None or scope.get("method") in READS:
        return True
    return bool(origin.lower() == f"http://{host}")
