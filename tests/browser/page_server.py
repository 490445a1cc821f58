"""A page of the tests on 127.0.0.1: what a path is answered with is a function of whoever serves it."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

DATA = Path(__file__).parents[2] / "dictation" / "review" / "data"  # the page's own modules and styles
TYPES = {
    "html": "text/html; charset=utf-8", "js": "text/javascript", "css": "text/css", "json": "application/json",
    "txt": "text/plain", "wav": "audio/wav", "bin": "application/octet-stream",
}  # fmt: skip


class Answer(NamedTuple):
    """What a path is answered with; `kind` is a name of TYPES."""

    body: bytes
    kind: str = "html"
    status: int = 200
    headers: Mapping[str, str] = MappingProxyType({})


def file_of(name: str, *folders: Path) -> Answer:
    """A file of the first of these folders that has it, else of the page's own; 404 where there is none."""
    path = next((folder / name for folder in (*folders, DATA) if (folder / name).is_file()), None)
    return Answer(b"", "txt", 404) if path is None else Answer(path.read_bytes(), path.suffix[1:])


@contextmanager
def page_served(answer: Callable[[str, Mapping[str, str]], Answer]) -> Iterator[str]:
    """Serve what `answer` gives for a path (with its query) and the headers of who asks; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # a page asks for twenty files, one after the other

        def do_GET(self) -> None:
            body, kind, status, more = answer(self.path, self.headers)
            self.send_response(status)
            for name, value in {"Content-Type": TYPES[kind], "Content-Length": str(len(body)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Tests read what fails, not what was asked."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
