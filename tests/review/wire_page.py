"""A page without a browser: it speaks the protocol of desk.js and sending.js over a real WebSocket.

What the server has not answered or confirmed is kept and sent again, in order, after every new connection: a server
may be killed and started again at the same address while a script goes on. All calls may come from any thread.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import uuid4

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

WAIT_S = 60.0
NO_IMPRESSION = {  # the answers without which no report is signed that has no impression, and no order
    "impression": "The findings say all",
    "identity": "Phantom or test",
}
AGAIN_S, STUCK_S = 0.1, 5.0
LONGEST_BYTES = 64 * 2**20
_TOLD = ("state", "stage", "lock", "listening", "version", "seen", "blockers", "message")

Message = dict[str, Any]
Heard = Callable[[Message, float], None]


@dataclass
class WireTake:
    """One capture. `blocks` holds those that the server's disk has not confirmed: number → 16-bit PCM."""

    id: str
    case: str
    blocks: dict[int, bytes] = field(default_factory=dict)
    next: int = 0
    begun: int = 0
    sent: int = 0
    taken: int = 0
    saved: int = 0
    hashes: dict[int, str] = field(default_factory=dict)
    pages: list[str] = field(default_factory=list)
    is_on: bool = False
    is_known: bool = False
    refused: str = ""
    times_sent: int = 0
    """Blocks sent, those that were sent again included."""


def _is_of(pcm: bytes, hash_: str) -> bool:
    """Whether a block is what the server has; at rest it is filled up with silence."""
    return hash_ in {sha256(block).hexdigest() for block in (pcm, pcm.ljust(3200, b"\0"))}


