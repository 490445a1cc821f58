"""Tokens that lie in HOME: for keys from outside the browser, for a viewer that opens cases, for the page itself.

Whoever can read HOME has them; they stay the same across starts, so that what was set up once keeps working.
"""

import secrets
from pathlib import Path

from filelock import FileLock

from dictation.keypress import token_file
from dictation.private import private_file, private_folder, replace_file

TOKEN_DIGITS = 64  # hexadecimal: 256 bits


def key_token(home: Path) -> str:
    """Return the token of this home, made on the first call. Raises OSError where the folder cannot be written."""
    return _token(token_file(home))


def viewer_token(home: Path) -> str:
    """Return the token with which a viewer opens cases here; the rest as for `key_token`."""
    return _token(home / "viewer_token")


def page_token(home: Path) -> str:
    """Return the token that the page asks for where nobody signs in; the rest as for `key_token`."""
    return _token(home / "page_token")


def _token(path: Path) -> str:
    private_folder(path.parent)
    with FileLock(path.with_suffix(".lock")):
        private_file(path)
        token = path.read_text(encoding="ascii", errors="replace").strip()
        if len(token) != TOKEN_DIGITS or not token.isalnum():  # new, or cut short by a full disk
            token = secrets.token_hex(TOKEN_DIGITS // 2)
            replace_file(path, f"{token}\n")
    return token
