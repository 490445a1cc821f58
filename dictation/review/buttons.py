"""Which dictation microphones and foot pedals the page can read, and what their buttons do: one JSON object for hid.js.

The knowledge lies in lexicon/data/dictation_microphones.tsv and hid_buttons.tsv, each row with its source.
"""

from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from dictation.lexicon import rows


@cache
def button_map() -> dict[str, Any]:
    """Return `devices` (ids, usage, name, layout) and `layouts` (name → buttons).

    Ids, bytes, masks and values are numbers; None: any. A button is down while (report[byte] & mask) == value.
    """
    layouts: dict[str, list[dict[str, Any]]] = {}
    for row in rows("hid_buttons"):
        where, _, held = row["only_where"].partition("=")
        layouts.setdefault(row["layout"], []).append(
            {
                "report": _hex(row["report_id"]),
                "only": {"byte": int(where), "value": int(held, 16)} if where else None,
                "byte": int(row["byte"]),
                "mask": int(row["mask"], 16),
                "value": int(row["value"], 16),
                "button": row["button"],
                "action": row["action"] or None,
            }
        )
    devices = [
        {
            "vendorId": int(row["vendor_id"], 16),
            "productId": int(row["product_id"], 16),
            "usagePage": _hex(row["usage_page"]),
            "usage": _hex(row["usage"]),
            "name": row["name"],
            "layout": row["layout"],
            "certainty": row["certainty"],
        }
        for row in rows("dictation_microphones")
    ]
    return {"devices": devices, "layouts": layouts}


def button_routes() -> list[Route]:
    """GET hid.json, for the page."""

    async def answer(request: Request) -> JSONResponse:
        return JSONResponse(button_map())

    return [Route("/hid.json", answer, methods=["GET"])]


def _hex(cell: str) -> int | None:
    return int(cell, 16) if cell else None
