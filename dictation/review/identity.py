"""Who asks: by the cookie of a session, or the header of a trusted proxy; nobody in particular without sign-in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from starlette.requests import cookie_parser

from dictation.errors import DictationError, UsageError
from dictation.records import Records
from dictation.records.rights import EVERYBODY, User
from dictation.records.sessions import Lasting, Sessions
from dictation.records.users import Users, checked_name
from dictation.review.own_page import Scope
from dictation.settings import Settings

PEER = "dictation.peer"  # in a scope: the address that the request came from, a proxy's where there is one
SIGNED = "dictation.signed"  # in a scope: the Signed of the request
COOKIE = "dictation_session"
# A worklist that is shown is read anew with every order: nobody need sit there. And who signs out goes.
KEEP_NONE_ALIVE = frozenset(("/worklist", "/sign-out", "/readyz"))


@dataclass(frozen=True)
class Signed:
    """Whose request it is, and the token of their session, "" where a proxy says who it is."""

    user: User
    token: str = field(default="", repr=False)


class Unbelievable(UsageError):
    """A request says who it is from in a way that only the proxy may."""


class Identity:
    """Tells who asks. Safe to use from several threads. `refused` is called where somebody could not sign in."""

    def __init__(self, records: Records, settings: Settings) -> None:
        lasting = Lasting(timedelta(minutes=settings.session_idle_min), timedelta(hours=settings.session_h))
        self.users, self.sessions = Users(records), Sessions(records, lasting)
        self._settings, self.home = settings, settings.home
        self._header = settings.proxy_header.lower().encode()
        self._proxies = networks(settings.proxies)
        self.refused: Callable[[], None] = lambda: None
        self.prefix = urlsplit(settings.public_url).path.rstrip("/")

    def of(self, scope: Scope) -> Signed | None:
        """Return who asks, None where they have to sign in.

        Raises Unbelievable, and UsageError for a name that a proxy says and that is nobody's here.
        """
        if self._settings.sign_in == "proxy":
            return self._named_by_proxy(scope)
        token = self.token(scope)
        user = self.sessions.user(token, is_used=scope["path"] not in KEEP_NONE_ALIVE)
        return Signed(user, token) if user else None

    def knows(self, scope: Scope) -> bool:
        """Whether a request is from somebody who is signed in; where the records do not say, it is not."""
        try:
            return self.of(scope) is not None
        except DictationError:
            return False

    def has_to_change(self, user: User) -> bool:
        """Whether a user must change their password before they do anything else."""
        return user.must_change and self._settings.sign_in == "password"

    def still(self, signed: Signed, *, is_used: bool) -> bool:
        """Whether who asked before is signed in, with the same role; not `is_used`: looking keeps no session alive."""
        if signed.token:
            return self.sessions.user(signed.token, is_used=is_used) == signed.user
        return not signed.user.name or self.users.named(signed.user.name) == signed.user

    def token(self, scope: Scope) -> str:
        """Return the token that the browser brought, "" without one."""
        cookies = cookie_parser("; ".join(_values(scope, b"cookie")))
        return cookies.get(self._cookie_name(is_secure(scope, self._settings)), "")

    def cookie(self, scope: Scope, token: str) -> tuple[bytes, bytes]:
        """Return the header that gives the browser its token, or takes it back ("")."""
        secure = is_secure(scope, self._settings)
        parts = [f"{self._cookie_name(secure)}={token}", f"Path={self.prefix or '/'}", "HttpOnly", "SameSite=Strict"]
        parts += ["Secure"] if secure else []
        parts += [] if token else ["Max-Age=0"]
        return b"set-cookie", "; ".join(parts).encode("latin-1")

    def _cookie_name(self, secure: bool) -> str:
        """With a prefix that keeps others of this host from setting it; `__Host-` wants the whole host for itself."""
        return (f"__Secure-{COOKIE}" if self.prefix else f"__Host-{COOKIE}") if secure else COOKIE

    def _named_by_proxy(self, scope: Scope) -> Signed | None:
        named = _values(scope, self._header)
        if not named:
            return None
        if not is_from(scope.get(PEER), self._proxies) or len(named) > 1:
            raise Unbelievable("Only the listed proxy says who signs in; open the page by its public address.")
        if not named[0].strip():  # nobody has signed in there yet
            return None
        name = checked_name(named[0])
        user = self.users.named(name)
        if user is None and self._settings.sign_in_creates:
            known = {account.name for account in self.users.all()}
            if name not in known:  # else they are disabled
                self.users.add(name, "", "reader", None, "proxy")
                user = self.users.named(name)
        if user is None:
            raise UsageError("Only users who are known here, and not disabled, sign in by the proxy.")
        return Signed(user)


def signed_of(scope: Scope) -> Signed:
    """Return whose request it is; where nobody signs in, that of the one user there is."""
    found = scope.get(SIGNED)
    return found if isinstance(found, Signed) else Signed(EVERYBODY)


def is_secure(scope: Scope, settings: Settings) -> bool:
    """Whether the browser asked over TLS, as far as we, or a proxy that we trust, can tell."""
    if scope.get("scheme", "http") in ("https", "wss"):
        return True
    public = urlsplit(settings.public_url)
    host = next(iter(_values(scope, b"host")), "").lower()
    return public.scheme == "https" and host == public.netloc.lower()


def networks(listed: str) -> tuple[object, ...]:
    """Return the networks of a list with commas."""
    return tuple(ip_network(one.strip(), strict=False) for one in listed.split(",") if one.strip())


def is_from(peer: object, listed: tuple[object, ...]) -> bool:
    """Whether an address is within one of these networks."""
    try:
        address = ip_address(str(peer))
    except ValueError:
        return False
    return any(address in network for network in listed)  # type: ignore[operator]


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]
