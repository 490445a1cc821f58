"""A key of the open page, pressed from outside the browser: by pedal software, or by a hotkey over the image viewer.

A pedal runs this at every step, so it must be there at once: it loads neither the settings nor an engine.
"""

import json
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from dictation.errors import DictationError, UsageError
from dictation.keypress import HOST, home_folder, named_port, port_file, token_file

ANSWER_S = 5.0
SERVE = "run: dictation serve"


def press(name: str) -> None:
    """Press `name` on the page that listens.

    Raises DictationError, with the fix, where no server answers or no page of it is open; UsageError for a port that is
    no number.
    """
    home = home_folder()
    port = _port(home)
    try:
        token = token_file(home).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        raise DictationError(f"no page was served from {home} yet; {SERVE}.") from None
    status, answer = _ask(port, name, token)
    if status == 401:
        raise DictationError(
            f"the page on port {port} is served from another home than {home}; set DICTATION_HOME or DICTATION_PORT."
        )
    if status != 200 or not isinstance(answer.get("pages"), int):
        raise DictationError(f"what answers on port {port} is not the dictation page; {SERVE}, or set DICTATION_PORT.")
    if answer["pages"] == 0:
        raise DictationError(f"no page is open; open http://{HOST}:{port}/ in a browser.")


def _port(home: Path) -> int:
    """DICTATION_PORT, else what the page left in its home."""
    named = named_port()
    try:
        port = int(named or port_file(home).read_text(encoding="ascii"))
    except OSError:
        raise DictationError(f"no page is served from {home}; {SERVE}.") from None
    except ValueError:
        port = 0
    if not 0 < port < 65536:
        at = "DICTATION_PORT" if named else str(port_file(home))
        raise UsageError(f"{at} cannot be used: a port is a number from 1 to 65535; change it, or {SERVE}.")
    return port


def _ask(port: int, name: str, token: str) -> tuple[int, dict[str, object]]:
    connection = HTTPConnection(HOST, port, timeout=ANSWER_S)
    try:
        connection.request("POST", f"/key?name={name}", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        told = json.loads(answer.read(10_000))
        return answer.status, told if isinstance(told, dict) else {}
    except ConnectionRefusedError:
        raise DictationError(f"no page is served on port {port}; {SERVE}.") from None
    except (OSError, HTTPException, UnicodeError) as error:
        kind = type(error).__name__
        raise DictationError(f"the page on port {port} does not answer ({kind}); end it, then {SERVE}.") from None
    except ValueError:
        return 0, {}
    finally:
        connection.close()
