"""Where the app is served: at which address of this machine, over TLS or not."""

import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from dictation.discrepancy.inference import switched
from dictation.errors import MissingError, UsageError
from dictation.reading.gate import switched_on
from dictation.settings import Settings

HOST = "127.0.0.1"
_OVER_TLS = "serve it over TLS (--tls-cert and --tls-key, or a proxy), and write https in DICTATION_PUBLIC_URL"


@dataclass(frozen=True)
class Place:
    """An address of this machine, and a certificate with its key for TLS."""

    host: str = HOST
    tls_cert: Path | None = None
    tls_key: Path | None = None

    def check(self, settings: Settings) -> None:
        """Raise UsageError for a place where the app must not be, MissingError for a file that is not there."""
        try:
            is_loopback = is_this_machine(self.host)
        except ValueError:
            raise UsageError("--host takes an IP address of this machine; 0.0.0.0 is all of them.") from None
        if not is_loopback and settings.sign_in == "none":
            raise UsageError(
                f"{self.host}: whoever reaches it would see every patient; set DICTATION_SIGN_IN to password, "
                "oidc or proxy first, or leave --host out."
            )
        if not is_loopback and not settings.public_url:
            raise UsageError("Say by which address browsers open the app: DICTATION_PUBLIC_URL=https://NAME/PATH.")
        check_settings(settings)
        if bool(self.tls_cert) != bool(self.tls_key):
            raise UsageError("TLS needs both --tls-cert FILE and --tls-key FILE.")
        for path in (self.tls_cert, self.tls_key):
            if path is not None and not path.is_file():
                raise MissingError(f"{path}: there is no such file; give the certificate and its key in PEM.")
        if self.tls_cert and self.tls_key:
            _check_certificate(self.tls_cert, self.tls_key)

    def url(self, port: int, settings: Settings) -> str:
        """The address to open in a browser."""
        if settings.public_url:
            return settings.public_url
        return f"{'https' if self.tls_cert else 'http'}://{f'[{self.host}]' if ':' in self.host else self.host}:{port}/"


def check_settings(settings: Settings) -> None:
    """Raise UsageError for settings with which the app, once it is served, could not do its work, or not safely."""
    if settings.sign_in == "none" and is_public(settings):
        raise UsageError(
            f"{settings.public_url}: whoever opens it would see every patient; set DICTATION_SIGN_IN to password, "
            "oidc or proxy first, or leave DICTATION_PUBLIC_URL out."
        )
    if settings.sign_in == "proxy" and not settings.proxies:
        raise UsageError("Sign-in by a proxy needs its address, so that no other is believed: DICTATION_PROXIES.")
    if settings.sign_in == "oidc":
        needed = ("oidc_issuer", "oidc_client", "public_url")
        missing = [f"DICTATION_{name.upper()}" for name in needed if not getattr(settings, name)]
        if missing:
            raise UsageError(f"Sign-in by OIDC needs {' and '.join(missing)}, which nothing sets.")
    switched(settings.inferences)
    switched_on(settings.read_also)


def is_this_machine(host: str) -> bool:
    """Whether this machine alone is reached at `host`, "localhost" or an address. Raises ValueError for a name."""
    return host == "localhost" or ip_address(host).is_loopback


def is_public(settings: Settings) -> bool:
    """Whether other machines open the page: by a reverse proxy, at its public address."""
    if not settings.public_url:
        return False
    try:
        return not is_this_machine(urlsplit(settings.public_url).hostname or "")
    except ValueError:  # a name, which may lead anywhere
        return True


def _check_certificate(chain: Path, key: Path) -> None:
    fault = f"{chain} and {key} are no certificate and its key"
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, key, password=str)  # "": nobody is asked for it
    except ssl.SSLError:
        raise UsageError(
            f"{fault}; give the chain and the key that belongs to it, in PEM, without a password."
        ) from None
    except OSError as error:
        raise MissingError(
            f"{fault} that can be read ({error.strerror}); give this user the right to read both."
        ) from None


def network_fault(settings: Settings) -> tuple[str, str] | None:
    """Return what others on the network can read at the public address, and the fix; None where they cannot."""
    if urlsplit(settings.public_url).scheme != "http" or not is_public(settings):
        return None
    why = (
        f"{settings.public_url}: passwords, sessions, reports and sound cross the network in clear, as it is plain http"
    )
    return why, _OVER_TLS


def microphone_fault(settings: Settings) -> tuple[str, str] | None:
    """Return why a browser gives the page no microphone at its public address, and the fix; None where it does."""
    public = urlsplit(settings.public_url)
    if public.scheme != "http" or public.hostname in ("localhost", HOST):
        return None
    why = f"{settings.public_url}: a browser gives no microphone to a plain http address other than localhost"
    return why, _OVER_TLS
