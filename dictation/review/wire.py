"""The page's WebSocket: commands and sound in, state and answers out.

What comes is worked on in order, in a thread, so that one slow case holds up nobody else. What goes out is put together
when the page can take it: a page that listens slowly is told the newest state, not all that lay between.
"""

import asyncio
import json
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from dictation.errors import DictationError, UsageError
from dictation.review.commands import Hello, command_of
from dictation.review.failing import told
from dictation.review.open_cases import OpenCases
from dictation.review.page import Message, Page

HELLO_S = 20.0  # a socket that says nothing is closed
LONGEST_MESSAGE = 512 * 1024  # bytes; a block of sound has 3,220
TRY_AGAIN, REFUSED = 1013, 1008
GOING_AWAY = 1001  # what a browser says for a page that is closed or reloaded; one that is lost says nothing


class Wire:
    """The WebSocket endpoint of all pages."""

    def __init__(self, cases: OpenCases) -> None:
        self._cases = cases

    async def serve(self, socket: WebSocket) -> None:
        """Serve one page until it hangs up."""
        await socket.accept()
        arrived = await self._arrived(socket)
        if arrived is None:
            return
        page, wake = arrived
        sender = asyncio.create_task(self._send(socket, page, wake))
        code = None
        try:
            code = await self._receive(socket, page)
        finally:
            sender.cancel()
            await asyncio.to_thread(self._cases.left, page, is_closed=code == GOING_AWAY)

    async def _arrived(self, socket: WebSocket) -> tuple[Page, asyncio.Event] | None:
        try:
            async with asyncio.timeout(HELLO_S):
                hello = command_of(await socket.receive_text())
        except (TimeoutError, DictationError, KeyError, WebSocketDisconnect):
            await _close(socket, REFUSED)
            return None
        if not isinstance(hello, Hello):
            await _close(socket, REFUSED)
            return None
        wake, loop = asyncio.Event(), asyncio.get_running_loop()

        def from_any_thread() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(wake.set)

        page = Page(hello.page, from_any_thread)
        answer = await asyncio.to_thread(self._answer, page, hello)
        page.tell(answer)
        return page, wake

    async def _receive(self, socket: WebSocket, page: Page) -> int | None:
        """Do what the page says until it hangs up; return the code with which it does."""
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return message.get("code")
            if (sound := message.get("bytes")) is not None:
                await asyncio.to_thread(self._sound, page, sound)
            elif (text := message.get("text")) is not None:
                page.tell(await asyncio.to_thread(self._obeyed, page, text))

    async def _send(self, socket: WebSocket, page: Page, wake: asyncio.Event) -> None:
        try:
            while True:
                await wake.wait()
                wake.clear()
                if page.is_lost:
                    await _close(socket, TRY_AGAIN)
                    return
                messages, kinds = page.take()
                for kind in kinds:
                    state = await asyncio.to_thread(self._state, page, kind)
                    if state is not None:
                        await socket.send_text(json.dumps(state, ensure_ascii=False))
                for message in messages:
                    await socket.send_text(json.dumps(message, ensure_ascii=False))
        except (WebSocketDisconnect, RuntimeError):  # the page left meanwhile
            return

    def _state(self, page: Page, kind: str) -> Message | None:
        try:
            return self._cases.state(page, kind)
        except Exception as error:
            return {"kind": "notice", "text": told(error), "error": True}

    def _sound(self, page: Page, message: bytes) -> None:
        try:
            page.tell(self._cases.sound(page, message))
        except DictationError as error:
            page.tell({"kind": "notice", "text": str(error), "error": True, "about": "sound"})
        except Exception as error:
            page.tell({"kind": "notice", "text": told(error), "error": True, "about": "sound"})

    def _obeyed(self, page: Page, text: str) -> Message:
        try:
            command = command_of(text)
        except UsageError as error:
            return {"kind": "answer", "number": _number(text), "ok": False, "message": str(error)}
        return self._answer(page, command)

    def _answer(self, page: Page, command: Any) -> Message:
        try:
            more = self._cases.obey(page, command)
        except DictationError as error:
            return {"kind": "answer", "number": command.number, "ok": False, "message": str(error)}
        except Exception as error:
            return {"kind": "answer", "number": command.number, "ok": False, "message": told(error)}
        return {"kind": "answer", "number": command.number, "ok": True, **more}


def _number(text: str) -> int | None:
    """The number of a command that could not be read, so that the page stops asking."""
    try:
        number = json.loads(text).get("number")
    except (ValueError, AttributeError, RecursionError):
        return None
    return number if isinstance(number, int) else None


async def _close(socket: WebSocket, code: int) -> None:
    try:
        await socket.close(code)
    except RuntimeError:  # it is closed
        return
