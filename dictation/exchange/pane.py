"""The review pane of one case: banner, key image, three columns, cards. The page and the app show the same pane."""

from collections.abc import Mapping
from dataclasses import replace
from html import escape
from importlib.resources import files

from dictation.case import Case
from dictation.exchange.banner import banner_html
from dictation.exchange.cards import cards_html
from dictation.exchange.columns import columns_html
from dictation.exchange.picture import figure_html
from dictation.exchange.view import CaseView
from dictation.report import align_rows


def pane_html(view: CaseView, anchor: str = "case", keys: Mapping[str, str] | None = None) -> str:
    """Return the pane as one <section> with the id `anchor`; `keys` as for `cards_html`."""
    if view.stage != "compared":
        view = _held_back(view)
    case = view.case
    rows = align_rows(case.dictation, case.report)
    cards = cards_html(view, keys)
    image = f"{figure_html(view.images, case.readings)}{_descriptions(case)}{_order(case)}"
    return (
        f'<section class="case" id="{escape(anchor)}">{banner_html(view.title, case, view.duration_s)}'
        f'{_warnings(case)}<div class="pane">'
        f'<aside class="image" aria-label="image and order"><div class="stay">{image}</div></aside>'
        f'<div class="texts" tabindex="0" aria-label="heard, written and seen">{columns_html(view, rows, keys)}</div>'
        f'<aside class="cards" aria-label="differences"><div class="stay">{cards}</div></aside>'
        "</div></section>"
    )


def _held_back(view: CaseView) -> CaseView:
    """The case with the names of its readers and nothing of what they see: the radiologist looks first."""
    readings = [r.model_copy(update={"opinions": (), "description": None, "notes": ()}) for r in view.case.readings]
    return replace(view, case=view.case.model_copy(update={"readings": tuple(readings), "discrepancies": ()}))


def pane_style() -> str:
    """The stylesheet of the pane."""
    return _data("pane.css")


def pane_script() -> str:
    """The script of the pane: choosing, playing, unfolding. It works on every pane of its document, now or later."""
    return _data("pane.js")


def _data(name: str) -> str:
    return files("dictation.exchange").joinpath("data", name).read_text(encoding="utf-8")


def _warnings(case: Case) -> str:
    if not case.warnings:
        return ""
    items = "".join(f"<li>{escape(warning)}</li>" for warning in dict.fromkeys(case.warnings))
    return f'<ul class="warnings" aria-label="warnings">{items}</ul>'


def _descriptions(case: Case) -> str:
    html = ""
    for reading in case.readings:
        probable = [opinion for opinion in reading.opinions if opinion.probability is not None]
        rough = probable and not all(opinion.calibrated for opinion in probable)
        note = '<p class="note">Its probabilities are not calibrated.</p>' if rough else ""
        if not (reading.description or rough):
            continue
        html += f"<h3>Seen by {escape(reading.reader)}</h3>"
        html += (f"<p>{escape(reading.description)}</p>" if reading.description else "") + note
    return html


def _order(case: Case) -> str:
    if not case.orders:
        return '<p class="not">no order given</p>'
    order, facts = case.orders[0], case.facts
    differ = any(d.kind == "patient" for d in case.discrepancies)
    same = order.patient_id and facts and facts.patient.patient_id == order.patient_id and not differ
    html = f"<dt>Indication</dt><dd>{escape(order.indication or 'not stated')}</dd>"
    for prior in order.priors:
        html += f"<dt>Prior {prior.date.isoformat()}</dt><dd>{escape(prior.text)}</dd>"
    note = '<p class="note">The image header names the same patient.</p>' if same else ""
    return f'<h3>From the order</h3><dl class="order">{html}</dl>{note}'
