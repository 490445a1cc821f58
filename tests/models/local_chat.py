"""A server on the loopback that speaks the chat-completions protocol, and what a test tells it to answer.

For what a real server (llama_server.py) cannot be brought to say: other servers' ways, and what breaks.
"""

import json
import ssl
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

KEY = "sk-loopback-7f3a"
LETTERS = 4  # in one piece of a stream


@dataclass
class Said:
    """One answer: the text of the model, or a bare status, or raw bytes, or silence until the server is closed.

    Half of it is sent where the connection `drops` or `stalls` midway.

    Asked to stream it does, a few letters at a time, unless `streams` is False. `named` is the model that it says it
    is, `logprobs` the probabilities of its first token.
    """

    text: str | None = None
    ended: str | None = "stop"
    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    drops: bool = False
    stalls: bool = False
    streams: bool = True
    named: str | None = None
    logprobs: Any = None

    def as_bytes(self, streamed: bool) -> bytes:
        if self.body is not None:
            return self.body
        said = {"model": self.named} if self.named else {}
        if not (streamed and self.streams):
            message = {"role": "assistant", "content": self.text}
            choice = {"index": 0, "finish_reason": self.ended, "message": message, "logprobs": self.logprobs}
            return json.dumps({**said, "choices": [choice]}).encode()
        text = self.text or ""
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": None if self.text is None else ""}]
        deltas += [{"content": text[start : start + LETTERS]} for start in range(0, len(text), LETTERS)]
        choices = [{"index": 0, "finish_reason": None, "delta": delta} for delta in deltas]
        choices.append({"index": 0, "finish_reason": self.ended, "delta": {}})
        events = [json.dumps({**said, "choices": [choice]}, ensure_ascii=False) for choice in choices]
        return b"".join(f"data: {event}\n\n".encode() for event in [*events, "[DONE]"])


class LocalChat(ThreadingHTTPServer):
    """Gives `answers` in turn, the last one for ever; wants `KEY`. Keeps the requests. Use as a context.

    With a `certificate` it speaks TLS.
    """

    daemon_threads = True

    def __init__(self, *answers: Said, model: str = "medgemma", certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self._scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.answers, self.model = list(answers), model
        self.requests: list[dict[str, Any]] = []
        self.closing, self.asked, self.left = Event(), Event(), Event()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.server_port}/v1"

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
            said = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
            self._say(said, bool(request.get("stream")))

    def _say(self, said: Said, streamed: bool) -> None:
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
        body = said.as_bytes(streamed)
        if said.drops or said.stalls:
            self.send_response(said.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2])
            if said.stalls:
                self.server.closing.wait(60)
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
