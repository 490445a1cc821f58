"""The pane's modules on a page of their own: the real regions, styles, sound and pixels, without the rest of the app.

What the page sends is remembered and answered as the server would; the desk's connection is the only thing left out.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import soundfile

from dictation.errors import DictationError
from dictation.exchange import (
    CaseView,
    banner_html,
    card_keys,
    cards_html,
    columns_html,
    growing_report_html,
    image_html,
    pane_script,
    pane_style,
)
from dictation.review.pixels import image_bytes
from dictation.review.sounds import wav_bytes

DATA = files("dictation.review").joinpath("data")
TYPES = {"js": "text/javascript", "css": "text/css"}
DESK = """
import { install as regions } from "./assets/regions.js";
import { Covers } from "./assets/covers.js";
import { createKeys } from "./assets/keys.js";
import { Outbox } from "./assets/outbox.js";
import { install as cards } from "./assets/cards.js";
import { install as viewer } from "./assets/viewer.js";
const heard = new Map();
window.sent = [];
window.answer = { ok: true };
window.told = [];
const who = new URLSearchParams(location.search);
window.desk = {
  outbox: await Outbox.open(who.get("user") ?? "", who.get("key") ?? ""), sendings: Promise.resolve(),
  state: null, page: "0".repeat(32), connected: true, keys: createKeys(document),
  on: (kind, run) => heard.set(kind, [...(heard.get(kind) ?? []), run]),
  emit: (kind, message = {}) => { (heard.get(kind) ?? []).forEach((run) => run(message)); },
  send: async (command) => { window.sent.push(command); return window.answer; },
  tell: (text, { closed } = {}) => { window.told.push(text); desk.closed = closed; },
  url: (path) => new URL(path, location.href.split(/[?#]/)[0]),
};
desk.isDoneWriting = () => {};
desk.covers = new Covers(desk);
for (const install of [regions, cards, viewer]) await install(desk);
window.hear = (message) => {
  if (message.kind === "case") {
    desk.state = message;
    document.body.dataset.stage = message.stage;
  }
  desk.emit(message.kind, message);
};
window.isReady = true;
"""


def shell() -> str:
    """The page: the app's own shell and styles."""
    style = pane_style() + "".join(DATA.joinpath(name).read_text("utf-8") for name in ("shell.css", "pane_app.css"))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>pane</title><style>{style}</style></head>'
        f"<body>{DATA.joinpath('shell.html').read_text('utf-8')}<script>{pane_script()}</script>"
        f'<script type="module">{DESK}</script></body></html>'
    )


def messages(view: CaseView, stage: str = "review", hidden: tuple[str, ...] = (), **more: object) -> list[dict]:
    """What the server tells of a case: its banner and image, then report or pane."""
    shown = replace(view, stage="compared" if stage == "review" else "given", served=True)
    case = {
        "kind": "case", "case": view.case.id, "state": "draft", "stage": stage,
        "banner": banner_html(shown), "image": image_html(shown), **more,
    }  # fmt: skip
    pane = {
        "kind": "pane",
        "columns": columns_html(shown, card_keys()),
        "cards": cards_html(shown, card_keys(), hidden),
    }
    report = {"kind": "report", "html": growing_report_html(view.case.report)}
    return [case, pane if stage == "review" else report]


class PaneServer:
    """Serves the page, the modules, `image/…` and `sound/…` on 127.0.0.1; `recording` is the file of every sound."""

    def __init__(self, view: CaseView, recording: Path) -> None:
        asked: list[str] = []

        class Answer(BaseHTTPRequestHandler):
            protocol_version, disable_nagle_algorithm = (
                "HTTP/1.1",
                True,
            )  # a page asks for twenty files, one after the other

            def do_GET(self) -> None:
                where = urlsplit(self.path)
                asked.append(self.path)
                parts = where.path.strip("/").split("/")
                more: dict[str, str] = {}
                try:
                    if parts[0] == "assets":
                        body, kind = DATA.joinpath(parts[1]).read_bytes(), TYPES[parts[1].rsplit(".", 1)[1]]
                    elif parts[0] == "image":
                        body, kind = image_bytes(view.images[int(parts[2])]), "application/octet-stream"
                        more = {"Content-Encoding": "gzip"}
                    elif parts[0] == "sound":
                        query = parse_qs(where.query)
                        body, kind = wav_bytes(recording, float(query["from"][0]), float(query["to"][0])), "audio/wav"
                    else:
                        body, kind = shell().encode(), "text/html"
                    self.send_response(200)
                except DictationError as error:
                    body, kind = str(error).encode(), "text/plain"
                    self.send_response(404)
                for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words: object) -> None:
                pass

        self.asked = asked
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def tell(page, view: CaseView, stage: str = "review", **more: object) -> None:
    """Bring messages to the page as the server would."""
    page.wait_for_function("() => window.isReady")
    for message in messages(view, stage, **more):
        page.evaluate(f"window.hear({json.dumps(message)})")


@contextmanager
def pane(watched, view: CaseView, folder: Path) -> Iterator:
    """The page in review, 1280 x 800; what it was asked for is in `watched.server.asked`."""
    recording = folder / "a.flac"
    if view.samples is not None:
        soundfile.write(recording, view.samples, 16_000)
    watched.server = PaneServer(view, recording)
    watched.page.set_default_timeout(60_000)
    try:
        watched.page.goto(watched.server.url)
        tell(watched.page, view)
        yield watched
        watched.was_quiet()
    finally:
        watched.page.close()
        watched.server.close()


def with_case(view: CaseView, **changes: object) -> CaseView:
    """The view of a case that was changed."""
    return replace(view, case=view.case.model_copy(update=changes))


def with_report(view: CaseView, **changes: object) -> CaseView:
    """The view of a case whose report was changed."""
    return with_case(view, report=view.case.report.model_copy(update=changes))
