"""The app: the page that gradio draws, and beside it the page's WebSocket and what it reads.

Without sign-in it is at 127.0.0.1 only. It asks nothing of any other machine, but an identity provider that is named.
"""

import errno
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.resources import files
from pathlib import Path
from types import FrameType
from typing import Any

from dictation.errors import DictationError, UsageError
from dictation.exchange import pane_script, pane_style
from dictation.private import forget_older
from dictation.records import Records
from dictation.records.inbox import look
from dictation.review.address_token import NAME, AddressToken, token_of
from dictation.review.behind_proxy import BehindProxy
from dictation.review.buttons import button_routes
from dictation.review.desk import Desk
from dictation.review.engines import Engines
from dictation.review.event_log import kept, note
from dictation.review.failing import keep_words_out
from dictation.review.failing import told as told_of
from dictation.review.gradio_doors import UsedDoorsOnly, keep_nothing_broken_off, only_what_was_uploaded, refuse_plainly
from dictation.review.identity import Identity
from dictation.review.key_token import forget_port, key_routes, tell_port
from dictation.review.limits import Allowed, Limits
from dictation.review.methods import with_other_methods
from dictation.review.open_cases import OpenCases
from dictation.review.open_files import allow_many
from dictation.review.outbox import Outbox, Sender
from dictation.review.own_page import OwnPageOnly
from dictation.review.patience import server_settings
from dictation.review.place import HOST, Place
from dictation.review.probes import Probes
from dictation.review.quiet import silence, uploads_folder
from dictation.review.quota import UploadQuota
from dictation.review.routes import Routes
from dictation.review.sign_in_page import SignInRoutes
from dictation.review.signed_in import SignedIn
from dictation.review.sweeping import DAY_S, Sweeping, remove_leftovers, tell_of_no_case
from dictation.review.tickets import ticket_routes
from dictation.review.tokens import key_token, viewer_token
from dictation.review.watching import Watching
from dictation.review.wire import LONGEST_MESSAGE, Wire
from dictation.settings import Settings

silence()
import gradio as gr  # noqa: E402
import uvicorn  # noqa: E402
from fastapi import FastAPI  # noqa: E402
from starlette.routing import BaseRoute, WebSocketRoute  # noqa: E402

from dictation.review.pages import Pages  # noqa: E402
from dictation.review.panel import build_panel  # noqa: E402
from dictation.review.theme import reading_room  # noqa: E402

BACKLOG = 2048  # connections that wait to be taken, as uvicorn has it
LOOK_S = 5.0  # between two looks into the folder of orders
TOLD = 1000  # sentences about it that are not said again
SWITCH_S = 0.001  # that a thread computes on while others wait; with 0.005, as it comes, who types waits for long texts
STYLES = ("shell.css", "pad.css", "worklist.css", "pane_app.css", "fields.css", "signing.css")
PAGE_OF_THIS = "(page, of, ...more) => [window.desk.page, window.desk.state?.case ?? '', ...more]"
PAGE_OF_FILES = "(page, of, ...more) => [window.desk.page, window.desk.givenTo ?? '', ...more]"


class Served:
    """The app while it is served. `url` is its address; `close` ends it."""

    def __init__(self, app: FastAPI, cases: OpenCases, settings: Settings, bound: socket.socket, place: Place) -> None:
        port: int = bound.getsockname()[1]
        self.cases, self._settings, self._port = cases, settings, port
        token = token_of(settings)
        self.url = f"{place.url(port, settings)}{f'?{NAME}={token}' if token else ''}"
        self._watching = watching = Watching(cases)
        of_metrics = settings.metrics_token.get_secret_value()
        watched = Probes(
            app, watching.readiness, watching.metrics, cases.desk.counts, of_metrics, app.state.is_signed_in
        )
        config = uvicorn.Config(
            BehindProxy(watched, settings), host=place.host, port=port, log_config=None, timeout_graceful_shutdown=3,
            ssl_certfile=place.tls_cert, ssl_keyfile=place.tls_key,
            **server_settings(LONGEST_MESSAGE, settings.pages_per_address),
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([bound],), name="server", daemon=True)
        self._ending = threading.Event()
        self._sweeping = Sweeping(uploads_folder(settings.home))
        self._inbox = threading.Thread(target=self._look, name="orders", daemon=True)
        outbox = settings.outbox
        self._sender = Sender(Outbox(cases.desk.records, outbox), cases.outbox_is) if outbox else None

    def begin(self) -> None:
        """Serve; returns once the page answers. Raises UsageError where it cannot be served."""
        if self._sender is not None:
            self._sender.begin()
        note("started")  # before somebody can open a page
        remove_leftovers(self.cases.desk.captures)
        tell_of_no_case(self.cases.desk.records)
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise UsageError(f"port {self._port} of this machine cannot be used; choose another one with --port.")
            time.sleep(0.02)
        if self._settings.sign_in == "none":
            tell_port(self._settings.home, self._port)
        self._watching.begin()
        self._sweeping.begin()
        self.cases.desk.forgetting.begin()
        if self._settings.orders is not None:
            self._inbox.start()

    def close(self) -> None:
        """End: sockets are closed, everything is on disk."""
        self._ending.set()
        self._watching.close()
        self._sweeping.close()
        self._server.should_exit = True
        self._thread.join(10)
        self.cases.close()
        self.cases.desk.forgetting.close()
        if self._sender is not None:
            self._sender.end()
        self.cases.desk.records.close()
        forget_port(self._settings.home, self._port)

    def _look(self) -> None:
        """Look for orders until the end; a folder that cannot be read is told once."""
        assert self._settings.orders is not None
        told: deque[str] = deque(maxlen=TOLD)
        wait_s = 0.1
        while not self._ending.wait(wait_s):
            wait_s = LOOK_S
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
                    told.append(sentence)


