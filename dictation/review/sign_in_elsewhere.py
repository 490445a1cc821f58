"""Signing in at the hospital's own identity provider: OpenID Connect, code flow with PKCE, state and nonce, by Authlib.

What the browser must bring back lies in a signed cookie for ten minutes. The provider says who it is; which role they
have is in our own list of users, unless a claim is named that says so.
"""

import secrets
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from dictation.errors import DictationError, MissingError, UsageError
from dictation.extras import install_command
from dictation.records.rights import Role
from dictation.records.users import checked_name
from dictation.review.failing import told
from dictation.review.identity import Identity
from dictation.review.sign_in_page import sign_in_page, signed_in_now
from dictation.review.sign_out_elsewhere import SignOutElsewhere
from dictation.review.tickets import kept_ticket
from dictation.settings import Settings
from dictation.unseen import seen

COOKIE, ASKED_S = "dictation_sign_in", 600
UNKNOWN = "You are not known here; ask an administrator of this program to add you."
FAILED = "The identity provider did not sign you in; try again."
UNVERIFIED = "The identity provider has not verified your e-mail address, which is your name here; verify it there."
ANOTHER = (
    "The identity provider calls itself by another issuer than DICTATION_OIDC_ISSUER; ask an administrator of this "
    "program to set it right."
)
ALGORITHMS = "id_token_signing_alg_values_supported"
ROLES: tuple[Role, ...] = ("attending", "resident", "reader", "administrator")  # the first that a claim names
BY = "identity provider"
TICKET = "open"  # of the signed cookie: what a viewer opened goes on after signing in
# A redirect would still count as coming from elsewhere, and a strict cookie stay behind.
ON = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={url}"><title>…</title>'


class SignInElsewhere:
    """The routes below /sign-in/oidc, and `out`, which ends the session there, too.

    Raises MissingError without Authlib.
    """

    def __init__(self, settings: Settings, identity: Identity) -> None:
        self._settings, self._identity = settings, identity
        try:
            from authlib.integrations.starlette_client import OAuth
        except ImportError as error:
            fix = install_command("hospital")
            raise MissingError(f"Sign-in by OIDC needs the package {error.name}; install it with {fix}.") from error
        self._provider: Any = OAuth().register(
            "provider",
            client_id=settings.oidc_client,
            client_secret=settings.oidc_secret.get_secret_value() or None,
            server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
        )
        self.out = SignOutElsewhere(self._provider, settings, identity)

    def all(self) -> list[BaseRoute]:
        """Return the routes."""
        is_secure = self._settings.public_url.startswith("https:")
        kept = Middleware(
            SessionMiddleware,
            secret_key=secrets.token_hex(32),
            session_cookie=f"__Secure-{COOKIE}" if is_secure else COOKIE,  # as that of a session
            max_age=ASKED_S,
            path=f"{self._identity.prefix}/sign-in/oidc",
            https_only=is_secure,
        )
        return [
            Route("/sign-in/oidc", self._begin, middleware=[kept]),
            Route("/sign-in/oidc/back", self._back, middleware=[kept]),
        ]

    async def _begin(self, request: Request) -> Response:
        request.session[TICKET] = kept_ticket(request.url.query)
        back = f"{self._settings.public_url.rstrip('/')}/sign-in/oidc/back"
        try:
            await self._issuer()
            answer: Response = await self._provider.authorize_redirect(request, back)
        except UsageError as error:
            return sign_in_page(self._settings, str(error), 502)
        except Exception as error:
            told(error)
            return sign_in_page(self._settings, "The identity provider does not answer; try again later.", 502)
        return answer

    async def _back(self, request: Request) -> Response:
        ticket = request.session.pop(TICKET, "")
        try:
            issuer = await self._issuer()
            # Authlib alone takes a token that was made for others, where it names us as who asked for it (azp).
            wanted = {"iss": {"value": issuer}, "aud": {"value": self._settings.oidc_client}}
            token = await self._provider.authorize_access_token(request, claims_options=wanted)
            claims = dict(token.get("userinfo") or {})
        except Exception as error:
            told(error)
            self._identity.refused()
            return sign_in_page(self._settings, FAILED, 401, ticket=ticket)
        try:
            name = await run_in_threadpool(self._known, claims)
            address = request.client.host if request.client else ""
            before = self._identity.token(request.scope)
            ours = await run_in_threadpool(self._identity.sessions.begin, name, before, address)
        except DictationError as error:
            self._identity.refused()
            return sign_in_page(self._settings, str(error), 403)
        self.out.remember(ours, str(token.get("id_token", "")))
        page = HTMLResponse(ON.format(url=f"{self._identity.prefix}/{ticket}"))
        return signed_in_now(page, request, self._identity, ours)

    async def _issuer(self) -> str:
        """Return what the provider calls itself, which is what we call it, and pass over signatures that prove nothing.

        Raises UsageError for another name: whoever it is, they do not speak for the provider that was named.
        """
        said = await self._provider.load_server_metadata()
        issuer = str(said.get("issuer", ""))
        if issuer.rstrip("/") != self._settings.oidc_issuer.rstrip("/"):
            raise UsageError(ANOTHER)
        said[ALGORITHMS] = [one for one in said.get(ALGORITHMS) or () if one != "none"]  # RS256 where none is left
        return issuer

    def _known(self, claims: dict[str, Any]) -> str:
        """Return our name of a user whom the provider vouches for. Raises UsageError for one who is none of ours."""
        settings, users = self._settings, self._identity.users
        if not isinstance(said := claims.get(settings.oidc_name_claim), str):
            raise UsageError(UNKNOWN)
        is_verified = str(claims.get("email_verified", True)).lower() == "true"  # some providers never say it
        if settings.oidc_name_claim == "email" and not is_verified:
            raise UsageError(UNVERIFIED)
        name = checked_name(said)
        given = claims.get(settings.oidc_role_claim) if settings.oidc_role_claim else None
        role = None if given is None else _role_of(given)
        account = next((one for one in users.all() if one.name == name), None)
        if settings.oidc_role_claim and role is None:
            is_known = account is not None and not account.is_disabled
            if is_known and given is not None:  # else what they left would be in nobody's sight; a slip names no claim
                users.set_role(name, "reader", BY)
            raise UsageError("The identity provider gives you no role here; ask its administrator for one.")
        if account is None and settings.sign_in_creates:
            display = seen(str(claims.get("name") or name))  # nobody here could mend it
            users.add(name, display, role or "reader", None, BY)
        elif account is None or account.is_disabled:
            raise UsageError(UNKNOWN)
        elif role is not None:
            users.set_role(name, role, BY)
        return name


def _role_of(claim: object) -> Role | None:
    """The role that a claim names."""
    said = {str(one).lower() for one in (claim if isinstance(claim, list) else [claim])}
    return next((role for role in ROLES if role in said), None)
