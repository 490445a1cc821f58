"""Signing out at the identity provider, too: OpenID Connect RP-Initiated Logout 1.0, by Authlib.

Else the provider would sign the next reader of a shared workstation in under the name of the one before. Signing out
here comes first and waits for nothing; a cookie then sends the sign-in page on to the provider, once, which comes back.
"""

from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dictation.records.text import sha256
from dictation.review.failing import told
from dictation.review.identity import Identity, is_secure
from dictation.review.sign_in_page import sign_in_page
from dictation.settings import Settings

COOKIE, LEAVING_S = "dictation_sign_out", 60
MOST = 1000  # sessions whose proof is kept: in memory, as it names a person; without it the provider may ask again
LONGEST_PROOF = 1500  # characters: the address stands in a header, and a proxy takes 4 KiB of them all (nginx)
STILL_THERE = "You are signed out here. The identity provider does not answer: end your session there, too."


class SignOutElsewhere:
    """Ends the provider's session where its metadata say how. All calls come from the server's own loop."""

    def __init__(self, provider: Any, settings: Settings, identity: Identity) -> None:
        self._provider, self._settings, self._identity = provider, settings, identity
        self._proofs: dict[str, str] = {}  # SHA-256 of a session's token → the provider's ID token
        self._leaving: dict[str, str] = {}

    def remember(self, session: str, proof: str) -> None:
        """Keep the ID token with which a session began, unless it is too long for an address."""
        if len(proof) <= LONGEST_PROOF:
            _keep(self._proofs, sha256(session), proof)

    def leave(self, request: Request, answer: Response) -> None:
        """A browser signs out here: it is to go to the provider when it opens the sign-in page next."""
        key = sha256(self._identity.token(request.scope))
        if proof := self._proofs.pop(key, ""):
            _keep(self._leaving, key, proof)
        self._mark(request, answer, key, LEAVING_S)

    async def left(self, request: Request) -> Response | None:
        """Return the answer that sends a browser that has signed out on to the provider; None for all others.

        One that comes back from there, with the `state` that it was sent with, is never sent again.
        """
        key = request.cookies.get(self._cookie(request))
        if key is None or "state" in request.query_params:
            return None
        answer = await self._sent_on(self._leaving.pop(key, ""))
        if answer is not None:
            self._mark(request, answer, "", 0)
        return answer

    async def _sent_on(self, proof: str) -> Response | None:
        back = f"{self._settings.public_url.rstrip('/')}/sign-in"
        try:
            metadata = await self._provider.load_server_metadata()
            if urlsplit(str(metadata.get("end_session_endpoint", ""))).scheme not in ("http", "https"):
                return None
            asked = await self._provider.create_logout_url(
                post_logout_redirect_uri=back, id_token_hint=proof or None, client_id=self._settings.oidc_client
            )
        except Exception as error:
            told(error)
            return sign_in_page(self._settings, STILL_THERE)
        return RedirectResponse(asked["url"], 303, headers={"Cache-Control": "no-store"})

    def _mark(self, request: Request, answer: Response, key: str, lasts_s: int) -> None:
        secure = is_secure(request.scope, self._settings)
        path = f"{self._identity.prefix}/sign-in"
        answer.set_cookie(
            self._cookie(request), key, lasts_s, path=path, secure=secure, httponly=True, samesite="strict"
        )

    def _cookie(self, request: Request) -> str:
        """With a prefix that keeps others of this host from setting it, as that of a session."""
        return f"__Secure-{COOKIE}" if is_secure(request.scope, self._settings) else COOKIE


def _keep(kept: dict[str, str], key: str, proof: str) -> None:
    """Keep one more, and no more than the newest `MOST`."""
    kept[key] = proof
    while len(kept) > MOST:
        del kept[next(iter(kept))]
