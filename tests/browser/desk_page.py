"""The page's own modules in a real Chromium, with a desk that answers as the server does: no server, no microphone."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from dictation.exchange import pane_style
from tests.browser.page_server import DATA, Answer, file_of, page_served

HERE = Path(__file__).parent
STYLES = ("shell.css", "pad.css", "worklist.css")

Worklist = Callable[[dict[str, str]], dict]


def desk_page(worklist: Worklist = lambda asked: {"rows": []}) -> AbstractContextManager[str]:
    """Serve the shell, its styles and modules and desk_page.js; `worklist` answers the route of that name."""

    def answer(path: str, headers: Mapping[str, str]) -> Answer:
        at = urlsplit(path)
        if at.path == "/":
            return Answer(page().encode())
        if at.path == "/worklist":
            asked = {name: values[0] for name, values in parse_qs(at.query).items()}
            found = worklist({**asked, "search": unquote(headers["X-Search"])})
            return Answer(json.dumps(found).encode(), "json")
        return file_of(Path(at.path).name, *[HERE] * (at.path == "/desk_page.js"))

    return page_served(answer)


def page() -> str:
    """The page as the app serves it, without Gradio around it."""
    style = pane_style() + "".join((DATA / name).read_text(encoding="utf-8") for name in STYLES)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Radiology dictation</title>'
        f'<link rel="icon" href="data:,"><style>{style}</style></head><body data-stage="dictating">'
        f"{(DATA / 'shell.html').read_text(encoding='utf-8')}"
        '<script type="module" src="desk_page.js"></script></body></html>'
    )
