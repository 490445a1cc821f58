"""Cases as one HTML file that needs nothing else: no network, no program, no explanation by somebody who was there."""

import hashlib
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from html import escape

from dictation.discrepancy import SEVERITIES
from dictation.exchange.cards import severity_html
from dictation.exchange.labels import COLUMNS, capital, clock
from dictation.exchange.pane import pane_html, pane_script, pane_style
from dictation.exchange.view import CaseView

# Nothing may be fetched: pictures and sound are data URIs, style and script stand in the file.
_POLICY = (
    "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; script-src {scripts}; "
    "base-uri 'none'; form-action 'none'"
)
INTRO = (
    "A radiology report exists three times: as it was <b>dictated</b>, as the <b>report</b> was written, and as an "
    "<b>image AI</b> reads the image by itself. This page sets the three side by side and "
    "lists where they differ, the gravest first. Choose a difference to light its words; play it to hear what was said."
)
TITLE = capital(", ".join(COLUMNS.values()))
NOT_A_DEVICE = "Not a medical device. Every line needs to be verified by a clinician before it is used for care."
KEYS = (
    '<span class="on-screen"><kbd>N</kbd> next difference <kbd>P</kbd> previous <kbd>Space</kbd> play it '
    "<kbd>F</kbd> show the hidden</span> "
    '<span class="doubt">dotted</span> the recognizer was unsure <span class="corrected">dashed</span> '
    "a misheard term, put right"
)


def html_page(cases: Sequence[CaseView], title: str = TITLE, note: str = "") -> str:
    """Return the page of one or more cases. All text of the cases is escaped; nothing in it can run or load.

    `note` is one more sentence of introduction: where these cases come from.
    """
    anchors = [f"case-{number}" for number in range(1, len(cases) + 1)]
    panes = "".join(pane_html(view, anchor) for view, anchor in zip(cases, anchors, strict=True))
    source = f"<p>{escape(note)}</p>" if note else ""
    index = _index(cases, anchors) if len(cases) > 1 else ""
    script = pane_script()
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy_for(script)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{pane_style()}</style></head>\n"
        f'<body class="page"><div class="intro"><h1>{escape(title)}</h1><p>{INTRO}</p>'
        f'{source}<p class="device">{NOT_A_DEVICE}</p>{index}<p class="keys legend">{KEYS}</p></div>\n'
        f"<main>{panes}</main><script>{script}</script></body></html>\n"
    )


def policy_for(*scripts: str) -> str:
    """The policy of a page that runs these scripts: what is no text of them never runs, however it came in."""
    sums = (b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    return _POLICY.format(scripts=" ".join(f"'sha256-{one}'" for one in sums))


def _index(cases: Sequence[CaseView], anchors: Sequence[str]) -> str:
    lines = "".join(
        f'<tr><td><a href="#{anchor}">{escape(view.title)}</a></td><td>{_counts(view)}</td>'
        f"<td>{clock(view.duration_s)}</td></tr>"
        for view, anchor in zip(cases, anchors, strict=True)
    )
    return (
        '<table class="index"><thead><tr><th scope="col">Case</th><th scope="col">Differences</th>'
        f'<th scope="col">Dictation</th></tr></thead><tbody>{lines}</tbody></table>'
    )


def _counts(view: CaseView) -> str:
    counts = Counter(sorted((d.severity for d in view.case.discrepancies), key=SEVERITIES.index))
    named = [severity_html(name, f"{counts[name]} {name}") for name in counts]
    return " ".join(named) or '<span class="quiet">none</span>'
