"""Nobody gets past this door who is not signed in, but to the page where that is done and to what watches the server.

Whose a request is stands in its scope; what they may see of which case is decided in records/rights.py.
"""

from starlette.concurrency import run_in_threadpool

from dictation.errors import UsageError
from dictation.records.rights import User
from dictation.review.identity import SIGNED, Identity, Signed, Unbelievable
from dictation.review.own_page import OWN_SITES, READS, Asgi, Receive, Scope, Send, answer_page, answer_plainly, drained
from dictation.review.tickets import kept_ticket

OPEN_TO_ALL = frozenset(("/sign-in", "/sign-in.css", "/open"))  # a viewer brings its own token
OPEN_BELOW = "/sign-in/"
UNTIL_CHANGED = frozenset(("/password", "/sign-out", "/who"))  # what may be done with a password of somebody else's
CHANGE_FIRST = "Somebody else set your password; change it first."
SIGN_IN_AGAIN = 4401  # close code of a WebSocket: 4000 to 4999 are an application's own, RFC 6455
SIGN_IN = "Sign in to go on."
# A link elsewhere leads here without the cookie, which is strict; asked for by our own page, it is brought. The place
# is never what was asked for: //evil.example is a path, too.
AGAIN = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={url}"><title>…</title>'


class SignedIn:
    """ASGI middleware: 303 to the sign-in page for a page, 401 for all else, 4401 for a WebSocket."""

    def __init__(self, app: Asgi, identity: Identity) -> None:
        self._app, self._identity = app, identity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what somebody asks who is signed in."""
        if scope["type"] == "lifespan" or scope["path"] in OPEN_TO_ALL or scope["path"].startswith(OPEN_BELOW):
            await self._app(scope, receive, send)
            return
        try:
            signed = await run_in_threadpool(self._identity.of, scope)
        except Unbelievable as error:
            self._identity.refused()
            await self._refuse(scope, receive, send, 400, str(error))
            return
        except UsageError:  # a name that is none of ours, or is disabled
            self._identity.refused()
            signed = None
        except Exception:
            if not _is_sign_out(scope):
                raise
            signed = Signed(User(role="administrator"))  # whosever it is, the cookie is taken back
        if signed is None:
            await self._refuse(scope, receive, send, 401, SIGN_IN)
            return
        if self._identity.has_to_change(signed.user) and scope["path"] not in UNTIL_CHANGED:
            await self._refuse(scope, receive, send, 403, CHANGE_FIRST, "/password")
            return
        await self._app({**scope, SIGNED: signed}, receive, send)

    async def _refuse(
        self, scope: Scope, receive: Receive, send: Send, status: int, why: str, place: str = "/sign-in"
    ) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})  # or the page could not read why
            await send({"type": "websocket.close", "code": SIGN_IN_AGAIN, "reason": why})
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        is_page = scope["method"] == "GET" and "text/html" in headers.get(b"accept", "")
        ticket = kept_ticket(scope.get("query_string", b"").decode("latin-1"))
        if status not in (401, 403) or not is_page:
            if scope["method"] not in READS:
                await drained(receive)
            await answer_plainly(send, status, why, (b"cache-control", b"no-store"))
        elif headers.get(b"sec-fetch-site", "none") not in OWN_SITES:
            await answer_page(send, AGAIN.format(url=f"{self._identity.prefix}/{ticket}"))
        else:
            location = f"{self._identity.prefix}{place}{ticket}".encode()
            await answer_plainly(send, 303, why, (b"location", location), (b"cache-control", b"no-store"))


def _is_sign_out(scope: Scope) -> bool:
    return scope["type"] == "http" and (scope["method"], scope["path"]) == ("POST", "/sign-out")
