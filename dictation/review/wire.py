"""The page's WebSocket: commands and sound in, state and answers out.

What comes is worked on in order, in a thread, so that one slow case holds up nobody else. Commands, sound and state
each have threads, and a user has one of each at a time: however much a user asks, the others find one free. What goes
out is put together when the page can take it: a page that listens slowly is told the newest state, not all that lay
between.
"""

import asyncio
import json
import re
import time
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from dictation.errors import DictationError, UsageError
from dictation.private import without_folders
from dictation.review.commands import Hello, Sign, command_of
from dictation.review.event_log import note
from dictation.review.failing import told
from dictation.review.identity import Identity, Signed, signed_of
from dictation.review.open_cases import OpenCases
from dictation.review.page import Message, Page, notice, own_id
from dictation.review.signed_in import SIGN_IN, SIGN_IN_AGAIN
from dictation.review.viewing import session_of
from dictation.turns import TurnThreads

HELLO_S = 20.0  # a socket that says nothing is closed
LOOK_S = 2.0  # between two looks at whether who opened a socket is still signed in
LONGEST_MESSAGE = 512 * 1024  # bytes; a block of sound has 3,220
SENTENCES = frozenset(("answer", "bar", "left", "notice", "outbox"))  # messages for people; none holds dictated text
MOST_AT_WORK = 40  # threads for commands, as many for sound and for state: users who are served at the same moment
TRY_AGAIN, REFUSED = 1013, 1008
_NUMBER = re.compile(r'"number"\s*:\s*(\d{1,16})\s*[,}]')  # a text has its quotes behind backslashes
GOING_AWAY = 1001  # what a browser says for a page that is closed or reloaded; one that is lost says nothing


class SignedOut(UsageError):
    """Who opened the socket is signed in no longer."""

    def __init__(self) -> None:
        super().__init__(SIGN_IN)


class Presence:
    """Whether who opened a socket is still signed in. The records are asked once a second at most, or `now`."""

    def __init__(self, identity: Identity | None, signed: Signed) -> None:
        self._identity, self.signed = identity, signed
        self._asked_s = dict.fromkeys((True, False), time.monotonic())

    def check(self, *, is_used: bool, now: bool = False) -> None:
        """Raise SignedOut where they are not; not `is_used`: looking keeps no session alive."""
        if self._identity is None or (time.monotonic() - self._asked_s[is_used] < 1.0 and not now):
            return
        if not self._identity.still(self.signed, is_used=is_used):
            raise SignedOut()
        self._asked_s[is_used] = time.monotonic()


class Wire:
    """The WebSocket endpoint of all pages. `identity` is None where nobody signs in."""

    def __init__(self, cases: OpenCases, identity: Identity | None = None) -> None:
        self._cases, self._identity = cases, identity
        self._commands, self._sounds, self._states = (
            TurnThreads(name, MOST_AT_WORK) for name in ("commands", "sound", "state")
        )

    async def serve(self, socket: WebSocket) -> None:
        """Serve one page until it hangs up."""
        await socket.accept()
        arrived = await self._arrived(socket)
        if arrived is None:
            return
        page, wake = arrived
        note("page opened", page=page.id)
        presence = Presence(self._identity, signed_of(socket.scope))
        others = [asyncio.create_task(self._send(socket, page, wake))]
        if self._identity is not None:
            others.append(asyncio.create_task(self._watch(socket, presence)))
        code = None
        try:
            code = await self._receive(socket, page, presence)
        except SignedOut:
            await _close(socket, SIGN_IN_AGAIN)
        finally:
            for task in others:
                task.cancel()
            note("page left", page=page.id)
            await self._commands.do(_asker(page), self._cases.left, page, is_closed=code == GOING_AWAY)

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

        signed = signed_of(socket.scope)
        user = signed.user
        if hello.user is not None and hello.user != user.name:  # somebody else signed in beside this page
            await _close(socket, SIGN_IN_AGAIN)
            return None
        page = Page(own_id(hello.page, user), from_any_thread, user, session_of(signed.token))
        answer = await self._commands.do(_asker(page), self._answer, page, hello)
        page.tell(answer)
        return page, wake

    async def _watch(self, socket: WebSocket, presence: Presence) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await asyncio.to_thread(presence.check, is_used=False)
            except SignedOut:
                await _close(socket, SIGN_IN_AGAIN)
                return
            except DictationError:  # a database that is away is asked again
                continue

    async def _receive(self, socket: WebSocket, page: Page, presence: Presence) -> int | None:
        """Do what the page says until it hangs up; return the code with which it does."""
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return message.get("code")
            if (sound := message.get("bytes")) is not None:
                await self._sounds.do(_asker(page), self._sound, page, sound, presence)
            elif (text := message.get("text")) is not None:
                page.tell(await self._commands.do(_asker(page), self._obeyed, page, text, presence))

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
                    state = await self._states.do(_asker(page), self._state, page, kind)
                    if state is not None:
                        await socket.send_text(self._written(state))
                for message in messages:
                    await socket.send_text(self._written(message))
        except (WebSocketDisconnect, RuntimeError):  # the page left meanwhile
            return
        except Exception as error:  # it comes back and is told anew; silent it would never know
            told(error)
            await _close(socket, TRY_AGAIN)

    def _written(self, message: Message) -> str:
        """A message as JSON; its sentences name no folder of this machine."""
        if message["kind"] in SENTENCES:
            home = self._cases.desk.settings.home
            told = {name: without_folders(message[name], home) for name in ("text", "message") if message.get(name)}
            message = {**message, **told}
        return json.dumps(message, ensure_ascii=False)

    def _state(self, page: Page, kind: str) -> Message | None:
        try:
            return self._cases.state(page, kind)
        except Exception as error:
            return notice(told(error), None)

    def _sound(self, page: Page, message: bytes, presence: Presence) -> None:
        try:
            presence.check(is_used=True)
            page.tell(self._cases.sound(page, message))
        except SignedOut:
            raise
        except DictationError as error:
            page.tell(notice(str(error), None, about="sound"))
        except Exception as error:
            page.tell(notice(told(error), None, about="sound"))

    def _obeyed(self, page: Page, text: str, presence: Presence) -> Message:
        try:
            command = command_of(text)
            presence.check(is_used=True, now=isinstance(command, Sign))
        except SignedOut:
            raise
        except DictationError as error:
            return {"kind": "answer", "number": _number(text), "case": None, "ok": False, "message": str(error)}
        return self._answer(page, command)

    def _answer(self, page: Page, command: Any) -> Message:
        """Obey a command and return its answer: `do` says which it was, `case` for which case it was given."""
        answer = {"kind": "answer", "number": command.number, "do": command.do, "case": command.case}
        try:
            more = self._cases.obey(page, command)
        except DictationError as error:
            return {**answer, "ok": False, "message": str(error)}
        except Exception as error:
            return {**answer, "ok": False, "message": told(error)}
        return {**answer, "ok": True, **more}


def _asker(page: Page) -> str:
    """Whose turn it is: the user's, with all their pages; where nobody signs in, the page's."""
    return f"user {page.user.name}" if page.user.name else f"page {page.id}"


def _number(text: str) -> int | None:
    """The number of a command that could not be read, so that the page stops asking; the text is not parsed again."""
    found = _NUMBER.search(text)
    return int(found[1]) if found else None


async def _close(socket: WebSocket, code: int) -> None:
    try:
        await socket.close(code)
    except RuntimeError:  # it is closed
        return
