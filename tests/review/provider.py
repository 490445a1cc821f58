"""An identity provider in the tests' own process, which says what a test wants it to say."""

import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dictation.review.sign_in_elsewhere import ALGORITHMS
from tests.review.department import PAGE, Visitor

jwk, jwt = (pytest.importorskip(f"joserfc.{name}") for name in ("jwk", "jwt"))

Claims = dict[str, Any]
CLIENT = "reports"


class Provider:
    """An honest one, that vouches for ann and names no way to sign out.

    `says` changes what its metadata say, `claims` what its tokens do, `sign` how they are signed; None leaves one out.
    """

    def __init__(self) -> None:
        self.key, self.another = (jwk.RSAKey.generate_key(2048, {"kid": "one"}) for _ in range(2))
        self.says: Claims = {}
        self.claims: Claims = {}
        self.sign: Callable[[Provider, Claims], str] = signed
        self.nonce = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(self))
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> Claims:
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False, use="sig", alg="RS256")]}
        if path == "/token":
            now = int(time.time())
            honest = {"iss": self.issuer, "aud": CLIENT, "sub": "4711", "exp": now + 60, "iat": now}
            claims = {**honest, "nonce": self.nonce, "preferred_username": "ann", **self.claims}
            token = self.sign(self, {name: value for name, value in claims.items() if value is not None})
            return {"access_token": "a", "token_type": "Bearer", "id_token": token}
        places = {name: f"{self.issuer}/{place}" for name, place in PLACES.items()}
        said = {"issuer": self.issuer, ALGORITHMS: ["RS256"], **places, **self.says}
        return {name: value for name, value in said.items() if value is not None}


PLACES = {"authorization_endpoint": "ask", "token_endpoint": "token", "jwks_uri": "keys"}


def _answering(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(provider.answer(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *args: object) -> None:
            pass

    return Answering


def signed(provider: Provider, claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, provider.key)


def vouched_for(visitor: Visitor, provider: Provider) -> int:
    """Somebody comes back from the provider; the status of the answer."""
    place = visitor.get("/sign-in/oidc", **PAGE).headers["location"]
    asked = parse_qs(urlsplit(place).query)
    provider.nonce = asked["nonce"][0]
    answer = visitor.get(f"/sign-in/oidc/back?code=c&state={asked['state'][0]}", **PAGE)
    assert (visitor.get("/who").status_code == 200) == (answer.status_code == 200)
    return answer.status_code
