"""The page where users change their own password. It needs no script, asks no other machine and opens in a window."""

import html

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from dictation.errors import DictationError, UsageError
from dictation.private import without_folders
from dictation.records.passwords import LONGEST as LONGEST_PASSWORD
from dictation.records.passwords import SHORTEST as SHORTEST_PASSWORD
from dictation.records.signing_in import Refused, SigningIn
from dictation.review.failing import told
from dictation.review.forms import ELSEWHERE, LONGEST_FORM, fields, form_page, is_own_form, short_body
from dictation.review.identity import Identity, signed_of
from dictation.review.tickets import kept_ticket

LONGEST = 3 * LONGEST_FORM  # bytes: three passwords
OF_ANOTHER = "Somebody else set your password, so choose one of your own before you go on."
NOT_THE_SAME = "The two new passwords are not the same; type both again."
CHANGED = (
    '<p role="status">Your password is changed. Wherever else you were signed in, you are signed out. '
    "Close this window to go on.</p>"
)
NEW = f'type="password" autocomplete="new-password" minlength="{SHORTEST_PASSWORD}" maxlength="{LONGEST_PASSWORD}"'
FORM = f"""<form method="post" action="{{below}}/password{{ticket}}">
<p>A new password for {{name}}: {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.</p>
<input name="name" autocomplete="username" value="{{name}}" hidden>
<label for="old">Current password</label>
<input id="old" name="old" type="password" autocomplete="current-password" maxlength="{LONGEST_PASSWORD}" required
 autofocus>
<label for="new">New password</label>
<input id="new" name="new" {NEW} required>
<label for="again">New password once more</label>
<input id="again" name="again" {NEW} required>
<button>Change the password</button></form>"""


class PasswordRoutes:
    """The routes of the page, for where users sign in by password. `door` is where they do."""

    def __init__(self, door: SigningIn, identity: Identity) -> None:
        self._door, self._identity = door, identity

    def all(self) -> list[BaseRoute]:
        """Return the routes."""
        return [
            Route("/password", self._shown, methods=["GET"]),
            Route("/password", self._changed, methods=["POST"]),
        ]

    async def _shown(self, request: Request) -> Response:
        return self._page(request)

    async def _changed(self, request: Request) -> Response:
        if not is_own_form(request):
            return PlainTextResponse(f"{ELSEWHERE}\n", 403)
        body = await short_body(request, LONGEST)
        if body is None:
            return PlainTextResponse("This form is too long.\n", 413)
        form = fields(body)
        if form.get("new", "") != form.get("again", ""):
            return self._page(request, NOT_THE_SAME, 409)
        try:
            await run_in_threadpool(self._change, request, form.get("old", ""), form.get("new", ""))
        except Refused as error:
            self._identity.refused()
            if error.wait_s:
                return self._page(request, str(error), 429, {"Retry-After": str(error.wait_s)})
            return self._page(request, str(error), 403)
        except UsageError as error:  # too short, guessed quickly, or the one that there is
            return self._page(request, str(error), 409)
        except DictationError as error:
            return self._page(request, str(error), 503)
        except Exception as error:
            return self._page(request, told(error), 500)
        if self._identity.has_to_change(signed_of(request.scope).user):  # it did, and goes on now
            place = f"{self._identity.prefix}/{kept_ticket(request.url.query)}"
            return RedirectResponse(place, 303, {"Cache-Control": "no-store"})
        return form_page("Password changed", CHANGED, self._below)

    def _change(self, request: Request, old: str, new: str) -> None:
        signed = signed_of(request.scope)
        address = request.client.host if request.client else ""
        self._door.change_password(signed.user.name, old, new, address, signed.token)

    def _page(
        self, request: Request, why: str = "", status: int = 200, headers: dict[str, str] | None = None
    ) -> HTMLResponse:
        user = signed_of(request.scope).user
        ticket = kept_ticket(request.url.query)
        form = FORM.format(below=self._below, name=html.escape(user.name), ticket=ticket)
        why = why or (OF_ANOTHER if self._identity.has_to_change(user) else "")
        why = without_folders(why, self._identity.home)
        return form_page("Change the password", form, self._below, why, status, headers)

    @property
    def _below(self) -> str:
        return html.escape(self._identity.prefix)
