"""Keys that arrive from outside the browser: pedal software or a hotkey presses one with `dictation key NAME`.

POST key?name=NAME with `Authorization: Bearer TOKEN`; the token is for whoever can read the home of this user. It stays
the same across starts, so that what was set up once keeps working. Answers are JSON: how many pages got the key.
"""

import hmac
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from dictation.keypress import KEYS, port_file
from dictation.private import replace_file

LOOPBACK = frozenset(("127.0.0.1", "::1"))


def tell_port(home: Path, port: int) -> None:
    """Leave word where the page answers. Raises OSError."""
    replace_file(port_file(home), f"{port}\n")


def forget_port(home: Path, port: int) -> None:
    """Take the word back at the end, unless another server of this home has left its own since."""
    with suppress(OSError):  # a port that stays named answers no more, which the command says
        if port_file(home).read_text(encoding="ascii").strip() == str(port):
            port_file(home).unlink()


def key_routes(token: str, deliver: Callable[[str], int]) -> list[Route]:
    """POST key. `deliver` sends a key's name to the page that listens and returns how many pages got it."""
    expected = f"Bearer {token}".encode()

    async def press(request: Request) -> JSONResponse:
        if request.client is None or request.client.host not in LOOPBACK:
            return JSONResponse({"message": "Keys are pressed from this machine only."}, 403)
        given = request.headers.get("authorization", "").encode("latin-1")
        if not hmac.compare_digest(given, expected):
            return JSONResponse({"message": "This is not the token of the page's home."}, 401)
        name = request.query_params.get("name", "")
        if name not in KEYS:
            return JSONResponse({"message": f"A key is one of {', '.join(KEYS)}."}, 400)
        return JSONResponse({"pages": await run_in_threadpool(deliver, name)})

    return [Route("/key", press, methods=["POST"])]
