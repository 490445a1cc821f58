"""The key image as a figure of the page, with the boxes that a reader drew on it."""

import base64
import io
from html import escape

import numpy as np

from dictation.exchange.labels import finding_words
from dictation.imaging import StudyImage
from dictation.reading import Reading

LONGEST_SIDE_PX = 1024  # enough to recognise what is meant on a page; reading is done on the viewer


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
