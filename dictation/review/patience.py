"""How long the server waits for a request to be asked at all, which no ASGI app can see: a uvicorn protocol.

A client that sends half a head, or none, holds a socket and nothing else. It is given a time; and when very many are
open, the one that has waited longest without asking makes room for the new one.
"""

import asyncio
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 15.0
MOST_OPEN = 512
OF_A_PAGE, OTHERS = 3, 320  # connections: its WebSocket, and two requests that wait for news
HEAD_BYTES = 64 * 1024
PING_S = 20.0  # a proxy cuts a WebSocket on which nothing passes, nginx after 60 s


class PatientProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, with an end to waiting."""

    head_s = HEAD_S
    most_open = MOST_OPEN

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait; make room where too many are open."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._timer: asyncio.TimerHandle | None = None
        if len(self.connections) > self.most_open and not self._make_room():
            self._end(b"503 Service Unavailable", b"Too many connections are open; close some.\n")
            return
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Read on; the time runs until a head is whole, and again when the next one begins."""
        super().data_received(data)
        if self._is_waiting():
            self._wait()
        else:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the time."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Count the time without a question from the last answer on."""
        self._since = self.loop.time()
        super().on_response_complete()

    def _is_waiting(self) -> bool:
        is_ours = self.transport.get_protocol() is self  # no longer once it has become a WebSocket
        return is_ours and self.conn.their_state is h11.IDLE and not self._is_answering()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _is_idle(self) -> bool:
        """Nothing is being asked, or nobody takes the answer."""
        return self._is_waiting() or bool(self.flow.write_paused)

    def _wait(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.head_s, self._too_late)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_late(self) -> None:
        self._timer = None
        if self._is_waiting():
            self._end(b"408 Request Timeout", b"The request did not come in time; ask again.\n")

    def _end(self, status: bytes, text: bytes) -> None:
        if self.transport.is_closing():
            return
        head = b"HTTP/1.1 %s\r\ncontent-type: text/plain\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        self.transport.write(head % (status, len(text)) + text)
        self.transport.close()

    def _make_room(self) -> bool:
        """End the connection that has been idle longest; False where all are at work."""
        others = [one for one in self.connections if isinstance(one, PatientProtocol) and one is not self]
        idle = [one for one in others if one._is_idle() and not one.transport.is_closing()]
        if not idle:
            return False
        min(idle, key=lambda one: one._since).transport.abort()
        return True


def server_settings(message_bytes: int, pages: int = 0) -> dict[str, Any]:
    """What uvicorn.Config is given besides app, host and port. `message_bytes`: longest message of a WebSocket.

    `pages` of one address, and `OTHERS` connections beside them, find room.
    """
    most_open = max(MOST_OPEN, OF_A_PAGE * pages + OTHERS)
    return {
        "http": cast("type[asyncio.Protocol]", type("Patient", (PatientProtocol,), {"most_open": most_open})),
        "ws": "websockets-sansio",  # reads no further while a message waits to be taken
        "ws_max_size": message_bytes,
        "ws_ping_interval": PING_S,
        "ws_ping_timeout": PING_S,
        "ws_per_message_deflate": False,  # sound does not get smaller, and it takes the time of a core
        "h11_max_incomplete_event_size": HEAD_BYTES,
        "timeout_keep_alive": 15,
        "proxy_headers": False,  # nobody stands between the browser and this machine
        "server_header": False,
        "access_log": False,  # addresses name cases
        "log_level": "warning",
    }
