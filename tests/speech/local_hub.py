"""A model hub on the loopback that speaks the hub's HTTP: open, gated and absent models, and a count of requests."""

import hashlib
import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.conftest import ROOT

COMMIT = "c0ffee" * 6 + "c0ff"
# the answer to a file of a gated model: without a token, and with a token whose owner has not accepted the terms
GATED = {"clinic/no-token": 401, "clinic/no-terms": 403}


def answers(program: str, *names: str, **environment: str) -> list[dict[str, str]]:
    """Run a program in a process of its own, since the hub's client reads its settings on import: an answer a line."""
    run = subprocess.run(
        [sys.executable, "-c", program, *names],
        env=os.environ | environment, cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


class LocalHub(ThreadingHTTPServer):
    """Serves `folder` as the open model "clinic/open"; "clinic/outage" is out of order. Use as a context."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.files = {path.name: path.read_bytes() for path in folder.iterdir()}
        self.requests: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> "LocalHub":
        Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LocalHub

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        parts = self.path.split("?")[0].strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            self._describe("/".join(parts[2:4]), parts[4])
        elif "resolve" in parts:
            self._file("/".join(parts[:2]), parts[-1])
        else:
            self._answer(404, b"", {})

    def _describe(self, name: str, what: str) -> None:
        if name == "clinic/outage":
            self._answer(503, b"", {})
            return
        if name != "clinic/open" and name not in GATED:
            self._answer(404, b"{}", {"X-Error-Code": "RepoNotFound"})
            return
        tree = [
            {"type": "file", "path": file, "size": len(body), "oid": hashlib.sha1(body).hexdigest()}
            for file, body in self.server.files.items()
        ]
        info = {"id": name, "modelId": name, "sha": COMMIT, "siblings": [{"rfilename": file["path"]} for file in tree]}
        self._answer(200, json.dumps(tree if what == "tree" else info).encode(), {})

    def _file(self, name: str, file: str) -> None:
        if name in GATED:
            self._answer(GATED[name], b"", {"X-Error-Code": "GatedRepo"})
            return
        body = self.server.files[file]
        self._answer(200, body, {"ETag": f'"{hashlib.sha1(body).hexdigest()}"', "X-Repo-Commit": COMMIT})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
