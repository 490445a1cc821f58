"""The review pane of one case: banner, key image, three columns, cards. The page and the app show the same pane."""

from collections.abc import Mapping
from html import escape
from importlib.resources import files

from dictation.exchange.banner import banner_html
from dictation.exchange.cards import cards_html
from dictation.exchange.columns import columns_html
from dictation.exchange.labels import COLUMNS
from dictation.exchange.picture import image_html
from dictation.exchange.view import CaseView


def pane_html(view: CaseView, anchor: str = "case", keys: Mapping[str, str] | None = None) -> str:
    """Return the pane as one <section> with the id `anchor`; `keys` as for `cards_html`.

    Its regions can be had singly: `banner_html`, `image_html`, `columns_html`, `cards_html`.
    """
    return (
        f'<section class="case" id="{escape(anchor)}">{banner_html(view)}<div class="pane">'
        f'<aside class="image" aria-label="image and order"><div class="stay">{image_html(view)}</div></aside>'
        f'<div class="texts" tabindex="0" aria-label="{", ".join(COLUMNS.values())}">{columns_html(view, keys)}</div>'
        f'<aside class="cards" aria-label="differences"><div class="stay">{cards_html(view, keys)}</div></aside>'
        "</div></section>"
    )


def pane_style() -> str:
    """The stylesheet of the pane."""
    return _data("pane.css")


def pane_script() -> str:
    """The script of the pane: choosing, playing, unfolding. It works on every pane of its document, now or later."""
    return _data("pane.js")


def _data(name: str) -> str:
    return files("dictation.exchange").joinpath("data", name).read_text(encoding="utf-8")
