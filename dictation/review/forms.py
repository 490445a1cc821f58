"""Pages of one form, with no script, and what they send: for signing in, and for a new password."""

import html
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse

LONGEST_FORM = 4096  # bytes
ELSEWHERE = "This form was not sent by this page; open the page and sign in there."
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",  # with none at all a browser would not say that the form is ours
    "Cache-Control": "no-store",
}


def form_page(
    title: str, form: str, below: str, why: str = "", status: int = 200, headers: dict[str, str] | None = None
) -> HTMLResponse:
    """Return a page with a form, and above it one sentence on what went wrong before.

    `form` is HTML; `below` is the path of the page, as it stands in HTML: links are whole paths.
    """
    said = f'<p role="alert">{html.escape(why)}</p>' if why else ""
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} · Radiology dictation</title>'
        '<meta name="viewport" content="width=device-width">'
        f'<link rel="stylesheet" href="{below}/sign-in.css"></head>'
        f"<body><main><h1>Radiology dictation</h1>{said}{form}</main></body></html>"
    )
    return HTMLResponse(page, status, headers={**HEADERS, **(headers or {})})


def is_own_form(request: Request) -> bool:
    """A browser says by whom a form was sent; what says nothing is none, and signs nobody in."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None and site != "same-origin":
        return False
    return site == "same-origin" or (origin is not None and urlsplit(origin).scheme in ("http", "https"))


def fields(body: str) -> dict[str, str]:
    """Return the fields of a form, none of what is no form of ours."""
    try:
        return {name: values[-1] for name, values in parse_qs(body, max_num_fields=10).items()}
    except ValueError:
        return {}


async def short_body(request: Request, longest: int = LONGEST_FORM) -> str | None:
    """Return the body of a request, None where it has more than `longest` bytes."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > longest:
            return None
    return body.decode("utf-8", "replace")
