"""The page's own modules in a real Chromium, with a desk that answers as the server does: no server, no microphone."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from dictation.exchange import pane_style

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "dictation" / "review" / "data"
STYLES = ("shell.css", "pad.css", "worklist.css")
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8"}

Worklist = Callable[[dict[str, str]], dict]


@contextmanager
def desk_page(worklist: Worklist = lambda asked: {"rows": []}) -> Iterator[str]:
    """Serve the shell, its styles and modules and desk_page.js; `worklist` answers the route of that name."""

    class Answer(BaseHTTPRequestHandler):
        protocol_version, disable_nagle_algorithm = (
            "HTTP/1.1",
            True,
        )  # a page asks for twenty files, one after the other

        def do_GET(self) -> None:
            at = urlsplit(self.path)
            if at.path == "/":
                self._send(page().encode(), ".html")
            elif at.path == "/worklist":
                asked = {name: values[0] for name, values in parse_qs(at.query).items()}
                asked |= {"search": unquote(self.headers["X-Search"])}
                self._send(json.dumps(worklist(asked)).encode(), ".json")
            else:
                folder = HERE if at.path == "/desk_page.js" else DATA
                path = folder / Path(at.path).name
                self._send(path.read_bytes() if path.exists() else b"", path.suffix, 200 if path.exists() else 404)

        def _send(self, body: bytes, suffix: str, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", TYPES.get(suffix, "application/json"))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args) -> None:
            """Tests read what fails, not what was asked."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def page() -> str:
    """The page as the app serves it, without Gradio around it."""
    style = pane_style() + "".join((DATA / name).read_text(encoding="utf-8") for name in STYLES)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Radiology dictation</title>'
        f'<link rel="icon" href="data:,"><style>{style}</style></head><body data-stage="dictating">'
        f"{(DATA / 'shell.html').read_text(encoding='utf-8')}"
        '<script type="module" src="desk_page.js"></script></body></html>'
    )
