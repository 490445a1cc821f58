"""Where nobody signs in, the page asks for a token: 127.0.0.1 is reached by every account of this machine.

As with notebooks, the token stands in the address that is told at the start; it is exchanged for a cookie at once, so
that it stands in no address that is kept, sent on or logged. It lies in HOME and stays the same across starts: whoever
can read HOME needs no page. A viewer and `dictation key` bring tokens of their own, which open nothing else.
"""

import hmac
from urllib.parse import parse_qs

from starlette.requests import cookie_parser

from dictation.review.accounts import is_asked_for
from dictation.review.own_page import (
    OWN_SITES,
    POLICY_VIOLATION,
    Asgi,
    Receive,
    Scope,
    Send,
    answer_page,
    answer_plainly,
)
from dictation.review.signed_in import AGAIN
from dictation.review.tickets import kept_ticket
from dictation.review.tokens import page_token
from dictation.settings import Settings

NAME = "token"  # in the address
OWN_TOKENS = frozenset((("POST", "/open"), ("POST", "/key")))
LASTS_S = 400 * 24 * 3600  # as long as browsers keep a cookie: the page is opened from a bookmark or a viewer later
REFUSED = (
    "Every account of this machine reaches this page, so it asks for its token: open the address that dictation serve "
    "told when it started, with ?token=, once in this browser."
)


class AddressToken:
    """ASGI middleware: 403 without the cookie of this page; a WebSocket is closed before it opens."""

    def __init__(self, app: Asgi, token: str) -> None:
        self._app, self._token = app, token.encode()
        self._name = f"dictation_page_{self._of('name')[:8]}"  # of this HOME: cookies know no ports
        self._value = self._of("cookie")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what a browser asks that has opened the address with the token."""
        if scope["type"] == "lifespan" or (_given(scope) is None and self._may(scope)):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        given, ticket = _given(scope), kept_ticket(scope.get("query_string", b"").decode("latin-1"))
        below = scope.get("root_path", "")
        if given is not None and (self._is_known(scope) or hmac.compare_digest(given.encode(), self._token)):
            headers = ((b"location", f"{below}/{ticket}".encode()), self._cookie(scope, below))
            await answer_plainly(send, 303, "Go on.", *headers, (b"cache-control", b"no-store"))
        elif _is_followed_link(scope):
            await answer_page(send, AGAIN.format(url=f"{below}/{ticket}"))
        else:
            await answer_plainly(send, 403, REFUSED, (b"cache-control", b"no-store"))

    def _may(self, scope: Scope) -> bool:
        return (scope.get("method"), scope["path"]) in OWN_TOKENS or self._is_known(scope)

    def _of(self, what: str) -> str:
        return hmac.new(self._token, what.encode(), "sha256").hexdigest()

    def _is_known(self, scope: Scope) -> bool:
        brought = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"cookie"]
        value = cookie_parser("; ".join(brought)).get(self._name, "")
        return hmac.compare_digest(value.encode(), self._value.encode())

    def _cookie(self, scope: Scope, below: str) -> tuple[bytes, bytes]:
        parts = [
            f"{self._name}={self._value}",
            f"Path={below or '/'}",
            f"Max-Age={LASTS_S}",
            "HttpOnly",
            "SameSite=Strict",
        ]
        parts += ["Secure"] if scope.get("scheme") == "https" else []
        return b"set-cookie", "; ".join(parts).encode()


def token_of(settings: Settings) -> str:
    """Return the token that the page asks for, "" for none. Raises OSError where HOME cannot be written."""
    return page_token(settings.home) if is_asked_for(settings) else ""


def _given(scope: Scope) -> str | None:
    """The token in the address of a page that is opened, None without one."""
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return None
    query = scope.get("query_string", b"").decode("latin-1")
    given = parse_qs(query[:4096], keep_blank_values=True).get(NAME)
    return given[-1] if given else None


def _is_followed_link(scope: Scope) -> bool:
    """Whether a link elsewhere, as a viewer's, leads here: the strict cookie is brought by our own page alone."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    is_page = scope["method"] == "GET" and "text/html" in headers.get(b"accept", "")
    return is_page and headers.get(b"sec-fetch-site", "none") not in OWN_SITES