def build_app(engines: Engines, settings: Settings) -> tuple[FastAPI, OpenCases]:
    """Return the app, not yet served, and its open cases. Raises DictationError where the records cannot be opened."""
    uploads = uploads_folder(settings.home)
    forget_older(uploads, DAY_S)  # what a killed program left behind
    records = Records.open(settings)
    try:
        identity = Identity(records, settings) if settings.sign_in != "none" else None
        doors = _doors(records, settings, identity)
    except BaseException:
        records.close()
        raise
    cases = OpenCases(Desk(engines, settings, records))
    if identity is not None:
        identity.refused = partial(_refused, cases.desk)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.is_signed_in = identity.knows if identity is not None else lambda scope: False
    routes = [
        *Routes(cases).all(),
        *button_routes(),
        *doors,
        *ticket_routes(viewer_token(settings.home), cases.tickets, cases.desk.records, settings.public_url),
        WebSocketRoute("/desk", Wire(cases, identity).serve),
    ]
    if identity is None:  # a key is pressed on the workstation, where the server of a department is not
        routes += key_routes(key_token(settings.home), cases.deliver)
    app.router.routes += with_other_methods(routes)
    blocks = _page(cases, uploads)
    page = gr.mount_gradio_app(
        app,
        blocks,
        "/",
        server_name=HOST,
        root_path=settings.public_url or None,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        theme=reading_room(),
        head='<link rel="icon" href="favicon.ico">'
        f"<style>{pane_style()}{''.join(_data(name) for name in STYLES)}</style>"
        f"<script>{pane_script()}</script>"
        '<script type="module" src="scripts/desk.js"></script>',
    )
    only_what_was_uploaded(blocks)
    keep_nothing_broken_off()
    refuse_plainly(page.routes[-1].app)  # type: ignore[attr-defined]  # gradio's own, mounted last
    page.add_middleware(UsedDoorsOnly, waiting=blocks._queue.pending_messages_per_session)
    page.add_middleware(
        UploadQuota, mb_per_h=settings.upload_mb_per_h, home=settings.home, least_free_mb=settings.least_free_mb
    )
    if identity is not None:
        page.add_middleware(SignedIn, identity=identity)
    elif token := token_of(settings):
        page.add_middleware(AddressToken, token=token)
    page.add_middleware(Limits, allowed=Allowed.of_pages(settings.pages_per_address, LONGEST_MESSAGE))
    page.add_middleware(OwnPageOnly, public_url=settings.public_url, here_only=identity is None)
    return page, cases


def launch(engines: Engines, settings: Settings, port: int, place: Place | None = None) -> Served:
    """Serve the page in the background. `port` 0 takes a free one. Raises as `build_app`, `Served` and `Place`."""
    place = place or Place()
    place.check(settings)
    allow_many()
    app, cases = build_app(engines, settings)
    try:
        bound = _bound(place.host, port)
        served = Served(app, cases, settings, bound, place)
        try:
            served.begin()
        except BaseException:
            bound.close()
            raise
    except BaseException:
        cases.desk.records.close()
        raise
    return served


def serve(engines: Engines, settings: Settings, port: int, place: Place | None = None) -> None:
    """Serve the page until interrupted: Ctrl-C or SIGTERM closes it and is passed on as KeyboardInterrupt.

    Its address is told on stderr once it answers there.
    """
    keep_words_out()
    sys.setswitchinterval(SWITCH_S)
    with _ended_by_terminate(), kept(settings.log, settings.log_mb * 1_000_000, settings.log_files):
        served = launch(engines, settings, port, place)
        try:
            sys.stderr.write(f"open {served.url} (Ctrl-C ends)\n")
            sys.stderr.flush()
            while True:
                time.sleep(0.5)
        finally:
            served.close()
            note("ended")


def _bound(host: str, port: int) -> socket.socket:
    """Take the port, once and for as long as it is served: nobody else can between a look at it and its use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family)
    try:
        if sys.platform != "win32":  # there it would let two programs have one port
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        taken.bind((host, port))
        taken.listen(BACKLOG)
    except OSError as error:
        taken.close()
        raise UsageError(_unusable(error, host, port)) from error
    return taken


def _unusable(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRNOTAVAIL:
        return f"this machine has no address {host}; give one of its own with --host, or 0.0.0.0 for all of them."
    if error.errno == errno.EACCES:
        return f"port {port} is for administrators; choose one above 1023 with --port or DICTATION_PORT."
    return f"port {port} of this machine is taken; choose another one with --port or DICTATION_PORT."


def _refused(desk: Desk) -> None:
    desk.counts.add("sign_ins_failed")
    note("sign-in refused")


def _doors(records: Records, settings: Settings, identity: Identity | None) -> list[BaseRoute]:
    if identity is None or settings.sign_in != "oidc":
        return SignInRoutes(records, settings, identity).all()
    from dictation.review.sign_in_elsewhere import SignInElsewhere

    elsewhere = SignInElsewhere(settings, identity)
    return [*SignInRoutes(records, settings, identity, elsewhere.out).all(), *elsewhere.all()]


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
        own, files = [panel.page, panel.of], panel.files
        all_of_it = [files, panel.report, *fields]
        panel.shown.click(pages.shown, [*own, *all_of_it], all_of_it, **each)
        panel.files.change(pages.filed, [*own, files], [files, *fields], **{**each, "js": PAGE_OF_FILES})
        panel.away.click(pages.images_away, own, files, **each)
        panel.check.click(pages.pasted, [*own, panel.report], None, **each)
        panel.use.click(pages.ordered, [*own, *fields], None, **each)
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
