"""What a reverse proxy does to a request is undone: its sub-path, and, of a listed proxy, its own address.

uvicorn's middleware reads X-Forwarded-For and X-Forwarded-Proto, and only from the proxies that are listed.
"""

from typing import Any, cast
from urllib.parse import urlsplit

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from dictation.review.identity import PEER, networks
from dictation.review.own_page import Asgi, Receive, Scope, Send
from dictation.settings import Settings


class BehindProxy:
    """ASGI middleware around everything else."""

    def __init__(self, app: Asgi, settings: Settings) -> None:
        self._prefix = urlsplit(settings.public_url).path.rstrip("/")
        trusted = [str(network) for network in networks(settings.proxies)]
        self._app = cast(Asgi, ProxyHeadersMiddleware(cast(Any, app), trusted)) if trusted else app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what was asked, as if it had been asked here."""
        if scope["type"] in ("http", "websocket"):
            scope[PEER] = (scope.get("client") or ("",))[0]
            if self._prefix and (scope["path"] == self._prefix or scope["path"].startswith(f"{self._prefix}/")):
                scope["path"] = scope["path"].removeprefix(self._prefix) or "/"
                if raw := scope.get("raw_path"):
                    scope["raw_path"] = raw.removeprefix(self._prefix.encode()) or b"/"
        await self._app(scope, receive, send)
