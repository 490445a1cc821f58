"""The app on 127.0.0.1: the page that gradio draws, and beside it the page's WebSocket and what it reads.

It asks nothing of any other machine.
"""

import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from types import FrameType
from typing import Any

from dictation.errors import DictationError, UsageError
from dictation.exchange import pane_script, pane_style
from dictation.private import forget_older
from dictation.records import Records
from dictation.records.inbox import look
from dictation.review.buttons import button_routes
from dictation.review.desk import Desk
from dictation.review.engines import Engines
from dictation.review.failing import keep_words_out
from dictation.review.failing import told as told_of
from dictation.review.gradio_doors import UsedDoorsOnly, only_what_was_uploaded
from dictation.review.key_token import forget_port, key_routes, key_token, tell_port
from dictation.review.limits import Allowed, Limits
from dictation.review.open_cases import OpenCases
from dictation.review.own_page import OwnPageOnly
from dictation.review.patience import server_settings
from dictation.review.quiet import silence, uploads_folder
from dictation.review.routes import Routes
from dictation.review.wire import LONGEST_MESSAGE, Wire
from dictation.settings import Settings

silence()
import gradio as gr  # noqa: E402
import uvicorn  # noqa: E402
from fastapi import FastAPI  # noqa: E402
from starlette.routing import WebSocketRoute  # noqa: E402

from dictation.review.pages import Pages  # noqa: E402
from dictation.review.panel import build_panel  # noqa: E402
from dictation.review.theme import reading_room  # noqa: E402

HOST = "127.0.0.1"
DAY_S = 86_400  # uploads older than this are deleted; what a case was given lies with the case
LOOK_S = 5.0  # between two looks into the folder of orders
STYLES = ("shell.css", "pad.css", "worklist.css", "pane_app.css", "fields.css", "signing.css")
PAGE_OF_THIS = "(page, ...more) => [window.desk.page, ...more]"


class Served:
    """The app while it is served. `url` is its address; `close` ends it."""

    def __init__(self, app: FastAPI, cases: OpenCases, settings: Settings, port: int) -> None:
        self.cases, self._settings, self._port = cases, settings, port
        self.url = f"http://{HOST}:{port}/"
        config = uvicorn.Config(
            app, host=HOST, port=port, log_config=None, timeout_graceful_shutdown=3, **server_settings(LONGEST_MESSAGE)
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="server", daemon=True)
        self._ending = threading.Event()
        self._inbox = threading.Thread(target=self._look, name="orders", daemon=True)

    def begin(self) -> None:
        """Serve; returns once the page answers. Raises UsageError where the port is taken."""
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((HOST, self._port))
            except OSError as error:
                raise UsageError(
                    f"port {self._port} of this machine is taken; choose another one with --port or DICTATION_PORT."
                ) from error
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise UsageError(f"port {self._port} of this machine cannot be used; choose another one with --port.")
            time.sleep(0.02)
        tell_port(self._settings.home, self._port)
        if self._settings.orders is not None:
            self._inbox.start()

    def close(self) -> None:
        """End: sockets are closed, everything is on disk."""
        self._ending.set()
        self._server.should_exit = True
        self._thread.join(10)
        self.cases.close()
        self.cases.desk.records.close()
        forget_port(self._settings.home, self._port)

    def _look(self) -> None:
        """Look for orders until the end; a folder that cannot be read is told once."""
        assert self._settings.orders is not None
        told: set[str] = set()
        while not self._ending.wait(LOOK_S if told else 0.1):
            try:
                notices = look(self.cases.desk.records, self._settings.orders)
                sentences = [notice.text for notice in notices if notice.kind not in ("new", "image")]
                self.cases.changed({notice.case for notice in notices})
            except DictationError as error:
                sentences = [str(error)]
            except Exception as error:  # the next look may find what is wrong gone
                sentences = [told_of(error)]
            for sentence in sentences:
                if sentence not in told:
                    sys.stderr.write(f"{sentence}\n")
            told |= set(sentences) | {""}


def build_app(engines: Engines, settings: Settings) -> tuple[FastAPI, OpenCases]:
    """Return the app, not yet served, and its open cases. Raises DictationError where the records cannot be opened."""
    uploads = uploads_folder(settings.home)
    forget_older(uploads, DAY_S)  # what a killed program left behind
    cases = OpenCases(Desk(engines, settings, Records.open(settings)))
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.router.routes += [
        *Routes(cases).all(),
        *button_routes(),
        *key_routes(key_token(settings.home), cases.deliver),
        WebSocketRoute("/desk", Wire(cases).serve),
    ]
    blocks = _page(cases, uploads)
    page = gr.mount_gradio_app(
        app,
        blocks,
        "/",
        server_name=HOST,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        theme=reading_room(),
        head=f"<style>{pane_style()}{''.join(_data(name) for name in STYLES)}</style>"
        f"<script>{pane_script()}</script>"
        '<script type="module" src="scripts/desk.js"></script>',
    )
    only_what_was_uploaded(blocks)
    page.add_middleware(UsedDoorsOnly)
    page.add_middleware(Limits, allowed=Allowed(message_bytes=LONGEST_MESSAGE))
    page.add_middleware(OwnPageOnly)
    return page, cases


def launch(engines: Engines, settings: Settings, port: int) -> Served:
    """Serve the page on 127.0.0.1 in the background. `port` 0 takes a free one. Raises as `build_app`, `Served`."""
    if port == 0:
        with socket.create_server((HOST, 0)) as free:
            port = free.getsockname()[1]
    app, cases = build_app(engines, settings)
    served = Served(app, cases, settings, port)
    try:
        served.begin()
    except BaseException:
        cases.desk.records.close()
        raise
    return served


def serve(engines: Engines, settings: Settings, port: int) -> None:
    """Serve the page until interrupted: Ctrl-C or SIGTERM closes it and is passed on as KeyboardInterrupt.

    Its address is told on stderr once it answers there.
    """
    keep_words_out()
    with _ended_by_terminate():
        served = launch(engines, settings, port)
        try:
            sys.stderr.write(f"open {served.url} (Ctrl-C ends)\n")
            sys.stderr.flush()
            while True:
                time.sleep(0.5)
        finally:
            served.close()


def _page(cases: OpenCases, uploads: Path) -> gr.Blocks:
    pages = Pages(cases, uploads)
    with gr.Blocks(
        title="Radiology dictation", analytics_enabled=False, fill_width=True, delete_cache=(DAY_S, DAY_S)
    ) as blocks:
        gr.HTML(value=_data("shell.html"), elem_id="desk", apply_default_css=False)
        panel = build_panel()
        fields: list[Any] = panel.fields
        # By default gradio drops what is pressed while the same is still being answered.
        each: dict[str, Any] = {
            "show_progress": "hidden", "api_visibility": "private", "trigger_mode": "multiple",
            "concurrency_limit": None, "js": PAGE_OF_THIS,
        }  # fmt: skip
        panel.shown.click(pages.shown, [panel.page], [panel.files, panel.report, *fields], **each)
        panel.files.change(pages.filed, [panel.page, panel.files], fields, **each)
        panel.check.click(pages.pasted, [panel.page, panel.report], None, **each)
        panel.use.click(pages.ordered, [panel.page, *fields], None, **each)
    return blocks


@contextmanager
def _ended_by_terminate() -> Iterator[None]:
    """SIGTERM ends the program as Ctrl-C does, so that uploads are deleted; a page served in a thread has no say."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _data(name: str) -> str:
    return files("dictation.review").joinpath("data", name).read_text(encoding="utf-8")
