"""The review page: record or upload a dictation, give what else belongs to the case, settle where the columns differ.

The page is one pane (the same as in the exported page), a bar with the microphone, and a panel for what is given. It
answers on 127.0.0.1 only and asks nothing of any other machine.
"""

import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from types import FrameType
from typing import Any

from dictation.errors import UsageError
from dictation.exchange import pane_script, pane_style
from dictation.private import forget_older
from dictation.review.engines import Engines
from dictation.review.own_page import OwnPageOnly
from dictation.review.quiet import silence, uploads_folder
from dictation.settings import Settings

silence()
import gradio as gr  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402

from dictation.review.pages import Pages  # noqa: E402
from dictation.review.panel import build_panel  # noqa: E402
from dictation.review.theme import reading_room  # noqa: E402

HOST = "127.0.0.1"
DAY_S = 86_400  # uploads older than this are deleted; recordings from the microphone have their own place and stay


def build_app(engines: Engines, settings: Settings) -> gr.Blocks:
    """Return the page, not yet served."""
    uploads = uploads_folder(settings.home)
    forget_older(uploads, DAY_S)  # what a killed program left behind
    pages = Pages(engines, settings, uploads)
    with gr.Blocks(
        title="Radiology dictation", analytics_enabled=False, fill_width=True, delete_cache=(DAY_S, DAY_S)
    ) as app:
        pane = gr.HTML(
            elem_id="pane",
            apply_default_css=False,
            js_on_load=_data("hooks.js"),
            head=f"<style>{pane_style()}{_data('app.css')}</style><script>{pane_script()}</script>",
        )
        panel = build_panel()
        bar = gr.HTML(
            value={"state": "idle", "message": ""},
            elem_id="bar",
            apply_default_css=False,
            html_template=_data("bar.html"),
            js_on_load=_data("recorder.js") + _data("bar.js"),
        )
        both: list[Any] = [pane, bar]
        fields: list[Any] = panel.fields
        still: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        # By default gradio drops what is pressed while the same is still being answered.
        each: dict[str, Any] = {**still, "trigger_mode": "multiple"}
        work: dict[str, Any] = {**each, "concurrency_limit": None}  # newer work stops older work, so it must get in
        app.load(pages.opened, outputs=both, **still)
        app.unload(pages.closed)
        bar.submit(pages.recorded, outputs=both, **work)
        bar.retry(pages.tried_again, outputs=both, **work)
        bar.stop(pages.stopped, queue=False, **each)
        bar.clear(pages.cleared, outputs=[*both, panel.files, panel.report, *fields], **each)
        pane.select(pages.decided, outputs=both, **each)
        panel.files.change(pages.filed, panel.files, [*both, *fields], concurrency_limit=None, **still)
        panel.check.click(pages.pasted, panel.report, both, **work)
        panel.use.click(pages.ordered, fields, both, **work)
    return app


def launch(app: gr.Blocks, port: int) -> str:
    """Serve a built page on 127.0.0.1 in the background and return its address. `port` 0 takes a free one.

    Raises UsageError where the port is taken.
    """
    if port == 0:
        with socket.create_server((HOST, 0)) as free:
            port = free.getsockname()[1]
    try:
        _, url, _ = app.launch(
            server_name=HOST,
            server_port=port,
            prevent_thread_lock=True,
            share=False,
            quiet=True,
            footer_links=[],
            run_history=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            enable_monitoring=False,
            theme=reading_room(),
            inbrowser=False,
            app_kwargs={"middleware": [Middleware(OwnPageOnly)]},
        )
    except OSError as error:
        raise UsageError(
            f"port {port} of this machine is taken; choose another one with --port or DICTATION_PORT."
        ) from error
    return str(url)


def serve(engines: Engines, settings: Settings, port: int) -> None:
    """Serve the page until interrupted: Ctrl-C or SIGTERM closes it and is passed on as KeyboardInterrupt.

    Its address is told on stderr once it answers there.
    """
    app = build_app(engines, settings)
    with _ended_by_terminate():
        try:
            url = launch(app, port)
            sys.stderr.write(f"open {url} (Ctrl-C ends)\n")
            sys.stderr.flush()
            while True:
                time.sleep(0.5)
        finally:
            app.close(verbose=False)


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
