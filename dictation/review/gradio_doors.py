"""Which of gradio's own doors are open: those that its page uses. Others would fetch from another machine for whoever
asks (`file=http://…`, `proxy=…`), give anybody what somebody uploaded (`file=…`), record, or call what the page calls
without the page.
"""

from collections.abc import Container
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from dictation.errors import UsageError
from dictation.review.own_page import Asgi, Receive, Scope, Send, answer_plainly

PREFIX = "/gradio_api/"
NEWS = f"{PREFIX}queue/data"
USED = frozenset(("startup-events", "queue/join", "queue/data", "upload", "upload_progress", "reset", "cancel", "info"))
HEARTBEAT = "heartbeat/"
NO_SUCH = "This program has no such page."
NO_QUESTION = "This is no question of the page; load it again."


class UsedDoorsOnly:
    """ASGI middleware: 404 for what gradio serves beside the page that is used here.

    Also for the news of a page that is not in `waiting`: it asked nothing, and gradio breaks its answer off.
    """

    def __init__(self, app: Asgi, waiting: Container[str]) -> None:
        self._app, self._waiting = app, waiting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what the page uses."""
        if scope["type"] != "http" or (_is_used(scope["path"]) and self._is_awaited(scope)):
            await self._app(scope, receive, send)
        else:
            await answer_plainly(send, 404, NO_SUCH)

    def _is_awaited(self, scope: Scope) -> bool:
        if scope["path"].rstrip("/") != NEWS:
            return True
        asked = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get("session_hash", ())
        return not asked or asked[-1] in self._waiting  # without one gradio says so itself


def _is_used(path: str) -> bool:
    if not path.startswith(PREFIX):
        return True
    door = path.removeprefix(PREFIX).rstrip("/")
    return door in USED or path.removeprefix(PREFIX).startswith(HEARTBEAT)


def refuse_plainly(mounted: Any) -> None:
    """Let gradio answer 4xx, and in a sentence, where what it is asked is not a question of the page.

    A control that is not there was a failure of the server to it (6.31), and what is of the wrong kind, too, where
    repeating it in the answer failed: half of a character, NaN.
    """
    from fastapi import Request
    from fastapi.exceptions import HTTPException, RequestValidationError
    from gradio import route_utils
    from starlette.responses import PlainTextResponse

    of_page = route_utils.get_fn

    def found(*asked: Any, **named: Any) -> Any:
        try:
            return of_page(*asked, **named)
        except KeyError:
            raise HTTPException(404, NO_QUESTION) from None

    async def refused(_request: Request, _error: Exception) -> PlainTextResponse:
        return PlainTextResponse(NO_QUESTION, 422)

    route_utils.get_fn = found
    mounted.add_exception_handler(RequestValidationError, refused)


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


def keep_nothing_broken_off() -> None:
    """Let gradio delete what came of an upload that was broken off or refused; it does so only of an unreadable one."""
    from gradio import route_utils

    class WholeOnly(route_utils.GradioMultiPartParser):  # type: ignore[misc, valid-type]
        async def parse(self) -> Any:
            try:
                return await super().parse()
            except BaseException:
                for file in self._files_to_close_on_error:
                    file.close()
                    Path(file.name).unlink(missing_ok=True)
                raise

    if route_utils.GradioMultiPartParser.__module__ != __name__:
        route_utils.GradioMultiPartParser = WholeOnly
