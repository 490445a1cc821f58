"""Flags of signed reports as one HTML file that needs nothing else, to be worked through with the keyboard alone."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files

from dictation.exchange.cards import severity_html
from dictation.exchange.flags import Flag, Quote, kind_label
from dictation.exchange.labels import COLUMNS, clock
from dictation.exchange.page import NOT_A_DEVICE, policy_for
from dictation.exchange.pane import pane_script, pane_style

MOST_SHOWN = 1000  # flags on the page; a browser gets slow with more, and nobody reads them in one go
INTRO = (
    "Signed reports, looked at again: places where a report contradicts itself, its order, the image, its header or "
    "what was dictated. The weightiest first: how grave it would be, times how often such a flag was real. Say of each "
    "whether it is real, save the verdicts, and give the file to <code>dictation recheck --verdicts</code>."
)
KEYS = (
    "<kbd>R</kbd> real, and on to the next <kbd>F</kbd> false, and on to the next <kbd>U</kbd> no verdict "
    "<kbd>N</kbd> on without one <kbd>P</kbd> previous <kbd>Space</kbd> play it"
)


def worklist_html(
    ranked: Sequence[Flag], summary: Sequence[str], verdicts: Mapping[str, bool], title: str = "Second look"
) -> str:
    """Return the page. All text is escaped; nothing in it can run or load.

    `summary` are lines above the flags; `verdicts` those already given, by id of the flag.
    """
    shown = ranked[:MOST_SHOWN]
    cards = "".join(_card(rank, flag, verdicts.get(flag.id)) for rank, flag in enumerate(shown, 1))
    left_out = len(ranked) - len(shown)
    more = f'<p class="note">{left_out} more stand in worklist.csv.</p>' if left_out else ""
    lines = "".join(f"<p>{escape(line)}</p>" for line in summary)
    buttons = (
        '<p class="keys save"><button type="button" data-save><kbd>S</kbd> save the verdicts</button> '
        '<span class="quiet" id="judged" role="status"></span></p>'
    )
    scripts = pane_script(), _data("worklist.js")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy_for(*scripts)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{pane_style()}{_data('worklist.css')}</style></head>\n"
        f'<body class="page"><div class="intro"><h1>{escape(title)}</h1><p>{INTRO}</p>{lines}'
        f'<p class="device">{NOT_A_DEVICE}</p><p class="keys legend on-screen">{KEYS}</p>{buttons}</div>\n'
        f'<main class="worklist">{cards or _NOTHING}{more}</main>'
        f"{''.join(f'<script>{script}</script>' for script in scripts)}</body></html>\n"
    )


_NOTHING = '<p class="note">Nothing was flagged.</p>'


def _data(name: str) -> str:
    return files("dictation.exchange").joinpath("data", name).read_text(encoding="utf-8")


def _card(rank: int, flag: Flag, verdict: bool | None) -> str:
    given = {None: "", True: "real", False: "false"}[verdict]
    quotes = "".join(
        f"<dt>{escape(COLUMNS.get(quote.place, quote.place))}</dt><dd>{_marked(quote)}</dd>" for quote in flag.quotes
    )
    values = json.dumps([flag.id, flag.report, flag.kind, flag.severity])
    return (
        f'<article class="card {flag.severity}" data-d="{escape(flag.id)}" data-flag="{escape(values)}" '
        f'data-verdict="{given}" tabindex="0">'
        f'<h4><span class="rank">{rank}</span> {severity_html(flag.severity)} {escape(kind_label(flag.kind))} '
        f'<span class="report">{escape(flag.report)}</span> <span class="given" aria-live="polite">{given}</span></h4>'
        f"<p>{escape(flag.explanation)}</p><dl>{quotes}</dl>"
        f'<div class="keys">{_play(flag)}'
        '<button type="button" data-say="real"><kbd>R</kbd> real</button>'
        '<button type="button" data-say="false"><kbd>F</kbd> false</button>'
        '<button type="button" data-say=""><kbd>U</kbd> no verdict</button></div></article>'
    )


def _play(flag: Flag) -> str:
    if flag.said_s is None:
        return ""
    when = clock(flag.said_s[0])
    if not flag.clip:
        return f'<span class="origin">said at {when}</span>'
    return (
        f'<button type="button" class="play"><kbd>Space</kbd> play {when}'
        f'<audio preload="none" src="{escape(flag.clip)}"></audio></button>'
    )


def _marked(quote: Quote) -> str:
    if not quote.text:
        return '<span class="not">does not mention it</span>'
    html, at = "", 0
    for start, end in quote.marks:
        html += f"{escape(quote.text[at:start])}<mark>{escape(quote.text[start:end])}</mark>"
        at = end
    return html + escape(quote.text[at:])
