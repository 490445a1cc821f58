"""The image and what belongs to it: a figure with the boxes that a reader drew on it, descriptions, the order."""

import base64
import io
import json
from html import escape

import numpy as np

from dictation.case import Case
from dictation.exchange.labels import COLUMNS, capital, finding_words
from dictation.exchange.view import CaseView
from dictation.imaging import StudyImage
from dictation.reading import Reading

LONGEST_SIDE_PX = 1024  # enough to recognise what is meant on a page; reading is done on the viewer


def image_html(view: CaseView) -> str:
    """Return the image (a figure; in the app the place of its viewer), what readers say of it, and the order."""
    view = view.held_back()
    image = viewer_html(view) if view.served else figure_html(view.images, view.case.readings)
    return f"{image}{_descriptions(view.case)}{_order(view.case)}"


def viewer_html(view: CaseView) -> str:
    """Return the place of the app's viewer. It holds the list of images, and the boxes of opinions, as JSON.

    `data-images`: [{caption, series, number}], series counted from 0. `data-boxes`: [{image, box [y0, x0, y1, x1] in
    pixels of the displayed image, finding, reader}]; a reader's boxes are on the first image.
    """
    if not view.images:
        return '<p class="not">no image given</p>'
    series = {name: number for number, name in enumerate(dict.fromkeys(image.series for image in view.images))}
    images = [
        {"caption": image.caption, "series": series[image.series], "number": image.number} for image in view.images
    ]
    boxes = [
        {"image": 0, "box": opinion.box, "finding": finding_words(opinion.name), "reader": reading.reader}
        for reading in view.case.readings
        for opinion in reading.opinions
        if opinion.assessed and opinion.box is not None
    ]
    attributes = "".join(
        f' data-{name}="{escape(json.dumps(value))}"' for name, value in (("images", images), ("boxes", boxes))
    )
    return f'<div class="viewer" data-case="{escape(view.case.id)}"{attributes}></div>'


def figure_html(images: tuple[StudyImage, ...], readings: tuple[Reading, ...]) -> str:
    """Return the first image as <figure>, or a line that says there is none; boxes count in its pixels."""
    if not images:
        return '<p class="not">no image given</p>'
    image = images[0]
    rows, columns = image.pixels.shape[:2]
    boxes = "".join(
        f'<g data-finding="{escape(opinion.finding)}"><rect x="{x0:g}" y="{y0:g}" width="{x1 - x0:g}" '
        f'height="{y1 - y0:g}"><title>{escape(finding_words(opinion.finding))}</title></rect></g>'
        for reading in readings
        for opinion in reading.opinions
        if opinion.assessed and opinion.box is not None
        for y0, x0, y1, x1 in [opinion.box]
    )
    more = f" · 1 of {len(images)} images" if len(images) > 1 else ""
    caption = f"{image.caption or 'Key image'}{more}"
    return (
        f'<figure><div class="picture"><img decoding="sync" alt="{escape(caption)}" src="{_uri(image.pixels)}">'
        f'<svg viewBox="0 0 {columns} {rows}" aria-hidden="true">{boxes}</svg></div>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _uri(pixels: np.ndarray) -> str:
    from PIL import Image

    picture = Image.fromarray(pixels)
    picture.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    jpeg = io.BytesIO()
    picture.convert("RGB" if pixels.ndim == 3 else "L").save(jpeg, format="JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(jpeg.getvalue()).decode("ascii")


def _descriptions(case: Case) -> str:
    html = ""
    for reading in case.readings:
        probable = [opinion for opinion in reading.opinions if opinion.probability is not None]
        rough = probable and not all(opinion.calibrated for opinion in probable)
        note = '<p class="note">Its probabilities are not calibrated.</p>' if rough else ""
        if not (reading.description or rough):
            continue
        html += f"<h3>{capital(COLUMNS['seen'])}: {escape(reading.reader)}</h3>"
        html += (f"<p>{escape(reading.description)}</p>" if reading.description else "") + note
    return html


def _order(case: Case) -> str:
    if not case.orders:
        return '<p class="not">no order given</p>'
    order = case.orders[0]
    html = f"<dt>Indication</dt><dd>{escape(order.indication or 'not stated')}</dd>"
    for prior in order.priors:
        html += f"<dt>Prior {prior.date.isoformat()}</dt><dd>{escape(prior.text)}</dd>"
    return f'<h3>From the order</h3><dl class="order">{html}</dl>'
