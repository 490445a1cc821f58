"""Where nobody signs in, the page asks for a token: 127.0.0.1 is reached by every account of this machine.

As with notebooks, the token stands in the address that is told at the start; it is exchanged for a cookie at once, so
that it stands in no address that is kept, sent on or logged. It lies in HOME and stays the same across starts: whoever
can read HOME needs no page. A viewer and `dictation key` bring tokens of their own, which open nothing else.
"""

import hmac
import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs

from starlette.requests import cookie_parser

from dictation.review.key_token import page_token
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
from dictation.settings import Settings

NAME = "token"  # in the address
OWN_TOKENS = frozenset((("POST", "/open"), ("POST", "/key")))
LASTS_S = 400 * 24 * 3600  # as long as browsers keep a cookie: the page is opened from a bookmark or a viewer later
REFUSED = (
    "Every account of this machine reaches this page, so it asks for its token: open the address that dictation serve "
    "told when it started, with ?token=, once in this browser."
)
LOGIN_DEFS, NSSWITCH = Path("/etc/login.defs"), Path("/etc/nsswitch.conf")
FIRST_PERSON = 1000  # the lowest user id of a person, where the system does not say
DIRECTORIES = frozenset(("sss", "ldap", "winbind", "nis"))  # of users who are not listed on this machine
NO_SHELLS = ("nologin", "false", "sync", "shutdown", "halt")


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


def is_asked_for(settings: Settings) -> bool:
    """Whether the page asks for its token: where nobody signs in, by default if others may use this machine."""
    if settings.sign_in != "none" or settings.page_token == "off":
        return False
    return settings.page_token == "on" or has_other_users()


def token_of(settings: Settings) -> str:
    """Return the token that the page asks for, "" for none. Raises OSError where HOME cannot be written."""
    return page_token(settings.home) if is_asked_for(settings) else ""


def accounts_fault(settings: Settings) -> tuple[str, str] | None:
    """Return that others of this machine can open the page, and the fix; None where they cannot, or there are none."""
    if settings.sign_in != "none" or is_asked_for(settings) or not has_other_users():
        return None
    why = "nobody signs in, and every account of this machine can open the page and see every patient"
    return why, "set DICTATION_PAGE_TOKEN=on, or DICTATION_SIGN_IN"


def accounts_said(settings: Settings) -> str:
    """Return who can open the page, in a sentence for whoever starts it; "" where users sign in."""
    if settings.sign_in != "none":
        return ""
    if (fault := accounts_fault(settings)) is not None:
        return "; ".join(fault)
    if is_asked_for(settings):
        return (
            "nobody signs in, and every account of this machine reaches the page, so it asks for the token in the "
            "address that is told when it is served: open that once in each browser, and give it to nobody"
        )
    return (
        "nobody signs in, and every account of this machine can open the page; none but yours was found "
        "(DICTATION_PAGE_TOKEN=on has it ask for a token)"
    )


def has_other_users() -> bool:
    """Whether somebody else may have an account here; True where that cannot be told, as on Windows or in a domain.

    Accounts of people: with a user id as people have it and a shell. The administrator can read everything anyway.
    """
    try:
        import pwd
    except ImportError:
        return True
    first = _first_person()
    others = (one for one in pwd.getpwall() if one.pw_uid >= first and one.pw_uid != os.getuid())
    return _has_directory() or any(Path(one.pw_shell).name not in NO_SHELLS for one in others)


def _first_person() -> int:
    for line in _lines(LOGIN_DEFS):
        if line[:1] == ["UID_MIN"] and len(line) > 1 and line[1].isdecimal():
            return int(line[1])
    return FIRST_PERSON if LOGIN_DEFS.exists() else 500  # macOS


def _has_directory() -> bool:
    return any(line[:1] == ["passwd:"] and DIRECTORIES & set(line[1:]) for line in _lines(NSSWITCH))


def _lines(path: Path) -> list[list[str]]:
    with suppress(OSError):
        return [line.split("#")[0].split() for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    return []


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
