"""A proxy between our engine and a real server that breaks what goes through it."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any, Literal
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Fault:
    """What happens to one request; without arguments nothing does.

    With a `status` the proxy answers itself. Else the server is asked, with `request` put into its request, and after
    so many `events` of its answer the connection stalls or drops.
    """

    status: int = 0
    request: dict[str, Any] = field(default_factory=dict)
    events: int = 0
    then: Literal["", "stall", "drop"] = ""


class Proxy(ThreadingHTTPServer):
    """Applies `faults` in turn, the last one for ever; use as a context. `asked` counts the requests."""

    daemon_threads = True

    def __init__(self, server: str, *faults: Fault, certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.upstream, self.faults = urlsplit(server).netloc, list(faults)
        self.asked, self.closing = 0, Event()
        self._scheme = "http"
        if certificate is not None:
            self._scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a client that left, or does not trust the certificate

    def __enter__(self) -> "Proxy":
        Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked += 1
        faults = self.server.faults
        fault = faults.pop(0) if len(faults) > 1 else faults[0]
        if fault.status:
            self._begin(fault.status, {"Content-Length": "2"})
            self.wfile.write(b"{}")
            return
        with self._passed_on(json.dumps(json.loads(body) | fault.request).encode()) as reply:
            self._relay(reply, fault)

    @contextmanager
    def _passed_on(self, body: bytes) -> Iterator[HTTPResponse]:
        upstream = HTTPConnection(self.server.upstream)
        kept = {name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers}
        try:
            upstream.request("POST", self.path, body, kept)
            yield upstream.getresponse()
        except (OSError, HTTPException):  # one of the two left
            self.close_connection = True
        finally:
            upstream.close()  # the server stops its work

    def _relay(self, reply: HTTPResponse, fault: Fault) -> None:
        if fault.then == "stall" and not fault.events:
            self._stall()
            return
        self._begin(reply.status, {"Content-Type": reply.headers["Content-Type"], "Transfer-Encoding": "chunked"})
        events = 0
        for line in reply:
            if line.startswith(b"data:"):
                events += 1
                if fault.then and events > fault.events:
                    break
            self._chunk(line)
        if fault.then == "stall":
            self._stall()
        elif fault.then == "drop":
            self.close_connection = True
        else:
            self._chunk(b"")

    def _stall(self) -> None:
        self.server.closing.wait(60)
        self.close_connection = True

    def _begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def log_message(self, format: str, *arguments: object) -> None:
        pass
