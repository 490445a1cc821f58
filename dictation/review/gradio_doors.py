"""Which of gradio's own doors are open: those that its page uses. Others would fetch from another machine for whoever
asks (`file=http://…`, `proxy=…`), give anybody what somebody uploaded (`file=…`), record, or call what the page calls
without the page.
"""

from typing import Any

from dictation.errors import UsageError
from dictation.review.own_page import Asgi, Receive, Scope, Send, answer_plainly

PREFIX = "/gradio_api/"
USED = frozenset(("startup-events", "queue/join", "queue/data", "upload", "upload_progress", "reset", "cancel", "info"))
HEARTBEAT = "heartbeat/"


class UsedDoorsOnly:
    """ASGI middleware: 404 for what gradio serves beside the page that is used here."""

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what the page uses."""
        if scope["type"] != "http" or _is_used(scope["path"]):
            await self._app(scope, receive, send)
        else:
            await answer_plainly(send, 404, "This program has no such page.")


def _is_used(path: str) -> bool:
    if not path.startswith(PREFIX):
        return True
    door = path.removeprefix(PREFIX).rstrip("/")
    return door in USED or path.removeprefix(PREFIX).startswith(HEARTBEAT)


def only_what_was_uploaded(blocks: Any) -> None:
    """Let gradio take no file but one that was uploaded to it.

    Of a page that is mounted and not launched it does not check that (6.31): whoever named a file of this machine in
    place of an upload got it copied and served. And an address in that place was fetched.
    """
    from gradio import processing_utils

    blocks.has_launched = True

    async def fetch_nothing(*_: Any, **__: Any) -> str:
        raise UsageError("This program fetches nothing from another machine; give the file itself.")

    processing_utils.async_ssrf_protected_download = fetch_nothing