class WirePage:
    """One page. `heard` is called with every message of the server and the second (monotonic) when it came.

    `posted` is called with every command that was sent. `state` has the newest message of each kind of state, `notices`
    all sentences, `refused` the commands that were answered with an error, `connections` how often it was greeted,
    `codes` those with which the server hung up. `cookie` and `headers` are sent along. Use it as a context, or call
    `close`.
    """

    def __init__(
        self,
        url: str,
        page: str | None = None,
        *,
        case: str | None = None,
        cookie: str = "",
        headers: Mapping[str, str] | None = None,
        heard: Heard = lambda message, at_s: None,
        posted: Callable[[Message], None] = lambda command: None,
    ) -> None:
        self.url = url.replace("http", "ws", 1).rstrip("/") + "/desk"
        self.page = page or uuid4().hex
        self.case, self.cookie, self._headers = case, cookie, dict(headers or {})
        self.codes: list[int] = []
        self.state: dict[str, Message] = {}
        self.notices: list[str] = []
        self.refused: list[tuple[Message, str]] = []
        self.takes: dict[str, WireTake] = {}
        self.connections = 0
        self._heard, self._posted = heard, posted
        self._number = 0
        self._outbox: dict[int, Message] = {}
        self._waiting: dict[int, Future[Message]] = {}
        self._socket: ClientConnection | None = None
        self._is_greeted = False
        self._lock = threading.RLock()
        self._news = threading.Condition()
        self._acknowledged_s = 0.0
        self._ending = threading.Event()
        self._is_away = threading.Event()
        self._thread = threading.Thread(target=self._live, name="wire page", daemon=True)
        self._thread.start()

    def __enter__(self) -> "WirePage":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # commands

    def send(self, do: str, **command: Any) -> "Future[Message]":
        """Send a command; the future has the server's answer, which may come from a server that was started later."""
        with self._lock:
            self._number += 1
            full = {"case": self.case, **command, "do": do, "number": self._number}
            future = self._waiting[self._number] = Future()
            self._outbox[self._number] = full
            if self._is_greeted:
                self._post(json.dumps(full))
                self._posted(full)
            return future

    def ask(self, do: str, *, timeout_s: float = WAIT_S, **command: Any) -> Message:
        """Send a command and wait for its answer."""
        return self.send(do, **command).result(timeout_s)

    def obeyed(self, do: str, *, timeout_s: float = WAIT_S, **command: Any) -> Message:
        """Ask, and see that it was not refused."""
        answer = self.ask(do, timeout_s=timeout_s, **command)
        assert answer["ok"], f"{do}: {answer.get('message')}"
        return answer

    def new(self) -> str:
        """Begin a case and wait until it is shown."""
        return self.show(self.obeyed("new", id=uuid4().hex, case=None)["case"])

    def open(self, case: str) -> str:
        """Open a case and wait until it is shown."""
        return self.show(self.obeyed("open", id=case, case=None)["case"])

    def show(self, case: str) -> str:
        """Wait until a case is shown."""
        self.until(lambda: self.case == case and self.state.get("pad", {}).get("of") == case)
        return case

    @property
    def text(self) -> str:
        """The text of the pad as the server told it last."""
        return str(self.state["pad"]["text"])

    def type(
        self, text: str, start: int | None = None, stop: int | None = None, *, timeout_s: float = WAIT_S
    ) -> Message:
        """Type at a place (of the text as it was told last, its end by default), and wait until the text has it."""
        pad = self.state["pad"]
        at = len(pad["text"].encode("utf-16-le")) // 2 if start is None else start
        end = at if stop is None else stop
        answer = self.ask("type", version=pad["version"], start=at, stop=end, text=text, timeout_s=timeout_s)
        if answer["ok"]:
            self.until(lambda: self.state["pad"]["seen"] >= answer["number"], timeout_s)
        return answer

    def until(self, is_so: Callable[[], bool], timeout_s: float = WAIT_S) -> None:
        """Wait until something is so; looked at whenever the server told something."""
        with self._news:
            ends_s = time.monotonic() + timeout_s
            while not is_so():
                assert time.monotonic() < ends_s, f"waited in vain: {self.describe()}"
                self._news.wait(0.05)

    def until_review(self, timeout_s: float = WAIT_S) -> None:
        """Wait until the report is compared."""
        self.until(lambda: self.state["case"]["stage"] == "review", timeout_s)

    def review(self, timeout_s: float = WAIT_S) -> None:
        """Have the report compared."""
        self.obeyed("compare", timeout_s=timeout_s)
        self.until_review(timeout_s)

    def blockers(self) -> list[str]:
        """The kinds of what stands in the way of the signature, but for the patient whom no case here has."""
        return [one["kind"] for one in self.state["sign"]["blockers"] if one["kind"] != "identity"]

    def describe(self) -> str:
        """Where it stands, for a test that fails: without the text."""
        with self._lock:
            waiting = [(number, one["do"]) for number, one in sorted(self._outbox.items())]
            takes = [
                (one.is_on, one.is_known, one.next, one.sent, one.taken, one.saved, one.refused)
                for one in self.takes.values()
            ]
        told = {kind: {k: v for k, v in one.items() if k in _TOLD} for kind, one in self.state.items()}
        return (
            f"greeted {self._is_greeted} {self.connections} times; not answered: {waiting}; takes: {takes}; "
            f"told: {told}; refused: {self.refused[-3:]}; notices: {self.notices[-5:]}"
        )

    # sound

    def begin(self) -> WireTake:
        """A new capture of the case that is shown."""
        assert self.case is not None
        with self._lock:
            take = WireTake(id=uuid4().hex, case=self.case)
            self.takes[take.id] = take
            self._ask_for(take)
            return take

    def on(self, take: WireTake) -> None:
        """The microphone goes on."""
        with self._lock:
            take.is_on, take.begun = True, take.next
            self._tell_listening(take)

    def add(self, take: WireTake, *blocks: bytes) -> None:
        """Blocks of sound were recorded."""
        with self._lock:
            for pcm in blocks:
                take.blocks[take.next] = pcm
                take.next += 1
            self._push(take)

    def speak(self, take: WireTake, blocks: Iterable[bytes]) -> None:
        """The microphone goes on, stays on, and these blocks were recorded."""
        self.on(take)
        self.add(take, *blocks)

    def off(self, take: WireTake) -> None:
        """The microphone goes off."""
        with self._lock:
            take.is_on = False
            self._tell_listening(take)

    def dictate(self, take: WireTake, blocks: list[bytes], *, block_s: float = 0.1) -> None:
        """Speak blocks into a take at the pace of a microphone (0: at once)."""
        self.on(take)
        begun_s = time.monotonic()
        for number, block in enumerate(blocks, 1):
            self.add(take, block)
            time.sleep(max(0.0, begun_s + number * block_s - time.monotonic()))
        self.off(take)

    @property
    def unsent_blocks(self) -> int:
        """Blocks that the server's disk has not confirmed."""
        with self._lock:
            return sum(len(take.blocks) for take in self.takes.values())

    @property
    def is_settled(self) -> bool:
        """Whether the server has answered and confirmed everything."""
        with self._lock:
            return not self._outbox and not self.unsent_blocks

    def settle(self, timeout_s: float = WAIT_S) -> None:
        """Wait until the server has answered and confirmed everything."""
        self.until(lambda: self.is_settled, timeout_s)

    # the connection

    @property
    def is_connected(self) -> bool:
        """Whether the server has greeted it on the present connection."""
        return self._is_greeted

    def go_away(self) -> None:
        """Lose the connection, and make none until `come_back`."""
        self._is_away.set()
        self._hang_up()
        self.until(lambda: not self._is_greeted)

    def come_back(self) -> None:
        """Connect again."""
        self._is_away.clear()

    def close(self, code: int = 1000) -> None:
        """Leave for good; a browser closes with 1001 where its page is closed or reloaded."""
        self._ending.set()
        self._hang_up(code)
        self._thread.join()

    def _hang_up(self, code: int = 1000) -> None:
        socket = self._socket
        if socket is not None:
            socket.close(code)

    def _live(self) -> None:
        while not self._ending.is_set():
            if not self._is_away.is_set():
                try:
                    with connect(
                        self.url,
                        max_size=LONGEST_BYTES,
                        open_timeout=5,
                        close_timeout=1,
                        proxy=None,
                        additional_headers=self._headers | ({"Cookie": self.cookie} if self.cookie else {}),
                    ) as socket:
                        self._socket = socket
                        self._speak(socket)
                except ConnectionClosed as closed:
                    if closed.rcvd is not None:
                        self.codes.append(closed.rcvd.code)
                except (OSError, WebSocketException, TimeoutError):
                    pass
                with self._lock:
                    self._socket, self._is_greeted = None, False
                self._tell_news()
            self._ending.wait(AGAIN_S)

    def _speak(self, socket: ClientConnection) -> None:
        with self._lock:
            self._number += 1
            hello = self._number
        socket.send(json.dumps({"do": "hello", "number": hello, "page": self.page, "case": self.case}))
        while not self._ending.is_set() and not self._is_away.is_set():
            try:
                text = socket.recv(timeout=1.0)
            except TimeoutError:
                self._unstick()
                continue
            message, at_s = json.loads(text), time.monotonic()
            if message["kind"] == "answer" and message["number"] == hello:
                self._greeted()
            self._take_in(message)
            self._heard(message, at_s)
            self._tell_news()

    def _greeted(self) -> None:
        with self._lock:
            for _, command in sorted(self._outbox.items()):
                self._post(json.dumps(command))
            self._is_greeted = True
            self.connections += 1
            for take in self.takes.values():
                take.sent = take.saved
                take.is_known = False
                is_asked = any(one["do"] == "take" and one["take"] == take.id for one in self._outbox.values())
                if (take.is_on or take.blocks) and not is_asked:
                    self._ask_for(take)
                if take.is_on:
                    self._tell_listening(take)

    def _take_in(self, message: Message) -> None:
        kind = message["kind"]
        if kind == "answer":
            with self._lock:
                command = self._outbox.pop(message["number"], None)
                future = self._waiting.pop(message["number"], None)
                if command is not None and not message["ok"]:
                    self.refused.append((command, message["message"]))
                if command is not None and command["do"] == "take" and command["take"] in self.takes:
                    self._asked(self.takes[command["take"]], message)
            if future is not None:
                future.set_result(message)
        elif kind == "ack":
            self._acknowledged(message["take"], message["taken"], message.get("hashes", {}))
        elif kind == "notice":
            self.notices.append(message["text"])
        else:
            if kind == "case":
                self.case = message["case"]
            self.state[kind] = {**message, "of": self.case}

    # blocks

    def _ask_for(self, take: WireTake) -> None:
        before = [page for page in take.pages if page != self.page]
        take.pages = [*before, self.page]
        self.send("take", take=take.id, case=take.case, saved=take.saved, before=before)

    def _asked(self, take: WireTake, answer: Message) -> None:
        is_closed = answer.get("closed", False)
        take.is_known = answer["ok"] and not is_closed
        take.refused = "closed" if is_closed else "" if answer["ok"] else answer["message"]
        if answer["ok"]:
            self._acknowledged(take.id, answer.get("taken", 0), answer.get("hashes", {}))
        self._push(take)

    def _tell_listening(self, take: WireTake) -> None:
        block = take.begun if take.is_on else take.next
        self.send("listen", take=take.id, case=take.case, on=take.is_on, block=block)

    def _acknowledged(self, id: str, taken: int, hashes: dict[str, str]) -> None:
        with self._lock:
            take = self.takes.get(id)
            if take is None:
                return
            self._acknowledged_s = time.monotonic()
            take.taken = taken
            take.hashes |= {int(number): hash_ for number, hash_ in hashes.items()}
            while (hash_ := take.hashes.pop(take.saved, "")) and _is_of(take.blocks[take.saved], hash_):
                del take.blocks[take.saved]
                take.saved += 1
            take.sent = max(take.sent, take.saved)

    def _unstick(self) -> None:
        with self._lock:
            for take in self.takes.values():
                if take.taken < take.sent and time.monotonic() - self._acknowledged_s > STUCK_S:
                    take.sent = take.saved
                    self._push(take)

    def _push(self, take: WireTake) -> None:
        while self._is_greeted and take.is_known and take.sent < take.next:
            head = bytes.fromhex(take.id) + take.sent.to_bytes(4, "little")
            if not self._post(head + take.blocks[take.sent]):
                return
            take.sent += 1
            take.times_sent += 1

    def _post(self, what: "str | bytes") -> bool:
        """Send; False where the connection is gone: it is sent again on the next one."""
        socket = self._socket
        if socket is None:
            return False
        try:
            socket.send(what)
        except (OSError, WebSocketException):
            return False
        return True

    def _tell_news(self) -> None:
        with self._news:
            self._news.notify_all()
