"""The page where users sign in, who is signed in, and signing out. It needs no script and asks no other machine."""

import html
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from dictation.errors import DictationError
from dictation.private import without_folders
from dictation.records.signing_in import Refused, SigningIn
from dictation.review.failing import told
from dictation.review.forms import ELSEWHERE, fields, form_page, is_own_form, short_body
from dictation.review.identity import Identity, signed_of
from dictation.review.password_page import PasswordRoutes
from dictation.review.tickets import kept_ticket
from dictation.review.viewing import session_of
from dictation.settings import Settings

if TYPE_CHECKING:
    from dictation.records import Records
    from dictation.review.sign_out_elsewhere import SignOutElsewhere

LONGEST_NAME = 64  # letters
NOT_ENDED = (
    "This browser is signed out, but the database did not end the session. This server takes it no more, and ends it "
    "with the next change that the database takes."
)
CHANGE_ELSEWHERE = (
    "Somebody else set this password: sign in with it in a new tab, change it there, and come back. What was dictated "
    "waits here."
)
PASSWORD_FORM = """<form method="post" action="{below}/sign-in{ticket}" autocomplete="on">
<label for="name">Name</label>
<input id="name" name="name" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64"
 value="{name}" required{first}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="256" required{then}>
<button>Sign in</button></form>"""
FORMS = {
    "password": PASSWORD_FORM,
    "oidc": '<p><a class="button" href="{below}/sign-in/oidc{ticket}" autofocus>Sign in</a></p>',
    "proxy": "<p>Open this page by the address that your department gave you; who you are is said there.</p>",
}


class SignInRoutes:
    """The routes around signing in. `identity` is None where nobody does: then only `/who` says so.

    `elsewhere` ends the session at the identity provider, too, where there is one.
    """

    def __init__(
        self,
        records: "Records",
        settings: Settings,
        identity: Identity | None,
        elsewhere: "SignOutElsewhere | None" = None,
    ) -> None:
        self._settings, self._identity, self._elsewhere = settings, identity, elsewhere
        self._style = files("dictation.review").joinpath("data", "sign_in.css").read_bytes()
        if identity is not None and settings.sign_in == "password":
            self._door = SigningIn(records, identity.sessions)

    def all(self) -> list[BaseRoute]:
        """Return the routes."""
        always: list[BaseRoute] = [Route("/who", self._who)]
        if self._identity is None:
            return always
        own: list[BaseRoute] = [
            Route("/sign-in", self._page, methods=["GET"]),
            Route("/sign-in", self._sign_in, methods=["POST"]),
            Route("/sign-in.css", self._styled),
            Route("/sign-out", self._sign_out, methods=["POST"]),
        ]
        if self._settings.sign_in == "password":
            own += PasswordRoutes(self._door, self._identity).all()
        return [*always, *own]

    async def _who(self, request: Request) -> Response:
        signed = signed_of(request.scope)
        user = signed.user
        key = await run_in_threadpool(self._identity.users.browser_key, user.name) if self._identity else ""
        by = self._settings.sign_in
        shown = {"user": user.name, "display": user.display, "role": user.role, "key": key, "by": by}
        shown["session"] = session_of(signed.token)
        return JSONResponse(shown, headers={"Cache-Control": "no-store"})

    async def _page(self, request: Request) -> Response:
        if self._elsewhere is not None and (answer := await self._elsewhere.left(request)) is not None:
            return answer
        return sign_in_page(self._settings, ticket=kept_ticket(request.url.query))

    async def _styled(self, request: Request) -> Response:
        return Response(self._style, media_type="text/css", headers={"Cache-Control": "no-cache"})

    async def _sign_in(self, request: Request) -> Response:
        assert self._identity is not None
        if self._settings.sign_in != "password" or not is_own_form(request):
            return PlainTextResponse(f"{ELSEWHERE}\n", 403)
        wants_json = "application/json" in request.headers.get("accept", "")
        body = await short_body(request)
        if body is None:
            return PlainTextResponse("This form is too long.\n", 413)
        form = fields(body)
        before = self._identity.token(request.scope)
        address = request.client.host if request.client else ""
        try_it: Callable[[], str] = partial(
            self._door.sign_in, form.get("name", ""), form.get("password", ""), address, before
        )
        try:
            token = await run_in_threadpool(try_it)
        except Refused as error:
            self._identity.refused()
            status, headers = (429, {"Retry-After": str(error.wait_s)}) if error.wait_s else (401, {})
            if wants_json:
                return JSONResponse({"message": str(error)}, status, headers=headers)
            ticket = kept_ticket(request.url.query)
            return sign_in_page(
                self._settings, str(error), status, headers, ticket, form.get("name", "")[:LONGEST_NAME]
            )
        except DictationError as error:
            return sign_in_page(self._settings, str(error), 503)
        except Exception as error:
            return sign_in_page(self._settings, told(error), 500)
        if wants_json:
            user = await run_in_threadpool(partial(self._identity.sessions.user, token))
            if user is not None and self._identity.has_to_change(user):
                return JSONResponse({"message": CHANGE_ELSEWHERE}, 403)
            return signed_in_now(JSONResponse({"ok": True}), request, self._identity, token)
        place = f"{self._identity.prefix}/{kept_ticket(request.url.query)}"
        return signed_in_now(RedirectResponse(place, 303), request, self._identity, token)

    async def _sign_out(self, request: Request) -> Response:
        assert self._identity is not None
        answer: Response = RedirectResponse(f"{self._identity.prefix}/sign-in", 303)
        try:
            await run_in_threadpool(self._identity.sessions.end, self._identity.token(request.scope))
        except Exception as error:  # whoever sits down next must not find the cookie for that
            told(error)
            answer = PlainTextResponse(f"{NOT_ENDED}\n", 503, {"Cache-Control": "no-store"})
        name, value = self._identity.cookie(request.scope, "")
        answer.raw_headers.append((name, value))
        if self._elsewhere is not None:
            self._elsewhere.leave(request, answer)
        return answer


def sign_in_page(
    settings: Settings,
    why: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
    ticket: str = "",
    name: str = "",
) -> HTMLResponse:
    """Return the page, with one sentence on what went wrong before and the `name` that was typed then.

    `ticket` as `kept_ticket` gives it. Its links are whole paths: an answer to what the provider sent back lies deeper.
    """
    below = html.escape(urlsplit(settings.public_url).path.rstrip("/"))
    focus = ("", " autofocus") if name else (" autofocus", "")
    form = FORMS.get(settings.sign_in, "").format(
        name=html.escape(name), below=below, ticket=ticket, first=focus[0], then=focus[1]
    )
    return form_page("Sign in", form, below, without_folders(why, settings.home), status, headers)


def signed_in_now(answer: Response, request: Request, identity: Identity, token: str) -> Response:
    """Give the browser the token of its new session."""
    answer.raw_headers.append(identity.cookie(request.scope, token))
    answer.headers["Cache-Control"] = "no-store"
    return answer
