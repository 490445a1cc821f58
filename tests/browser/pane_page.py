"""The pane's modules on a page of their own: the real regions, styles, sound and pixels, without the rest of the app.

What the page sends is remembered and answered as the server would; the desk's connection is the only thing left out.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
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
from tests.browser.page_server import DATA, Answer, file_of, page_served

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
    style = pane_style() + "".join((DATA / name).read_text("utf-8") for name in ("shell.css", "pane_app.css"))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>pane</title><style>{style}</style></head>'
        f"<body>{(DATA / 'shell.html').read_text('utf-8')}<script>{pane_script()}</script>"
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


def answers(view: CaseView, recording: Path, path: str) -> Answer:
    """The page, the modules, `image/…` and `sound/…`; `recording` is the file of every sound."""
    where = urlsplit(path)
    parts = where.path.strip("/").split("/")
    try:
        if parts[0] == "assets":
            return file_of(parts[1])
        if parts[0] == "image":
            return Answer(image_bytes(view.images[int(parts[2])]), "bin", headers={"Content-Encoding": "gzip"})
        if parts[0] == "sound":
            asked = parse_qs(where.query)
            return Answer(wav_bytes(recording, float(asked["from"][0]), float(asked["to"][0])), "wav")
    except DictationError as error:
        return Answer(str(error).encode(), "txt", 404)
    return Answer(shell().encode())


def tell(page, view: CaseView, stage: str = "review", **more: object) -> None:
    """Bring messages to the page as the server would."""
    page.wait_for_function("() => window.isReady")
    for message in messages(view, stage, **more):
        page.evaluate(f"window.hear({json.dumps(message)})")


@contextmanager
def pane(watched, view: CaseView, folder: Path) -> Iterator:
    """The page in review, 1280 x 800, at `watched.url`; what it asked for is in `watched.asked`."""
    recording = folder / "a.flac"
    if view.samples is not None:
        soundfile.write(recording, view.samples, 16_000)
    watched.asked = []

    def answer(path: str, _: object) -> Answer:
        watched.asked.append(path)
        return answers(view, recording, path)

    watched.page.set_default_timeout(60_000)
    with page_served(answer) as watched.url:
        try:
            watched.page.goto(watched.url)
            tell(watched.page, view)
            yield watched
            watched.was_quiet()
        finally:
            watched.page.close()


def with_case(view: CaseView, **changes: object) -> CaseView:
    """The view of a case that was changed."""
    return replace(view, case=view.case.model_copy(update=changes))


def with_report(view: CaseView, **changes: object) -> CaseView:
    """The view of a case whose report was changed."""
    return with_case(view, report=view.case.report.model_copy(update=changes))
