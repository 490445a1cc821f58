"""The normals of a template that gave way to what was dictated: named on the page until somebody confirms them."""

from collections.abc import Sequence
from html import escape

from dictation.report.normals import GaveWay


def gave_way_html(given: Sequence[GaveWay]) -> str:
    """Return the list with the button that confirms it, "" for none. `data-normals` holds the ids, by blanks."""
    if not given:
        return ""
    items = "".join(f"<li><b>{escape(one.heading)}</b> {escape(one.normal)}</li>" for one in given)
    number = "1 normal" if len(given) == 1 else f"{len(given)} normals"
    names = escape(", ".join(one.heading for one in given))
    ids = escape(" ".join(one.id for one in given))
    return (
        f'<aside class="gave-way" data-normals="{ids}" aria-label="normals replaced">'
        f"<details><summary>{number} replaced: {names}</summary><ul>{items}</ul></details>"
        '<button type="button" data-confirm="normals"><kbd>Alt&nbsp;Y</kbd> confirm</button></aside>'
    )
