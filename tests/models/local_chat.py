"""A server on the loopback that speaks the chat-completions protocol, and what a test tells it to answer."""

import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

KEY = "sk-loopback-7f3a"


@dataclass
class Said:
    """One answer: the text of the model, or a bare status, or raw bytes, or silence until the server is closed."""

    text: str | None = None
    ended: str = "stop"
    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    drops: bool = False

    def as_bytes(self) -> bytes:
        if self.body is not None:
            return self.body
        message = {"role": "assistant", "content": self.text}
        return json.dumps({"choices": [{"index": 0, "finish_reason": self.ended, "message": message}]}).encode()


class LocalChat(ThreadingHTTPServer):
    """Gives `answers` in turn, the last one for ever; wants `KEY`. Keeps the requests. Use as a context."""

    daemon_threads = True

    def __init__(self, *answers: Said, model: str = "medgemma") -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.answers, self.model = list(answers), model
        self.requests: list[dict[str, Any]] = []
        self.closing, self.asked, self.left = Event(), Event(), Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def __enter__(self) -> "LocalChat":
        Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LocalChat

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/v1/chat/completions" or request["model"] != self.server.model:
            self._send(404, b"{}", {})
        elif self.headers.get("Authorization") != f"Bearer {KEY}":
            self._send(401, b"{}", {})
        else:
            self.server.requests.append(request)
            self.server.asked.set()
            self._say(self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0])

    def _say(self, said: Said) -> None:
        if said.hangs:
            self.connection.settimeout(0.05)
            while not self.server.closing.is_set():
                try:
                    if not self.connection.recv(1):  # the other side hung up
                        self.server.left.set()
                        return
                except TimeoutError:
                    continue
            return
        body = said.as_bytes()
        if said.drops:
            self.send_response(said.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            return
        self._send(said.status, body, said.headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass
